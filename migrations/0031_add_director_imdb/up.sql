-- The person's number with IMDb, as `nm0000041`: it tells two of one name apart.
ALTER TABLE directors ADD COLUMN imdb text CHECK (imdb <> '');
CREATE UNIQUE INDEX directors_imdb ON directors (imdb) WHERE imdb IS NOT NULL;
-- A common name has hundreds, of whom an import seeks the first, or one without a number.
CREATE INDEX directors_name_imdb ON directors (name, imdb);
DROP INDEX directors_name;
