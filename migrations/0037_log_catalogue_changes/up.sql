-- What each version of the catalogue changed, so that a copy of a version is brought up to date by
-- what changed since. The latest thousand versions are kept: whoever has an older one reads all anew.
CREATE TABLE catalogue_log (
    version    bigint PRIMARY KEY,
    -- Too much to be noted one by one: an import.
    everything boolean NOT NULL,
    -- Ids of the films whose rows, tags or directors changed; and of those whose own rows did.
    movies     integer[] NOT NULL,
    directors  integer[] NOT NULL,
    tags       integer[] NOT NULL
);

-- In the order in which an import writes to them: it holds none that this waits for in vain.
LOCK TABLE directors, tags, movies, movie_directors, movie_tags IN SHARE ROW EXCLUSIVE MODE;

-- What the transaction has changed so far.
ALTER TABLE catalogue_changes
    ADD COLUMN everything boolean NOT NULL DEFAULT false,
    ADD COLUMN movies     integer[] NOT NULL DEFAULT '{}',
    ADD COLUMN directors  integer[] NOT NULL DEFAULT '{}',
    ADD COLUMN tags       integer[] NOT NULL DEFAULT '{}';

-- Run by each statement that changes the catalogue.
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

-- Run, after that, by each statement that changes what copies of the catalogue hold: notes the ids of
-- the rows `touched`, a thousand at most in one transaction.
CREATE FUNCTION catalogue_touched() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    most    CONSTANT integer := 1000;
    noted   catalogue_changes;
    ids     integer[];
    known   integer[];
BEGIN
    SELECT * INTO noted FROM catalogue_changes
    WHERE transaction = pg_current_xact_id()::text::bigint;
    -- Where constraints are immediate, the version was raised already.
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

-- Run once, at the commit: the row of the version is locked for that moment only, so that a long
-- import holds up nobody. Who sees a version sees what the log says of it.
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
