-- Which webhooks there are. Their secrets are derived from the key file and stand nowhere.
CREATE TABLE webhook (
    id           BLOB PRIMARY KEY NOT NULL,
    workspace_id BLOB NOT NULL,
    url          TEXT NOT NULL,
    events       TEXT NOT NULL,           -- names with blanks between them
    paused       TEXT,                    -- why it is not active: person, failing, gone
    rotation     INTEGER NOT NULL,        -- how often the secret was replaced
    rotated_at   INTEGER,
    created_at   INTEGER NOT NULL,
    created_by   BLOB NOT NULL
) STRICT, WITHOUT ROWID;
