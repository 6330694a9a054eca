-- What is declared passes at the service's limit and fails one above it, and a
-- lower setting moves the point, up to where 0 and -1 switch a limit off.  What
-- failed has left nothing behind.
SET disable_sync_create_index = off;

SELECT name, setting, value = service_value AS by_default, unit, sqlstate,
	   checked, evidence
FROM dsql.limits ORDER BY name;
SELECT name, service_value, message FROM dsql.limits ORDER BY name;
SET dsql_emu.max_tables = 7;
SET dsql_emu.max_views = 0;
SET dsql_emu.max_sequences = -1;
SELECT name, value FROM dsql.limits WHERE value IS DISTINCT FROM service_value
ORDER BY name;
RESET dsql_emu.max_tables;
RESET dsql_emu.max_views;
RESET dsql_emu.max_sequences;

-- Length of char and varchar
CREATE TABLE t (a char(4096), b varchar(65535), c character varying, d bpchar(4096));
ALTER TABLE t ADD COLUMN e character(4097);
\echo :LAST_ERROR_SQLSTATE
ALTER TABLE t ADD COLUMN e varchar(65536);
\echo :LAST_ERROR_SQLSTATE
DROP TABLE t;
CREATE TABLE t (a char(4097));
\echo :LAST_ERROR_SQLSTATE
CREATE TABLE t (a bpchar(4097));
\echo :LAST_ERROR_SQLSTATE
CREATE TABLE t (a character varying(65536));
\echo :LAST_ERROR_SQLSTATE
CREATE DOMAIN d AS varchar(65536);
\echo :LAST_ERROR_SQLSTATE
CREATE SCHEMA regress_limits CREATE TABLE t (a char(5000));
\echo :LAST_ERROR_SQLSTATE
SET dsql_emu.max_char_length = 10;
SET dsql_emu.max_varchar_length = 20;
CREATE TABLE t (a char(10), b varchar(20));
DROP TABLE t;
CREATE TABLE t (a char(11));
CREATE TABLE t (a varchar(21));
SET dsql_emu.max_char_length = -1;
SET dsql_emu.max_varchar_length = 0;
CREATE TABLE t (a char(4097), b varchar(65536));
DROP TABLE t;
RESET dsql_emu.max_char_length;
RESET dsql_emu.max_varchar_length;

-- Precision of numeric, and identifiers
CREATE TABLE t (a numeric(1000, 1000), b numeric(1, -1000));
DROP TABLE t;
CREATE TABLE t (a numeric(1001, 0));
\echo :LAST_ERROR_SQLSTATE
CREATE TABLE t (a numeric(0, 0));
\echo :LAST_ERROR_SQLSTATE
SELECT repeat('n', 63) AS n63 \gset
CREATE TABLE :n63 (a integer);
SELECT 'CREATE TABLE ' || repeat('n', 64) || ' (a integer)' AS create_table \gset
:create_table;
\echo :LAST_ERROR_SQLSTATE
DROP TABLE :n63;

-- Columns of a key
CREATE TABLE t (a int, b int, c int, d int, e int, f int, g int, h int, i int,
	PRIMARY KEY (a, b, c, d, e, f, g, h), UNIQUE (a, b, c, d, e, f, g, i));
CREATE TABLE t2 (a int, b int, c int, d int, e int, f int, g int, h int, i int,
	PRIMARY KEY (a, b, c, d, e, f, g, h, i));
\echo :LAST_ERROR_SQLSTATE
CREATE TABLE t2 (a int, b int, c int, d int, e int, f int, g int, h int, i int,
	UNIQUE (a, b, c, d, e, f, g, h, i));
\echo :LAST_ERROR_SQLSTATE
CREATE INDEX ON t (i, b, c, d, e, f, g, h) INCLUDE (a);
CREATE INDEX ON t (a, b, c, d, e, f, g, h, i);
\echo :LAST_ERROR_SQLSTATE
SET dsql_emu.max_key_columns = 2;
CREATE INDEX ON t (a, b);
CREATE INDEX ON t (a, b, c);
CREATE TABLE t2 (a int, b int, c int, PRIMARY KEY (a, b, c));
SET dsql_emu.max_key_columns = 0;
CREATE INDEX ON t (a, b, c, d, e, f, g, h, i);
RESET dsql_emu.max_key_columns;
DROP TABLE t;

-- Declared size of a key: what is declared, that is of char and varchar
CREATE DOMAIN d AS varchar(1000);
CREATE TABLE t (a varchar(2000) PRIMARY KEY, b varchar(1000), c char(1000),
	d d, e text, f char(1), g integer);
CREATE INDEX ON t (b, c, e, g);
CREATE INDEX ON t (b, d) INCLUDE (a);
CREATE INDEX ON t (b, c, f);
\echo :LAST_ERROR_SQLSTATE
CREATE INDEX ON t (d, c, f);
\echo :LAST_ERROR_SQLSTATE
DROP TABLE t;
CREATE TABLE t (a varchar(2001) PRIMARY KEY);
\echo :LAST_ERROR_SQLSTATE
CREATE TABLE t (a varchar(1000), b varchar(1001), PRIMARY KEY (a, b));
\echo :LAST_ERROR_SQLSTATE
CREATE TABLE t (a varchar(2001) UNIQUE);
\echo :LAST_ERROR_SQLSTATE
SET dsql_emu.max_declared_key_size = 100;
CREATE TABLE t (a varchar(100) PRIMARY KEY);
CREATE TABLE t2 (a varchar(101) PRIMARY KEY);
SET dsql_emu.max_declared_key_size = 0;
CREATE TABLE t2 (a varchar(2001) PRIMARY KEY);
RESET dsql_emu.max_declared_key_size;
DROP TABLE t;
DROP TABLE t2;
DROP DOMAIN d;

-- Columns of a table: one more than the message says
SELECT string_agg('c' || n || ' int', ', ') AS c256 FROM generate_series(1, 256) n \gset
CREATE TABLE t (:c256);
ALTER TABLE t ADD COLUMN d int;
\echo :LAST_ERROR_SQLSTATE
CREATE TABLE t2 (LIKE t, d int);
\echo :LAST_ERROR_SQLSTATE
CREATE TABLE t2 (:c256, d int);
\echo :LAST_ERROR_SQLSTATE
ALTER TABLE t DROP COLUMN c1;
ALTER TABLE t ADD COLUMN d int;
DROP TABLE t;
CREATE TABLE t (:c256, PRIMARY KEY (c1));
ALTER TABLE t ADD COLUMN d int;
\echo :LAST_ERROR_SQLSTATE
CREATE TABLE t2 (:c256, d int PRIMARY KEY);
\echo :LAST_ERROR_SQLSTATE
DROP TABLE t;
SET dsql_emu.max_table_columns = 3;
CREATE TABLE t (a int, b int, c int);
DROP TABLE t;
CREATE TABLE t (a int, b int, c int, d int);
CREATE TABLE t (a int PRIMARY KEY, b int, c int, d int);
SET dsql_emu.max_table_columns = -1;
CREATE TABLE t (:c256, d int);
RESET dsql_emu.max_table_columns;
DROP TABLE t;

-- Indexes of a table: with the primary key and those behind UNIQUE
CREATE TABLE t (a int PRIMARY KEY, b int UNIQUE);
SELECT string_agg('UNIQUE (c' || n || ')', ', ') AS u24 FROM generate_series(2, 25) n \gset
SELECT string_agg('UNIQUE (c' || n || ')', ', ') AS u23 FROM generate_series(2, 24) n \gset
CREATE TABLE t2 (:c256, :u24);
DROP TABLE t2;
CREATE TABLE t2 (:c256, PRIMARY KEY (c1), :u24);
\echo :LAST_ERROR_SQLSTATE
CREATE TABLE t2 (:c256, PRIMARY KEY (c1), :u23);
CREATE INDEX ON t2 (c1);
\echo :LAST_ERROR_SQLSTATE
ALTER TABLE t2 DROP CONSTRAINT t2_c23_key;
CREATE INDEX ON t2 (c1);
CREATE INDEX ON t2 (c1);
DROP TABLE t2;
SET dsql_emu.max_table_indexes = 3;
CREATE INDEX ON t (a);
CREATE INDEX ON t (a);
SET dsql_emu.max_table_indexes = 0;
CREATE INDEX ON t (a);
-- One that is being built counts, and what is declared is checked as for any.
SET dsql_emu.max_table_indexes = 5;
SET dsql_emu.manual_jobs = on;
CREATE INDEX ASYNC i5 ON t (b) \gset
CREATE INDEX ASYNC i6 ON t (b);
\echo :LAST_ERROR_SQLSTATE
SELECT count(*), count(*) FILTER (WHERE indisvalid) AS valid FROM pg_index WHERE indrelid = 't'::regclass;
DROP INDEX i5;
CREATE UNIQUE INDEX ASYNC i6 ON t (b, a) \gset
CALL dsql.run_jobs();
ALTER TABLE t ADD CONSTRAINT u UNIQUE USING INDEX i6;
CREATE INDEX ASYNC i7 ON t (b);
\echo :LAST_ERROR_SQLSTATE
ALTER TABLE t DROP CONSTRAINT u;
CREATE INDEX ASYNC ON t (a, b, a, b, a, b, a, b, a);
\echo :LAST_ERROR_SQLSTATE
ALTER TABLE t ADD COLUMN c varchar(1500);
ALTER TABLE t ADD COLUMN d varchar(501);
CREATE INDEX ASYNC ON t (c, d);
\echo :LAST_ERROR_SQLSTATE
SELECT dsql.create_index_async('CREATE INDEX ON t (c, d)');
\echo :LAST_ERROR_SQLSTATE
RESET dsql_emu.manual_jobs;
RESET dsql_emu.max_table_indexes;
DROP TABLE t;

-- Extended statistics of a table, and their target
CREATE TABLE t (a int, b int, c int);
CREATE STATISTICS s1 ON a, b FROM t;
CREATE STATISTICS s2 ON b, c FROM t;
CREATE STATISTICS s3 ON a, c FROM t;
CREATE STATISTICS s4 ON a, b, c FROM t;
CREATE STATISTICS s5 ON (a + b) FROM t;
CREATE STATISTICS s6 ON (b + c) FROM t;
\echo :LAST_ERROR_SQLSTATE
DROP STATISTICS s5;
CREATE STATISTICS s6 ON (b + c) FROM t;
SET dsql_emu.max_table_statistics = 6;
CREATE STATISTICS s7 ON (b + c) FROM t;
CREATE STATISTICS s8 ON (b + c) FROM t;
RESET dsql_emu.max_table_statistics;
ALTER STATISTICS s1 SET STATISTICS 100;
ALTER STATISTICS s1 SET STATISTICS -1;
ALTER STATISTICS s1 SET STATISTICS 101;
\echo :LAST_ERROR_SQLSTATE
SET dsql_emu.max_statistics_target = 10;
ALTER STATISTICS s1 SET STATISTICS 10;
ALTER STATISTICS s1 SET STATISTICS 11;
SET dsql_emu.max_statistics_target = 0;
ALTER STATISTICS s1 SET STATISTICS 101;
RESET dsql_emu.max_statistics_target;
DROP TABLE t;

-- Definition of a view: a literal counts as it is long, an expression more
SELECT repeat('x', 524288 - 61) AS literal \gset
CREATE VIEW v AS SELECT :'literal' AS v;
CREATE OR REPLACE VIEW v AS SELECT :'literal' AS v;
\echo :LAST_ERROR_SQLSTATE
CREATE VIEW v2 AS SELECT :'literal' || 'x' AS v;
\echo :LAST_ERROR_SQLSTATE
SELECT string_agg('v = ''' || n || '''', ' OR ') AS chain FROM generate_series(1, 10000) n \gset
CREATE VIEW v2 AS SELECT * FROM v WHERE :chain;
SELECT string_agg('v = ''' || n || '''', ' OR ') AS chain FROM generate_series(1, 12000) n \gset
CREATE VIEW v3 AS SELECT * FROM v WHERE :chain;
\echo :LAST_ERROR_SQLSTATE
SET dsql_emu.max_view_size = 63;
CREATE VIEW v3 AS SELECT 'x' AS v;
CREATE VIEW v4 AS SELECT 'xx' AS v;
SET dsql_emu.max_view_size = 0;
CREATE VIEW v4 AS SELECT 'xxxx' AS v;
RESET dsql_emu.max_view_size;
DROP VIEW v4;
DROP VIEW v3;
DROP VIEW v2;
DROP VIEW v;

-- Schemas: ten besides "public" and "sys"
CREATE SCHEMA regress_limits1;
CREATE SCHEMA regress_limits2;
CREATE SCHEMA regress_limits3;
CREATE SCHEMA regress_limits4;
CREATE SCHEMA regress_limits5;
CREATE SCHEMA regress_limits6;
CREATE SCHEMA regress_limits7;
CREATE SCHEMA regress_limits8;
CREATE SCHEMA regress_limits9;
CREATE SCHEMA regress_limits10;
CREATE SCHEMA regress_limits11;
\echo :LAST_ERROR_SQLSTATE
CREATE SCHEMA IF NOT EXISTS regress_limits10;
DROP SCHEMA regress_limits10;
CREATE SCHEMA regress_limits11;
DROP SCHEMA regress_limits11;
SET dsql_emu.max_schemas = 9;
CREATE SCHEMA regress_limits11;
SET dsql_emu.max_schemas = 0;
CREATE SCHEMA regress_limits11;
CREATE SCHEMA regress_limits12;

-- Tables, views, sequences: what one statement makes counts together
SELECT count(*) AS tables FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace;
SET dsql_emu.max_tables = 2;
SET dsql_emu.max_views = 2;
SET dsql_emu.max_sequences = 2;
CREATE TABLE t1 (a int);
CREATE TABLE regress_limits1.t2 (a int);
CREATE TABLE t3 (a int);
\echo :LAST_ERROR_SQLSTATE
CREATE TABLE IF NOT EXISTS t1 (a int);
DROP TABLE regress_limits1.t2;
CREATE VIEW v1 AS SELECT 1 AS one;
CREATE VIEW regress_limits1.v2 AS SELECT 1 AS one;
CREATE VIEW v3 AS SELECT 1 AS one;
\echo :LAST_ERROR_SQLSTATE
CREATE OR REPLACE VIEW v1 AS SELECT 1 AS one, 2 AS two;
DROP VIEW regress_limits1.v2;
CREATE SEQUENCE s1 CACHE 1;
CREATE TABLE t2 (a bigint GENERATED ALWAYS AS IDENTITY (CACHE 1),
				 b bigint GENERATED ALWAYS AS IDENTITY (CACHE 1));
\echo :LAST_ERROR_SQLSTATE
CREATE TABLE t2 (a bigint GENERATED ALWAYS AS IDENTITY (CACHE 1));
CREATE SEQUENCE s3 CACHE 1;
\echo :LAST_ERROR_SQLSTATE
DROP TABLE t2;
DROP SEQUENCE s1;
CREATE SCHEMA regress_limits13
	CREATE TABLE t2 (a int) CREATE TABLE t3 (a int);
\echo :LAST_ERROR_SQLSTATE
CREATE SCHEMA regress_limits13
	CREATE TABLE t2 (a int) CREATE VIEW v2 AS SELECT 1 AS one;
\echo :LAST_ERROR_SQLSTATE
DROP SCHEMA regress_limits13 CASCADE;
RESET dsql_emu.max_schemas;
SET dsql_emu.max_tables = 0;
SET dsql_emu.max_views = -1;
CREATE TABLE t3 (a int);
CREATE TABLE t4 (a int);
CREATE VIEW v3 AS SELECT 1 AS one;
CREATE VIEW v4 AS SELECT 1 AS one;
DROP TABLE t1, t3, t4;
DROP VIEW v1, v3, v4;

-- Report mode says it and goes on.
SELECT dsql.reset_findings();
SET dsql_emu.mode = report;
SET dsql_emu.max_tables = 1;
SET dsql_emu.max_char_length = 10;
CREATE TABLE t1 (a char(11));
CREATE TABLE t2 (a int);
SELECT rule, message FROM dsql.findings ORDER BY rule, statement;
SELECT dsql.reset_findings();

-- Mode off is PostgreSQL.
SET dsql_emu.mode = off;
CREATE TABLE t3 (a char(5000));
DROP TABLE t1, t2, t3;
DROP SCHEMA regress_limits1, regress_limits2, regress_limits3, regress_limits4,
	regress_limits5, regress_limits6, regress_limits7, regress_limits8,
	regress_limits9, regress_limits11, regress_limits12;

-- Only a superuser changes a limit.
CREATE ROLE regress_limits_user;
SET dsql_emu.mode = off;
SET ROLE regress_limits_user;
SELECT count(*) > 0 AS readable FROM dsql.limits;
SET dsql_emu.max_tables = 2000;
\echo :LAST_ERROR_SQLSTATE
RESET ROLE;
DROP ROLE regress_limits_user;
