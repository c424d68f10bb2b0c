-- The history of the catalogue, the trash, redirects, and the versions that edits are checked against.

-- One row for each record that one change concerns, written in the transaction of the change.
CREATE TABLE changes (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at          timestamptz NOT NULL DEFAULT now(),
    -- Null for commands, imports and the program itself.
    operator_id integer,
    -- The operator's name at that time, or "command line (USER)".
    actor       text NOT NULL CHECK (actor <> ''),
    action      text NOT NULL CHECK (action <> ''),
    -- `films`, `directors`, `tags` or `notices`.
    kind        text NOT NULL,
    subject_id  integer NOT NULL,
    -- The title or name of the record at that time.
    subject     text NOT NULL,
    -- The version of the record after the change.
    version     integer NOT NULL,
    -- Old and new value of each changed field: {"year": [1984, 1985]}.
    diff        jsonb NOT NULL CHECK (jsonb_typeof(diff) = 'object'),
    note        text CHECK (note <> ''),
    -- Random, and common to the changes of one operation on several records.
    batch       bigint,
    -- The change that this one undoes.
    reverts     bigint REFERENCES changes,
    request_id  text
);
CREATE INDEX changes_subject ON changes (kind, subject_id, id);
CREATE INDEX changes_operator ON changes (operator_id, id);
CREATE INDEX changes_batch ON changes (batch) WHERE batch IS NOT NULL;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON changes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Removed records. Restoring inserts the rows in `record` again under their old ids.
CREATE TABLE trash (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind       text NOT NULL,
    subject_id integer NOT NULL,
    title      text NOT NULL,
    slug       text NOT NULL,
    -- The rows by table. Null once the record has been purged.
    record     jsonb,
    -- How imports recognise the record, kept after the purge.
    identity   jsonb NOT NULL,
    reason     text NOT NULL CHECK (reason IN ('removed', 'replaced', 'merged')),
    change_id  bigint NOT NULL REFERENCES changes,
    trashed_at timestamptz NOT NULL DEFAULT now(),
    purge_at   timestamptz NOT NULL DEFAULT now() + interval '30 days',
    UNIQUE (kind, subject_id)
);
CREATE INDEX trash_slug ON trash (kind, slug);
CREATE INDEX trash_purge_at ON trash (purge_at) WHERE record IS NOT NULL;

-- Former slugs, which redirect to the record.
CREATE TABLE old_slugs (
    kind       text NOT NULL,
    slug       text NOT NULL,
    subject_id integer NOT NULL,
    PRIMARY KEY (kind, slug)
);
CREATE INDEX old_slugs_subject ON old_slugs (kind, subject_id);

-- Records that were merged into others.
CREATE TABLE merged (
    kind    text NOT NULL,
    from_id integer NOT NULL,
    into_id integer NOT NULL,
    PRIMARY KEY (kind, from_id)
);

-- Bulk actions.
CREATE TABLE jobs (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind         text NOT NULL,
    state        text NOT NULL,
    operator_id  integer,
    options      jsonb NOT NULL DEFAULT '{}',
    done         integer NOT NULL DEFAULT 0,
    total        integer NOT NULL DEFAULT 0,
    result       jsonb NOT NULL DEFAULT '{}',
    heartbeat_at timestamptz NOT NULL DEFAULT now(),
    created_at   timestamptz NOT NULL DEFAULT now()
);

ALTER TABLE movies
    ADD COLUMN version integer NOT NULL DEFAULT 1,
    -- Fields that imports leave alone.
    ADD COLUMN held text[] NOT NULL DEFAULT '{}';
ALTER TABLE people
    ADD COLUMN version integer NOT NULL DEFAULT 1,
    ADD COLUMN held text[] NOT NULL DEFAULT '{}';
ALTER TABLE tags ADD COLUMN version integer NOT NULL DEFAULT 1;
ALTER TABLE notices
    -- Beside the ids of movies, people and tags.
    ADD COLUMN id integer GENERATED ALWAYS AS IDENTITY (START WITH 3000001) UNIQUE,
    ADD COLUMN version integer NOT NULL DEFAULT 1,
    ADD COLUMN starts_on date,
    ADD COLUMN ends_on date;

-- Links of the operator's own, as to a shelf mark or to tickets.
CREATE TABLE movie_links (
    movie_id integer PRIMARY KEY REFERENCES movies ON DELETE CASCADE,
    text     text CHECK (text <> ''),
    url      text CHECK (url <> '')
);

-- Redirects and merged records are part of the catalogue version, as pages depend on them.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY '{trash,old_slugs,merged,movie_links}'::text[] LOOP
        EXECUTE format('
            CREATE TRIGGER changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON %1$I
                FOR EACH STATEMENT EXECUTE FUNCTION catalogue_changed()', name);
    END LOOP;
END $$;
