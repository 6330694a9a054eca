/*
 * worker_slots.c
 *		Who works in which database, and at what.
 *
 * They are in shared memory: a place for each worker, and the databases
 * that were announced because jobs were queued there.  An announcement stands
 * until somebody takes it who looks at the jobs afterwards: a worker of that
 * database, or the launcher when it starts one.  A worker leaves only if there
 * is none; both under the same lock, so that no announcement is lost.
 *
 * Places:
 *
 *	 FREE --launcher--> STARTING --connected--> LOOKING --> BUSY
 *	   ^                   |                       |          |
 *	   +-------------------+-----------------------+----------+
 *		 never came, or could        nothing left, or it died
 *		 not connect
 *
 * A place that is freed has another generation, which a worker that comes too
 * late finds out.
 *
 * When a worker dies, another one goes into its database.  But if it could not
 * connect, the next could not either: then nobody goes there before the next
 * announcement.  If it died of an error before it had begun a job, the next
 * one is let wait a little.
 */
#include "postgres.h"

#include <signal.h>

#include "access/xact.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "port/atomics.h"
#include "postmaster/bgworker.h"
#include "storage/condition_variable.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/lock.h"
#include "storage/lwlock.h"
#include "storage/proc.h"
#include "storage/procarray.h"
#include "storage/shmem.h"
#include "utils/memutils.h"

#include "base/compat.h"
#include "base/identifier.h"
#include "base/settings.h"
#include "base/wakeup.h"
#include "jobs/worker_slots.h"

/* Announced databases that can be remembered one by one. */
#define MAX_ANNOUNCED 64

typedef enum PlaceState
{
	PLACE_FREE,
	PLACE_STARTING,
	PLACE_LOOKING,
	PLACE_BUSY
} PlaceState;

typedef struct Place
{
	PlaceState	state;
	uint64		generation;
	Oid			database;
	PGPROC	   *process;		/* NULL until it has come */
	bool		leaving;		/* nobody may rely on it any more */
	char		job[DSQL_IDENTIFIER_LEN + 1];	/* empty: none */
	Oid			table;			/* locked for long, or InvalidOid */
	Oid			index;
	VirtualTransactionId asker; /* who asked it to make way, or invalid */
} Place;

typedef struct RosterShared
{
	LWLock	   *lock;			/* guards all but the next two */
	pg_atomic_uint64 announcements; /* how many there ever were */
	ConditionVariable announced_cv;
	Latch	   *launcher;		/* NULL: it will look when it starts */
	bool		announced_all;	/* more than the array has room for */
	bool		start_failed;	/* a worker failed before its first job */
	int			nannounced;
	Oid			announced[MAX_ANNOUNCED];
	int			nplaces;
	Place		places[FLEXIBLE_ARRAY_MEMBER];
} RosterShared;

static RosterShared *shared = NULL;

/* A worker's own place; and was it terminated by a signal? */
static Place *my_place = NULL;
static volatile sig_atomic_t my_termination = false;

/* The launcher's handles, by place, while a worker is STARTING. */
static BackgroundWorkerHandle **handles = NULL;

static Size
shared_size(void)
{
	return add_size(offsetof(RosterShared, places),
					mul_size(max_worker_processes, sizeof(Place)));
}

void
dsql_worker_slots_shmem_request(void)
{
	RequestAddinShmemSpace(shared_size());
	RequestNamedLWLockTranche("dsql_emu worker slots", 1);
}

void
dsql_worker_slots_shmem_init(void)
{
	bool		found;

	shared = ShmemInitStruct("dsql_emu worker slots", shared_size(), &found);
	if (found)
		return;
	memset(shared, 0, shared_size());
	shared->lock = &GetNamedLWLockTranche("dsql_emu worker slots")->lock;
	pg_atomic_init_u64(&shared->announcements, 0);
	ConditionVariableInit(&shared->announced_cv);
	shared->nplaces = max_worker_processes;
}

static inline bool
is_present(const Place *place)
{
	return place->process != NULL && !place->leaving;
}

/*
 * A database that was copied has jobs of the same identifiers.
 */
static inline bool
works_at(const Place *place, const char *id)
{
	return place->database == MyDatabaseId && strcmp(place->job, id) == 0;
}

/*
 * The next four need the lock in exclusive mode.
 */
static void
free_place(Place *place)
{
	uint64		generation = place->generation + 1;

	memset(place, 0, sizeof(*place));
	place->generation = generation;
	SetInvalidVirtualTransactionId(place->asker);
}

static void
note_announcement(Oid database)
{
	for (int i = 0; i < shared->nannounced; i++)
		if (shared->announced[i] == database)
			return;
	if (shared->nannounced < MAX_ANNOUNCED)
		shared->announced[shared->nannounced++] = database;
	else
		shared->announced_all = true;
}

static bool
drop_announcement(Oid database)
{
	for (int i = 0; i < shared->nannounced; i++)
		if (shared->announced[i] == database)
		{
			shared->announced[i] = shared->announced[--shared->nannounced];
			return true;
		}
	return false;
}

/*
 * The worker would take a cancellation for the end of its job if nobody had
 * asked for it, or whoever did is gone.
 */
static void
interrupt(Place *place, const PGPROC *asker)
{
	VirtualTransactionId transaction;

	GET_VXID_FROM_PGPROC(transaction, *asker);
	if (!VirtualTransactionIdIsValid(transaction))
		return;
	place->asker = transaction;
	kill(place->process->pid, SIGINT);
}

void
dsql_worker_slots_spread_news(void)
{
	pg_atomic_fetch_add_u64(&shared->announcements, 1);
	ConditionVariableBroadcast(&shared->announced_cv);
}

void
dsql_worker_slots_announce(Oid database)
{
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	note_announcement(database);
	for (int i = 0; i < shared->nplaces; i++)
		if (is_present(&shared->places[i]) &&
			shared->places[i].database == database)
			SetLatch(&shared->places[i].process->procLatch);
	if (shared->launcher)
		SetLatch(shared->launcher);
	LWLockRelease(shared->lock);

	dsql_worker_slots_spread_news();
}

uint64
dsql_worker_slots_announcements(void)
{
	return pg_atomic_read_u64(&shared->announcements);
}

void
dsql_worker_slots_wait(uint64 seen)
{
	ConditionVariablePrepareToSleep(&shared->announced_cv);
	while (pg_atomic_read_u64(&shared->announcements) == seen)
		ConditionVariableSleep(&shared->announced_cv, PG_WAIT_EXTENSION);
	ConditionVariableCancelSleep();
}

bool
dsql_worker_slots_anything_locked(void)
{
	bool		any = false;

	LWLockAcquire(shared->lock, LW_SHARED);
	for (int i = 0; i < shared->nplaces && !any; i++)
		any = OidIsValid(shared->places[i].table);
	LWLockRelease(shared->lock);
	return any;
}

void
dsql_worker_slots_make_way(Oid relation)
{
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	for (int i = 0; i < shared->nplaces; i++)
	{
		Place	   *place = &shared->places[i];

		if (is_present(place) && place->database == MyDatabaseId &&
			OidIsValid(place->table) &&
			(!OidIsValid(relation) || relation == place->table ||
			 relation == place->index))
			interrupt(place, MyProc);
	}
	LWLockRelease(shared->lock);
}

void
dsql_worker_slots_make_way_for(int asker, int worker)
{
	PGPROC	   *process = BackendPidGetProc(asker);

	if (process == NULL)
		return;
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	for (int i = 0; i < shared->nplaces; i++)
	{
		Place	   *place = &shared->places[i];

		if (is_present(place) && place->process->pid == worker &&
			OidIsValid(place->table))
			interrupt(place, process);
	}
	LWLockRelease(shared->lock);
}

void
dsql_worker_slots_interrupt_job(const char *id)
{
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	for (int i = 0; i < shared->nplaces; i++)
	{
		Place	   *place = &shared->places[i];

		if (is_present(place) && works_at(place, id))
			interrupt(place, MyProc);
	}
	LWLockRelease(shared->lock);
}

void
dsql_worker_slots_evacuate(Oid database)
{
	for (;;)
	{
		uint64		seen = dsql_worker_slots_announcements();
		bool		any = false;

		LWLockAcquire(shared->lock, LW_EXCLUSIVE);
		drop_announcement(database);
		for (int i = 0; i < shared->nplaces; i++)
		{
			Place	   *place = &shared->places[i];

			if (place->state == PLACE_FREE || place->database != database)
				continue;
			if (place->process == NULL)
			{
				free_place(place);
				continue;
			}
			if (!place->leaving)
				kill(place->process->pid, SIGTERM);
			place->leaving = true;
			any = true;
		}
		LWLockRelease(shared->lock);
		if (!any)
			return;
		dsql_worker_slots_wait(seen);
	}
}

bool
dsql_worker_slots_has_job(const char *id)
{
	bool		found = false;

	LWLockAcquire(shared->lock, LW_SHARED);
	for (int i = 0; i < shared->nplaces && !found; i++)
		found = works_at(&shared->places[i], id);
	LWLockRelease(shared->lock);
	return found;
}

/*
 * On exit of a worker.  If that was not its own decision, somebody has to look
 * again whether there is something left to do.
 */
static void
leave(int code, Datum arg)
{
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	if (!my_place->leaving &&
		(my_termination || my_place->state != PLACE_STARTING))
	{
		note_announcement(my_place->database);
		if (!my_termination && my_place->state == PLACE_LOOKING)
			shared->start_failed = true;
	}
	free_place(my_place);
	if (shared->launcher)
		SetLatch(shared->launcher);
	LWLockRelease(shared->lock);

	dsql_worker_slots_spread_news();
}

void
dsql_worker_slots_note_termination(void)
{
	my_termination = true;
}

Oid
dsql_worker_slots_enter(int place, uint64 generation)
{
	Oid			database = InvalidOid;

	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	if (shared->places[place].state == PLACE_STARTING &&
		shared->places[place].generation == generation)
	{
		my_place = &shared->places[place];
		my_place->process = MyProc;
		database = my_place->database;
	}
	LWLockRelease(shared->lock);

	/*
	 * What is registered before the process is entered into the process array
	 * runs after it has been taken out again.
	 */
	if (my_place != NULL)
		on_shmem_exit(leave, (Datum) 0);
	return database;
}

bool
dsql_worker_slots_take_announcement(bool leaving)
{
	bool		taken;

	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	taken = drop_announcement(my_place->database);
	if (my_place->state == PLACE_STARTING)
		my_place->state = PLACE_LOOKING;
	if (!taken && leaving)
		my_place->leaving = true;
	LWLockRelease(shared->lock);
	return taken;
}

void
dsql_worker_slots_set_busy(void)
{
	if (my_place->state == PLACE_BUSY)
		return;
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	my_place->state = PLACE_BUSY;
	if (shared->launcher)
		SetLatch(shared->launcher);
	LWLockRelease(shared->lock);
}

void
dsql_worker_slots_set_job(const char *id)
{
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	strlcpy(my_place->job, id ? id : "", sizeof(my_place->job));
	if (id == NULL)
	{
		my_place->table = my_place->index = InvalidOid;
		SetInvalidVirtualTransactionId(my_place->asker);

		/* Whoever wanted to interrupt that job meant no other. */
		QueryCancelPending = false;
	}
	LWLockRelease(shared->lock);
}

void
dsql_worker_slots_set_relations(Oid table, Oid index)
{
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	my_place->table = table;
	my_place->index = index;
	LWLockRelease(shared->lock);
}

bool
dsql_worker_slots_asked_to_make_way(void)
{
	bool		asked;

	LWLockAcquire(shared->lock, LW_SHARED);
	asked = VirtualTransactionIdIsValid(my_place->asker);
	LWLockRelease(shared->lock);
	return asked;
}

/*
 * The asker stays noted until it has ended: another one may interrupt us any
 * time, and an interruption without an asker would be the end of the job.
 */
void
dsql_worker_slots_wait_for_way(void)
{
	for (;;)
	{
		VirtualTransactionId asker;

		LWLockAcquire(shared->lock, LW_SHARED);
		asker = my_place->asker;
		LWLockRelease(shared->lock);
		if (!VirtualTransactionIdIsValid(asker))
			return;

		StartTransactionCommand();
		VirtualXactLock(asker, true);
		CommitTransactionCommand();

		LWLockAcquire(shared->lock, LW_EXCLUSIVE);
		if (VirtualTransactionIdEquals(my_place->asker, asker))
		{
			SetInvalidVirtualTransactionId(my_place->asker);
			QueryCancelPending = false;
		}
		LWLockRelease(shared->lock);
	}
}

static void
leave_launcher(int code, Datum arg)
{
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	shared->launcher = NULL;
	LWLockRelease(shared->lock);
}

void
dsql_worker_slots_enter_launcher(void)
{
	handles = MemoryContextAllocZero(TopMemoryContext,
									 shared->nplaces * sizeof(*handles));
	before_shmem_exit(leave_launcher, (Datum) 0);

	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	shared->launcher = MyLatch;

	/* Of those that a former launcher started nobody would learn any more. */
	for (int i = 0; i < shared->nplaces; i++)
		if (shared->places[i].state == PLACE_STARTING &&
			shared->places[i].process == NULL)
		{
			note_announcement(shared->places[i].database);
			free_place(&shared->places[i]);
		}
	LWLockRelease(shared->lock);
}

void
dsql_worker_slots_wake_launcher(void)
{
	LWLockAcquire(shared->lock, LW_SHARED);
	if (shared->launcher)
		SetLatch(shared->launcher);
	LWLockRelease(shared->lock);
}

/*
 * Without the lock.  A process that is gone leaves its latch behind.
 */
void
dsql_worker_slots_nudge_launcher(void)
{
	Latch	   *launcher = *(Latch *volatile *) &shared->launcher;

	if (launcher)
		SetLatch(launcher);
}

int
dsql_worker_slots_announced(Oid *databases, int size, bool *all,
							bool *start_failed)
{
	int			count;

	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	count = Min(size, shared->nannounced);
	memcpy(databases, shared->announced, count * sizeof(Oid));
	*all = shared->announced_all;
	shared->announced_all = false;
	*start_failed = shared->start_failed;
	shared->start_failed = false;
	LWLockRelease(shared->lock);
	return count;
}

void
dsql_worker_slots_forget(Oid database)
{
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	drop_announcement(database);
	LWLockRelease(shared->lock);
}

DsqlStartResult
dsql_worker_slots_start(Oid database)
{
	BackgroundWorker worker = {
		.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION,
		.bgw_start_time = BgWorkerStart_RecoveryFinished,
		.bgw_restart_time = BGW_NEVER_RESTART,
		.bgw_library_name = "dsql_emu",
		.bgw_function_name = "dsql_worker_main",
		.bgw_name = "dsql_emu job worker",
		.bgw_type = "dsql_emu job worker",
		.bgw_notify_pid = MyProcPid,
	};
	MemoryContext oldcontext;
	Place	   *place = NULL;
	int			number = 0;
	uint64		generation = 0;
	int			there = 0;
	bool		registered;

	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	for (int i = 0; i < shared->nplaces; i++)
	{
		if (shared->places[i].state == PLACE_FREE)
		{
			if (place == NULL)
			{
				place = &shared->places[i];
				number = i;
			}
		}
		else if (shared->places[i].database == database &&
				 !shared->places[i].leaving)
			there++;
	}
	if (place != NULL && there < dsql_settings_job_workers)
	{
		place->state = PLACE_STARTING;
		place->database = database;
		generation = place->generation;
		drop_announcement(database);
	}
	else if (place != NULL)
		note_announcement(database);
	LWLockRelease(shared->lock);

	if (there >= dsql_settings_job_workers)
		return DSQL_START_NOT_NEEDED;
	if (place == NULL)
		return DSQL_START_NO_PLACE;

	worker.bgw_main_arg = Int32GetDatum(number);
	memcpy(worker.bgw_extra, &generation, sizeof(generation));
	if (handles[number] != NULL)
		pfree(handles[number]);
	handles[number] = NULL;
	oldcontext = MemoryContextSwitchTo(TopMemoryContext);
	registered = RegisterDynamicBackgroundWorker(&worker, &handles[number]);
	MemoryContextSwitchTo(oldcontext);
	if (registered)
		return DSQL_START_DONE;

	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	if (place->generation == generation)
	{
		free_place(place);
		note_announcement(database);
	}
	LWLockRelease(shared->lock);
	return DSQL_START_NO_PLACE;
}

void
dsql_worker_slots_reap(void)
{
	for (int i = 0; i < shared->nplaces; i++)
	{
		Place	   *place = &shared->places[i];
		pid_t		pid;

		if (handles[i] == NULL ||
			GetBackgroundWorkerPid(handles[i], &pid) != BGWH_STOPPED)
			continue;
		pfree(handles[i]);
		handles[i] = NULL;

		LWLockAcquire(shared->lock, LW_EXCLUSIVE);
		if (place->state == PLACE_STARTING && place->process == NULL)
		{
			note_announcement(place->database);
			free_place(place);
		}
		LWLockRelease(shared->lock);
	}
}

bool
dsql_worker_slots_any_looking(void)
{
	bool		found = false;

	LWLockAcquire(shared->lock, LW_SHARED);
	for (int i = 0; i < shared->nplaces && !found; i++)
		found = shared->places[i].state == PLACE_STARTING ||
			shared->places[i].state == PLACE_LOOKING;
	LWLockRelease(shared->lock);
	return found;
}

void
dsql_worker_slots_install(void)
{
	static const DsqlWakeupCallbacks callbacks = {
		.announce = dsql_worker_slots_announce,
		.launcher = dsql_worker_slots_wake_launcher,
		.nudge_launcher = dsql_worker_slots_nudge_launcher,
		.make_way = dsql_worker_slots_make_way,
		.make_way_for = dsql_worker_slots_make_way_for,
	};

	dsql_wakeup_set_callbacks(&callbacks);
}
