-- A transaction can change 3,000 rows, whichever statements change or lock
-- them.  The last one passes, one more fails; a lower setting moves the point.
\set VERBOSITY terse
CREATE TABLE t (id integer PRIMARY KEY, n integer, v text);
CREATE TABLE k (v text);

-- Rows: an autocommitted statement
INSERT INTO k SELECT 'v' FROM generate_series(1, 3000);
INSERT INTO k SELECT 'v' FROM generate_series(1, 3001);
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM k;

-- A block, in which the statement that crosses fails
BEGIN;
INSERT INTO t SELECT g, 0 FROM generate_series(1, 2999) g;
INSERT INTO t VALUES (3000, 0);
SELECT count(*) FROM t;
COMMIT;
BEGIN;
UPDATE t SET n = 1 WHERE id <= 1000;
UPDATE t SET n = 1 WHERE id > 1000 AND id <= 2000;
DELETE FROM t WHERE id > 2000 AND id < 3000;
INSERT INTO t VALUES (3001, 0);
SELECT count(*) FROM t;
INSERT INTO t VALUES (3002, 0);
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM t;
\echo :LAST_ERROR_SQLSTATE
COMMIT;
SELECT count(*), sum(n) FROM t;
UPDATE t SET n = 2;
DELETE FROM t;
DELETE FROM k;
INSERT INTO t SELECT g, 0 FROM generate_series(1, 3000) g;
UPDATE t SET n = 3 WHERE id <= 10\; INSERT INTO k SELECT 'v' FROM generate_series(1, 2991);
\echo :LAST_ERROR_SQLSTATE
SELECT sum(n) FROM t;

-- From here on 10 rows are enough.
SET dsql_emu.max_transaction_rows = 10;
INSERT INTO k SELECT 'v' FROM generate_series(1, 10);
INSERT INTO k SELECT 'v' FROM generate_series(1, 11);
UPDATE t SET n = 0 WHERE id <= 10;
UPDATE t SET n = 0 WHERE id <= 11;
DELETE FROM t WHERE id <= 10;
DELETE FROM t WHERE id <= 21;

-- A row that is changed again is one row.
BEGIN;
UPDATE t SET n = 1 WHERE id BETWEEN 101 AND 110;
UPDATE t SET n = n + 1 WHERE id BETWEEN 101 AND 110;
UPDATE t SET id = -id WHERE id BETWEEN 101 AND 105;
UPDATE t SET n = n + 1 WHERE id < 0;
DELETE FROM t WHERE n = 2 AND id > 0;
SELECT id, n FROM t WHERE n > 0 ORDER BY id;
INSERT INTO t VALUES (-1);
ROLLBACK;
BEGIN;
INSERT INTO t SELECT -g, 0 FROM generate_series(1, 10) g;
UPDATE t SET n = 1 WHERE id < 0;
DELETE FROM t WHERE id = -1;
INSERT INTO t VALUES (-1, 0);
ROLLBACK;

-- COPY
COPY k FROM STDIN;
1
2
3
4
5
6
7
8
9
10
\.
COPY k FROM STDIN;
1
2
3
4
5
6
7
8
9
10
11
\.
\echo :LAST_ERROR_SQLSTATE

-- ON CONFLICT: rows that were inserted or updated, and not those passed over
INSERT INTO t SELECT g, 0 FROM generate_series(95, 105) g ON CONFLICT DO NOTHING;
INSERT INTO t SELECT g, 0 FROM generate_series(2996, 3010) g ON CONFLICT DO NOTHING;
INSERT INTO t SELECT g, 0 FROM generate_series(3006, 3021) g ON CONFLICT DO NOTHING;
\echo :LAST_ERROR_SQLSTATE
INSERT INTO t SELECT g, 5 FROM generate_series(3006, 3015) g ON CONFLICT (id) DO UPDATE SET n = excluded.n;
INSERT INTO t SELECT g, 5 FROM generate_series(3005, 3015) g ON CONFLICT (id) DO UPDATE SET n = excluded.n;
\echo :LAST_ERROR_SQLSTATE
SELECT n, count(*) FROM t WHERE id >= 3000 GROUP BY n ORDER BY n;

-- Writable CTEs count together, and SQL functions with what calls them.
WITH i AS (INSERT INTO k SELECT 'w' FROM generate_series(1, 5) RETURNING v),
	 u AS (UPDATE t SET n = 7 WHERE id BETWEEN 201 AND 203 RETURNING id)
DELETE FROM t WHERE id BETWEEN 301 AND 302;
WITH i AS (INSERT INTO k SELECT 'w' FROM generate_series(1, 5) RETURNING v),
	 u AS (UPDATE t SET n = 7 WHERE id BETWEEN 201 AND 203 RETURNING id)
DELETE FROM t WHERE id BETWEEN 303 AND 305;
\echo :LAST_ERROR_SQLSTATE
CREATE FUNCTION add_rows(integer) RETURNS void LANGUAGE sql
	AS $$ INSERT INTO k SELECT 'f' FROM generate_series(1, $1) $$;
SELECT add_rows(5), add_rows(5);
SELECT add_rows(5), add_rows(6);
\echo :LAST_ERROR_SQLSTATE
DROP FUNCTION add_rows;

-- Rows that are only locked do not count, those that foreign keys change do.
SELECT count(*) FROM (SELECT id FROM t WHERE id BETWEEN 401 AND 410 FOR UPDATE) s;
SELECT count(*) FROM (SELECT id FROM t WHERE id BETWEEN 401 AND 411 FOR UPDATE) s;
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM (SELECT id FROM t WHERE id BETWEEN 401 AND 410 FOR KEY SHARE) s;
SELECT count(*) FROM (SELECT id FROM t WHERE id BETWEEN 401 AND 411 FOR KEY SHARE) s;
\echo :LAST_ERROR_SQLSTATE
BEGIN;
SELECT count(*) FROM (SELECT id FROM t WHERE id BETWEEN 401 AND 410 FOR KEY SHARE) s;
SELECT count(*) FROM (SELECT id FROM t WHERE id BETWEEN 401 AND 410 FOR UPDATE) s;
UPDATE t SET n = 8 WHERE id BETWEEN 401 AND 410;
SELECT count(*) FROM (SELECT id FROM t WHERE id BETWEEN 401 AND 410 FOR UPDATE) s;
SELECT id FROM t WHERE id = 411 FOR UPDATE;
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
CREATE TABLE parent (id integer PRIMARY KEY, n integer);
CREATE TABLE child (id integer PRIMARY KEY, p integer REFERENCES parent ON DELETE CASCADE ON UPDATE CASCADE);
CREATE TABLE other (id integer PRIMARY KEY, p integer REFERENCES parent ON DELETE SET NULL);
INSERT INTO parent SELECT generate_series(1, 4);
INSERT INTO child SELECT 100 + g, 1 FROM generate_series(1, 9) g;
INSERT INTO child SELECT 200 + g, 2 FROM generate_series(1, 9) g;
INSERT INTO child VALUES (210, 2);
INSERT INTO other SELECT g, 3 FROM generate_series(1, 9) g;
INSERT INTO other VALUES (21, 4);
DELETE FROM parent WHERE id = 1;
DELETE FROM parent WHERE id = 2;
\echo :LAST_ERROR_SQLSTATE
UPDATE parent SET id = -2 WHERE id = 2;
\echo :LAST_ERROR_SQLSTATE
DELETE FROM parent WHERE id = 3;
DELETE FROM child WHERE id = 210;
UPDATE parent SET id = -2 WHERE id = 2;
DELETE FROM parent WHERE id IN (-2, 4);
\echo :LAST_ERROR_SQLSTATE
SELECT (SELECT count(*) FROM parent) AS parents, (SELECT count(*) FROM child) AS children,
	   (SELECT count(p) FROM other) AS others;
-- The row that a foreign key refers to is only locked.
INSERT INTO child SELECT 300 + g, 4 FROM generate_series(1, 10) g;
INSERT INTO child SELECT 400 + g, 4 FROM generate_series(1, 11) g;
\echo :LAST_ERROR_SQLSTATE

-- What failed or was rolled back has left no count.
BEGIN;
INSERT INTO k SELECT 'v' FROM generate_series(1, 10);
ROLLBACK;
INSERT INTO k SELECT 'v' FROM generate_series(1, 10);
INSERT INTO child SELECT 500 + g, CASE WHEN g = 9 THEN 77 ELSE 4 END FROM generate_series(1, 9) g;
\echo :LAST_ERROR_SQLSTATE
INSERT INTO k SELECT 'v' FROM generate_series(1, 10);

-- A table that was made before the extension, or with its mode off, is as
-- PostgreSQL has it.
SET dsql_emu.mode = off;
CREATE TABLE heap_table (a integer) USING heap;
INSERT INTO k SELECT 'v' FROM generate_series(1, 11);
SET dsql_emu.mode = enforce;
INSERT INTO heap_table SELECT generate_series(1, 11);

-- Off, and report mode
SET dsql_emu.max_transaction_rows = 0;
INSERT INTO k SELECT 'v' FROM generate_series(1, 3001);
SET dsql_emu.max_transaction_rows = -1;
DELETE FROM k;
SET dsql_emu.max_transaction_rows = 10;
SELECT dsql.reset_findings();
SET dsql_emu.mode = report;
INSERT INTO k SELECT 'v' FROM generate_series(1, 20);
SELECT count(*) FROM k;
SELECT rule, count FROM dsql.findings;
SELECT dsql.reset_findings();
-- A table made now is a heap: its rows count as the statements report them.
CREATE TABLE reported (id integer PRIMARY KEY);
CREATE TABLE reported_child (id integer REFERENCES reported ON DELETE CASCADE);
INSERT INTO reported SELECT generate_series(1, 10);
INSERT INTO reported SELECT generate_series(11, 21);
INSERT INTO reported SELECT generate_series(15, 31) ON CONFLICT DO NOTHING;
BEGIN;
INSERT INTO reported_child SELECT 1 FROM generate_series(1, 5);
UPDATE reported_child SET id = 2;
COMMIT;
BEGIN;
DELETE FROM reported WHERE id = 2;
DELETE FROM reported WHERE id BETWEEN 3 AND 6;
DELETE FROM reported WHERE id = 7;
COMMIT;
COPY reported_child FROM STDIN;
1
1
1
1
1
1
1
1
1
1
\.
COPY reported_child FROM STDIN;
1
1
1
1
1
1
1
1
1
1
1
\.
SELECT rule, count, statement FROM dsql.findings WHERE rule LIKE 'limit%' ORDER BY statement;
SELECT dsql.reset_findings();
DROP TABLE reported, reported_child;
SET dsql_emu.mode = enforce;
RESET dsql_emu.max_transaction_rows;

DROP TABLE child;
DROP TABLE other;
DROP TABLE parent;
DROP TABLE heap_table;
DROP TABLE k;
DROP TABLE t;
