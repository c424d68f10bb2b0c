DO $$
DECLARE
    changed text;
BEGIN
    FOREACH changed IN ARRAY '{directors,tags,movies,movie_directors,movie_tags}'::text[] LOOP
        EXECUTE format('
            DROP TRIGGER touched_by_insert ON %1$I;
            DROP TRIGGER touched_before_update ON %1$I;
            DROP TRIGGER touched_by_update ON %1$I;
            DROP TRIGGER touched_by_delete ON %1$I', changed);
    END LOOP;
END $$;
DROP FUNCTION catalogue_touched();

CREATE OR REPLACE FUNCTION catalogue_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO catalogue_changes VALUES (pg_current_xact_id()::text::bigint)
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION catalogue_committed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    next bigint;
BEGIN
    DELETE FROM catalogue_changes WHERE transaction = NEW.transaction;
    UPDATE catalogue_version SET version = version + 1 RETURNING version INTO next;
    PERFORM pg_notify('catalogue', next::text);
    RETURN NULL;
END $$;

ALTER TABLE catalogue_changes
    DROP COLUMN everything,
    DROP COLUMN movies,
    DROP COLUMN directors,
    DROP COLUMN tags;
DROP TABLE catalogue_log;
