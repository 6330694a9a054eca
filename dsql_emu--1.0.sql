/* dsql_emu--1.0.sql */

-- complain if script is sourced in psql, rather than via CREATE EXTENSION
\echo Use "CREATE EXTENSION dsql_emu" to load this file. \quit

-- What is the emulator's own lives in "dsql"; what the service shows its
-- users lives in "sys", as there.  A schema that somebody else made stops the
-- installation.
CREATE SCHEMA dsql;
CREATE SCHEMA sys;
GRANT USAGE ON SCHEMA dsql, sys TO PUBLIC;

--
-- The role that the service's users start with.  It is no superuser; it owns
-- the schema "public", in which nobody else may create anything.  The role and
-- its rights stay when the extension is dropped.
--

DO $$
BEGIN
	IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'admin') THEN
		CREATE ROLE admin LOGIN CREATEROLE;
	END IF;
	EXECUTE pg_catalog.format('GRANT CREATE ON DATABASE %I TO admin',
							  pg_catalog.current_database());
	IF pg_catalog.to_regnamespace('public') IS NULL THEN
		CREATE SCHEMA public;
	END IF;
	ALTER SCHEMA public OWNER TO admin;
	REVOKE CREATE ON SCHEMA public FROM PUBLIC;
	GRANT USAGE ON SCHEMA public TO PUBLIC;
END
$$;

--
-- src/environment.c: what the service says of itself
--

CREATE FUNCTION sys.dsql_major_version() RETURNS integer
LANGUAGE SQL IMMUTABLE PARALLEL SAFE
RETURN 1;
COMMENT ON FUNCTION sys.dsql_major_version() IS
	'the major version of the service, as its own function of this name';

--
-- src/clock.c: the time by which the emulator measures
--

CREATE FUNCTION dsql.now() RETURNS timestamptz
AS 'MODULE_PATHNAME', 'dsql_now'
LANGUAGE C STRICT VOLATILE PARALLEL SAFE;
COMMENT ON FUNCTION dsql.now() IS
	'the time by which transaction age, connection lifetime, connection rate '
	'and job retention are measured';

CREATE FUNCTION dsql.advance_clock(by interval) RETURNS timestamptz
AS 'MODULE_PATHNAME', 'dsql_advance_clock'
LANGUAGE C STRICT VOLATILE PARALLEL RESTRICTED;
REVOKE ALL ON FUNCTION dsql.advance_clock(interval) FROM PUBLIC;
COMMENT ON FUNCTION dsql.advance_clock(interval) IS
	'moves the emulator''s clock forward for the whole server, until it is '
	'reset or the server restarts, and returns the new time; SQL''s now() '
	'does not change; a negative interval is refused (22023)';

CREATE FUNCTION dsql.reset_clock() RETURNS timestamptz
AS 'MODULE_PATHNAME', 'dsql_reset_clock'
LANGUAGE C STRICT VOLATILE PARALLEL RESTRICTED;
REVOKE ALL ON FUNCTION dsql.reset_clock() FROM PUBLIC;
COMMENT ON FUNCTION dsql.reset_clock() IS
	'makes the emulator''s clock equal to the server''s again, for the whole '
	'server, and returns the time';

--
-- src/limit.c: the limits of the service
--

CREATE FUNCTION dsql.limit_rows(
	OUT name text, OUT setting text, OUT value integer,
	OUT service_value integer, OUT unit text, OUT sqlstate text,
	OUT message text, OUT checked text, OUT evidence text)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'dsql_limit_rows'
LANGUAGE C STRICT STABLE PARALLEL SAFE;

CREATE VIEW dsql.limits AS SELECT * FROM dsql.limit_rows();
GRANT SELECT ON dsql.limits TO PUBLIC;
COMMENT ON VIEW dsql.limits IS
	'the limits of the service: the setting of each, its value in this session '
	'(null: off), the service''s value and its unit, the SQLSTATE and message '
	'of what exceeds it, when that is found, and the evidence';

--
-- src/rule.c: the rules of the service
--

CREATE FUNCTION dsql.rule_rows(
	OUT id text, OUT kind text, OUT matches text, OUT sqlstate text,
	OUT message text, OUT evidence text, OUT source text, OUT since date)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'dsql_rule_rows'
LANGUAGE C STRICT STABLE PARALLEL SAFE;

CREATE VIEW dsql.rules AS SELECT * FROM dsql.rule_rows();
GRANT SELECT ON dsql.rules TO PUBLIC;
COMMENT ON VIEW dsql.rules IS
	'what the service refuses: which statement or clause, with which SQLSTATE '
	'and message, on which evidence (recorded on a real cluster, documented, '
	'or inferred), and since when';

--
-- src/dialect_setting.c: set_config() of emulated sessions
--

CREATE FUNCTION dsql.set_config(
	setting_name text, new_value text, is_local boolean)
RETURNS text
AS 'MODULE_PATHNAME', 'dsql_set_config'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION dsql.set_config(text, text, boolean) IS
	'does what pg_catalog.set_config() does, for the settings that the service '
	'lets its users set; emulated sessions call it in the other''s place';

--
-- src/finding.c: what report mode found
--

CREATE FUNCTION dsql.finding_rows(
	OUT rule text, OUT sqlstate text, OUT message text, OUT statement text,
	OUT role name, OUT application_name text, OUT last_time timestamptz,
	OUT count bigint)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'dsql_finding_rows'
LANGUAGE C STRICT VOLATILE PARALLEL SAFE;
REVOKE ALL ON FUNCTION dsql.finding_rows() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dsql.finding_rows() TO admin, pg_read_all_stats;

CREATE VIEW dsql.findings AS SELECT * FROM dsql.finding_rows();
GRANT SELECT ON dsql.findings TO admin, pg_read_all_stats;
COMMENT ON VIEW dsql.findings IS
	'what dsql_emu.mode = report let pass in this database although the '
	'service refuses it: rule (an id of dsql.rules), SQLSTATE and message of '
	'the service, the statement cut at 1 kB, whose session met it last and '
	'when, and how often';

CREATE FUNCTION dsql.reset_findings() RETURNS void
AS 'MODULE_PATHNAME', 'dsql_reset_findings'
LANGUAGE C VOLATILE PARALLEL SAFE;
REVOKE ALL ON FUNCTION dsql.reset_findings() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dsql.reset_findings() TO admin;
COMMENT ON FUNCTION dsql.reset_findings() IS
	'forgets the findings of this database';

--
-- src/job.c: background jobs
--

-- Jobs are not dumped: in another database they have nothing to work at.
CREATE TABLE dsql.job (
	id text COLLATE "C" PRIMARY KEY,
	kind text NOT NULL,
	status text NOT NULL,
	details text,
	class_id oid NOT NULL,
	object_id oid NOT NULL,
	object_name text,
	constraint_name text,
	submitted timestamptz NOT NULL,
	updated timestamptz,
	start_after timestamptz NOT NULL
);
REVOKE ALL ON dsql.job FROM PUBLIC;

CREATE VIEW sys.jobs AS
SELECT j.id AS job_id, j.status, j.details, j.kind AS job_type, j.class_id,
	   j.object_id,
	   CASE WHEN j.kind <> 'DROP' THEN
		   (SELECT n.nspname || '.' || c.relname
			FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
			WHERE c.oid = j.object_id)
	   END AS object_name,
	   date_trunc('second', j.submitted) AS start_time,
	   date_trunc('second', j.updated) AS update_time
FROM dsql.job j
WHERE j.status IN ('submitted', 'processing')
   OR j.updated >= (SELECT least(max(submitted), dsql.now()) FROM dsql.job) -
				   current_setting('dsql_emu.job_retention')::interval
ORDER BY j.submitted;
GRANT SELECT ON sys.jobs TO PUBLIC;
COMMENT ON VIEW sys.jobs IS
	'background jobs of this database, as the service shows them; those that '
	'ended more than dsql_emu.job_retention ago are gone once another job is '
	'queued';

CREATE FUNCTION dsql.fail_job(job_id text, details text) RETURNS void
AS 'MODULE_PATHNAME', 'dsql_fail_job'
LANGUAGE C STRICT VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION dsql.fail_job(text, text) FROM PUBLIC;
COMMENT ON FUNCTION dsql.fail_job(text, text) IS
	'makes a job fail that has not ended, with these details; for tests of how '
	'failures are handled; errors if there is no such job (42704) or it has '
	'ended (55000)';

--
-- src/wait.c: sessions that wait for jobs
--

CREATE PROCEDURE sys.wait_for_job(job_id text,
								  INOUT succeeded boolean DEFAULT NULL)
AS 'MODULE_PATHNAME', 'dsql_wait_for_job'
LANGUAGE C;
COMMENT ON PROCEDURE sys.wait_for_job(text, boolean) IS
	'waits until a background job has ended and says whether it was completed, '
	'as the service''s procedure of this name; errors if the text is no '
	'identifier (22P02) or there is no such job, and in a transaction block';

CREATE PROCEDURE dsql.run_jobs()
AS 'MODULE_PATHNAME', 'dsql_run_jobs'
LANGUAGE C;
REVOKE ALL ON PROCEDURE dsql.run_jobs() FROM PUBLIC;
GRANT EXECUTE ON PROCEDURE dsql.run_jobs() TO admin;
COMMENT ON PROCEDURE dsql.run_jobs() IS
	'starts all jobs that are queued, those that wait for this call (see '
	'dsql_emu.manual_jobs) included, and returns when they have ended; not in '
	'a transaction block (25001)';

--
-- src/async.c: CREATE INDEX ASYNC and ALTER TABLE ASYNC
--

CREATE PROCEDURE dsql.submit(INOUT job_id text DEFAULT NULL)
AS 'MODULE_PATHNAME', 'dsql_submit'
LANGUAGE C;
COMMENT ON PROCEDURE dsql.submit(text) IS
	'what CREATE INDEX ASYNC and ALTER TABLE ASYNC are turned into; cannot be '
	'called directly (55000)';

CREATE FUNCTION dsql.create_index_async(statement text) RETURNS text
AS 'MODULE_PATHNAME', 'dsql_create_index_async'
LANGUAGE C STRICT VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION dsql.create_index_async(text) IS
	'does what CREATE INDEX ASYNC does for a CREATE INDEX statement without '
	'that word, and returns the job''s identifier; its errors are those of the '
	'statement';

CREATE FUNCTION dsql.alter_table_async(statement text) RETURNS text
AS 'MODULE_PATHNAME', 'dsql_alter_table_async'
LANGUAGE C STRICT VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION dsql.alter_table_async(text) IS
	'does what ALTER TABLE ASYNC does for an ALTER TABLE ... VALIDATE '
	'CONSTRAINT statement without that word, and returns the job''s '
	'identifier; its errors are those of the statement';
