-- What an emulated session shows of its server: the service's version, one
-- isolation level for every transaction, UTC.  The same session shows
-- PostgreSQL's own values where dsql_emu.mode is off.
SHOW server_version;
SELECT current_setting('server_version') AS version;
SHOW server_version_num;
SELECT sys.dsql_major_version();
SELECT * FROM sys.dsql_major_version();
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
