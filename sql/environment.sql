-- What an emulated session shows of its server: the service's version, one
-- isolation level for every transaction, UTC.  The same session shows
-- PostgreSQL's own values where dsql_emu.mode is off.
SHOW server_version;
SELECT current_setting('server_version') AS version;
SHOW server_version_num;
SELECT sys.dsql_major_version();
SELECT * FROM sys.dsql_major_version();

-- Helper functions, of which the names are recorded
SELECT sys.uuid_to_base32_str('123e4567-e89b-42d3-a456-426614174000') AS id \gset
SELECT sys.base32_str_to_uuid(:'id');
SELECT sys.base32_str_to_uuid('nonsense'); \echo :SQLSTATE
SELECT sys.base32_str_to_uuid(sys.current_session_id()) IS NOT NULL AS identifier,
	sys.current_session_id() = sys.current_session_id() AS same;
SELECT sys.current_transaction_id() AS transaction \gset
BEGIN;
SELECT sys.current_transaction_id() AS transaction2 \gset
SELECT sys.current_transaction_id() = :'transaction2' AS same, :'transaction' <> :'transaction2' AS other,
	length(:'transaction');
COMMIT;
SELECT sys.iam_session_user();
CREATE TABLE helper (id int PRIMARY KEY);
INSERT INTO helper VALUES (1);
SELECT sys.cluster_size() >= pg_total_relation_size('helper') AS size, sys.cluster_size_limit();
DROP TABLE helper;
SELECT string_agg(t, ', ') FROM sys.supported_datatypes() AS t;
CREATE DOMAIN regress_domain AS varchar(3);
SELECT sys.base_type_oid('regress_domain'::regtype)::regtype, sys.base_type_oid('uuid'::regtype)::regtype,
	sys.base_type_oid(1);
DROP DOMAIN regress_domain;
SELECT CURRENT_USER AS owner \gset
\c - admin
SELECT sys.decode_job_status(1); \echo :SQLSTATE
SELECT sys.cluster_size() >= 0 AS size;
SELECT routine_name, data_type FROM information_schema.routines WHERE specific_schema = 'sys' ORDER BY 1;
SELECT proname FROM pg_proc WHERE pronamespace = 'sys'::regnamespace AND
	NOT has_function_privilege(oid, 'EXECUTE') ORDER BY 1;
DROP ROUTINE sys.supported_datatypes; \echo :SQLSTATE
DROP FUNCTION sys.supported_datatypes(); \echo :SQLSTATE
\c - :owner

SHOW transaction_isolation;
BEGIN;
SHOW transaction_isolation;
COMMIT;
SHOW default_text_search_config;

-- A reset leads back here, not to PostgreSQL's values.
RESET ALL;
SHOW server_version;
SHOW transaction_isolation;

SET dsql_emu.mode = off;
SELECT current_setting('server_version_num')::int / 10000
	   IN (15, 16, 17, 18) AS host,
	   current_setting('server_version_num') <> '160015' AS its_own;
SHOW transaction_isolation;
SHOW default_text_search_config;
SET dsql_emu.mode = enforce;
SHOW server_version;
SHOW transaction_isolation;

-- It follows a change that is rolled back, too.
BEGIN;
SET LOCAL dsql_emu.mode = off;
SHOW server_version_num \gset
SELECT :'server_version_num' <> '160015' AS its_own;
ROLLBACK;
SHOW server_version;
SHOW transaction_isolation;
SELECT set_config('dsql_emu.mode', 'off', false);
SHOW transaction_isolation;
SHOW transaction_isolation;
RESET dsql_emu.mode;
SHOW transaction_isolation;

-- Only a superuser changes the mode.
BEGIN;
SET LOCAL ROLE admin;
SET dsql_emu.mode = off;
\echo :SQLSTATE
ROLLBACK;

-- The role that users start with.
SELECT rolname, rolsuper, rolcreaterole, rolcreatedb, rolcanlogin
FROM pg_roles WHERE rolname = 'admin';
SELECT nspname, nspowner::regrole FROM pg_namespace WHERE nspname = 'public';
SELECT has_schema_privilege('public', 'public', 'create') AS create,
	   has_schema_privilege('public', 'public', 'usage') AS usage;
