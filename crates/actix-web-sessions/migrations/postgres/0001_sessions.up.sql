CREATE TABLE sessions (
    -- SHA-256 of the cookie's value: a copy of this table opens no session.
    key_hash       bytea PRIMARY KEY CHECK (octet_length(key_hash) = 32),
    -- The values of a session; NULL for a retired key and for one that is only reserved.
    data           jsonb CHECK (jsonb_typeof(data) = 'object'),
    -- The end of a session or of a retirement; -infinity for an ended session.
    expires_at     timestamptz NOT NULL,
    -- From this hour since 1970 on the row may be removed. An index on the exact moment would turn
    -- each visit into an index write; this changes once an hour, so that an update stays in its page.
    sweep_hour     integer NOT NULL,
    created_at     timestamptz NOT NULL DEFAULT now(),
    -- The session's own lifetime; 0 stands for the end of the browser.
    own_seconds    double precision,
    -- The session's own end.
    own_until      timestamptz,
    -- Until then no new session can be made under this key.
    reserved_until timestamptz,
    -- The key that replaced a retired one, and until when writes with the old key reach it.
    successor      bytea CHECK (octet_length(successor) = 32),
    follow_until   timestamptz,
    principal      text GENERATED ALWAYS AS (data ->> '_principal') STORED
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX sessions_sweep_hour ON sessions (sweep_hour);
CREATE INDEX sessions_principal ON sessions (principal) WHERE principal IS NOT NULL;
