CREATE INDEX directors_name ON directors (name);
ALTER TABLE directors DROP COLUMN imdb;
