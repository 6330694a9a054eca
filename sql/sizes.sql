-- What a value, a row, a key and a transaction can hold.  The last byte passes,
-- one more fails; a lower setting moves the point, 0 and -1 switch it off.
SET disable_sync_create_index = off;

-- A value.  Stored without compression it counts as it is.
CREATE TABLE v (t text, c varchar, p bpchar, b bytea, j json, jb jsonb);
ALTER TABLE v ALTER t SET STORAGE EXTERNAL, ALTER c SET STORAGE EXTERNAL, ALTER p SET STORAGE PLAIN;
ALTER TABLE v ALTER j SET STORAGE EXTERNAL, ALTER jb SET STORAGE EXTERNAL;
INSERT INTO v (t) VALUES (repeat('x', 1048576));
INSERT INTO v (t) VALUES (repeat('x', 1048577));
\echo :LAST_ERROR_SQLSTATE
INSERT INTO v (t) VALUES (repeat('é', 524288));
INSERT INTO v (t) VALUES (repeat('é', 524288) || 'x');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO v (c) VALUES (repeat('x', 65535));
INSERT INTO v (c) VALUES (repeat('x', 65536));
\echo :LAST_ERROR_SQLSTATE
INSERT INTO v (c) VALUES (repeat('é', 32768));
INSERT INTO v (b) SELECT decode(repeat('00', 1048576), 'hex');
INSERT INTO v (b) SELECT decode(repeat('00', 1048577), 'hex');
INSERT INTO v (j) VALUES (('"' || repeat('x', 1048574) || '"')::json);
INSERT INTO v (j) VALUES (('"' || repeat('x', 1048575) || '"')::json);
INSERT INTO v (jb) VALUES (to_jsonb(repeat('x', 1048568)));
INSERT INTO v (jb) VALUES (to_jsonb(repeat('x', 1048569)));
SELECT count(*), sum(length(t)) AS t, sum(length(c)) AS c, sum(length(b)) AS b, sum(length(j #>> '{}')) AS j FROM v;
UPDATE v SET t = t || 'x' WHERE length(t) = 1048576;
\echo :LAST_ERROR_SQLSTATE
DELETE FROM v;
CREATE DOMAIN long AS text;
CREATE TABLE compressed (t text, d long, j jsonb, b bytea);
INSERT INTO compressed (t) VALUES (repeat('x', 10000000));
INSERT INTO compressed (d) VALUES (repeat('x', 10000000));
INSERT INTO compressed (j) VALUES (to_jsonb(repeat('x', 10000000)));
INSERT INTO compressed (b) SELECT decode(repeat('00', 1048577), 'hex');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO compressed (d) SELECT t || ' again' FROM compressed WHERE t IS NOT NULL;
INSERT INTO v (t) SELECT t FROM compressed WHERE t IS NOT NULL;
\echo :LAST_ERROR_SQLSTATE
SELECT count(*), sum(length(t)) AS t, sum(length(d)) AS d FROM compressed;
DROP TABLE compressed;
DROP DOMAIN long;
-- What was compressed to see its size is still the same text.
CREATE TABLE compressed (id integer PRIMARY KEY, t text CHECK (t <> ''), c char(4000),
	l integer GENERATED ALWAYS AS (length(t)) STORED);
CREATE INDEX ON compressed (left(t, 10));
CREATE UNIQUE INDEX ON compressed (md5(t));
INSERT INTO compressed VALUES (1, repeat('one ', 5000), 'x'), (2, 'two', NULL), (3, repeat('three', 1000), 'x')
	RETURNING id, length(t), t = repeat('one ', 5000) AS one, length(rtrim(c)) AS c, l;
UPDATE compressed SET t = repeat('One ', 6000) WHERE id = 1 RETURNING length(t), t = repeat('One ', 6000) AS same, l;
INSERT INTO compressed VALUES (1, repeat('uno ', 5000)) ON CONFLICT (id) DO UPDATE SET t = excluded.t
	RETURNING length(t), t = repeat('uno ', 5000) AS same, l;
INSERT INTO compressed VALUES (4, repeat('uno ', 5000));
BEGIN;
UPDATE compressed SET t = repeat('eins', 5000) WHERE id = 1;
UPDATE compressed SET t = t || repeat('zwei', 5000) WHERE id = 1 RETURNING length(t), left(t, 4), right(t, 4), l;
COMMIT;
SELECT id, length(t), md5(t) = md5(t || '') AS same, l, t = repeat('three', 1000) AS three FROM compressed ORDER BY id;
SELECT id FROM compressed WHERE left(t, 10) = 'threethree';
DROP TABLE compressed;
SET dsql_emu.max_column_size = 1000;
INSERT INTO v (t) VALUES (repeat('x', 1000));
INSERT INTO v (t) VALUES (repeat('x', 1001));
SET dsql_emu.max_column_size = 0;
INSERT INTO v (t) VALUES (repeat('x', 1048577));
SET dsql_emu.max_column_size = -1;
INSERT INTO v (t) VALUES (repeat('x', 1048577));
RESET dsql_emu.max_column_size;
DROP TABLE v;

-- A row
CREATE TABLE r (i integer, a text, b text, c text);
ALTER TABLE r ALTER a SET STORAGE EXTERNAL, ALTER b SET STORAGE EXTERNAL;
INSERT INTO r (a, b) VALUES (repeat('x', 1048576), repeat('y', 1048576));
INSERT INTO r (a, b, c) VALUES (repeat('x', 1048576), repeat('y', 1048576), 'z');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO r (a, b, i) VALUES (repeat('x', 1048576), repeat('y', 1048572), 1);
INSERT INTO r (a, b, i) VALUES (repeat('x', 1048576), repeat('y', 1048573), 1);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO r (a, b, c) VALUES (repeat('x', 1048576), repeat('y', 500000), repeat('z', 10000000));
UPDATE r SET i = 1 WHERE i IS NULL AND c IS NULL;
\echo :LAST_ERROR_SQLSTATE
SET dsql_emu.max_row_size = 100;
INSERT INTO r (a, b) VALUES (repeat('x', 60), repeat('y', 40));
INSERT INTO r (a, b) VALUES (repeat('x', 60), repeat('y', 41));
SET dsql_emu.max_row_size = 0;
INSERT INTO r (a, b, c) VALUES (repeat('x', 1048576), repeat('y', 1048576), 'z');
RESET dsql_emu.max_row_size;
DROP TABLE r;

-- A key: bytes, not characters; less for each further column
CREATE TABLE k (id text PRIMARY KEY, v text);
INSERT INTO k VALUES (repeat('x', 1981));
INSERT INTO k VALUES (repeat('x', 1982));
\echo :LAST_ERROR_SQLSTATE
INSERT INTO k VALUES (repeat('é', 990) || 'x');
INSERT INTO k VALUES (repeat('é', 991));
\echo :LAST_ERROR_SQLSTATE
UPDATE k SET id = id || 'x' WHERE v IS NULL;
\echo :LAST_ERROR_SQLSTATE
UPDATE k SET v = repeat('v', 5000);
INSERT INTO k VALUES (repeat('x', 1981)) ON CONFLICT (id) DO UPDATE SET id = k.id || 'y';
\echo :LAST_ERROR_SQLSTATE
DROP TABLE k;
CREATE TABLE k (a text, b text, PRIMARY KEY (a, b));
INSERT INTO k VALUES (repeat('a', 1000), repeat('b', 974));
INSERT INTO k VALUES (repeat('a', 1000), repeat('b', 975));
\echo :LAST_ERROR_SQLSTATE
DROP TABLE k;
CREATE TABLE k (a text, b text, c text, d text, e text, f text, g text, h text,
				PRIMARY KEY (a, b, c, d, e, f, g, h));
SELECT repeat('x', 241) AS x \gset
INSERT INTO k VALUES (:'x', :'x', :'x', :'x', :'x', :'x', :'x', :'x');
SELECT repeat('x', 242) AS x \gset
INSERT INTO k VALUES (:'x', :'x', :'x', :'x', :'x', :'x', :'x', :'x');
\echo :LAST_ERROR_SQLSTATE
DROP TABLE k;

-- In an index the columns of the primary key count, too, unless they are in it
-- anyway.
CREATE TABLE k (id text PRIMARY KEY, v text, w text);
CREATE INDEX ON k (v) INCLUDE (w);
INSERT INTO k VALUES (repeat('i', 500), repeat('v', 1474));
INSERT INTO k VALUES (repeat('j', 500), repeat('v', 1475));
\echo :LAST_ERROR_SQLSTATE
INSERT INTO k VALUES (repeat('j', 500), repeat('v', 100), repeat('w', 1500));
INSERT INTO k VALUES (repeat('k', 1974));
INSERT INTO k VALUES (repeat('l', 1975));
\echo :LAST_ERROR_SQLSTATE
DROP TABLE k;
CREATE TABLE k (id text PRIMARY KEY, v text);
CREATE INDEX ON k (v, id);
INSERT INTO k VALUES (repeat('i', 1000), repeat('v', 974));
INSERT INTO k VALUES (repeat('j', 1000), repeat('v', 975));
\echo :LAST_ERROR_SQLSTATE
DROP TABLE k;
CREATE TABLE k (v text, n bigint);
CREATE INDEX ON k (v);
CREATE INDEX ON k (n, v);
INSERT INTO k VALUES (repeat('v', 1966), 1);
INSERT INTO k VALUES (repeat('v', 1967), 1);
\echo :LAST_ERROR_SQLSTATE
DROP TABLE k;

-- Expressions count as they come out, rows that are not in an index do not.
CREATE TABLE k (v text);
CREATE INDEX ON k (repeat(v, 2));
CREATE UNIQUE INDEX ON k (v) WHERE v > 'b';
INSERT INTO k VALUES (repeat('a', 990));
INSERT INTO k VALUES (repeat('a', 991));
\echo :LAST_ERROR_SQLSTATE
DROP INDEX k_repeat_idx;
INSERT INTO k VALUES (repeat('a', 1982));
INSERT INTO k VALUES (repeat('c', 1981));
INSERT INTO k VALUES (repeat('c', 1982));
\echo :LAST_ERROR_SQLSTATE
SET dsql_emu.max_key_size = 10;
INSERT INTO k VALUES (repeat('d', 10));
INSERT INTO k VALUES (repeat('d', 11));
COPY k FROM STDIN;
eeeeeeeeee
\.
COPY k FROM STDIN;
eeeeeeeeeee
\.
\echo :LAST_ERROR_SQLSTATE
SET dsql_emu.max_key_size = 0;
INSERT INTO k VALUES (repeat('d', 1982));
RESET dsql_emu.max_key_size;
-- A new index counts at once, also in a session that writes to the table.
DROP INDEX k_v_idx;
INSERT INTO k VALUES (repeat('b', 1982));
CREATE INDEX ASYNC ON k (lower(v)) WHERE v > 'f' \gset
CALL sys.wait_for_job(:'job_id');
INSERT INTO k VALUES (repeat('b', 1982));
INSERT INTO k VALUES (repeat('F', 1982));
INSERT INTO k VALUES (repeat('g', 1982));
\echo :LAST_ERROR_SQLSTATE
DROP TABLE k;

-- A transaction: found at COMMIT.  500 rows of 9.93 MiB in all are written
-- without index; with four indexes on texts of 100 bytes, 9.11 MiB.
CREATE TABLE s (v text, a text, b text, c text, d text);
ALTER TABLE s ALTER v SET STORAGE EXTERNAL;
INSERT INTO s (v) SELECT repeat('v', 20825) FROM generate_series(1, 500);
SELECT round(sum(length(v)) / 1048576.0, 2) AS mib FROM s;
INSERT INTO s (v) SELECT repeat('v', 20826) FROM generate_series(1, 500);
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM s;
DELETE FROM s;
BEGIN;
INSERT INTO s (v) SELECT repeat('v', 20825) FROM generate_series(1, 500);
INSERT INTO s (v) VALUES (repeat('v', 200));
SELECT count(*) FROM s;
COMMIT;
\echo :LAST_ERROR_SQLSTATE
COMMIT;
SELECT count(*) FROM s;
CREATE INDEX ON s (a);
CREATE INDEX ON s (b);
CREATE INDEX ON s (c);
CREATE INDEX ON s (d);
SELECT repeat('x', 100) AS x \gset
INSERT INTO s SELECT repeat('v', 18705), :'x', :'x', :'x', :'x' FROM generate_series(1, 500);
SELECT round(sum(length(v) + 400) / 1048576.0, 2) AS mib FROM s;
DELETE FROM s;
INSERT INTO s SELECT repeat('v', 18706), :'x', :'x', :'x', :'x' FROM generate_series(1, 500);
\echo :LAST_ERROR_SQLSTATE

-- A row that is written again counts as it is in the end; what is compressed,
-- as compressed.
INSERT INTO s (v) VALUES ('');
BEGIN;
UPDATE s SET v = repeat('1', 1000000);
UPDATE s SET v = repeat('2', 1000000);
UPDATE s SET v = repeat('3', 1000000);
UPDATE s SET v = repeat('4', 1000000);
UPDATE s SET v = repeat('5', 1000000);
UPDATE s SET v = repeat('6', 1000000);
UPDATE s SET v = repeat('7', 1000000), a = 'moved';
UPDATE s SET v = repeat('8', 1000000);
UPDATE s SET v = repeat('9', 1000000);
UPDATE s SET v = repeat('0', 1000000);
UPDATE s SET v = repeat('a', 1000000);
INSERT INTO s (v) SELECT repeat('b', 1000000) FROM generate_series(1, 9);
COMMIT;
BEGIN;
INSERT INTO s (v) SELECT repeat('c', 1000000) FROM generate_series(1, 10);
DELETE FROM s WHERE v > 'c';
INSERT INTO s (v) SELECT repeat('d', 1000000) FROM generate_series(1, 10);
COMMIT;
SELECT left(v, 1), count(*) FROM s GROUP BY 1 ORDER BY 1;
INSERT INTO s (a) SELECT repeat('e', 1000000) FROM generate_series(1, 100);
\echo :LAST_ERROR_SQLSTATE
DROP INDEX s_a_idx;
INSERT INTO s (a) SELECT repeat('e', 1000000) FROM generate_series(1, 100);

-- Lower, off, report mode, and what was rolled back
DROP INDEX s_b_idx;
DROP INDEX s_c_idx;
DROP INDEX s_d_idx;
SET dsql_emu.max_transaction_size = '1MB';
INSERT INTO s (v) VALUES (repeat('f', 1048430));
INSERT INTO s (v) VALUES (repeat('f', 1048431));
BEGIN;
INSERT INTO s (v) SELECT repeat('f', 1048430) FROM generate_series(1, 3);
ROLLBACK;
INSERT INTO s (v) VALUES (repeat('f', 1048430));
SET dsql_emu.max_transaction_size = 0;
INSERT INTO s (v) SELECT repeat('f', 1048430) FROM generate_series(1, 2);
RESET dsql_emu.max_transaction_size;
SELECT dsql.reset_findings();
SET dsql_emu.mode = report;
INSERT INTO s (v) SELECT repeat('g', 1048430) FROM generate_series(1, 11);
INSERT INTO s (v) VALUES (repeat('g', 1048577));
SELECT rule, message FROM dsql.findings ORDER BY rule;
SELECT dsql.reset_findings();
SET dsql_emu.mode = enforce;
DROP TABLE s;
