-- Names are searched in memory. The extension stays: it may be somebody else's in this database.
ALTER TABLE movies DROP COLUMN search_text;
ALTER TABLE directors DROP COLUMN search_text;
