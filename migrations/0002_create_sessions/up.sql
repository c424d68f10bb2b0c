CREATE TABLE sessions (
    -- SHA-256 of the cookie's value: a copy of this table opens no session.
    key_hash    bytea PRIMARY KEY CHECK (octet_length(key_hash) = 32),
    data        jsonb NOT NULL CHECK (jsonb_typeof(data) = 'object'),
    expires_at  timestamptz NOT NULL,
    -- Hours since 1970, rounded up. An index on the exact moment would turn each visit into
    -- an index write; this value changes once an hour, so the update stays in its page.
    expire_hour integer NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX sessions_expire_hour ON sessions (expire_hour);

-- One request's changes applied to what is stored now, so that two requests at once both count:
-- keys removed, keys set, and whole numbers added (a missing or other value counts as 0).
CREATE FUNCTION session_merge(data jsonb, removed text[], changed jsonb, added jsonb)
RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (data - removed) || changed || COALESCE((
        SELECT jsonb_object_agg(d.key, d.value::numeric + CASE
            WHEN jsonb_typeof(data -> d.key) = 'number' THEN trunc((data ->> d.key)::numeric)
            ELSE 0 END)
        FROM jsonb_each_text(added) AS d), '{}')
$$;
