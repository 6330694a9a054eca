-- The plans that are known of real clusters and from AWS's documentation, with
-- the numbers that doc/explain.md gives them.  Rows and statistics are made to
-- fit.
SET datestyle = ISO;
SET timezone = UTC;
SET dsql_emu.mode = off;
CREATE TABLE workflow_dispatch (run_key uuid PRIMARY KEY, shard_id uuid,
	queue_namespace uuid, queue_name text, normal_queue_name text, sticky bool,
	routing_mode smallint, deployment text, build_id text, queue_key text,
	deployment_key text, build_key text, logical_seq bigint,
	scheduled_at timestamptz, priority_key smallint, priority_data text,
	sticky_worker text, schedule_to_start_deadline timestamptz) USING btree_table;
CREATE INDEX idx_workflow_dispatch_queue ON workflow_dispatch (queue_namespace,
	queue_key, routing_mode, deployment_key, build_key, priority_key,
	scheduled_at, run_key) WHERE sticky = false;
CREATE INDEX idx_workflow_dispatch_home ON workflow_dispatch (shard_id, run_key);
INSERT INTO workflow_dispatch
	SELECT (lpad(to_hex(g), 8, '0') || '-0000-4000-8000-000000000000')::uuid,
		(lpad(CASE WHEN h < 448 THEN 1 WHEN h < 448 + 284 THEN 2 ELSE 3 END::text, 8, '0') ||
		 '-0000-4000-8000-000000000000')::uuid,
		'00000000-0000-4000-8000-000000000001', 'n', 'n', false, 0, 'd', 'b',
		CASE WHEN g <= 869 THEN 'many' WHEN g <= 875 THEN 'six' WHEN g <= 885 THEN 'ten' ELSE 'more' END,
		'dk', 'bk', g,
		'2023-11-14 22:13:20+00'::timestamptz + interval '1 day' *
			CASE WHEN h < 1565 THEN -1 WHEN h < 4805 THEN 0 ELSE 1 END,
		3, 'p', 'w', now()
	FROM (SELECT g, g * 7919 % 16000 AS h FROM generate_series(1, 16000) g) s;
ANALYZE workflow_dispatch;
UPDATE pg_class SET relpages = 150, reltuples = 16000 WHERE relname = 'workflow_dispatch';
UPDATE pg_class SET relpages = 78, reltuples = 8000 WHERE relname = 'idx_workflow_dispatch_queue';
UPDATE pg_class SET relpages = 200 WHERE relname = 'idx_workflow_dispatch_home';
UPDATE pg_statistic SET stawidth = v.width
	FROM (VALUES ('queue_name', 20), ('normal_queue_name', 20), ('deployment', 14),
		('build_id', 20), ('priority_data', 10), ('sticky_worker', 10),
		('queue_key', 75), ('deployment_key', 65), ('build_key', 65)) v (name, width),
		pg_attribute a
	WHERE a.attrelid = 'workflow_dispatch'::regclass AND a.attname = v.name AND
		starelid = a.attrelid AND staattnum = a.attnum;
RESET dsql_emu.mode;
\set five 'queue_namespace = ''00000000-0000-4000-8000-000000000001'' AND routing_mode = 0::smallint AND deployment_key = ''dk'' AND build_key = ''bk'' AND NOT sticky AND queue_key ='
\set columns 'run_key, shard_id, queue_namespace, queue_name, normal_queue_name, sticky, routing_mode, deployment, build_id, logical_seq, scheduled_at, priority_key, priority_data, sticky_worker, schedule_to_start_deadline'

-- S1
EXPLAIN SELECT :columns FROM workflow_dispatch WHERE :five 'six'
	ORDER BY priority_key, scheduled_at, run_key LIMIT 64;

-- S2
SET dsql_emu.mode = off;
UPDATE pg_class SET relpages = 154, reltuples = 16000 WHERE relname = 'idx_workflow_dispatch_queue';
RESET dsql_emu.mode;
EXPLAIN SELECT :columns FROM workflow_dispatch WHERE :five 'ten' AND
	(priority_key, scheduled_at, run_key) >
	(3::smallint, '2023-11-14 22:13:20+00', '00000000-0000-4000-8000-000000000000')
	ORDER BY priority_key, scheduled_at, run_key LIMIT 64;

-- S3
EXPLAIN SELECT run_key FROM workflow_dispatch
	WHERE shard_id = '00000001-0000-4000-8000-000000000000' ORDER BY run_key LIMIT 64;
EXPLAIN SELECT run_key FROM workflow_dispatch
	WHERE shard_id = '00000001-0000-4000-8000-000000000000' AND run_key > '00002210-0000-4000-8000-000000000000'
	ORDER BY run_key LIMIT 64;
EXPLAIN SELECT run_key FROM workflow_dispatch
	WHERE shard_id = '00000002-0000-4000-8000-000000000000' ORDER BY run_key LIMIT 64;
EXPLAIN SELECT run_key FROM workflow_dispatch
	WHERE shard_id = '00000002-0000-4000-8000-000000000000' AND run_key > '00000050-0000-4000-8000-000000000000'
	ORDER BY run_key LIMIT 64;

-- S4
SET dsql_emu.mode = off;
UPDATE pg_class SET relpages = 78, reltuples = 8000 WHERE relname = 'idx_workflow_dispatch_queue';
RESET dsql_emu.mode;
EXPLAIN WITH candidates AS MATERIALIZED (
		SELECT * FROM (SELECT priority_key, scheduled_at, run_key FROM workflow_dispatch
			WHERE :five 'many' ORDER BY priority_key, scheduled_at, run_key LIMIT 64) s
		LIMIT 64)
	SELECT intent.*, candidates.* FROM candidates JOIN workflow_dispatch intent ON intent.run_key = candidates.run_key
	ORDER BY candidates.priority_key, candidates.scheduled_at, intent.run_key;
EXPLAIN WITH candidates AS MATERIALIZED (
		SELECT * FROM (SELECT priority_key, scheduled_at, run_key FROM workflow_dispatch
			WHERE :five 'many' ORDER BY priority_key, scheduled_at, run_key LIMIT 64) s
		LIMIT 27)
	SELECT intent.*, candidates.* FROM candidates JOIN workflow_dispatch intent ON intent.run_key = candidates.run_key
	ORDER BY candidates.priority_key, candidates.scheduled_at, intent.run_key;

-- S5
EXPLAIN SELECT * FROM (
	(SELECT priority_key, scheduled_at, run_key FROM workflow_dispatch
		WHERE :five 'many' AND priority_key = 3::smallint AND scheduled_at = '2023-11-14 22:13:20+00'
			AND run_key > '00002710-0000-4000-8000-000000000000'
		ORDER BY priority_key, scheduled_at, run_key LIMIT 64)
	UNION ALL
	(SELECT priority_key, scheduled_at, run_key FROM workflow_dispatch
		WHERE :five 'many' AND priority_key = 3::smallint AND scheduled_at > '2023-11-14 22:13:20+00'
		ORDER BY priority_key, scheduled_at, run_key LIMIT 64)
	UNION ALL
	(SELECT priority_key, scheduled_at, run_key FROM workflow_dispatch
		WHERE :five 'many' AND priority_key > 3::smallint
		ORDER BY priority_key, scheduled_at, run_key LIMIT 64)) s
	ORDER BY priority_key, scheduled_at, run_key LIMIT 64;
DROP TABLE workflow_dispatch;

-- S6, S7, S8 and S13 are in test/t/097_explain_samples.pl.

-- S9
CREATE TABLE transactions (id uuid DEFAULT gen_random_uuid() PRIMARY KEY, payer_id int,
	payee_id int, amount int, created_at timestamp);
SET dsql_emu.mode = off;
CREATE INDEX ON transactions (payer_id, created_at);
INSERT INTO transactions (payer_id, payee_id, amount) SELECT 1, g, g FROM generate_series(1, 6) g;
ANALYZE transactions;
UPDATE pg_class SET relpages = 1, reltuples = 6 WHERE relname = 'transactions';
UPDATE pg_statistic SET stawidth = 8, stanullfrac = 0 WHERE starelid = 'transactions'::regclass AND staattnum = 5;
DROP INDEX transactions_payer_id_created_at_idx;
RESET dsql_emu.mode;
EXPLAIN (ANALYZE, TIMING OFF, SUMMARY OFF)
	SELECT * FROM transactions WHERE payer_id = 1 ORDER BY created_at DESC LIMIT 5;

-- The same with the index and more rows; the lookup's round trip is in the
-- startup by now.
SET dsql_emu.mode = off;
CREATE INDEX ON transactions (payer_id, created_at);
TRUNCATE transactions;
INSERT INTO transactions (payer_id, payee_id, amount, created_at)
	SELECT g / 2, g, g, '2026-01-01' FROM generate_series(2, 65537) g;
ANALYZE transactions;
RESET dsql_emu.mode;
EXPLAIN SELECT * FROM transactions WHERE payer_id = 1 ORDER BY created_at DESC LIMIT 5;
DROP TABLE transactions;

-- S10
CREATE TABLE account (id uuid PRIMARY KEY, customer_id uuid, balance numeric, status varchar(20), note text);
SET dsql_emu.mode = off;
CREATE INDEX idx1 ON account (customer_id) INCLUDE (balance, status);
RESET dsql_emu.mode;
EXPLAIN SELECT * FROM account WHERE customer_id = '4b18a761-5870-4d7c-95ce-0a48eca3fceb'
	AND status = 'pending' AND balance > 100;

-- S14
CREATE TABLE transaction (id uuid PRIMARY KEY, account_id uuid, transaction_date timestamp, description text);
SET dsql_emu.mode = off;
UPDATE pg_class SET reltuples = 100, relpages = 1 WHERE relname = 'transaction';
UPDATE pg_class SET reltuples = 1000, relpages = 10 WHERE relname IN ('account', 'idx1');
RESET dsql_emu.mode;
EXPLAIN (COSTS OFF) SELECT t.account_id, a.balance FROM transaction t
	LEFT JOIN account a ON a.customer_id = t.account_id AND
		a.balance > CASE WHEN t.description LIKE 'fee%' THEN 0::numeric ELSE 100::numeric END
	WHERE t.transaction_date >= '2026-01-01' AND (a.status = 'active' OR a.customer_id IS NULL)
	ORDER BY t.account_id;
DROP TABLE account, transaction;

-- S11, with 1000 other rows than those of the statistics, as the sample has it
CREATE TABLE orders (id uuid PRIMARY KEY, amount numeric);
SET dsql_emu.mode = off;
CREATE INDEX idx_orders_amount ON orders (amount);
INSERT INTO orders SELECT gen_random_uuid(), round(g * 43064.95 / 999, 2) FROM generate_series(0, 999) g;
ANALYZE orders;
DELETE FROM orders;
INSERT INTO orders SELECT gen_random_uuid(), CASE WHEN g <= 898 THEN 20000 ELSE 1 END FROM generate_series(1, 1000) g;
UPDATE pg_class SET relpages = 10000, reltuples = 1000000 WHERE relname = 'orders';
UPDATE pg_class SET relpages = 2, reltuples = 200 WHERE relname = 'idx_orders_amount';
UPDATE pg_statistic SET stawidth = 9 WHERE starelid = 'orders'::regclass AND staattnum = 2;
RESET dsql_emu.mode;
EXPLAIN (ANALYZE, TIMING OFF, SUMMARY OFF) SELECT amount FROM orders WHERE amount >= 10000.00 LIMIT 10000;
DROP TABLE orders;

-- S12
CREATE TABLE usertable (key text PRIMARY KEY, field0 text);
CREATE TABLE customers (id uuid PRIMARY KEY, phone_num text, name text);
SET dsql_emu.mode = off;
CREATE INDEX customers_phone_num_idx ON customers (phone_num);
INSERT INTO customers VALUES ('00000000-0000-4000-8000-000000000001', '12345678', 'n');
ANALYZE customers;
UPDATE pg_statistic SET stawidth = 12 WHERE starelid = 'customers'::regclass AND staattnum = 2;
UPDATE pg_class SET reltuples = 200000, relpages = 2000 WHERE relname = 'usertable';
UPDATE pg_class SET reltuples = 5000, relpages = 47 WHERE relname = 'customers_phone_num_idx';
UPDATE pg_class SET reltuples = 5000, relpages = 90 WHERE relname = 'customers';
RESET dsql_emu.mode;
EXPLAIN SELECT key, field0 FROM usertable WHERE key = 'bob';
EXPLAIN SELECT phone_num FROM customers LIMIT 1;
DROP TABLE usertable, customers;

-- S15, with what has changed since: filters of the query processor have a price,
-- numbers are compared in storage, and a look-up's round trip is in the startup
CREATE TABLE transaction (account_id uuid, transaction_date timestamp, description text);
CREATE TABLE account (id uuid PRIMARY KEY, customer_id uuid, balance numeric, status varchar(20), note text);
SET dsql_emu.mode = off;
CREATE INDEX idx1 ON account (customer_id) INCLUDE (balance, status);
INSERT INTO transaction SELECT NULL, NULL, CASE WHEN g <= 2 THEN 'an external one' ELSE 'another' END
	FROM generate_series(1, 20) g;
INSERT INTO account (id, status) VALUES (gen_random_uuid(), 'pending');
ANALYZE transaction, account;
DELETE FROM pg_statistic WHERE starelid = 'transaction'::regclass AND staattnum <> 3 OR
	starelid = 'account'::regclass AND staattnum <> 4;
UPDATE pg_statistic SET stawidth = 18, stadistinct = 200, stakind1 = 0, stakind2 = 0, stakind3 = 0
	WHERE starelid = 'account'::regclass;
UPDATE pg_class SET relpages = 0, reltuples = -1 WHERE relname IN ('transaction', 'account', 'account_pkey', 'idx1');
RESET dsql_emu.mode;
EXPLAIN SELECT account_id FROM transaction
	WHERE transaction_date > '2025-01-01' AND description LIKE '%external%';
EXPLAIN SELECT status FROM account WHERE customer_id = '4b18a761-5870-4d7c-95ce-0a48eca3fceb'
	AND status = 'pending' AND balance > 100;
EXPLAIN SELECT status FROM account WHERE customer_id = '4b18a761-5870-4d7c-95ce-0a48eca3fceb'
	AND status = 'pending' AND balance > 100 AND note > 'a';
DROP TABLE transaction, account;
