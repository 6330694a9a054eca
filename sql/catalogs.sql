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
SELECT pg_get_viewdef('regress_configurations'::regclass);
DROP VIEW regress_configurations;

-- Passwords are hidden, and the view can be read.
SELECT usename, usesuper, passwd FROM pg_shadow WHERE usename = 'admin';
SELECT s::text = u::text AS same FROM pg_shadow s JOIN pg_user u USING (usesysid) WHERE s.usename = 'admin';

-- The ways to read a setting agree.
SHOW max_connections;
SELECT current_setting('max_connections'), setting FROM pg_settings WHERE name = 'max_connections';
SELECT name FROM pg_settings WHERE name IN ('lc_collate', 'lc_ctype');
SELECT count(*) = count(current_setting(name)) AS all_shown FROM pg_settings;
SELECT name, setting FROM pg_settings WHERE name IN
	('default_transaction_isolation', 'server_version') ORDER BY name;

-- Modes report and off
\c - :owner
SET dsql_emu.mode = report;
SELECT count(*) > 1 AS several FROM pg_ts_config;
SET dsql_emu.mode = off;
SELECT count(*) > 1 AS several FROM pg_ts_config;
SELECT current_setting('max_connections') = '20' AS changed;
SET dsql_emu.mode = enforce;
SELECT count(*) > 1 AS several FROM pg_ts_config;
SELECT current_setting('max_connections') = '20' AS changed;
