/*
 * both_lose.c
 *		Conflicts that fail both sides, because a test has ordered it.
 *
 * On the service two transactions that want the same rows have both failed, now
 * and then.  Here the first to COMMIT wins, and cannot know that another one
 * wants its rows, whose write set is nobody else's.  So while such a fault is
 * armed, writers tell in shared memory what they change, and who meets a
 * transaction that is still open dooms it, and itself.
 */
#include "postgres.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "storage/lwlock.h"
#include "storage/shmem.h"

#include "occ/both_lose.h"
#include "occ/committer.h"
#include "occ/row_marks.h"

typedef struct Claim
{
	TransactionId xid;			/* top-level; it may have ended long ago */
	Oid			database;
	Oid			relid;
	uint64		key;
	LockTupleMode mode;
} Claim;

/* The number of rows that are remembered. */
#define NUM_CLAIMS 1024

typedef struct BothLoseShared
{
	LWLock	   *lock;			/* guards what follows */
	int			next;
	Claim		claims[NUM_CLAIMS]; /* a ring */
} BothLoseShared;

static BothLoseShared *shared = NULL;

void
dsql_both_lose_shmem_request(void)
{
	RequestAddinShmemSpace(MAXALIGN(sizeof(BothLoseShared)));
	RequestNamedLWLockTranche("dsql_emu both lose", 1);
}

void
dsql_both_lose_shmem_init(void)
{
	bool		found;

	shared = ShmemInitStruct("dsql_emu both lose", sizeof(BothLoseShared),
							 &found);
	if (found)
		return;
	memset(shared, 0, sizeof(BothLoseShared));
	shared->lock = &GetNamedLWLockTranche("dsql_emu both lose")->lock;
}

/*
 * Claim a row.  Returns another transaction that has claimed it in a
 * conflicting mode and is still open, or invalid.
 */
static TransactionId
claim(const Claim *mine)
{
	TransactionId other = InvalidTransactionId;

	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	for (int i = 0; i < NUM_CLAIMS && !TransactionIdIsValid(other); i++)
	{
		Claim	   *theirs = &shared->claims[i];

		if (theirs->database == mine->database &&
			theirs->relid == mine->relid && theirs->key == mine->key &&
			theirs->xid != mine->xid &&
			dsql_row_marks_modes_conflict(theirs->mode, mine->mode) &&
			dsql_committer_may_lose(theirs->xid))
			other = theirs->xid;
	}
	shared->claims[shared->next] = *mine;
	shared->next = (shared->next + 1) % NUM_CLAIMS;
	LWLockRelease(shared->lock);
	return other;
}

static void
meet(TransactionId other)
{
	DsqlInjection injection;

	if (TransactionIdIsValid(other) && dsql_committer_may_lose(other) &&
		dsql_injection_take_at(DSQL_INJECTION_AT_CONFLICT, &injection))
		dsql_committer_doom_both(other);
}

void
dsql_both_lose_meet_row(Oid relid, uint64 key, LockTupleMode mode)
{
	Claim		mine = {
		.xid = GetTopTransactionId(),
		.database = MyDatabaseId,
		.relid = relid,
		.key = key,
		.mode = mode
	};

	if (dsql_injection_armed_at(DSQL_INJECTION_AT_CONFLICT))
		meet(claim(&mine));
}

void
dsql_both_lose_meet_key(TransactionId rival)
{
	if (dsql_committer_begun() && TransactionIdIsValid(rival) &&
		dsql_injection_armed_at(DSQL_INJECTION_AT_CONFLICT))
		meet(rival);
}
