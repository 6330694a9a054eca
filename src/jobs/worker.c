/*
 * worker.c
 *		The processes that do background jobs: launcher and workers.
 *
 * The launcher runs as long as the server.  It is connected to no database,
 * and sleeps until a session that queued a job announces its database at
 * commit; then it starts a worker there, which does jobs until there are no
 * more and ends.  After a start of the server, a crash included, it sends a
 * worker into each database, because nobody knows where jobs were left.
 *
 * A worker claims a job in one transaction and does it in others.  If it is
 * terminated, its slot is freed and its database announced
 * again; if the server crashes, the slots are made anew.  Either way the next
 * worker finds a job in process that nobody works at, and begins it again.
 *
 * Neither process wakes up without a reason.  A timeout is set only while
 * something is known to be due later, or while no worker process is to be had.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/pg_database.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "tcop/tcopprot.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "base/background_worker.h"
#include "base/compat.h"
#include "base/current_cluster.h"
#include "base/extension_version.h"
#include "base/pause_point.h"
#include "base/session.h"
#include "base/settings.h"
#include "jobs/implied_jobs.h"
#include "jobs/job_catalog.h"
#include "jobs/job_end.h"
#include "jobs/job_run.h"
#include "jobs/worker.h"
#include "jobs/worker_slots.h"
#include "transaction/ddl_preempt.h"

/* How long the launcher waits, in ms, when a worker died of an error. */
#define FAILURE_DELAY 5000

/*
 * How long it waits when no worker process is to be had, and a worker when
 * others were in its job's way: at first, and at most, in ms, each time twice as
 * long as before.  Often that is over in a moment; a lack of processes that
 * lasts longer than this is reported.
 */
#define FIRST_DELAY 20
#define LAST_DELAY 5000
#define LACK_REPORT_DELAY 1000

/* How many announcements the launcher looks at in one go. */
#define BATCH 16

/* What the launcher knows about a lack of worker processes. */
typedef struct Lack
{
	int			delay;			/* until the next attempt, in ms; 0: no lack */
	TimestampTz since;
	bool		reported;
} Lack;

static DsqlWorkerDuty database_duty = NULL;
static DsqlWorkerDuty launcher_duty = NULL;

PGDLLEXPORT void dsql_worker_launcher_main(Datum arg);
PGDLLEXPORT void dsql_worker_main(Datum arg);

static void
set_up_signals(pqsigfunc terminate)
{
	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	pqsignal(SIGTERM, terminate);
	BackgroundWorkerUnblockSignals();
}

static void
terminate_worker(SIGNAL_ARGS)
{
	dsql_worker_slots_note_termination();
	die(postgres_signal_arg);
}

/*
 * The server stops as a rule while there is nothing to do: that is no error,
 * which the log would show.  A process that must exist is started again unless
 * the status says that all is done.
 */
void
dsql_worker_process_signals(void)
{
	Assert(!IsTransactionState());
	if (ProcDiePending)
		proc_exit(1);
	CHECK_FOR_INTERRUPTS();
	if (ConfigReloadPending)
	{
		ConfigReloadPending = false;
		ProcessConfigFile(PGC_SIGHUP);
	}
}

/*
 * Sleep until somebody sets the latch or the time, by the server's clock, has
 * come; DT_NOEND is never.
 */
static void
sleep_until(TimestampTz wakeup)
{
	int			events = WL_LATCH_SET | WL_EXIT_ON_PM_DEATH;
	long		timeout = -1;

	if (wakeup != DT_NOEND)
	{
		timeout = TimestampDifferenceMilliseconds(GetCurrentTimestamp(),
												  wakeup);
		events |= WL_TIMEOUT;
	}
	(void) WaitLatch(MyLatch, events, timeout, PG_WAIT_EXTENSION);
	ResetLatch(MyLatch);
	dsql_worker_process_signals();
}

/*
 * The databases that one can connect to; with an OID, only that one.  The list
 * is made in this context.
 */
static List *
list_databases(Oid only, MemoryContext context)
{
	MemoryContext caller = CurrentMemoryContext;
	List	   *databases = NIL;
	Relation	rel;
	SysScanDesc scan;
	HeapTuple	tuple;

	StartTransactionCommand();
	rel = table_open(DatabaseRelationId, AccessShareLock);
	scan = systable_beginscan(rel, InvalidOid, false, NULL, 0, NULL);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_database database = (Form_pg_database) GETSTRUCT(tuple);

		if (database->datallowconn && !database_is_invalid_form(database) &&
			(!OidIsValid(only) || database->oid == only))
		{
			MemoryContext oldcontext = MemoryContextSwitchTo(context);

			databases = lappend_oid(databases, database->oid);
			MemoryContextSwitchTo(oldcontext);
		}
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	CommitTransactionCommand();
	MemoryContextSwitchTo(caller);
	return databases;
}

/*
 * Start a worker in this database if it needs one.  False if there is no
 * process for it.
 */
static bool
start_worker(Oid database)
{
	if (list_databases(database, CurrentMemoryContext) == NIL)
	{
		dsql_worker_slots_forget(database);
		return true;
	}
	return dsql_worker_slots_start(database) != DSQL_START_NO_SLOT;
}

static int
next_delay(int delay)
{
	return delay == 0 ? FIRST_DELAY : Min(2 * delay, LAST_DELAY);
}

/*
 * No worker process is to be had.  Returns when to try again.
 */
static TimestampTz
note_lack(Lack *lack, TimestampTz now)
{
	if (lack->delay == 0)
		lack->since = now;
	lack->delay = next_delay(lack->delay);

	if (!lack->reported &&
		TimestampDifferenceExceeds(lack->since, now,
								   LACK_REPORT_DELAY))
	{
		lack->reported = true;
		ereport(LOG,
				(errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
				 errmsg("background jobs of dsql_emu have to wait because there is no free worker process"),
				 errhint("Consider increasing the configuration parameter \"%s\".",
						 "max_worker_processes")));
	}
	return TimestampTzPlusMilliseconds(now, lack->delay);
}

/*
 * One round of the launcher: start what can be started.  unvisited are the
 * databases in which nobody has looked since the server started.  Returns when
 * to try again at the latest.
 */
static TimestampTz
launch(List **unvisited, Lack *lack)
{
	TimestampTz now = GetCurrentTimestamp();
	Oid			announced[BATCH];
	bool		all;
	bool		start_failed;
	int			count;

	dsql_worker_slots_reap();
	count = dsql_worker_slots_announced(announced, BATCH, &all, &start_failed);
	if (all)
	{
		list_free(*unvisited);
		*unvisited = list_databases(InvalidOid, TopMemoryContext);
	}
	if (start_failed)
		return TimestampTzPlusMilliseconds(now, FAILURE_DELAY);

	for (int i = 0; i < count; i++)
		if (!start_worker(announced[i]))
			return note_lack(lack, now);

	/* One after the other: they are many, and most have nothing to do. */
	while (*unvisited != NIL && !dsql_worker_slots_any_looking())
	{
		if (!start_worker(linitial_oid(*unvisited)))
			return note_lack(lack, now);
		*unvisited = list_delete_first(*unvisited);
	}
	memset(lack, 0, sizeof(*lack));
	return DT_NOEND;
}

void
dsql_worker_launcher_main(Datum arg)
{
	MemoryContext context;
	List	   *unvisited;
	Lack		lack = {0};

	set_up_signals(die);
	BackgroundWorkerInitializeConnection(NULL, NULL, 0);
	dsql_worker_slots_enter_launcher();
	ereport(DEBUG1, (errmsg_internal("dsql_emu job launcher started")));

	context = AllocSetContextCreate(TopMemoryContext, "dsql_emu launcher",
									ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(context);
	unvisited = list_databases(InvalidOid, TopMemoryContext);
	for (;;)
	{
		TimestampTz retry = launch(&unvisited, &lack);
		TimestampTz due = dsql_implied_jobs_announce_due();
		TimestampTz end = launcher_duty();

		MemoryContextReset(context);
		sleep_until(Min(Min(retry, due), end));
		dsql_ddl_preempt_clear_way();
	}
}

/* What a worker knows about the tries of a job. */
typedef struct Tries
{
	int			count;			/* those that others have made fail */
	int			delay;			/* before the next one, in ms */
} Tries;

/*
 * Can a job begin again, whose work has thrown this error?  A user's functions
 * in it can throw the same error each time.
 */
static bool
can_try_again(const ErrorData *error, Tries *tries)
{
	switch (error->sqlerrcode)
	{
		case ERRCODE_QUERY_CANCELED:
			tries->delay = 0;
			return dsql_worker_slots_asked_to_make_way();
		case ERRCODE_T_R_DEADLOCK_DETECTED:
		case ERRCODE_T_R_SERIALIZATION_FAILURE:
			tries->delay = next_delay(tries->delay);
			return ++tries->count < dsql_settings_job_tries;
		default:
			return false;
	}
}

/*
 * Whoever was in the way shall have gone.
 */
static void
pause_before_try(const Tries *tries)
{
	TimestampTz end = TimestampTzPlusMilliseconds(GetCurrentTimestamp(),
												  tries->delay);

	while (tries->delay > 0 && GetCurrentTimestamp() < end)
		sleep_until(end);
}

static void
fail_job(const DsqlJob *job, ErrorData *error)
{
	error->elevel = LOG;
	ThrowErrorData(error);

	StartTransactionCommand();
	dsql_job_end(job, DSQL_JOB_FAILED, dsql_job_end_failure_text(job, error));
}

static void
do_job(const DsqlJob *job)
{
	MemoryContext context = CurrentMemoryContext;
	bool		over = false;
	Tries		tries = {0};

	dsql_current_cluster_set_home(job->cluster);
	while (!over)
	{
		ErrorData  *error = NULL;

		PG_TRY();
		{
			pause_before_try(&tries);
			dsql_worker_slots_wait_for_way();
			dsql_job_run(job);
			over = true;
		}
		PG_CATCH();
		{
			HOLD_INTERRUPTS();
			MemoryContextSwitchTo(context);
			error = CopyErrorData();
			FlushErrorState();
			AbortCurrentTransaction();
			dsql_job_run_clean_up();
			MemoryContextSwitchTo(context);
			RESUME_INTERRUPTS();
		}
		PG_END_TRY();

		if (error != NULL && !can_try_again(error, &tries))
		{
			fail_job(job, error);
			over = true;
		}
		MemoryContextSwitchTo(context);
	}
}

/*
 * Do jobs until none is due.  Returns the time when the next one will be.
 */
static TimestampTz
do_jobs(void)
{
	MemoryContext context = AllocSetContextCreate(TopMemoryContext,
												  "dsql_emu job",
												  ALLOCSET_DEFAULT_SIZES);
	TimestampTz due = DT_NOEND;

	for (;;)
	{
		DsqlJob		job;
		bool		found = false;
		bool		more = false;

		MemoryContextReset(context);
		SetCurrentStatementStartTimestamp();
		StartTransactionCommand();
		if (dsql_session_has_extension() && dsql_extension_version_fits())
		{
			dsql_implied_jobs_queue_analyze(false);
			found = dsql_job_claim(&job, &more, &due);
			if (found)
				dsql_pause_point_wait("job_claim");
			else
				due = Min(due, database_duty());
		}
		if (found && job.object_name != NULL)
			job.object_name = MemoryContextStrdup(context, job.object_name);
		if (found && job.constraint_name != NULL)
			job.constraint_name = MemoryContextStrdup(context, job.constraint_name);
		CommitTransactionCommand();
		dsql_worker_slots_spread_news();
		if (!found)
			break;

		dsql_worker_slots_set_busy();
		if (more && dsql_settings_job_workers > 1)
			dsql_worker_slots_announce(MyDatabaseId);
		MemoryContextSwitchTo(context);
		do_job(&job);
		dsql_worker_slots_set_job(NULL);
		pgstat_report_stat(true);
		pgstat_report_activity(STATE_IDLE, NULL);
	}
	MemoryContextSwitchTo(TopMemoryContext);
	MemoryContextDelete(context);
	return due;
}

/*
 * The names that an index expression's function uses are looked up as in
 * PostgreSQL's own background maintenance.
 */
void
dsql_worker_set_up_session(void)
{
	static const char *const settings[][2] = {
		{"search_path", "pg_catalog, pg_temp"},
		{"default_transaction_isolation", "read committed"},
		{"default_transaction_read_only", "off"},
		{"zero_damaged_pages", "off"},
		{"statement_timeout", "0"},
		{"lock_timeout", "0"},
		{"idle_in_transaction_session_timeout", "0"},
		{DSQL_TRANSACTION_TIMEOUT, "0"},
	};

	for (int i = 0; i < lengthof(settings); i++)
		if (settings[i][0] != NULL)
			SetConfigOption(settings[i][0], settings[i][1],
							PGC_SUSET, PGC_S_OVERRIDE);
}

void
dsql_worker_main(Datum arg)
{
	uint64		generation;
	Oid			database;

	set_up_signals(terminate_worker);
	memcpy(&generation, MyBgworkerEntry->bgw_extra, sizeof(generation));
	database = dsql_worker_slots_enter(DatumGetInt32(arg), generation);
	if (!OidIsValid(database))
		return;
	BackgroundWorkerInitializeConnectionByOid(database, InvalidOid, 0);
	dsql_worker_set_up_session();
	ereport(DEBUG1, (errmsg_internal("dsql_emu job worker started")));

	for (;;)
	{
		TimestampTz due;

		dsql_worker_slots_take_announcement(false);
		due = do_jobs();
		if (due == DT_NOEND)
		{
			if (!dsql_worker_slots_take_announcement(true))
				break;
		}
		else if (!dsql_worker_slots_take_announcement(false))
			sleep_until(due);
	}
}

void
dsql_worker_set_duties(DsqlWorkerDuty in_database, DsqlWorkerDuty in_launcher)
{
	database_duty = in_database;
	launcher_duty = in_launcher;
}

void
dsql_worker_register(void)
{
	BackgroundWorker launcher;

	/* A server that pg_upgrade started must be left alone. */
	if (IsBinaryUpgrade)
		return;
	dsql_background_worker_describe(&launcher, "dsql_emu job launcher",
									"dsql_worker_launcher_main");
	launcher.bgw_restart_time = 0;
	RegisterBackgroundWorker(&launcher);
}
