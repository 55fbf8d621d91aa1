-- What became of the deliveries of webhooks, and how far each webhook has come in the log. A file of its own, so that
-- nobody who pushes waits for it. Times are milliseconds since 1970.
CREATE TABLE progress (
    webhook BLOB PRIMARY KEY NOT NULL,
    seq     INTEGER NOT NULL               -- up to this entry of the log everything is delivered
) STRICT, WITHOUT ROWID;

CREATE TABLE delivery (
    number          INTEGER PRIMARY KEY AUTOINCREMENT,
    id              BLOB NOT NULL UNIQUE,
    webhook         BLOB NOT NULL,
    event_id        TEXT NOT NULL,
    event           TEXT NOT NULL,
    log_seq         INTEGER,               -- the change that it tells of; none of a test
    record          BLOB,
    asked_for       INTEGER NOT NULL,      -- 1: a person wants it now; tried once, beside the log's order
    asked_by        BLOB,
    state           TEXT NOT NULL,         -- waiting, delivered, failed
    created_at      INTEGER NOT NULL,
    attempts        INTEGER NOT NULL,
    first_tried_at  INTEGER,
    tried_at        INTEGER,
    next_at         INTEGER,
    status          INTEGER,
    error           TEXT,
    duration_millis INTEGER,
    answer          TEXT NOT NULL          -- the beginning of what came back
) STRICT;
CREATE INDEX delivery_of_webhook ON delivery (webhook, number);
CREATE INDEX delivery_waits ON delivery (webhook, asked_for) WHERE state = 'waiting';
