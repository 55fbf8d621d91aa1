CREATE TABLE account (
    n                 INTEGER PRIMARY KEY REFERENCES record (n) ON DELETE CASCADE,
    hidden            INTEGER NOT NULL,
    id                BLOB NOT NULL,
    name              TEXT,
    touch_at          INTEGER,
    next_task_due     INTEGER,
    next_task_all_day INTEGER NOT NULL DEFAULT 0,
    next_task         BLOB,
    files             INTEGER NOT NULL DEFAULT 0,
    owner_id          BLOB,
    created_at        INTEGER,
    updated_at        INTEGER,
    website           TEXT,
    industry          TEXT,
    size              TEXT,
    phone             TEXT,
    email             TEXT,
    street            TEXT,
    city              TEXT,
    state             TEXT,
    postal_code       TEXT,
    country           TEXT,
    archived_at       INTEGER,
    deleted_at        INTEGER,
    import_ref        TEXT,
    sample            INTEGER,
    merged_into       BLOB
) STRICT;

CREATE TABLE activity (
    n                INTEGER PRIMARY KEY REFERENCES record (n) ON DELETE CASCADE,
    hidden           INTEGER NOT NULL,
    id               BLOB NOT NULL,
    occurred_at      INTEGER,
    type             TEXT,
    lead_id          BLOB,
    account_id       BLOB,
    contact_id       BLOB,
    owner_id         BLOB,
    subject          TEXT,
    duration_minutes INTEGER,
    direction        TEXT,
    outcome          TEXT,
    via              TEXT,
    pinned           INTEGER,
    created_at       INTEGER,
    updated_at       INTEGER,
    deleted_at       INTEGER,
    import_ref       TEXT,
    sample           INTEGER
) STRICT;

CREATE TABLE actor (
    record BLOB NOT NULL,
    actor  BLOB NOT NULL,
    user   BLOB NOT NULL,
    device BLOB NOT NULL,
    PRIMARY KEY (record, actor)
) WITHOUT ROWID, STRICT;

CREATE TABLE attachment (
    n           INTEGER PRIMARY KEY REFERENCES record (n) ON DELETE CASCADE,
    hidden      INTEGER NOT NULL,
    id          BLOB NOT NULL,
    uploaded_at INTEGER,
    linked_type TEXT,
    linked_id   BLOB,
    filename    TEXT,
    mime_type   TEXT,
    size_bytes  INTEGER,
    path        TEXT,
    checksum    TEXT,
    owner_id    BLOB,
    created_at  INTEGER,
    updated_at  INTEGER,
    deleted_at  INTEGER,
    sample      INTEGER
, scan TEXT) STRICT;

CREATE TABLE awaited (
    id BLOB PRIMARY KEY
) WITHOUT ROWID, STRICT;

CREATE TABLE command_log (
    ordinal INTEGER PRIMARY KEY AUTOINCREMENT,
    id      BLOB NOT NULL UNIQUE,
    at      INTEGER NOT NULL,
    payload BLOB NOT NULL
) STRICT;

CREATE TABLE conflict (
    n        INTEGER NOT NULL REFERENCES record (n) ON DELETE CASCADE,
    key      TEXT NOT NULL,
    "values" BLOB NOT NULL,
    PRIMARY KEY (n, key)
) WITHOUT ROWID, STRICT;

CREATE TABLE contact (
    n                 INTEGER PRIMARY KEY REFERENCES record (n) ON DELETE CASCADE,
    hidden            INTEGER NOT NULL,
    id                BLOB NOT NULL,
    last_name         TEXT,
    first_name        TEXT,
    touch_at          INTEGER,
    next_task_due     INTEGER,
    next_task_all_day INTEGER NOT NULL DEFAULT 0,
    next_task         BLOB,
    files             INTEGER NOT NULL DEFAULT 0,
    account_id        BLOB,
    account_name      TEXT,
    owner_id          BLOB,
    created_at        INTEGER,
    updated_at        INTEGER,
    title             TEXT,
    email             TEXT,
    phone             TEXT,
    linkedin_url      TEXT,
    archived_at       INTEGER,
    deleted_at        INTEGER,
    import_ref        TEXT,
    sample            INTEGER,
    merged_into       BLOB
) STRICT;

CREATE TABLE device (
    n          INTEGER PRIMARY KEY REFERENCES record (n) ON DELETE CASCADE,
    id         BLOB NOT NULL,
    name       TEXT,
    user_id    BLOB,
    revoked_at INTEGER,
    created_at INTEGER
) STRICT;

CREATE TABLE document (
    n          INTEGER PRIMARY KEY,
    id         BLOB NOT NULL UNIQUE,
    kind       INTEGER NOT NULL,
    epoch      INTEGER NOT NULL DEFAULT 0,
    heads      BLOB NOT NULL DEFAULT x'',
    provenance BLOB NOT NULL DEFAULT x'',
    saved      BLOB NOT NULL DEFAULT x'',
    tail       BLOB NOT NULL DEFAULT x''
) STRICT;

CREATE TABLE entry (
    log_seq     INTEGER PRIMARY KEY,
    record      BLOB NOT NULL,
    kind        INTEGER NOT NULL,
    hash        BLOB NOT NULL UNIQUE,
    actor       BLOB NOT NULL,
    actor_seq   INTEGER NOT NULL,
    user        BLOB NOT NULL,
    device      BLOB NOT NULL,
    command     BLOB NOT NULL,
    received_at INTEGER NOT NULL,
    receipt     BLOB NOT NULL
) STRICT;

CREATE TABLE field_change (
    record  BLOB NOT NULL,
    at      INTEGER NOT NULL,
    hash    BLOB NOT NULL,
    key     TEXT NOT NULL,
    actor   BLOB NOT NULL,
    before  BLOB,
    after   BLOB,
    created INTEGER NOT NULL,
    moved   INTEGER NOT NULL,
    PRIMARY KEY (record, at, hash, key)
) WITHOUT ROWID, STRICT;

CREATE TABLE lead (
    n                   INTEGER PRIMARY KEY REFERENCES record (n) ON DELETE CASCADE,
    hidden              INTEGER NOT NULL,
    stage               TEXT,
    value_cents         INTEGER,
    probability         INTEGER,
    id                  BLOB NOT NULL,
    next_task_due       INTEGER,
    next_task_all_day   INTEGER NOT NULL DEFAULT 0,
    next_task           BLOB,
    touch_at            INTEGER,
    stage_entered_at    INTEGER,
    created_at          INTEGER,
    expected_close_date INTEGER,
    board_key           TEXT,
    files               INTEGER NOT NULL DEFAULT 0,
    title               TEXT,
    account_id          BLOB,
    account_name        TEXT,
    owner_id            BLOB,
    updated_at          INTEGER,
    primary_contact_id  BLOB,
    probability_pinned  INTEGER,
    source              TEXT,
    closed_on           INTEGER,
    closed_value_cents  INTEGER,
    lost_reason         TEXT,
    lost_note           TEXT,
    competitor          TEXT,
    archived_at         INTEGER,
    deleted_at          INTEGER,
    import_ref          TEXT,
    sample              INTEGER,
    merged_into         BLOB,
    stage_given_at      INTEGER
) STRICT;

CREATE TABLE member (
    n      INTEGER NOT NULL REFERENCES record (n) ON DELETE CASCADE,
    field  TEXT NOT NULL,
    member TEXT NOT NULL,
    value  ANY NOT NULL,
    PRIMARY KEY (n, field, member)
) WITHOUT ROWID, STRICT;

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID, STRICT;

CREATE TABLE outbox (
    ordinal INTEGER PRIMARY KEY AUTOINCREMENT,
    id      BLOB NOT NULL UNIQUE,
    at      INTEGER NOT NULL,
    payload BLOB NOT NULL
) STRICT;

CREATE TABLE pending (
    ordinal  INTEGER NOT NULL REFERENCES outbox (ordinal) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    record   BLOB NOT NULL,
    kind     INTEGER NOT NULL,
    hash     BLOB NOT NULL,
    bytes    BLOB NOT NULL,
    PRIMARY KEY (ordinal, position)
) STRICT;

CREATE TABLE quarantine (
    ordinal INTEGER PRIMARY KEY AUTOINCREMENT,
    record  BLOB NOT NULL,
    kind    INTEGER NOT NULL,
    hash    BLOB NOT NULL UNIQUE,
    bytes   BLOB NOT NULL,
    reason  TEXT NOT NULL
) STRICT;

CREATE TABLE record (
    n         INTEGER PRIMARY KEY,
    id        BLOB NOT NULL UNIQUE,
    kind      INTEGER NOT NULL,
    name      TEXT NOT NULL,
    sort_name TEXT NOT NULL,
    pending   INTEGER NOT NULL,
    conflicts INTEGER NOT NULL,
    key_bytes INTEGER NOT NULL,
    words     TEXT NOT NULL,
    heads     BLOB NOT NULL,
    fields    BLOB NOT NULL,
    problems  BLOB NOT NULL
) STRICT;

CREATE TABLE refused (
    ordinal INTEGER PRIMARY KEY AUTOINCREMENT,
    command BLOB NOT NULL UNIQUE,
    at      INTEGER NOT NULL,
    payload BLOB NOT NULL,
    code    TEXT NOT NULL,
    detail  TEXT NOT NULL,
    changes BLOB NOT NULL
) STRICT;

CREATE TABLE settings (
    n                INTEGER PRIMARY KEY REFERENCES record (n) ON DELETE CASCADE,
    id               BLOB NOT NULL,
    name             TEXT,
    currency         TEXT,
    time_zone        TEXT,
    region           TEXT,
    week_start       TEXT,
    date_order       TEXT,
    fiscal_month     INTEGER,
    only_owners_edit INTEGER,
    created_at       INTEGER
, leaderboard_off INTEGER) STRICT;

CREATE TABLE sqlite_sequence(name,seq);

CREATE TABLE stage (
    id       TEXT PRIMARY KEY,
    position INTEGER NOT NULL,
    status   TEXT NOT NULL,
    rot_days INTEGER NOT NULL
) WITHOUT ROWID, STRICT;

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

CREATE TABLE task (
    n            INTEGER PRIMARY KEY REFERENCES record (n) ON DELETE CASCADE,
    hidden       INTEGER NOT NULL,
    id           BLOB NOT NULL,
    status       TEXT,
    due_at       INTEGER,
    all_day      INTEGER,
    priority     TEXT,
    linked_type  TEXT,
    linked_id    BLOB,
    owner_id     BLOB,
    title        TEXT,
    reminder_at  INTEGER,
    completed_at INTEGER,
    created_at   INTEGER,
    updated_at   INTEGER,
    deleted_at   INTEGER,
    import_ref   TEXT,
    sample       INTEGER
) STRICT;

CREATE TABLE user (
    n           INTEGER PRIMARY KEY REFERENCES record (n) ON DELETE CASCADE,
    id          BLOB NOT NULL,
    name        TEXT,
    email       TEXT,
    role        TEXT,
    disabled_at INTEGER,
    created_at  INTEGER,
    updated_at  INTEGER
) STRICT;

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

CREATE INDEX account_listed ON account (hidden, id);

CREATE INDEX account_sample ON account (hidden) WHERE sample = 1;

CREATE INDEX activity_account ON activity (account_id, occurred_at) WHERE account_id IS NOT NULL AND deleted_at IS NULL;

CREATE INDEX activity_contact ON activity (contact_id, occurred_at) WHERE contact_id IS NOT NULL AND deleted_at IS NULL;

CREATE INDEX activity_lead ON activity (lead_id, occurred_at) WHERE lead_id IS NOT NULL AND deleted_at IS NULL;

CREATE INDEX activity_listed ON activity (hidden, id);

CREATE INDEX activity_sample ON activity (hidden) WHERE sample = 1;

CREATE INDEX attachment_linked ON attachment (linked_id, uploaded_at) WHERE linked_id IS NOT NULL AND deleted_at IS NULL;

CREATE INDEX attachment_listed ON attachment (hidden, id);

CREATE INDEX attachment_sample ON attachment (hidden) WHERE sample = 1;

CREATE INDEX contact_account ON contact (account_id) WHERE account_id IS NOT NULL;

CREATE INDEX contact_listed ON contact (hidden, id);

CREATE INDEX contact_sample ON contact (hidden) WHERE sample = 1;

CREATE INDEX field_change_reported ON field_change (record, at, key, created, moved, before, actor)
    WHERE (key = 'place' AND (created = 1 OR moved = 1))
    OR (created = 0 AND key IN ('value_cents', 'probability', 'expected_close_date', 'owner_id'));

CREATE INDEX lead_account ON lead (account_id) WHERE account_id IS NOT NULL;

CREATE INDEX lead_contact ON lead (primary_contact_id) WHERE primary_contact_id IS NOT NULL;

CREATE INDEX lead_listed ON lead (hidden, id);

CREATE INDEX lead_sample ON lead (hidden) WHERE sample = 1;

CREATE INDEX lead_stage ON lead (stage, board_key);

CREATE INDEX member_contact ON member (member) WHERE field = 'contacts';

CREATE INDEX pending_record ON pending (record, ordinal, position);

CREATE INDEX quarantine_record ON quarantine (record);

CREATE INDEX record_conflicted ON record (n) WHERE conflicts > 0;

CREATE INDEX suggestion_author ON suggestion (owner_id, created_at);

CREATE INDEX suggestion_listed ON suggestion (hidden, id);

CREATE INDEX suggestion_open ON suggestion (created_at) WHERE status = 'open' AND hidden = 0;

CREATE INDEX task_linked ON task (linked_id, due_at) WHERE linked_id IS NOT NULL AND deleted_at IS NULL;

CREATE INDEX task_listed ON task (hidden, id);

CREATE INDEX task_owner ON task (owner_id, due_at) WHERE owner_id IS NOT NULL AND deleted_at IS NULL;

CREATE INDEX task_sample ON task (hidden) WHERE sample = 1;

CREATE INDEX view_listed ON view (hidden, id);
