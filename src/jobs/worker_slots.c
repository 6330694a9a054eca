/*
 * worker_slots.c
 *		Which worker works in which database, and on what.
 *
 * Shared memory has a slot for each worker, and a list of the databases that
 * were announced because jobs were queued there.  An announcement stands until
 * it is taken by somebody who then looks for jobs: a worker of that database,
 * or the launcher when it starts one.  A worker exits only if there is no
 * announcement.  It checks this and frees its slot under one lock, so that no
 * announcement is lost.
 *
 * Slots:
 *
 *	 FREE --launcher--> STARTING --connected--> LOOKING --> BUSY
 *	   ^                   |                       |          |
 *	   +-------------------+-----------------------+----------+
 *		 never came, or could        nothing left, or it died
 *		 not connect
 *
 * A slot that is freed gets a new generation.  That tells a worker which comes
 * too late that it is no longer expected.
 *
 * When a worker dies, another one is sent into its database.  If it could not
 * connect, the next one could not either, so none is sent before the next
 * announcement.  If it died of an error before it had begun a job, the next one
 * is sent after a pause.
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

#include "base/background_worker.h"
#include "base/compat.h"
#include "base/identifier.h"
#include "base/settings.h"
#include "base/wakeup.h"
#include "jobs/worker_slots.h"

/* Announced databases that can be remembered one by one. */
#define MAX_ANNOUNCED 64

/* The longest wait for an announcement, in ms. */
#define MAX_WAIT 10000

typedef enum SlotState
{
	SLOT_FREE,
	SLOT_STARTING,
	SLOT_LOOKING,
	SLOT_BUSY
} SlotState;

typedef struct Slot
{
	SlotState	state;
	uint64		generation;
	Oid			database;
	PGPROC	   *process;		/* NULL until it has come */
	bool		leaving;		/* nobody may rely on it any more */
	char		job[DSQL_IDENTIFIER_LEN + 1];	/* empty: none */
	Oid			table;			/* locked for long, or InvalidOid */
	Oid			index;
	VirtualTransactionId asker; /* who asked it to make way, or invalid */
} Slot;

typedef struct WorkerSlotsShared
{
	LWLock	   *lock;			/* guards all but the next two */
	pg_atomic_uint64 announcements; /* how many there ever were */
	ConditionVariable announced_cv;
	Latch	   *launcher;		/* NULL: it will look when it starts */
	bool		announced_all;	/* more than the array has room for */
	bool		start_failed;	/* a worker failed before its first job */
	int			nannounced;
	Oid			announced[MAX_ANNOUNCED];
	int			nslots;
	Slot		slots[FLEXIBLE_ARRAY_MEMBER];
} WorkerSlotsShared;

static WorkerSlotsShared *shared = NULL;

/* A worker's own slot; and was it terminated by a signal? */
static Slot *my_slot = NULL;
static volatile sig_atomic_t my_termination = false;

/* The launcher's handles, by slot, while a worker is STARTING. */
static BackgroundWorkerHandle **handles = NULL;

static Size
shared_size(void)
{
	return add_size(offsetof(WorkerSlotsShared, slots),
					mul_size(max_worker_processes, sizeof(Slot)));
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
	shared->nslots = max_worker_processes;
}

static inline bool
is_present(const Slot *slot)
{
	return slot->process != NULL && !slot->leaving;
}

/*
 * A database that was copied has jobs of the same identifiers.
 */
static inline bool
works_at(const Slot *slot, const char *id)
{
	return slot->database == MyDatabaseId && strcmp(slot->job, id) == 0;
}

/*
 * The next four need the lock in exclusive mode.
 */
static void
free_slot(Slot *slot)
{
	uint64		generation = slot->generation + 1;

	Assert(LWLockHeldByMeInMode(shared->lock, LW_EXCLUSIVE));
	memset(slot, 0, sizeof(*slot));
	slot->generation = generation;
	SetInvalidVirtualTransactionId(slot->asker);
}

static void
note_announcement(Oid database)
{
	Assert(LWLockHeldByMeInMode(shared->lock, LW_EXCLUSIVE));
	Assert(OidIsValid(database));
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
	Assert(LWLockHeldByMeInMode(shared->lock, LW_EXCLUSIVE));
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
interrupt(Slot *slot, const PGPROC *asker)
{
	VirtualTransactionId transaction;

	Assert(LWLockHeldByMeInMode(shared->lock, LW_EXCLUSIVE));
	Assert(is_present(slot));
	GET_VXID_FROM_PGPROC(transaction, *asker);
	if (!VirtualTransactionIdIsValid(transaction))
		return;
	slot->asker = transaction;
	kill(slot->process->pid, SIGINT);
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
	for (int i = 0; i < shared->nslots; i++)
		if (is_present(&shared->slots[i]) &&
			shared->slots[i].database == database)
			SetLatch(&shared->slots[i].process->procLatch);
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
		if (ConditionVariableTimedSleep(&shared->announced_cv,
										MAX_WAIT, PG_WAIT_EXTENSION))
			break;
	ConditionVariableCancelSleep();
}

bool
dsql_worker_slots_anything_locked(void)
{
	bool		any = false;

	LWLockAcquire(shared->lock, LW_SHARED);
	for (int i = 0; i < shared->nslots && !any; i++)
		any = OidIsValid(shared->slots[i].table);
	LWLockRelease(shared->lock);
	return any;
}

void
dsql_worker_slots_make_way(Oid relation)
{
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	for (int i = 0; i < shared->nslots; i++)
	{
		Slot	   *slot = &shared->slots[i];

		if (is_present(slot) && slot->database == MyDatabaseId &&
			OidIsValid(slot->table) &&
			(!OidIsValid(relation) || relation == slot->table ||
			 relation == slot->index))
			interrupt(slot, MyProc);
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
	for (int i = 0; i < shared->nslots; i++)
	{
		Slot	   *slot = &shared->slots[i];

		if (is_present(slot) && slot->process->pid == worker &&
			OidIsValid(slot->table))
			interrupt(slot, process);
	}
	LWLockRelease(shared->lock);
}

void
dsql_worker_slots_interrupt_job(const char *id)
{
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	for (int i = 0; i < shared->nslots; i++)
	{
		Slot	   *slot = &shared->slots[i];

		if (is_present(slot) && works_at(slot, id))
			interrupt(slot, MyProc);
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
		for (int i = 0; i < shared->nslots; i++)
		{
			Slot	   *slot = &shared->slots[i];

			if (slot->state == SLOT_FREE || slot->database != database)
				continue;
			if (slot->process == NULL)
			{
				free_slot(slot);
				continue;
			}
			if (!slot->leaving)
				kill(slot->process->pid, SIGTERM);
			slot->leaving = true;
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
	for (int i = 0; i < shared->nslots && !found; i++)
		found = works_at(&shared->slots[i], id);
	LWLockRelease(shared->lock);
	return found;
}

/*
 * On exit of a worker.  If that was not its own decision, somebody has to look
 * again whether there is something left to do.
 */
static void
release_slot(int code, Datum arg)
{
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	if (!my_slot->leaving &&
		(my_termination || my_slot->state != SLOT_STARTING))
	{
		note_announcement(my_slot->database);
		if (!my_termination && my_slot->state == SLOT_LOOKING)
			shared->start_failed = true;
	}
	free_slot(my_slot);
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
dsql_worker_slots_enter(int slot, uint64 generation)
{
	Oid			database = InvalidOid;

	Assert(my_slot == NULL);
	Assert(slot >= 0 && slot < shared->nslots);
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	if (shared->slots[slot].state == SLOT_STARTING &&
		shared->slots[slot].generation == generation)
	{
		my_slot = &shared->slots[slot];
		my_slot->process = MyProc;
		database = my_slot->database;
	}
	LWLockRelease(shared->lock);

	/*
	 * What is registered before the process is entered into the process array
	 * runs after it has been taken out again.
	 */
	if (my_slot != NULL)
		on_shmem_exit(release_slot, (Datum) 0);
	return database;
}

bool
dsql_worker_slots_take_announcement(bool leaving)
{
	bool		taken;

	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	taken = drop_announcement(my_slot->database);
	if (my_slot->state == SLOT_STARTING)
		my_slot->state = SLOT_LOOKING;
	if (!taken && leaving)
		my_slot->leaving = true;
	LWLockRelease(shared->lock);
	return taken;
}

void
dsql_worker_slots_set_busy(void)
{
	if (my_slot->state == SLOT_BUSY)
		return;
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	my_slot->state = SLOT_BUSY;
	if (shared->launcher)
		SetLatch(shared->launcher);
	LWLockRelease(shared->lock);
}

void
dsql_worker_slots_set_job(const char *id)
{
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	strlcpy(my_slot->job, id ? id : "", sizeof(my_slot->job));
	if (id == NULL)
	{
		my_slot->table = my_slot->index = InvalidOid;
		SetInvalidVirtualTransactionId(my_slot->asker);

		/* Whoever wanted to interrupt that job meant no other. */
		QueryCancelPending = false;
	}
	LWLockRelease(shared->lock);
}

void
dsql_worker_slots_set_relations(Oid table, Oid index)
{
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	my_slot->table = table;
	my_slot->index = index;
	LWLockRelease(shared->lock);
}

bool
dsql_worker_slots_asked_to_make_way(void)
{
	bool		asked;

	LWLockAcquire(shared->lock, LW_SHARED);
	asked = VirtualTransactionIdIsValid(my_slot->asker);
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
		asker = my_slot->asker;
		LWLockRelease(shared->lock);
		if (!VirtualTransactionIdIsValid(asker))
			return;

		StartTransactionCommand();
		VirtualXactLock(asker, true);
		CommitTransactionCommand();

		LWLockAcquire(shared->lock, LW_EXCLUSIVE);
		if (VirtualTransactionIdEquals(my_slot->asker, asker))
		{
			SetInvalidVirtualTransactionId(my_slot->asker);
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
									 shared->nslots * sizeof(*handles));
	before_shmem_exit(leave_launcher, (Datum) 0);

	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	shared->launcher = MyLatch;

	/* Of those that a former launcher started nobody would learn any more. */
	for (int i = 0; i < shared->nslots; i++)
		if (shared->slots[i].state == SLOT_STARTING &&
			shared->slots[i].process == NULL)
		{
			note_announcement(shared->slots[i].database);
			free_slot(&shared->slots[i]);
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
	BackgroundWorker worker;
	MemoryContext oldcontext;
	Slot	   *slot = NULL;
	int			number = 0;
	uint64		generation = 0;
	int			there = 0;
	bool		registered;

	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	for (int i = 0; i < shared->nslots; i++)
	{
		if (shared->slots[i].state == SLOT_FREE)
		{
			if (slot == NULL)
			{
				slot = &shared->slots[i];
				number = i;
			}
		}
		else if (shared->slots[i].database == database &&
				 !shared->slots[i].leaving)
			there++;
	}
	if (slot != NULL && there < dsql_settings_job_workers)
	{
		slot->state = SLOT_STARTING;
		slot->database = database;
		generation = slot->generation;
		drop_announcement(database);
	}
	else if (slot != NULL)
		note_announcement(database);
	LWLockRelease(shared->lock);

	if (there >= dsql_settings_job_workers)
		return DSQL_START_NOT_NEEDED;
	if (slot == NULL)
		return DSQL_START_NO_SLOT;

	dsql_background_worker_describe(&worker, "dsql_emu job worker",
									"dsql_worker_main");
	worker.bgw_notify_pid = MyProcPid;
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
	if (slot->generation == generation)
	{
		free_slot(slot);
		note_announcement(database);
	}
	LWLockRelease(shared->lock);
	return DSQL_START_NO_SLOT;
}

void
dsql_worker_slots_reap(void)
{
	for (int i = 0; i < shared->nslots; i++)
	{
		Slot	   *slot = &shared->slots[i];
		pid_t		pid;

		if (handles[i] == NULL ||
			GetBackgroundWorkerPid(handles[i], &pid) != BGWH_STOPPED)
			continue;
		pfree(handles[i]);
		handles[i] = NULL;

		LWLockAcquire(shared->lock, LW_EXCLUSIVE);
		if (slot->state == SLOT_STARTING && slot->process == NULL)
		{
			note_announcement(slot->database);
			free_slot(slot);
		}
		LWLockRelease(shared->lock);
	}
}

bool
dsql_worker_slots_any_looking(void)
{
	bool		found = false;

	LWLockAcquire(shared->lock, LW_SHARED);
	for (int i = 0; i < shared->nslots && !found; i++)
		found = shared->slots[i].state == SLOT_STARTING ||
			shared->slots[i].state == SLOT_LOOKING;
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
