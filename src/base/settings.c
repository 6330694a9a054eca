/*
 * settings.c
 *		Every setting of the extension.
 *
 * The settings of the emulator are named dsql_emu.*, because the service has
 * parameters of its own under "dsql.".  Each default is the behaviour of the
 * service.
 */
#include "postgres.h"

#include <limits.h>

#include "utils/guc.h"
#include "utils/varlena.h"

#include "base/identifier.h"
#include "base/settings.h"

/*
 * Administrators choose with this whether emulated databases refuse what the
 * service refuses, let it pass and note it as a finding, or are plain
 * PostgreSQL.
 */
int			dsql_settings_mode = DSQL_MODE_ENFORCE;

/*
 * Administrators choose with this how many findings of report mode the server
 * can hold: one costs about 2 kB of shared memory.
 */
int			dsql_settings_max_findings = 1000;

/*
 * Whether tables whose rows were changed are analyzed in the background, as
 * the service does, and how often, in seconds, the same table at most.
 */
bool		dsql_settings_auto_analyze = true;
int			dsql_settings_analyze_interval = 60;

/*
 * How long, in milliseconds, a job waits before it starts, and whether it does
 * so only when dsql.run_jobs() is called.  They are those of the session that
 * queues the job, and for tests that want to see what is submitted.
 */
int			dsql_settings_job_delay = 0;
bool		dsql_settings_manual_jobs = false;

/* How long, in seconds, sys.jobs shows a job after its end. */
int			dsql_settings_job_retention = 1800;

/*
 * How often a job is tried whose work is rolled back because others were in its
 * way.
 */
int			dsql_settings_job_tries = 10;

/* How many jobs of a database run at a time, at most. */
int			dsql_settings_job_workers = 1;

/* The point at which a process waits for a test: see pause_point.h. */
char	   *dsql_settings_debug_pause_point = NULL;

/* The version that the library pretends to speak, for a test; "" is its own. */
char	   *dsql_settings_debug_library_version = NULL;

/*
 * Whoever makes clusters chooses with these in which Region and account they
 * are.
 */
char	   *dsql_settings_region = NULL;
char	   *dsql_settings_account = NULL;

/*
 * A client says with one of these, in its start-up options, which cluster it
 * connects to.  The second is the service's own spelling, amzn-cluster-id: the
 * server turns '-' into '_' there.
 */
char	   *dsql_settings_cluster_option = NULL;
char	   *dsql_settings_amzn_cluster_id = NULL;

/*
 * Administrators choose with these whether a connection through TCP that
 * pg_hba.conf trusts has to show a token, and whether that is verified; and
 * whether the name localhost, or none, means the default cluster.
 */
int			dsql_settings_auth = DSQL_AUTH_OFF;
bool		dsql_settings_accept_localhost = false;

/*
 * Administrators choose with these how long clusters and streams stay in
 * states that pass, in milliseconds of the emulator's clock.
 */
int			dsql_settings_create_delay = 500;
int			dsql_settings_update_delay = 500;
int			dsql_settings_pending_delete_delay = 500;
int			dsql_settings_delete_delay = 500;
int			dsql_settings_wake_delay = 500;

/*
 * Administrators choose with these how many of each there can be: clusters per
 * account and Region, streams per cluster, tags per cluster or stream.
 */
int			dsql_settings_max_single_region_clusters = 20;
int			dsql_settings_max_multi_region_clusters = 5;
int			dsql_settings_max_streams = 5;
int			dsql_settings_max_tags = 50;

/*
 * Administrators choose with these how large the records of change streams can
 * be, in bytes, how long they are kept, in seconds, and how much of them, in
 * megabytes; and, for a test, the seed of a disorder (0: none).
 */
int			dsql_settings_stream_chunk_size = 9 * 1024 * 1024;
int			dsql_settings_stream_retention = 3600;
int			dsql_settings_stream_max_size = 1024;
int			dsql_settings_stream_disorder = 0;

/*
 * Administrators choose with these where the control plane listens for HTTP (0:
 * nowhere), under which other names clients may reach it, which web pages may
 * use it, in which database it works, whether it verifies signatures, how many
 * clients can be connected to it, and how long, in milliseconds, these may be
 * silent between requests and take over one.
 */
int			dsql_settings_api_port = 0;
char	   *dsql_settings_api_listen_addresses = NULL;
char	   *dsql_settings_api_allowed_hosts = NULL;
char	   *dsql_settings_api_allowed_origins = NULL;
char	   *dsql_settings_api_database = NULL;
int			dsql_settings_api_auth = DSQL_API_AUTH_OFF;
int			dsql_settings_api_max_connections = 200;
int			dsql_settings_api_idle_timeout = 60000;
int			dsql_settings_api_request_timeout = 30000;

/*
 * Administrators choose with this how many clusters, each database having at
 * least one, can be used without sharing counters: those beyond it have one set
 * in common, so that a change of schema in one of them concerns them all.
 */
int			dsql_settings_max_databases = 1024;

/*
 * Administrators choose with this how many rows that transactions change or
 * lock can be known at once.  A row is known while its transaction commits; one
 * that was only locked, for as long as there are older transactions.  One costs
 * 56 bytes of shared memory.  If it is too few, older transactions fail with
 * OC000.
 */
int			dsql_settings_max_row_marks = 131072;

/*
 * Administrators choose with this which changes of the schema make transactions
 * of other sessions fail with OC001: none; those that a statement made; or also
 * those of background jobs, and those that the session has not heard of yet
 * when its transaction begins, which on the service happens now and then.
 */
int			dsql_settings_schema_conflicts = DSQL_SCHEMA_CONFLICTS_ON;

/*
 * The service's own parameters.  The first guards synchronous index builds,
 * the second is accepted and has no effect here: the join method it switches
 * does not exist in PostgreSQL.
 */
bool		dsql_settings_disable_sync_create_index = true;
bool		dsql_settings_enable_batched_nestloop = true;

static bool
check_region(char **newval, void **extra, GucSource source)
{
	if (dsql_identifier_region_valid(*newval))
		return true;
	GUC_check_errdetail("A Region has 1 to 20 lower-case letters, digits and hyphens.");
	return false;
}

static bool
check_account(char **newval, void **extra, GucSource source)
{
	if (dsql_identifier_account_valid(*newval))
		return true;
	GUC_check_errdetail("An account has 12 digits.");
	return false;
}

static bool
check_list(char **newval, void **extra, GucSource source)
{
	char	   *copy = pstrdup(*newval);
	List	   *list;
	bool		valid = SplitGUCList(copy, ',', &list);

	list_free(list);
	pfree(copy);
	if (!valid)
		GUC_check_errdetail("List syntax is invalid.");
	return valid;
}

static const struct config_enum_entry mode_options[] = {
	{"enforce", DSQL_MODE_ENFORCE, false},
	{"report", DSQL_MODE_REPORT, false},
	{"off", DSQL_MODE_OFF, false},
	{NULL, 0, false}
};

static const struct config_enum_entry auth_options[] = {
	{"off", DSQL_AUTH_OFF, false},
	{"any", DSQL_AUTH_ANY, false},
	{"verify", DSQL_AUTH_VERIFY, false},
	{NULL, 0, false}
};

static const struct config_enum_entry schema_conflicts_options[] = {
	{"off", DSQL_SCHEMA_CONFLICTS_OFF, false},
	{"on", DSQL_SCHEMA_CONFLICTS_ON, false},
	{"strict", DSQL_SCHEMA_CONFLICTS_STRICT, false},
	{"false", DSQL_SCHEMA_CONFLICTS_OFF, true},
	{"true", DSQL_SCHEMA_CONFLICTS_ON, true},
	{NULL, 0, false}
};

static void
define_delay(const char *name, const char *description, int *variable)
{
	DefineCustomIntVariable(name, description, NULL, variable, *variable,
							0, 24 * 60 * 60 * 1000, PGC_SUSET, GUC_UNIT_MS,
							NULL, NULL, NULL);
}

static void
define_quota(const char *name, const char *description, int *variable)
{
	DefineCustomIntVariable(name, description, NULL, variable, *variable,
							0, 1000000, PGC_SUSET, 0, NULL, NULL, NULL);
}

/*
 * Settings of the control plane and of connections to clusters.
 */
static void
define_control_settings(void)
{
	DefineCustomStringVariable("dsql_emu.region",
							   "Sets the Region in which clusters are made and looked up.",
							   NULL, &dsql_settings_region, "us-east-1",
							   PGC_USERSET, 0, check_region, NULL, NULL);
	DefineCustomStringVariable("dsql_emu.account",
							   "Sets the account that owns the clusters.",
							   NULL, &dsql_settings_account, "000000000000",
							   PGC_USERSET, 0, check_account, NULL, NULL);

	DefineCustomStringVariable("dsql_emu.cluster",
							   "Sets the cluster that a connection is for.",
							   "Only at the start of a connection; "
							   "dsql.use_cluster() is for later.",
							   &dsql_settings_cluster_option, "",
							   PGC_BACKEND, 0, NULL, NULL, NULL);
	DefineCustomStringVariable("amzn_cluster_id",
							   "Sets the cluster that a connection is for.",
							   "The service's own spelling of dsql_emu.cluster.",
							   &dsql_settings_amzn_cluster_id, "",
							   PGC_BACKEND, 0, NULL, NULL, NULL);

	DefineCustomEnumVariable("dsql_emu.auth",
							 "Sets whether connections through TCP that pg_hba.conf trusts must show a token.",
							 "\"verify\" checks its signature, \"any\" all but that, "
							 "\"off\" leaves it to pg_hba.conf alone.",
							 &dsql_settings_auth, DSQL_AUTH_OFF, auth_options,
							 PGC_SIGHUP, 0, NULL, NULL, NULL);
	DefineCustomBoolVariable("dsql_emu.accept_localhost",
							 "Lets clients reach the default cluster as localhost.",
							 "A TLS server name that is missing means the same.",
							 &dsql_settings_accept_localhost, false,
							 PGC_SIGHUP, 0, NULL, NULL, NULL);

	define_delay("dsql_emu.create_delay",
				 "Sets how long a cluster or stream is CREATING.",
				 &dsql_settings_create_delay);
	define_delay("dsql_emu.update_delay",
				 "Sets how long a cluster or its encryption is UPDATING.",
				 &dsql_settings_update_delay);
	define_delay("dsql_emu.pending_delete_delay",
				 "Sets how long a pair of clusters stays in PENDING_DELETE once both are deleted.",
				 &dsql_settings_pending_delete_delay);
	define_delay("dsql_emu.delete_delay",
				 "Sets how long a cluster or stream is DELETING.",
				 &dsql_settings_delete_delay);
	define_delay("dsql_emu.wake_delay",
				 "Sets how long an INACTIVE cluster refuses connections after the first.",
				 &dsql_settings_wake_delay);

	define_quota("dsql_emu.max_single_region_clusters",
				 "Sets the maximum number of single-Region clusters in an account and Region.",
				 &dsql_settings_max_single_region_clusters);
	define_quota("dsql_emu.max_multi_region_clusters",
				 "Sets the maximum number of multi-Region clusters in an account and Region.",
				 &dsql_settings_max_multi_region_clusters);
	define_quota("dsql_emu.max_streams",
				 "Sets the maximum number of streams of a cluster.",
				 &dsql_settings_max_streams);
	define_quota("dsql_emu.max_tags",
				 "Sets the maximum number of tags of a cluster or stream.",
				 &dsql_settings_max_tags);
}

static void
define_stream_settings(void)
{
	DefineCustomIntVariable("dsql_emu.stream_chunk_size",
							"Sets the size from which on a change record is sent in fragments.",
							NULL, &dsql_settings_stream_chunk_size,
							9 * 1024 * 1024,	/* boot value */
							600, 9 * 1024 * 1024,	/* min, max */
							PGC_SUSET, GUC_UNIT_BYTE, NULL, NULL, NULL);
	DefineCustomIntVariable("dsql_emu.stream_retention",
							"Sets how long change records can be read after their commit.",
							"What a sink has not got yet is kept for longer.",
							&dsql_settings_stream_retention,
							3600,	/* boot value */
							0, INT_MAX / 1000,	/* min, max */
							PGC_SIGHUP, GUC_UNIT_S, NULL, NULL, NULL);
	DefineCustomIntVariable("dsql_emu.stream_max_size",
							"Sets how much space the change records of a cluster can take.",
							"When there are more, the oldest ones are deleted.",
							&dsql_settings_stream_max_size,
							1024,	/* boot value */
							1, INT_MAX / 1024,	/* min, max */
							PGC_SIGHUP, GUC_UNIT_MB, NULL, NULL, NULL);
	DefineCustomIntVariable("dsql_emu.stream_disorder",
							"Sets the seed of a disorder in which change records arrive.",
							"0 is none.  Otherwise some come late, and some twice.",
							&dsql_settings_stream_disorder,
							0,	/* boot value */
							0, INT_MAX, /* min, max */
							PGC_USERSET, 0, NULL, NULL, NULL);
}

static const struct config_enum_entry api_auth_options[] = {
	{"off", DSQL_API_AUTH_OFF, false},
	{"verify", DSQL_API_AUTH_VERIFY, false},
	{NULL, 0, false}
};

/*
 * Settings of the control plane's HTTP server.
 */
static void
define_api_settings(void)
{
	DefineCustomIntVariable("dsql_emu.api_port",
							"Sets the TCP port on which the control plane listens for HTTP.",
							"0 means that it does not.",
							&dsql_settings_api_port, 0, 0, 65535,
							PGC_POSTMASTER, 0, NULL, NULL, NULL);
	DefineCustomStringVariable("dsql_emu.api_listen_addresses",
							   "Sets the host names or addresses on which the control plane listens for HTTP.",
							   NULL, &dsql_settings_api_listen_addresses,
							   "localhost",
							   PGC_POSTMASTER, GUC_LIST_INPUT,
							   check_list, NULL, NULL);
	DefineCustomStringVariable("dsql_emu.api_allowed_hosts",
							   "Sets further host names under which clients may reach the control plane over HTTP.",
							   "\"*\" in a name stands for any characters. Always allowed are \"localhost\", "
							   "where it listens, \"*.amazonaws.com\" and \"*.api.aws\".",
							   &dsql_settings_api_allowed_hosts, "",
							   PGC_SIGHUP, GUC_LIST_INPUT,
							   check_list, NULL, NULL);
	DefineCustomStringVariable("dsql_emu.api_allowed_origins",
							   "Sets the origins of web pages whose HTTP requests the control plane answers.",
							   "\"*\" in an origin stands for any characters.",
							   &dsql_settings_api_allowed_origins, "",
							   PGC_SIGHUP, GUC_LIST_INPUT,
							   check_list, NULL, NULL);
	DefineCustomStringVariable("dsql_emu.api_database",
							   "Sets the database that HTTP requests to the control plane work in.",
							   NULL, &dsql_settings_api_database, "postgres",
							   PGC_SIGHUP, 0, NULL, NULL, NULL);
	DefineCustomEnumVariable("dsql_emu.api_auth",
							 "Sets whether the signatures of HTTP requests to the control plane are verified.",
							 "\"off\" believes what a request says of its Region and account, "
							 "\"verify\" accepts signatures by known access keys only.",
							 &dsql_settings_api_auth, DSQL_API_AUTH_OFF,
							 api_auth_options,
							 PGC_SIGHUP, 0, NULL, NULL, NULL);
	DefineCustomIntVariable("dsql_emu.api_max_connections",
							"Sets the maximum number of HTTP connections to the control plane.",
							"When there are more, one that sends no request is closed.",
							&dsql_settings_api_max_connections, 200, 1, 900,
							PGC_SIGHUP, 0, NULL, NULL, NULL);
	DefineCustomIntVariable("dsql_emu.api_idle_timeout",
							"Sets how long an HTTP connection can be idle.",
							NULL, &dsql_settings_api_idle_timeout, 60000, 10,
							INT_MAX,
							PGC_SIGHUP, GUC_UNIT_MS, NULL, NULL, NULL);
	DefineCustomIntVariable("dsql_emu.api_request_timeout",
							"Sets how long an HTTP request can take to arrive, to be answered, and the response to be read.",
							NULL, &dsql_settings_api_request_timeout, 30000,
							10, INT_MAX,
							PGC_SIGHUP, GUC_UNIT_MS, NULL, NULL, NULL);
}

void
dsql_settings_define(void)
{
	DefineCustomEnumVariable("dsql_emu.mode",
							 "Sets what happens to statements that the service would refuse.",
							 "\"enforce\" refuses them, \"report\" lets them pass with a warning "
							 "and notes them in dsql.findings, \"off\" leaves plain PostgreSQL.",
							 &dsql_settings_mode,
							 DSQL_MODE_ENFORCE,
							 mode_options,
							 PGC_SUSET,
							 0,
							 NULL, NULL, NULL);

	DefineCustomIntVariable("dsql_emu.max_databases",
							"Sets the maximum number of databases and clusters that have counters of their own.",
							"Those beyond it share one set.",
							&dsql_settings_max_databases,
							1024,	/* boot value */
							1, 10000,	/* min, max */
							PGC_POSTMASTER,
							0,
							NULL, NULL, NULL);

	DefineCustomIntVariable("dsql_emu.max_findings",
							"Sets the maximum number of findings that report mode can hold.",
							NULL,
							&dsql_settings_max_findings,
							1000,	/* boot value */
							10, 1000000,	/* min, max */
							PGC_POSTMASTER,
							0,
							NULL, NULL, NULL);

	DefineCustomBoolVariable("dsql_emu.auto_analyze",
							 "Analyzes tables whose rows were changed, in the background.",
							 NULL,
							 &dsql_settings_auto_analyze,
							 true,
							 PGC_USERSET,
							 0,
							 NULL, NULL, NULL);

	DefineCustomIntVariable("dsql_emu.analyze_interval",
							"Sets the least time between two background ANALYZE jobs of a table.",
							NULL,
							&dsql_settings_analyze_interval,
							60, /* boot value */
							0, 86400,	/* min, max */
							PGC_SIGHUP,
							GUC_UNIT_S,
							NULL, NULL, NULL);

	DefineCustomIntVariable("dsql_emu.job_delay",
							"Sets how long a background job waits before it starts.",
							NULL,
							&dsql_settings_job_delay,
							0,	/* boot value */
							0, 86400000,	/* min, max */
							PGC_USERSET,
							GUC_UNIT_MS,
							NULL, NULL, NULL);

	DefineCustomIntVariable("dsql_emu.job_retention",
							"Sets how long sys.jobs shows a job after its end.",
							"Older ones vanish when another job is queued.",
							&dsql_settings_job_retention,
							1800,	/* boot value */
							0, INT_MAX / 1000,	/* min, max */
							PGC_SIGHUP,
							GUC_UNIT_S,
							NULL, NULL, NULL);

	DefineCustomIntVariable("dsql_emu.job_tries",
							"Sets how often a background job is tried that meets deadlocks or serialization failures.",
							"The pause between two tries doubles each time, from 20 ms to 5 s.",
							&dsql_settings_job_tries,
							10, /* boot value */
							1, 1000,	/* min, max */
							PGC_SIGHUP,
							0,
							NULL, NULL, NULL);

	DefineCustomIntVariable("dsql_emu.job_workers",
							"Sets the maximum number of background jobs of a database that run at a time.",
							NULL,
							&dsql_settings_job_workers,
							1,	/* boot value */
							1, 64,	/* min, max */
							PGC_SIGHUP,
							0,
							NULL, NULL, NULL);

	DefineCustomBoolVariable("dsql_emu.manual_jobs",
							 "Starts background jobs only when dsql.run_jobs() is called.",
							 NULL,
							 &dsql_settings_manual_jobs,
							 false,
							 PGC_USERSET,
							 0,
							 NULL, NULL, NULL);

	DefineCustomStringVariable("dsql_emu.debug_pause_point",
							   "Sets the point at which a process waits for a test.",
							   NULL,
							   &dsql_settings_debug_pause_point,
							   "",
							   PGC_SUSET,
							   GUC_NO_SHOW_ALL | GUC_NOT_IN_SAMPLE,
							   NULL, NULL, NULL);

	DefineCustomStringVariable("dsql_emu.debug_library_version",
							   "Sets the version that the library pretends to speak, for tests.",
							   NULL,
							   &dsql_settings_debug_library_version,
							   "",
							   PGC_SUSET,
							   GUC_NO_SHOW_ALL | GUC_NOT_IN_SAMPLE,
							   NULL, NULL, NULL);

	DefineCustomIntVariable("dsql_emu.max_row_marks",
							"Sets the maximum number of rows that committing transactions can mark.",
							"When they are too few, older transactions fail with OC000, and one with more rows makes others wait for its commit.",
							&dsql_settings_max_row_marks,
							131072, /* boot value */
							64, INT_MAX / 2,	/* min, max */
							PGC_POSTMASTER,
							0,
							NULL, NULL, NULL);

	DefineCustomEnumVariable("dsql_emu.schema_conflicts",
							 "Sets which changes of the schema fail transactions of other sessions with OC001.",
							 "\"on\" stands for those of statements, \"strict\" for those of "
							 "background jobs and earlier ones as well.",
							 &dsql_settings_schema_conflicts,
							 DSQL_SCHEMA_CONFLICTS_ON,
							 schema_conflicts_options,
							 PGC_SUSET,
							 0,
							 NULL, NULL, NULL);

	DefineCustomBoolVariable("disable_sync_create_index",
							 "Refuses CREATE INDEX without ASYNC.",
							 "A parameter of the service. When off, an index can be built "
							 "synchronously on an empty table.",
							 &dsql_settings_disable_sync_create_index,
							 true,
							 PGC_USERSET,
							 0,
							 NULL, NULL, NULL);

	DefineCustomBoolVariable("dsql.enable_batched_nestloop",
							 "Accepted because the service has this parameter; has no effect.",
							 NULL,
							 &dsql_settings_enable_batched_nestloop,
							 true,
							 PGC_USERSET,
							 0,
							 NULL, NULL, NULL);

	define_control_settings();
	define_stream_settings();
	define_api_settings();

	MarkGUCPrefixReserved("dsql_emu");
}
