/*
 * task_worker.c
 *		Worker processes that are sent into a database for one task.
 *
 * Whoever wants something done asks; the process that is there does it once
 * more, or one is started.  A process leaves only if nobody has asked since it
 * began its last round; both under the same lock, so that nothing is lost.
 */
#include "postgres.h"

#include <signal.h>

#include "miscadmin.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/lwlock.h"
#include "storage/proc.h"
#include "storage/shmem.h"
#include "tcop/tcopprot.h"
#include "utils/timestamp.h"

#include "base/background_worker.h"
#include "base/compat.h"
#include "jobs/task_worker.h"
#include "jobs/worker.h"
#include "jobs/worker_slots.h"

/* How many there can be at a time. */
#define MAX_TASK_WORKERS 16

/* After this time, in ms, a process that was to be started is given up. */
#define START_TIME 10000

typedef struct Place
{
	bool		taken;
	bool		wanted;			/* once more */
	bool		leaving;		/* nobody may rely on it any more */
	bool		sent_away;		/* by a session, which will announce the
								 * database */
	DsqlTask	task;
	Oid			database;
	uint64		generation;
	TimestampTz since;
	PGPROC	   *process;		/* NULL until it has come */
	PGPROC	   *waiter;			/* whose latch its end sets, or NULL */
} Place;

typedef struct TaskWorkersShared
{
	LWLock	   *lock;			/* guards everything here */
	Place		places[MAX_TASK_WORKERS];
} TaskWorkersShared;

static TaskWorkersShared *shared = NULL;
static Place *mine = NULL;
static volatile sig_atomic_t terminated = false;
static void (*tasks[DSQL_TASK_COUNT]) (void);

PGDLLEXPORT void dsql_task_worker_main(Datum arg);

void
dsql_task_worker_shmem_request(void)
{
	RequestAddinShmemSpace(sizeof(TaskWorkersShared));
	RequestNamedLWLockTranche("dsql_emu task workers", 1);
}

void
dsql_task_worker_shmem_init(void)
{
	bool		found;

	shared = ShmemInitStruct("dsql_emu task workers", sizeof(TaskWorkersShared), &found);
	if (found)
		return;
	memset(shared, 0, sizeof(TaskWorkersShared));
	shared->lock = &GetNamedLWLockTranche("dsql_emu task workers")->lock;
}

void
dsql_task_worker_set(DsqlTask task, void (*run) (void))
{
	tasks[task] = run;
}

/*
 * The next three need the lock.
 */
static void
free_place(Place *place)
{
	uint64		generation = place->generation + 1;

	if (place->waiter != NULL)
		SetLatch(&place->waiter->procLatch);
	memset(place, 0, sizeof(*place));
	place->generation = generation;
}

static bool
is_lost(const Place *place)
{
	return place->process == NULL &&
		TimestampDifferenceExceeds(place->since, GetCurrentTimestamp(),
								   START_TIME);
}

static Place *
find_place(DsqlTask task, Oid database)
{
	for (int i = 0; i < MAX_TASK_WORKERS; i++)
	{
		Place	   *place = &shared->places[i];

		if (place->taken && !place->leaving && place->task == task &&
			place->database == database)
			return place;
	}
	return NULL;
}

static Place *
take_place(DsqlTask task, Oid database)
{
	for (int i = 0; i < MAX_TASK_WORKERS; i++)
	{
		Place	   *place = &shared->places[i];

		if (place->taken && is_lost(place))
			free_place(place);
		if (place->taken)
			continue;
		place->taken = true;
		place->task = task;
		place->database = database;
		place->since = GetCurrentTimestamp();
		return place;
	}
	return NULL;
}

static bool
start(Place *place, uint64 generation)
{
	BackgroundWorker worker;

	dsql_background_worker_describe(&worker, "dsql_emu cluster worker",
									"dsql_task_worker_main");
	worker.bgw_main_arg = Int32GetDatum(place - shared->places);
	memcpy(worker.bgw_extra, &generation, sizeof(generation));
	return RegisterDynamicBackgroundWorker(&worker, NULL);
}

bool
dsql_task_worker_ask(DsqlTask task, Oid database)
{
	Place	   *place;
	uint64		generation = 0;
	bool		there;

	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	place = find_place(task, database);
	if (place != NULL && is_lost(place))
	{
		free_place(place);
		place = NULL;
	}
	there = place != NULL;
	if (there)
	{
		place->wanted = true;
		if (place->process != NULL)
			SetLatch(&place->process->procLatch);
	}
	else
	{
		place = take_place(task, database);
		if (place != NULL)
			generation = place->generation;
	}
	LWLockRelease(shared->lock);

	if (there || place == NULL)
		return there;
	if (start(place, generation))
		return true;
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	if (place->generation == generation)
		free_place(place);
	LWLockRelease(shared->lock);
	return false;
}

bool
dsql_task_worker_present(DsqlTask task, Oid database)
{
	Place	   *place;
	bool		present;

	LWLockAcquire(shared->lock, LW_SHARED);
	place = find_place(task, database);
	present = place != NULL && !is_lost(place);
	LWLockRelease(shared->lock);
	return present;
}

void
dsql_task_worker_set_waiter(DsqlTask task, Oid database)
{
	Place	   *place;

	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	place = find_place(task, database);
	if (place != NULL)
		place->waiter = MyProc;
	else
		SetLatch(MyLatch);
	LWLockRelease(shared->lock);
}

/*
 * Is there a process in the database for this task, and be it about to leave?
 */
static bool
anybody(DsqlTask task, Oid database)
{
	bool		any = false;

	LWLockAcquire(shared->lock, LW_SHARED);
	for (int i = 0; i < MAX_TASK_WORKERS && !any; i++)
	{
		Place	   *place = &shared->places[i];

		any = place->taken && place->task == task &&
			place->database == database && !is_lost(place);
	}
	LWLockRelease(shared->lock);
	return any;
}

void
dsql_task_worker_wait(DsqlTask task, Oid database)
{
	for (;;)
	{
		uint64		seen = dsql_worker_slots_announcements();

		if (!anybody(task, database))
			return;
		dsql_worker_slots_wait(seen);
	}
}

bool
dsql_task_worker_wanted(void)
{
	bool		wanted;

	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	wanted = mine->wanted;
	mine->wanted = false;
	LWLockRelease(shared->lock);
	return wanted;
}

void
dsql_task_worker_evacuate(Oid database)
{
	for (;;)
	{
		uint64		seen = dsql_worker_slots_announcements();
		bool		any = false;

		LWLockAcquire(shared->lock, LW_EXCLUSIVE);
		for (int i = 0; i < MAX_TASK_WORKERS; i++)
		{
			Place	   *place = &shared->places[i];

			if (!place->taken || place->database != database ||
				place == mine)
				continue;
			if (place->process == NULL)
			{
				free_place(place);
				continue;
			}
			place->sent_away = true;
			kill(place->process->pid, SIGTERM);
			any = true;
		}
		LWLockRelease(shared->lock);
		if (!any)
			return;
		dsql_worker_slots_wait(seen);
	}
}

static void
terminate(SIGNAL_ARGS)
{
	terminated = true;
	die(postgres_signal_arg);
}

/*
 * Nobody waits for what a process does for clusters.  If it was terminated,
 * somebody has to look whether there is something left to do.
 */
static void
leave(int code, Datum arg)
{
	Oid			unfinished = InvalidOid;

	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	if (mine->task == DSQL_TASK_CLUSTERS && terminated && !mine->leaving &&
		!mine->sent_away)
		unfinished = mine->database;
	free_place(mine);
	mine = NULL;
	LWLockRelease(shared->lock);
	if (OidIsValid(unfinished))
		dsql_worker_slots_announce(unfinished);
	else
		dsql_worker_slots_spread_news();
}

/*
 * Take the place that was given to this process.  False if it comes too late.
 */
static bool
enter(int number, uint64 generation)
{
	Place	   *place = &shared->places[number];

	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	if (place->taken && place->generation == generation)
	{
		mine = place;
		mine->process = MyProc;
	}
	LWLockRelease(shared->lock);

	/*
	 * What is registered before the process is entered into the process array
	 * runs after it has been taken out again.
	 */
	if (mine != NULL)
		on_shmem_exit(leave, (Datum) 0);
	return mine != NULL;
}

/*
 * Can the process leave?  Not if somebody has asked since its last round began.
 */
static bool
can_leave(void)
{
	bool		can;

	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	can = !mine->wanted;
	mine->leaving = can;
	mine->wanted = false;
	LWLockRelease(shared->lock);
	return can;
}

void
dsql_task_worker_main(Datum arg)
{
	uint64		generation;
	DsqlTask	task;

	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	pqsignal(SIGTERM, terminate);
	BackgroundWorkerUnblockSignals();
	memcpy(&generation, MyBgworkerEntry->bgw_extra, sizeof(generation));
	if (!enter(DatumGetInt32(arg), generation))
		return;
	task = mine->task;
	BackgroundWorkerInitializeConnectionByOid(mine->database, InvalidOid, 0);
	dsql_worker_set_up_session();
	do
		tasks[task] ();
	while (!can_leave());
}
