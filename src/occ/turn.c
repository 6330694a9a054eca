/*
 * turn.c
 *		How sessions that want one row get out of each other's way.
 *
 * Who loses at COMMIT has done all of its work for nothing.  Where many
 * sessions change one row, that would be most of them, most of the time.  So a
 * session that has lost takes turns from then on: one statement after the
 * other, and not side by side, which all but the first would lose by.
 *
 * Nobody's answer depends on that.  Who has waited for a moment in vain goes on
 * without a turn, and conflicts are decided as ever.  It is for statements
 * only that are a transaction by themselves: between them and their commit is
 * no client to wait for.
 *
 * PostgreSQL has no hook before it takes a statement's snapshot, with which the
 * statement would lose to the one that it waits for.  So the snapshot is taken
 * again, when it is the statement's turn and has read nothing yet.
 *
 * There is a turn for each row, or for several by chance.  Which one a
 * statement is going to change is not known before, but most likely it is that
 * at which the session has lost.
 */
#include "postgres.h"

#include <sched.h>

#include "access/xact.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "port/atomics.h"
#include "portability/instr_time.h"
#include "storage/procarray.h"
#include "storage/s_lock.h"
#include "storage/shmem.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "base/pause_point.h"
#include "occ/turn.h"

#define NUM_TURNS			64
#define STATEMENTS_BY_TURNS	64	/* after a loss */

/*
 * For how long to wait, in us: first with the processor, which is less than to
 * leave it costs, where a statement takes that long; and then without.
 */
#define SPINNING			20
#define PATIENCE			200

typedef struct Turn
{
	pg_atomic_flag taken pg_attribute_aligned(PG_CACHE_LINE_SIZE);
} Turn;

static Turn *turns = NULL;

/* The row at which the session lost last, and what it has taken. */
static Turn *next_turn = NULL;
static Turn *my_turn = NULL;
int			dsql_turn_due = 0;

/* Has the transaction begun with a query? */
static bool has_begun = false;

void
dsql_turn_shmem_request(void)
{
	RequestAddinShmemSpace(NUM_TURNS * sizeof(Turn));
}

void
dsql_turn_shmem_init(void)
{
	bool		found;

	turns = ShmemInitStruct("dsql_emu turns", NUM_TURNS * sizeof(Turn), &found);
	if (!found)
		for (int i = 0; i < NUM_TURNS; i++)
			pg_atomic_init_flag(&turns[i].taken);
}

void
dsql_turn_note_loss(Oid relid, uint64 key)
{
	uint64		hash = hash_combine64(hash_combine64(MyDatabaseId, relid), key);

	next_turn = &turns[hash % NUM_TURNS];
	dsql_turn_due = STATEMENTS_BY_TURNS;
}

static bool
try_take(Turn *turn)
{
	return pg_atomic_unlocked_test_flag(&turn->taken) &&
		pg_atomic_test_set_flag(&turn->taken);
}

/*
 * Take the turn if it gets free in time.
 */
static bool
wait_for(Turn *turn)
{
	instr_time	start;

	INSTR_TIME_SET_CURRENT(start);
	while (!try_take(turn))
	{
		instr_time	waited;

		INSTR_TIME_SET_CURRENT(waited);
		INSTR_TIME_SUBTRACT(waited, start);
		if (INSTR_TIME_GET_MICROSEC(waited) >= PATIENCE)
			return false;
		if (INSTR_TIME_GET_MICROSEC(waited) >= SPINNING)
			sched_yield();
		else
			SPIN_DELAY();
	}
	return true;
}

static TransactionId *
copy_xids(TransactionId *xids, int n)
{
	TransactionId *copy = MemoryContextAlloc(TopTransactionContext,
											 n * sizeof(TransactionId));

	return n == 0 ? copy : memcpy(copy, xids, n * sizeof(TransactionId));
}

/*
 * See what has committed since the snapshot was taken.  Its xmin stays, since
 * snapshots are kept in that order: it may be too early for what is in progress
 * now, that only makes more transactions be looked for.
 */
static void
renew(Snapshot snapshot, Snapshot now)
{
	snapshot->xmax = now->xmax;
	snapshot->xip = now->xip;
	snapshot->xcnt = now->xcnt;
	snapshot->subxip = now->subxip;
	snapshot->subxcnt = now->subxcnt;
	snapshot->suboverflowed = now->suboverflowed;
}

/*
 * The transaction's snapshot and the query's, which is a copy of it.
 */
static void
renew_snapshots(QueryDesc *queryDesc)
{
	static SnapshotData latest = {SNAPSHOT_MVCC};
	SnapshotData now;

	/* The catalog's must not be older than the transaction's. */
	InvalidateCatalogSnapshot();
	now = *GetSnapshotData(&latest);
	now.xip = copy_xids(now.xip, now.xcnt);
	now.subxip = copy_xids(now.subxip, now.subxcnt);
	renew(GetTransactionSnapshot(), &now);
	renew(queryDesc->snapshot, &now);
}

static bool
changes_rows(QueryDesc *queryDesc)
{
	return queryDesc->operation != CMD_SELECT ||
		queryDesc->plannedstmt->rowMarks != NIL ||
		queryDesc->plannedstmt->hasModifyingCTE;
}

/*
 * Nothing else may have used the transaction's snapshot.
 */
void
dsql_turn_begin(QueryDesc *queryDesc)
{
	bool		is_first = !has_begun;

	has_begun = true;
	if (!is_first || !changes_rows(queryDesc) || IsInTransactionBlock(true) ||
		XactIsoLevel != XACT_REPEATABLE_READ)
		return;

	if (!wait_for(next_turn))
	{
		dsql_turn_due = 0;
		return;
	}
	my_turn = next_turn;
	dsql_pause_point_wait("turn-taken");
	renew_snapshots(queryDesc);
}

void
dsql_turn_end(bool committed)
{
	has_begun = false;
	if (my_turn == NULL)
		return;
	pg_atomic_clear_flag(&my_turn->taken);
	my_turn = NULL;
	if (committed)
		dsql_turn_due--;
}
