-- A row that is found by its key and changed.
\set id random(1, 1000)
UPDATE counter SET value = value + 1 WHERE id = :id;
