DROP TRIGGER append_only ON changes;
DROP TABLE trash, old_slugs, merged, movie_links, jobs, changes;
ALTER TABLE movies DROP COLUMN version, DROP COLUMN held;
ALTER TABLE people DROP COLUMN version, DROP COLUMN held;
ALTER TABLE tags DROP COLUMN version;
ALTER TABLE notices DROP COLUMN id, DROP COLUMN version, DROP COLUMN starts_on, DROP COLUMN ends_on;
