-- The statement that changes sessions says itself what it does: a function that Postgres cannot
-- inline costs more than all the rest of it.
DROP FUNCTION session_merge(jsonb, text[], jsonb, jsonb);
