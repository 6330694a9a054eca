-- A row with a text of 10 kB, which is compressed.
\set a random(1, 100000)
INSERT INTO long VALUES (gen_random_uuid(), repeat(md5(:a::text), 312));
