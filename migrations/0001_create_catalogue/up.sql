-- Trigrams make "contains these letters" an index look-up.
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- Where a text comes from and what its licence allows.
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
    -- Folded, without the initial article: the order of every list.
    sort_title         text COLLATE "C" NOT NULL,
    -- Folded title, original title, directors and year: what a search looks through.
    search_text        text NOT NULL,
    year               smallint CHECK (year BETWEEN 1870 AND 2199),
    -- Only when the day is known, not just the year.
    released_on        date,
    -- Minutes.
    runtime            smallint CHECK (runtime BETWEEN 1 AND 6000),
    countries          text[] NOT NULL DEFAULT '{}',
    -- ISO 639 codes.
    languages          text[] NOT NULL DEFAULT '{}',
    actors             text[] NOT NULL DEFAULT '{}',
    synopsis           text CHECK (synopsis <> ''),
    synopsis_source_id integer REFERENCES sources,
    -- The page the text was taken from.
    synopsis_url       text,
    CHECK ((synopsis IS NULL) = (synopsis_source_id IS NULL))
);

-- Every list has a total order: ties end at the unique id.
CREATE INDEX movies_newest ON movies (year DESC NULLS LAST, sort_title, id);
CREATE INDEX movies_oldest ON movies (year ASC NULLS LAST, sort_title, id);
CREATE INDEX movies_title ON movies (sort_title, id);
CREATE INDEX movies_longest ON movies (runtime DESC NULLS LAST, sort_title, id);
CREATE INDEX movies_shortest ON movies (runtime ASC NULLS LAST, sort_title, id);
CREATE INDEX movies_search ON movies USING gin (search_text gin_trgm_ops);
-- An import finds a film without identifiers by these.
CREATE INDEX movies_natural_key ON movies (title, year);

-- The film in other catalogues. Two films may share one (a re-edit often does).
CREATE TABLE movie_identifiers (
    movie_id integer NOT NULL REFERENCES movies ON DELETE CASCADE,
    scheme   text NOT NULL CHECK (scheme <> ''),
    value    text NOT NULL CHECK (value <> ''),
    PRIMARY KEY (movie_id, scheme)
);
CREATE INDEX movie_identifiers_value ON movie_identifiers (value, scheme);

CREATE TABLE directors (
    -- Apart from the films' numbers, so that a mixed-up id never matches by chance.
    id                  integer GENERATED ALWAYS AS IDENTITY (START WITH 1000001) PRIMARY KEY,
    slug                text NOT NULL UNIQUE CHECK (slug <> ''),
    name                text NOT NULL CHECK (name <> ''),
    -- Folded, family name first.
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
    -- The main genre is 0.
    position smallint NOT NULL CHECK (position >= 0),
    PRIMARY KEY (movie_id, position),
    UNIQUE (tag_id, movie_id)
);
