-- What people propose to change in each other's records.
CREATE TABLE suggestion (
    n           INTEGER PRIMARY KEY REFERENCES record (n) ON DELETE CASCADE,
    hidden      INTEGER NOT NULL,
    id          BLOB NOT NULL,
    status      TEXT,
    for_id      BLOB,
    owner_id    BLOB,
    record_kind TEXT,
    record_id   BLOB,
    note        TEXT,
    changes     TEXT,
    created_at  INTEGER,
    updated_at  INTEGER,
    deleted_at  INTEGER
) STRICT;
CREATE INDEX suggestion_listed ON suggestion (hidden, id);
CREATE INDEX suggestion_author ON suggestion (owner_id, created_at);
CREATE INDEX suggestion_open ON suggestion (created_at) WHERE status = 'open' AND hidden = 0;
