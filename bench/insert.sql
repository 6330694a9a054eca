\set account random(1, 100000 * :scale)
\set delta random(-5000, 5000)
INSERT INTO entry (account, delta, made) VALUES (:account, :delta, now());
