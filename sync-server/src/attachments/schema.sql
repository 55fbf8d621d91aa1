-- The bytes of attachments: which there are, which attachment holds them, what is on its way. Times are milliseconds
-- since 1970.
CREATE TABLE blob (
    workspace_id BLOB NOT NULL,
    checksum     BLOB NOT NULL,           -- SHA-256
    size_bytes   INTEGER NOT NULL,
    stored_at    INTEGER NOT NULL,
    unused_since INTEGER,                 -- when no attachment held it any more
    scan         TEXT NOT NULL CHECK (scan IN ('not_scanned', 'pending', 'clean', 'blocked')),
    scanned_at   INTEGER,
    PRIMARY KEY (workspace_id, checksum)
) STRICT, WITHOUT ROWID;
CREATE INDEX blob_to_scan ON blob (stored_at) WHERE scan = 'pending';
CREATE INDEX blob_unused ON blob (unused_since) WHERE unused_since IS NOT NULL;

CREATE TABLE attached (
    attachment_id BLOB PRIMARY KEY NOT NULL,
    workspace_id  BLOB NOT NULL,
    checksum      BLOB NOT NULL,
    user_id       BLOB NOT NULL,
    size_bytes    INTEGER NOT NULL,
    attached_at   INTEGER NOT NULL,
    FOREIGN KEY (workspace_id, checksum) REFERENCES blob (workspace_id, checksum)
) STRICT, WITHOUT ROWID;
CREATE INDEX attached_blob ON attached (workspace_id, checksum);
CREATE INDEX attached_user ON attached (workspace_id, user_id);

CREATE TABLE upload (
    upload_id     BLOB PRIMARY KEY NOT NULL,
    workspace_id  BLOB NOT NULL,
    attachment_id BLOB NOT NULL,
    user_id       BLOB NOT NULL,
    checksum      BLOB NOT NULL,
    size_bytes    INTEGER NOT NULL,
    parts         BLOB NOT NULL,          -- one bit for each part that is stored
    expires_at    INTEGER NOT NULL,
    finished_at   INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX upload_of ON upload (workspace_id, user_id, attachment_id);
CREATE INDEX upload_end ON upload (expires_at);
