/* dsql_emu--1.0.sql */

-- complain if script is sourced in psql, rather than via CREATE EXTENSION
\echo Use "CREATE EXTENSION dsql_emu" to load this file. \quit

-- What is the emulator's own lives in "dsql"; what the service shows its
-- users lives in "sys", as there.  A schema that somebody else made stops the
-- installation.
CREATE SCHEMA dsql;
CREATE SCHEMA sys;
COMMENT ON SCHEMA dsql IS 'the emulator''s own: what it can be asked and told';
COMMENT ON SCHEMA sys IS 'what the service shows its users';
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
	'the time by which the age of transactions, lifetime and rate of '
	'connections, retention of jobs, states of clusters and streams, and '
	'expiry of tokens are measured';

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
COMMENT ON FUNCTION dsql.limit_rows() IS 'the rows of dsql.limits';

CREATE VIEW dsql.limits AS SELECT * FROM dsql.limit_rows();
GRANT SELECT ON dsql.limits TO PUBLIC;
COMMENT ON VIEW dsql.limits IS
	'the limits of the service: the setting of each, its value in this session '
	'(null: off), the service''s value and its unit, the SQLSTATE and message '
	'of what exceeds it (N and ... stand for what depends on the statement), '
	'when that is found, and the evidence';

--
-- src/rule.c: the rules of the service
--

CREATE FUNCTION dsql.rule_rows(
	OUT id text, OUT kind text, OUT matches text, OUT sqlstate text,
	OUT message text, OUT evidence text, OUT source text, OUT since date)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'dsql_rule_rows'
LANGUAGE C STRICT STABLE PARALLEL SAFE;
COMMENT ON FUNCTION dsql.rule_rows() IS 'the rows of dsql.rules';

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
COMMENT ON FUNCTION dsql.finding_rows() IS 'the rows of dsql.findings';
GRANT EXECUTE ON FUNCTION dsql.finding_rows() TO admin, pg_read_all_stats;

CREATE VIEW dsql.findings AS
	SELECT * FROM dsql.finding_rows() ORDER BY count DESC, rule, statement;
GRANT SELECT ON dsql.findings TO admin, pg_read_all_stats;
COMMENT ON VIEW dsql.findings IS
	'what dsql_emu.mode = report let pass in this database although the '
	'service refuses it: rule (an id of dsql.rules), SQLSTATE and message of '
	'the service, the statement cut at 1 kB, whose session met it last and '
	'when, and how often; what was met most often is first';

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
	start_after timestamptz NOT NULL,
	cluster text COLLATE "C" NOT NULL
) USING heap;
COMMENT ON TABLE dsql.job IS
	'background jobs, those that ended not long ago included: sys.jobs shows '
	'them as the service does';
REVOKE ALL ON dsql.job FROM PUBLIC;

CREATE FUNCTION dsql.in_cluster(cluster text) RETURNS boolean
AS 'MODULE_PATHNAME', 'dsql_in_cluster'
LANGUAGE C STRICT STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION dsql.in_cluster(text) IS
	'is the session in the cluster whose schemas are those of this one (the '
	'empty string is the default cluster)?';

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
WHERE dsql.in_cluster(j.cluster) AND
	  (j.status IN ('submitted', 'processing')
	   OR j.updated >= (SELECT least(max(submitted), dsql.now()) FROM dsql.job) -
					   current_setting('dsql_emu.job_retention')::interval)
ORDER BY j.submitted;
GRANT SELECT ON sys.jobs TO PUBLIC;
COMMENT ON VIEW sys.jobs IS
	'background jobs of the cluster, as the service shows them; those that '
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

--
-- src/control*.c: the control plane
--

-- The state of the control plane.  The library reads and writes these tables
-- by column number: changes here need changes in src/control_catalog.c.
-- pg_dump saves their rows; they stay with the emulator's own access method.
CREATE TABLE dsql.cluster (
	identifier text COLLATE "C" CONSTRAINT cluster_pkey PRIMARY KEY,
	position bigint NOT NULL CONSTRAINT cluster_position_key UNIQUE,
	region text COLLATE "C" NOT NULL,
	account text COLLATE "C" NOT NULL,
	schema text NOT NULL,
	home text COLLATE "C" NOT NULL,
	status text NOT NULL,
	status_until timestamptz NOT NULL,
	gone_at timestamptz NOT NULL,
	created timestamptz NOT NULL,
	deletion_protection boolean NOT NULL,
	kms_key text,
	kms_until timestamptz NOT NULL,
	kms_inaccessible boolean NOT NULL,
	witness text,
	peer text,
	tags jsonb NOT NULL,
	policy text,
	policy_version bigint NOT NULL
) USING heap;
COMMENT ON TABLE dsql.cluster IS
	'clusters of the control plane: dsql.clusters shows them';
CREATE UNIQUE INDEX cluster_list_key
	ON dsql.cluster (account, region, position);
CREATE INDEX cluster_gone_at_idx ON dsql.cluster (gone_at);
REVOKE ALL ON dsql.cluster FROM PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('dsql.cluster', '');

CREATE TABLE dsql.stream (
	identifier text COLLATE "C" CONSTRAINT stream_pkey PRIMARY KEY,
	cluster text COLLATE "C" NOT NULL,
	position bigint NOT NULL CONSTRAINT stream_position_key UNIQUE,
	status text NOT NULL,
	status_until timestamptz NOT NULL,
	gone_at timestamptz NOT NULL,
	created timestamptz NOT NULL,
	ordering text NOT NULL,
	format text NOT NULL,
	target jsonb NOT NULL,
	error text,
	error_at timestamptz NOT NULL,
	tags jsonb NOT NULL
) USING heap;
COMMENT ON TABLE dsql.stream IS
	'streams of clusters, as the control plane keeps them';
CREATE UNIQUE INDEX stream_list_key ON dsql.stream (cluster, position);
REVOKE ALL ON dsql.stream FROM PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('dsql.stream', '');

CREATE TABLE dsql.client_token (
	account text COLLATE "C",
	region text COLLATE "C",
	operation text COLLATE "C",
	resource text COLLATE "C",
	token text COLLATE "C",
	request jsonb NOT NULL,
	response jsonb NOT NULL,
	created timestamptz NOT NULL,
	CONSTRAINT client_token_pkey
		PRIMARY KEY (account, region, operation, resource, token)
) USING heap;
COMMENT ON TABLE dsql.client_token IS
	'tokens of requests that were answered, with which a client can ask again';
CREATE INDEX client_token_created_idx ON dsql.client_token (created);
REVOKE ALL ON dsql.client_token FROM PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('dsql.client_token', '');

-- The default cluster is registered here; when pg_restore brings the one that
-- was dumped, that takes its place.
CREATE FUNCTION dsql.register_default_cluster() RETURNS void
AS 'MODULE_PATHNAME', 'dsql_register_default_cluster'
LANGUAGE C STRICT VOLATILE PARALLEL UNSAFE;
SELECT dsql.register_default_cluster();
DROP FUNCTION dsql.register_default_cluster();

CREATE FUNCTION dsql.replace_default_cluster() RETURNS trigger
AS 'MODULE_PATHNAME', 'dsql_replace_default_cluster'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION dsql.replace_default_cluster() FROM PUBLIC;
COMMENT ON FUNCTION dsql.replace_default_cluster() IS
	'the default cluster that a restore brings takes the place of the one that '
	'CREATE EXTENSION made';
CREATE TRIGGER replace_default_cluster BEFORE INSERT ON dsql.cluster
	FOR EACH ROW WHEN (NEW.position = 0)
	EXECUTE FUNCTION dsql.replace_default_cluster();

CREATE FUNCTION dsql.api(
	operation text, input jsonb, region text DEFAULT NULL,
	account text DEFAULT NULL)
RETURNS jsonb
AS 'MODULE_PATHNAME', 'dsql_api'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION dsql.api(text, jsonb, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dsql.api(text, jsonb, text, text) TO admin;
COMMENT ON FUNCTION dsql.api(text, jsonb, text, text) IS
	'calls an operation of the service''s control plane: its name (as '
	'"CreateCluster"), its members as one JSON object, Region and account '
	'(those of the settings if NULL); gives the members of the answer. Errors '
	'have SQLSTATE Q0 and the HTTP status of the service''s exception, its '
	'message, and its other members as JSON in DETAIL';

-- Each operation as a function.  A NULL argument is a member that is not
-- given.  The library knows which operation and members are meant by the names
-- of function, arguments and columns.
CREATE TYPE dsql.cluster_change AS (
	identifier text, arn text, status text, creation_time timestamptz);
CREATE TYPE dsql.cluster_created AS (
	identifier text, arn text, status text, creation_time timestamptz,
	deletion_protection_enabled boolean, multi_region_properties jsonb,
	encryption_details jsonb, endpoint text);
CREATE TYPE dsql.cluster_description AS (
	identifier text, arn text, status text, creation_time timestamptz,
	deletion_protection_enabled boolean, multi_region_properties jsonb,
	tags jsonb, encryption_details jsonb, endpoint text);
CREATE TYPE dsql.cluster_item AS (identifier text, arn text, next_token text);
CREATE TYPE dsql.stream_change AS (
	cluster_identifier text, stream_identifier text, arn text, status text,
	creation_time timestamptz);
CREATE TYPE dsql.stream_created AS (
	cluster_identifier text, stream_identifier text, arn text, status text,
	creation_time timestamptz, ordering text, format text);
CREATE TYPE dsql.stream_description AS (
	cluster_identifier text, stream_identifier text, arn text, status text,
	creation_time timestamptz, ordering text, format text,
	target_definition jsonb, status_reason jsonb, tags jsonb);
CREATE TYPE dsql.stream_item AS (
	cluster_identifier text, stream_identifier text, arn text, status text,
	creation_time timestamptz, next_token text);

CREATE FUNCTION dsql.create_cluster(
	schema_name name DEFAULT NULL,
	deletion_protection_enabled boolean DEFAULT true,
	kms_encryption_key text DEFAULT NULL, tags jsonb DEFAULT NULL,
	client_token text DEFAULT NULL, multi_region_properties jsonb DEFAULT NULL,
	policy text DEFAULT NULL,
	bypass_policy_lockout_safety_check boolean DEFAULT NULL)
RETURNS dsql.cluster_created
AS 'MODULE_PATHNAME', 'dsql_operation'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION dsql.create_cluster(name, boolean, text, jsonb, text,
	jsonb, text, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dsql.create_cluster(name, boolean, text, jsonb, text,
	jsonb, text, boolean) TO admin;
COMMENT ON FUNCTION dsql.create_cluster(name, boolean, text, jsonb, text, jsonb,
	text, boolean) IS
	'the operation CreateCluster: makes a cluster, and a schema for it of the '
	'name given, else of the cluster''s identifier';

CREATE FUNCTION dsql.get_cluster(identifier text)
RETURNS dsql.cluster_description
AS 'MODULE_PATHNAME', 'dsql_operation'
LANGUAGE C VOLATILE PARALLEL RESTRICTED;
COMMENT ON FUNCTION dsql.get_cluster(text) IS
	'the operation GetCluster: describes a cluster';

CREATE FUNCTION dsql.list_clusters(
	max_results integer DEFAULT NULL, next_token text DEFAULT NULL)
RETURNS SETOF dsql.cluster_item
AS 'MODULE_PATHNAME', 'dsql_operation'
LANGUAGE C VOLATILE PARALLEL RESTRICTED;
COMMENT ON FUNCTION dsql.list_clusters(integer, text) IS
	'the operation ListClusters: a page of the clusters in dsql_emu.region and '
	'dsql_emu.account, in the order of creation; next_token, the same in each '
	'row, leads to the next page and is NULL on the last';

CREATE FUNCTION dsql.update_cluster(
	identifier text, deletion_protection_enabled boolean DEFAULT NULL,
	kms_encryption_key text DEFAULT NULL, client_token text DEFAULT NULL,
	multi_region_properties jsonb DEFAULT NULL)
RETURNS dsql.cluster_change
AS 'MODULE_PATHNAME', 'dsql_operation'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION dsql.update_cluster(text, boolean, text, text, jsonb)
	FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dsql.update_cluster(text, boolean, text, text, jsonb)
	TO admin;
COMMENT ON FUNCTION dsql.update_cluster(text, boolean, text, text, jsonb) IS
	'the operation UpdateCluster: changes deletion protection, encryption key, '
	'or with which cluster a multi-Region cluster is linked';

CREATE FUNCTION dsql.delete_cluster(
	identifier text, client_token text DEFAULT NULL)
RETURNS dsql.cluster_change
AS 'MODULE_PATHNAME', 'dsql_operation'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION dsql.delete_cluster(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dsql.delete_cluster(text, text) TO admin;
COMMENT ON FUNCTION dsql.delete_cluster(text, text) IS
	'the operation DeleteCluster: deletes a cluster, and its schemas with '
	'everything in them, unless deletion protection is on';

CREATE FUNCTION dsql.get_vpc_endpoint_service_name(
	identifier text, OUT service_name text, OUT cluster_vpc_endpoint text)
AS 'MODULE_PATHNAME', 'dsql_operation'
LANGUAGE C VOLATILE PARALLEL RESTRICTED;
COMMENT ON FUNCTION dsql.get_vpc_endpoint_service_name(text) IS
	'the operation GetVpcEndpointServiceName';

CREATE FUNCTION dsql.put_cluster_policy(
	identifier text, policy text,
	bypass_policy_lockout_safety_check boolean DEFAULT NULL,
	expected_policy_version text DEFAULT NULL,
	client_token text DEFAULT NULL, OUT policy_version text)
AS 'MODULE_PATHNAME', 'dsql_operation'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION dsql.put_cluster_policy(text, text, boolean, text, text)
	FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dsql.put_cluster_policy(text, text, boolean, text,
	text) TO admin;
COMMENT ON FUNCTION dsql.put_cluster_policy(text, text, boolean, text, text) IS
	'the operation PutClusterPolicy: stores a policy, gives its version';

CREATE FUNCTION dsql.get_cluster_policy(
	identifier text, OUT policy text, OUT policy_version text)
AS 'MODULE_PATHNAME', 'dsql_operation'
LANGUAGE C VOLATILE PARALLEL RESTRICTED;
COMMENT ON FUNCTION dsql.get_cluster_policy(text) IS
	'the operation GetClusterPolicy';

CREATE FUNCTION dsql.delete_cluster_policy(
	identifier text, expected_policy_version text DEFAULT NULL,
	client_token text DEFAULT NULL, OUT policy_version text)
AS 'MODULE_PATHNAME', 'dsql_operation'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION dsql.delete_cluster_policy(text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dsql.delete_cluster_policy(text, text, text) TO admin;
COMMENT ON FUNCTION dsql.delete_cluster_policy(text, text, text) IS
	'the operation DeleteClusterPolicy: gives the version that was deleted';

CREATE FUNCTION dsql.create_stream(
	cluster_identifier text, target_definition jsonb,
	ordering text DEFAULT 'UNORDERED', format text DEFAULT 'JSON',
	tags jsonb DEFAULT NULL, client_token text DEFAULT NULL)
RETURNS dsql.stream_created
AS 'MODULE_PATHNAME', 'dsql_operation'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION dsql.create_stream(text, jsonb, text, text, jsonb, text)
	FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dsql.create_stream(text, jsonb, text, text, jsonb,
	text) TO admin;
COMMENT ON FUNCTION dsql.create_stream(text, jsonb, text, text, jsonb, text) IS
	'the operation CreateStream: notes a change stream; no changes are '
	'delivered yet';

CREATE FUNCTION dsql.get_stream(
	cluster_identifier text, stream_identifier text)
RETURNS dsql.stream_description
AS 'MODULE_PATHNAME', 'dsql_operation'
LANGUAGE C VOLATILE PARALLEL RESTRICTED;
COMMENT ON FUNCTION dsql.get_stream(text, text) IS
	'the operation GetStream: describes a change stream';

CREATE FUNCTION dsql.list_streams(
	cluster_identifier text, max_results integer DEFAULT NULL,
	next_token text DEFAULT NULL)
RETURNS SETOF dsql.stream_item
AS 'MODULE_PATHNAME', 'dsql_operation'
LANGUAGE C VOLATILE PARALLEL RESTRICTED;
COMMENT ON FUNCTION dsql.list_streams(text, integer, text) IS
	'the operation ListStreams: a page of a cluster''s streams, in the order of '
	'creation; next_token as in dsql.list_clusters()';

CREATE FUNCTION dsql.delete_stream(
	cluster_identifier text, stream_identifier text,
	client_token text DEFAULT NULL)
RETURNS dsql.stream_change
AS 'MODULE_PATHNAME', 'dsql_operation'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION dsql.delete_stream(text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dsql.delete_stream(text, text, text) TO admin;
COMMENT ON FUNCTION dsql.delete_stream(text, text, text) IS
	'the operation DeleteStream';

CREATE FUNCTION dsql.tag_resource(resource_arn text, tags jsonb) RETURNS void
AS 'MODULE_PATHNAME', 'dsql_operation'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION dsql.tag_resource(text, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dsql.tag_resource(text, jsonb) TO admin;
COMMENT ON FUNCTION dsql.tag_resource(text, jsonb) IS
	'the operation TagResource: adds or replaces tags of a cluster or stream';

CREATE FUNCTION dsql.untag_resource(resource_arn text, tag_keys text[])
RETURNS void
AS 'MODULE_PATHNAME', 'dsql_operation'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION dsql.untag_resource(text, text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dsql.untag_resource(text, text[]) TO admin;
COMMENT ON FUNCTION dsql.untag_resource(text, text[]) IS
	'the operation UntagResource: removes tags by their keys';

CREATE FUNCTION dsql.list_tags_for_resource(resource_arn text, OUT tags jsonb)
AS 'MODULE_PATHNAME', 'dsql_operation'
LANGUAGE C VOLATILE PARALLEL RESTRICTED;
COMMENT ON FUNCTION dsql.list_tags_for_resource(text) IS
	'the operation ListTagsForResource';

CREATE FUNCTION dsql.set_cluster_status(
	identifier text, status text, kms_key_inaccessible boolean DEFAULT false)
RETURNS void
AS 'MODULE_PATHNAME', 'dsql_set_cluster_status'
LANGUAGE C STRICT VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION dsql.set_cluster_status(text, text, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dsql.set_cluster_status(text, text, boolean) TO admin;
COMMENT ON FUNCTION dsql.set_cluster_status(text, text, boolean) IS
	'for tests: puts a cluster of any Region into a status (CREATING, ACTIVE, '
	'IDLE, INACTIVE, UPDATING or FAILED), which stays until something changes '
	'it, and says whether its encryption key is inaccessible';

CREATE FUNCTION dsql.set_stream_status(
	cluster_identifier text, stream_identifier text, status text,
	error text DEFAULT NULL)
RETURNS void
AS 'MODULE_PATHNAME', 'dsql_set_stream_status'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION dsql.set_stream_status(text, text, text, text)
	FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dsql.set_stream_status(text, text, text, text)
	TO admin;
COMMENT ON FUNCTION dsql.set_stream_status(text, text, text, text) IS
	'for tests: puts a stream into a status (CREATING, ACTIVE, IMPAIRED or '
	'FAILED), the last two with one of the service''s error codes';

--
-- src/cluster.c: clusters as sessions meet them
--

CREATE FUNCTION dsql.use_cluster(identifier text) RETURNS void
AS 'MODULE_PATHNAME', 'dsql_use_cluster'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION dsql.use_cluster(text) IS
	'binds the session to a cluster, as if it had connected to it; NULL goes '
	'back to the default cluster. Cursors are closed. Not in a transaction '
	'block (25001), and not in a session that named a cluster when it connected '
	'(55000); what is no identifier is an error (22023), a cluster that lets '
	'nobody in has the error of the service';

CREATE FUNCTION dsql.current_cluster() RETURNS text
AS 'MODULE_PATHNAME', 'dsql_current_cluster'
LANGUAGE C STRICT STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION dsql.current_cluster() IS
	'the identifier of the cluster that the session is in';

CREATE FUNCTION dsql.cluster_rows(
	OUT identifier text, OUT tags jsonb, OUT status text, OUT schema text,
	OUT owner text, OUT endpoint text, OUT deletion_protection boolean,
	OUT sessions integer, OUT created timestamptz, OUT "position" bigint)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'dsql_cluster_rows'
LANGUAGE C STRICT VOLATILE PARALLEL RESTRICTED;
COMMENT ON FUNCTION dsql.cluster_rows() IS 'the rows of dsql.clusters';

CREATE VIEW dsql.clusters AS
	SELECT c.identifier, c.tags ->> 'Name' AS name, c.status, c.schema,
		   c.endpoint, c.deletion_protection, c.sessions,
		   coalesce(t.tables, 0) AS tables, coalesce(t.size, 0) AS size,
		   c.created
	FROM dsql.cluster_rows() c LEFT JOIN (
		SELECT coalesce(l.label, '') AS owner,
			   count(*) FILTER (WHERE r.relkind = 'r') AS tables,
			   sum(pg_catalog.pg_total_relation_size(r.oid))::bigint AS size
		FROM pg_catalog.pg_class r
			JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace
			LEFT JOIN pg_catalog.pg_seclabel l
				ON l.objoid = n.oid AND l.provider = 'dsql_emu'
				AND l.classoid = 'pg_catalog.pg_namespace'::regclass
		WHERE r.relkind IN ('r', 'S')
			AND n.nspname NOT IN ('dsql', 'sys', 'information_schema')
			AND n.nspname NOT LIKE 'pg\_%'
		GROUP BY 1) t USING (owner)
	ORDER BY c.position;
GRANT SELECT ON dsql.clusters TO PUBLIC;
COMMENT ON VIEW dsql.clusters IS
	'the clusters of this database, the default cluster first: identifier, '
	'tag "Name", status, schema, host name, deletion protection, sessions that '
	'are in it now, tables in its schemas, their size with indexes in bytes, and '
	'when it was created; linked clusters have their tables in common';

--
-- src/access_key.c: access keys
--

-- Only superusers read the secrets.  The library knows the columns by number.
CREATE TABLE dsql.access_key (
	id text COLLATE "C" CONSTRAINT access_key_pkey PRIMARY KEY,
	secret text NOT NULL,
	session_token text,
	arn text NOT NULL,
	actions text[] NOT NULL,
	created timestamptz NOT NULL
) USING heap;
COMMENT ON TABLE dsql.access_key IS
	'access keys that sign tokens and requests: dsql.access_keys shows them '
	'without their secrets';
REVOKE ALL ON dsql.access_key FROM PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('dsql.access_key', '');

CREATE VIEW dsql.access_keys AS
	SELECT id AS access_key_id, arn, actions,
		   session_token IS NOT NULL AS temporary, created
	FROM dsql.access_key ORDER BY created, id;
GRANT SELECT ON dsql.access_keys TO admin;
COMMENT ON VIEW dsql.access_keys IS
	'the access keys whose signatures are accepted, without their secrets: '
	'identifier, the IAM ARN that each stands for, the actions that its own '
	'policy allows, whether it needs a session token, and when it was created';

CREATE FUNCTION dsql.create_access_key(
	IN arn text DEFAULT NULL, INOUT access_key_id text DEFAULT NULL,
	INOUT secret_access_key text DEFAULT NULL,
	INOUT session_token text DEFAULT NULL,
	IN actions text[] DEFAULT '{dsql:*}')
AS 'MODULE_PATHNAME', 'dsql_create_access_key'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION dsql.create_access_key(text, text, text, text, text[])
	FROM PUBLIC;
COMMENT ON FUNCTION dsql.create_access_key(text, text, text, text, text[]) IS
	'makes an access key for an IAM user, role or session (default: the user '
	'"admin" of dsql_emu.account), and shows its secret this once; identifier '
	'and secret are random unless given; with a session token it is a '
	'temporary one; actions are what its own policy allows, as IAM spells them '
	'("dsql:DbConnect", "dsql:Get*"), by default all. Errors if the ARN or the '
	'identifier is malformed or an action unknown (22023), or the key exists '
	'(42710)';

CREATE FUNCTION dsql.delete_access_key(access_key_id text) RETURNS void
AS 'MODULE_PATHNAME', 'dsql_delete_access_key'
LANGUAGE C STRICT VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION dsql.delete_access_key(text) FROM PUBLIC;
COMMENT ON FUNCTION dsql.delete_access_key(text) IS
	'deletes an access key; connections that are open stay; errors if there is '
	'no such key (42704)';

--
-- src/check_signature.c: tokens made, and why a signature is not accepted
--

CREATE FUNCTION dsql.create_token(
	access_key_id text, action text DEFAULT 'DbConnectAdmin',
	host text DEFAULT '', expires integer DEFAULT 900)
RETURNS text
AS 'MODULE_PATHNAME', 'dsql_create_token'
LANGUAGE C STRICT VOLATILE PARALLEL RESTRICTED;
REVOKE ALL ON FUNCTION dsql.create_token(text, text, text, integer) FROM PUBLIC;
COMMENT ON FUNCTION dsql.create_token(text, text, text, integer) IS
	'makes a database authentication token, as the service''s command line and '
	'SDKs do, with an access key of dsql.access_keys: for an action (DbConnect '
	'or DbConnectAdmin) at a host (default: that of the default cluster), for '
	'this many seconds from now by the emulator''s clock; errors if there is no '
	'such key (42704) or action (22023)';

CREATE FUNCTION dsql.check_token(
	token text, at timestamptz DEFAULT NULL, OUT problem text, OUT host text,
	OUT region text, OUT action text, OUT access_key_id text, OUT arn text,
	OUT signed timestamptz, OUT expires timestamptz)
AS 'MODULE_PATHNAME', 'dsql_check_token'
LANGUAGE C VOLATILE PARALLEL RESTRICTED;
REVOKE ALL ON FUNCTION dsql.check_token(text, timestamptz) FROM PUBLIC;
COMMENT ON FUNCTION dsql.check_token(text, timestamptz) IS
	'reads a database authentication token and says why it does not hold at a '
	'time (default: now by the emulator''s clock), or NULL; whether it fits a '
	'cluster and a role is decided when it is used';

CREATE FUNCTION dsql.check_request(
	method text, target text, headers text[], body text DEFAULT '',
	at timestamptz DEFAULT NULL)
RETURNS text
AS 'MODULE_PATHNAME', 'dsql_check_request'
LANGUAGE C VOLATILE PARALLEL RESTRICTED;
REVOKE ALL ON FUNCTION dsql.check_request(text, text, text[], text, timestamptz)
	FROM PUBLIC;
COMMENT ON FUNCTION dsql.check_request(text, text, text[], text, timestamptz) IS
	'says why the signature in the headers of an HTTP request ("Name: value" '
	'each) does not hold at a time (default: now by the emulator''s clock), or '
	'NULL; target is path and query as they are sent';

--
-- src/iam.c: AWS IAM GRANT and REVOKE
--

-- The library knows the columns by number.
CREATE TABLE dsql.iam_mapping (
	cluster text COLLATE "C",
	role regrole,
	arn text COLLATE "C",
	iam_oid oid NOT NULL,
	grantor regrole NOT NULL,
	CONSTRAINT iam_mapping_pkey PRIMARY KEY (cluster, role, arn)
) USING heap;
COMMENT ON TABLE dsql.iam_mapping IS
	'what AWS IAM GRANT has mapped: sys.iam_pg_role_mappings shows it';
REVOKE ALL ON dsql.iam_mapping FROM PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('dsql.iam_mapping', '');

CREATE VIEW sys.iam_pg_role_mappings AS
	SELECT m.iam_oid, m.arn, r.oid AS pg_role_oid, r.rolname AS pg_role_name,
		   g.oid AS grantor_pg_role_oid, g.rolname AS grantor_pg_role_name
	FROM dsql.iam_mapping m
		JOIN pg_catalog.pg_roles r ON r.oid = m.role
		LEFT JOIN pg_catalog.pg_roles g ON g.oid = m.grantor
	WHERE dsql.in_cluster(m.cluster)
	ORDER BY r.rolname, m.arn;
GRANT SELECT ON sys.iam_pg_role_mappings TO PUBLIC;
COMMENT ON VIEW sys.iam_pg_role_mappings IS
	'which IAM users and roles may connect to the cluster as which of its '
	'roles, as the service''s view of this name';

--
-- src/tableam.c, src/adoption.c: the access method of the tables
--

CREATE FUNCTION dsql.table_am_handler(internal) RETURNS table_am_handler
AS 'MODULE_PATHNAME', 'dsql_table_am_handler'
LANGUAGE C STRICT;
REVOKE ALL ON FUNCTION dsql.table_am_handler(internal) FROM PUBLIC;
COMMENT ON FUNCTION dsql.table_am_handler(internal) IS
	'the handler of the access method btree_table';

CREATE ACCESS METHOD btree_table TYPE TABLE HANDLER dsql.table_am_handler;
COMMENT ON ACCESS METHOD btree_table IS
	'tables with optimistic concurrency: nobody waits, the first COMMIT wins';

CREATE FUNCTION dsql.adopt_table(relation regclass) RETURNS void
AS 'MODULE_PATHNAME', 'dsql_adopt_table'
LANGUAGE C STRICT VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION dsql.adopt_table(regclass) IS
	'gives a table that was there before the extension the access method '
	'btree_table; its owner can do that';

--
-- src/stats.c: what transactions did
--

CREATE FUNCTION dsql.stats_row(
	OUT transactions bigint, OUT commits bigint, OUT oc000 bigint,
	OUT oc001 bigint, OUT rows_written bigint, OUT since timestamptz)
AS 'MODULE_PATHNAME', 'dsql_stats_row'
LANGUAGE C STRICT VOLATILE PARALLEL SAFE;
COMMENT ON FUNCTION dsql.stats_row() IS 'the row of dsql.stats';

CREATE VIEW dsql.stats AS SELECT * FROM dsql.stats_row();
GRANT SELECT ON dsql.stats TO PUBLIC;
COMMENT ON VIEW dsql.stats IS
	'what emulated transactions in this database did since the server started '
	'or since dsql.reset_stats(): transactions that ended, those that '
	'committed, conflicts of rows (OC000) and of the schema (OC001), and rows '
	'written by those that committed';

CREATE FUNCTION dsql.reset_stats() RETURNS void
AS 'MODULE_PATHNAME', 'dsql_reset_stats'
LANGUAGE C STRICT VOLATILE PARALLEL SAFE;
REVOKE ALL ON FUNCTION dsql.reset_stats() FROM PUBLIC;
COMMENT ON FUNCTION dsql.reset_stats() IS
	'sets the counters of dsql.stats to zero';
