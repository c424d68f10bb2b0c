CREATE TABLE session_cache (
    present boolean PRIMARY KEY DEFAULT true CHECK (present),
    epoch   text NOT NULL
);
INSERT INTO session_cache (epoch) VALUES ('');
CREATE UNLOGGED TABLE session_tombstones (
    key_hash  bytea PRIMARY KEY CHECK (octet_length(key_hash) = 32),
    successor bytea NOT NULL CHECK (octet_length(successor) = 32),
    until     timestamptz NOT NULL
);
CREATE INDEX session_tombstones_until ON session_tombstones (until);
DELETE FROM sessions WHERE data IS NULL;
ALTER TABLE sessions DROP COLUMN principal;
ALTER TABLE sessions
    DROP COLUMN own_seconds,
    DROP COLUMN own_until,
    DROP COLUMN reserved_until,
    DROP COLUMN successor,
    DROP COLUMN follow_until;
ALTER INDEX sessions_sweep_hour RENAME TO sessions_expire_hour;
ALTER TABLE sessions RENAME COLUMN sweep_hour TO expire_hour;
ALTER TABLE sessions ALTER COLUMN data SET NOT NULL;
