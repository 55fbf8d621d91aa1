-- What was done about people, devices, tokens, files and the relay itself, one row after the other. Each carries
-- SHA-256 of the row before it; `audit_head` says where the chain ends. Times are milliseconds since 1970.
CREATE TABLE audit (
    workspace_id BLOB NOT NULL,
    seq          INTEGER NOT NULL,
    at           INTEGER NOT NULL,
    action       TEXT NOT NULL,
    by_user      BLOB,                    -- who did it
    device       BLOB,                    -- on what
    subject      BLOB,                    -- whom or what it was done to
    address      TEXT,                    -- where from
    detail       TEXT NOT NULL,           -- a JSON object
    previous     BLOB NOT NULL,
    PRIMARY KEY (workspace_id, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit_head (
    workspace_id BLOB PRIMARY KEY NOT NULL,
    seq          INTEGER NOT NULL,
    hash         BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
BEGIN SELECT raise(ABORT, 'the audit log is only added to'); END;
CREATE TRIGGER audit_is_never_shortened BEFORE DELETE ON audit
BEGIN SELECT raise(ABORT, 'the audit log is only added to'); END;
