-- The schema as release 0.1 left it: its fifteen migrations, in order, and a row of each kind.
CREATE TABLE __diesel_schema_migrations (
    version varchar(50) PRIMARY KEY,
    run_on timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP
);

-- 0001_create_catalogue
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE TABLE sources (
    id          integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name        text NOT NULL CHECK (name <> ''),
    url         text,
    licence     text NOT NULL CHECK (licence <> ''),
    licence_url text,
    UNIQUE (name, licence)
);
CREATE TABLE movies (
    id                 integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    slug               text NOT NULL UNIQUE CHECK (slug <> ''),
    title              text NOT NULL CHECK (title <> ''),
    original_title     text CHECK (original_title <> ''),
    sort_title         text COLLATE "C" NOT NULL,
    search_text        text NOT NULL,
    year               smallint CHECK (year BETWEEN 1870 AND 2199),
    released_on        date,
    runtime            smallint CHECK (runtime BETWEEN 1 AND 6000),
    countries          text[] NOT NULL DEFAULT '{}',
    languages          text[] NOT NULL DEFAULT '{}',
    actors             text[] NOT NULL DEFAULT '{}',
    synopsis           text CHECK (synopsis <> ''),
    synopsis_source_id integer REFERENCES sources,
    synopsis_url       text,
    CHECK ((synopsis IS NULL) = (synopsis_source_id IS NULL))
);
CREATE INDEX movies_newest ON movies (year DESC NULLS LAST, sort_title, id);
CREATE INDEX movies_oldest ON movies (year ASC NULLS LAST, sort_title, id);
CREATE INDEX movies_title ON movies (sort_title, id);
CREATE INDEX movies_longest ON movies (runtime DESC NULLS LAST, sort_title, id);
CREATE INDEX movies_shortest ON movies (runtime ASC NULLS LAST, sort_title, id);
CREATE INDEX movies_search ON movies USING gin (search_text gin_trgm_ops);
CREATE INDEX movies_natural_key ON movies (title, year);
CREATE TABLE movie_identifiers (
    movie_id integer NOT NULL REFERENCES movies ON DELETE CASCADE,
    scheme   text NOT NULL CHECK (scheme <> ''),
    value    text NOT NULL CHECK (value <> ''),
    PRIMARY KEY (movie_id, scheme)
);
CREATE INDEX movie_identifiers_value ON movie_identifiers (value, scheme);
CREATE TABLE directors (
    id                  integer GENERATED ALWAYS AS IDENTITY (START WITH 1000001) PRIMARY KEY,
    slug                text NOT NULL UNIQUE CHECK (slug <> ''),
    name                text NOT NULL CHECK (name <> ''),
    sort_name           text COLLATE "C" NOT NULL,
    search_text         text NOT NULL,
    born                smallint CHECK (born BETWEEN 1700 AND 2199),
    died                smallint CHECK (died BETWEEN 1700 AND 2199),
    country             text CHECK (country <> ''),
    biography           text CHECK (biography <> ''),
    biography_source_id integer REFERENCES sources,
    biography_url       text,
    CHECK (died >= born),
    CHECK ((biography IS NULL) = (biography_source_id IS NULL))
);
CREATE INDEX directors_sort_name ON directors (sort_name, id);
CREATE INDEX directors_name ON directors (name);
CREATE INDEX directors_search ON directors USING gin (search_text gin_trgm_ops);
CREATE TABLE movie_directors (
    movie_id    integer NOT NULL REFERENCES movies ON DELETE CASCADE,
    director_id integer NOT NULL REFERENCES directors ON DELETE RESTRICT,
    position    smallint NOT NULL CHECK (position >= 0),
    PRIMARY KEY (movie_id, position),
    UNIQUE (director_id, movie_id)
);
CREATE TABLE tags (
    id   integer GENERATED ALWAYS AS IDENTITY (START WITH 2000001) PRIMARY KEY,
    slug text NOT NULL UNIQUE CHECK (slug <> ''),
    name text NOT NULL CHECK (name <> '')
);
CREATE UNIQUE INDEX tags_name ON tags (lower(name));
CREATE TABLE movie_tags (
    movie_id integer NOT NULL REFERENCES movies ON DELETE CASCADE,
    tag_id   integer NOT NULL REFERENCES tags ON DELETE CASCADE,
    position smallint NOT NULL CHECK (position >= 0),
    PRIMARY KEY (movie_id, position),
    UNIQUE (tag_id, movie_id)
);

-- 0002_create_sessions
CREATE TABLE sessions (
    key_hash    bytea PRIMARY KEY CHECK (octet_length(key_hash) = 32),
    data        jsonb NOT NULL CHECK (jsonb_typeof(data) = 'object'),
    expires_at  timestamptz NOT NULL,
    expire_hour integer NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX sessions_expire_hour ON sessions (expire_hour);
CREATE FUNCTION session_merge(data jsonb, removed text[], changed jsonb, added jsonb)
RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (data - removed) || changed || COALESCE((
        SELECT jsonb_object_agg(d.key, d.value::numeric + CASE
            WHEN jsonb_typeof(data -> d.key) = 'number' THEN trunc((data ->> d.key)::numeric)
            ELSE 0 END)
        FROM jsonb_each_text(added) AS d), '{}')
$$;

-- 0003_create_session_tombstones
CREATE UNLOGGED TABLE session_tombstones (
    key_hash  bytea PRIMARY KEY CHECK (octet_length(key_hash) = 32),
    successor bytea NOT NULL CHECK (octet_length(successor) = 32),
    until     timestamptz NOT NULL
);
CREATE INDEX session_tombstones_until ON session_tombstones (until);

-- 0004_create_catalogue_version
CREATE TABLE catalogue_version (
    present boolean PRIMARY KEY DEFAULT true CHECK (present),
    version bigint NOT NULL
);
INSERT INTO catalogue_version (version) VALUES (1);
CREATE UNLOGGED TABLE catalogue_changes (
    transaction bigint PRIMARY KEY
);
CREATE FUNCTION catalogue_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO catalogue_changes VALUES (pg_current_xact_id()::text::bigint)
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE FUNCTION catalogue_committed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    next bigint;
BEGIN
    DELETE FROM catalogue_changes WHERE transaction = NEW.transaction;
    UPDATE catalogue_version SET version = version + 1 RETURNING version INTO next;
    PERFORM pg_notify('catalogue', next::text);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER committed AFTER INSERT ON catalogue_changes
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION catalogue_committed();
CREATE TRIGGER changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON sources
    FOR EACH STATEMENT EXECUTE FUNCTION catalogue_changed();
CREATE TRIGGER changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON movies
    FOR EACH STATEMENT EXECUTE FUNCTION catalogue_changed();
CREATE TRIGGER changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON movie_identifiers
    FOR EACH STATEMENT EXECUTE FUNCTION catalogue_changed();
CREATE TRIGGER changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON directors
    FOR EACH STATEMENT EXECUTE FUNCTION catalogue_changed();
CREATE TRIGGER changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON movie_directors
    FOR EACH STATEMENT EXECUTE FUNCTION catalogue_changed();
CREATE TRIGGER changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON tags
    FOR EACH STATEMENT EXECUTE FUNCTION catalogue_changed();
CREATE TRIGGER changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON movie_tags
    FOR EACH STATEMENT EXECUTE FUNCTION catalogue_changed();

-- 0008_index_texts
CREATE FUNCTION movie_words(synopsis text, actors text[]) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 1000 AS $$
DECLARE
    words text := lower(normalize(concat_ws(' ', synopsis, array_to_string(actors, ' ')), NFKD));
BEGIN
    words := regexp_replace(words, '([a-z\u0370-\u03ff])[\u0300-\u036f]+', '\1', 'g');
    words := translate(words, 'øđðłı''’‘ʼ`´', 'oddli');
    words := replace(replace(replace(words, 'œ', 'oe'), 'æ', 'ae'), 'ß', 'ss');
    RETURN to_tsvector('english', normalize(words, NFC));
END $$;
CREATE INDEX movies_words ON movies USING gin (movie_words(synopsis, actors))
    WHERE synopsis IS NOT NULL OR actors <> '{}';

-- 0009_drop_search_text
ALTER TABLE movies DROP COLUMN search_text;
ALTER TABLE directors DROP COLUMN search_text;

-- 0012_create_notices
CREATE TABLE notices (
    slug   text PRIMARY KEY CHECK (slug ~ '^[a-z0-9-]{1,60}$'),
    level  text NOT NULL DEFAULT 'info' CHECK (level IN ('info', 'warning')),
    text   text NOT NULL CHECK (length(text) BETWEEN 1 AND 1000),
    active boolean NOT NULL DEFAULT true
);
CREATE TRIGGER changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON notices
    FOR EACH STATEMENT EXECUTE FUNCTION catalogue_changed();
INSERT INTO notices (slug, text) VALUES ('no-account',
    'You need no account here. What this site remembers of your visit stands under “What is remembered of you” at the foot of every page, and you can erase it there.');

-- 0014_add_movie_added_at
ALTER TABLE movies ADD COLUMN added_at timestamptz NOT NULL DEFAULT now();

-- 0020_drop_session_merge
DROP FUNCTION session_merge(jsonb, text[], jsonb, jsonb);

-- 0030_index_movies_once
DROP INDEX movies_newest, movies_oldest, movies_longest, movies_shortest;
DROP INDEX movies_title, movies_natural_key;
CREATE INDEX movies_natural_key ON movies (sort_title, year);

-- 0031_add_director_imdb
ALTER TABLE directors ADD COLUMN imdb text CHECK (imdb <> '');
CREATE UNIQUE INDEX directors_imdb ON directors (imdb) WHERE imdb IS NOT NULL;
CREATE INDEX directors_name_imdb ON directors (name, imdb);
DROP INDEX directors_name;

-- 0032_speed_up_movie_words
CREATE OR REPLACE FUNCTION movie_words(synopsis text, actors text[]) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 1000 AS $$
DECLARE
    words text := concat_ws(' ', synopsis, array_to_string(actors, ' '));
BEGIN
    IF octet_length(words) = length(words) THEN
        RETURN to_tsvector('english', translate(lower(words), '''`', ''));
    END IF;
    words := lower(normalize(words, NFKD));
    words := regexp_replace(words, '([a-z\u0370-\u03ff])[\u0300-\u036f]+', '\1', 'g');
    words := translate(words, 'øđðłı''’‘ʼ`´', 'oddli');
    words := replace(replace(replace(words, 'œ', 'oe'), 'æ', 'ae'), 'ß', 'ss');
    RETURN to_tsvector('english', normalize(words, NFC));
END $$;

-- 0033_drop_director_order
DROP INDEX directors_sort_name;

-- 0036_create_session_cache
CREATE TABLE session_cache (
    present boolean PRIMARY KEY DEFAULT true CHECK (present),
    epoch   text NOT NULL
);
INSERT INTO session_cache (epoch) VALUES ('');

-- 0037_log_catalogue_changes
CREATE TABLE catalogue_log (
    version    bigint PRIMARY KEY,
    everything boolean NOT NULL,
    movies     integer[] NOT NULL,
    directors  integer[] NOT NULL,
    tags       integer[] NOT NULL
);
ALTER TABLE catalogue_changes
    ADD COLUMN everything boolean NOT NULL DEFAULT false,
    ADD COLUMN movies     integer[] NOT NULL DEFAULT '{}',
    ADD COLUMN directors  integer[] NOT NULL DEFAULT '{}',
    ADD COLUMN tags       integer[] NOT NULL DEFAULT '{}';
CREATE OR REPLACE FUNCTION catalogue_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO catalogue_changes (transaction) VALUES (pg_current_xact_id()::text::bigint)
    ON CONFLICT DO NOTHING;
    IF TG_OP = 'TRUNCATE' THEN
        UPDATE catalogue_changes SET everything = true
        WHERE transaction = pg_current_xact_id()::text::bigint;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION catalogue_touched() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    most    CONSTANT integer := 1000;
    noted   catalogue_changes;
    ids     integer[];
    known   integer[];
BEGIN
    SELECT * INTO noted FROM catalogue_changes
    WHERE transaction = pg_current_xact_id()::text::bigint;
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
DO $$
DECLARE
    changed text;
BEGIN
    FOREACH changed IN ARRAY '{directors,tags,movies,movie_directors,movie_tags}'::text[] LOOP
        EXECUTE format('
            CREATE TRIGGER touched_by_insert AFTER INSERT ON %1$I REFERENCING NEW TABLE AS touched
                FOR EACH STATEMENT EXECUTE FUNCTION catalogue_touched();
            CREATE TRIGGER touched_before_update AFTER UPDATE ON %1$I REFERENCING OLD TABLE AS touched
                FOR EACH STATEMENT EXECUTE FUNCTION catalogue_touched();
            CREATE TRIGGER touched_by_update AFTER UPDATE ON %1$I REFERENCING NEW TABLE AS touched
                FOR EACH STATEMENT EXECUTE FUNCTION catalogue_touched();
            CREATE TRIGGER touched_by_delete AFTER DELETE ON %1$I REFERENCING OLD TABLE AS touched
                FOR EACH STATEMENT EXECUTE FUNCTION catalogue_touched()', changed);
    END LOOP;
END $$;

INSERT INTO __diesel_schema_migrations (version) VALUES
    ('0001'), ('0002'), ('0003'), ('0004'), ('0008'), ('0009'), ('0012'), ('0014'), ('0020'), ('0030'), ('0031'), ('0032'), ('0033'), ('0036'), ('0037');
INSERT INTO movies (slug, title, sort_title, year) VALUES ('ran-1985', 'Ran', 'ran', 1985);
INSERT INTO directors (slug, name, sort_name)
VALUES ('akira-kurosawa', 'Akira Kurosawa', 'kurosawa akira');
INSERT INTO movie_directors SELECT movies.id, directors.id, 0 FROM movies, directors;
INSERT INTO sessions (key_hash, data, expires_at, expire_hour)
VALUES (sha256('x'), '{"num_visits": 3}', '2199-01-01', 2007000);
