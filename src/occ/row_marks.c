/*
 * row_marks.c
 *		Who wins where transactions meet.
 *
 * The first to commit wins.  What a committed transaction wrote, the heap
 * remembers, and a later committer finds it there.  Shared memory has the
 * rest:
 *
 * 1. Marks of rows, made known by a transaction that commits.  They are there
 *	  while it is committing, so that two cannot pass each other, and marks of
 *	  rows that were only locked stay until nobody has a snapshot from before.
 *	  A mark conflicts with another one if their lock modes do, and its
 *	  transaction is not in the other's snapshot.
 * 2. For each backend, whether its transaction may still lose.  A transaction
 *	  that inserted a key is doomed by another one that inserted the same key
 *	  and commits first.
 *
 *		   begin			   decide
 *		IDLE ----> ACTIVE ----------------> COMMITTING ----> IDLE
 *					 | doomed by a rival		 end
 *					 +----> DOOMED ----> IDLE
 *								   end
 *
 * Marks are in partitions, by row; each has its share of the table, its own
 * free list and lock.  A transaction takes the locks of all partitions that it
 * needs, in their order, and so its marks become known at one moment.
 *
 * When a partition is full, marks that are kept give way.  Whoever has a
 * snapshot from before one of these fails, because nobody can tell any more
 * whether it would have met a conflict.
 */
#include "postgres.h"

#include "access/transam.h"
#include "access/xact.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "port/atomics.h"
#include "port/pg_bitutils.h"
#include "storage/ipc.h"
#include "storage/lwlock.h"
#include "storage/procarray.h"
#include "storage/shmem.h"
#include "utils/snapmgr.h"

#include "base/compat.h"
#include "base/settings.h"
#include "occ/row_marks.h"

#define NUM_PARTITIONS	16
#define LWLOCK_REGISTRY NUM_PARTITIONS
#define LWLOCK_COUNT	(NUM_PARTITIONS + 1)

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

typedef enum CommitterState
{
	COMMITTER_ACTIVE,
	COMMITTER_DOOMED,
	COMMITTER_COMMITTING
} CommitterState;

/*
 * A backend's transaction and its CommitterState, in one word so that whoever
 * changes the state changes that of the transaction which he means.  Zero when
 * there is none.
 */
typedef struct Committer
{
	pg_atomic_uint64 word pg_attribute_aligned(PG_CACHE_LINE_SIZE);
} Committer;

typedef struct ConflictShared
{
	int			nmarks;			/* for each partition */
	int			nchains;		/* for each partition, a power of two */
	Partition	partitions[NUM_PARTITIONS];
	int			ncommitters;
	Committer	committers[FLEXIBLE_ARRAY_MEMBER];
} ConflictShared;

static ConflictShared *shared = NULL;
static int *chains = NULL;		/* nchains for each partition */
static SharedMark *shared_marks = NULL; /* nmarks for each partition */
static LWLockPadded *locks = NULL;

/* The current transaction's. */
static Committer *my_entry = NULL;	/* NULL until it begins */
static TransactionId my_xid = InvalidTransactionId;
bool		dsql_row_marks_has_begun = false;

typedef struct Published
{
	DsqlMark   *marks;
	int			nmarks;
	uint32		partitions;		/* a bit for each */
} Published;

static Published *published = NULL;
static int	npublished = 0;
static int	max_published = 0;

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

static Size
registry_size(void)
{
	return add_size(offsetof(ConflictShared, committers),
					mul_size(MaxBackends, sizeof(Committer)));
}

void
dsql_row_marks_shmem_request(void)
{
	RequestAddinShmemSpace(registry_size());
	RequestAddinShmemSpace(mul_size(NUM_PARTITIONS * sizeof(int),
									chains_per_partition()));
	RequestAddinShmemSpace(mul_size(NUM_PARTITIONS * sizeof(SharedMark),
									marks_per_partition()));
	RequestNamedLWLockTranche("dsql_emu row marks", LWLOCK_COUNT);
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

	shared = ShmemInitStruct("dsql_emu conflicts", registry_size(), &found);
	chains = ShmemInitStruct("dsql_emu conflict chains",
							 mul_size(NUM_PARTITIONS * sizeof(int),
									  chains_per_partition()), &found);
	shared_marks = ShmemInitStruct("dsql_emu conflict marks",
								   mul_size(NUM_PARTITIONS * sizeof(SharedMark),
											marks_per_partition()), &found);
	locks = GetNamedLWLockTranche("dsql_emu row marks");
	if (found)
		return;

	memset(shared, 0, registry_size());
	for (int i = 0; i < MaxBackends; i++)
		pg_atomic_init_u64(&shared->committers[i].word, 0);
	shared->nmarks = marks_per_partition();
	shared->nchains = chains_per_partition();
	shared->ncommitters = MaxBackends;
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
static bool
modes_conflict(LockTupleMode a, LockTupleMode b)
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

static bool
meets_conflict(DsqlMark *mark, FullTransactionId fxid)
{
	for (int i = *chain_of(mark->hash); i >= 0; i = shared_marks[i].next)
	{
		SharedMark *other = &shared_marks[i];

		if (is_same_row(other, mark->hash, mark->relid) &&
			!FullTransactionIdEquals(other->fxid, fxid) &&
			(modes_conflict(other->mode, mark->mode) ||
			 may_miss_version(other, mark)) &&
			is_unseen(other->fxid, mark->snapshot, fxid))
			return true;
	}
	return false;
}

static void
unlink_mark(int place)
{
	SharedMark *mark = &shared_marks[place];
	Partition  *partition = &shared->partitions[partition_of(mark->hash)];
	int		   *link = chain_of(mark->hash);

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

	mark->place = partition->free;
	entry = &shared_marks[mark->place];
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

static inline uint64
committer_word(TransactionId xid, CommitterState state)
{
	return (uint64) xid << 32 | state;
}

static Committer *
find_committer(TransactionId xid)
{
	for (int i = 0; i < shared->ncommitters; i++)
		if (pg_atomic_read_u64(&shared->committers[i].word) >> 32 == xid)
			return &shared->committers[i];
	return NULL;
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
			find_committer(snapshot->xip[i]) == NULL)
			return true;
	return false;
}

/*
 * With the locks of its partitions: can all marks be there?  If not, which one
 * cannot; any one, where there is no room.
 */
static DsqlMark *
try_publish(DsqlMark *marks, int nmarks, uint32 partitions, const int *counts,
			FullTransactionId fxid, TransactionId horizon)
{
	for (int i = 0; i < nmarks; i++)
	{
		Partition  *partition = &shared->partitions[partition_of(marks[i].hash)];

		if (may_miss_mark(partition, marks[i].snapshot, fxid) ||
			meets_conflict(&marks[i], fxid))
			return &marks[i];
	}

	while (partitions != 0)
	{
		int			number = next_partition(&partitions);

		if (!make_room(number, counts[number], fxid, horizon))
			return &marks[0];
	}

	for (int i = 0; i < nmarks; i++)
		link_mark(&marks[i], fxid);
	return NULL;
}

DsqlMark *
dsql_row_marks_publish(DsqlMark *marks, int nmarks)
{
	TransactionId horizon = InvalidTransactionId;
	int			counts[NUM_PARTITIONS] = {0};
	uint32		partitions = 0;
	FullTransactionId fxid = GetTopFullTransactionId();
	DsqlMark   *result;

	if (npublished == max_published)
	{
		int			larger = max_published == 0 ? 4 : max_published * 2;

		published = published == NULL ?
			MemoryContextAlloc(TopMemoryContext, larger * sizeof(Published)) :
			repalloc(published, larger * sizeof(Published));
		max_published = larger;
	}

	for (int i = 0; i < nmarks; i++)
	{
		int			number;

		marks[i].hash = hash_row(marks[i].relid, marks[i].key);
		number = partition_of(marks[i].hash);
		counts[number]++;
		partitions |= (uint32) 1 << number;

		/* A look without a lock will do to see that space gets scarce. */
		if (is_scarce(number) && !TransactionIdIsValid(horizon))
			horizon = GetOldestNonRemovableTransactionId(NULL);
	}

	lock_partitions(partitions);
	result = try_publish(marks, nmarks, partitions, counts, fxid, horizon);
	unlock_partitions(partitions);

	if (result == NULL)
	{
		published[npublished].marks = marks;
		published[npublished].nmarks = nmarks;
		published[npublished++].partitions = partitions;
	}
	return result;
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

static void
withdraw(Published *set, bool committed)
{
	lock_partitions(set->partitions);
	for (int i = 0; i < set->nmarks; i++)
	{
		DsqlMark   *mark = &set->marks[i];

		if (mark->covers)
			end_cover(mark, committed);
		if (committed && mark->keep)
			shared_marks[mark->place].state = MARK_KEPT;
		else
			unlink_mark(mark->place);
	}
	unlock_partitions(set->partitions);
}

/* ------------------------------------------------------------------------
 * Backends
 * ------------------------------------------------------------------------
 */

void
dsql_row_marks_begin(void)
{
	if (likely(my_entry != NULL))
		return;

	my_xid = GetTopTransactionId();
	my_entry = &shared->committers[dsql_my_process_number()];
	pg_atomic_write_u64(&my_entry->word,
						committer_word(my_xid, COMMITTER_ACTIVE));
	dsql_row_marks_has_begun = true;
}

/*
 * With the registry's lock, which all take who doom: doom the rivals and begin
 * to commit, or do neither.  *ended is a rival that is not there any more.
 */
static bool
doom_rivals(TransactionId *rivals, int nrivals, Committer **doomed,
			TransactionId *ended)
{
	bool		result;
	int			n = 0;

	result = pg_atomic_read_u64(&my_entry->word) ==
		committer_word(my_xid, COMMITTER_ACTIVE);
	for (; n < nrivals && result; n++)
	{
		Committer  *entry;
		uint64		word;

		doomed[n] = NULL;
		if (!TransactionIdIsValid(rivals[n]))
			continue;
		entry = find_committer(rivals[n]);
		if (entry != NULL && move_committer(entry, rivals[n], COMMITTER_ACTIVE,
											COMMITTER_DOOMED))
		{
			doomed[n] = entry;
			continue;
		}

		/* It may have begun to commit, and ended, at any moment. */
		word = entry == NULL ? 0 : pg_atomic_read_u64(&entry->word);
		if (word == committer_word(rivals[n], COMMITTER_DOOMED))
			continue;
		result = false;
		if (word != committer_word(rivals[n], COMMITTER_COMMITTING))
			*ended = rivals[n];
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

static void
forget_rival(TransactionId *rivals, int nrivals, TransactionId rival)
{
	for (int i = 0; i < nrivals; i++)
		if (TransactionIdEquals(rivals[i], rival))
			rivals[i] = InvalidTransactionId;
}

bool
dsql_row_marks_decide(TransactionId *rivals, int nrivals)
{
	LWLock	   *lock = &locks[LWLOCK_REGISTRY].lock;
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
		TransactionId ended = InvalidTransactionId;
		bool		result;

		LWLockAcquire(lock, LW_EXCLUSIVE);
		result = doom_rivals(rivals, nrivals, doomed, &ended);
		LWLockRelease(lock);

		/* Not under the lock: this may have to read the commit log. */
		if (!TransactionIdIsValid(ended) || TransactionIdDidCommit(ended))
			return result;
		forget_rival(rivals, nrivals, ended);
	}
}

void
dsql_row_marks_end(bool committed)
{
	/*
	 * This comes first, see may_miss_mark(); the locks that withdraw() takes
	 * are the barrier between the two.
	 */
	if (my_entry != NULL)
	{
		pg_atomic_write_u64(&my_entry->word, 0);
		my_entry = NULL;
		dsql_row_marks_has_begun = false;
	}
	while (npublished > 0)
		withdraw(&published[--npublished], committed);
}
