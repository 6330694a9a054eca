\set id random(1, 100000 * :scale)
\set delta random(-5000, 5000)
UPDATE account SET balance = balance + :delta WHERE id = :id;
