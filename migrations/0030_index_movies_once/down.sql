DROP INDEX movies_natural_key;
CREATE INDEX movies_natural_key ON movies (title, year);
CREATE INDEX movies_title ON movies (sort_title, id);
CREATE INDEX movies_newest ON movies (year DESC NULLS LAST, sort_title, id);
CREATE INDEX movies_oldest ON movies (year ASC NULLS LAST, sort_title, id);
CREATE INDEX movies_longest ON movies (runtime DESC NULLS LAST, sort_title, id);
CREATE INDEX movies_shortest ON movies (runtime ASC NULLS LAST, sort_title, id);
