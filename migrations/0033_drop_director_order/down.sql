CREATE INDEX directors_sort_name ON directors (sort_name, id);
