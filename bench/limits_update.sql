-- A row that is found by its key, without a new index entry.
\set id random(1, 3000)
UPDATE one SET b = b, c = now() WHERE id = :id;
