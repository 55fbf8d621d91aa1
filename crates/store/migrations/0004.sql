-- Reports look at the past of leads: when they came, where they stood, what they were worth and whose they were. Only
-- what tells something is in the index, and a report reads nothing but the index.
ALTER TABLE settings ADD COLUMN leaderboard_off INTEGER;

CREATE INDEX field_change_reported ON field_change (record, at, key, created, moved, before, actor)
    WHERE (key = 'place' AND (created = 1 OR moved = 1))
    OR (created = 0 AND key IN ('value_cents', 'probability', 'expected_close_date', 'owner_id'));
