DROP FUNCTION session_merge(jsonb, text[], jsonb, jsonb);
DROP TABLE sessions;
