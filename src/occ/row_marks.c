/*
 * row_marks.c
 *		Where committing transactions meet.
 *
 * The first to commit wins.  What a committed transaction wrote, the heap
 * remembers, and a later committer finds it there.  Shared memory has the
 * rest: marks of rows, made known by a transaction that commits.  They are
 * there while it is committing, so that two cannot pass each other, and marks
 * of rows that were only locked stay until nobody has a snapshot from before.
 * A mark conflicts with another one if their lock modes do, and its transaction
 * is not in the other's snapshot.
 *
 * Marks are in partitions, by row; each has its share of the table, its own
 * free list and lock.  A transaction takes the locks of all partitions that it
 * needs, in their order, and so its marks become known at one moment.
 *
 * When a partition is full, marks that are kept give way.  Whoever has a
 * snapshot from before one of these fails, because nobody can tell any more
 * whether it would have met a conflict.
 *
 * When that is not enough, the transaction commits alone: it publishes no marks,
 * and until it has ended nobody else can publish any.  The marks that it would
 * keep have then given way already.
 */
#include "postgres.h"

#include "access/transam.h"
#include "access/xact.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "port/pg_bitutils.h"
#include "storage/ipc.h"
#include "storage/lwlock.h"
#include "storage/procarray.h"
#include "storage/shmem.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "base/settings.h"
#include "occ/committer.h"
#include "occ/row_marks.h"

#define NUM_PARTITIONS	16
#define ALL_PARTITIONS	(((uint32) 1 << NUM_PARTITIONS) - 1)

typedef enum MarkState
{
	MARK_FREE,
	MARK_COMMITTING,			/* its transaction has not ended */
	MARK_KEPT					/* its transaction committed */
}			MarkState;

/* All fields are guarded by the lock of the partition. */
typedef struct SharedMark
{
	uint64		hash;			/* of database, table and row */
	Oid			database;
	Oid			relid;
	FullTransactionId fxid;		/* a kept one may grow old */
	uint8		state;			/* MarkState */
	uint8		mode;			/* LockTupleMode */
	bool		of_version;
	bool		moved;
	ItemPointerData moved_to;
	int			covered_by;		/* the mark that may take its place, or -1 */
	int			next;			/* in its chain or the free list, or -1 */
} SharedMark;

typedef struct Partition
{
	int			free;			/* the free list's first, or -1 */
	int			nfree;
	TransactionId swept;		/* nothing before it is kept any more */
	FullTransactionId evicted;	/* the newest mark that had to give way */
} Partition;

typedef struct ConflictShared
{
	int			nmarks;			/* for each partition */
	int			nchains;		/* for each partition, a power of two */

	/*
	 * The transaction that commits alone, if any.  It takes the locks of all
	 * partitions to set it, and any one will do to read it.
	 */
	FullTransactionId alone;
	Partition	partitions[NUM_PARTITIONS];
} ConflictShared;

static ConflictShared *shared = NULL;
static int *chains = NULL;		/* nchains for each partition */
static SharedMark *shared_marks = NULL; /* nmarks for each partition */
static LWLockPadded *locks = NULL;

typedef struct Published
{
	DsqlMark   *marks;
	int			nmarks;
	uint32		partitions;		/* a bit for each */
	bool		alone;			/* there are no marks */
} Published;

typedef enum PublishResult
{
	PUBLISH_DONE,
	PUBLISH_CONFLICT,
	PUBLISH_NO_ROOM
} PublishResult;

static Published *published = NULL;
static int	npublished = 0;
static int	max_published = 0;

DsqlMarkMet dsql_row_marks_met;

static int
marks_per_partition(void)
{
	return Max(dsql_settings_max_row_marks / NUM_PARTITIONS, 1);
}

static int
chains_per_partition(void)
{
	return pg_nextpower2_32(marks_per_partition());
}

void
dsql_row_marks_shmem_request(void)
{
	RequestAddinShmemSpace(sizeof(ConflictShared));
	RequestAddinShmemSpace(mul_size(NUM_PARTITIONS * sizeof(int),
									chains_per_partition()));
	RequestAddinShmemSpace(mul_size(NUM_PARTITIONS * sizeof(SharedMark),
									marks_per_partition()));
	RequestNamedLWLockTranche("dsql_emu row marks", NUM_PARTITIONS);
}

static void
init_partition(int number)
{
	Partition  *partition = &shared->partitions[number];
	int			first = number * shared->nmarks;

	memset(partition, 0, sizeof(Partition));
	partition->free = first;
	partition->nfree = shared->nmarks;
	for (int i = 0; i < shared->nmarks; i++)
	{
		shared_marks[first + i].state = MARK_FREE;
		shared_marks[first + i].next = i + 1 < shared->nmarks ? first + i + 1 : -1;
	}
	for (int i = 0; i < shared->nchains; i++)
		chains[number * shared->nchains + i] = -1;
}

void
dsql_row_marks_shmem_init(void)
{
	bool		found;

	shared = ShmemInitStruct("dsql_emu conflicts", sizeof(ConflictShared),
							 &found);
	chains = ShmemInitStruct("dsql_emu conflict chains",
							 mul_size(NUM_PARTITIONS * sizeof(int),
									  chains_per_partition()), &found);
	shared_marks = ShmemInitStruct("dsql_emu conflict marks",
								   mul_size(NUM_PARTITIONS * sizeof(SharedMark),
											marks_per_partition()), &found);
	locks = GetNamedLWLockTranche("dsql_emu row marks");
	if (found)
		return;

	memset(shared, 0, sizeof(ConflictShared));
	shared->nmarks = marks_per_partition();
	shared->nchains = chains_per_partition();
	for (int i = 0; i < NUM_PARTITIONS; i++)
		init_partition(i);
}

/* ------------------------------------------------------------------------
 * Marks
 * ------------------------------------------------------------------------
 */

/*
 * Does the partition run out of places?
 */
static inline bool
is_scarce(int number)
{
	return shared->partitions[number].nfree < shared->nmarks / 4;
}

#ifdef USE_ASSERT_CHECKING
static bool
is_locked(int number)
{
	return LWLockHeldByMeInMode(&locks[number].lock, LW_EXCLUSIVE);
}
#endif

static uint64
hash_row(Oid relid, uint64 key)
{
	return hash_combine64(hash_combine64(MyDatabaseId, relid), key);
}

static inline int
partition_of(uint64 hash)
{
	return hash % NUM_PARTITIONS;
}

static inline int *
chain_of(uint64 hash)
{
	return &chains[partition_of(hash) * shared->nchains +
				   (hash / NUM_PARTITIONS) % shared->nchains];
}

/*
 * The 64 bits of a transaction id that is not too far from "near".
 */
static FullTransactionId
full_xid(FullTransactionId near, TransactionId xid)
{
	int32		distance = (int32) (xid - XidFromFullTransactionId(near));

	return FullTransactionIdFromU64(U64FromFullTransactionId(near) + distance);
}

/*
 * Is the top-level transaction one that the snapshot, which is not old, does
 * not see?  Unlike XidInMVCCSnapshot(), this never needs to read anything.
 */
static bool
is_unseen(FullTransactionId fxid, Snapshot snapshot, FullTransactionId near)
{
	TransactionId xid = XidFromFullTransactionId(fxid);

	if (FullTransactionIdPrecedes(fxid, full_xid(near, snapshot->xmin)))
		return false;
	if (TransactionIdFollowsOrEquals(xid, snapshot->xmax))
		return true;
	for (uint32 i = 0; i < snapshot->xcnt; i++)
		if (TransactionIdEquals(xid, snapshot->xip[i]))
			return true;
	return false;
}

/*
 * As PostgreSQL's row locks conflict; the service has the same matrix.
 */
bool
dsql_row_marks_modes_conflict(LockTupleMode a, LockTupleMode b)
{
	LockTupleMode stronger = Max(a, b);
	LockTupleMode weaker = Min(a, b);

	switch (stronger)
	{
		case LockTupleKeyShare:
			return false;
		case LockTupleShare:
			return false;
		case LockTupleNoKeyExclusive:
			return weaker != LockTupleKeyShare;
		case LockTupleExclusive:
			return true;
	}
	return true;
}

static bool
is_same_row(SharedMark *mark, uint64 hash, Oid relid)
{
	return mark->hash == hash && mark->relid == relid &&
		mark->database == MyDatabaseId;
}

/*
 * A lock of the key has to be known for each version that the row has when the
 * lock's transaction commits (commit.c); while one is being added, it is not
 * clear which these are.
 */
static bool
may_miss_version(SharedMark *other, DsqlMark *mark)
{
	return mark->of_version && other->state == MARK_COMMITTING &&
		other->mode != mark->mode;
}

/*
 * *winner is the other transaction, if it has not ended.
 */
static bool
meets_conflict(DsqlMark *mark, FullTransactionId fxid, TransactionId *winner)
{
	for (int i = *chain_of(mark->hash); i >= 0; i = shared_marks[i].next)
	{
		SharedMark *other = &shared_marks[i];

		if (is_same_row(other, mark->hash, mark->relid) &&
			!FullTransactionIdEquals(other->fxid, fxid) &&
			(dsql_row_marks_modes_conflict(other->mode, mark->mode) ||
			 may_miss_version(other, mark)) &&
			is_unseen(other->fxid, mark->snapshot, fxid))
		{
			dsql_row_marks_met.winner = XidFromFullTransactionId(other->fxid);
			if (other->state == MARK_COMMITTING)
				*winner = dsql_row_marks_met.winner;
			return true;
		}
	}
	return false;
}

static void
unlink_mark(int place)
{
	SharedMark *mark = &shared_marks[place];
	Partition  *partition = &shared->partitions[partition_of(mark->hash)];
	int		   *link = chain_of(mark->hash);

	Assert(mark->state != MARK_FREE);
	Assert(is_locked(partition_of(mark->hash)));
	Assert(partition->nfree < shared->nmarks);

	while (*link != place)
		link = &shared_marks[*link].next;
	*link = mark->next;

	mark->state = MARK_FREE;
	mark->next = partition->free;
	partition->free = place;
	partition->nfree++;
}

/*
 * Take away kept marks: those that every snapshot sees, or all.
 */
static void
sweep(int number, TransactionId horizon, FullTransactionId near, bool all)
{
	Partition  *partition = &shared->partitions[number];
	FullTransactionId limit = full_xid(near, horizon);

	Assert(is_locked(number));
	for (int i = number * shared->nmarks; i < (number + 1) * shared->nmarks; i++)
	{
		SharedMark *mark = &shared_marks[i];

		if (mark->state != MARK_KEPT)
			continue;
		if (all &&
			!FullTransactionIdFollowsOrEquals(partition->evicted, mark->fxid))
			partition->evicted = mark->fxid;
		if (all || FullTransactionIdPrecedes(mark->fxid, limit))
			unlink_mark(i);
	}
	if (!all)
		partition->swept = horizon;
}

/*
 * This mark is going to be kept.  Whoever does not see the transaction of one
 * that is kept already, for the same row, will not see this one's either, which
 * ends later: if it commits, the other is not needed any more.  So a row that
 * many lock has few marks.
 */
static void
cover_marks(DsqlMark *mark)
{
	for (int i = *chain_of(mark->hash); i >= 0; i = shared_marks[i].next)
	{
		SharedMark *other = &shared_marks[i];

		if (other->state == MARK_KEPT && !other->moved &&
			other->covered_by < 0 && other->mode <= mark->mode &&
			is_same_row(other, mark->hash, mark->relid))
		{
			other->covered_by = mark->place;
			mark->covers = true;
		}
	}
}

/*
 * The mark is kept now, and the others go; or it is not, and they stay.
 */
static void
end_cover(DsqlMark *mark, bool kept)
{
	int			i = *chain_of(mark->hash);

	while (i >= 0)
	{
		SharedMark *other = &shared_marks[i];
		int			next = other->next;

		if (other->covered_by == mark->place)
		{
			if (kept)
				unlink_mark(i);
			else
				other->covered_by = -1;
		}
		i = next;
	}
}

static void
link_mark(DsqlMark *mark, FullTransactionId fxid)
{
	Partition  *partition = &shared->partitions[partition_of(mark->hash)];
	SharedMark *entry;
	int		   *chain = chain_of(mark->hash);

	Assert(is_locked(partition_of(mark->hash)));
	Assert(partition->nfree > 0 && partition->free >= 0);
	mark->place = partition->free;
	entry = &shared_marks[mark->place];
	Assert(entry->state == MARK_FREE);
	partition->free = entry->next;
	partition->nfree--;

	entry->hash = mark->hash;
	entry->database = MyDatabaseId;
	entry->relid = mark->relid;
	entry->fxid = fxid;
	entry->state = MARK_COMMITTING;
	entry->mode = mark->mode;
	entry->of_version = mark->of_version;
	entry->moved = mark->moved;
	entry->moved_to = mark->moved_to;
	entry->covered_by = -1;
	if (mark->keep && !mark->moved)
		cover_marks(mark);
	entry->next = *chain;
	*chain = mark->place;
}

/*
 * Take the lowest number from a set of partitions.
 */
static inline int
next_partition(uint32 *partitions)
{
	int			number = pg_rightmost_one_pos32(*partitions);

	*partitions &= *partitions - 1;
	return number;
}

static void
lock_partitions(uint32 partitions)
{
	while (partitions != 0)
		LWLockAcquire(&locks[next_partition(&partitions)].lock, LW_EXCLUSIVE);
}

static void
unlock_partitions(uint32 partitions)
{
	while (partitions != 0)
		LWLockRelease(&locks[next_partition(&partitions)].lock);
}

/*
 * Make room for so many marks more, with the partition's lock.
 */
static bool
make_room(int number, int count, FullTransactionId near, TransactionId horizon)
{
	Partition  *partition = &shared->partitions[number];

	if (is_scarce(number) && TransactionIdIsValid(horizon) &&
		!TransactionIdEquals(partition->swept, horizon))
		sweep(number, horizon, near, false);
	if (partition->nfree < count)
		sweep(number, InvalidTransactionId, near, true);
	return partition->nfree >= count;
}

/*
 * May there have been a mark that gave way, of a transaction that the snapshot
 * does not see?  Not of one that is still there: it keeps none before it goes.
 */
static bool
may_miss_mark(Partition *partition, Snapshot snapshot, FullTransactionId near)
{
	FullTransactionId evicted = partition->evicted;

	if (!FullTransactionIdIsValid(evicted) ||
		FullTransactionIdPrecedes(evicted, full_xid(near, snapshot->xmin)))
		return false;
	if (!FullTransactionIdPrecedes(evicted, full_xid(near, snapshot->xmax)))
		return true;
	for (uint32 i = 0; i < snapshot->xcnt; i++)
		if (!FullTransactionIdPrecedes(evicted, full_xid(near, snapshot->xip[i])) &&
			!dsql_committer_is_there(snapshot->xip[i]))
			return true;
	return false;
}

/*
 * With the locks of its partitions: does any mark meet a conflict?  *winner is
 * a transaction that may be worth waiting for.
 */
static bool
meet_conflict(DsqlMark *marks, int nmarks, FullTransactionId fxid,
			  TransactionId *winner)
{
	*winner = dsql_row_marks_met.winner = InvalidTransactionId;
	dsql_row_marks_met.mark = -1;
	if (FullTransactionIdIsValid(shared->alone) &&
		!FullTransactionIdEquals(shared->alone, fxid))
	{
		*winner = XidFromFullTransactionId(shared->alone);
		dsql_row_marks_met.winner = *winner;
		return true;
	}
	for (int i = 0; i < nmarks; i++)
	{
		Partition  *partition = &shared->partitions[partition_of(marks[i].hash)];

		dsql_row_marks_met.mark = i;
		if (may_miss_mark(partition, marks[i].snapshot, fxid) ||
			meets_conflict(&marks[i], fxid, winner))
			return true;
	}
	return false;
}

static bool
link_marks(DsqlMark *marks, int nmarks, uint32 partitions,
		   FullTransactionId fxid, TransactionId horizon)
{
	int			counts[NUM_PARTITIONS] = {0};

	for (int i = 0; i < nmarks; i++)
		counts[partition_of(marks[i].hash)]++;
	while (partitions != 0)
	{
		int			number = next_partition(&partitions);

		if (!make_room(number, counts[number], fxid, horizon))
			return false;
	}
	for (int i = 0; i < nmarks; i++)
		link_mark(&marks[i], fxid);
	return true;
}

static PublishResult
try_publish(Published *set, TransactionId *winner)
{
	FullTransactionId fxid = GetTopFullTransactionId();
	TransactionId horizon = InvalidTransactionId;
	uint32		partitions = set->partitions;
	PublishResult result = PUBLISH_DONE;

	/* A look without a lock will do to see that space gets scarce. */
	while (partitions != 0 && !TransactionIdIsValid(horizon))
		if (is_scarce(next_partition(&partitions)))
			horizon = GetOldestNonRemovableTransactionId(NULL);

	lock_partitions(set->partitions);
	if (meet_conflict(set->marks, set->nmarks, fxid, winner))
		result = PUBLISH_CONFLICT;
	else if (set->alone)
	{
		Assert(set->partitions == ALL_PARTITIONS);
		shared->alone = fxid;
	}
	else if (!link_marks(set->marks, set->nmarks, set->partitions, fxid,
						 horizon))
		result = PUBLISH_NO_ROOM;
	unlock_partitions(set->partitions);
	return result;
}

/*
 * Can the transaction try again?  Another one has done before what conflicts
 * with a mark, but may roll back; or it commits alone.
 */
static bool
is_over(TransactionId winner)
{
	if (!TransactionIdIsValid(winner))
		return false;
	if (npublished == 0)
		return dsql_committer_wait_for_end(winner);

	/* Others may wait for this one. */
	dsql_committer_lose_to(winner);
	return false;
}

static void
refuse_for_lack_of_room(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_OUT_OF_MEMORY),
			 errmsg("out of shared memory for row marks"),
			 errdetail("The transaction has changed or locked too many rows for a definition to follow in it."),
			 errhint("You might need to increase %s.",
					 "dsql_emu.max_row_marks")));
}

static void
enlarge_published(void)
{
	int			larger = max_published == 0 ? 4 : max_published * 2;

	if (npublished < max_published)
		return;
	published = published == NULL ?
		MemoryContextAlloc(TopMemoryContext, larger * sizeof(Published)) :
		repalloc(published, larger * sizeof(Published));
	max_published = larger;
}

bool
dsql_row_marks_publish(DsqlMark *marks, int nmarks)
{
	Published	set = {.marks = marks,.nmarks = nmarks};
	TransactionId winner;
	PublishResult result;

	Assert(IsTransactionState());
	enlarge_published();
	for (int i = 0; i < nmarks; i++)
	{
		Assert(marks[i].snapshot != InvalidSnapshot);
		marks[i].hash = hash_row(marks[i].relid, marks[i].key);
		set.partitions |= (uint32) 1 << partition_of(marks[i].hash);
	}

	while ((result = try_publish(&set, &winner)) != PUBLISH_DONE)
	{
		if (result == PUBLISH_NO_ROOM)
		{
			/* Others cannot be kept from committing for as long as it likes. */
			if (!dsql_committer_ending())
				refuse_for_lack_of_room();
			set.alone = true;
			set.partitions = ALL_PARTITIONS;
		}
		else if (!is_over(winner))
			return false;
	}
	published[npublished++] = set;
	return true;
}

bool
dsql_row_marks_moved(Oid relid, uint64 key, TransactionId xid,
					 ItemPointer moved_to)
{
	uint64		hash = hash_row(relid, key);
	LWLock	   *lock = &locks[partition_of(hash)].lock;
	FullTransactionId fxid = full_xid(GetTopFullTransactionId(), xid);
	bool		result = false;

	LWLockAcquire(lock, LW_SHARED);
	for (int i = *chain_of(hash); i >= 0 && !result; i = shared_marks[i].next)
	{
		SharedMark *mark = &shared_marks[i];

		if (is_same_row(mark, hash, relid) && mark->moved &&
			FullTransactionIdEquals(mark->fxid, fxid))
		{
			*moved_to = mark->moved_to;
			result = true;
		}
	}
	LWLockRelease(lock);
	return result;
}

static bool
is_any_kept(Published *set)
{
	for (int i = 0; i < set->nmarks; i++)
		if (set->marks[i].keep)
			return true;
	return false;
}

/*
 * The transaction that committed alone has ended.
 */
static void
withdraw_alone(Published *set, bool committed)
{
	FullTransactionId fxid = GetTopFullTransactionIdIfAny();

	/* It may have been alone with more than one set. */
	Assert(FullTransactionIdEquals(shared->alone, fxid) ||
		   !FullTransactionIdIsValid(shared->alone));
	for (int i = 0; i < NUM_PARTITIONS && committed && is_any_kept(set); i++)
	{
		Partition  *partition = &shared->partitions[i];

		if (!FullTransactionIdFollowsOrEquals(partition->evicted, fxid))
			partition->evicted = fxid;
	}
	shared->alone = InvalidFullTransactionId;
}

static void
withdraw_marks(Published *set, bool committed)
{
	for (int i = 0; i < set->nmarks; i++)
	{
		DsqlMark   *mark = &set->marks[i];

		Assert(shared_marks[mark->place].state == MARK_COMMITTING);
		if (mark->covers)
			end_cover(mark, committed);
		if (committed && mark->keep)
			shared_marks[mark->place].state = MARK_KEPT;
		else
			unlink_mark(mark->place);
	}
}

void
dsql_row_marks_end(bool committed)
{
	/*
	 * It leaves first, see may_miss_mark(); the locks are the barrier between
	 * the two.
	 */
	dsql_committer_leave();
	while (npublished > 0)
	{
		Published  *set = &published[--npublished];

		lock_partitions(set->partitions);
		if (set->alone)
			withdraw_alone(set, committed);
		else
			withdraw_marks(set, committed);
		unlock_partitions(set->partitions);
	}
	dsql_committer_end();
}
