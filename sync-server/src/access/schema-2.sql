-- When a token was used the last time, to the minute; and the secret addresses of calendars, as hashes.
ALTER TABLE api_token ADD COLUMN last_used_at INTEGER;

CREATE TABLE calendar_feed (
    user_id      BLOB PRIMARY KEY NOT NULL,
    token_hash   BLOB NOT NULL UNIQUE,
    workspace_id BLOB NOT NULL,
    created_at   INTEGER NOT NULL,
    last_used_at INTEGER
) STRICT, WITHOUT ROWID;
