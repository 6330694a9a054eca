-- A hundred such rows in one statement.
INSERT INTO many
SELECT gen_random_uuid(), g, 'a row of average length', now()
FROM generate_series(1, 100) g;
