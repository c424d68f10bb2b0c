-- Directors and actors are people: one row for each person, one for each credit. The programs of earlier
-- releases cannot use this schema.

DROP INDEX movies_words;
DROP FUNCTION movie_words(text, text[]);

ALTER TABLE directors RENAME TO people;
ALTER TABLE movie_directors RENAME TO credits;
ALTER TABLE credits RENAME COLUMN director_id TO person_id;
ALTER INDEX directors_imdb RENAME TO people_imdb;
ALTER INDEX directors_name_imdb RENAME TO people_name_imdb;
ALTER SEQUENCE directors_id_seq RENAME TO people_id_seq;
DO $$
DECLARE
    one record;
BEGIN
    FOR one IN SELECT conrelid::regclass AS relation, conname AS name,
            replace(replace(replace(conname, 'movie_directors', 'credits'), 'director_id', 'person_id'),
                'directors', 'people') AS new_name
        FROM pg_constraint WHERE conrelid IN ('people'::regclass, 'credits'::regclass)
    LOOP
        IF one.name <> one.new_name THEN
            EXECUTE format('ALTER TABLE %s RENAME CONSTRAINT %I TO %I', one.relation, one.name, one.new_name);
        END IF;
    END LOOP;
END $$;

ALTER TABLE credits
    ADD COLUMN role text NOT NULL DEFAULT 'director' CHECK (role IN ('director', 'actor')),
    -- The name of an actor's part.
    ADD COLUMN character text CHECK (character <> ''),
    DROP CONSTRAINT credits_pkey,
    DROP CONSTRAINT credits_person_id_movie_id_key;
ALTER TABLE credits
    ALTER COLUMN role DROP DEFAULT,
    -- Positions count from 0 in each role.
    ADD PRIMARY KEY (movie_id, role, position),
    ADD UNIQUE (person_id, role, movie_id);

-- Change log -----------------------------------------------------------------------------------

ALTER TABLE catalogue_log RENAME COLUMN directors TO people;
ALTER TABLE catalogue_changes RENAME COLUMN directors TO people;

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
    IF TG_TABLE_NAME IN ('credits', 'movie_tags') THEN
        ids := ARRAY(SELECT DISTINCT movie_id FROM touched LIMIT most + 1);
    ELSE
        ids := ARRAY(SELECT DISTINCT id FROM touched LIMIT most + 1);
    END IF;
    known := CASE TG_TABLE_NAME WHEN 'people' THEN noted.people
        WHEN 'tags' THEN noted.tags ELSE noted.movies END;
    IF ids <@ known THEN
        RETURN NULL;
    END IF;
    ids := ARRAY(SELECT unnest(known) UNION SELECT unnest(ids));
    CASE TG_TABLE_NAME
        WHEN 'people' THEN noted.people := ids;
        WHEN 'tags' THEN noted.tags := ids;
        ELSE noted.movies := ids;
    END CASE;
    IF cardinality(noted.movies || noted.people || noted.tags) > most THEN
        noted := ROW (noted.transaction, true, '{}', '{}', '{}');
    END IF;
    INSERT INTO catalogue_changes VALUES (noted.*)
    ON CONFLICT (transaction) DO UPDATE SET everything = excluded.everything,
        movies = excluded.movies, people = excluded.people, tags = excluded.tags;
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
    VALUES (next, changes.everything, changes.movies, changes.people, changes.tags);
    DELETE FROM catalogue_log WHERE version <= next - 1000;
    PERFORM pg_notify('catalogue', next::text);
    RETURN NULL;
END $$;

-- Cast -----------------------------------------------------------------------------------------

-- Folds as `src/catalog/fold.rs` does, letters that are rare in names excepted.
CREATE FUNCTION pg_temp.folded(name text) RETURNS text LANGUAGE sql AS $$
    SELECT normalize(btrim(regexp_replace(replace(replace(replace(replace(
        translate(regexp_replace(lower(normalize(name, NFKD)),
            '([a-z\u0370-\u03ff])[\u0300-\u036f]+', '\1', 'g'), 'øđðłı''’‘ʼ`´', 'oddli'),
        'œ', 'oe'), 'æ', 'ae'), 'ß', 'ss'), '&', ' and '),
        '[\u0001-\u002f\u003a-\u0060\u007b-\u00bf\u2000-\u206f\u3000-\u303f]+', ' ', 'g')), NFC)
$$;

CREATE TEMPORARY TABLE listed ON COMMIT DROP AS
SELECT movies.id AS movie_id, name, listed.position
FROM movies, unnest(actors) WITH ORDINALITY AS listed (name, position) WHERE name <> '';

-- A name is that of its oldest person, or of a new one.
CREATE TEMPORARY TABLE named ON COMMIT DROP AS
SELECT name, min(movie_id) AS first,
    coalesce(nullif(replace(btrim(left(pg_temp.folded(name), 80)), ' ', '-'), ''), 'untitled') AS slug,
    pg_temp.folded(regexp_replace(name, '^(.+)\s+(\S+?)(\s+(?:Jr|Sr|II|III)\.?)?$', '\2 \1\3')) AS sort_name
FROM listed WHERE name NOT IN (SELECT name FROM people) GROUP BY name;

INSERT INTO people (slug, name, sort_name)
SELECT slug, name, sort_name FROM named ORDER BY first, name ON CONFLICT (slug) DO NOTHING;

DO $$
DECLARE
    one    record;
    number integer;
BEGIN
    FOR one IN SELECT * FROM named WHERE name NOT IN (SELECT name FROM people) ORDER BY first, name LOOP
        number := 2;
        WHILE EXISTS (SELECT FROM people WHERE slug = one.slug || '-' || number) LOOP
            number := number + 1;
        END LOOP;
        INSERT INTO people (slug, name, sort_name)
        VALUES (one.slug || '-' || number, one.name, one.sort_name);
    END LOOP;
END $$;

INSERT INTO credits (movie_id, person_id, position, role)
SELECT movie_id, id, row_number() OVER (PARTITION BY movie_id ORDER BY min(listed.position)) - 1, 'actor'
FROM listed JOIN (SELECT name, min(id) AS id FROM people GROUP BY name) AS person USING (name)
GROUP BY movie_id, id;

ALTER TABLE movies DROP COLUMN actors;

-- Full-text search -----------------------------------------------------------------------------

-- Returns the English stems of a synopsis, without accents. It folds as `src/catalog/fold.rs` does:
-- Latin and Greek letters lose their diacritics, other scripts keep them. PL/pgSQL, because an SQL
-- function would be prepared anew for each row of an import.
CREATE FUNCTION movie_words(synopsis text) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 1000 AS $$
DECLARE
    words text := synopsis;
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

CREATE INDEX movies_words ON movies USING gin (movie_words(synopsis)) WHERE synopsis IS NOT NULL;
