/* dsql_emu--1.0--1.1.sql */

-- complain if script is sourced in psql, rather than via ALTER EXTENSION
\echo Use "ALTER EXTENSION dsql_emu UPDATE TO '1.1'" to load this file. \quit

-- From 1.0 to 1.1.  A new installation runs dsql_emu--1.0.sql and then this.
-- Changes are sorted by topic; a section whose topic has none stays empty.

--
-- Privileges: admin holds no attribute that counts outside emulated sessions.
-- What it may do with roles is done for it there, with roles that carry a
-- security label.  Roles that are known to be the emulator's get one now: those
-- that are mapped to IAM users, and those that admin has given to others.
--

DO $$
DECLARE
	role record;
BEGIN
	FOR role IN
		SELECT rolname, rolsuper, rolcreaterole OR rolcreatedb AS too_much
		FROM pg_catalog.pg_roles WHERE rolname = 'admin'
	LOOP
		IF NOT role.rolsuper AND role.too_much THEN
			ALTER ROLE admin NOCREATEROLE NOCREATEDB;
		END IF;
	END LOOP;
	FOR role IN
		SELECT r.rolname FROM pg_catalog.pg_auth_members m
			JOIN pg_catalog.pg_roles r ON r.oid = m.roleid
			JOIN pg_catalog.pg_roles a ON a.oid = m.member
		WHERE a.rolname = 'admin' AND NOT a.rolsuper AND r.oid < 16384
	LOOP
		EXECUTE pg_catalog.format('REVOKE %I FROM admin', role.rolname);
	END LOOP;
	FOR role IN
		SELECT r.rolname FROM pg_catalog.pg_roles r
		WHERE r.oid >= 16384 AND r.rolname <> 'admin' AND NOT r.rolsuper AND
			(r.oid IN (SELECT m.role FROM dsql.iam_mapping m) OR
			 r.oid IN (SELECT m.roleid FROM pg_catalog.pg_auth_members m
					   WHERE m.grantor = 'admin'::pg_catalog.regrole))
	LOOP
		EXECUTE pg_catalog.format(
			'SECURITY LABEL FOR dsql_emu ON ROLE %I IS %L', role.rolname, 'managed');
	END LOOP;
END
$$;

--
-- Access keys: the default of 1.0 was all actions that were checked then, those
-- of connections.  Such keys keep what they could do.
--

UPDATE dsql.access_key SET actions = '{dsql:*}'
	WHERE actions OPERATOR(pg_catalog.@>) '{DbConnect,DbConnectAdmin}' AND
		actions OPERATOR(pg_catalog.<@) '{DbConnect,DbConnectAdmin}';

--
-- Catalog: the tables that the library reads and writes
--

--
-- The database: text is compared by the bytes of UTF-8, as on the service
--

DO $$
BEGIN
	IF NOT EXISTS (SELECT FROM pg_catalog.pg_database
				   WHERE datname = pg_catalog.current_database() AND
				   pg_catalog.pg_encoding_to_char(encoding) = 'UTF8' AND
				   (datlocprovider = 'b' OR datlocprovider = 'c' AND
					datcollate IN ('C', 'POSIX', 'C.UTF-8', 'C.utf8'))) THEN
		RAISE WARNING 'database "%" does not compare text as Aurora DSQL does',
			pg_catalog.current_database()
			USING DETAIL = (SELECT pg_catalog.format('Its encoding is %s and its collation %s; those of the service are UTF8 and C.',
				pg_catalog.pg_encoding_to_char(encoding),
				CASE datlocprovider WHEN 'i' THEN 'one of ICU' ELSE datcollate END)
				FROM pg_catalog.pg_database
				WHERE datname = pg_catalog.current_database()),
			HINT = 'Make a database with CREATE DATABASE ... TEMPLATE template0 ENCODING ''UTF8'' LOCALE ''C''.';
	END IF;
END
$$;

--
-- Clusters
--

CREATE FUNCTION dsql.reaches_schema(schema name) RETURNS boolean
AS 'MODULE_PATHNAME', 'dsql_reaches_schema'
LANGUAGE C STRICT STABLE PARALLEL SAFE;
COMMENT ON FUNCTION dsql.reaches_schema(name) IS
	'does the schema belong to the session''s cluster or to none, or is the '
	'session in no cluster?';

-- What admin may read on the service, and superusers only in PostgreSQL
CREATE FUNCTION dsql.statistic_rows() RETURNS SETOF pg_catalog.pg_statistic
AS 'MODULE_PATHNAME', 'dsql_statistic_rows'
LANGUAGE C STRICT STABLE;
REVOKE ALL ON FUNCTION dsql.statistic_rows() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dsql.statistic_rows() TO admin;
COMMENT ON FUNCTION dsql.statistic_rows() IS
	'what admin reads in the place of pg_statistic: rows of tables of its '
	'cluster, and of others that it can read';

CREATE FUNCTION dsql.shmem_allocation_rows()
RETURNS SETOF pg_catalog.pg_shmem_allocations
AS 'MODULE_PATHNAME', 'dsql_shmem_allocation_rows'
LANGUAGE C STRICT VOLATILE;
REVOKE ALL ON FUNCTION dsql.shmem_allocation_rows() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dsql.shmem_allocation_rows() TO admin;
COMMENT ON FUNCTION dsql.shmem_allocation_rows() IS
	'what admin reads in the place of pg_shmem_allocations';

CREATE FUNCTION dsql.memory_context_rows()
RETURNS SETOF pg_catalog.pg_backend_memory_contexts
AS 'MODULE_PATHNAME', 'dsql_memory_context_rows'
LANGUAGE C STRICT VOLATILE;
REVOKE ALL ON FUNCTION dsql.memory_context_rows() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dsql.memory_context_rows() TO admin;
COMMENT ON FUNCTION dsql.memory_context_rows() IS
	'what admin reads in the place of pg_backend_memory_contexts';

ALTER TABLE dsql.cluster ADD COLUMN kind text NOT NULL DEFAULT 'schema';
ALTER TABLE dsql.cluster ADD COLUMN database oid NOT NULL DEFAULT 0;

DROP FUNCTION dsql.create_cluster(name, boolean, text, jsonb, text, jsonb, text,
	boolean);
CREATE FUNCTION dsql.create_cluster(
	schema_name name DEFAULT NULL,
	deletion_protection_enabled boolean DEFAULT true,
	kms_encryption_key text DEFAULT NULL, tags jsonb DEFAULT NULL,
	client_token text DEFAULT NULL, multi_region_properties jsonb DEFAULT NULL,
	policy text DEFAULT NULL,
	bypass_policy_lockout_safety_check boolean DEFAULT NULL,
	kind text DEFAULT 'schema')
RETURNS dsql.cluster_created
AS 'MODULE_PATHNAME', 'dsql_operation'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION dsql.create_cluster(name, boolean, text, jsonb, text,
	jsonb, text, boolean, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dsql.create_cluster(name, boolean, text, jsonb, text,
	jsonb, text, boolean, text) TO admin;
COMMENT ON FUNCTION dsql.create_cluster(name, boolean, text, jsonb, text, jsonb,
	text, boolean, text) IS
	'the operation CreateCluster: makes a cluster; if kind is ''schema'', it is a '
	'schema of this database, of the name given, else of the cluster''s '
	'identifier; if it is ''database'', the cluster gets a database of its own, '
	'which is made in the background';
COMMENT ON FUNCTION dsql.delete_cluster(text, text) IS
	'the operation DeleteCluster: deletes a cluster, and its schemas or its '
	'database with everything in them, unless deletion protection is on; the '
	'default cluster cannot be deleted (55000)';

DROP VIEW dsql.clusters;
DROP FUNCTION dsql.cluster_rows();
CREATE FUNCTION dsql.cluster_rows(
	OUT identifier text, OUT tags jsonb, OUT status text, OUT schema text,
	OUT owner text, OUT endpoint text, OUT deletion_protection boolean,
	OUT sessions integer, OUT created timestamptz, OUT "position" bigint,
	OUT kind text, OUT database oid)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'dsql_cluster_rows'
LANGUAGE C STRICT VOLATILE PARALLEL RESTRICTED;
COMMENT ON FUNCTION dsql.cluster_rows() IS 'the rows of dsql.clusters';

CREATE VIEW dsql.clusters AS
	SELECT c.identifier, c.tags ->> 'Name' AS name, c.status, c.schema,
		   c.endpoint, c.deletion_protection, c.sessions,
		   CASE WHEN c.kind <> 'database' THEN coalesce(t.tables, 0) END AS tables,
		   CASE WHEN c.kind <> 'database' THEN coalesce(t.size, 0)
				ELSE pg_catalog.pg_database_size(d.oid) END AS size,
		   c.created, c.kind, d.datname AS database
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
		LEFT JOIN pg_catalog.pg_database d ON d.oid = c.database
	ORDER BY c.position;
GRANT SELECT ON dsql.clusters TO PUBLIC;
COMMENT ON VIEW dsql.clusters IS
	'the clusters of this database, the default cluster first: identifier, '
	'tag "Name", status, schema, host name, deletion protection, sessions that '
	'are in it now, tables in its schemas (null if it has a database of its own), '
	'their size with indexes, or that of its database, in bytes, when it was '
	'created, its kind (default, schema or database), and its database; linked '
	'clusters have their tables in common';

--
-- Facts: what the service shows its users
--

-- The helper functions of schema "sys".  Their names are recorded, arguments
-- and results inferred.

CREATE FUNCTION sys.uuid_to_base32_str(uuid) RETURNS text
AS 'MODULE_PATHNAME', 'dsql_uuid_to_base32_str'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION sys.uuid_to_base32_str(uuid) IS
	'the identifier that stands for a UUID';

CREATE FUNCTION sys.base32_str_to_uuid(text) RETURNS uuid
AS 'MODULE_PATHNAME', 'dsql_base32_str_to_uuid'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION sys.base32_str_to_uuid(text) IS
	'the UUID that an identifier stands for';

CREATE FUNCTION sys.base_type_oid(oid) RETURNS oid
AS 'MODULE_PATHNAME', 'dsql_base_type_oid'
LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION sys.base_type_oid(oid) IS
	'the type that a domain is over, or the type itself';

CREATE FUNCTION sys.current_session_id() RETURNS text
AS 'MODULE_PATHNAME', 'dsql_current_session_id'
LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION sys.current_session_id() IS
	'an identifier of the session';

CREATE FUNCTION sys.current_transaction_id() RETURNS text
AS 'MODULE_PATHNAME', 'dsql_current_transaction_id'
LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION sys.current_transaction_id() IS
	'an identifier of the transaction';

CREATE FUNCTION sys.iam_session_user() RETURNS text
AS 'MODULE_PATHNAME', 'dsql_iam_session_user'
LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION sys.iam_session_user() IS
	'the ARN of the IAM user or role that has signed the session''s token, if '
	'that was verified';

CREATE FUNCTION sys.cluster_size() RETURNS bigint
LANGUAGE SQL STABLE PARALLEL RESTRICTED
RETURN (SELECT size FROM dsql.clusters
		WHERE identifier = dsql.current_cluster());
COMMENT ON FUNCTION sys.cluster_size() IS
	'the size of the cluster''s tables and indexes in bytes';

CREATE FUNCTION sys.cluster_size_limit() RETURNS bigint
LANGUAGE SQL IMMUTABLE PARALLEL SAFE
RETURN 10::bigint << 40;
COMMENT ON FUNCTION sys.cluster_size_limit() IS
	'the size that a cluster of the service can have, 10 TiB; not checked here';

CREATE FUNCTION sys.supported_datatypes() RETURNS SETOF text
LANGUAGE SQL STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT pg_catalog.format_type(t, NULL) FROM pg_catalog.unnest(
		'{int2,int4,int8,float4,float8,numeric,char,varchar,text,date,'
		'time,timetz,timestamp,timestamptz,interval,bool,uuid,bytea,json,jsonb}'
		::pg_catalog.regtype[]) AS t;
END;
COMMENT ON FUNCTION sys.supported_datatypes() IS
	'the types that a column can have';

-- Nobody knows what these do; they are there for who lists them.
CREATE FUNCTION sys.decode_job_ext_status(integer) RETURNS text
LANGUAGE SQL IMMUTABLE RETURN NULL::text;
COMMENT ON FUNCTION sys.decode_job_ext_status(integer) IS 'there by name only';
CREATE FUNCTION sys.decode_job_statement(integer) RETURNS text
LANGUAGE SQL IMMUTABLE RETURN NULL::text;
COMMENT ON FUNCTION sys.decode_job_statement(integer) IS 'there by name only';
CREATE FUNCTION sys.decode_job_status(integer) RETURNS text
LANGUAGE SQL IMMUTABLE RETURN NULL::text;
COMMENT ON FUNCTION sys.decode_job_status(integer) IS 'there by name only';
CREATE FUNCTION sys.fetch_seq_data_tuple(oid) RETURNS text
LANGUAGE SQL STABLE RETURN NULL::text;
COMMENT ON FUNCTION sys.fetch_seq_data_tuple(oid) IS 'there by name only';
CREATE FUNCTION sys.get_key_desc(oid) RETURNS text
LANGUAGE SQL STABLE RETURN NULL::text;
COMMENT ON FUNCTION sys.get_key_desc(oid) IS 'there by name only';
CREATE FUNCTION sys.job_err_msg(text) RETURNS text
LANGUAGE SQL STABLE RETURN NULL::text;
COMMENT ON FUNCTION sys.job_err_msg(text) IS 'there by name only';
REVOKE ALL ON FUNCTION sys.decode_job_ext_status(integer),
	sys.decode_job_statement(integer), sys.decode_job_status(integer),
	sys.fetch_seq_data_tuple(oid), sys.get_key_desc(oid), sys.job_err_msg(text)
	FROM PUBLIC;

--
-- EXPLAIN
--

CREATE FUNCTION dsql.dpu_row(
	OUT statements bigint, OUT compute double precision,
	OUT read double precision, OUT write double precision,
	OUT multi_region_write double precision, OUT total double precision)
AS 'MODULE_PATHNAME', 'dsql_dpu_row'
LANGUAGE C STRICT VOLATILE PARALLEL SAFE;
COMMENT ON FUNCTION dsql.dpu_row() IS 'for dsql.dpu';
CREATE VIEW dsql.dpu AS SELECT * FROM dsql.dpu_row();
GRANT SELECT ON dsql.dpu TO PUBLIC;
COMMENT ON VIEW dsql.dpu IS
	'what the statements that ran in this cluster with dsql_emu.track_dpu on '
	'were estimated at since the server started or since dsql.reset_stats(): '
	'their number, and DPUs; an estimate of the emulator, and not a bill';

--
-- Streams
--

CREATE TABLE dsql.stream_outbox (
	cluster text COLLATE "C",
	position bigint,
	committed timestamptz NOT NULL,
	records integer NOT NULL,
	body bytea NOT NULL,
	CONSTRAINT stream_outbox_pkey PRIMARY KEY (cluster, position)
) USING heap WITH (toast_tuple_target = 8160);
COMMENT ON TABLE dsql.stream_outbox IS
	'records of change streams that wait to be sent or read';
REVOKE ALL ON dsql.stream_outbox FROM PUBLIC;

CREATE TABLE dsql.stream_delivery (
	stream text COLLATE "C" CONSTRAINT stream_delivery_pkey PRIMARY KEY,
	started bigint NOT NULL,
	position bigint NOT NULL,
	sent bigint NOT NULL,
	lost bigint NOT NULL,
	problem text
) USING heap;
COMMENT ON TABLE dsql.stream_delivery IS
	'how far the delivery of each change stream has come';
REVOKE ALL ON dsql.stream_delivery FROM PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('dsql.stream_delivery', '');
INSERT INTO dsql.stream_delivery
	SELECT identifier, 0, 0, 0, 0, NULL FROM dsql.stream;

CREATE PROCEDURE dsql.aws_iam()
AS 'MODULE_PATHNAME', 'dsql_aws_iam'
LANGUAGE C;
COMMENT ON PROCEDURE dsql.aws_iam() IS
	'what AWS IAM GRANT and AWS IAM REVOKE execute; cannot be called directly';

CREATE FUNCTION dsql.stream_records(
	cluster_identifier text, stream_identifier text,
	after bigint DEFAULT 0, max integer DEFAULT 1000,
	OUT "position" bigint, OUT partition_key text, OUT record text,
	OUT committed timestamptz)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'dsql_stream_records'
LANGUAGE C STRICT VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION dsql.stream_records(text, text, bigint, integer)
	FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dsql.stream_records(text, text, bigint, integer)
	TO admin;
COMMENT ON FUNCTION dsql.stream_records(text, text, bigint, integer) IS
	'the records of a change stream after a position, in the form in which they '
	'are sent';

CREATE FUNCTION dsql.stream_rows(
	OUT cluster_identifier text, OUT stream_identifier text, OUT status text,
	OUT waiting bigint, OUT sent bigint, OUT lost bigint, OUT lag interval,
	OUT error text)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'dsql_stream_rows'
LANGUAGE C STRICT VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION dsql.stream_rows() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dsql.stream_rows() TO admin;
COMMENT ON FUNCTION dsql.stream_rows() IS 'for dsql.streams';
CREATE VIEW dsql.streams AS SELECT * FROM dsql.stream_rows();
GRANT SELECT ON dsql.streams TO admin;
COMMENT ON VIEW dsql.streams IS
	'the change streams of the session''s cluster: status, records that wait, '
	'that were sent, and that were deleted before they were sent, how old the '
	'oldest one is that waits, and the last error';
COMMENT ON FUNCTION dsql.create_stream(text, jsonb, text, text, jsonb, text) IS
	'the operation CreateStream: begins a change stream of the cluster';

--
-- Injection of failures
--

CREATE FUNCTION dsql.inject(
	fault text, relation regclass DEFAULT NULL, role_name name DEFAULT NULL,
	application_name text DEFAULT NULL, statement text DEFAULT NULL,
	session integer DEFAULT NULL, skip integer DEFAULT 0,
	times integer DEFAULT NULL, probability double precision DEFAULT NULL,
	seed bigint DEFAULT NULL, delay interval DEFAULT NULL,
	reason text DEFAULT NULL)
RETURNS integer
AS 'MODULE_PATHNAME', 'dsql_inject'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION dsql.inject(
	text, regclass, name, text, text, integer, integer, integer,
	double precision, bigint, interval, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dsql.inject(
	text, regclass, name, text, text, integer, integer, integer,
	double precision, bigint, interval, text) TO admin;
COMMENT ON FUNCTION dsql.inject(
	text, regclass, name, text, text, integer, integer, integer,
	double precision, bigint, interval, text) IS
	'lets sessions of the cluster meet a fault, such as a conflict: once, if '
	'nothing else is said; returns the injection''s id';

CREATE FUNCTION dsql.clear_injections(id integer DEFAULT NULL)
RETURNS integer
AS 'MODULE_PATHNAME', 'dsql_clear_injections'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION dsql.clear_injections(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dsql.clear_injections(integer) TO admin;
COMMENT ON FUNCTION dsql.clear_injections(integer) IS
	'takes back an injection of the cluster, or all; returns how many';

CREATE FUNCTION dsql.injection_rows(
	OUT id integer, OUT fault text, OUT relation regclass, OUT role_name name,
	OUT application_name text, OUT statement text, OUT session integer,
	OUT skip integer, OUT times integer, OUT probability double precision,
	OUT seed bigint, OUT delay interval, OUT reason text, OUT matched bigint,
	OUT fired bigint, OUT armed boolean)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'dsql_injection_rows'
LANGUAGE C STRICT VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION dsql.injection_rows() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dsql.injection_rows() TO admin;
COMMENT ON FUNCTION dsql.injection_rows() IS 'the rows of dsql.injections';

CREATE VIEW dsql.injections AS SELECT * FROM dsql.injection_rows();
GRANT SELECT ON dsql.injections TO admin;
COMMENT ON VIEW dsql.injections IS
	'the injections of the cluster: fault, aim, how many times the aim was met '
	'and the fault happened, and whether it can still happen';

--
-- Proof: what transactions met
--

CREATE FUNCTION dsql.stats_counters(
	OUT transactions bigint, OUT commits bigint, OUT oc000 bigint,
	OUT oc001 bigint, OUT rows_written bigint, OUT since timestamptz,
	OUT injected bigint, OUT retried_commits bigint, OUT bytes_written bigint,
	OUT rows_inserted bigint, OUT rows_updated bigint, OUT rows_deleted bigint,
	OUT rows_locked bigint, OUT longest_run bigint, OUT refusals jsonb)
AS 'MODULE_PATHNAME', 'dsql_stats_counters'
LANGUAGE C STRICT VOLATILE PARALLEL SAFE;
COMMENT ON FUNCTION dsql.stats_counters() IS 'the row of dsql.stats';

CREATE OR REPLACE VIEW dsql.stats AS SELECT * FROM dsql.stats_counters();
COMMENT ON VIEW dsql.stats IS
	'what emulated transactions in this database did since the server started '
	'or since dsql.reset_stats(): transactions that ended, those that '
	'committed, conflicts of rows (OC000) and of the schema (OC001), rows and '
	'bytes written by those that committed, faults that were injected, commits '
	'in a session whose transaction before had failed with a conflict, the '
	'longest run of such failures before a commit, and how often each rule '
	'refused something';
DROP FUNCTION dsql.stats_row();
GRANT EXECUTE ON FUNCTION dsql.reset_stats() TO admin;

CREATE FUNCTION dsql.conflict_rows(
	OUT "time" timestamptz, OUT kind text, OUT injection integer,
	OUT pid integer, OUT role_name name, OUT application_name text,
	OUT statement text, OUT relation regclass, OUT key text,
	OUT winner xid, OUT winner_pid integer, OUT winner_application_name text)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'dsql_conflict_rows'
LANGUAGE C STRICT VOLATILE PARALLEL SAFE;
REVOKE ALL ON FUNCTION dsql.conflict_rows() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dsql.conflict_rows() TO admin, pg_read_all_stats;
COMMENT ON FUNCTION dsql.conflict_rows() IS 'the rows of dsql.conflicts';

CREATE VIEW dsql.conflicts AS SELECT * FROM dsql.conflict_rows();
GRANT SELECT ON dsql.conflicts TO admin, pg_read_all_stats;
COMMENT ON VIEW dsql.conflicts IS
	'the last conflicts in the cluster, the oldest first: when, OC000 or OC001, '
	'which injection it was, who lost with which last statement, the row it was '
	'about by its primary key, and the transaction that won, as far as that is '
	'known';
