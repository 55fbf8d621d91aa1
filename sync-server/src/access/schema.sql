-- What scripts use: personal tokens, of which only the hash is kept, and the answers to requests that may be repeated.
-- Times are milliseconds since 1970.
CREATE TABLE api_token (
    token_hash   BLOB PRIMARY KEY NOT NULL,
    id           BLOB NOT NULL UNIQUE,
    workspace_id BLOB NOT NULL,
    user_id      BLOB NOT NULL,
    name         TEXT NOT NULL,
    writes       INTEGER NOT NULL,        -- 0: reads only
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX api_token_of_user ON api_token (user_id);

CREATE TABLE api_request (
    user_id      BLOB NOT NULL,
    key          TEXT NOT NULL,
    request_hash BLOB NOT NULL,
    command      BLOB NOT NULL,           -- what it is called in the log
    record       BLOB NOT NULL,
    created_at   INTEGER NOT NULL,
    etag         TEXT,                    -- empty until it is answered
    body         TEXT,
    PRIMARY KEY (user_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX api_request_age ON api_request (created_at);
