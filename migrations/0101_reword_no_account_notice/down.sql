-- The text is data: a downgrade keeps it.
SELECT 1;
