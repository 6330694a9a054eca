/*
 * stream_worker.c
 *		The processes that send the records of change streams, and delete old
 *		ones.
 *
 * Sessions that have committed records wake the process of their database.  If
 * there is none, they announce the database as one with jobs: a job worker goes
 * there, and starts one.  So it is after a start of the server, too, where job
 * workers go everywhere.  When there is nothing to do for a while, the process
 * ends.  It also ends when somebody wants to have the database for himself.
 * Either way a job worker looks afterwards, and leaves a note when records will
 * be too old; the launcher of job workers reads it.
 *
 * These processes take only a part of those that the server can have.  Databases
 * for which none is left take turns: a job worker queues there, and a process that
 * has been at work for a while ends when somebody queues.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_database.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "port/atomics.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/lmgr.h"
#include "storage/lwlock.h"
#include "storage/proc.h"
#include "storage/shmem.h"
#include "tcop/tcopprot.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "base/background_worker.h"
#include "base/compat.h"
#include "base/extension_version.h"
#include "base/session.h"
#include "base/settings.h"
#include "base/wakeup.h"
#include "jobs/worker.h"
#include "stream/kinesis.h"
#include "stream/stream_retention.h"
#include "stream/stream_sender.h"
#include "stream/stream_worker.h"

/* In how many databases there can be one, or can one be wanted, at once. */
#define MAX_PLACES 64

/* They are at most one out of so many of the server's workers. */
#define PART 4

/* How many databases have a count of their own of what was added. */
#define COUNTERS 256

/* In how many a look can be due. */
#define MAX_NOTES 256

/* In ms: how long it waits for something to do, and how often it looks. */
#define IDLE_TIME 1000
#define LOOK_INTERVAL 250

/* Records that are committed within this time, in ms, are sent together. */
#define GATHER_TIME 10

/* After an error; and when no process was to be had, in ms. */
#define FAILURE_DELAY 5000
#define LACK_DELAY 1000

/*
 * When a process that was started is not expected any more, and a database that
 * queues is forgotten, in ms.
 */
#define START_TIME 10000

/* How long a process can go on if others queue, in ms. */
#define TURN_TIME 2000

typedef struct StreamPlace
{
	Oid			database;		/* InvalidOid: free */
	PGPROC	   *process;		/* NULL until it has come */
	bool		queues;			/* there were too many of them */
	TimestampTz asked;			/* since when */
	TimestampTz started;		/* or last asked for */
	pg_atomic_uint32 wanted;
} StreamPlace;

typedef struct StreamNote
{
	Oid			database;		/* InvalidOid: free */
	TimestampTz due;			/* by the server's clock */
} StreamNote;

typedef struct StreamWorkers
{
	StreamPlace places[MAX_PLACES];
	StreamNote	notes[MAX_NOTES];

	/*
	 * Bytes that were added in databases since somebody has looked at how
	 * much there is; 0: nobody looks.
	 */
	pg_atomic_uint64 added[COUNTERS];
} StreamWorkers;

PGDLLEXPORT void dsql_stream_worker_main(Datum arg);

static StreamWorkers *workers = NULL;
static LWLock *lock = NULL;
static StreamPlace *my_place = NULL;
static bool failed = false;
static bool making_way = false;
static TimestampTz turn_end = DT_NOEND;
static Size my_bytes = 0;

void
dsql_stream_worker_shmem_request(void)
{
	RequestAddinShmemSpace(sizeof(StreamWorkers));
	RequestNamedLWLockTranche("dsql_emu stream workers", 1);
}

void
dsql_stream_worker_shmem_init(void)
{
	bool		found;

	workers = ShmemInitStruct("dsql_emu stream workers",
							  sizeof(StreamWorkers), &found);
	lock = &GetNamedLWLockTranche("dsql_emu stream workers")->lock;
	if (found)
		return;
	memset(workers, 0, sizeof(StreamWorkers));
	for (int i = 0; i < MAX_PLACES; i++)
		pg_atomic_init_u32(&workers->places[i].wanted, 0);
	for (int i = 0; i < COUNTERS; i++)
		pg_atomic_init_u64(&workers->added[i], 0);
}

void
dsql_stream_worker_install(void)
{
#ifndef DSQL_WITH_LIBCURL
	if (dsql_settings_kinesis_endpoint[0] != '\0')
		ereport(LOG,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("change streams of dsql_emu are not sent to Kinesis"),
				 errdetail("This build has no support for libcurl."),
				 errhint("Install libcurl with its headers and build dsql_emu again.")));
#endif
}

static pg_atomic_uint64 *
my_counter(void)
{
	return &workers->added[MyDatabaseId % COUNTERS];
}

/*
 * So many bytes are worth a look at how much there is.
 */
static uint64
look_threshold(void)
{
	return dsql_settings_stream_max_size * UINT64CONST(1048576) / 16;
}

/* ------------------------------------------------------------------------
 * For sessions
 * ------------------------------------------------------------------------
 */

void
dsql_stream_worker_add(Size bytes)
{
	my_bytes += bytes;
}

/*
 * Needs the lock.
 */
static StreamPlace *
find_place(Oid database)
{
	for (int i = 0; i < MAX_PLACES; i++)
		if (workers->places[i].database == database)
			return &workers->places[i];
	return NULL;
}

/*
 * It was started, and has not come.  Needs the lock.
 */
static bool
is_overdue(const StreamPlace *place)
{
	return place->process == NULL &&
		TimestampDifferenceExceeds(place->started, GetCurrentTimestamp(),
								   START_TIME);
}

/*
 * Wake the process of this database, if there is one.
 */
static bool
wake_process(void)
{
	StreamPlace *place;
	bool		found;

	LWLockAcquire(lock, LW_SHARED);
	place = find_place(MyDatabaseId);
	found = place != NULL && !is_overdue(place);
	if (found &&
		pg_atomic_exchange_u32(&place->wanted, 1) == 0 &&
		place->process != NULL)
		SetLatch(&place->process->procLatch);
	LWLockRelease(lock);
	return found;
}

/*
 * A transaction that was rolled back may have held up the records of others.
 */
void
dsql_stream_worker_wake(bool commit)
{
	uint64		bytes = commit ? my_bytes : 0;
	uint64		before = pg_atomic_fetch_add_u64(my_counter(), bytes);
	bool		look = before == 0 ||
	(before < look_threshold() && before + bytes >= look_threshold());

	my_bytes = 0;
	if ((look || dsql_kinesis_is_there()) && !wake_process())
		dsql_wakeup_announce(MyDatabaseId);
}

/* ------------------------------------------------------------------------
 * For job workers
 * ------------------------------------------------------------------------
 */

/*
 * Can one more process begin, in view of those that are there and of those that
 * have queued for longer?  Needs the lock.
 */
static bool
may_start(const StreamPlace *place)
{
	int			max = Max(max_worker_processes / PART, 1);
	int			before = 0;

	for (int i = 0; i < MAX_PLACES; i++)
	{
		const StreamPlace *other = &workers->places[i];

		if (other != place && OidIsValid(other->database) &&
			!is_overdue(other) &&
			(!other->queues || other->asked < place->asked))
			before++;
	}
	return before < max;
}

/*
 * A place for this database, new or the one that it has.  NULL if none is left.
 * Needs the lock.
 */
static StreamPlace *
own_place(void)
{
	StreamPlace *place = find_place(MyDatabaseId);

	if (place == NULL)
		place = find_place(InvalidOid);
	for (int i = 0; i < MAX_PLACES && place == NULL; i++)
		if (is_overdue(&workers->places[i]))
			place = &workers->places[i];
	if (place != NULL && place->database != MyDatabaseId)
	{
		place->database = MyDatabaseId;
		place->process = NULL;
		place->queues = true;
		place->asked = place->started = GetCurrentTimestamp();
	}
	return place;
}

/*
 * A place for a process of this database, which the caller has to start; NULL if
 * there is one, or the database has to queue.
 */
static StreamPlace *
take_place(void)
{
	StreamPlace *place;

	LWLockAcquire(lock, LW_EXCLUSIVE);
	place = own_place();
	if (place != NULL && !place->queues && !is_overdue(place))
		place = NULL;
	if (place != NULL)
	{
		place->process = NULL;
		place->started = GetCurrentTimestamp();
		place->queues = !may_start(place);
		pg_atomic_write_u32(&place->wanted, 1);
		if (place->queues)
			place = NULL;
	}
	LWLockRelease(lock);
	return place;
}

static bool
somebody_queues(void)
{
	bool		found = false;

	LWLockAcquire(lock, LW_SHARED);
	for (int i = 0; i < MAX_PLACES && !found; i++)
		found = OidIsValid(workers->places[i].database) &&
			workers->places[i].queues && !is_overdue(&workers->places[i]);
	LWLockRelease(lock);
	return found;
}

static void
start_process(void)
{
	BackgroundWorker worker;
	StreamPlace *place = take_place();

	if (place == NULL)
		return;
	dsql_background_worker_describe(&worker, "dsql_emu stream worker",
									"dsql_stream_worker_main");
	worker.bgw_main_arg = Int32GetDatum(place - workers->places);
	memcpy(worker.bgw_extra, &MyDatabaseId, sizeof(MyDatabaseId));
	if (RegisterDynamicBackgroundWorker(&worker, NULL))
		return;
	LWLockAcquire(lock, LW_EXCLUSIVE);
	if (place->process == NULL)
		place->database = InvalidOid;
	LWLockRelease(lock);
}

/*
 * When to see whether the process has come: it needs no help then.
 */
static TimestampTz
next_look(void)
{
	TimestampTz next;
	StreamPlace *place;

	LWLockAcquire(lock, LW_SHARED);
	place = find_place(MyDatabaseId);
	if (place == NULL || place->queues)
		next = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), LACK_DELAY);
	else if (place->process == NULL)
		next = TimestampTzPlusMilliseconds(place->started, START_TIME);
	else
		next = DT_NOEND;
	LWLockRelease(lock);
	return next;
}

/*
 * Leave a note when the next look at a database is due.  Returns DT_NOEND,
 * or the time if there is no room for a note: the job worker stays then.
 */
static TimestampTz
leave_note(Oid database, TimestampTz due)
{
	StreamNote *free_note = NULL;
	StreamNote *note = NULL;

	LWLockAcquire(lock, LW_EXCLUSIVE);
	for (int i = 0; i < MAX_NOTES; i++)
	{
		if (workers->notes[i].database == database)
			note = &workers->notes[i];
		else if (workers->notes[i].database == InvalidOid)
			free_note = &workers->notes[i];
	}
	if (note == NULL)
		note = free_note;
	if (note != NULL)
	{
		note->database = due == DT_NOEND ? InvalidOid : database;
		note->due = due;
	}
	LWLockRelease(lock);
	if (note == NULL)
		return due;
	if (due != DT_NOEND)
		dsql_wakeup_launcher();
	return DT_NOEND;
}

TimestampTz
dsql_stream_worker_duty(void)
{
	TimestampTz now = GetCurrentTimestamp();
	uint64		added = pg_atomic_exchange_u64(my_counter(), 0);
	TimestampTz end = dsql_stream_retention_end();
	bool		wanted = false;

	/* Without records, the next one that comes is worth a look. */
	if (end == DT_NOEND)
		return leave_note(MyDatabaseId, DT_NOEND);
	pg_atomic_fetch_add_u64(my_counter(), Max(added, 1));
#ifdef DSQL_WITH_LIBCURL
	wanted = dsql_stream_sender_wanted();
#endif
	if (!wanted && end > now && added < look_threshold())
		return leave_note(MyDatabaseId, end);
	start_process();
	return leave_note(MyDatabaseId, next_look());
}

TimestampTz
dsql_stream_worker_announce_due(void)
{
	TimestampTz now = GetCurrentTimestamp();
	TimestampTz next = DT_NOEND;
	List	   *due = NIL;
	ListCell   *lc;

	LWLockAcquire(lock, LW_EXCLUSIVE);
	for (int i = 0; i < MAX_NOTES; i++)
	{
		StreamNote *note = &workers->notes[i];

		if (!OidIsValid(note->database))
			continue;
		if (note->due > now)
		{
			next = Min(next, note->due);
			continue;
		}
		due = lappend_oid(due, note->database);
		note->database = InvalidOid;
	}
	LWLockRelease(lock);
	foreach(lc, due)
		dsql_wakeup_announce(lfirst_oid(lc));
	return next;
}

/* ------------------------------------------------------------------------
 * The process
 * ------------------------------------------------------------------------
 */

/*
 * Whoever comes from now on announces the database himself; somebody who came
 * just before, too late for us, is found by the job worker.
 */
static void
leave_place(int code, Datum arg)
{
	Oid			database = DatumGetObjectId(arg);

	LWLockAcquire(lock, LW_EXCLUSIVE);
	my_place->database = InvalidOid;
	my_place->process = NULL;
	LWLockRelease(lock);
	if (making_way)
		leave_note(database,
				   TimestampTzPlusMilliseconds(GetCurrentTimestamp(),
											   LACK_DELAY));
	else
		dsql_wakeup_announce(database);
}

/*
 * Enter the place that was made for it.  False if nobody expects it.
 */
static bool
enter_place(int number, Oid database)
{
	StreamPlace *place = &workers->places[number];

	LWLockAcquire(lock, LW_EXCLUSIVE);
	if (place->database == database && place->process == NULL &&
		!place->queues)
	{
		place->process = MyProc;
		my_place = place;
	}
	LWLockRelease(lock);
	if (my_place != NULL)
		on_shmem_exit(leave_place, ObjectIdGetDatum(database));
	return my_place != NULL;
}

/*
 * Does nobody want to have the database for himself?  He would hold a lock that
 * a new connection waits for.
 */
static bool
is_database_free(void)
{
	MemoryContext context = CurrentMemoryContext;
	LOCKTAG		tag;
	bool		got;

	SET_LOCKTAG_OBJECT(tag, InvalidOid, DatabaseRelationId, MyDatabaseId, 0);
	StartTransactionCommand();
	got = LockAcquire(&tag, RowExclusiveLock, false,
					  true) != LOCKACQUIRE_NOT_AVAIL;
	CommitTransactionCommand();
	MemoryContextSwitchTo(context);
	return got;
}

#ifdef DSQL_WITH_LIBCURL
/*
 * While a request lasts.
 */
static bool
may_go_on(void)
{
	return !ProcDiePending && is_database_free();
}
#endif

/*
 * Do what there is to do.  Returns when to look again, or DT_NOEND.
 */
static TimestampTz
do_round(void)
{
	TimestampTz next = DT_NOEND;
	TimestampTz end;
	uint64		added;
	bool		is_usable;

	StartTransactionCommand();
	is_usable = dsql_session_has_extension() && dsql_extension_version_fits();
	end = is_usable ? dsql_stream_retention_end() : DT_NOEND;
	CommitTransactionCommand();
	if (!is_usable)
		return DT_NOEND;

#ifdef DSQL_WITH_LIBCURL
	next = dsql_stream_sender_round(may_go_on);
#endif
	added = pg_atomic_read_u64(my_counter());
	if (end <= GetCurrentTimestamp() || added >= look_threshold())
	{
		bool		check_size = added >= look_threshold();

		if (check_size)
			pg_atomic_write_u64(my_counter(), 1);
		dsql_stream_retention_trim(check_size);
	}
	return next;
}

static TimestampTz
try_round(MemoryContext context)
{
	volatile TimestampTz next = DT_NOEND;

	failed = false;
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		SetCurrentStatementStartTimestamp();
		next = do_round();
	}
	PG_CATCH();
	{
		dsql_background_worker_report_error(context);
		failed = true;
		next = TimestampTzPlusMilliseconds(GetCurrentTimestamp(),
										   FAILURE_DELAY);
	}
	PG_END_TRY();
	MemoryContextReset(context);
	return next;
}

/*
 * Wait until it is wanted, or the time has come.  False when it is over.
 */
static bool
wait_for_work(TimestampTz next)
{
	TimestampTz idle_end = TimestampTzPlusMilliseconds(GetCurrentTimestamp(),
													   IDLE_TIME);

	for (;;)
	{
		TimestampTz now = GetCurrentTimestamp();
		long		wait;

		dsql_worker_process_signals();
		if (turn_end <= now && somebody_queues())
		{
			making_way = true;
			return false;
		}
		if (next <= now ||
			(!failed && pg_atomic_read_u32(&my_place->wanted) != 0))
			return true;
		if (!is_database_free())
		{
			making_way = true;
			return false;
		}
		if (next == DT_NOEND && idle_end <= now)
			return false;
		wait = TimestampDifferenceMilliseconds(now, Min(next, idle_end));
		(void) WaitLatch(MyLatch,
						 WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
						 Max(Min(wait, LOOK_INTERVAL), 1), PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
	}
}

void
dsql_stream_worker_main(Datum arg)
{
	MemoryContext context;
	Oid			database;
	TimestampTz next;

	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	pqsignal(SIGTERM, die);
	BackgroundWorkerUnblockSignals();
	memcpy(&database, MyBgworkerEntry->bgw_extra, sizeof(database));
	if (!enter_place(DatumGetInt32(arg), database))
		return;
	BackgroundWorkerInitializeConnectionByOid(database, InvalidOid, 0);
	dsql_worker_set_up_session();
	/* Progress that a crash undoes is made again. */
	SetConfigOption("synchronous_commit", "off", PGC_SUSET, PGC_S_OVERRIDE);

	context = AllocSetContextCreate(TopMemoryContext, "dsql_emu stream worker",
									ALLOCSET_DEFAULT_SIZES);
	turn_end = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), TURN_TIME);
	do
	{
		(void) WaitLatch(MyLatch, WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
						 GATHER_TIME, PG_WAIT_EXTENSION);
		pg_atomic_write_u32(&my_place->wanted, 0);
		pgstat_report_activity(STATE_RUNNING, "change streams");
		next = try_round(context);
		pgstat_report_stat(true);
		pgstat_report_activity(STATE_IDLE, NULL);
	} while (wait_for_work(next));
}
