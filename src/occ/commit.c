/*
 * commit.c
 *		How a transaction's changes reach the heap.
 *
 * Just before it commits, a transaction
 *
 * 1. makes known which rows it changes or has locked, and loses if another
 *	  transaction that it does not see did so before (row_marks.c);
 * 2. applies its changes with heap_update() and heap_delete(), and loses if a
 *	  row is not what it was; rows that it only locked must be unchanged;
 * 3. decides about keys that others insert as well, who lose then.
 *
 * What is left is the commit record.  The heap's changes carry the
 * transaction's own id: if it loses, or the server crashes, they are as void as
 * those of any transaction that was rolled back.
 *
 * It waits for another transaction only where one of the two must fail, and that
 * one has come to COMMIT.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/subtrans.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/transam.h"
#include "access/xact.h"
#include "catalog/index.h"
#include "executor/executor.h"
#include "pgstat.h"
#include "storage/bufmgr.h"
#include "storage/lmgr.h"
#include "storage/procarray.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "base/cluster_counters.h"
#include "base/compat.h"
#include "base/pause_point.h"
#include "base/refuse.h"
#include "occ/commit.h"
#include "occ/committer.h"
#include "occ/conflict_cause.h"
#include "occ/row_identity.h"
#include "occ/row_marks.h"
#include "occ/silent_tuple.h"
#include "occ/write_set.h"
#include "transaction/conflict_log.h"

/* The indexes of one table, opened when first needed. */
typedef struct TableIndexes
{
	bool		are_open;
	List	   *relations;
	List	   *infos;
	EState	   *estate;			/* only where there are expressions */
	TupleTableSlot *slot;
} TableIndexes;

/*
 * The transaction fails.  The winner may have not ended yet, if "to_wait_for" says
 * so, which else is invalid.  What is not known of the cause is invalid or NULL.
 */
static void
lose(TransactionId to_wait_for, Oid relid, ItemPointer tid,
	 TransactionId winner)
{
	DsqlConflictCause cause;

	dsql_conflict_cause_find(&cause, relid, tid, winner);
	if (TransactionIdIsValid(to_wait_for))
		dsql_committer_lose_to(to_wait_for);
	dsql_conflict_log_add_row(&cause);
	dsql_refuse_in_any_mode(RULE_CONFLICT_ROW);
}

static void
lose_row(TransactionId to_wait_for, DsqlRow *row, TransactionId winner)
{
	lose(to_wait_for, row->relid, &row->tid, winner);
}

static void
lose_key(TransactionId to_wait_for, DsqlRival *rival)
{
	lose(to_wait_for, rival->relid, &rival->tid, rival->xid);
}

static bool
is_pending(DsqlRow *row)
{
	return row->has_mode && !row->applied;
}

/* ------------------------------------------------------------------------
 * Step 1: publishing
 * ------------------------------------------------------------------------
 */

/*
 * At COMMIT this is an update for the heap, as a draft is.
 */
static bool
is_silent_move(const DsqlChange *change)
{
	return change->kind == DSQL_CHANGE_MOVE && change->silent;
}

/*
 * The mark of a row.  The heap will tell others of a deletion, and of an
 * update of columns that are in no index.  All else has to stay known: that the
 * row was locked, more strongly than by such an update, and that what looks
 * like a deletion was an update.
 */
static void
make_mark(DsqlMark *mark, DsqlRow *row)
{
	DsqlChange *change = dsql_write_set_before(row, InvalidCommandId);

	Assert(is_pending(row));
	memset(mark, 0, sizeof(DsqlMark));
	mark->relid = row->relid;
	mark->key = row->key;
	mark->of_version = row->of_version;
	mark->mode = row->mode;
	mark->snapshot = row->snapshot;

	if (change == NULL)
		mark->keep = true;
	else if (change->kind == DSQL_CHANGE_DRAFT || is_silent_move(change))
		mark->keep = row->mode > LockTupleNoKeyExclusive;
	else if (change->kind == DSQL_CHANGE_MOVE &&
			 row->mode <= LockTupleNoKeyExclusive)
	{
		mark->keep = true;
		mark->moved = true;
		mark->moved_to = change->moved_to;
	}
}

/*
 * Fail because of one of the marks that were published, or -1.
 */
static void
lose_mark(int mark, TransactionId winner)
{
	for (int i = 0; i < dsql_write_set_nrows; i++)
		if (is_pending(&dsql_write_set_rows[i]) && mark-- == 0)
			lose_row(InvalidTransactionId, &dsql_write_set_rows[i], winner);
	lose(InvalidTransactionId, InvalidOid, NULL, winner);
}

static void
publish(int npending)
{
	DsqlMark   *marks = MemoryContextAllocHuge(TopTransactionContext,
											   npending * sizeof(DsqlMark));
	int			n = 0;

	for (int i = 0; i < dsql_write_set_nrows; i++)
		if (is_pending(&dsql_write_set_rows[i]))
			make_mark(&marks[n++], &dsql_write_set_rows[i]);
	Assert(n == npending);
	if (!dsql_row_marks_publish(marks, n))
		lose_mark(dsql_row_marks_met.mark, dsql_row_marks_met.winner);
}

/* ------------------------------------------------------------------------
 * Step 2: applying
 * ------------------------------------------------------------------------
 */

/*
 * Make the lock of a key known for one more version of a row that has nothing
 * else to be known by.
 */
static bool
publish_version(DsqlRow *row, uint64 key)
{
	DsqlMark   *mark = MemoryContextAlloc(TopTransactionContext,
										  sizeof(DsqlMark));

	make_mark(mark, row);
	mark->key = key;
	return dsql_row_marks_publish(mark, 1);
}

/*
 * A row that was locked in this mode: did another transaction change it?  The
 * answers are heap's.  A lock of the key lets updates of other columns pass, and
 * has to follow them.
 */
static TM_Result
check_unchanged(Relation rel, DsqlRow *row, TM_FailureData *tmfd)
{
	ItemPointerData tid = row->tid;
	uint64		key = row->key;

	for (;;)
	{
		HeapTupleData tuple;
		Buffer		buffer;
		TM_Result	result;
		bool		key_changed;

		tuple.t_self = tid;
		if (!heap_fetch(rel, SnapshotAny, &tuple, &buffer, false))
			return TM_Deleted;
		LockBuffer(buffer, BUFFER_LOCK_SHARE);
		result = HeapTupleSatisfiesUpdate(&tuple, InvalidCommandId, buffer);
		tmfd->xmax = HeapTupleHeaderGetUpdateXid(tuple.t_data);
		key_changed = (tuple.t_data->t_infomask2 & HEAP_KEYS_UPDATED) != 0;
		tid = tuple.t_data->t_ctid;
		LockBuffer(buffer, BUFFER_LOCK_UNLOCK);
		ReleaseBuffer(buffer);

		/* Invisible is what an updater in progress has made of it. */
		if (result == TM_Ok || result == TM_Invisible)
			return TM_Ok;
		if (row->mode != LockTupleKeyShare)
			return result;
		if (key_changed &&
			!dsql_row_marks_moved(row->relid, key, tmfd->xmax, &tid))
			return result;
		if (row->of_version)
		{
			key = dsql_row_identity_hash_version(&tid);
			if (!publish_version(row, key))
				return TM_Updated;
		}
	}
}

static void
open_indexes(Relation rel, TableIndexes *indexes)
{
	List	   *oids = RelationGetIndexList(rel);
	ListCell   *lc;

	/* Whoever changed a row of the table has this lock until the end. */
	Assert(CheckRelationLockedByMe(rel, RowShareLock, true));
	indexes->are_open = true;
	foreach(lc, oids)
	{
		Relation	index = index_open(lfirst_oid(lc), RowExclusiveLock);
		IndexInfo  *info;

		if (!index->rd_index->indisready)
		{
			index_close(index, NoLock);
			continue;
		}
		info = BuildIndexInfo(index);
		indexes->relations = lappend(indexes->relations, index);
		indexes->infos = lappend(indexes->infos, info);
		if (indexes->estate == NULL &&
			(info->ii_Expressions != NIL || info->ii_Predicate != NIL))
		{
			indexes->estate = CreateExecutorState();
			indexes->slot = MakeSingleTupleTableSlot(RelationGetDescr(rel),
													 &TTSOpsHeapTuple);
		}
	}
}

static void
close_indexes(TableIndexes *indexes)
{
	ListCell   *lc;
	ListCell   *lc2;

	forboth(lc, indexes->relations, lc2, indexes->infos)
	{
		dsql_index_insert_cleanup(lfirst(lc), lfirst(lc2));
		index_close(lfirst(lc), NoLock);
	}
	if (indexes->estate != NULL)
	{
		ExecDropSingleTupleTableSlot(indexes->slot);
		FreeExecutorState(indexes->estate);
	}
}

/*
 * The entry of an index with expressions, or for some rows only.  False if the
 * index has none for this one.
 */
static bool
compute_entry(TableIndexes *indexes, IndexInfo *info, Datum *values,
			  bool *isnull)
{
	if (info->ii_Predicate != NIL)
	{
		if (info->ii_PredicateState == NULL)
			info->ii_PredicateState = ExecPrepareQual(info->ii_Predicate,
													  indexes->estate);
		if (!ExecQual(info->ii_PredicateState,
					  GetPerTupleExprContext(indexes->estate)))
			return false;
	}
	FormIndexDatum(info, indexes->slot, indexes->estate, values, isnull);
	return true;
}

/*
 * The page had no room for a new version without index entries, or these are
 * others than before.  Uniqueness has no say: no indexed column has changed, or
 * it was asked when that happened.
 */
static void
insert_index_entries(Relation rel, TableIndexes *indexes, HeapTuple tuple)
{
	ListCell   *lc;
	ListCell   *lc2;

	if (!indexes->are_open)
		open_indexes(rel, indexes);
	if (indexes->estate != NULL)
	{
		ExecStoreHeapTuple(tuple, indexes->slot, false);
		GetPerTupleExprContext(indexes->estate)->ecxt_scantuple = indexes->slot;
	}

	forboth(lc, indexes->relations, lc2, indexes->infos)
	{
		IndexInfo  *info = lfirst(lc2);
		Datum		values[INDEX_MAX_KEYS];
		bool		isnull[INDEX_MAX_KEYS];

		if (info->ii_Expressions != NIL || info->ii_Predicate != NIL)
		{
			if (!compute_entry(indexes, info, values, isnull))
				continue;
		}
		else
		{
			for (int i = 0; i < info->ii_NumIndexAttrs; i++)
				values[i] = heap_getattr(tuple, info->ii_IndexAttrNumbers[i],
										 RelationGetDescr(rel), &isnull[i]);
		}
		index_insert(lfirst(lc), values, isnull, &tuple->t_self, rel,
					 UNIQUE_CHECK_NO, true, info);
	}
	if (indexes->estate != NULL)
		ResetPerTupleExprContext(indexes->estate);
}

/*
 * Give the row a new version.
 */
static TM_Result
apply_update(Relation rel, DsqlRow *row, HeapTuple tuple,
			 TableIndexes *indexes, CommandId cid, TM_FailureData *tmfd)
{
	TU_UpdateIndexes update_indexes = TU_None;
	TM_Result	result = dsql_heap_update(rel, &row->tid, tuple, cid, tmfd,
										  &update_indexes);

	if (result == TM_Ok && update_indexes != TU_None)
		insert_index_entries(rel, indexes, tuple);
	return result;
}

/*
 * The row has moved, of which nobody has been told.  The new version's keys
 * were checked when it moved.
 */
static TM_Result
apply_silent_move(Relation rel, DsqlRow *row, DsqlChange *change,
				  TableIndexes *indexes, CommandId cid, TM_FailureData *tmfd)
{
	ItemPointerData tid = change->moved_to;
	HeapTuple	tuple = dsql_silent_tuple_last(rel, &tid);
	TM_Result	result;

	/* It was deleted then. */
	if (tuple == NULL)
		return heap_delete(rel, &row->tid, cid, InvalidSnapshot, false, tmfd,
						   false);
	result = apply_update(rel, row, tuple, indexes, cid, tmfd);
	if (result == TM_Ok)
		dsql_silent_tuple_end(rel, &tid, &tuple->t_self, cid);
	heap_freetuple(tuple);
	return result;
}

static void
apply(Relation rel, DsqlRow *row, TableIndexes *indexes, CommandId cid)
{
	DsqlChange *change = dsql_write_set_before(row, InvalidCommandId);
	TM_FailureData tmfd = {0};
	TM_Result	result;

	Assert(is_pending(row));
	if (change == NULL)
		result = check_unchanged(rel, row, &tmfd);
	else if (change->kind == DSQL_CHANGE_DRAFT)
	{
		HeapTuple	tuple = heap_copytuple(change->draft);

		result = apply_update(rel, row, tuple, indexes, cid, &tmfd);
		heap_freetuple(tuple);
	}
	else if (is_silent_move(change))
		result = apply_silent_move(rel, row, change, indexes, cid, &tmfd);
	else
		result = heap_delete(rel, &row->tid, cid, InvalidSnapshot, false,
							 &tmfd, false);

	if (result != TM_Ok)
		lose_row(result == TM_BeingModified ? tmfd.xmax : InvalidTransactionId,
				 row, tmfd.xmax);
	dsql_write_set_note_applied(row, cid);
	dsql_pause_point_wait("commit-applying");
}

static int
compare_rows(const void *a, const void *b)
{
	DsqlRow    *left = &dsql_write_set_rows[*(const int *) a];
	DsqlRow    *right = &dsql_write_set_rows[*(const int *) b];

	if (left->relid != right->relid)
		return left->relid < right->relid ? -1 : 1;
	if (XLogLogicalInfoActive())
		return left < right ? -1 : 1;
	return ItemPointerCompare(&left->tid, &right->tid);
}

/*
 * Table by table, and in the order of their pages.  Where changes are decoded,
 * a key that one row takes over from another must come after that.
 */
static void
apply_all(int npending)
{
	int		   *order = palloc(npending * sizeof(int));
	CommandId	cid = GetCurrentCommandId(true);
	int			n = 0;

	for (int i = 0; i < dsql_write_set_nrows; i++)
		if (is_pending(&dsql_write_set_rows[i]))
			order[n++] = i;
	Assert(n == npending);
	if (n > 1)
		qsort(order, n, sizeof(int), compare_rows);

	for (int i = 0; i < n;)
	{
		Oid			relid = dsql_write_set_rows[order[i]].relid;
		Relation	rel = RelationIdGetRelation(relid);
		TableIndexes indexes = {false};

		/* This transaction itself may have dropped the table since. */
		if (rel != NULL)
			pgstat_init_relation(rel);
		for (; i < n && dsql_write_set_rows[order[i]].relid == relid; i++)
			if (rel != NULL)
				apply(rel, &dsql_write_set_rows[order[i]], &indexes, cid);
		close_indexes(&indexes);
		if (rel != NULL)
			RelationClose(rel);
	}
}

static void
apply_pending(void)
{
	MemoryContext context;
	MemoryContext old;
	int			npending = 0;

	if (likely(!dsql_write_set_any()))
		return;
	for (int i = 0; i < dsql_write_set_nrows; i++)
		if (is_pending(&dsql_write_set_rows[i]))
			npending++;
	if (npending == 0)
		return;

	context = AllocSetContextCreate(CurrentMemoryContext, "dsql commit",
									ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(context);

	dsql_pause_point_wait("commit-begun");
	publish(npending);
	dsql_pause_point_wait("commit-published");

	/* What the last command has inserted can then be replaced. */
	if (XLogLogicalInfoActive())
		CommandCounterIncrement();
	/* Expressions of indexes may need one. */
	PushActiveSnapshot(GetTransactionSnapshot());
	apply_all(npending);
	PopActiveSnapshot();
	dsql_pause_point_wait("commit-applied");

	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
}

void
dsql_commit_apply_now(void)
{
	if (dsql_write_set_any())
	{
		/*
		 * What the transaction will do to the new versions, which are its own
		 * now, is not noted: nobody may rely on their keys any more.
		 */
		for (int i = 0; i < dsql_write_set_nrows; i++)
			if (is_pending(&dsql_write_set_rows[i]) &&
				dsql_write_set_rows[i].latest >= 0)
				dsql_write_set_rows[i].mode = LockTupleExclusive;
		apply_pending();
		CommandCounterIncrement();
	}
}

/* ------------------------------------------------------------------------
 * Step 3: deciding
 * ------------------------------------------------------------------------
 */

/*
 * The top-level transaction, as far as anybody can still tell.
 */
static TransactionId
top_transaction(TransactionId xid)
{
	return TransactionIdPrecedes(xid, TransactionXmin) ? xid :
		SubTransGetTopmostTransaction(xid);
}

/*
 * Did the rival's own transaction delete or replace its tuple for good?  A
 * subtransaction that can still be rolled back without the one that inserted
 * the tuple does not count.  Neither does a later transaction: the rival has
 * committed the key before.
 */
static bool
is_ended(HeapTupleHeader header, TransactionId xmin)
{
	TransactionId xmax;

	if ((header->t_infomask & HEAP_XMAX_INVALID) != 0 ||
		HEAP_XMAX_IS_LOCKED_ONLY(header->t_infomask))
		return false;
	xmax = HeapTupleHeaderGetUpdateXid(header);
	if (!TransactionIdIsInProgress(xmax))
		return TransactionIdDidCommit(xmax) &&
			TransactionIdEquals(top_transaction(xmax), top_transaction(xmin));
	for (; TransactionIdIsValid(xmin); xmin = SubTransGetParent(xmin))
		if (TransactionIdEquals(xmax, xmin))
			return true;
	return false;
}

/*
 * Fetch the rival's tuple if it is still there.  The rival may have deleted it
 * again, or have rolled back that far.
 */
static bool
fetch_rival(Relation rel, DsqlRival *rival, TupleTableSlot *slot)
{
	BufferHeapTupleTableSlot *bslot = (BufferHeapTupleTableSlot *) slot;
	TransactionId xmin = rival->xid;
	ItemPointerData tid = rival->tid;

	while (table_tuple_fetch_row_version(rel, &tid, SnapshotAny, slot))
	{
		HeapTupleHeader header = bslot->base.tuple->t_data;
		bool		ended;

		LockBuffer(bslot->buffer, BUFFER_LOCK_SHARE);
		if (!TransactionIdEquals(HeapTupleHeaderGetRawXmin(header), xmin) ||
			HeapTupleHeaderXminInvalid(header))
			ItemPointerSetInvalid(&tid);
		ended = is_ended(header, xmin);
		if (ItemPointerIsValid(&tid) && ended)
		{
			/* What it was updated to can have the same key. */
			if (!ItemPointerEquals(&header->t_ctid, &tid))
			{
				tid = header->t_ctid;
				xmin = HeapTupleHeaderGetUpdateXid(header);
			}
			else
				ItemPointerSetInvalid(&tid);
		}
		LockBuffer(bslot->buffer, BUFFER_LOCK_UNLOCK);

		if (!ItemPointerIsValid(&tid))
			return false;
		if (!ended)
			return true;
	}
	return false;
}

static bool
is_own_tuple(Relation rel, ItemPointer tid)
{
	HeapTupleData tuple = {.t_self = *tid};
	Buffer		buffer;
	bool		result;

	if (dsql_write_set_of_draft(RelationGetRelid(rel), tid) != NULL ||
		!heap_fetch(rel, SnapshotAny, &tuple, &buffer, false))
		return false;
	result = TransactionIdIsCurrentTransactionId(HeapTupleHeaderGetXmin(tuple.t_data));
	ReleaseBuffer(buffer);
	return result;
}

/*
 * Would the rival's tuple be a duplicate of one that this transaction has made?
 * If not, the key that was met is no longer ours, or never was: it may be that
 * of a row that the rival moved, and that kept this transaction from inserting.
 *
 * The executor cannot check constraints that are deferrable in this way, and
 * of those that exclude more than duplicates we do not know how the rival got
 * in our way.  Where there are such, the rival counts.
 */
static bool
is_duplicate(Relation rel, TupleTableSlot *slot)
{
	EState	   *estate = CreateExecutorState();
	ResultRelInfo *rri = makeNode(ResultRelInfo);
	bool		result = false;

	InitResultRelInfo(rri, rel, 0, NULL, 0);
	ExecOpenIndices(rri, true);
	for (int i = 0; i < rri->ri_NumIndices && !result; i++)
	{
		Form_pg_index form = rri->ri_IndexRelationDescs[i]->rd_index;
		ItemPointerData conflict;

		if (form->indisexclusion || !form->indimmediate)
			result = true;
		else if (form->indisunique)
			result = !dsql_check_index_constraints(rri, slot, estate, &conflict,
												   list_make1_oid(form->indexrelid)) &&
				is_own_tuple(rel, &conflict);
	}
	ExecCloseIndices(rri);
	FreeExecutorState(estate);
	return result;
}

static bool
is_rival(DsqlRival *rival)
{
	Relation	rel = try_table_open(rival->relid, NoLock);
	TupleTableSlot *slot;
	bool		result;

	if (rel == NULL)
		return false;
	slot = table_slot_create(rel, NULL);
	result = fetch_rival(rel, rival, slot) && is_duplicate(rel, slot);
	ExecDropSingleTupleTableSlot(slot);
	table_close(rel, NoLock);
	return result;
}

/*
 * The transaction if it is still to be seen in progress, though its commit is
 * recorded; or invalid.
 */
static TransactionId
unless_visible(TransactionId xid)
{
	return TransactionIdIsInProgress(xid) ? top_transaction(xid) :
		InvalidTransactionId;
}

static void
decide(void)
{
	int			nrivals = dsql_write_set_nrivals;
	TransactionId *rivals = NULL;
	TransactionId winner;
	int			n = 0;

	if (nrivals > 0)
	{
		rivals = MemoryContextAlloc(TopTransactionContext,
									nrivals * sizeof(TransactionId));
		PushActiveSnapshot(GetTransactionSnapshot());
	}
	/* To look at one may note it once more: that adds to the array. */
	for (int i = 0; i < nrivals; i++)
	{
		DsqlRival	rival = dsql_write_set_rivals[i];

		if (!TransactionIdIsValid(rival.xid))
			lose_key(InvalidTransactionId, &rival);
		if (TransactionIdDidAbort(rival.xid) || !is_rival(&rival))
			continue;
		if (TransactionIdDidCommit(rival.xid))
			lose_key(unless_visible(rival.xid), &rival);
		rivals[n] = SubTransGetTopmostTransaction(rival.xid);
		/* Keys that were met in a row are often one transaction's. */
		if (n == 0 || !TransactionIdEquals(rivals[n], rivals[n - 1]))
			n++;
	}
	if (nrivals > 0)
		PopActiveSnapshot();
	if (!dsql_committer_decide(rivals, n, &winner))
		lose(winner, InvalidOid, NULL, winner);
	dsql_pause_point_wait("commit-decided");
}

void
dsql_commit_pre_commit(void)
{
	dsql_committer_begin_commit();
	apply_pending();
}

void
dsql_commit_pre_prepare(void)
{
	if (dsql_committer_begun())
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("cannot PREPARE a transaction that has written to or locked rows of a table with access method \"%s\"",
						"btree_table")));
}

void
dsql_commit_decide(void)
{
	if (!dsql_committer_begun())
		return;
	decide();
	dsql_write_set_release_snapshots();
}

void
dsql_commit_end(bool commit)
{
	/* A rival can be met by who then writes nothing. */
	if (unlikely(dsql_committer_begun() || dsql_write_set_nrivals > 0))
	{
		if (commit && dsql_committer_begun())
			dsql_pause_point_wait("commit-recorded");
		dsql_row_marks_end(commit);
		dsql_write_set_forget();
	}
}
