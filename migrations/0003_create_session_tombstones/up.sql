-- Keys retired by a rotation while requests with them are still under way: those must neither
-- lose what they write nor get a key of their own. Unlogged: they matter for two minutes, and a
-- crash ends those requests too.
CREATE UNLOGGED TABLE session_tombstones (
    key_hash  bytea PRIMARY KEY CHECK (octet_length(key_hash) = 32),
    successor bytea NOT NULL CHECK (octet_length(successor) = 32),
    until     timestamptz NOT NULL
);
CREATE INDEX session_tombstones_until ON session_tombstones (until);
