-- A transaction has one DDL statement, and no change of data beside it,
-- whichever comes first; reading is free.  That holds for a block as for a
-- query string of several statements.  A statement that fails leaves nothing
-- behind.
CREATE TABLE t (id integer PRIMARY KEY, v text);
CREATE FUNCTION add_row(integer) RETURNS void LANGUAGE sql
	AS 'INSERT INTO t VALUES ($1)';

-- Two DDL statements
BEGIN;
CREATE TABLE t2 (a integer);
CREATE TABLE t3 (a integer);
\echo :LAST_ERROR_SQLSTATE
SELECT 1;
\echo :LAST_ERROR_SQLSTATE
COMMIT;
SELECT to_regclass('t2') IS NULL AS rolled_back;
CREATE TABLE t2 (a integer)\; CREATE TABLE t3 (a integer);
\echo :LAST_ERROR_SQLSTATE
SELECT to_regclass('t2') IS NULL AS rolled_back;
SELECT 1 AS one\; CREATE TABLE t2 (a integer)\; SELECT 2 AS two\; CREATE TABLE t3 (a integer);
\echo :LAST_ERROR_SQLSTATE

-- A string joins the block that it is in, or begins one.
BEGIN\; CREATE TABLE t2 (a integer);
ALTER TABLE t ADD COLUMN w text;
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
CREATE TABLE t2 (a integer)\; COMMIT\; DROP TABLE t2\; SELECT 3 AS three;

-- What is DDL
BEGIN;
CREATE ROLE regress_transaction;
COMMENT ON TABLE t IS 'a table';
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
CREATE ROLE regress_transaction;
BEGIN;
GRANT SELECT ON t TO regress_transaction;
GRANT SELECT ON t TO regress_transaction;
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
BEGIN;
REVOKE SELECT ON t FROM regress_transaction;
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO regress_transaction;
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
BEGIN;
CREATE VIEW v AS SELECT * FROM t;
CREATE SEQUENCE s CACHE 1;
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
BEGIN;
CREATE SCHEMA regress_transaction_schema;
DROP SCHEMA regress_transaction_schema;
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
BEGIN;
CREATE TABLE IF NOT EXISTS t (id integer);
DROP TABLE IF EXISTS nothing;
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
DROP ROLE regress_transaction;

-- One statement that PostgreSQL makes several commands of
BEGIN;
CREATE SCHEMA regress_transaction_schema
	CREATE TABLE a (id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (CACHE 1))
	CREATE TABLE b (id bigint REFERENCES a, v text UNIQUE)
	CREATE VIEW c AS SELECT * FROM a;
COMMIT;
DROP SCHEMA regress_transaction_schema CASCADE;

-- DDL, then a change of data
BEGIN;
CREATE TABLE t2 (a integer);
SELECT count(*) FROM t2;
EXPLAIN (COSTS OFF) INSERT INTO t2 VALUES (1);
INSERT INTO t2 VALUES (1);
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
CREATE TABLE t2 (a integer)\; INSERT INTO t2 VALUES (1);
\echo :LAST_ERROR_SQLSTATE
SELECT to_regclass('t2') IS NULL AS rolled_back;
BEGIN;
CREATE TABLE t2 (a integer);
UPDATE t SET v = '' WHERE false;
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
BEGIN;
CREATE TABLE t2 (a integer);
DELETE FROM t;
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
BEGIN;
CREATE TABLE t2 (a integer);
WITH i AS (INSERT INTO t VALUES (1) RETURNING id) SELECT * FROM i;
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
BEGIN;
CREATE TABLE t2 (a integer);
SELECT add_row(1);
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
BEGIN;
CREATE TABLE t2 (a integer);
EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) INSERT INTO t VALUES (1);
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
BEGIN;
CREATE TABLE t2 (a integer);
\copy t FROM '/dev/null'
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;

-- A change of data, then DDL
BEGIN;
INSERT INTO t VALUES (1, 'one');
CREATE TABLE t2 (a integer);
\echo :LAST_ERROR_SQLSTATE
COMMIT;
SELECT count(*) FROM t;
INSERT INTO t VALUES (1, 'one')\; CREATE TABLE t2 (a integer);
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM t;
BEGIN;
COPY t FROM STDIN;
1	one
\.
COMMENT ON TABLE t IS 'a table';
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
BEGIN;
SELECT add_row(1);
DROP TABLE t;
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;

-- Reading, settings and sequences are neither.
CREATE SEQUENCE s CACHE 1;
BEGIN;
SELECT count(*) FROM t;
SELECT nextval('s');
SET LOCAL search_path = public;
SELECT id FROM t FOR UPDATE;
COPY t TO STDOUT;
CREATE TABLE t2 (a integer);
SELECT count(*) FROM t2;
SELECT nextval('s');
SHOW search_path;
COMMIT;
DROP TABLE t2;

-- A transaction that failed leaves nothing behind.
BEGIN;
CREATE TABLE t2 (a integer);
ROLLBACK;
INSERT INTO t VALUES (1, 'one');
CREATE TABLE t2 (a integer);
INSERT INTO t VALUES (1, 'one');
CREATE TABLE t2 (a integer);
DROP TABLE t2;

-- Report mode says it and goes on.
SELECT dsql.reset_findings();
SET dsql_emu.mode = report;
BEGIN;
CREATE TABLE t2 (a integer);
CREATE TABLE t3 (a integer);
INSERT INTO t2 VALUES (1);
COMMIT;
SELECT rule, message FROM dsql.findings WHERE rule LIKE 'transaction%'
ORDER BY rule;
SELECT a FROM t2;

-- Mode off is PostgreSQL.
SET dsql_emu.mode = off;
BEGIN;
DROP TABLE t2;
DROP TABLE t3;
INSERT INTO t VALUES (2, 'two');
COMMIT;
TRUNCATE t;
SELECT dsql.reset_findings() IS NOT NULL AS reset;
DROP SEQUENCE s;
DROP FUNCTION add_row;
SET dsql_emu.mode = enforce;

\set VERBOSITY terse

-- The age of a transaction: the next statement fails, and COMMIT.  300 seconds
-- are allowed.  A call that moves the clock, alone in its transaction, does not
-- make that transaction old.
BEGIN;
SELECT dsql.advance_clock('298 s') IS NOT NULL AS advanced;
SELECT 1;
COMMIT;
BEGIN;
SELECT dsql.advance_clock('301 s') IS NOT NULL AS advanced;
SELECT 1;
\echo :LAST_ERROR_SQLSTATE
SELECT 1;
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
SELECT 1;
BEGIN;
SELECT dsql.advance_clock('302 s') IS NOT NULL AS advanced;
SHOW search_path;
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;

-- COMMIT fails, and the transaction is over.
BEGIN;
INSERT INTO t VALUES (1, 'one');
SELECT dsql.advance_clock('400 s') IS NOT NULL AS advanced;
COMMIT;
\echo :LAST_ERROR_SQLSTATE
COMMIT;
SELECT count(*) FROM t;
BEGIN;
SELECT dsql.advance_clock('400 s') IS NOT NULL AS advanced;
ROLLBACK;
SELECT dsql.advance_clock('400 s') IS NOT NULL AS advanced;
SELECT 1\; SELECT dsql.advance_clock('400 s') IS NOT NULL AS advanced\; SELECT 2;
\echo :LAST_ERROR_SQLSTATE
SELECT 1;

-- A lower limit bites earlier, and 0 and -1 switch it off.
SET dsql_emu.max_transaction_age = '10 s';
BEGIN;
SELECT dsql.advance_clock('1 s') IS NOT NULL AS advanced;
SELECT 1;
SELECT dsql.advance_clock('11 s') IS NOT NULL AS advanced;
SELECT 1;
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
SET dsql_emu.max_transaction_age = 0;
BEGIN;
SELECT dsql.advance_clock('400 s') IS NOT NULL AS advanced;
COMMIT;
SET dsql_emu.max_transaction_age = -1;
BEGIN;
SELECT dsql.advance_clock('400 s') IS NOT NULL AS advanced;
COMMIT;
RESET dsql_emu.max_transaction_age;

-- Report mode: one finding, and the transaction commits.
SET dsql_emu.mode = report;
BEGIN;
INSERT INTO t VALUES (1, 'one');
SELECT dsql.advance_clock('400 s') IS NOT NULL AS advanced;
COMMIT;
SELECT count(*) FROM t;
SET dsql_emu.mode = enforce;

SELECT dsql.reset_clock() IS NOT NULL AS reset;
DROP TABLE t;
