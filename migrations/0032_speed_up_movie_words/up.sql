-- The same words as before; most texts are ASCII, and of them hardly anything is to be put right.
CREATE OR REPLACE FUNCTION movie_words(synopsis text, actors text[]) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 1000 AS $$
DECLARE
    words text := concat_ws(' ', synopsis, array_to_string(actors, ' '));
BEGIN
    IF octet_length(words) = length(words) THEN
        RETURN to_tsvector('english', translate(lower(words), '''`', ''));
    END IF;
    words := lower(normalize(words, NFKD));
    words := regexp_replace(words, '([a-z\u0370-\u03ff])[\u0300-\u036f]+', '\1', 'g');
    words := translate(words, 'øđðłı''’‘ʼ`´', 'oddli');
    words := replace(replace(replace(words, 'œ', 'oe'), 'æ', 'ae'), 'ß', 'ss');
    RETURN to_tsvector('english', normalize(words, NFC));
END $$;
