DROP TABLE movie_tags, tags, movie_directors, directors, movie_identifiers, movies, sources;
DROP EXTENSION pg_trgm;
