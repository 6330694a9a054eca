-- Four reads and two updates in a transaction.
\set a random(1, 100000 * :scale)
\set b random(1, 100000 * :scale)
\set c random(1, 100000 * :scale)
\set d random(1, 100000 * :scale)
\set delta random(-5000, 5000)
BEGIN;
SELECT balance FROM account WHERE id = :a;
SELECT balance FROM account WHERE id = :b;
SELECT balance FROM account WHERE id = :c;
SELECT balance FROM account WHERE id = :d;
UPDATE account SET balance = balance + :delta WHERE id = :a;
UPDATE account SET balance = balance - :delta WHERE id = :b;
COMMIT;
