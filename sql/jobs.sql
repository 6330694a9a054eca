-- CREATE INDEX ASYNC and ALTER TABLE ASYNC answer with the identifier of a job
-- and keep their command tags; the catalog is changed, and the job queued, in
-- the statement's own transaction.  The job's end says what became of it.
-- Jobs that nobody asked for follow from DROP and from changes of rows.
SELECT current_user AS super \gset
SET dsql_emu.manual_jobs = on;
SELECT coalesce(max(submitted), '-infinity') AS start FROM dsql.job \gset
\set mine 'job_id IN (SELECT id FROM dsql.job WHERE submitted > ' :'start' ')'
CREATE TABLE job_t (id integer PRIMARY KEY, a integer, b text);
INSERT INTO job_t SELECT g, g, 'b' || g % 10 FROM generate_series(1, 100) g;

-- The answer and what the catalogs say at once
CREATE INDEX ASYNC job_a ON job_t (a) \gset
SELECT :'job_id' ~ '^[a-z2-7]{26}$' AS identifier;
SELECT indisvalid, indisready, indislive FROM pg_index
WHERE indexrelid = 'job_a'::regclass;
SELECT job_id = :'job_id' AS same, status, details, job_type,
	   class_id = 'pg_class'::regclass AS class,
	   object_id = 'job_a'::regclass AS object, object_name,
	   start_time = date_trunc('second', start_time) AND
	   start_time BETWEEN now() - interval '1 minute' AND clock_timestamp() AS start,
	   update_time
FROM sys.jobs WHERE :mine;
SELECT attname, format_type(atttypid, NULL) FROM pg_attribute
WHERE attrelid = 'sys.jobs'::regclass ORDER BY attnum;
INSERT INTO job_t VALUES (101, 101, 'late');
CREATE INDEX ASYNC job_a ON job_t (b);
\echo :LAST_ERROR_SQLSTATE
CALL dsql.run_jobs();
SELECT indisvalid, indisready, indislive FROM pg_index
WHERE indexrelid = 'job_a'::regclass;
SELECT status, details, update_time >= start_time AS updated FROM sys.jobs WHERE :mine;
SET enable_seqscan = off;
SELECT b FROM job_t WHERE a = 101;
RESET enable_seqscan;

-- With IF NOT EXISTS and an existing index nothing is done.
CREATE INDEX ASYNC IF NOT EXISTS job_a ON job_t (a);
SELECT count(*) FROM sys.jobs WHERE :mine;

-- Forms of the statement
CREATE INDEX ASYNC ON job_t (a) \gset a_
CREATE INDEX ASYNC ON job_t (a, lower(b), (a + 1), (a + 2)) INCLUDE (id) WHERE a > 0 \gset b_
CREATE INDEX ASYNC IF NOT EXISTS job_n ON job_t (a NULLS FIRST, b) INCLUDE (id) \gset c_
CREATE UNIQUE INDEX ASYNC job_u ON job_t (a) NULLS NOT DISTINCT \gset d_
CREATE UNIQUE INDEX ASYNC job_p ON job_t (b) WHERE a = 5 \gset e_
CALL dsql.run_jobs();
SELECT object_name, status, details FROM sys.jobs WHERE :mine ORDER BY 1;
SELECT indexrelid::regclass AS index, indisvalid, pg_get_indexdef(indexrelid)
FROM pg_index WHERE indrelid = 'job_t'::regclass ORDER BY indexrelid;
SELECT attrelid::regclass AS index, attname FROM pg_attribute
WHERE attrelid IN ('job_t_a_lower_expr_expr1_id_idx'::regclass, 'job_n'::regclass)
ORDER BY attrelid, attnum;
DROP TABLE job_t;

-- What is wrong with a statement is said at once, and leaves nothing.
CREATE TABLE job_t (id integer PRIMARY KEY, a integer, b text);
CREATE VIEW job_v AS SELECT 1 AS a;
SELECT count(*) AS count FROM dsql.job \gset
CREATE INDEX ASYNC job_x ON job_nothing (a);
\echo :LAST_ERROR_SQLSTATE
CREATE INDEX ASYNC job_x ON job_t (nothing);
\echo :LAST_ERROR_SQLSTATE
CREATE INDEX ASYNC job_x ON job_t (a) INCLUDE (nothing);
\echo :LAST_ERROR_SQLSTATE
CREATE INDEX ASYNC job_x ON job_t ((nothing + 1));
\echo :LAST_ERROR_SQLSTATE
CREATE INDEX ASYNC job_x ON job_t (ctid);
\echo :LAST_ERROR_SQLSTATE
CREATE INDEX ASYNC job_x ON job_t (a) WHERE ctid IS NULL;
\echo :LAST_ERROR_SQLSTATE
CREATE INDEX ASYNC job_x ON job_t ((a * random()));
\echo :LAST_ERROR_SQLSTATE
CREATE INDEX ASYNC job_x ON job_t (a) WHERE a < random();
\echo :LAST_ERROR_SQLSTATE
CREATE INDEX ASYNC job_x ON job_v (a);
\echo :LAST_ERROR_SQLSTATE
CREATE INDEX ASYNC job_t_pkey ON job_t (a);
\echo :LAST_ERROR_SQLSTATE
CREATE ROLE regress_jobs LOGIN;
\c - regress_jobs
CREATE INDEX ASYNC job_x ON job_t (a);
\echo :LAST_ERROR_SQLSTATE
ALTER TABLE ASYNC job_t VALIDATE CONSTRAINT c;
\echo :LAST_ERROR_SQLSTATE
\c - :super
SET dsql_emu.manual_jobs = on;
BEGIN READ ONLY;
CREATE INDEX ASYNC job_x ON job_t (a);
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
SELECT count(*) - :count AS new, to_regclass('job_x') FROM dsql.job;
DROP VIEW job_v;

-- It is DDL of the transaction that it is in, and rolls back with it.
BEGIN;
CREATE INDEX ASYNC job_r ON job_t (a) \gset
SELECT count(*) FROM sys.jobs WHERE job_id = :'job_id';
CREATE INDEX ASYNC job_r2 ON job_t (a);
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
SELECT count(*), to_regclass('job_r') FROM sys.jobs WHERE job_id = :'job_id';
BEGIN;
INSERT INTO job_t VALUES (1, 1, 'x');
CREATE INDEX ASYNC job_r ON job_t (a);
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
BEGIN\; CREATE INDEX ASYNC job_s ON job_t (a) WHERE a = 1\; COMMIT \g /dev/null
SELECT to_regclass('job_s');
CREATE TABLE job_t2 (a integer)\; CREATE INDEX ASYNC ON job_t2 (a);
\echo :LAST_ERROR_SQLSTATE
DROP INDEX job_s;
CALL dsql.run_jobs();

-- A unique index over duplicates: not valid, but enforcing
SELECT coalesce(max(submitted), '-infinity') AS start FROM dsql.job \gset
\set mine 'job_id IN (SELECT id FROM dsql.job WHERE submitted > ' :'start' ')'
INSERT INTO job_t SELECT g, g, 'b' || g % 10 FROM generate_series(1, 100) g;
CREATE UNIQUE INDEX ASYNC job_d ON job_t (b) \gset
ALTER TABLE job_t ADD CONSTRAINT job_d UNIQUE USING INDEX job_d;
\echo :LAST_ERROR_SQLSTATE
CALL dsql.run_jobs();
CALL sys.wait_for_job(:'job_id');
SELECT status, details, job_type FROM sys.jobs WHERE :mine;
SELECT indisvalid, indisready FROM pg_index WHERE indexrelid = 'job_d'::regclass;
INSERT INTO job_t VALUES (101, 101, 'b7');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO job_t VALUES (101, 101, 'new');
INSERT INTO job_t VALUES (102, 102, 'new');
\echo :LAST_ERROR_SQLSTATE
ALTER TABLE job_t ADD CONSTRAINT job_d UNIQUE USING INDEX job_d;
\echo :LAST_ERROR_SQLSTATE
DROP INDEX job_d;
INSERT INTO job_t VALUES (102, 102, 'new');

-- One without duplicates can be made a constraint when it is valid.
CREATE UNIQUE INDEX ASYNC job_d ON job_t (a) \gset
CALL dsql.run_jobs();
CALL sys.wait_for_job(:'job_id');
ALTER TABLE job_t ADD CONSTRAINT job_c UNIQUE USING INDEX job_d;

-- What was dropped before its job began counts as done.
CREATE INDEX ASYNC "Job g" ON job_t (b) \gset
DROP INDEX "Job g";
CALL dsql.run_jobs();
SELECT status, details, object_name FROM sys.jobs WHERE job_id = :'job_id';
CALL sys.wait_for_job(:'job_id');

-- ALTER TABLE ASYNC ... VALIDATE CONSTRAINT
SELECT coalesce(max(submitted), '-infinity') AS start FROM dsql.job \gset
\set mine 'job_id IN (SELECT id FROM dsql.job WHERE submitted > ' :'start' ')'
CREATE TABLE job_f (id integer, t integer CHECK (t > 0), PRIMARY KEY (id));
INSERT INTO job_f VALUES (1, 1), (2, 1000);
ALTER TABLE job_f ADD CONSTRAINT fk FOREIGN KEY (t) REFERENCES job_t (id) NOT VALID;
ALTER TABLE job_f ADD CONSTRAINT low CHECK (t < 100) NOT VALID;
ALTER TABLE job_f ADD CONSTRAINT high CHECK (t < 10000) NOT VALID;
ALTER TABLE ASYNC job_f VALIDATE CONSTRAINT nothing;
\echo :LAST_ERROR_SQLSTATE
ALTER TABLE ASYNC job_f VALIDATE CONSTRAINT job_f_pkey;
\echo :LAST_ERROR_SQLSTATE
ALTER TABLE ASYNC job_nothing VALIDATE CONSTRAINT c;
\echo :LAST_ERROR_SQLSTATE
ALTER TABLE ASYNC IF EXISTS job_nothing VALIDATE CONSTRAINT c;
ALTER TABLE ASYNC job_f VALIDATE CONSTRAINT fk \gset a_
ALTER TABLE ASYNC job_f VALIDATE CONSTRAINT low \gset b_
ALTER TABLE ASYNC job_f VALIDATE CONSTRAINT high \gset c_
ALTER TABLE ASYNC job_f VALIDATE CONSTRAINT job_f_t_check \gset d_
CALL dsql.run_jobs();
SELECT status, details, job_type, object_name FROM sys.jobs WHERE :mine
ORDER BY object_name, status, details;
SELECT conname, convalidated FROM pg_constraint
WHERE conrelid = 'job_f'::regclass AND contype IN ('c', 'f') ORDER BY conname;
DELETE FROM job_f WHERE t = 1000;
ALTER TABLE ASYNC job_f VALIDATE CONSTRAINT fk \gset a_
ALTER TABLE ASYNC job_f VALIDATE CONSTRAINT low \gset b_
CALL dsql.run_jobs();
SELECT conname, convalidated FROM pg_constraint
WHERE conrelid = 'job_f'::regclass AND contype IN ('c', 'f') ORDER BY conname;

-- DROP leaves jobs for the table and for indexes other than the primary key.
SELECT coalesce(max(submitted), '-infinity') AS start FROM dsql.job \gset
\set mine 'job_id IN (SELECT id FROM dsql.job WHERE submitted > ' :'start' ')'
SELECT 'job_t'::regclass::oid AS t, 'job_c'::regclass::oid AS c,
	   'job_f'::regclass::oid AS f \gset
CREATE VIEW job_v AS SELECT 1 AS a;
CREATE SEQUENCE job_s CACHE 1;
DROP VIEW job_v;
DROP SEQUENCE job_s;
BEGIN;
DROP TABLE job_f;
ROLLBACK;
SELECT count(*) FROM sys.jobs WHERE :mine;
DROP TABLE job_f;
DROP TABLE job_t;
SELECT object_id = :f AS f, object_id = :t AS t, object_id = :c AS c, status,
	   details, job_type, object_name
FROM sys.jobs WHERE :mine ORDER BY 1 DESC, 2 DESC, 3 DESC;
CALL dsql.run_jobs();
SELECT DISTINCT status, details, job_type, object_name,
	   update_time IS NOT NULL AS updated
FROM sys.jobs WHERE :mine;

-- Tables whose rows were changed are analyzed, by jobs of their own.
SELECT coalesce(max(submitted), '-infinity') AS start FROM dsql.job \gset
\set mine 'job_id IN (SELECT id FROM dsql.job WHERE submitted > ' :'start' ')'
SET dsql_emu.auto_analyze = on;
CREATE TABLE job_t (id integer PRIMARY KEY, a integer);
CREATE TABLE job_empty (id integer PRIMARY KEY, a integer);
BEGIN;
INSERT INTO job_empty VALUES (1, 1);
ROLLBACK;
SELECT count(*) FROM job_empty;
INSERT INTO job_t SELECT g, g FROM generate_series(1, 100) g;
UPDATE job_t SET a = a + 1 WHERE id < 10;
CALL dsql.run_jobs();
SELECT status, details, job_type, object_name FROM sys.jobs WHERE :mine
ORDER BY object_name, status, details;
SELECT reltuples FROM pg_class WHERE oid = 'job_t'::regclass;
ANALYZE job_t;
CALL dsql.run_jobs();
SELECT count(*) FROM sys.jobs WHERE :mine;
DELETE FROM job_t WHERE id < 51;
SELECT 'job_t'::regclass::oid AS t \gset
DROP TABLE job_t;
CALL dsql.run_jobs();
SELECT status, details, job_type, object_name, object_id = :t AS t
FROM sys.jobs WHERE :mine ORDER BY job_type, status, details NULLS FIRST;
DROP TABLE job_empty;
SET dsql_emu.auto_analyze = off;

-- sys.wait_for_job
CALL sys.wait_for_job('no-such-job');
\echo :LAST_ERROR_SQLSTATE
CALL sys.wait_for_job(NULL);
\echo :LAST_ERROR_SQLSTATE
CALL sys.wait_for_job('0af8da53-4b3c-4d25-9f5a-39a5a6b1a6b2');
\echo :LAST_ERROR_SQLSTATE
CALL sys.wait_for_job('aaaaaaaaaaaaaaaaaaaaaaaaab');
\echo :LAST_ERROR_SQLSTATE
CALL sys.wait_for_job('aaaaaaaaaaaaaaaaaaaaaaaaaa');
\echo :LAST_ERROR_SQLSTATE
BEGIN;
CALL sys.wait_for_job('aaaaaaaaaaaaaaaaaaaaaaaaaa');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
SELECT 1 AS one\; CALL sys.wait_for_job('aaaaaaaaaaaaaaaaaaaaaaaaaa');
\echo :LAST_ERROR_SQLSTATE
SELECT sys.wait_for_job('aaaaaaaaaaaaaaaaaaaaaaaaaa');
\echo :LAST_ERROR_SQLSTATE
SELECT sys.wait_for_job((SELECT 'aaaaaaaaaaaaaaaaaaaaaaaaaa'));
\echo :LAST_ERROR_SQLSTATE
CALL sys.wait_for_job((SELECT job_id FROM sys.jobs LIMIT 1));
\echo :LAST_ERROR_SQLSTATE
BEGIN;
CALL dsql.run_jobs();
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;

-- A superuser can make a job fail; the index stays as it is.
CREATE TABLE job_t (id integer PRIMARY KEY, a integer);
CREATE INDEX ASYNC job_a ON job_t (a) \gset
BEGIN;
SELECT dsql.fail_job(:'job_id', 'rolled back');
ROLLBACK;
SELECT status, details FROM sys.jobs WHERE job_id = :'job_id';
SELECT dsql.fail_job(:'job_id', 'storage is full');
SELECT status, details FROM sys.jobs WHERE job_id = :'job_id';
CALL sys.wait_for_job(:'job_id');
\set VERBOSITY sqlstate
SELECT dsql.fail_job(:'job_id', 'again');
\set VERBOSITY default
SELECT dsql.fail_job('nothing', 'again');
\echo :LAST_ERROR_SQLSTATE
CALL dsql.run_jobs();
SELECT indisvalid, indisready FROM pg_index WHERE indexrelid = 'job_a'::regclass;
DROP INDEX job_a;

-- What the public may do
\c - regress_jobs
SELECT count(*) > 0 AS some FROM sys.jobs;
SELECT * FROM dsql.job;
\echo :LAST_ERROR_SQLSTATE
SELECT dsql.fail_job(:'job_id', 'again');
\echo :LAST_ERROR_SQLSTATE
CALL dsql.run_jobs();
\echo :LAST_ERROR_SQLSTATE
CALL dsql.submit();
\echo :LAST_ERROR_SQLSTATE
SELECT dsql.create_index_async('CREATE INDEX job_x ON job_t (a)');
\echo :LAST_ERROR_SQLSTATE
\c - :super
SET dsql_emu.manual_jobs = on;

-- The same as functions, for servers that cannot understand the word
SELECT dsql.create_index_async('CREATE INDEX job_a ON job_t (a)') AS job_id \gset
SELECT dsql.create_index_async('CREATE INDEX IF NOT EXISTS job_a ON job_t (a)') IS NULL AS none;
ALTER TABLE job_t ADD CONSTRAINT positive CHECK (a > 0) NOT VALID;
SELECT dsql.alter_table_async('ALTER TABLE job_t VALIDATE CONSTRAINT positive') AS other_id \gset
CALL dsql.run_jobs();
SELECT job_type, status, object_name FROM sys.jobs WHERE job_id IN (:'job_id', :'other_id');
SELECT dsql.create_index_async('CREATE INDEX ASYNC ON job_t (a)');
\echo :LAST_ERROR_SQLSTATE
SELECT dsql.create_index_async('SELECT 1');
\echo :LAST_ERROR_SQLSTATE
SELECT dsql.create_index_async('CREATE INDEX a ON job_t (a); CREATE INDEX b ON job_t (a)');
\echo :LAST_ERROR_SQLSTATE
SELECT dsql.alter_table_async('ALTER TABLE job_t ADD COLUMN b integer');
\echo :LAST_ERROR_SQLSTATE
SELECT dsql.create_index_async('CREATE INDEX b ON job_t (a)'), dsql.create_index_async('CREATE INDEX c ON job_t (a)');
\echo :LAST_ERROR_SQLSTATE

-- Half an hour after its end a job is seen no more, once another is queued.
SELECT dsql.advance_clock('31 min') IS NOT NULL AS advanced;
SELECT count(*) FROM sys.jobs WHERE job_id = :'job_id';
CREATE INDEX ASYNC job_b ON job_t (a) \gset new_
SELECT count(*) FROM sys.jobs WHERE job_id = :'job_id';
SELECT count(*) FROM sys.jobs WHERE job_id = :'new_job_id';
\set VERBOSITY sqlstate
CALL sys.wait_for_job(:'job_id');
\set VERBOSITY default
CALL dsql.run_jobs();
SELECT count(*) FROM dsql.job WHERE id = :'job_id';
SELECT dsql.reset_clock() IS NOT NULL AS reset;

-- Without waiting for run_jobs(): a job starts when it is committed.
RESET dsql_emu.manual_jobs;
CREATE INDEX ASYNC job_now ON job_t (a) \gset
CALL sys.wait_for_job(:'job_id');
SET dsql_emu.job_delay = '1d';
CREATE INDEX ASYNC job_later ON job_t (a) \gset
SELECT status FROM sys.jobs WHERE job_id = :'job_id';
RESET dsql_emu.job_delay;
CALL dsql.run_jobs();
SELECT status FROM sys.jobs WHERE job_id = :'job_id';

DROP TABLE job_t;
DROP ROLE regress_jobs;
