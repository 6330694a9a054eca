/*
 * ddl_preempt.c
 *		Definitions that do not wait for open transactions.
 *
 * On the service a change of the schema does not wait: transactions that are
 * open beside it fail with OC001.  In PostgreSQL a transaction keeps the locks
 * of all tables that it has touched until it ends, and a definition that needs
 * a stronger lock waits for it.  Here an emulated transaction that is idle
 * between two statements releases its lock when a definition waits for it.
 * From then on the transaction is overtaken, whether the definition commits or
 * not.
 *
 * Three processes take part.  A session that waits for a lock can do nothing
 * else.  So a timer in the session that runs the definition checks whether it
 * waits, and if so wakes up the launcher.  The launcher finds out who holds
 * the lock.  It sends an invalidation message for the locked relation, and a
 * signal to read it now: PostgreSQL does that even in an idle session, and
 * then calls us.  If a job worker holds the lock and has begun its job after
 * the definition, the launcher asks it to make way.
 *
 * The definition still waits for a statement that runs, a transaction that has
 * changed the schema itself, a portal that can still be fetched from or has a
 * name, and a session that is not emulated.
 */
#include "postgres.h"

#include <signal.h>

#include "access/xact.h"
#include "libpq/libpq.h"
#include "miscadmin.h"
#include "port/atomics.h"
#include "storage/ipc.h"
#include "storage/lmgr.h"
#include "storage/lock.h"
#include "storage/proc.h"
#include "storage/procsignal.h"
#include "storage/shmem.h"
#include "storage/sinval.h"
#include "tcop/utility.h"
#include "utils/guc.h"
#include "utils/inval.h"
#include "utils/portal.h"
#include "utils/resowner.h"
#include "utils/snapmgr.h"
#include "utils/timeout.h"
#include "utils/timestamp.h"

#include "base/compat.h"
#include "base/session.h"
#include "base/settings.h"
#include "base/wakeup.h"
#include "transaction/ddl_preempt.h"
#include "transaction/schema_version.h"

/* How often, in ms, a definition checks whether it waits. */
#define INTERVAL 10

/*
 * A definition asks at its 1st, 2nd, 4th and 8th check, and at each multiple
 * of this.
 */
#define LOOKS_BETWEEN_NUDGES 16

/* The number of definitions that can ask at a time; others wait. */
#define MAX_OVERTAKERS 32

/* The process IDs of sessions that run a definition; 0 is a free place. */
typedef struct OvertakeShared
{
	pg_atomic_uint32 overtakers[MAX_OVERTAKERS];
} OvertakeShared;

static OvertakeShared *shared = NULL;

/* This session's place, or NULL. */
static pg_atomic_uint32 *my_place = NULL;

/* How often this definition has found that it waits. */
static volatile int looks = 0;

void
dsql_ddl_preempt_shmem_request(void)
{
	RequestAddinShmemSpace(sizeof(OvertakeShared));
}

void
dsql_ddl_preempt_shmem_init(void)
{
	bool		found;

	shared = ShmemInitStruct("dsql_emu ddl preempt", sizeof(OvertakeShared),
							 &found);
	if (found)
		return;
	for (int i = 0; i < MAX_OVERTAKERS; i++)
		pg_atomic_init_u32(&shared->overtakers[i], 0);
}

/* ------------------------------------------------------------------------
 * The definition
 * ------------------------------------------------------------------------
 */

/* In a signal handler. */
static void
look_whether_waiting(void)
{
	if (MyProc->waitLock == NULL)
		return;

	/*
	 * A holder that takes longer is running a statement, and is asked less
	 * often.
	 */
	looks++;
	if (looks % LOOKS_BETWEEN_NUDGES == 0 || (looks & (looks - 1)) == 0)
		dsql_wakeup_nudge_launcher();
}

static void
clear_entry(int code, Datum arg)
{
	if (my_place != NULL)
		pg_atomic_write_u32(my_place, 0);
	my_place = NULL;
}

static void
enter(void)
{
	for (int i = 0; i < MAX_OVERTAKERS && my_place == NULL; i++)
	{
		uint32		none = 0;

		if (pg_atomic_compare_exchange_u32(&shared->overtakers[i], &none,
										   MyProcPid))
			my_place = &shared->overtakers[i];
	}
}

static TimeoutId
timer(void)
{
	static TimeoutId id = MAX_TIMEOUTS;

	if (id == MAX_TIMEOUTS)
	{
		id = RegisterTimeout(USER_TIMEOUT, look_whether_waiting);
		before_shmem_exit(clear_entry, (Datum) 0);
	}
	return id;
}

/* Only a session that may fail others with OC001 may overtake them. */
static bool
overtakes(Node *stmt)
{
	return my_place == NULL &&
		dsql_settings_schema_conflicts != DSQL_SCHEMA_CONFLICTS_OFF &&
		GetCommandLogLevel(stmt) == LOGSTMT_DDL && dsql_session_enforced();
}

bool
dsql_ddl_preempt_begin(Node *stmt)
{
	if (!overtakes(stmt))
		return false;

	enter();
	looks = 0;
	enable_timeout_every(timer(),
						 TimestampTzPlusMilliseconds(GetCurrentTimestamp(),
													 INTERVAL),
						 INTERVAL);
	return true;
}

void
dsql_ddl_preempt_end(bool begun)
{
	if (!begun)
		return;
	disable_timeout(timer(), false);
	clear_entry(0, (Datum) 0);
}

/* ------------------------------------------------------------------------
 * The launcher
 * ------------------------------------------------------------------------
 */

static void
ask_holder(const LockInstanceData *holder)
{
	SharedInvalidationMessage message = {0};

	message.rc.id = SHAREDINVALRELCACHE_ID;
	message.rc.dbId = holder->locktag.locktag_field1;
	message.rc.relId = holder->locktag.locktag_field2;
	SendSharedInvalidMessages(&message, 1);
	SendProcSignal(holder->pid, PROCSIG_CATCHUP_INTERRUPT,
				   DSQL_UNKNOWN_PROC_NUMBER);
}

void
dsql_ddl_preempt_clear_way(void)
{
	for (int i = 0; i < MAX_OVERTAKERS; i++)
	{
		uint32		pid = pg_atomic_read_u32(&shared->overtakers[i]);
		BlockedProcsData *blocked;

		if (pid == 0)
			continue;
		blocked = GetBlockerStatusData(pid);
		for (int j = 0; j < blocked->nlocks; j++)
		{
			LockInstanceData *lock = &blocked->locks[j];

			if (lock->pid != pid && lock->holdMask != 0 &&
				lock->locktag.locktag_type == LOCKTAG_RELATION)
			{
				ask_holder(lock);
				dsql_wakeup_make_way_for(pid, lock->pid);
			}
		}
	}
}

/* ------------------------------------------------------------------------
 * The transaction that is overtaken
 * ------------------------------------------------------------------------
 */

/*
 * Is this session idle in a transaction that can be overtaken?
 *
 * A message is read between two statements, or by COPY, which has a snapshot.
 */
static bool
can_give_way(void)
{
	return pq_is_reading_msg() && !ActiveSnapshotSet() &&
		IsTransactionBlock() && IsTransactionState() &&
		dsql_settings_schema_conflicts != DSQL_SCHEMA_CONFLICTS_OFF &&
		dsql_session_last_enforced();
}

/*
 * May be called many times before the client's next message frees memory.
 */
static bool
waits_for_me(int pid, const LOCKTAG *tag)
{
	BlockedProcsData *blocked = GetBlockerStatusData(pid);
	bool		result = false;

	for (int i = 0; i < blocked->nlocks; i++)
		if (blocked->locks[i].pid == MyProcPid &&
			memcmp(&blocked->locks[i].locktag, tag, sizeof(*tag)) == 0)
			result = true;
	pfree(blocked->procs);
	pfree(blocked->locks);
	pfree(blocked->waiter_pids);
	pfree(blocked);
	return result;
}

static bool
anybody_waits_for(const LOCKTAG *tag)
{
	for (int i = 0; i < MAX_OVERTAKERS; i++)
	{
		uint32		pid = pg_atomic_read_u32(&shared->overtakers[i]);

		if (pid != 0 && pid != MyProcPid && waits_for_me(pid, tag))
			return true;
	}
	return false;
}

/*
 * Is there a portal that has more rows?  It has a snapshot of its own, beside
 * the transaction's.  ThereAreNoReadyPortals() cannot tell: it leaks a little
 * each time that there is one.
 */
static bool
any_unfinished_portal(void)
{
	InvalidateCatalogSnapshot();
	return IsolationUsesXactSnapshot() ?
		!ThereAreNoPriorRegisteredSnapshots() :
		HaveRegisteredOrActiveSnapshot();
}

/*
 * The extended protocol keeps the unnamed portal, with its locks, until the
 * next one is made.
 */
static void
drop_finished_portal(void)
{
	Portal		portal = GetPortalByName("");

	if (PortalIsValid(portal) && !portal->portalPinned &&
		(portal->status == PORTAL_DONE ||
		 (portal->status == PORTAL_READY && portal->atEnd)))
		PortalDrop(portal, false);
}

/*
 * Release what the transaction itself holds of the lock.  False if that is
 * nothing: a finished portal with a name keeps its own part until it is
 * closed, and LockRelease() would warn each time.
 */
static bool
release(const LOCKTAG *tag)
{
	ResourceOwner owner = CurrentResourceOwner;
	int			save_client_min_messages = client_min_messages;
	int			save_log_min_messages = log_min_messages;
	bool		released = false;

	CurrentResourceOwner = TopTransactionResourceOwner;
	client_min_messages = log_min_messages = ERROR;
	for (LOCKMODE mode = AccessShareLock; mode <= RowExclusiveLock; mode++)
		while (dsql_lock_held_by_me(tag, mode) &&
			   LockRelease(tag, mode, false))
			released = true;
	client_min_messages = save_client_min_messages;
	log_min_messages = save_log_min_messages;
	CurrentResourceOwner = owner;
	return released;
}

static bool
is_definition_of_mine(const LOCKTAG *tag)
{
	for (LOCKMODE mode = RowExclusiveLock + 1; mode <= MaxLockMode; mode++)
		if (dsql_lock_held_by_me(tag, mode))
			return true;
	return false;
}

/*
 * Must not throw an error: the client's next message is being read.
 */
static void
overtake_relcache_callback(Datum arg, Oid relid)
{
	LOCKTAG		tag;

	if (!OidIsValid(relid) || !can_give_way())
		return;
	SET_LOCKTAG_RELATION(tag, MyDatabaseId, relid);
	if (is_definition_of_mine(&tag) || !anybody_waits_for(&tag))
		return;
	drop_finished_portal();
	if (!any_unfinished_portal() && release(&tag))
		dsql_schema_version_be_overtaken();
}

void
dsql_ddl_preempt_install(void)
{
	CacheRegisterRelcacheCallback(overtake_relcache_callback, (Datum) 0);
}
