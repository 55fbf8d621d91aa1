-- Devices can be revoked, people can be invited and get links for a new password. Runs without foreign keys, or
-- replacing the session table would take its tokens along.
ALTER TABLE device ADD COLUMN revoked_at INTEGER;
ALTER TABLE device ADD COLUMN seen_at INTEGER NOT NULL DEFAULT 0;
UPDATE device SET seen_at = created_at;

-- Why a session ended is a word of the program's; the table no longer lists them.
CREATE TABLE session_next (
    session_id   BLOB PRIMARY KEY NOT NULL,
    workspace_id BLOB NOT NULL,
    user_id      BLOB NOT NULL REFERENCES credential (user_id),
    device_id    BLOB NOT NULL REFERENCES device (device_id),
    created_at   INTEGER NOT NULL,
    idle_until   INTEGER NOT NULL,
    ends_at      INTEGER NOT NULL,
    ended_at     INTEGER,
    ended_why    TEXT
) STRICT, WITHOUT ROWID;
INSERT INTO session_next SELECT * FROM session;
DROP TABLE session;
ALTER TABLE session_next RENAME TO session;
CREATE INDEX session_of_device ON session (device_id) WHERE ended_at IS NULL;
CREATE INDEX session_of_user ON session (user_id) WHERE ended_at IS NULL;
CREATE INDEX session_end ON session (ends_at);

-- One-time links: an invitation's person has an empty password hash until the link is used.
CREATE TABLE link (
    token_hash   BLOB PRIMARY KEY NOT NULL,
    workspace_id BLOB NOT NULL,
    user_id      BLOB NOT NULL REFERENCES credential (user_id),
    purpose      TEXT NOT NULL CHECK (purpose IN ('invite', 'reset')),
    created_by   BLOB NOT NULL,
    expires_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX link_of_user ON link (user_id);
