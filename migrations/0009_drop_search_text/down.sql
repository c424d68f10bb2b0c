ALTER TABLE movies ADD search_text text NOT NULL DEFAULT '';
ALTER TABLE movies ALTER search_text DROP DEFAULT;
CREATE INDEX movies_search ON movies USING gin (search_text gin_trgm_ops);
ALTER TABLE directors ADD search_text text NOT NULL DEFAULT '';
ALTER TABLE directors ALTER search_text DROP DEFAULT;
CREATE INDEX directors_search ON directors USING gin (search_text gin_trgm_ops);
