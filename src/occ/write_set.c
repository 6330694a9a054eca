/*
 * write_set.c
 *		What this transaction does to rows that it has not made itself.
 *
 * A heap tuple can carry one updater in progress.  Here any number of
 * transactions may update a row, each in its own snapshot, and COMMIT decides.
 * So the heap learns of an update or delete only then.  Until then this file
 * knows of it, and the table access method asks here about each tuple that it
 * reads.
 *
 * A new version is a draft in memory as long as no indexed column changes:
 * whoever finds the old version, finds the draft.  Otherwise the new version is
 * inserted as a tuple with index entries of its own, so that index scans find
 * it, and only the old one's end is noted.  Rows that the transaction itself
 * inserted are not here at all: nobody else can see them, and the heap does
 * everything right.
 *
 * Changes are a log, in the order of their subtransactions; undoing one means
 * to take changes off its end.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/resowner.h"
#include "utils/snapmgr.h"

#include "occ/both_lose.h"
#include "occ/row_identity.h"
#include "occ/silent_tuple.h"
#include "occ/write_set.h"

/*
 * Identifiers of drafts: blocks that a table would have at about 32 TB.
 */
#define DRAFTS_PER_BLOCK	1024
#define FIRST_DRAFT_BLOCK	(MaxBlockNumber - (BlockNumber) 0x1FFFFF)

/* What drafts may take, before new versions become tuples at once. */
#define MAX_DRAFT_BYTES		(64 * 1024 * 1024)

/* Arrays and tables larger than this are not kept for the next transaction. */
#define MAX_KEPT_ROWS		256

typedef struct RowKey
{
	Oid			relid;
	ItemPointerData tid;
} RowKey;

typedef struct RowEntry
{
	RowKey		key;
	int			row;
	char		status;
} RowEntry;

static inline uint32
hash_row_key(RowKey key)
{
	return murmurhash32(key.relid) ^
		murmurhash32(ItemPointerGetBlockNumberNoCheck(&key.tid) * 291 +
					 ItemPointerGetOffsetNumberNoCheck(&key.tid));
}

#define SH_PREFIX rowtable
#define SH_ELEMENT_TYPE RowEntry
#define SH_KEY_TYPE RowKey
#define SH_KEY key
#define SH_HASH_KEY(tb, k) hash_row_key(k)
#define SH_EQUAL(tb, a, b) \
	((a).relid == (b).relid && ItemPointerEquals(&(a).tid, &(b).tid))
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

int			dsql_write_set_nrows = 0;
DsqlRow    *dsql_write_set_rows = NULL;
int			dsql_write_set_nrivals = 0;
DsqlRival  *dsql_write_set_rivals = NULL;

static int	max_rows = 0;
static rowtable_hash *row_table = NULL;
static DsqlChange *changes = NULL;
static int	nchanges = 0;
static int	max_changes = 0;
static int	max_rivals = 0;

/* Did the heap get anything before the transaction ends? */
static bool any_applied = false;

static MemoryContext draft_context = NULL;
static Size draft_bytes = 0;

/* Statement snapshots that rows were found with, below REPEATABLE READ. */
static Snapshot *snapshots = NULL;
static int	nsnapshots = 0;
static int	max_snapshots = 0;

/*
 * Make room for one more element of an array.
 */
static void *
enlarge(void *array, int *max, int used, Size size)
{
	int			larger = *max == 0 ? 64 : *max * 2;

	if (used < *max)
		return array;
	if (array == NULL)
		array = MemoryContextAllocHuge(TopMemoryContext, larger * size);
	else
		array = repalloc_huge(array, larger * size);
	*max = larger;
	return array;
}

static void
draft_tid(int change, ItemPointer tid)
{
	ItemPointerSet(tid, FIRST_DRAFT_BLOCK + change / DRAFTS_PER_BLOCK,
				   change % DRAFTS_PER_BLOCK + 1);
}

DsqlChange *
dsql_write_set_of_draft(Oid relid, ItemPointer tid)
{
	BlockNumber block = ItemPointerGetBlockNumberNoCheck(tid);
	int			change;

	if (likely(block < FIRST_DRAFT_BLOCK) || block == InvalidBlockNumber)
		return NULL;
	change = (block - FIRST_DRAFT_BLOCK) * DRAFTS_PER_BLOCK +
		ItemPointerGetOffsetNumberNoCheck(tid) - 1;
	if (change < 0 || change >= nchanges ||
		changes[change].kind != DSQL_CHANGE_DRAFT ||
		dsql_write_set_rows[changes[change].row].relid != relid)
		return NULL;
	return &changes[change];
}

DsqlVersion
dsql_write_set_look_up(Oid relid, ItemPointer tid)
{
	RowKey		key = {relid, *tid};
	DsqlVersion version = {*tid, NULL, NULL, NULL};
	RowEntry   *entry;
	DsqlRow    *row;

	if (dsql_write_set_nrows == 0)
		return version;
	version.draft = dsql_write_set_of_draft(relid, tid);
	if (version.draft != NULL)
	{
		version.row = &dsql_write_set_rows[version.draft->row];
		return version;
	}

	entry = rowtable_lookup(row_table, key);
	if (entry == NULL)
		return version;
	row = &dsql_write_set_rows[entry->row];
	if (ItemPointerEquals(&row->tid, tid))
		version.row = row;
	else if (!row->applied && row->latest >= 0 &&
			 changes[row->latest].kind == DSQL_CHANGE_MOVE)
		version.moved_row = row;
	return version;
}

DsqlChange *
dsql_write_set_before(DsqlRow *row, CommandId cid)
{
	int			i = row->latest;

	while (i >= 0 && changes[i].cid >= cid)
		i = changes[i].previous;
	return i >= 0 ? &changes[i] : NULL;
}

/*
 * Which commands of this transaction's a snapshot sees: those before this one.
 */
static CommandId
commands_seen(Snapshot snapshot)
{
	switch (snapshot->snapshot_type)
	{
		case SNAPSHOT_MVCC:
			return snapshot->curcid;
		case SNAPSHOT_SELF:
		case SNAPSHOT_DIRTY:
			return InvalidCommandId;
		default:
			return FirstCommandId;
	}
}

/*
 * Is it for the heap to show what became of the row?
 */
static bool
is_in_heap(DsqlRow *row, CommandId cid)
{
	return row->applied && cid > row->applied_cid;
}

void
dsql_write_set_store_draft(DsqlChange *change, TupleTableSlot *slot)
{
	ExecForceStoreHeapTuple(change->draft, slot, false);
	slot->tts_tid = change->draft->t_self;
	slot->tts_tableOid = change->draft->t_tableOid;
}

bool
dsql_write_set_show(Relation rel, Snapshot snapshot, TupleTableSlot *slot)
{
	DsqlRow    *row = dsql_write_set_look_up(RelationGetRelid(rel),
											 &slot->tts_tid).row;
	CommandId	cid = commands_seen(snapshot);
	DsqlChange *change;

	if (row == NULL || is_in_heap(row, cid))
		return true;
	change = dsql_write_set_before(row, cid);
	if (change == NULL)
		return true;
	if (change->kind != DSQL_CHANGE_DRAFT)
	{
		ExecClearTuple(slot);
		return false;
	}
	dsql_write_set_store_draft(change, slot);
	return true;
}

bool
dsql_write_set_hides(Oid relid, ItemPointer tid, Snapshot snapshot)
{
	CommandId	cid = commands_seen(snapshot);
	DsqlVersion version = dsql_write_set_look_up(relid, tid);

	if (version.draft != NULL)
		return dsql_write_set_before(version.row, cid) != version.draft;
	return version.row != NULL && !is_in_heap(version.row, cid) &&
		dsql_write_set_before(version.row, cid) != NULL;
}

bool
dsql_write_set_follow(Oid relid, ItemPointer tid, Snapshot snapshot)
{
	CommandId	cid = commands_seen(snapshot);
	DsqlRow    *row = dsql_write_set_look_up(relid, tid).row;
	DsqlChange *change;

	if (row == NULL)
		return true;

	*tid = row->tid;
	change = dsql_write_set_before(row, cid);
	if (change == NULL)
		return true;
	if (change->kind == DSQL_CHANGE_MOVE)
		*tid = change->moved_to;
	else if (change->kind == DSQL_CHANGE_DRAFT && !is_in_heap(row, cid))
	{
		*tid = change->draft->t_self;
		return false;
	}
	return true;
}

/*
 * The snapshot that rows are found with now.  Below REPEATABLE READ it is the
 * statement's, and has to live as long as the row is noted: the tuple must not
 * be vacuumed away, and the decision looks at it.
 */
static Snapshot
current_snapshot(void)
{
	Snapshot	active;

	if (IsolationUsesXactSnapshot())
		return GetTransactionSnapshot();

	active = GetActiveSnapshot();
	Assert(IsMVCCSnapshot(active));
	if (nsnapshots > 0)
	{
		Snapshot	last = snapshots[nsnapshots - 1];

		if (last->xmin == active->xmin && last->xmax == active->xmax &&
			last->xcnt == active->xcnt &&
			memcmp(last->xip, active->xip,
				   active->xcnt * sizeof(TransactionId)) == 0)
			return last;
	}
	snapshots = enlarge(snapshots, &max_snapshots, nsnapshots,
						sizeof(Snapshot));
	snapshots[nsnapshots] = RegisterSnapshotOnOwner(active,
													TopTransactionResourceOwner);
	return snapshots[nsnapshots++];
}

void
dsql_write_set_release_snapshots(void)
{
	while (nsnapshots > 0)
		UnregisterSnapshotFromOwner(snapshots[--nsnapshots],
									TopTransactionResourceOwner);
}

void
dsql_write_set_snapshot_now(SnapshotData *now)
{
	if (IsolationUsesXactSnapshot() || !ActiveSnapshotSet())
		*now = *GetTransactionSnapshot();
	else
		*now = *GetActiveSnapshot();
	now->curcid = InvalidCommandId;
}

/*
 * Add a row, to which the version belongs.
 */
static int
add_row(Relation rel, ItemPointer tid, HeapTuple tuple)
{
	RowKey		key = {RelationGetRelid(rel), *tid};
	bool		of_version;
	uint64		rowkey = dsql_row_identity_hash(rel, tuple, &of_version);
	Snapshot	snapshot = current_snapshot();
	RowEntry   *entry;
	bool		found;
	DsqlRow    *row;

	if (row_table == NULL)
		row_table = rowtable_create(TopMemoryContext, 8, NULL);
	dsql_write_set_rows = enlarge(dsql_write_set_rows, &max_rows,
								  dsql_write_set_nrows,
								  sizeof(DsqlRow));
	entry = rowtable_insert(row_table, key, &found);
	/* If it was there, it is of a version that was rolled back. */
	entry->row = dsql_write_set_nrows++;
	row = &dsql_write_set_rows[entry->row];
	memset(row, 0, sizeof(DsqlRow));
	row->relid = key.relid;
	row->tid = key.tid;
	row->latest = -1;
	row->key = rowkey;
	row->of_version = of_version;
	row->snapshot = snapshot;
	return entry->row;
}

/*
 * The row of a version, made if it is not there yet.
 */
static int
get_row(Relation rel, DsqlVersion *version, HeapTuple tuple)
{
	DsqlRow    *row = version->row;

	/* What the heap has got, it shows itself: the row begins anew. */
	if (row == NULL || (version->draft == NULL && row->applied))
		return add_row(rel, &version->tid, tuple);
	return row - dsql_write_set_rows;
}

/*
 * Make of the content of a new version what looks like a tuple that this
 * transaction inserted in this command.
 */
static void
set_system_columns(Relation rel, HeapTuple tuple, CommandId cid)
{
	HeapTupleHeader header = tuple->t_data;

	header->t_infomask &= ~HEAP_XACT_MASK;
	header->t_infomask2 &= ~HEAP2_XACT_MASK;
	header->t_infomask |= HEAP_XMAX_INVALID | HEAP_UPDATED;
	HeapTupleHeaderSetXmin(header, GetCurrentTransactionId());
	HeapTupleHeaderSetCmin(header, cid);
	HeapTupleHeaderSetXmax(header, InvalidTransactionId);
	tuple->t_tableOid = RelationGetRelid(rel);
}

/*
 * An update takes the transaction's own lock along to the new version.
 * Applications tell by it what INSERT ... ON CONFLICT has inserted.
 */
static void
take_lock_along(HeapTuple tuple)
{
	HeapTupleHeader header = tuple->t_data;

	header->t_infomask &= ~HEAP_XMAX_BITS;
	header->t_infomask |= HEAP_XMAX_EXCL_LOCK | HEAP_XMAX_LOCK_ONLY;
	HeapTupleHeaderSetXmax(header, GetCurrentTransactionId());
}

static HeapTuple
copy_draft(HeapTuple content)
{
	MemoryContext old;
	HeapTuple	draft;

	if (draft_context == NULL)
		draft_context = AllocSetContextCreate(TopMemoryContext, "dsql drafts",
											  ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(draft_context);
	draft = heap_copytuple(content);
	MemoryContextSwitchTo(old);
	draft_bytes += HEAPTUPLESIZE + draft->t_len;
	return draft;
}

bool
dsql_write_set_draft_fits(HeapTuple tuple)
{
	return draft_bytes + HEAPTUPLESIZE + tuple->t_len <= MAX_DRAFT_BYTES;
}

/*
 * Remember of which row a tuple is a new version.
 */
static void
remember_moved(Oid relid, int row, ItemPointer moved_to)
{
	RowKey		key = {relid, *moved_to};
	bool		found;

	rowtable_insert(row_table, key, &found)->row = row;
}

/*
 * Add a change to the log.
 */
static DsqlChange *
add_change(DsqlChangeKind kind, int row_number, LockTupleMode mode,
		   CommandId cid)
{
	DsqlRow    *row = &dsql_write_set_rows[row_number];
	DsqlChange *change;

	changes = enlarge(changes, &max_changes, nchanges, sizeof(DsqlChange));
	change = &changes[nchanges];
	change->kind = kind;
	change->row = row_number;
	change->previous = row->latest;
	change->previous_has_mode = row->has_mode;
	change->previous_mode = row->mode;
	change->cid = cid;
	change->subid = GetCurrentSubTransactionId();
	change->draft = NULL;

	if (kind != DSQL_CHANGE_LOCK)
	{
		row->latest = nchanges;
		row->is_locked = false;
	}
	if (!row->has_mode || row->mode < mode)
		row->mode = mode;
	row->has_mode = true;
	nchanges++;
	return change;
}

void
dsql_write_set_note_moved(DsqlRow *row, LockTupleMode mode, CommandId cid,
						  ItemPointer moved_to)
{
	int			row_number = row - dsql_write_set_rows;

	if (moved_to != NULL)
		remember_moved(row->relid, row_number, moved_to);
	if (row->mode < mode)
		add_change(DSQL_CHANGE_LOCK, row_number, mode, cid);
}

void
dsql_write_set_note(Relation rel, DsqlVersion *version, HeapTuple tuple,
					DsqlChangeKind kind, LockTupleMode mode, CommandId cid,
					HeapTuple new_tuple)
{
	int			row_number = get_row(rel, version, tuple);
	DsqlRow    *row = &dsql_write_set_rows[row_number];
	HeapTuple	new_draft = NULL;
	DsqlChange *change;

	/* A lock that adds nothing needs no mention. */
	if (kind == DSQL_CHANGE_LOCK)
	{
		row->is_locked = true;
		if (row->has_mode && row->mode >= mode)
			return;
	}

	Assert((kind == DSQL_CHANGE_DRAFT || kind == DSQL_CHANGE_MOVE) ==
		   (new_tuple != NULL));
	/* All that can fail comes before the log changes. */
	if (kind == DSQL_CHANGE_DRAFT)
		set_system_columns(rel, new_tuple, cid);
	if (new_tuple != NULL && row->is_locked)
		take_lock_along(new_tuple);
	if (kind == DSQL_CHANGE_DRAFT)
		new_draft = copy_draft(new_tuple);
	else if (kind == DSQL_CHANGE_MOVE)
		remember_moved(row->relid, row_number, &new_tuple->t_self);

	change = add_change(kind, row_number, mode, cid);
	dsql_both_lose_note_row(row->relid, row->key, mode);
	if (kind == DSQL_CHANGE_DRAFT)
	{
		change->draft = new_draft;
		draft_tid(change - changes, &new_draft->t_self);
		new_draft->t_data->t_ctid = new_draft->t_self;
		new_tuple->t_self = new_draft->t_self;
	}
	else if (kind == DSQL_CHANGE_MOVE)
	{
		change->moved_to = new_tuple->t_self;
		change->silent = dsql_silent_tuple_needed(rel);
	}
}

void
dsql_write_set_note_rival(Oid relid, ItemPointer tid, TransactionId xid)
{
	DsqlRival  *rival;

	dsql_write_set_rivals = enlarge(dsql_write_set_rivals, &max_rivals,
									dsql_write_set_nrivals, sizeof(DsqlRival));
	rival = &dsql_write_set_rivals[dsql_write_set_nrivals++];
	rival->relid = relid;
	rival->tid = *tid;
	rival->xid = xid;
	rival->subid = GetCurrentSubTransactionId();
	dsql_both_lose_note_key(xid);
}

void
dsql_write_set_note_applied(DsqlRow *row, CommandId cid)
{
	Assert(!row->applied && row->has_mode);
	row->applied = true;
	row->applied_cid = cid;
	row->applied_in = GetCurrentSubTransactionId();
	any_applied = true;
}

/*
 * A subtransaction was rolled back that the heap got changes in: it has lost
 * them again.  What was only locked stays known to others.
 */
static void
undo_applied(SubTransactionId subid)
{
	for (int i = 0; i < dsql_write_set_nrows; i++)
	{
		DsqlRow    *row = &dsql_write_set_rows[i];
		RowKey		key = {row->relid, row->tid};

		if (!row->applied || row->applied_in < subid || row->latest < 0)
			continue;
		row->applied = false;
		rowtable_lookup(row_table, key)->row = i;
	}
}

/*
 * A subtransaction was rolled back: with it goes what it and its own committed
 * children noted, all of it at the end of the log.
 */
void
dsql_write_set_undo(SubTransactionId subid)
{
	while (nchanges > 0 && changes[nchanges - 1].subid >= subid)
	{
		DsqlChange *change = &changes[--nchanges];
		DsqlRow    *row = &dsql_write_set_rows[change->row];

		if (change->kind != DSQL_CHANGE_LOCK)
			row->latest = change->previous;
		row->has_mode = change->previous_has_mode;
		row->mode = change->previous_mode;
	}
	while (dsql_write_set_nrivals > 0 &&
		   dsql_write_set_rivals[dsql_write_set_nrivals - 1].subid >= subid)
		dsql_write_set_nrivals--;
	if (any_applied)
		undo_applied(subid);
}

/*
 * The end of the transaction.
 */
void
dsql_write_set_forget(void)
{
	if (dsql_write_set_nrows > MAX_KEPT_ROWS)
	{
		pfree(dsql_write_set_rows);
		dsql_write_set_rows = NULL;
		max_rows = 0;
	}
	if (dsql_write_set_nrows > 0)
	{
		/* It also has entries of tuples. */
		if (row_table->size > MAX_KEPT_ROWS * 4)
		{
			rowtable_destroy(row_table);
			row_table = NULL;
		}
		else
			rowtable_reset(row_table);
	}
	dsql_write_set_nrows = 0;
	any_applied = false;

	if (nchanges > MAX_KEPT_ROWS)
	{
		pfree(changes);
		changes = NULL;
		max_changes = 0;
	}
	nchanges = 0;
	dsql_write_set_nrivals = 0;

	if (draft_bytes > 0)
		MemoryContextReset(draft_context);
	draft_bytes = 0;
	nsnapshots = 0;
}
