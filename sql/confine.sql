-- A session that is in one cluster reaches nothing of another's schemas by any
-- statement, as whichever role: superusers and the owner of all of it included.
-- In report mode, which lets pass what the service refuses, neither.
SET dsql_emu.create_delay = 0;
SET dsql_emu.delete_delay = 0;
SELECT identifier AS mine FROM dsql.create_cluster('regress_mine', false) \gset
SELECT identifier AS theirs FROM dsql.create_cluster('regress_theirs', false) \gset

-- What is there to be had.  The administrator, who is in no cluster's walls,
-- also lays bridges.
SELECT dsql.use_cluster(:'theirs');
CREATE SCHEMA regress_theirs_too;
CREATE TABLE regress_theirs.secret (id int PRIMARY KEY, what text);
INSERT INTO secret VALUES (1, 'secret');
CREATE TABLE regress_theirs_too.secret (id int PRIMARY KEY);
CREATE SEQUENCE regress_theirs.numbers CACHE 1;
CREATE VIEW regress_theirs.view AS SELECT * FROM secret;
CREATE DOMAIN regress_theirs.word AS text;
CREATE FUNCTION regress_theirs.peek() RETURNS text LANGUAGE sql AS 'SELECT what FROM regress_theirs.secret';
GRANT ALL ON SCHEMA regress_theirs TO PUBLIC;
GRANT ALL ON ALL TABLES IN SCHEMA regress_theirs TO PUBLIC;
SELECT dsql.use_cluster(:'mine');
CREATE TABLE mine (id int PRIMARY KEY, what text);
SELECT dsql.use_cluster(NULL);
SELECT 'regress_theirs.numbers'::regclass::oid AS numbers \gset
SELECT 'regress_theirs.secret'::regclass::oid AS secret \gset
SELECT what FROM regress_theirs.secret;
SET dsql_emu.mode = off;
CREATE VIEW regress_mine.bridge AS SELECT * FROM regress_theirs.secret;
CREATE VIEW regress_mine.bridge_by_function AS SELECT regress_theirs.peek();
CREATE FUNCTION regress_mine.bridge() RETURNS text LANGUAGE sql SECURITY DEFINER BEGIN ATOMIC SELECT what FROM regress_theirs.secret; END;
CREATE FUNCTION regress_mine.bridge_of_text() RETURNS text LANGUAGE sql SECURITY DEFINER AS 'SELECT what FROM regress_theirs.secret';
CREATE FUNCTION regress_mine.bridge_in_plpgsql() RETURNS text LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN RETURN (SELECT what FROM regress_theirs.secret); END $$;
CREATE FUNCTION regress_mine.bridge_with_path() RETURNS text LANGUAGE sql SECURITY DEFINER SET search_path = regress_theirs AS 'SELECT what FROM secret';
CREATE FUNCTION regress_mine.on_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO regress_theirs.secret VALUES (2, 'planted'); RETURN NEW; END $$;
CREATE TABLE regress_mine.with_trigger (id int);
CREATE TRIGGER t BEFORE INSERT ON regress_mine.with_trigger FOR EACH ROW EXECUTE FUNCTION regress_mine.on_change();
CREATE TABLE regress_mine.with_default (id int DEFAULT nextval('regress_theirs.numbers'));
CREATE TABLE regress_mine.child (id int REFERENCES regress_theirs.secret ON DELETE CASCADE);
CREATE VIEW regress_theirs.on_mine AS SELECT * FROM regress_mine.mine;
CREATE ROLE regress_user;
GRANT ALL ON SCHEMA regress_mine, regress_theirs TO regress_user;
GRANT ALL ON ALL TABLES IN SCHEMA regress_mine, regress_theirs TO regress_user;
SET dsql_emu.mode = enforce;
PREPARE p AS SELECT 1;
SET dsql_emu.mode = off;
PREPARE p AS SELECT what FROM regress_theirs.secret;
SET dsql_emu.mode = enforce;

SELECT dsql.use_cluster(:'mine');

-- Qualified names
SELECT * FROM regress_theirs.secret;
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM regress_theirs_too.secret;
SELECT * FROM mine JOIN regress_theirs.secret USING (id);
SELECT (SELECT count(*) FROM regress_theirs.view);
INSERT INTO regress_theirs.secret VALUES (2, 'x');
INSERT INTO mine SELECT * FROM regress_theirs.secret;
UPDATE regress_theirs.secret SET what = 'x';
UPDATE mine SET what = s.what FROM regress_theirs.secret s;
DELETE FROM regress_theirs.secret;
DELETE FROM mine USING regress_theirs.secret s;
SELECT * FROM regress_theirs.view;
SELECT * FROM regress_theirs.numbers;
SELECT regress_theirs.peek();
SELECT * FROM regress_theirs.peek();
SELECT 'x'::regress_theirs.word;
SELECT 1 OPERATOR(regress_theirs.+) 1;
SELECT NULL::regress_theirs.secret;
EXPLAIN SELECT * FROM regress_theirs.secret;
WITH x AS (DELETE FROM regress_theirs.secret RETURNING *) SELECT * FROM x;
SELECT * FROM public.mine;
\echo :LAST_ERROR_SQLSTATE

-- The search path
SET search_path = regress_theirs;
SELECT current_schemas(false);
SELECT * FROM secret;
\echo :LAST_ERROR_SQLSTATE
SELECT peek();
\echo :LAST_ERROR_SQLSTATE
CREATE TABLE planted (id int PRIMARY KEY);
\echo :LAST_ERROR_SQLSTATE
SET search_path = "$user", public, regress_theirs;
SELECT current_schemas(false);
SELECT set_config('search_path', 'regress_theirs', false);
SELECT * FROM secret;
\echo :LAST_ERROR_SQLSTATE
SET SCHEMA 'regress_theirs';
SELECT current_schema();
RESET search_path;
SELECT current_schema();

-- Identity instead of a name
SELECT 'regress_theirs.secret'::regclass;
\echo :LAST_ERROR_SQLSTATE
SELECT to_regclass('regress_theirs.secret');
\echo :LAST_ERROR_SQLSTATE
SELECT 'regress_theirs.peek()'::regprocedure;
SELECT 'regress_theirs.word'::regtype;
SELECT nextval('regress_theirs.numbers');
\echo :LAST_ERROR_SQLSTATE
SELECT nextval(:numbers);
\echo :LAST_ERROR_SQLSTATE
SELECT nextval(:'numbers'::regclass);
\echo :LAST_ERROR_SQLSTATE
SELECT setval(:numbers, 100);
\echo :LAST_ERROR_SQLSTATE
SELECT currval(:numbers);
\echo :LAST_ERROR_SQLSTATE
SELECT nextval((:numbers - 1 + 1)::oid);
\echo :LAST_ERROR_SQLSTATE
SELECT nextval(oid::regclass) FROM pg_class WHERE relname = 'numbers';
\echo :LAST_ERROR_SQLSTATE
SELECT setval(oid, 100) FROM pg_class WHERE relname = 'numbers';
\echo :LAST_ERROR_SQLSTATE
SELECT currval(oid), pg_sequence_last_value(oid) FROM pg_class WHERE relname = 'numbers';
\echo :LAST_ERROR_SQLSTATE
SELECT dsql.adopt_table(:secret);
\echo :LAST_ERROR_SQLSTATE
SELECT dsql.create_index_async('CREATE INDEX planted ON regress_theirs.secret (id)');
\echo :LAST_ERROR_SQLSTATE
SELECT query_to_xml('SELECT * FROM regress_theirs.secret', true, false, '');
\echo :LAST_ERROR_SQLSTATE
SELECT table_to_xml(:secret, true, false, '');
\echo :LAST_ERROR_SQLSTATE
SELECT currtid2('regress_theirs.secret', '(0,1)');
\echo :LAST_ERROR_SQLSTATE

-- Through what somebody else has built
SELECT * FROM bridge;
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM bridge_by_function;
\echo :LAST_ERROR_SQLSTATE
SELECT regress_mine.bridge();
\echo :LAST_ERROR_SQLSTATE
\set SHOW_CONTEXT never
SELECT bridge_of_text();
\set SHOW_CONTEXT errors
\echo :LAST_ERROR_SQLSTATE
SELECT bridge_in_plpgsql();
\echo :LAST_ERROR_SQLSTATE
\set SHOW_CONTEXT never
SELECT bridge_with_path();
\set SHOW_CONTEXT errors
\echo :LAST_ERROR_SQLSTATE
INSERT INTO with_trigger VALUES (1);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO with_default DEFAULT VALUES;
\echo :LAST_ERROR_SQLSTATE
INSERT INTO child VALUES (1);
\echo :LAST_ERROR_SQLSTATE
COPY mine TO STDOUT;
COPY regress_theirs.secret TO STDOUT;
\echo :LAST_ERROR_SQLSTATE
COPY (SELECT * FROM regress_theirs.secret) TO STDOUT;
\echo :LAST_ERROR_SQLSTATE
COPY bridge TO STDOUT;
\echo :LAST_ERROR_SQLSTATE
COPY (SELECT * FROM bridge) TO STDOUT;
\echo :LAST_ERROR_SQLSTATE
\copy regress_theirs.secret FROM /dev/null
\echo :LAST_ERROR_SQLSTATE

-- Definitions
CREATE TABLE regress_theirs.planted (id int PRIMARY KEY);
\echo :LAST_ERROR_SQLSTATE
CREATE TABLE IF NOT EXISTS regress_theirs.planted (id int PRIMARY KEY);
\echo :LAST_ERROR_SQLSTATE
CREATE TABLE copy (LIKE regress_theirs.secret);
CREATE TABLE child2 (id int PRIMARY KEY REFERENCES regress_theirs.secret);
\echo :LAST_ERROR_SQLSTATE
CREATE TABLE typed (id int PRIMARY KEY, w regress_theirs.word);
ALTER TABLE mine ADD CONSTRAINT fk FOREIGN KEY (id) REFERENCES regress_theirs.secret NOT VALID;
\echo :LAST_ERROR_SQLSTATE
CREATE VIEW regress_theirs.planted AS SELECT 1 AS a;
\echo :LAST_ERROR_SQLSTATE
CREATE VIEW bridge2 AS SELECT * FROM regress_theirs.secret;
\echo :LAST_ERROR_SQLSTATE
CREATE FUNCTION regress_theirs.planted() RETURNS int LANGUAGE sql AS 'SELECT 1';
\echo :LAST_ERROR_SQLSTATE
CREATE FUNCTION bridge2() RETURNS text LANGUAGE sql AS 'SELECT what FROM regress_theirs.secret';
\echo :LAST_ERROR_SQLSTATE
CREATE SEQUENCE regress_theirs.planted CACHE 1;
\echo :LAST_ERROR_SQLSTATE
CREATE DOMAIN regress_theirs.planted AS int;
\echo :LAST_ERROR_SQLSTATE
CREATE INDEX ASYNC planted ON regress_theirs.secret (what);
\echo :LAST_ERROR_SQLSTATE
CREATE SCHEMA regress_theirs;
\echo :LAST_ERROR_SQLSTATE
ALTER TABLE regress_theirs.secret ADD COLUMN x int;
ALTER TABLE regress_theirs.secret RENAME TO x;
ALTER TABLE mine SET SCHEMA regress_theirs;
\echo :LAST_ERROR_SQLSTATE
ALTER TABLE regress_theirs.secret SET SCHEMA regress_mine;
ALTER SCHEMA regress_theirs RENAME TO x;
\echo :LAST_ERROR_SQLSTATE
ALTER SCHEMA regress_theirs OWNER TO admin;
\echo :LAST_ERROR_SQLSTATE
ALTER VIEW regress_theirs.view RENAME TO x;
ALTER FUNCTION regress_theirs.peek() RENAME TO x;
ALTER SEQUENCE regress_theirs.numbers RESTART;
ALTER DOMAIN regress_theirs.word DROP DEFAULT;
DROP TABLE regress_theirs.secret;
DROP TABLE IF EXISTS regress_theirs.secret;
DROP VIEW regress_theirs.view;
DROP FUNCTION regress_theirs.peek();
DROP SEQUENCE regress_theirs.numbers;
DROP SCHEMA regress_theirs CASCADE;
\echo :LAST_ERROR_SQLSTATE
DROP SCHEMA regress_theirs_too CASCADE;
\echo :LAST_ERROR_SQLSTATE
DROP TABLE mine CASCADE;
\echo :LAST_ERROR_SQLSTATE
GRANT SELECT ON regress_theirs.secret TO regress_user;
GRANT SELECT ON ALL TABLES IN SCHEMA regress_theirs TO regress_user;
GRANT USAGE ON SCHEMA regress_theirs TO regress_user;
\echo :LAST_ERROR_SQLSTATE
REVOKE ALL ON SCHEMA regress_theirs FROM PUBLIC;
\echo :LAST_ERROR_SQLSTATE
ALTER DEFAULT PRIVILEGES IN SCHEMA regress_theirs GRANT SELECT ON TABLES TO PUBLIC;
\echo :LAST_ERROR_SQLSTATE
COMMENT ON TABLE regress_theirs.secret IS 'x';
COMMENT ON SCHEMA regress_theirs IS 'x';
\echo :LAST_ERROR_SQLSTATE
ANALYZE regress_theirs.secret;
\echo :LAST_ERROR_SQLSTATE

-- Other roles
BEGIN;
SET LOCAL ROLE admin;
SELECT * FROM regress_theirs.secret;
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
BEGIN;
SET LOCAL ROLE regress_user;
SELECT * FROM regress_theirs.secret;
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
BEGIN;
SET LOCAL ROLE regress_user;
SELECT * FROM bridge;
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;

-- What report mode lets pass
SET dsql_emu.mode = report;
SET client_min_messages = error;
EXECUTE p;
\echo :LAST_ERROR_SQLSTATE
TRUNCATE regress_theirs.secret;
\echo :LAST_ERROR_SQLSTATE
BEGIN;
LOCK TABLE regress_theirs.secret;
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
BEGIN;
DECLARE c CURSOR FOR SELECT * FROM regress_theirs.secret;
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
DO $$ BEGIN PERFORM * FROM regress_theirs.secret; END $$;
\echo :LAST_ERROR_SQLSTATE
DO $$ BEGIN EXECUTE 'SELECT * FROM regress_theirs.secret'; END $$;
\echo :LAST_ERROR_SQLSTATE
CREATE TABLE stolen AS SELECT * FROM regress_theirs.secret;
\echo :LAST_ERROR_SQLSTATE
CREATE MATERIALIZED VIEW stolen AS SELECT * FROM bridge;
\echo :LAST_ERROR_SQLSTATE
CREATE TABLE stolen () INHERITS (regress_theirs.secret);
\echo :LAST_ERROR_SQLSTATE
CREATE TYPE regress_theirs.planted AS (a int);
\echo :LAST_ERROR_SQLSTATE
CREATE TRIGGER t AFTER DELETE ON regress_theirs.secret EXECUTE FUNCTION on_change();
\echo :LAST_ERROR_SQLSTATE
CREATE RULE r AS ON INSERT TO mine DO ALSO DELETE FROM regress_theirs.secret;
\echo :LAST_ERROR_SQLSTATE
DROP OWNED BY admin CASCADE;
\echo :LAST_ERROR_SQLSTATE
SET SESSION AUTHORIZATION regress_user;
SELECT * FROM regress_theirs.secret;
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM bridge;
\echo :LAST_ERROR_SQLSTATE
RESET SESSION AUTHORIZATION;
SET ROLE regress_user;
SELECT * FROM regress_theirs.secret;
\echo :LAST_ERROR_SQLSTATE
RESET ROLE;
RESET client_min_messages;
SET dsql_emu.mode = enforce;

-- The default cluster is no exception: an ordinary role is confined to it, the
-- administrator is not
SELECT dsql.use_cluster(NULL);
CREATE TABLE here (id int PRIMARY KEY);
GRANT SELECT ON here TO regress_user;
SELECT what FROM regress_theirs.secret;
SELECT what FROM regress_mine.bridge;
SET dsql_emu.mode = report;
SET client_min_messages = error;
SET SESSION AUTHORIZATION regress_user;
SELECT * FROM here;
SELECT what FROM regress_theirs.secret;
\echo :LAST_ERROR_SQLSTATE
RESET SESSION AUTHORIZATION;
SELECT dsql.use_cluster(:'mine');
SELECT * FROM public.here;
\echo :LAST_ERROR_SQLSTATE
SELECT dsql.use_cluster(NULL);
RESET client_min_messages;

-- Nothing has come of all that
SET dsql_emu.mode = off;
SELECT * FROM regress_theirs.secret;
SELECT nspname, relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
WHERE nspname LIKE 'regress_theirs%' AND relkind <> 'i' AND relkind <> 't' ORDER BY 1, 2;
SELECT last_value, is_called FROM regress_theirs.numbers;
SELECT nspacl::text LIKE '%=UC/%' AS granted, obj_description(oid) FROM pg_namespace WHERE nspname = 'regress_theirs';
SELECT count(*) FROM pg_default_acl;
SELECT * FROM regress_mine.mine;

-- Only schemas carry the labels, and only superusers write them
SECURITY LABEL FOR dsql_emu ON TABLE regress_mine.mine IS 'x';
\echo :LAST_ERROR_SQLSTATE
SECURITY LABEL FOR dsql_emu ON SCHEMA public IS 'x';
\echo :LAST_ERROR_SQLSTATE
SET ROLE admin;
SECURITY LABEL FOR dsql_emu ON SCHEMA regress_mine IS NULL;
\echo :LAST_ERROR_SQLSTATE
RESET ROLE;

DROP TABLE here;
DROP TABLE regress_mine.child;
SELECT status FROM dsql.delete_cluster(:'theirs');
SELECT status FROM dsql.delete_cluster(:'mine');
DROP OWNED BY regress_user;
DROP ROLE regress_user;
