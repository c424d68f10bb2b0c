-- What the operator tells every visitor, until the visitor puts it away. A notice whose text or level
-- changes comes back.
CREATE TABLE notices (
    -- Names it in addresses, and in the sessions of those who put it away.
    slug   text PRIMARY KEY CHECK (slug ~ '^[a-z0-9-]{1,60}$'),
    level  text NOT NULL DEFAULT 'info' CHECK (level IN ('info', 'warning')),
    text   text NOT NULL CHECK (length(text) BETWEEN 1 AND 1000),
    active boolean NOT NULL DEFAULT true
);

-- Each process keeps the notices in memory, as it does the catalogue.
CREATE TRIGGER changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON notices
    FOR EACH STATEMENT EXECUTE FUNCTION catalogue_changed();

INSERT INTO notices (slug, text) VALUES ('no-account',
    'You need no account here. What this site remembers of your visit stands under “What is remembered of you” at the foot of every page, and you can erase it there.');
