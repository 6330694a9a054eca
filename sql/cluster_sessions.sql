-- A session is in the default cluster until it is bound to another: then its
-- search path, the schemas it makes and what limits count are that cluster's.
SET dsql_emu.create_delay = 0;
SET dsql_emu.delete_delay = 0;
SELECT identifier AS shop FROM dsql.create_cluster('regress_shop', false, tags => '{"Name": "Shop"}') \gset
SELECT identifier AS bank FROM dsql.create_cluster('regress_bank', false) \gset

-- Not bound
SELECT current_schema(), dsql.current_cluster() = (SELECT identifier FROM dsql.clusters WHERE schema = 'public') AS in_default;

-- Which clusters one can be bound to (the error's DETAIL is random)
SELECT dsql.use_cluster('x');
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY terse
SELECT dsql.use_cluster('aaaaaaaaaaaaaaaaaaaaaaaaaa');
\echo :LAST_ERROR_SQLSTATE
BEGIN;
SELECT dsql.use_cluster(:'shop');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
\set VERBOSITY default
SET dsql_emu.mode = off;
SELECT dsql.use_cluster(:'shop');
\echo :LAST_ERROR_SQLSTATE
SET dsql_emu.mode = enforce;

-- The default cluster can be named, too, which makes no difference.
SELECT dsql.use_cluster(dsql.current_cluster());
SELECT current_schema();
CREATE SCHEMA regress_default;
SELECT count(*) FROM pg_seclabel JOIN pg_namespace n ON n.oid = objoid WHERE nspname = 'regress_default';
SELECT sessions FROM dsql.clusters WHERE schema = 'public';
SELECT dsql.use_cluster(NULL);
SELECT sessions FROM dsql.clusters WHERE schema = 'public';
DROP SCHEMA regress_default;

-- Bound
SELECT dsql.use_cluster(:'shop');
SELECT current_schema(), current_schemas(true), dsql.current_cluster() = :'shop' AS in_shop;
CREATE TABLE t (id int PRIMARY KEY, what text);
INSERT INTO t VALUES (1, 'shop');
CREATE SCHEMA regress_extra CREATE TABLE e (id int PRIMARY KEY);
SELECT nspname, relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
WHERE relkind = 'r' AND pg_table_is_visible(c.oid) AND nspname !~ '^pg_';
SELECT name, status, schema, deletion_protection, sessions, tables, size > 0 AS some
FROM dsql.clusters WHERE schema LIKE 'regress%' ORDER BY schema;

-- Another one, under the same names
SELECT dsql.use_cluster(:'bank');
\d
CREATE TABLE t (id int PRIMARY KEY, what text);
INSERT INTO t VALUES (1, 'bank');
SELECT what FROM t;
SELECT dsql.use_cluster(:'shop');
SELECT what FROM t;

-- The search path: as set within the cluster, and reset to it
SET search_path = regress_extra;
SELECT current_schemas(false);
SELECT dsql.use_cluster(:'bank');
SELECT current_schemas(false);
SELECT dsql.use_cluster(:'shop');
SET search_path = regress_extra, regress_shop;
SELECT current_schemas(false);
RESET search_path;
SELECT current_schemas(false);
SET search_path = regress_bank, public, regress_extra;
SELECT current_schemas(false);
RESET ALL;
SELECT current_schemas(false);
SET dsql_emu.create_delay = 0;
SET dsql_emu.delete_delay = 0;
BEGIN;
SET LOCAL search_path = regress_extra;
SELECT current_schemas(false);
ROLLBACK;
SELECT current_schemas(false);

-- "public" is the cluster's own schema; another cluster's cannot be searched,
-- and whoever tries is told
SET search_path = public;
SHOW search_path;
SELECT count(*) FROM t;
SET search_path = "$user", public, regress_extra;
SHOW search_path;
SELECT set_config('search_path', 'regress_bank, public', false);
SELECT current_schemas(false);
SET search_path = nowhere, regress_extra;
SELECT current_schemas(false);
BEGIN;
SET LOCAL search_path TO public;
SELECT current_schemas(false);
ROLLBACK;
SET search_path = '';
SELECT current_schemas(false);
CREATE FUNCTION regress_shop.f() RETURNS text LANGUAGE sql SET search_path = public AS 'SELECT what FROM t';
RESET search_path;
SELECT f();
DROP FUNCTION f;

-- What was prepared is of the cluster that it is executed in
SET dsql_emu.mode = report;
SET client_min_messages = error;
PREPARE p AS SELECT what FROM t ORDER BY id;
CREATE FUNCTION f() RETURNS text LANGUAGE sql AS 'SELECT what FROM t';
EXECUTE p;
SELECT f();
SELECT dsql.use_cluster(:'bank');
EXECUTE p;
SELECT f();
\echo :LAST_ERROR_SQLSTATE
SELECT dsql.use_cluster(:'shop');
EXECUTE p;
DEALLOCATE p;
PREPARE p AS SELECT what FROM regress_shop.t;
EXECUTE p;
EXECUTE p;
SELECT dsql.use_cluster(:'bank');
EXECUTE p;
\echo :LAST_ERROR_SQLSTATE
SELECT dsql.use_cluster(:'shop');
EXECUTE p;
DROP FUNCTION f;

-- A cursor does not outlive its cluster
DECLARE c CURSOR WITH HOLD FOR SELECT what FROM t;
FETCH c;
SELECT dsql.use_cluster(:'bank');
FETCH c;
\echo :LAST_ERROR_SQLSTATE
RESET client_min_messages;
SET dsql_emu.mode = enforce;
SELECT dsql.use_cluster(:'shop');

-- Back
SELECT dsql.use_cluster(NULL);
SELECT current_schema(), dsql.current_cluster() <> :'shop' AS left;

-- Limits count what the cluster has
SET dsql_emu.max_tables = 2;
SET dsql_emu.max_schemas = 1;
CREATE SCHEMA regress_default;
CREATE TABLE t1 (id int PRIMARY KEY);
CREATE TABLE regress_default.t2 (id int PRIMARY KEY);
CREATE TABLE t3 (id int PRIMARY KEY);
\echo :LAST_ERROR_SQLSTATE
SELECT dsql.use_cluster(:'bank');
CREATE TABLE t1 (id int PRIMARY KEY);
CREATE TABLE t2 (id int PRIMARY KEY);
\echo :LAST_ERROR_SQLSTATE
CREATE SCHEMA regress_bank_extra;
CREATE SCHEMA regress_bank_more;
\echo :LAST_ERROR_SQLSTATE
DROP TABLE t1;
RESET dsql_emu.max_tables;
RESET dsql_emu.max_schemas;

-- The schema that is the cluster stays and keeps its name; others need not
DROP SCHEMA regress_bank;
\echo :LAST_ERROR_SQLSTATE
DROP SCHEMA regress_bank CASCADE;
\echo :LAST_ERROR_SQLSTATE
ALTER SCHEMA regress_bank RENAME TO regress_other;
\echo :LAST_ERROR_SQLSTATE
ALTER SCHEMA regress_bank_extra RENAME TO regress_other;
CREATE TABLE regress_other.t (id int PRIMARY KEY);
SELECT dsql.use_cluster(:'shop');
SELECT * FROM regress_other.t;
\echo :LAST_ERROR_SQLSTATE
SELECT dsql.use_cluster(:'bank');
SELECT * FROM regress_other.t;
SELECT dsql.use_cluster(NULL);
DROP SCHEMA public;
\echo :LAST_ERROR_SQLSTATE
ALTER SCHEMA public RENAME TO regress_public;
\echo :LAST_ERROR_SQLSTATE
DROP SCHEMA regress_shop;
\echo :LAST_ERROR_SQLSTATE
DROP TABLE t1;
DROP SCHEMA regress_default CASCADE;

-- A cluster goes with all its schemas, and only those; its session is nowhere
CREATE SCHEMA regress_stays;
SELECT dsql.use_cluster(:'bank');
SELECT status FROM dsql.delete_cluster(:'bank');
SELECT nspname FROM pg_namespace WHERE nspname LIKE 'regress%' ORDER BY nspname;
SELECT current_schema();
SELECT * FROM t;
\echo :LAST_ERROR_SQLSTATE
CREATE TABLE t (id int PRIMARY KEY);
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY terse
SELECT dsql.use_cluster(:'bank') IS NULL AS there;
\set VERBOSITY default
\echo :LAST_ERROR_SQLSTATE
SELECT dsql.use_cluster(NULL);
SELECT status FROM dsql.delete_cluster(:'shop');
SELECT nspname FROM pg_namespace WHERE nspname LIKE 'regress%';
DROP SCHEMA regress_stays;

-- A pair is one database with two names
SELECT identifier AS one, arn AS one_arn FROM dsql.create_cluster('regress_one', false, multi_region_properties => '{"witnessRegion": "us-west-2"}') \gset
\set VERBOSITY terse
SELECT dsql.use_cluster(:'one') IS NULL;
\set VERBOSITY default
\echo :LAST_ERROR_SQLSTATE
SELECT answer ->> 'identifier' AS two, answer ->> 'arn' AS two_arn FROM dsql.api('CreateCluster',
	format('{"deletionProtectionEnabled": false, "multiRegionProperties": {"witnessRegion": "us-west-2", "clusters": ["%s"]}}', :'one_arn')::jsonb, 'us-east-2') answer \gset
SELECT status FROM dsql.update_cluster(:'one', multi_region_properties => format('{"clusters": ["%s"]}', :'two_arn')::jsonb);
SELECT dsql.use_cluster(:'one');
CREATE TABLE t (id int PRIMARY KEY, what text);
CREATE SCHEMA regress_extra;
INSERT INTO t VALUES (1, 'one');
SELECT dsql.use_cluster(:'two');
SELECT dsql.current_cluster() = :'two' AS two, current_schema(), what FROM t;
UPDATE t SET what = 'two';
CREATE TABLE regress_extra.t (id int PRIMARY KEY);
SELECT dsql.use_cluster(:'one');
SELECT what FROM t;
SELECT count(*) FROM regress_extra.t;
SELECT dsql.use_cluster(NULL);
SET dsql_emu.pending_delete_delay = 0;
SELECT dsql.api('DeleteCluster', format('{"identifier": "%s"}', :'two')::jsonb, 'us-east-2') ->> 'status';
SELECT dsql.use_cluster(:'one');
SELECT what FROM t;
SELECT dsql.use_cluster(NULL);
SELECT status FROM dsql.delete_cluster(:'one');
SELECT nspname FROM pg_namespace WHERE nspname LIKE 'regress%';
SELECT count(*) FROM dsql.clusters;

-- Jobs and counters are the cluster's
SET dsql_emu.auto_analyze = off;
SELECT identifier AS one FROM dsql.create_cluster('regress_one', false) \gset
SELECT identifier AS two FROM dsql.create_cluster('regress_two', false) \gset
SELECT dsql.use_cluster(:'one');
CREATE TABLE t (id int PRIMARY KEY, what text);
SET dsql_emu.manual_jobs = on;
CREATE INDEX ASYNC i ON t (what) \gset
SELECT object_name, status FROM sys.jobs;
SELECT dsql.reset_stats();
INSERT INTO t VALUES (1, 'one');
SELECT rows_written FROM dsql.stats;
SELECT dsql.use_cluster(:'two');
SELECT count(*) FROM sys.jobs;
SELECT rows_written FROM dsql.stats;
CALL sys.wait_for_job('aaaaaaaaaaaaaaaaaaaaaaaaaa');
\echo :LAST_ERROR_SQLSTATE
SELECT dsql.use_cluster(:'one');
CALL dsql.run_jobs();
SELECT object_name, status FROM sys.jobs;
CALL sys.wait_for_job(:'job_id');
DROP TABLE t;
CALL dsql.run_jobs();
SELECT job_type, status FROM sys.jobs ORDER BY job_type;
SELECT dsql.use_cluster(NULL);
RESET dsql_emu.manual_jobs;
SELECT status FROM dsql.delete_cluster(:'one');
SELECT status FROM dsql.delete_cluster(:'two');
