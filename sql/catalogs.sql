-- Catalogs and settings show what the service's show.
SELECT CURRENT_USER AS owner \gset
\c - admin

-- "simple" is the one text search configuration.
SELECT cfgname FROM pg_ts_config;
SELECT cfgname FROM pg_catalog.pg_ts_config AS c WHERE c.cfgname = 'english';
SELECT dictname FROM pg_ts_dict;
SELECT tmplname FROM pg_ts_template ORDER BY tmplname;
SELECT DISTINCT mapcfg::regconfig FROM pg_ts_config_map;
SELECT (SELECT count(*) FROM pg_ts_config), EXISTS (SELECT FROM pg_ts_config t WHERE t.oid = c.oid),
	c.oid = 'simple'::regconfig AS same, c FROM pg_ts_config c;
\dF
EXPLAIN (COSTS OFF) SELECT cfgname FROM pg_ts_config;
EXPLAIN (COSTS OFF) UPDATE pg_ts_config SET cfgname = 'x';
-- A view is stored as it was written.
CREATE VIEW regress_configurations AS SELECT cfgname FROM pg_ts_config;
SELECT replace(pg_get_viewdef('regress_configurations'::regclass), 'pg_ts_config.', '') AS definition;
DROP VIEW regress_configurations;

-- Passwords are hidden, and the view can be read.
SELECT usename, usesuper, passwd FROM pg_shadow WHERE usename = 'admin';
SELECT s::text = u::text AS same FROM pg_shadow s JOIN pg_user u USING (usesysid) WHERE s.usename = 'admin';

-- Admin may read these, other roles may not.
CREATE ROLE regress_plain LOGIN;
CREATE TABLE regress_s (id int PRIMARY KEY, v text);
INSERT INTO regress_s SELECT g, 'v' FROM generate_series(1, 3) g;
ANALYZE regress_s;
SELECT staattnum, stadistinct, stavalues1 FROM pg_statistic WHERE starelid = 'regress_s'::regclass ORDER BY staattnum;
SELECT s.stavalues1 = ANY (SELECT t.stavalues1::text FROM pg_statistic t) AS same FROM
	(SELECT starelid, stavalues1::text FROM pg_catalog.pg_statistic WHERE starelid = 'regress_s'::regclass) s;
SELECT count(*) > 0 AS some, bool_and(size > 0) AS sized FROM pg_shmem_allocations WHERE name LIKE 'dsql_emu%';
SELECT name FROM pg_backend_memory_contexts WHERE name = 'TopMemoryContext';
DELETE FROM pg_statistic;
\c - regress_plain
SELECT staattnum FROM pg_statistic;
SELECT name FROM pg_shmem_allocations;
SELECT name FROM pg_backend_memory_contexts;
SELECT * FROM dsql.statistic_rows();
SELECT * FROM dsql.shmem_allocation_rows();
SELECT * FROM dsql.memory_context_rows();
\c - admin
DROP TABLE regress_s;
DROP ROLE regress_plain;

-- The ways to read a setting agree.
SHOW max_connections;
SELECT current_setting('max_connections'), setting FROM pg_settings WHERE name = 'max_connections';
SELECT name FROM pg_settings WHERE name IN ('lc_collate', 'lc_ctype');
SELECT count(*) = count(current_setting(name)) AS all_shown FROM pg_settings;
SELECT name, setting FROM pg_settings WHERE name IN
	('default_transaction_isolation', 'server_version') ORDER BY name;

-- Indexes are of btree_index, and that of a primary key includes all other columns.
CREATE TABLE regress_t (id int, v varchar(10), "odd) USING btree (" text, n int, PRIMARY KEY (n, id),
	CONSTRAINT regress_u UNIQUE (v));
CREATE INDEX ASYNC "regress USING btree (i)" ON regress_t ((n + 1), "odd) USING btree (") WHERE v > ')' \gset
CALL sys.wait_for_job(:'job_id');
CREATE TABLE regress_k (id int PRIMARY KEY);
SELECT indexdef FROM pg_indexes WHERE tablename LIKE 'regress%' ORDER BY indexname;
SELECT conname, pg_get_constraintdef(oid), pg_get_constraintdef(oid, true) FROM pg_constraint
	WHERE conrelid IN ('regress_t'::regclass, 'regress_k'::regclass) ORDER BY conname;
SELECT n, pg_get_indexdef('regress_t_pkey'::regclass, n, true) FROM generate_series(0, 5) AS n;
SELECT pg_get_indexdef('pg_class_oid_index'::regclass);
SELECT indexrelid::regclass, indnatts, indnkeyatts, indkey, indoption FROM pg_index
	WHERE indrelid IN ('regress_t'::regclass, 'regress_k'::regclass) ORDER BY 1;
SELECT relname, relkind, amname, reltoastrelid FROM pg_class c LEFT JOIN pg_am a ON a.oid = c.relam
	WHERE relname LIKE 'regress%' ORDER BY relname;
SELECT oid, amname, amtype FROM pg_am WHERE amname LIKE 'btree%' AND amname <> 'btree_table' ORDER BY oid;
SELECT amname FROM pg_am ORDER BY amname;
SELECT count(*) FILTER (WHERE amopmethod = 10003) > 0 AS theirs, count(*) FILTER (WHERE amopmethod = 403) AS ours
	FROM pg_amop;
SELECT opcname, opfname FROM pg_opclass c JOIN pg_opfamily f ON f.oid = c.opcfamily AND opfmethod = opcmethod
	WHERE opcmethod = (SELECT relam FROM pg_class WHERE relname = 'regress_t_pkey') AND
	opcdefault AND opcintype = 'int4'::regtype;
SELECT count(*) FROM pg_class WHERE relkind = 't' OR reltoastrelid <> 0 OR relname LIKE 'pg\_toast%';
\d+ regress_t
\d regress_t_pkey
-- As ActiveRecord does, which takes all of it for the key
SELECT a.attname FROM (SELECT indrelid, indkey, generate_subscripts(indkey, 1) idx FROM pg_index
		WHERE indrelid = '"regress_t"'::regclass AND indisprimary) i
	JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[i.idx] ORDER BY i.idx;
-- It follows the table.
ALTER TABLE regress_t ADD COLUMN later bytea;
ALTER TABLE regress_t DROP COLUMN v;
ALTER TABLE regress_t RENAME COLUMN later TO latest;
SELECT pg_get_indexdef('regress_t_pkey'::regclass);
-- Nothing counts their use.
INSERT INTO regress_k VALUES (1), (2);
SET enable_seqscan = off;
SELECT id FROM regress_k WHERE id = 1;
SELECT pg_stat_force_next_flush();
RESET enable_seqscan;
SELECT indexrelname, idx_scan, idx_tup_read, idx_tup_fetch FROM pg_stat_user_indexes WHERE relname = 'regress_k';
-- An index has rows for the columns that it includes, for who looks it up.
SELECT attrelid::regclass, attnum, attname, atttypid::regtype, attnotnull, attcompression, attoptions FROM pg_attribute
	WHERE attrelid = 'regress_t_pkey'::regclass ORDER BY attnum;
SELECT c.relname, relnatts, (SELECT string_agg(attname, ' ' ORDER BY attnum) FROM pg_attribute a WHERE a.attrelid = c.oid)
	FROM pg_class c WHERE relname LIKE 'regress%' AND relkind = 'i' ORDER BY relname;
SELECT attname FROM pg_class c LEFT JOIN pg_attribute ON 'regress_t_pkey'::regclass = attrelid
	WHERE c.oid = 'regress_t_pkey'::regclass AND attnum > 2 ORDER BY attnum;
SELECT a FROM pg_attribute a WHERE attrelid = 'pg_class_oid_index'::regclass AND attnum = 2;
-- Who looks up a table pays nothing for that, nor does a join.
EXPLAIN (COSTS OFF) SELECT attname FROM pg_attribute WHERE attrelid = 'pg_class'::regclass AND attnum > 0;
EXPLAIN (COSTS OFF) SELECT attname FROM pg_class c JOIN pg_attribute ON attrelid = c.oid WHERE relname = 'regress_t' AND relnamespace = 2200;
-- Who asks a catalog for a system column reads PostgreSQL's.
SELECT tableoid::regclass, indnatts FROM pg_index WHERE indrelid = 'regress_t'::regclass AND indisprimary;
-- Compression, of what is in no key
SELECT attname, attcompression FROM pg_attribute WHERE attrelid = 'regress_t'::regclass AND attnum > 0 ORDER BY attnum;
CREATE TABLE regress_c (a text, b varchar, c char(3), d json, e jsonb, f bytea, g numeric, k text PRIMARY KEY);
SELECT string_agg(attname, ' ' ORDER BY attnum) FROM pg_attribute
	WHERE attrelid = 'regress_c'::regclass AND attcompression = 'l';
SELECT string_agg(attname, ' ') FROM pg_attribute WHERE attrelid = 'regress_c_pkey'::regclass AND attcompression = 'l';

-- Modes report and off
\c - :owner
SET dsql_emu.mode = report;
SELECT count(*) > 1 AS several FROM pg_ts_config;
SELECT pg_get_indexdef('regress_t_pkey'::regclass), pg_get_indexdef('regress_t_pkey'::regclass, 3, false);
SELECT pg_get_constraintdef(oid), indnatts, indkey, (SELECT relam FROM pg_class c WHERE c.oid = conindid)
	FROM pg_constraint JOIN pg_index ON indexrelid = conindid WHERE conname = 'regress_t_pkey';
SET dsql_emu.mode = off;
SELECT count(*) > 1 AS several FROM pg_ts_config;
SELECT current_setting('max_connections') = '20' AS changed;
SET dsql_emu.mode = enforce;
SELECT count(*) > 1 AS several FROM pg_ts_config;
SELECT current_setting('max_connections') = '20' AS changed;
DROP TABLE regress_t, regress_k, regress_c;
