-- Saved views.
CREATE TABLE view (
    n           INTEGER PRIMARY KEY REFERENCES record (n) ON DELETE CASCADE,
    hidden      INTEGER NOT NULL,
    id          BLOB NOT NULL,
    name        TEXT,
    screen      TEXT,
    shared      INTEGER,
    owner_id    BLOB,
    created_at  INTEGER,
    updated_at  INTEGER,
    deleted_at  INTEGER
) STRICT;
CREATE INDEX view_listed ON view (hidden, id);
