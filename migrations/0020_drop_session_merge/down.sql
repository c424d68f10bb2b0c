-- One request's changes applied to what is stored now, so that two requests at once both count:
-- keys removed, keys set, and whole numbers added (a missing or other value counts as 0).
CREATE FUNCTION session_merge(data jsonb, removed text[], changed jsonb, added jsonb)
RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (data - removed) || changed || COALESCE((
        SELECT jsonb_object_agg(d.key, d.value::numeric + CASE
            WHEN jsonb_typeof(data -> d.key) = 'number' THEN trunc((data ->> d.key)::numeric)
            ELSE 0 END)
        FROM jsonb_each_text(added) AS d), '{}')
$$;
