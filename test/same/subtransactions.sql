-- Subtransactions: what is rolled back was never there, at any depth.
CREATE TABLE acc (id int PRIMARY KEY, a int, x int);
CREATE UNIQUE INDEX ON acc (x);
CREATE TABLE child (id int PRIMARY KEY, acc int REFERENCES acc ON DELETE CASCADE ON UPDATE CASCADE);
CREATE FUNCTION attempt(command text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE command;
	RETURN 'done';
EXCEPTION WHEN others THEN
	RETURN SQLSTATE;
END $$;
INSERT INTO acc SELECT g, 0, g FROM generate_series(1, 8) g;
INSERT INTO child SELECT g, g FROM generate_series(1, 8) g;
:begin;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SAVEPOINT a;
UPDATE acc SET a = 1 WHERE id = 1;
UPDATE acc SET x = 101 WHERE id = 2;
SAVEPOINT b;
UPDATE acc SET a = 2 WHERE id IN (1, 2);
DELETE FROM acc WHERE id = 3;
INSERT INTO acc VALUES (3, 3, 3);
SELECT * FROM acc ORDER BY id;
ROLLBACK TO b;
SELECT * FROM acc ORDER BY id;
SELECT * FROM child ORDER BY id;
UPDATE acc SET a = a + 10 WHERE id IN (1, 2, 3) RETURNING *;
RELEASE b;
UPDATE acc SET id = 50 WHERE id = 5;
SELECT attempt('UPDATE acc SET x = 1'), attempt('UPDATE acc SET a = 1 / (a - 11)'), attempt('DELETE FROM acc WHERE id = 6');
SELECT attempt('UPDATE acc SET x = 1 WHERE id = 7'), attempt('UPDATE acc SET x = 700, a = 7 WHERE id = 7');
SELECT * FROM acc ORDER BY id;
ROLLBACK TO a;
SELECT * FROM acc ORDER BY id;
UPDATE acc SET x = 202 WHERE id = 2;
SAVEPOINT c;
UPDATE acc SET x = 303, a = 3 WHERE id = 2;
UPDATE acc SET x = 404 WHERE id = 2;
SAVEPOINT d;
DELETE FROM acc WHERE id = 2;
ROLLBACK TO d;
UPDATE acc SET a = a + 1 WHERE id = 2 RETURNING *;
ROLLBACK TO c;
UPDATE acc SET a = a + 1 WHERE id = 2 RETURNING *;
INSERT INTO acc VALUES (9, 9, 404), (10, 10, 303), (11, 11, 202);
INSERT INTO acc VALUES (9, 9, 404), (10, 10, 303);
ROLLBACK TO c;
INSERT INTO acc VALUES (9, 9, 404), (10, 10, 2);
UPDATE acc SET a = -1 WHERE id > 8;
COMMIT;
DO $$
BEGIN
	FOR i IN 1 .. 8 LOOP
		BEGIN
			UPDATE acc SET a = a + 100, x = CASE WHEN i % 2 = 0 THEN x + 1000 ELSE x END WHERE id = i;
			IF i % 3 = 0 THEN
				RAISE EXCEPTION 'no';
			END IF;
		EXCEPTION WHEN raise_exception THEN
			UPDATE acc SET a = a - 1 WHERE id = i;
		END;
	END LOOP;
END $$;
:commit;
SELECT * FROM acc ORDER BY id;
SELECT * FROM child ORDER BY id;
SET enable_seqscan = off;
SELECT x FROM acc WHERE x > 0 ORDER BY x;
