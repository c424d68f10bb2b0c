-- When the film came into the catalogue: what feeds are ordered by and dated with.
ALTER TABLE movies ADD COLUMN added_at timestamptz NOT NULL DEFAULT now();
