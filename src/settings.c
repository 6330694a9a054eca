/*
 * settings.c
 *		Every setting of the extension.
 *
 * The settings of the emulator are named dsql_emu.*, because the service has
 * parameters of its own under "dsql.".  Each default is the behaviour of the
 * service.
 */
#include "postgres.h"

#include "utils/guc.h"

#include "limit.h"
#include "settings.h"

/*
 * Administrators choose with this whether emulated databases refuse what the
 * service refuses, let it pass and note it as a finding, or are plain
 * PostgreSQL.
 */
int			dsql_mode = DSQL_MODE_ENFORCE;

/*
 * Administrators choose with this how many findings of report mode the server
 * can hold: one costs about 2 kB of shared memory.
 */
int			dsql_max_findings = 1000;

/*
 * Whether tables whose rows were changed are analyzed in the background, as
 * the service does, and how often, in seconds, the same table at most.
 */
bool		dsql_auto_analyze = true;
int			dsql_analyze_interval = 60;

/*
 * How long, in milliseconds, a job waits before it starts, and whether it does
 * so only when dsql.run_jobs() is called.  They are those of the session that
 * queues the job, and for tests that want to see what is submitted.
 */
int			dsql_job_delay = 0;
bool		dsql_manual_jobs = false;

/* How long, in seconds, sys.jobs shows a job after its end. */
int			dsql_job_retention = 1800;

/* How many jobs of a database run at a time, at most. */
int			dsql_job_workers = 1;

/* The point at which a process waits for a test: see debug.h. */
char	   *dsql_debug_pause_point = NULL;

/*
 * The service's own parameters.  The first guards synchronous index builds,
 * the second is accepted and has no effect here: the join method it switches
 * does not exist in PostgreSQL.
 */
bool		dsql_disable_sync_create_index = true;
bool		dsql_enable_batched_nestloop = true;

static const struct config_enum_entry mode_options[] = {
	{"enforce", DSQL_MODE_ENFORCE, false},
	{"report", DSQL_MODE_REPORT, false},
	{"off", DSQL_MODE_OFF, false},
	{NULL, 0, false}
};

void
dsql_settings_define(void)
{
	DefineCustomEnumVariable("dsql_emu.mode",
							 "Sets what happens to statements that the service would refuse.",
							 "\"enforce\" refuses them, \"report\" lets them pass with a warning "
							 "and notes them in dsql.findings, \"off\" leaves plain PostgreSQL.",
							 &dsql_mode,
							 DSQL_MODE_ENFORCE,
							 mode_options,
							 PGC_SUSET,
							 0,
							 NULL, NULL, NULL);

	DefineCustomIntVariable("dsql_emu.max_findings",
							"Sets the maximum number of findings that report mode can hold.",
							NULL,
							&dsql_max_findings,
							1000,	/* boot value */
							10, 1000000,	/* min, max */
							PGC_POSTMASTER,
							0,
							NULL, NULL, NULL);

	DefineCustomBoolVariable("dsql_emu.auto_analyze",
							 "Analyzes tables whose rows were changed, in the background.",
							 NULL,
							 &dsql_auto_analyze,
							 true,
							 PGC_USERSET,
							 0,
							 NULL, NULL, NULL);

	DefineCustomIntVariable("dsql_emu.analyze_interval",
							"Sets the least time between two background ANALYZE jobs of a table.",
							NULL,
							&dsql_analyze_interval,
							60, /* boot value */
							0, 86400,	/* min, max */
							PGC_SIGHUP,
							GUC_UNIT_S,
							NULL, NULL, NULL);

	DefineCustomIntVariable("dsql_emu.job_delay",
							"Sets how long a background job waits before it starts.",
							NULL,
							&dsql_job_delay,
							0,	/* boot value */
							0, 86400000,	/* min, max */
							PGC_USERSET,
							GUC_UNIT_MS,
							NULL, NULL, NULL);

	DefineCustomIntVariable("dsql_emu.job_retention",
							"Sets how long sys.jobs shows a job after its end.",
							"Older ones vanish when another job is queued.",
							&dsql_job_retention,
							1800,	/* boot value */
							0, INT_MAX / 1000,	/* min, max */
							PGC_SIGHUP,
							GUC_UNIT_S,
							NULL, NULL, NULL);

	DefineCustomIntVariable("dsql_emu.job_workers",
							"Sets the maximum number of background jobs of a database that run at a time.",
							NULL,
							&dsql_job_workers,
							1,	/* boot value */
							1, 64,	/* min, max */
							PGC_SIGHUP,
							0,
							NULL, NULL, NULL);

	DefineCustomBoolVariable("dsql_emu.manual_jobs",
							 "Starts background jobs only when dsql.run_jobs() is called.",
							 NULL,
							 &dsql_manual_jobs,
							 false,
							 PGC_USERSET,
							 0,
							 NULL, NULL, NULL);

	DefineCustomStringVariable("dsql_emu.debug_pause_point",
							   "Sets the point at which a process waits for a test.",
							   NULL,
							   &dsql_debug_pause_point,
							   "",
							   PGC_SUSET,
							   GUC_NO_SHOW_ALL | GUC_NOT_IN_SAMPLE,
							   NULL, NULL, NULL);

	DefineCustomBoolVariable("disable_sync_create_index",
							 "Refuses CREATE INDEX without ASYNC.",
							 "A parameter of the service. When off, an index can be built "
							 "synchronously on an empty table.",
							 &dsql_disable_sync_create_index,
							 true,
							 PGC_USERSET,
							 0,
							 NULL, NULL, NULL);

	DefineCustomBoolVariable("dsql.enable_batched_nestloop",
							 "Accepted because the service has this parameter; has no effect.",
							 NULL,
							 &dsql_enable_batched_nestloop,
							 true,
							 PGC_USERSET,
							 0,
							 NULL, NULL, NULL);

	dsql_limit_define_settings();

	MarkGUCPrefixReserved("dsql_emu");
}
