-- Settings: a few can be set, by SET, set_config() and ALTER ROLE alike; all can
-- be shown.

-- Those that can be set
SET application_name = 'regress_settings';
SET SESSION client_encoding TO 'UTF8';
SET LOCAL datestyle = 'ISO, MDY';
SET datestyle TO iso, mdy;
SET disable_sync_create_index = off;
SET dsql.enable_batched_nestloop = off;
SET enable_bitmapscan = on;
SET enable_hashjoin = on;
SET enable_indexonlyscan = on;
SET enable_indexscan = on;
SET enable_material = on;
SET enable_mergejoin = on;
SET enable_nestloop = on;
SET enable_seqscan = on;
SET extra_float_digits = 1;
SET intervalstyle = 'postgres';
SET search_path TO public, pg_catalog;
SET TimeZone = 'UTC';
SET "EXTRA_FLOAT_DIGITS" = 1;
SET extra_float_digits TO DEFAULT;
SET extra_float_digits = 99; \echo :SQLSTATE
SET TIME ZONE 'Europe/Berlin';
SET TIME ZONE INTERVAL '+00:00' HOUR TO MINUTE;
SET TIME ZONE -5;
SET TIME ZONE UTC;
SET TIME ZONE DEFAULT;
SET TIME ZONE LOCAL;
SET NAMES 'UTF8';
SET NAMES DEFAULT;
SET SCHEMA 'public';
SET SESSION AUTHORIZATION DEFAULT;
SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ;
SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ WRITE;
RESET application_name;
RESET search_path;
RESET TIME ZONE;
RESET SESSION AUTHORIZATION;
RESET ROLE;
RESET ALL;

-- Those that cannot; whether they exist makes no difference.
SET statement_timeout = 0; \echo :SQLSTATE
SET LOCAL lock_timeout = 0; \echo :SQLSTATE
SET SESSION work_mem = '4MB'; \echo :SQLSTATE
SET client_min_messages TO warning; \echo :SQLSTATE
SET client_min_messages TO DEFAULT; \echo :SQLSTATE
SET default_transaction_isolation = 'repeatable read'; \echo :SQLSTATE
SET default_transaction_read_only = on; \echo :SQLSTATE
SET transaction_isolation = 'repeatable read'; \echo :SQLSTATE
SET standard_conforming_strings = on; \echo :SQLSTATE
SET row_security = off; \echo :SQLSTATE
SET synchronize_seqscans = off; \echo :SQLSTATE
SET enable_sort = on; \echo :SQLSTATE
SET enable_hashagg = on; \echo :SQLSTATE
SET default_text_search_config = 'english'; \echo :SQLSTATE
SET XML OPTION DOCUMENT; \echo :SQLSTATE
SET server_version = '17'; \echo :SQLSTATE
SET nothing = 1; \echo :SQLSTATE
SET my.nothing = 1; \echo :SQLSTATE
SET dsql.nothing = 1; \echo :SQLSTATE
SET "Mixed.Case" = 1; \echo :SQLSTATE
SET SESSION AUTHORIZATION admin; \echo :SQLSTATE
SET session_authorization = 'admin'; \echo :SQLSTATE
RESET statement_timeout; \echo :SQLSTATE
RESET nothing; \echo :SQLSTATE
RESET my.nothing; \echo :SQLSTATE

-- The role is set for one transaction.
SET ROLE admin; \echo :SQLSTATE
SET SESSION ROLE admin; \echo :SQLSTATE
SET ROLE NONE; \echo :SQLSTATE
SET role = admin; \echo :SQLSTATE
BEGIN;
SET LOCAL ROLE admin;
SELECT CURRENT_USER;
RESET ROLE;
SELECT CURRENT_USER = SESSION_USER AS reset;
SELECT set_config('role', 'admin', true);
COMMIT;
SELECT CURRENT_USER = SESSION_USER AS reset;
SELECT set_config('role', 'admin', false); \echo :SQLSTATE

-- SET TRANSACTION: the isolation level is looked at first.
BEGIN;
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; \echo :SQLSTATE
ROLLBACK;
SET TRANSACTION READ ONLY; \echo :SQLSTATE
SET LOCAL TRANSACTION READ WRITE; \echo :SQLSTATE
SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; \echo :SQLSTATE
SET TRANSACTION ISOLATION LEVEL READ COMMITTED, READ ONLY; \echo :SQLSTATE
SET TRANSACTION SNAPSHOT '1'; \echo :SQLSTATE
SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE; \echo :SQLSTATE
SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED; \echo :SQLSTATE
SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY DEFERRABLE; \echo :SQLSTATE
SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY;
CREATE TABLE t (a integer); \echo :SQLSTATE
SHOW transaction_read_only;
SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE;
SHOW transaction_read_only;
SHOW transaction_isolation;

-- set_config()
SELECT set_config('application_name', 'by function', false);
SELECT set_config('statement_timeout', '1', true); \echo :SQLSTATE
SELECT set_config('my.setting', '1', false); \echo :SQLSTATE
SELECT * FROM set_config('work_mem', '4MB', false); \echo :SQLSTATE
SELECT 1 WHERE set_config('work_mem', '4MB', false) IS NULL; \echo :SQLSTATE
EXPLAIN SELECT set_config('work_mem', '4MB', false); \echo :SQLSTATE
SELECT set_config(n, 'by function', false) FROM (VALUES ('application_name')) AS v (n);
SELECT n, set_config(n, '1', false) FROM (VALUES ('application_name'), ('lock_timeout')) AS v (n); \echo :SQLSTATE
SELECT set_config('application_name', 'x', l) FROM (VALUES (true)) AS v (l);
SELECT set_config('role', 'admin', l) FROM (VALUES (false)) AS v (l); \echo :SQLSTATE
SELECT set_config('ro' || 'le', 'admin', false); \echo :SQLSTATE
SELECT set_config(NULL, '1', false); \echo :SQLSTATE
SELECT set_config('application_name', NULL, false) = current_setting('application_name') AS reset;
SELECT name, set_config(name, '1', false) FROM pg_settings WHERE name = 'lock_timeout'; \echo :SQLSTATE
SHOW lock_timeout;
CREATE VIEW v AS SELECT set_config('extra_float_digits', '0', true);
SELECT * FROM v;
SELECT pg_get_viewdef('v'::regclass);
DROP VIEW v;

-- SHOW shows everything, of what is there.
SHOW statement_timeout;
SHOW TRANSACTION ISOLATION LEVEL;
SHOW client_encoding;
SHOW disable_sync_create_index;
SHOW dsql.enable_batched_nestloop;
SHOW nothing; \echo :SQLSTATE
\set VERBOSITY sqlstate
SHOW lc_collate; \echo :LAST_ERROR_MESSAGE
SHOW LC_CTYPE; \echo :LAST_ERROR_MESSAGE
SELECT current_setting('lc_collate'); \echo :LAST_ERROR_MESSAGE
\set VERBOSITY default
SELECT current_setting('statement_timeout'), current_setting('nothing', true);

-- What a role or a function brings with it
CREATE ROLE regress_settings;
ALTER ROLE regress_settings SET search_path = public;
ALTER USER regress_settings SET search_path TO DEFAULT;
ALTER ROLE regress_settings SET TIME ZONE 'UTC';
ALTER ROLE regress_settings RESET search_path;
ALTER ROLE regress_settings RESET ALL;
ALTER ROLE regress_settings SET statement_timeout = 1; \echo :SQLSTATE
ALTER USER regress_settings SET work_mem TO '1MB'; \echo :SQLSTATE
ALTER ROLE regress_settings RESET work_mem;
ALTER ROLE regress_settings SET work_mem TO DEFAULT; \echo :SQLSTATE
ALTER ROLE regress_settings SET ROLE admin; \echo :SQLSTATE
ALTER ROLE regress_settings IN DATABASE nothing SET search_path = public; \echo :SQLSTATE
ALTER ROLE ALL SET search_path = public; \echo :SQLSTATE
ALTER ROLE ALL RESET ALL; \echo :SQLSTATE
ALTER USER "admin" SET search_path = "public";
ALTER ROLE admin SET work_mem = '1MB'; \echo :SQLSTATE
ALTER USER "admin" RESET search_path;
ALTER DATABASE nothing SET search_path = public; \echo :SQLSTATE
DROP ROLE regress_settings;

-- The emulator's own are exempt.
SET dsql_emu.mode = enforce;
SELECT set_config('dsql_emu.mode', 'enforce', true);
RESET dsql_emu.mode;

-- Mode report
SET dsql_emu.mode = report;
SET client_min_messages = error;
SET client_min_messages = warning;
SET my.setting = 'x';
SELECT set_config(n, 'y', false) FROM (VALUES ('my.setting')) AS v (n);
SHOW my.setting;
BEGIN;
SET TRANSACTION READ ONLY;
COMMIT;

-- Mode off
SET dsql_emu.mode = off;
SET work_mem = '4MB';
RESET client_min_messages;
SET ROLE admin;
RESET ROLE;
SELECT set_config(n, '2MB', false) FROM (VALUES ('work_mem')) AS v (n);
SET nothing = 1; \echo :SQLSTATE
BEGIN;
SET TRANSACTION ISOLATION LEVEL SERIALIZABLE;
SHOW transaction_isolation;
COMMIT;

-- A superuser sets the emulator's own for a database or a role, nobody else.
SET dsql_emu.mode = enforce;
ALTER DATABASE contrib_regression SET work_mem = '1MB'; \echo :SQLSTATE
ALTER DATABASE contrib_regression SET dsql_emu.mode = report; \echo :SQLSTATE
ALTER DATABASE contrib_regression RESET dsql_emu.mode; \echo :SQLSTATE
ALTER ROLE admin SET dsql_emu.mode = report; \echo :SQLSTATE
ALTER ROLE admin RESET dsql_emu.mode; \echo :SQLSTATE
BEGIN; SET LOCAL ROLE admin;
ALTER DATABASE contrib_regression SET dsql_emu.mode = off; \echo :SQLSTATE
ROLLBACK;
