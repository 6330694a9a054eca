-- All ways to a setting ask the same list: what the service does not let its
-- users set cannot be set by a view, a function of any name, a definition, or
-- in an expression that is compiled; what it lets them set can.

-- The rule of the view pg_settings calls set_config().
UPDATE pg_settings SET setting = 'read committed' WHERE name = 'default_transaction_isolation'; \echo :SQLSTATE
SHOW default_transaction_isolation;
UPDATE pg_settings SET setting = '1' WHERE name = 'statement_timeout'; \echo :SQLSTATE
UPDATE pg_settings SET setting = 'off' WHERE name = 'check_function_bodies'; \echo :SQLSTATE
UPDATE pg_settings SET setting = setting WHERE name IN ('application_name', 'work_mem'); \echo :SQLSTATE
UPDATE pg_settings SET setting = 'by the view' WHERE name = 'application_name';
SHOW application_name;
WITH u AS (SELECT 1) UPDATE pg_catalog.pg_settings SET setting = '64' FROM u WHERE name = 'work_mem'; \echo :SQLSTATE
PREPARE p AS SELECT 1; \echo :SQLSTATE
SHOW work_mem;

-- In the body of a function, by whatever name
CREATE FUNCTION regress_set(n text, v text) RETURNS text LANGUAGE sql AS 'SELECT set_config(n, v, false)';
SELECT regress_set('work_mem', '1MB'); \echo :SQLSTATE
SELECT regress_set('application_name', 'in a function');
CREATE FUNCTION regress_view(n text, v text) RETURNS void LANGUAGE sql AS 'UPDATE pg_settings SET setting = v WHERE name = n';
SELECT regress_view('work_mem', '1MB'); \echo :SQLSTATE
SELECT regress_view('application_name', 'in a function');
SELECT dsql.set_config('work_mem', '1MB', false); \echo :SQLSTATE
SELECT dsql.set_config('application_name', 'ours', false);
CREATE FUNCTION regress_utility() RETURNS void LANGUAGE sql AS 'SET work_mem = ''1MB''';
SELECT regress_utility(); \echo :SQLSTATE

-- What a function brings with it
CREATE FUNCTION regress_clause() RETURNS int LANGUAGE sql SET work_mem = '1MB' AS 'SELECT 1'; \echo :SQLSTATE
CREATE FUNCTION regress_clause() RETURNS int LANGUAGE sql SET work_mem FROM CURRENT AS 'SELECT 1'; \echo :SQLSTATE
CREATE FUNCTION regress_clause() RETURNS int LANGUAGE sql SET role = 'admin' AS 'SELECT 1'; \echo :SQLSTATE
CREATE FUNCTION regress_clause() RETURNS text LANGUAGE sql SET application_name = 'clause' AS 'SELECT current_setting(''application_name'')';
SELECT regress_clause();
SHOW application_name;

-- Made in mode off, met in mode enforce; the other way round all is allowed.
SET dsql_emu.mode = off;
CREATE VIEW regress_settings AS SELECT set_config('work_mem', '1MB', false);
CREATE RULE set_it AS ON UPDATE TO regress_settings DO INSTEAD SELECT set_config('work_mem', '1MB', false);
RESET dsql_emu.mode;
SELECT * FROM regress_settings; \echo :SQLSTATE
UPDATE regress_settings SET set_config = ''; \echo :SQLSTATE
SET dsql_emu.mode = off;
SELECT * FROM regress_settings;
UPDATE pg_settings SET setting = '2048' WHERE name = 'work_mem';
RESET work_mem;

-- Expressions that are compiled call the server's functions by their names.
SET jit_above_cost = 0;
SET dsql_emu.mode = enforce;
SELECT count(set_config(n, '1MB', false)) FROM (VALUES ('work_mem'), ('work_mem')) AS v (n); \echo :SQLSTATE
UPDATE pg_settings SET setting = '1024' WHERE name = 'work_mem'; \echo :SQLSTATE
SELECT count(set_config(n, 'x', false)) FROM (VALUES ('application_name')) AS v (n);
SHOW work_mem;
SET dsql_emu.mode = off;
RESET jit_above_cost;

-- Mode report lets pass and notes.
SET client_min_messages = error;
SET dsql_emu.mode = report;
UPDATE pg_settings SET setting = '2048' WHERE name = 'work_mem';
SHOW work_mem;
SELECT message FROM dsql.findings WHERE statement LIKE 'UPDATE pg_settings%';
SELECT dsql.reset_findings();
SET dsql_emu.mode = off;
RESET work_mem;
RESET client_min_messages;
RESET application_name;
DROP VIEW regress_settings;
DROP FUNCTION regress_set, regress_view, regress_clause;
