/*
 * settinglist.h
 *		The settings of the extension, one row each.
 *
 * DSQL_BOOL_SETTING(variable, name, default, context, flags,
 *					 short description, long description)
 * DSQL_INT_SETTING(variable, name, default, minimum, maximum, ...)
 * DSQL_ENUM_SETTING(variable, name, default, options, ...)
 * DSQL_STRING_SETTING(variable, name, default, check hook, ...)
 *
 * The variable is dsql_settings_<variable>.  Those of the limits are made from
 * limitlist.h.
 *
 * There is deliberately no include guard here: whoever includes this file
 * defines the four macros first.
 */

/*
 * Administrators choose with this whether emulated databases refuse what the
 * service refuses, let it pass and note it as a finding, or are plain
 * PostgreSQL.
 */
DSQL_ENUM_SETTING(mode, "dsql_emu.mode", DSQL_MODE_ENFORCE,
				  mode_options, PGC_SUSET, 0,
				  "Sets what happens to statements that the service would refuse.",
				  "\"enforce\" refuses them, \"report\" lets them pass with a warning and notes them in dsql.findings, \"off\" leaves plain PostgreSQL.")

/*
 * Administrators choose with this how many findings of report mode the server
 * can hold: one costs about 2 kB of shared memory.
 */
DSQL_INT_SETTING(max_findings, "dsql_emu.max_findings", 1000,
				 10, 1000000, PGC_POSTMASTER, 0,
				 "Sets the maximum number of findings that report mode can hold.",
				 NULL)

/*
 * Administrators choose with these how many conflicts the server remembers, of
 * which one costs about 1 kB of shared memory, and whether it writes each of
 * them to its log.
 */
DSQL_INT_SETTING(max_conflicts, "dsql_emu.max_conflicts", 200,
				 1, 100000, PGC_POSTMASTER, 0,
				 "Sets the maximum number of conflicts that the server remembers.",
				 "They are the rows of dsql.conflicts.")
DSQL_BOOL_SETTING(log_conflicts, "dsql_emu.log_conflicts", false,
				  PGC_SUSET, 0,
				  "Writes each conflict to the server's log, with what is known of it.",
				  NULL)

/*
 * Whether tables whose rows were changed are analyzed in the background, as
 * the service does, and how often, in seconds, the same table at most.
 */
DSQL_BOOL_SETTING(auto_analyze, "dsql_emu.auto_analyze", true,
				  PGC_USERSET, 0,
				  "Analyzes tables whose rows were changed, in the background.",
				  NULL)
DSQL_INT_SETTING(analyze_interval, "dsql_emu.analyze_interval", 60,
				 0, 86400, PGC_SIGHUP, GUC_UNIT_S,
				 "Sets the least time between two background ANALYZE jobs of a table.",
				 NULL)

/*
 * How long, in milliseconds, a job waits before it starts, and whether it does
 * so only when dsql.run_jobs() is called.  They are those of the session that
 * queues the job, and for tests that want to see what is submitted.
 */
DSQL_INT_SETTING(job_delay, "dsql_emu.job_delay", 0,
				 0, 86400000, PGC_USERSET, GUC_UNIT_MS,
				 "Sets how long a background job waits before it starts.",
				 NULL)
DSQL_BOOL_SETTING(manual_jobs, "dsql_emu.manual_jobs", false,
				  PGC_USERSET, 0,
				  "Starts background jobs only when dsql.run_jobs() is called.",
				  NULL)

/* How long, in seconds, sys.jobs shows a job after its end. */
DSQL_INT_SETTING(job_retention, "dsql_emu.job_retention", 1800,
				 0, INT_MAX / 1000, PGC_SIGHUP, GUC_UNIT_S,
				 "Sets how long sys.jobs shows a job after its end.",
				 "Older ones vanish when another job is queued.")

/*
 * How often a job is tried whose work is rolled back because others were in its
 * way.
 */
DSQL_INT_SETTING(job_tries, "dsql_emu.job_tries", 10,
				 1, 1000, PGC_SIGHUP, 0,
				 "Sets how often a background job is tried that meets deadlocks or serialization failures.",
				 "The pause between two tries doubles each time, from 20 ms to 5 s.")

/* How many jobs of a database run at a time, at most. */
DSQL_INT_SETTING(job_workers, "dsql_emu.job_workers", 1,
				 1, 64, PGC_SIGHUP, 0,
				 "Sets the maximum number of background jobs of a database that run at a time.",
				 NULL)

/* The point at which a process waits for a test: see pause_point.h. */
DSQL_STRING_SETTING(debug_pause_point, "dsql_emu.debug_pause_point", "",
					NULL, PGC_SUSET, GUC_NO_SHOW_ALL | GUC_NOT_IN_SAMPLE,
					"Sets the point at which a process waits for a test.",
					NULL)

/* The version that the library pretends to speak, for a test; "" is its own. */
DSQL_STRING_SETTING(debug_library_version, "dsql_emu.debug_library_version", "",
					NULL, PGC_SUSET, GUC_NO_SHOW_ALL | GUC_NOT_IN_SAMPLE,
					"Sets the version that the library pretends to speak, for tests.",
					NULL)

/*
 * Whoever makes clusters chooses with these in which Region and account they
 * are.
 */
DSQL_STRING_SETTING(region, "dsql_emu.region", "us-east-1",
					check_region, PGC_USERSET, 0,
					"Sets the Region in which clusters are made and looked up.",
					NULL)
DSQL_STRING_SETTING(account, "dsql_emu.account", "000000000000",
					check_account, PGC_USERSET, 0,
					"Sets the account that owns the clusters.",
					NULL)

/*
 * A client says with one of these, in its start-up options, which cluster it
 * connects to.  The second is the service's own spelling, amzn-cluster-id: the
 * server turns '-' into '_' there.
 */
DSQL_STRING_SETTING(cluster_option, "dsql_emu.cluster", "",
					NULL, PGC_BACKEND, 0,
					"Sets the cluster that a connection is for.",
					"Only at the start of a connection; dsql.use_cluster() is for later.")
DSQL_STRING_SETTING(amzn_cluster_id, "amzn_cluster_id", "",
					NULL, PGC_BACKEND, 0,
					"Sets the cluster that a connection is for.",
					"The service's own spelling of dsql_emu.cluster.")

/*
 * Administrators choose with these whether a connection through TCP that
 * pg_hba.conf trusts has to show a token, and whether that is verified; and
 * whether the name localhost, or none, means the default cluster.
 */
DSQL_ENUM_SETTING(auth, "dsql_emu.auth", DSQL_AUTH_OFF,
				  auth_options, PGC_SIGHUP, 0,
				  "Sets whether connections through TCP that pg_hba.conf trusts must show a token.",
				  "\"verify\" checks its signature, \"any\" all but that, \"off\" leaves it to pg_hba.conf alone.")
DSQL_BOOL_SETTING(accept_localhost, "dsql_emu.accept_localhost", false,
				  PGC_SIGHUP, 0,
				  "Lets clients reach the default cluster as localhost.",
				  "A TLS server name that is missing means the same.")

/*
 * Administrators choose with these how long clusters and streams stay in
 * states that pass, in milliseconds of the emulator's clock.
 */
DSQL_INT_SETTING(create_delay, "dsql_emu.create_delay", 500,
				 0, 24 * 60 * 60 * 1000, PGC_SUSET, GUC_UNIT_MS,
				 "Sets how long a cluster or stream is CREATING.",
				 NULL)
DSQL_INT_SETTING(update_delay, "dsql_emu.update_delay", 500,
				 0, 24 * 60 * 60 * 1000, PGC_SUSET, GUC_UNIT_MS,
				 "Sets how long a cluster or its encryption is UPDATING.",
				 NULL)
DSQL_INT_SETTING(pending_delete_delay, "dsql_emu.pending_delete_delay", 500,
				 0, 24 * 60 * 60 * 1000, PGC_SUSET, GUC_UNIT_MS,
				 "Sets how long a pair of clusters stays in PENDING_DELETE once both are deleted.",
				 NULL)
DSQL_INT_SETTING(delete_delay, "dsql_emu.delete_delay", 500,
				 0, 24 * 60 * 60 * 1000, PGC_SUSET, GUC_UNIT_MS,
				 "Sets how long a cluster or stream is DELETING.",
				 NULL)
DSQL_INT_SETTING(wake_delay, "dsql_emu.wake_delay", 500,
				 0, 24 * 60 * 60 * 1000, PGC_SUSET, GUC_UNIT_MS,
				 "Sets how long an INACTIVE cluster refuses connections after the first.",
				 NULL)

/*
 * Administrators choose with these how many of each there can be: clusters per
 * account and Region, streams per cluster, tags per cluster or stream.
 */
DSQL_INT_SETTING(max_single_region_clusters, "dsql_emu.max_single_region_clusters", 20,
				 0, 1000000, PGC_SUSET, 0,
				 "Sets the maximum number of single-Region clusters in an account and Region.",
				 NULL)
DSQL_INT_SETTING(max_multi_region_clusters, "dsql_emu.max_multi_region_clusters", 5,
				 0, 1000000, PGC_SUSET, 0,
				 "Sets the maximum number of multi-Region clusters in an account and Region.",
				 NULL)
DSQL_INT_SETTING(max_streams, "dsql_emu.max_streams", 5,
				 0, 1000000, PGC_SUSET, 0,
				 "Sets the maximum number of streams of a cluster.",
				 NULL)
DSQL_INT_SETTING(max_tags, "dsql_emu.max_tags", 50,
				 0, 1000000, PGC_SUSET, 0,
				 "Sets the maximum number of tags of a cluster or stream.",
				 NULL)

/*
 * Administrators choose with these how large the records of change streams can
 * be, in bytes, how long they are kept, in seconds, and how much of them, in
 * megabytes; and, for a test, the seed of a disorder (0: none).
 */
DSQL_INT_SETTING(stream_chunk_size, "dsql_emu.stream_chunk_size", 9 * 1024 * 1024,
				 600, 9 * 1024 * 1024, PGC_SUSET, GUC_UNIT_BYTE,
				 "Sets the size from which on a change record is sent in fragments.",
				 NULL)
DSQL_INT_SETTING(stream_retention, "dsql_emu.stream_retention", 3600,
				 0, INT_MAX / 1000, PGC_SIGHUP, GUC_UNIT_S,
				 "Sets how long change records can be read after their commit.",
				 "What a sink has not got yet is kept for longer.")
DSQL_INT_SETTING(stream_max_size, "dsql_emu.stream_max_size", 1024,
				 1, INT_MAX / 1024, PGC_SIGHUP, GUC_UNIT_MB,
				 "Sets how much space the change records of a cluster can take.",
				 "When there are more, the oldest ones are deleted.")
DSQL_INT_SETTING(stream_disorder, "dsql_emu.stream_disorder", 0,
				 0, INT_MAX, PGC_USERSET, 0,
				 "Sets the seed of a disorder in which change records arrive.",
				 "0 is none.  Otherwise some come late, and some twice.")

/*
 * Administrators choose with this which roles can be assumed for change
 * streams.
 */
DSQL_STRING_SETTING(stream_roles, "dsql_emu.stream_roles", "*",
					check_list, PGC_SIGHUP, GUC_LIST_INPUT,
					"Sets the ARNs of the roles that change streams can assume.",
					"\"*\" in an ARN stands for any characters.")

/*
 * Administrators choose with these where change records are sent (empty:
 * nowhere), and with which key and for which Region (empty: that of the
 * stream's ARN) requests are signed.
 */
DSQL_STRING_SETTING(kinesis_endpoint, "dsql_emu.kinesis_endpoint", "",
					check_endpoint, PGC_SIGHUP, 0,
					"Sets the URL of Kinesis, or of an emulator of it, to which change records are sent.",
					"\"{region}\" in it stands for the Region of the stream's ARN.  Empty: none are sent.")
DSQL_STRING_SETTING(kinesis_region, "dsql_emu.kinesis_region", "",
					check_header_value, PGC_SIGHUP, 0,
					"Sets the Region for which requests to Kinesis are signed.",
					"Empty: that of the stream's ARN.")
DSQL_STRING_SETTING(kinesis_access_key, "dsql_emu.kinesis_access_key", "test",
					check_header_value, PGC_SIGHUP, GUC_SUPERUSER_ONLY,
					"Sets the access key with which requests to Kinesis are signed.",
					NULL)
DSQL_STRING_SETTING(kinesis_secret_key, "dsql_emu.kinesis_secret_key", "test",
					NULL, PGC_SIGHUP, GUC_SUPERUSER_ONLY,
					"Sets the secret of the access key for Kinesis.",
					NULL)
DSQL_STRING_SETTING(kinesis_session_token, "dsql_emu.kinesis_session_token", "",
					check_header_value, PGC_SIGHUP, GUC_SUPERUSER_ONLY,
					"Sets the session token of the access key for Kinesis.",
					NULL)

/*
 * Administrators choose with these where the control plane listens for HTTP (0:
 * nowhere), under which other names clients may reach it, which web pages may
 * use it, in which database it works, whether it verifies signatures, how many
 * clients can be connected to it, and how long, in milliseconds, these may be
 * silent between requests and take over one.
 */
DSQL_INT_SETTING(api_port, "dsql_emu.api_port", 0,
				 0, 65535, PGC_POSTMASTER, 0,
				 "Sets the TCP port on which the control plane listens for HTTP.",
				 "0 means that it does not.")
DSQL_STRING_SETTING(api_listen_addresses, "dsql_emu.api_listen_addresses", "localhost",
					check_list, PGC_POSTMASTER, GUC_LIST_INPUT,
					"Sets the host names or addresses on which the control plane listens for HTTP.",
					NULL)
DSQL_STRING_SETTING(api_allowed_hosts, "dsql_emu.api_allowed_hosts", "",
					check_list, PGC_SIGHUP, GUC_LIST_INPUT,
					"Sets further host names under which clients may reach the control plane over HTTP.",
					"\"*\" in a name stands for any characters. Always allowed are \"localhost\", where it listens, \"*.amazonaws.com\" and \"*.api.aws\".")
DSQL_STRING_SETTING(api_allowed_origins, "dsql_emu.api_allowed_origins", "",
					check_list, PGC_SIGHUP, GUC_LIST_INPUT,
					"Sets the origins of web pages whose HTTP requests the control plane answers.",
					"\"*\" in an origin stands for any characters.")
DSQL_STRING_SETTING(api_database, "dsql_emu.api_database", "postgres",
					NULL, PGC_SIGHUP, 0,
					"Sets the database that HTTP requests to the control plane work in.",
					NULL)
DSQL_ENUM_SETTING(api_auth, "dsql_emu.api_auth", DSQL_API_AUTH_OFF,
				  api_auth_options, PGC_SIGHUP, 0,
				  "Sets whether the signatures of HTTP requests to the control plane are verified.",
				  "\"off\" believes what a request says of its Region and account, \"verify\" accepts signatures by known access keys only.")
DSQL_ENUM_SETTING(api_cluster_kind, "dsql_emu.api_cluster_kind",
				  DSQL_CLUSTER_KIND_DATABASE, cluster_kind_options, PGC_SIGHUP, 0,
				  "Sets what the clusters are that HTTP requests to the control plane make.",
				  NULL)
DSQL_INT_SETTING(api_max_connections, "dsql_emu.api_max_connections", 200,
				 1, 900, PGC_SIGHUP, 0,
				 "Sets the maximum number of HTTP connections to the control plane.",
				 "When there are more, one that sends no request is closed.")
DSQL_INT_SETTING(api_idle_timeout, "dsql_emu.api_idle_timeout", 60000,
				 10, INT_MAX, PGC_SIGHUP, GUC_UNIT_MS,
				 "Sets how long an HTTP connection can be idle.",
				 NULL)
DSQL_INT_SETTING(api_request_timeout, "dsql_emu.api_request_timeout", 30000,
				 10, INT_MAX, PGC_SIGHUP, GUC_UNIT_MS,
				 "Sets how long an HTTP request can take to arrive, to be answered, and the response to be read.",
				 NULL)

/*
 * Administrators choose with this how many clusters, each database having at
 * least one, can be used without sharing counters: those beyond it have one set
 * in common, so that a change of schema in one of them concerns them all.
 */
DSQL_INT_SETTING(max_databases, "dsql_emu.max_databases", 1024,
				 1, 10000, PGC_POSTMASTER, 0,
				 "Sets the maximum number of databases and clusters that have counters of their own.",
				 "Those beyond it share one set.")

/*
 * Administrators choose with this how many rows that transactions change or
 * lock can be known at once.  A row is known while its transaction commits; one
 * that was only locked, for as long as there are older transactions.  One costs
 * 56 bytes of shared memory.  If it is too few, older transactions fail with
 * OC000.
 */
DSQL_INT_SETTING(max_row_marks, "dsql_emu.max_row_marks", 131072,
				 64, INT_MAX / 2, PGC_POSTMASTER, 0,
				 "Sets the maximum number of rows that committing transactions can mark.",
				 "When they are too few, older transactions fail with OC000, and one with more rows makes others wait for its commit.")

/*
 * Administrators choose with this which changes of the schema make transactions
 * of other sessions fail with OC001: none; those that a statement made; or also
 * those of background jobs, and those that the session has not heard of yet
 * when its transaction begins, which on the service happens now and then.
 */
DSQL_ENUM_SETTING(schema_conflicts, "dsql_emu.schema_conflicts", DSQL_SCHEMA_CONFLICTS_ON,
				  schema_conflicts_options, PGC_SUSET, 0,
				  "Sets which changes of the schema fail transactions of other sessions with OC001.",
				  "\"on\" stands for those of statements, \"strict\" for those of background jobs and earlier ones as well.")

/*
 * Whether queries fail that the service fails by a defect, which may go.
 */
DSQL_BOOL_SETTING(lateral_defect, "dsql_emu.lateral_defect", true,
				  PGC_SUSET, 0,
				  "Fails LEFT JOIN LATERAL where the service has a defect.",
				  NULL)

/*
 * Whether EXPLAIN plans and prints as the service would do it, or as PostgreSQL
 * would.
 */
DSQL_ENUM_SETTING(explain, "dsql_emu.explain", DSQL_EXPLAIN_SERVICE,
				  explain_options, PGC_USERSET, 0,
				  "Sets whose plans EXPLAIN shows.",
				  "\"service\" stands for the costs and the text of Aurora DSQL, \"postgresql\" for those of this server.")

/*
 * Whether what statements cost on the service is estimated and added up.
 */
DSQL_BOOL_SETTING(track_dpu, "dsql_emu.track_dpu", false,
				  PGC_USERSET, 0,
				  "Adds up what statements would cost on Aurora DSQL, in DPUs, for dsql.dpu.",
				  NULL)

/*
 * The service's own parameters.  The first guards synchronous index builds,
 * the second lets the planner think of joins in batches.
 */
DSQL_BOOL_SETTING(disable_sync_create_index, "disable_sync_create_index", true,
				  PGC_USERSET, 0,
				  "Refuses CREATE INDEX without ASYNC.",
				  "A parameter of the service. When off, an index can be built synchronously on an empty table.")
DSQL_BOOL_SETTING(enable_batched_nestloop, "dsql.enable_batched_nestloop", true,
				  PGC_USERSET, 0,
				  "Plans joins that look up the rows of many outer rows at once.",
				  "A parameter of the service.")
