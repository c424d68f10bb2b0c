DROP INDEX movies_words;
DROP FUNCTION movie_words;
