-- A row with two index entries.
\set a random(1, 100000)
INSERT INTO many VALUES (gen_random_uuid(), :a, 'a row of average length', now());
