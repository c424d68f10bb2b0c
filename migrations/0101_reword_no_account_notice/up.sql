-- Leaves a text that the operator has changed.
UPDATE notices
SET text = 'No account needed. See and delete everything we store about you under [Your data](/you) at the bottom of each page.'
WHERE slug = 'no-account' AND text LIKE 'You need no account here. %';
