-- With dsql_emu.mode off, DDL in the middle of a transaction lets the heap have
-- the transaction's changes.  A rollback to a savepoint before takes them back
-- from there, not from the transaction; and a cursor from before goes on to see
-- what it saw.
SET dsql_emu.mode = off;
CREATE TABLE settled (id int PRIMARY KEY, a int, x int) USING btree_table;
CREATE INDEX ON settled (x);
INSERT INTO settled SELECT i, 0, 0 FROM generate_series(1, 5) i;

BEGIN ISOLATION LEVEL REPEATABLE READ;
UPDATE settled SET a = 1 WHERE id = 1;
DELETE FROM settled WHERE id = 2;
UPDATE settled SET x = 1 WHERE id = 3;
SELECT id FROM settled WHERE id = 5 FOR UPDATE;
SAVEPOINT s;
UPDATE settled SET a = 2 WHERE id IN (1, 4);
CREATE TABLE settled_other ();
UPDATE settled SET a = 3;
ROLLBACK TO s;
SELECT * FROM settled ORDER BY id;
UPDATE settled SET a = a + 10 WHERE id < 4;
SAVEPOINT t;
CREATE TABLE settled_other ();
RELEASE t;
SELECT * FROM settled ORDER BY id;
ROLLBACK TO s;
SELECT * FROM settled ORDER BY id;
COMMIT;
SELECT * FROM settled ORDER BY id;

BEGIN ISOLATION LEVEL REPEATABLE READ;
UPDATE settled SET a = 20 WHERE id = 1;
DELETE FROM settled WHERE id = 3;
DECLARE c CURSOR FOR SELECT * FROM settled WHERE id < 5 ORDER BY id;
CREATE TABLE settled_other ();
UPDATE settled SET a = 21 WHERE id = 1;
FETCH ALL FROM c;
SELECT * FROM settled ORDER BY id;
ROLLBACK;

-- A cursor's row is changed in its newest version, where that is by now.
BEGIN ISOLATION LEVEL REPEATABLE READ;
UPDATE settled SET a = 30 WHERE id = 1;
DECLARE c CURSOR FOR SELECT * FROM settled WHERE id = 1;
FETCH FROM c;
CREATE TABLE settled_other ();
UPDATE settled SET a = a + 1 WHERE CURRENT OF c;
SELECT * FROM settled ORDER BY id;
UPDATE settled SET x = 1 WHERE CURRENT OF c;
DELETE FROM settled WHERE CURRENT OF c RETURNING *;
ROLLBACK;
SELECT * FROM settled ORDER BY id;
DROP TABLE settled;
