ALTER TABLE movies DROP COLUMN added_at;
