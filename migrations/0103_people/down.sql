DROP INDEX movies_words;
DROP FUNCTION movie_words(text);

-- Change log -----------------------------------------------------------------------------------

ALTER TABLE catalogue_log RENAME COLUMN people TO directors;
ALTER TABLE catalogue_changes RENAME COLUMN people TO directors;
ALTER TABLE movies ADD COLUMN actors text[] NOT NULL DEFAULT '{}';
ALTER TABLE people RENAME TO directors;
ALTER TABLE credits RENAME TO movie_directors;
ALTER TABLE movie_directors RENAME COLUMN person_id TO director_id;
ALTER INDEX people_imdb RENAME TO directors_imdb;
ALTER INDEX people_name_imdb RENAME TO directors_name_imdb;
ALTER SEQUENCE people_id_seq RENAME TO directors_id_seq;

CREATE OR REPLACE FUNCTION catalogue_touched() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    most    CONSTANT integer := 1000;
    noted   catalogue_changes;
    ids     integer[];
    known   integer[];
BEGIN
    SELECT * INTO noted FROM catalogue_changes
    WHERE transaction = pg_current_xact_id()::text::bigint;
    -- With SET CONSTRAINTS IMMEDIATE, the version has been raised and the row removed already.
    IF NOT FOUND THEN
        noted := ROW (pg_current_xact_id()::text::bigint, false, '{}', '{}', '{}');
    ELSIF noted.everything THEN
        RETURN NULL;
    END IF;
    IF TG_TABLE_NAME IN ('movie_directors', 'movie_tags') THEN
        ids := ARRAY(SELECT DISTINCT movie_id FROM touched LIMIT most + 1);
    ELSE
        ids := ARRAY(SELECT DISTINCT id FROM touched LIMIT most + 1);
    END IF;
    known := CASE TG_TABLE_NAME WHEN 'directors' THEN noted.directors
        WHEN 'tags' THEN noted.tags ELSE noted.movies END;
    IF ids <@ known THEN
        RETURN NULL;
    END IF;
    ids := ARRAY(SELECT unnest(known) UNION SELECT unnest(ids));
    CASE TG_TABLE_NAME
        WHEN 'directors' THEN noted.directors := ids;
        WHEN 'tags' THEN noted.tags := ids;
        ELSE noted.movies := ids;
    END CASE;
    IF cardinality(noted.movies || noted.directors || noted.tags) > most THEN
        noted := ROW (noted.transaction, true, '{}', '{}', '{}');
    END IF;
    INSERT INTO catalogue_changes VALUES (noted.*)
    ON CONFLICT (transaction) DO UPDATE SET everything = excluded.everything,
        movies = excluded.movies, directors = excluded.directors, tags = excluded.tags;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION catalogue_committed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    next    bigint;
    changes catalogue_changes;
BEGIN
    DELETE FROM catalogue_changes WHERE transaction = NEW.transaction RETURNING * INTO changes;
    UPDATE catalogue_version SET version = version + 1 RETURNING version INTO next;
    INSERT INTO catalogue_log
    VALUES (next, changes.everything, changes.movies, changes.directors, changes.tags);
    DELETE FROM catalogue_log WHERE version <= next - 1000;
    PERFORM pg_notify('catalogue', next::text);
    RETURN NULL;
END $$;

-- Cast -----------------------------------------------------------------------------------------

ALTER TABLE movie_directors
    DROP CONSTRAINT credits_pkey,
    DROP CONSTRAINT credits_person_id_role_movie_id_key;

UPDATE movies SET actors = names FROM (
    SELECT movie_id, array_agg(name ORDER BY position) AS names
    FROM movie_directors JOIN directors ON directors.id = director_id
    WHERE role = 'actor' GROUP BY movie_id) AS listed
WHERE movies.id = listed.movie_id;

CREATE TEMPORARY TABLE only_actors ON COMMIT DROP AS
SELECT director_id AS id FROM movie_directors GROUP BY director_id HAVING every(role = 'actor');
DELETE FROM movie_directors WHERE role = 'actor';
DELETE FROM directors USING only_actors WHERE directors.id = only_actors.id;

ALTER TABLE movie_directors DROP COLUMN role, DROP COLUMN character;
ALTER TABLE movie_directors ADD PRIMARY KEY (movie_id, position), ADD UNIQUE (director_id, movie_id);
DO $$
DECLARE
    one record;
BEGIN
    FOR one IN SELECT conrelid::regclass AS relation, conname AS name,
            replace(replace(replace(conname, 'credits', 'movie_directors'), 'person_id', 'director_id'),
                'people', 'directors') AS new_name
        FROM pg_constraint WHERE conrelid IN ('directors'::regclass, 'movie_directors'::regclass)
    LOOP
        IF one.name <> one.new_name THEN
            EXECUTE format('ALTER TABLE %s RENAME CONSTRAINT %I TO %I', one.relation, one.name, one.new_name);
        END IF;
    END LOOP;
END $$;

-- Full-text search -----------------------------------------------------------------------------

-- Returns the English stems of a synopsis and its actors, without accents. It folds as
-- `src/catalog/fold.rs` does: Latin and Greek letters lose their diacritics, other scripts keep them.
-- PL/pgSQL, because an SQL function would be prepared anew for each row of an import.
CREATE FUNCTION movie_words(synopsis text, actors text[]) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 1000 AS $$
DECLARE
    words text := concat_ws(' ', synopsis, array_to_string(actors, ' '));
BEGIN
    -- ASCII, as most texts are, needs little folding.
    IF octet_length(words) = length(words) THEN
        RETURN to_tsvector('english', translate(lower(words), '''`', ''));
    END IF;
    words := lower(normalize(words, NFKD));
    words := regexp_replace(words, '([a-z\u0370-\u03ff])[\u0300-\u036f]+', '\1', 'g');
    words := translate(words, 'øđðłı''’‘ʼ`´', 'oddli');
    words := replace(replace(replace(words, 'œ', 'oe'), 'æ', 'ae'), 'ß', 'ss');
    RETURN to_tsvector('english', normalize(words, NFC));
END $$;

CREATE INDEX movies_words ON movies USING gin (movie_words(synopsis, actors))
    WHERE synopsis IS NOT NULL OR actors <> '{}';
