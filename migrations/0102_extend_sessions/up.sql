-- The table that the sessions crate makes on an empty database
-- (crates/actix-web-sessions/migrations/postgres): a session's own expiry, retired and reserved keys are
-- columns, which the statements read and write under the row's lock.
ALTER TABLE sessions ALTER COLUMN data DROP NOT NULL;
ALTER TABLE sessions RENAME COLUMN expire_hour TO sweep_hour;
ALTER TABLE sessions
    ADD COLUMN own_seconds    double precision,
    ADD COLUMN own_until      timestamptz,
    ADD COLUMN reserved_until timestamptz,
    ADD COLUMN successor      bytea CHECK (octet_length(successor) = 32),
    ADD COLUMN follow_until   timestamptz;
UPDATE sessions SET
    own_seconds = CASE WHEN jsonb_typeof(data -> '_session_expiry') = 'number'
        THEN (data ->> '_session_expiry')::double precision END,
    own_until = CASE WHEN jsonb_typeof(data -> '_session_expiry') = 'string' THEN expires_at END,
    data = data - '_session_expiry'
WHERE data ? '_session_expiry';
ALTER TABLE sessions
    ADD COLUMN principal text GENERATED ALWAYS AS (data ->> '_principal') STORED;
ALTER INDEX sessions_expire_hour RENAME TO sessions_sweep_hour;
CREATE INDEX sessions_principal ON sessions (principal) WHERE principal IS NOT NULL;
DROP TABLE session_tombstones, session_cache;
