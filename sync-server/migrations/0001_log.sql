-- The log of accepted changes and what is needed to find them again. Every row carries its workspace.
-- Rows are kept tight: a change's hash, actor and receipt follow from its bytes and the workspace's key.

CREATE TABLE workspace (
    id INTEGER PRIMARY KEY,
    name BLOB NOT NULL UNIQUE,
    receipt_key BLOB NOT NULL,
    epoch BLOB NOT NULL,
    head_seq INTEGER NOT NULL,
    head_digest BLOB NOT NULL
) STRICT;

-- Who made changes, by a short number.
CREATE TABLE author (
    workspace INTEGER NOT NULL REFERENCES workspace (id),
    id INTEGER NOT NULL,
    user BLOB NOT NULL,
    device BLOB NOT NULL,
    PRIMARY KEY (workspace, id)
) STRICT, WITHOUT ROWID;

-- The newest entries. `previous` is the seq of the record's entry before. `command` is the command's id in its first
-- entry and that entry's seq in those that follow it without a gap; `received_at` stands in the first only.
CREATE TABLE log (
    workspace INTEGER NOT NULL REFERENCES workspace (id),
    seq INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    record BLOB NOT NULL,
    previous INTEGER,
    author INTEGER NOT NULL,
    command ANY NOT NULL,
    received_at INTEGER,
    change BLOB NOT NULL,
    PRIMARY KEY (workspace, seq)
) STRICT, WITHOUT ROWID;

-- The older entries, 128 together: compressed with each other they take half the room. `digest` is the one after
-- the last of them.
CREATE TABLE segment (
    id INTEGER PRIMARY KEY,
    workspace INTEGER NOT NULL REFERENCES workspace (id),
    first INTEGER NOT NULL,
    digest BLOB NOT NULL,
    entries BLOB NOT NULL,
    UNIQUE (workspace, first)
) STRICT;

-- `last` is the seq of the record's newest entry.
CREATE TABLE record (
    workspace INTEGER NOT NULL REFERENCES workspace (id),
    id BLOB NOT NULL,
    kind INTEGER NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (workspace, id)
) STRICT, WITHOUT ROWID;

-- Where to find a command: `tag` is the first 8 bytes of its id.
CREATE TABLE command (
    workspace INTEGER NOT NULL REFERENCES workspace (id),
    tag INTEGER NOT NULL,
    first INTEGER NOT NULL,
    PRIMARY KEY (workspace, tag, first)
) STRICT, WITHOUT ROWID;

-- Where to find an actor's first change: `tag` is the first 4 bytes of its id.
CREATE TABLE actor (
    workspace INTEGER NOT NULL REFERENCES workspace (id),
    tag INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (workspace, tag, seq)
) STRICT, WITHOUT ROWID;
