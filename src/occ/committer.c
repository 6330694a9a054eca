/*
 * committer.c
 *		The transactions that change or lock rows, and whether they may lose.
 *
 * A transaction that inserted a key is doomed by another one that inserted the
 * same key and commits first.
 *
 *		   begin			   decide
 *		IDLE ----> ACTIVE ----------------> COMMITTING ----> IDLE
 *					 | doomed by a rival,		 leave
 *					 | or has lost
 *					 +----> DOOMED ----> IDLE
 *								   leave
 *
 * A transaction that loses to one that has come to COMMIT waits for its end
 * before it says so.  Its client will try again at once, and would lose again
 * to the same one as long as the winner is not visible.
 *
 * Such waits cannot form a circle.  Whoever is COMMITTING waits for nobody, and
 * nobody waits for a transaction without marks, as one is that waits before it
 * has published any.  The others are DOOMED before they look whether the other
 * one is, and of any circle the last to be doomed does not wait.
 */
#include "postgres.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "port/atomics.h"
#include "storage/condition_variable.h"
#include "storage/ipc.h"
#include "storage/lwlock.h"
#include "storage/shmem.h"
#include "utils/guc.h"
#include "utils/memutils.h"

#include "base/compat.h"
#include "occ/committer.h"

typedef enum CommitterState
{
	COMMITTER_ACTIVE,
	COMMITTER_DOOMED,
	COMMITTER_COMMITTING
} CommitterState;

/* The number of a backend's transactions that are remembered by name. */
#define NUM_RECENT 8

/*
 * A backend's transaction.
 *
 * Its id and CommitterState are in one word, so that whoever changes the state
 * changes that of the transaction which he means.  Zero when there is none.
 */
typedef struct Committer
{
	pg_atomic_uint64 word pg_attribute_aligned(PG_CACHE_LINE_SIZE);
	pg_atomic_uint32 ending;	/* its id from COMMIT to its end */
	TransactionId doomed_by;	/* guarded by the registry's lock */
	ConditionVariable ended;

	/*
	 * For people, and read without a lock: whose transactions these are, and
	 * the last ones that have come to COMMIT.
	 */
	int			pid;
	char		application_name[NAMEDATALEN];
	TransactionId recent[NUM_RECENT];
} Committer;

typedef struct Registry
{
	int			ncommitters;
	Committer	committers[FLEXIBLE_ARRAY_MEMBER];
} Registry;

static Registry *registry = NULL;
static LWLock *registry_lock = NULL;

/* The current transaction's. */
static Committer *my_entry = NULL;	/* NULL until it begins */
static TransactionId my_xid = InvalidTransactionId;
bool		dsql_committer_has_begun = false;
bool		dsql_committer_is_ending = false;

static Size
registry_size(void)
{
	return add_size(offsetof(Registry, committers),
					mul_size(MaxBackends, sizeof(Committer)));
}

void
dsql_committer_shmem_request(void)
{
	RequestAddinShmemSpace(registry_size());
	RequestNamedLWLockTranche("dsql_emu committer", 1);
}

void
dsql_committer_shmem_init(void)
{
	bool		found;

	registry = ShmemInitStruct("dsql_emu committer", registry_size(), &found);
	registry_lock = &GetNamedLWLockTranche("dsql_emu committer")->lock;
	if (found)
		return;

	memset(registry, 0, registry_size());
	registry->ncommitters = MaxBackends;
	for (int i = 0; i < MaxBackends; i++)
	{
		pg_atomic_init_u64(&registry->committers[i].word, 0);
		pg_atomic_init_u32(&registry->committers[i].ending, 0);
		ConditionVariableInit(&registry->committers[i].ended);
	}
}

static inline uint64
committer_word(TransactionId xid, CommitterState state)
{
	return (uint64) xid << 32 | state;
}

static Committer *
find_committer(TransactionId xid)
{
	Assert(TransactionIdIsValid(xid));
	for (int i = 0; i < registry->ncommitters; i++)
		if (pg_atomic_read_u64(&registry->committers[i].word) >> 32 == xid)
			return &registry->committers[i];
	return NULL;
}

static Committer *
find_ending(TransactionId xid)
{
	Assert(TransactionIdIsValid(xid));
	for (int i = 0; i < registry->ncommitters; i++)
		if (pg_atomic_read_u32(&registry->committers[i].ending) == xid)
			return &registry->committers[i];
	return NULL;
}

void
dsql_committer_describe(TransactionId xid, int *pid, char *name)
{
	for (int i = 0; i < registry->ncommitters; i++)
	{
		Committer  *entry = &registry->committers[i];

		if (entry->recent[xid % NUM_RECENT] == xid)
		{
			*pid = entry->pid;
			strlcpy(name, entry->application_name, NAMEDATALEN);
			return;
		}
	}
}

bool
dsql_committer_is_there(TransactionId xid)
{
	return find_committer(xid) != NULL;
}

/*
 * Move a transaction from one state to another, if it is in that one.
 */
static bool
move_committer(Committer *entry, TransactionId xid, CommitterState from,
			   CommitterState to)
{
	uint64		expected = committer_word(xid, from);

	return pg_atomic_compare_exchange_u64(&entry->word, &expected,
										  committer_word(xid, to));
}

static bool
is_in_state(Committer *entry, TransactionId xid, CommitterState state)
{
	return pg_atomic_read_u64(&entry->word) == committer_word(xid, state);
}

/* ------------------------------------------------------------------------
 * Beginning and ending
 * ------------------------------------------------------------------------
 */

void
dsql_committer_begin(void)
{
	if (likely(my_entry != NULL))
		return;

	my_xid = GetTopTransactionId();
	my_entry = &registry->committers[dsql_my_process_number()];
	pg_atomic_write_u64(&my_entry->word,
						committer_word(my_xid, COMMITTER_ACTIVE));
	dsql_committer_has_begun = true;
}

/*
 * Others look at this when they have met a mark, whose lock is a barrier.
 */
void
dsql_committer_begin_commit(void)
{
	Assert(my_entry != NULL);

	my_entry->pid = MyProcPid;
	strlcpy(my_entry->application_name, application_name, NAMEDATALEN);
	my_entry->recent[my_xid % NUM_RECENT] = my_xid;
	pg_atomic_write_u32(&my_entry->ending, my_xid);
	dsql_committer_is_ending = true;
}

void
dsql_committer_leave(void)
{
	if (my_entry != NULL)
		pg_atomic_write_u64(&my_entry->word, 0);
}

void
dsql_committer_end(void)
{
	if (my_entry == NULL)
		return;
	if (dsql_committer_is_ending)
	{
		pg_atomic_write_u32(&my_entry->ending, InvalidTransactionId);
		ConditionVariableBroadcast(&my_entry->ended);
	}
	my_entry = NULL;
	dsql_committer_has_begun = false;
	dsql_committer_is_ending = false;
}

/* ------------------------------------------------------------------------
 * Waiting
 * ------------------------------------------------------------------------
 */

static void
wait_for(Committer *entry, TransactionId xid)
{
	ConditionVariablePrepareToSleep(&entry->ended);
	while (pg_atomic_read_u32(&entry->ending) == xid)
		ConditionVariableSleep(&entry->ended, PG_WAIT_EXTENSION);
	ConditionVariableCancelSleep();
}

bool
dsql_committer_wait_for_end(TransactionId xid)
{
	Committer  *entry = find_ending(xid);

	Assert(my_entry != NULL);

	if (entry != NULL)
		wait_for(entry, xid);
	/* If it has not ended by now, it has not come to COMMIT. */
	return entry != NULL || !dsql_committer_is_there(xid);
}

void
dsql_committer_lose_to(TransactionId xid)
{
	Committer  *entry;

	Assert(my_entry != NULL);

	/* This is the barrier between it and the look at the other one. */
	(void) move_committer(my_entry, my_xid, COMMITTER_ACTIVE,
						  COMMITTER_DOOMED);
	entry = find_ending(xid);
	if (entry != NULL && !is_in_state(entry, xid, COMMITTER_DOOMED))
		wait_for(entry, xid);
}

/* ------------------------------------------------------------------------
 * Deciding
 * ------------------------------------------------------------------------
 */

/*
 * What has become of a rival that cannot be doomed?
 */
static CommitterState
state_of(Committer *entry, TransactionId xid, bool *ended)
{
	uint64		word = entry == NULL ? 0 : pg_atomic_read_u64(&entry->word);

	/* It may have begun to commit, and ended, at any moment. */
	*ended = word >> 32 != xid;
	return (CommitterState) (uint32) word;
}

/*
 * With the registry's lock, which all take who doom: doom the rivals and begin
 * to commit, or do neither.  *winner is who was faster then, and *ended tells
 * that it is a rival that is not there any more.
 */
static bool
doom_rivals(TransactionId *rivals, int nrivals, Committer **doomed,
			TransactionId *winner, bool *ended)
{
	bool		result;
	int			n = 0;

	*ended = false;
	*winner = my_entry->doomed_by;
	result = is_in_state(my_entry, my_xid, COMMITTER_ACTIVE);
	for (; n < nrivals && result; n++)
	{
		Committer  *entry;

		doomed[n] = NULL;
		if (!TransactionIdIsValid(rivals[n]))
			continue;
		entry = find_committer(rivals[n]);
		if (entry != NULL && move_committer(entry, rivals[n], COMMITTER_ACTIVE,
											COMMITTER_DOOMED))
		{
			doomed[n] = entry;
			entry->doomed_by = my_xid;
		}
		else if (state_of(entry, rivals[n], ended) != COMMITTER_DOOMED ||
				 *ended)
		{
			*winner = rivals[n];
			result = false;
		}
	}

	if (result)
		(void) move_committer(my_entry, my_xid, COMMITTER_ACTIVE,
							  COMMITTER_COMMITTING);
	else
		while (n-- > 0)
			if (doomed[n] != NULL)
				(void) move_committer(doomed[n], rivals[n], COMMITTER_DOOMED,
									  COMMITTER_ACTIVE);
	return result;
}

bool
dsql_committer_may_lose(TransactionId xid)
{
	Committer  *entry = find_committer(xid);

	return entry != NULL && is_in_state(entry, xid, COMMITTER_ACTIVE);
}

void
dsql_committer_doom_both(TransactionId other)
{
	Committer  *entry;

	Assert(my_entry != NULL);

	LWLockAcquire(registry_lock, LW_EXCLUSIVE);
	entry = find_committer(other);
	if (entry != NULL && is_in_state(my_entry, my_xid, COMMITTER_ACTIVE) &&
		move_committer(entry, other, COMMITTER_ACTIVE, COMMITTER_DOOMED))
	{
		entry->doomed_by = my_xid;
		(void) move_committer(my_entry, my_xid, COMMITTER_ACTIVE,
							  COMMITTER_DOOMED);
		my_entry->doomed_by = other;
	}
	LWLockRelease(registry_lock);
}

static void
forget_rival(TransactionId *rivals, int nrivals, TransactionId rival)
{
	for (int i = 0; i < nrivals; i++)
		if (TransactionIdEquals(rivals[i], rival))
			rivals[i] = InvalidTransactionId;
}

bool
dsql_committer_decide(TransactionId *rivals, int nrivals,
					  TransactionId *winner)
{
	Committer **doomed;

	Assert(my_entry != NULL);

	/* Who has no rivals need not ask, unless it is doomed, or seems to be. */
	if (nrivals == 0 && move_committer(my_entry, my_xid, COMMITTER_ACTIVE,
									   COMMITTER_COMMITTING))
		return true;

	doomed = MemoryContextAlloc(TopTransactionContext,
								nrivals * sizeof(Committer *));
	for (;;)
	{
		bool		ended;
		bool		result;

		LWLockAcquire(registry_lock, LW_EXCLUSIVE);
		result = doom_rivals(rivals, nrivals, doomed, winner, &ended);
		LWLockRelease(registry_lock);

		/* Not under the lock: this may have to read the commit log. */
		if (!ended || TransactionIdDidCommit(*winner))
			return result;
		forget_rival(rivals, nrivals, *winner);
	}
}
