-- A row that is found by its key.
\set id random(1, 1000)
SELECT value FROM counter WHERE id = :id;
