-- Directors are put in order in memory; to keep this order costs much of what it takes to add one, and
-- to read all of them by it takes longer than to sort them.
DROP INDEX directors_sort_name;
