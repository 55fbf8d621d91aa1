-- Who may sign in, on which devices, and what remains of their tokens: hashes. Times are milliseconds since 1970.
CREATE TABLE credential (
    user_id       BLOB PRIMARY KEY NOT NULL,
    workspace_id  BLOB NOT NULL,
    email_key     TEXT NOT NULL,          -- the address as it is compared
    email         TEXT NOT NULL,          -- the address as it was written
    name          TEXT NOT NULL,
    role          TEXT NOT NULL CHECK (role IN ('admin', 'user', 'viewer')),
    password_hash TEXT NOT NULL,
    created_at    INTEGER NOT NULL,
    disabled_at   INTEGER,
    listed        INTEGER NOT NULL DEFAULT 0,  -- whether the directory record in the log says the same
    UNIQUE (workspace_id, email_key)
) STRICT, WITHOUT ROWID;

CREATE TABLE device (
    device_id    BLOB PRIMARY KEY NOT NULL,
    workspace_id BLOB NOT NULL,
    user_id      BLOB NOT NULL REFERENCES credential (user_id),
    name         TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    listed       INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE session (
    session_id   BLOB PRIMARY KEY NOT NULL,
    workspace_id BLOB NOT NULL,
    user_id      BLOB NOT NULL REFERENCES credential (user_id),
    device_id    BLOB NOT NULL REFERENCES device (device_id),
    created_at   INTEGER NOT NULL,
    idle_until   INTEGER NOT NULL,        -- moves with each refresh
    ends_at      INTEGER NOT NULL,        -- never moves
    ended_at     INTEGER,
    ended_why    TEXT CHECK (ended_why IN ('signed_out', 'signed_in_again', 'token_reused', 'password_reset', 'expired'))
) STRICT, WITHOUT ROWID;
CREATE INDEX session_of_device ON session (device_id) WHERE ended_at IS NULL;
CREATE INDEX session_of_user ON session (user_id) WHERE ended_at IS NULL;
CREATE INDEX session_end ON session (ends_at);

CREATE TABLE refresh_token (
    token_hash  BLOB PRIMARY KEY NOT NULL,
    session_id  BLOB NOT NULL REFERENCES session (session_id) ON DELETE CASCADE,
    salt        BLOB NOT NULL,            -- goes into the successor
    replaced_at INTEGER                   -- when the successor was issued
) STRICT, WITHOUT ROWID;
CREATE INDEX refresh_token_of_session ON refresh_token (session_id);

CREATE TABLE setup_token (
    token_hash   BLOB PRIMARY KEY NOT NULL,
    workspace_id BLOB NOT NULL,
    expires_at   INTEGER NOT NULL,
    used_at      INTEGER
) STRICT, WITHOUT ROWID;
