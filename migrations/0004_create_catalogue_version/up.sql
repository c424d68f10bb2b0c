-- Counts the transactions that changed the catalogue: whoever keeps a copy of it (each process does,
-- in memory) compares this number to know whether the copy is the present one.
CREATE TABLE catalogue_version (
    present boolean PRIMARY KEY DEFAULT true CHECK (present),
    version bigint NOT NULL
);
INSERT INTO catalogue_version (version) VALUES (1);

-- One row while a transaction that changed the catalogue is under way; nobody else ever sees it.
CREATE UNLOGGED TABLE catalogue_changes (
    transaction bigint PRIMARY KEY
);

-- Run by each statement that changes the catalogue.
CREATE FUNCTION catalogue_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO catalogue_changes VALUES (pg_current_xact_id()::text::bigint)
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;

-- Run once, at the commit: the row of the version is locked for that moment only, so that a long
-- import holds up nobody.
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
