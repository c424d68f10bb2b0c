-- The schema of release 0.1 and the starting point of a new database. `src/db/migrations.rs` records
-- this migration as applied, without running it, in a database that release 0.1 created.

-- Catalog --------------------------------------------------------------------------------------

-- Origin and licence of synopses and biographies.
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
    -- The folded title without its leading article: the sort key of lists, and part of the natural
    -- key of a movie without identifiers.
    sort_title         text COLLATE "C" NOT NULL,
    year               smallint CHECK (year BETWEEN 1870 AND 2199),
    -- Null when only the year is known.
    released_on        date,
    -- Minutes.
    runtime            smallint CHECK (runtime BETWEEN 1 AND 6000),
    -- English names, main country first.
    countries          text[] NOT NULL DEFAULT '{}',
    -- ISO 639 codes.
    languages          text[] NOT NULL DEFAULT '{}',
    -- Names in billing order.
    actors             text[] NOT NULL DEFAULT '{}',
    synopsis           text CHECK (synopsis <> ''),
    synopsis_source_id integer REFERENCES sources,
    -- The page that the synopsis was taken from.
    synopsis_url       text,
    -- Sort key and date of feeds.
    added_at           timestamptz NOT NULL DEFAULT now(),
    CHECK ((synopsis IS NULL) = (synopsis_source_id IS NULL))
);
-- Imports match movies without identifiers by folded title and year. Lists are sorted in memory and
-- need no index.
CREATE INDEX movies_natural_key ON movies (sort_title, year);

-- Identifiers of a movie in other catalogs. Two movies may share one: a re-edit often does.
CREATE TABLE movie_identifiers (
    movie_id integer NOT NULL REFERENCES movies ON DELETE CASCADE,
    -- For example imdb or wikidata.
    scheme   text NOT NULL CHECK (scheme <> ''),
    value    text NOT NULL CHECK (value <> ''),
    PRIMARY KEY (movie_id, scheme)
);
CREATE INDEX movie_identifiers_value ON movie_identifiers (value, scheme);

CREATE TABLE directors (
    -- The ranges of movie, director and tag ids do not overlap, so that a confused id matches nothing.
    id                  integer GENERATED ALWAYS AS IDENTITY (START WITH 1000001) PRIMARY KEY,
    slug                text NOT NULL UNIQUE CHECK (slug <> ''),
    name                text NOT NULL CHECK (name <> ''),
    -- Folded, family name first.
    sort_name           text COLLATE "C" NOT NULL,
    born                smallint CHECK (born BETWEEN 1700 AND 2199),
    died                smallint CHECK (died BETWEEN 1700 AND 2199),
    country             text CHECK (country <> ''),
    biography           text CHECK (biography <> ''),
    biography_source_id integer REFERENCES sources,
    biography_url       text,
    -- IMDb id such as nm0000041. It distinguishes people of the same name.
    imdb                text CHECK (imdb <> ''),
    CHECK (died >= born),
    CHECK ((biography IS NULL) = (biography_source_id IS NULL))
);
CREATE UNIQUE INDEX directors_imdb ON directors (imdb) WHERE imdb IS NOT NULL;
-- Imports look a director up by name and IMDb id, or by name alone.
CREATE INDEX directors_name_imdb ON directors (name, imdb);

CREATE TABLE movie_directors (
    movie_id    integer NOT NULL REFERENCES movies ON DELETE CASCADE,
    director_id integer NOT NULL REFERENCES directors ON DELETE RESTRICT,
    -- Order of credit, from 0.
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
    -- Order of relevance; the main genre is 0.
    position smallint NOT NULL CHECK (position >= 0),
    PRIMARY KEY (movie_id, position),
    UNIQUE (tag_id, movie_id)
);

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

-- Notices --------------------------------------------------------------------------------------

-- An operator's messages, shown on every page until a visitor dismisses them. A notice reappears
-- when its text or level changes.
CREATE TABLE notices (
    -- Identifies the notice in URLs and in the sessions of visitors who dismissed it.
    slug   text PRIMARY KEY CHECK (slug ~ '^[a-z0-9-]{1,60}$'),
    level  text NOT NULL DEFAULT 'info' CHECK (level IN ('info', 'warning')),
    text   text NOT NULL CHECK (length(text) BETWEEN 1 AND 1000),
    active boolean NOT NULL DEFAULT true
);
INSERT INTO notices (slug, text) VALUES ('no-account',
    'You need no account here. What this site remembers of your visit stands under “What is remembered of you” at the foot of every page, and you can erase it there.');

-- Catalog version ------------------------------------------------------------------------------
--
-- Each process keeps an index of the catalog in memory. Triggers raise the catalog version at every
-- commit that changes the catalog, log which rows changed, and notify the processes.

CREATE TABLE catalogue_version (
    -- Restricts the table to one row.
    present boolean PRIMARY KEY DEFAULT true CHECK (present),
    version bigint NOT NULL
);
INSERT INTO catalogue_version (version) VALUES (1);

-- The changes of each version, from which a process updates its index. It keeps the latest thousand
-- versions; a process with an older index reloads the whole catalog.
CREATE TABLE catalogue_log (
    version    bigint PRIMARY KEY,
    -- Too many changes to list, as after an import.
    everything boolean NOT NULL,
    -- Ids of movies whose rows, tags or directors changed.
    movies     integer[] NOT NULL,
    -- Ids of directors and tags whose own rows changed.
    directors  integer[] NOT NULL,
    tags       integer[] NOT NULL
);

-- The changes of the current transaction. A row exists only until the commit; no other transaction
-- sees it.
CREATE UNLOGGED TABLE catalogue_changes (
    transaction bigint PRIMARY KEY,
    everything  boolean NOT NULL DEFAULT false,
    movies      integer[] NOT NULL DEFAULT '{}',
    directors   integer[] NOT NULL DEFAULT '{}',
    tags        integer[] NOT NULL DEFAULT '{}'
);

-- Runs after each statement that changes the catalog or a notice: notes that the transaction changes
-- something.
CREATE FUNCTION catalogue_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO catalogue_changes (transaction) VALUES (pg_current_xact_id()::text::bigint)
    ON CONFLICT DO NOTHING;
    IF TG_OP = 'TRUNCATE' THEN
        UPDATE catalogue_changes SET everything = true
        WHERE transaction = pg_current_xact_id()::text::bigint;
    END IF;
    RETURN NULL;
END $$;

-- Runs after `catalogue_changed` for tables that the index reads: notes the ids of the changed rows
-- (`touched`), at most a thousand for each transaction.
CREATE FUNCTION catalogue_touched() RETURNS trigger LANGUAGE plpgsql AS $$
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

-- Runs once, at the commit, so that a long import locks the row of the version only for a moment.
CREATE FUNCTION catalogue_committed() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE CONSTRAINT TRIGGER committed AFTER INSERT ON catalogue_changes
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION catalogue_committed();

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY '{sources,movies,movie_identifiers,directors,movie_directors,tags,movie_tags,notices}'::text[] LOOP
        EXECUTE format('
            CREATE TRIGGER changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON %1$I
                FOR EACH STATEMENT EXECUTE FUNCTION catalogue_changed()', name);
    END LOOP;
    -- Triggers run in the order of their names: these after `changed`.
    FOREACH name IN ARRAY '{movies,directors,movie_directors,tags,movie_tags}'::text[] LOOP
        EXECUTE format('
            CREATE TRIGGER touched_by_insert AFTER INSERT ON %1$I REFERENCING NEW TABLE AS touched
                FOR EACH STATEMENT EXECUTE FUNCTION catalogue_touched();
            CREATE TRIGGER touched_before_update AFTER UPDATE ON %1$I REFERENCING OLD TABLE AS touched
                FOR EACH STATEMENT EXECUTE FUNCTION catalogue_touched();
            CREATE TRIGGER touched_by_update AFTER UPDATE ON %1$I REFERENCING NEW TABLE AS touched
                FOR EACH STATEMENT EXECUTE FUNCTION catalogue_touched();
            CREATE TRIGGER touched_by_delete AFTER DELETE ON %1$I REFERENCING OLD TABLE AS touched
                FOR EACH STATEMENT EXECUTE FUNCTION catalogue_touched()', name);
    END LOOP;
END $$;

-- Sessions -------------------------------------------------------------------------------------

CREATE TABLE sessions (
    -- SHA-256 of the session key: a copy of this table opens no session.
    key_hash    bytea PRIMARY KEY CHECK (octet_length(key_hash) = 32),
    data        jsonb NOT NULL CHECK (jsonb_typeof(data) = 'object'),
    expires_at  timestamptz NOT NULL,
    -- Hours since 1970, rounded up. It changes at most once an hour, so most updates stay heap-only;
    -- an index on expires_at would turn each of them into an index write.
    expire_hour integer NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX sessions_expire_hour ON sessions (expire_hour);

-- Retired keys. Requests that were in flight during a rotation are led to the successor. Unlogged:
-- a row is needed for two minutes, and a crash ends those requests as well.
CREATE UNLOGGED TABLE session_tombstones (
    key_hash  bytea PRIMARY KEY CHECK (octet_length(key_hash) = 32),
    successor bytea NOT NULL CHECK (octet_length(successor) = 32),
    until     timestamptz NOT NULL
);
CREATE INDEX session_tombstones_until ON session_tombstones (until);

-- The epoch of cached sessions in Redis: copies of another epoch are stale. A process that cannot
-- invalidate a copy starts a new epoch.
CREATE TABLE session_cache (
    -- Restricts the table to one row.
    present boolean PRIMARY KEY DEFAULT true CHECK (present),
    epoch   text NOT NULL
);
INSERT INTO session_cache (epoch) VALUES ('');
