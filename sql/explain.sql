-- EXPLAIN as the service prints it.  The numbers are those of plans of real
-- clusters, or of AWS's documentation.

-- What was never analyzed has a million rows.
CREATE TABLE test_table (id int PRIMARY KEY, context text);
EXPLAIN SELECT * FROM test_table;
EXPLAIN SELECT * FROM test_table ORDER BY id;
EXPLAIN SELECT * FROM test_table WHERE context = 'a';
EXPLAIN SELECT * FROM test_table WHERE id > 1;

-- Neither rows nor an index change that, but ANALYZE does.
INSERT INTO test_table SELECT g, 'row ' || g FROM generate_series(1, 100) g;
CREATE INDEX ASYNC test_index ON test_table (context) \gset
CALL sys.wait_for_job(:'job_id');
EXPLAIN SELECT * FROM test_table;
EXPLAIN SELECT context FROM test_table;
ANALYZE test_table;
EXPLAIN SELECT * FROM test_table;
EXPLAIN SELECT * FROM test_table WHERE id = 1;
EXPLAIN SELECT * FROM test_table WHERE context = 'row 1';

-- Automatic ANALYZE does it later.
SET dsql_emu.manual_jobs = on;
SET dsql_emu.auto_analyze = on;
CREATE TABLE loaded (id int PRIMARY KEY);
INSERT INTO loaded SELECT g FROM generate_series(1, 15) g;
SET dsql_emu.auto_analyze = off;
EXPLAIN SELECT * FROM loaded;
CALL dsql.run_jobs();
RESET dsql_emu.manual_jobs;
EXPLAIN SELECT * FROM loaded;
DROP TABLE loaded;

-- An administrator's index counts rows, as PostgreSQL's do.
CREATE TABLE loaded (id int PRIMARY KEY, x int);
INSERT INTO loaded SELECT g FROM generate_series(1, 15) g;
SET dsql_emu.mode = off;
CREATE INDEX ON loaded (x);
SELECT reltuples FROM pg_class WHERE relname = 'loaded';
RESET dsql_emu.mode;
DROP TABLE loaded;

-- Filters in storage, and in the query processor
CREATE TABLE account (id uuid PRIMARY KEY, customer_id uuid, balance numeric,
	status varchar(20), note text);
CREATE INDEX ASYNC idx1 ON account (customer_id) INCLUDE (balance, status) \gset
CALL sys.wait_for_job(:'job_id');
EXPLAIN SELECT balance FROM account
	WHERE customer_id = '4b18a761-5870-4d7c-95ce-0a48eca3fceb' AND status = 'pending' AND balance > 100;
EXPLAIN SELECT * FROM account
	WHERE customer_id = '4b18a761-5870-4d7c-95ce-0a48eca3fceb' AND status = 'pending' AND balance > 100;
CREATE TABLE transaction (account_id uuid, transaction_date timestamp, description text);
EXPLAIN SELECT account_id FROM transaction
	WHERE transaction_date > '2025-01-01' AND description LIKE '%external%';

-- Sizes as of an ANALYZE
CREATE TABLE customers (id uuid PRIMARY KEY, phone_num text, name text);
CREATE INDEX ASYNC customers_phone_num_idx ON customers (phone_num) \gset
CALL sys.wait_for_job(:'job_id');
CREATE TABLE usertable (key text PRIMARY KEY, field0 text);
SET dsql_emu.mode = off;
UPDATE pg_class SET reltuples = 5000, relpages = 47 WHERE relname = 'customers_phone_num_idx';
UPDATE pg_class SET reltuples = 5000, relpages = 90 WHERE relname = 'customers';
UPDATE pg_class SET reltuples = 200000, relpages = 2000 WHERE relname = 'usertable';
RESET dsql_emu.mode;
EXPLAIN SELECT phone_num FROM customers LIMIT 1;
EXPLAIN SELECT key, field0 FROM usertable WHERE key = 'bob';

-- Joins in batches
CREATE TABLE list (key text PRIMARY KEY, at int);
SET dsql_emu.mode = off;
UPDATE pg_class SET reltuples = 64, relpages = 1 WHERE relname = 'list';
RESET dsql_emu.mode;
EXPLAIN SELECT * FROM list JOIN usertable USING (key);
EXPLAIN SELECT * FROM list LEFT JOIN usertable USING (key) ORDER BY at;
SET dsql.enable_batched_nestloop = off;
EXPLAIN SELECT * FROM list JOIN usertable USING (key) WHERE at = 1;
RESET dsql.enable_batched_nestloop;

-- The inner side is measured as if it were scanned once, for all outer rows.
INSERT INTO list SELECT 'key' || g, g FROM generate_series(1, 5) g;
INSERT INTO usertable SELECT 'key' || g, 'field' || g FROM generate_series(1, 9, 2) g;
EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) SELECT * FROM list JOIN usertable USING (key);

-- Experiments
SET enable_seqscan = off;
EXPLAIN SELECT * FROM test_table WHERE context > 'a' AND id <> 7;
EXPLAIN SELECT * FROM transaction;
SET enable_indexscan = off;
EXPLAIN SELECT * FROM test_table WHERE id = 1;
RESET enable_seqscan;
EXPLAIN SELECT * FROM test_table WHERE id = 1;
RESET enable_indexscan;
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SET enable_nestloop = off;
EXPLAIN SELECT * FROM list JOIN usertable USING (key);
RESET enable_hashjoin;
RESET enable_mergejoin;
RESET enable_nestloop;

-- A row comparison and a comparison of two types are no conditions of an index.
CREATE TABLE event (a int, b date, PRIMARY KEY (a, b));
EXPLAIN SELECT * FROM event WHERE a = 1 AND b = '2026-01-01';
EXPLAIN SELECT * FROM event WHERE a = 1::bigint AND b = '2026-01-01'::timestamp;
EXPLAIN SELECT * FROM event WHERE (a, b) > (1, '2026-01-01');
EXPLAIN SELECT * FROM event WHERE a IN (1, 2, 3) AND b > '2026-01-01';

-- PostgreSQL's own
SET dsql_emu.explain = postgresql;
EXPLAIN (COSTS OFF) SELECT * FROM event WHERE (a, b) > (1, '2026-01-01');
RESET dsql_emu.explain;

-- What statements cost
SELECT dsql.reset_stats();
SET dsql_emu.track_dpu = on;
INSERT INTO event SELECT 1, '2026-01-01'::date + g FROM generate_series(1, 100) g;
SELECT count(*) FROM event WHERE a = 1 AND b < '2026-01-11';
UPDATE test_table SET context = 'another' WHERE id = 1;
DELETE FROM test_table WHERE id = 2;
SELECT 1 / (id - 3) FROM test_table;
SET dsql_emu.track_dpu = off;
SELECT statements, round(read::numeric, 5) AS read, round(write::numeric, 5) AS write,
	multi_region_write, total > read + write AS and_compute FROM dsql.dpu;

-- A statement pays for what is done within it: keys are looked up, functions
-- read, COPY reads and writes.  EXPLAIN says the same, where it can.
CREATE TABLE parent (id int PRIMARY KEY, note text);
CREATE TABLE child (id int PRIMARY KEY, parent_id int REFERENCES parent, note text);
INSERT INTO parent SELECT g, repeat('x', 300) FROM generate_series(1, 3) g;
CREATE FUNCTION parents() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM parent';
CREATE FUNCTION cost(OUT statements bigint, OUT read numeric, OUT write numeric) LANGUAGE sql AS
	'SELECT statements, round(read::numeric, 5), round(write::numeric, 5) FROM dsql.dpu';
EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) INSERT INTO child VALUES (1, 1), (2, 2);
SELECT dsql.reset_stats();
SET dsql_emu.track_dpu = on;
INSERT INTO child VALUES (3, 1), (4, 2);
SET dsql_emu.track_dpu = off;
SELECT * FROM cost();
SELECT dsql.reset_stats();
SET dsql_emu.track_dpu = on;
SELECT parents();
SET dsql_emu.track_dpu = off;
SELECT * FROM cost();
SELECT dsql.reset_stats();
SET dsql_emu.track_dpu = on;
COPY child FROM STDIN;
5	3	a
6	3	b
\.
SET dsql_emu.track_dpu = off;
SELECT * FROM cost();
SELECT dsql.reset_stats();
SET dsql_emu.track_dpu = on;
COPY child (note, id) TO STDOUT;
SET dsql_emu.track_dpu = off;
SELECT * FROM cost();
SELECT dsql.reset_stats();
SET dsql_emu.track_dpu = on;
COPY (SELECT id FROM child WHERE id > 4) TO STDOUT (FORMAT csv, HEADER);
COPY child (nothing) TO STDOUT; \echo :SQLSTATE
SET dsql_emu.track_dpu = off;
SELECT * FROM cost();
-- A scan that is not asked for a row reads nothing.
DELETE FROM child;
SELECT dsql.reset_stats();
SET dsql_emu.track_dpu = on;
SELECT count(*) FROM child c LEFT JOIN parent p ON c.note > p.note;
SET dsql_emu.track_dpu = off;
SELECT * FROM cost();
DROP TABLE child, parent;
DROP FUNCTION parents, cost;

-- Other formats
EXPLAIN (FORMAT JSON) SELECT context FROM test_table WHERE id = 1 AND context > 'a' AND context LIKE '%b';
EXPLAIN (FORMAT YAML, COSTS OFF) SELECT * FROM list JOIN usertable USING (key);
EXPLAIN (FORMAT XML, ANALYZE, TIMING OFF, SUMMARY OFF) SELECT context FROM test_table WHERE id = 1;

-- Buffers and WAL are accepted, and there are none.
EXPLAIN (ANALYZE, BUFFERS, WAL, COSTS OFF, TIMING OFF, SUMMARY OFF) SELECT context FROM test_table WHERE id = 1;

DROP TABLE test_table, account, transaction, customers, usertable, list, event;
