-- People who edit the site, and what they need to log in.

CREATE TABLE operators (
    id            integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- In lower case.
    name          text NOT NULL UNIQUE CHECK (name <> ''),
    display_name  text NOT NULL DEFAULT '',
    role          text NOT NULL CHECK (role IN ('owner', 'editor', 'viewer')),
    -- A PHC string; null until the operator has chosen a password.
    password_hash text,
    -- Encrypted; null without a second factor.
    totp_secret   bytea,
    -- The time step of the last code that was accepted: no code is accepted twice.
    totp_step     bigint,
    disabled_at   timestamptz,
    created_at    timestamptz NOT NULL DEFAULT now(),
    -- Null: by the command line.
    created_by    integer REFERENCES operators,
    version       integer NOT NULL DEFAULT 1
);

-- Links with which an operator chooses a password.
CREATE TABLE operator_links (
    -- SHA-256 of the token in the link.
    token_hash  bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
    operator_id integer NOT NULL UNIQUE REFERENCES operators,
    expires_at  timestamptz NOT NULL
);

CREATE TABLE operator_sessions (
    -- SHA-256 of the cookie's value.
    key_hash     bytea PRIMARY KEY CHECK (octet_length(key_hash) = 32),
    record       bytea NOT NULL,
    last_used_at timestamptz NOT NULL DEFAULT now(),
    -- From then on the row may be removed.
    expires_at   timestamptz NOT NULL
);
CREATE INDEX operator_sessions_expires_at ON operator_sessions (expires_at);

-- Browsers in which an operator has logged in before.
CREATE TABLE operator_devices (
    -- SHA-256 of the cookie's value.
    token_hash   bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
    operator_id  integer NOT NULL REFERENCES operators,
    last_used_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX operator_devices_operator_id ON operator_devices (operator_id);

-- Codes that replace the second factor once.
CREATE TABLE recovery_codes (
    -- SHA-256 of the code.
    code_hash   bytea PRIMARY KEY CHECK (octet_length(code_hash) = 32),
    operator_id integer NOT NULL REFERENCES operators,
    used_at     timestamptz
);
CREATE INDEX recovery_codes_operator_id ON recovery_codes (operator_id);

-- Failed attempts to log in, for the limits on them. Lost in a crash.
CREATE UNLOGGED TABLE login_failures (
    -- A hash of the client, the name or the device: neither can be read from it.
    subject      bytea PRIMARY KEY,
    window_start timestamptz NOT NULL DEFAULT now(),
    failures     integer NOT NULL
);
CREATE INDEX login_failures_window_start ON login_failures (window_start);

-- Logins, failures and changes of rights.
CREATE TABLE operator_events (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at          timestamptz NOT NULL DEFAULT now(),
    -- The operator concerned; null for a name that does not exist.
    operator_id integer REFERENCES operators,
    -- The author: the operator's name at that time, or the command line. Empty if not logged in.
    actor       text NOT NULL,
    event       text NOT NULL CHECK (event <> ''),
    -- Of the client; null for commands.
    network     text,
    detail      jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX operator_events_operator_id ON operator_events (operator_id, id);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % cannot be changed or removed', TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER operator_events_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON operator_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
