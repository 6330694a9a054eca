-- A job runs as the owner of its table, in a security-restricted operation and
-- with a search path of its own: what an owner hides in an index expression, a
-- predicate or a CHECK constraint gains nothing, though workers are superusers.
-- Functions that do such things are made in mode off; the service has none.  In
-- the first part workers are in mode off as well: privileges alone must do.
SELECT current_user AS super, current_database() AS db \gset
CREATE ROLE regress_owner LOGIN;
CREATE ROLE regress_member LOGIN;
GRANT regress_owner TO regress_member;
CREATE SCHEMA regress_own AUTHORIZATION regress_owner;
SET dsql_emu.mode = off;
CREATE TABLE regress_own.secret (v text);
INSERT INTO regress_own.secret VALUES ('x');
CREATE TABLE regress_own.seen (what text, who text, session text, path text);
GRANT INSERT, SELECT ON regress_own.seen TO regress_owner;
RESET dsql_emu.mode;

-- Each does one thing that only a superuser, or nobody in such an operation,
-- may do; in the backend it would be caught, so that the build goes on.
SET dsql_emu.mode = off;
CREATE FUNCTION regress_own.worse(id integer) RETURNS integer
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	attempts text[] := ARRAY[
		'ALTER ROLE regress_owner SUPERUSER',
		'SET ROLE ' || quote_ident((SELECT rolname FROM pg_catalog.pg_roles WHERE oid = 10)),
		'SET SESSION AUTHORIZATION DEFAULT',
		'RESET ROLE',
		'SELECT v FROM regress_own.secret',
		'CREATE TEMP TABLE trap (a int)',
		'DECLARE trap CURSOR WITH HOLD FOR SELECT 1',
		'LISTEN trap',
		'SELECT count(*) FROM dsql.job',
		'SELECT pg_catalog.pg_read_file(''PG_VERSION'')'];
	attempt text;
	result text;
BEGIN
	IF id = 1 THEN
		FOREACH attempt IN ARRAY attempts
		LOOP
			BEGIN
				EXECUTE attempt;
				result := 'done';
			EXCEPTION WHEN OTHERS THEN
				result := SQLSTATE;
			END;
			INSERT INTO regress_own.seen VALUES (attempt || ': ' || result,
				current_user, session_user,
				pg_catalog.current_setting('search_path'));
		END LOOP;
	END IF;
	RETURN id;
END $$;
CREATE FUNCTION regress_own.attack(id integer) RETURNS integer
LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN regress_own.worse(id); END $$;
-- Whoever is first in a search path is not called.
CREATE FUNCTION regress_own.lower(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS
$$ BEGIN RAISE EXCEPTION 'trap'; END $$;
CREATE FUNCTION regress_own.plain(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS
$$ BEGIN RETURN lower($1); END $$;
ALTER FUNCTION regress_own.attack(integer) OWNER TO regress_owner;
ALTER FUNCTION regress_own.worse(integer) OWNER TO regress_owner;
ALTER DATABASE :"db" SET dsql_emu.mode = off;
-- Workers that are there would keep the mode that they began with.
SELECT bool_and(pg_terminate_backend(pid, 60000)) IS NOT FALSE AS gone
FROM pg_stat_activity
WHERE backend_type = 'dsql_emu job worker' AND datname = current_database();
ALTER ROLE regress_owner SET dsql_emu.mode = enforce;
ALTER ROLE regress_member SET dsql_emu.mode = enforce;
RESET dsql_emu.mode;

\c - regress_owner
SET search_path = regress_own;
CREATE TABLE t (id integer PRIMARY KEY, a integer, b text);
INSERT INTO t SELECT g, 1, 'B' FROM generate_series(1, 3) g;
CREATE INDEX ASYNC own_expression ON t (attack(id)) \gset
CALL sys.wait_for_job(:'job_id');
CREATE INDEX ASYNC own_predicate ON t (a) WHERE attack(id) > 0 \gset
CALL sys.wait_for_job(:'job_id');
CREATE INDEX ASYNC own_plain ON t (plain(b)) \gset
CALL sys.wait_for_job(:'job_id');
ALTER TABLE t ADD CONSTRAINT own_check CHECK (attack(id) > 0) NOT VALID;
ALTER TABLE ASYNC t VALIDATE CONSTRAINT own_check \gset
CALL sys.wait_for_job(:'job_id');
-- The scan of duplicates runs by another way.
CREATE UNIQUE INDEX ASYNC own_unique ON t (a, (attack(id) - id)) \gset
CALL sys.wait_for_job(:'job_id');
\c - :super
SELECT regexp_replace(what, 'SET ROLE \S+', 'SET ROLE (super)') AS what, who,
	   session = :'super' AS worker, path, count(*) > 0 AS some
FROM regress_own.seen GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 4;
SELECT rolsuper FROM pg_roles WHERE rolname = 'regress_owner';
SELECT relname, indisvalid FROM pg_index JOIN pg_class ON oid = indexrelid
WHERE relnamespace = 'regress_own'::regnamespace ORDER BY 1;

-- Whose function it is does not matter either, but whose table it is: a
-- superuser who builds an index of it runs it as the owner. So does a member.
DELETE FROM regress_own.seen;
SET dsql_emu.mode = enforce;
CREATE INDEX ASYNC super_expression ON regress_own.t (regress_own.attack(id)) \gset
CALL sys.wait_for_job(:'job_id');
\c - regress_member
CREATE INDEX ASYNC member_expression ON regress_own.t (regress_own.attack(id)) \gset
CALL sys.wait_for_job(:'job_id');
\c - :super
SELECT DISTINCT who, session = :'super' AS worker, path FROM regress_own.seen;
SET dsql_emu.mode = off;
ALTER DATABASE :"db" RESET dsql_emu.mode;
SELECT bool_and(pg_terminate_backend(pid, 60000)) IS NOT FALSE AS gone
FROM pg_stat_activity
WHERE backend_type = 'dsql_emu job worker' AND datname = current_database();
\c

-- In mode enforce a function in a worker can only read.
CREATE INDEX ASYNC refused ON regress_own.t (regress_own.attack(id)) \gset
CALL sys.wait_for_job(:'job_id');
SELECT status, details FROM sys.jobs WHERE job_id = :'job_id';

-- What is simplified in the statement itself is as well.
SET dsql_emu.mode = off;
CREATE FUNCTION regress_own.who() RETURNS integer LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
	RAISE NOTICE 'called by %', current_user;
	RETURN 1;
END $$;
RESET dsql_emu.mode;
SET dsql_emu.manual_jobs = on;
CREATE INDEX ASYNC constant ON regress_own.t ((a + regress_own.who())) \gset
CALL dsql.run_jobs();
SELECT status, details FROM sys.jobs WHERE job_id = :'job_id';

-- Settings of the database or the owner do not reach the worker.
SET dsql_emu.mode = off;
ALTER ROLE regress_owner SET search_path = regress_own;
ALTER DATABASE :"db" SET search_path = regress_own;
ALTER DATABASE :"db" SET statement_timeout = 1;
ALTER DATABASE :"db" SET default_transaction_read_only = on;
RESET dsql_emu.mode;
CREATE INDEX ASYNC settings ON regress_own.t (regress_own.plain(b)) \gset
CALL dsql.run_jobs();
SELECT status, details FROM sys.jobs WHERE job_id = :'job_id';
SET dsql_emu.mode = off;
ALTER DATABASE :"db" RESET search_path;
ALTER DATABASE :"db" RESET statement_timeout;
ALTER DATABASE :"db" RESET default_transaction_read_only;
SET client_min_messages = warning;
DROP SCHEMA regress_own CASCADE;
DROP ROLE regress_member, regress_owner;
