/*
 * tableam.c
 *		The table access method btree_table: heap, with optimistic concurrency.
 *
 * The storage is heap's, and so is what creates, scans, vacuums and toasts it.
 * Different is this:
 *
 * 1. No function here waits for another transaction.
 * 2. A change to a row that others can see is only noted (change.c); the heap
 *	  learns of it when the transaction commits (commit.c).
 * 3. Whoever reads gets the row as this transaction has changed it.
 * 4. A key is taken when the transaction's own snapshot shows it, together
 *	  with what the transaction itself did.  Others that insert it, too, are
 *	  rivals, and for COMMIT to decide.
 *
 * It is the table that makes a transaction optimistic, not the session:
 * superusers with dsql_emu.mode off and background workers do the same here.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/subtrans.h"
#include "access/tableam.h"
#include "access/transam.h"
#include "access/xact.h"
#include "catalog/index.h"
#include "catalog/pg_am_d.h"
#include "fmgr.h"
#include "storage/bufmgr.h"
#include "storage/procarray.h"
#include "utils/inval.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "change.h"
#include "compat.h"
#include "conflict.h"
#include "row.h"
#include "rowkey.h"
#include "session.h"
#include "stats.h"
#include "tableam.h"
#include "transaction.h"

static TableAmRoutine methods;

/* heap's own */
static const TableAmRoutine *heap;

bool
dsql_tableam_is_ours(Relation rel)
{
	return rel->rd_tableam == &methods;
}

/*
 * The transaction is about to change or lock something: from here on others
 * may have to find it.
 */
static inline void
begin_change(void)
{
	dsql_conflict_begin();
}

/*
 * Count a row that is written, for statistics and limits.
 */
static void
count_row(void)
{
	dsql_stats_count(DSQL_STATS_ROWS_WRITTEN, 1);
	if (dsql_session_emulated())
		dsql_transaction_count_rows(1);
}

/*
 * The same for its content.  "replaced" is a version that the same transaction
 * wrote before, or NULL; no slot stands for a deletion.
 */
static void
count_content(Relation rel, TupleTableSlot *slot, HeapTuple replaced)
{
	if (!dsql_session_emulated())
		return;
	if (slot != NULL)
		dsql_row_write(rel, slot, replaced);
	else
		dsql_row_delete(rel, replaced);
}

/* ------------------------------------------------------------------------
 * Scans: heap's, and then what the transaction has made of the tuple.
 * ------------------------------------------------------------------------
 */

static TableScanDesc
btree_table_scan_begin(Relation rel, Snapshot snapshot, int nkeys,
					   ScanKey key, ParallelTableScanDesc pscan, uint32 flags)
{
	/* The visibility map does not know what we have noted. */
	if (dsql_change_any())
		flags |= DSQL_SCAN_NEED_TUPLES;
	return heap->scan_begin(rel, snapshot, nkeys, key, pscan, flags);
}

static bool
btree_table_scan_getnextslot(TableScanDesc scan, ScanDirection direction,
							 TupleTableSlot *slot)
{
	while (heap->scan_getnextslot(scan, direction, slot))
	{
		if (likely(!dsql_change_any()) ||
			dsql_change_show(scan->rs_rd, scan->rs_snapshot, slot))
			return true;
	}
	return false;
}

static bool
btree_table_scan_getnextslot_tidrange(TableScanDesc scan,
									  ScanDirection direction,
									  TupleTableSlot *slot)
{
	while (heap->scan_getnextslot_tidrange(scan, direction, slot))
	{
		if (likely(!dsql_change_any()) ||
			dsql_change_show(scan->rs_rd, scan->rs_snapshot, slot))
			return true;
	}
	return false;
}

static bool
btree_table_scan_bitmap_next_tuple(TableScanDesc scan,
								   DSQL_BITMAP_NEXT_TUPLE_PARAMS)
{
	while (heap->scan_bitmap_next_tuple(scan, DSQL_BITMAP_NEXT_TUPLE_ARGS))
	{
		if (likely(!dsql_change_any()) ||
			dsql_change_show(scan->rs_rd, scan->rs_snapshot, slot))
			return true;
	}
	return false;
}

static bool
btree_table_scan_sample_next_tuple(TableScanDesc scan,
								   struct SampleScanState *scanstate,
								   TupleTableSlot *slot)
{
	while (heap->scan_sample_next_tuple(scan, scanstate, slot))
	{
		if (likely(!dsql_change_any()) ||
			dsql_change_show(scan->rs_rd, scan->rs_snapshot, slot))
			return true;
	}
	return false;
}

/* ------------------------------------------------------------------------
 * Index fetches
 * ------------------------------------------------------------------------
 */

/*
 * Note who else inserts the key of this tuple, or its HOT successors: a
 * transaction in progress, or one that committed and that our snapshot does not
 * see.  Whether they still count is looked at when we commit.
 */
static void
note_rivals(Relation rel, Buffer buffer, ItemPointer tid, Snapshot snapshot)
{
	ItemPointerData next = *tid;
	HeapTupleData tuple;
	bool		first = true;

	LockBuffer(buffer, BUFFER_LOCK_SHARE);
	while (heap_hot_search_buffer(&next, rel, buffer, SnapshotAny, &tuple,
								  NULL, first))
	{
		TransactionId xmin = HeapTupleHeaderGetXmin(tuple.t_data);

		first = false;
		if (TransactionIdIsNormal(xmin) &&
			!HeapTupleHeaderXminInvalid(tuple.t_data) &&
			!TransactionIdIsCurrentTransactionId(xmin) &&
			XidInMVCCSnapshot(xmin, snapshot) &&
			(TransactionIdIsInProgress(xmin) || TransactionIdDidCommit(xmin)))
			dsql_change_note_rival(RelationGetRelid(rel), &tuple.t_self, xmin);
	}
	LockBuffer(buffer, BUFFER_LOCK_UNLOCK);
}

/*
 * A uniqueness check asks who has a key.  It has to be answered without anyone
 * to wait for.
 */
static bool
fetch_for_unique_check(IndexFetchTableData *scan, ItemPointer tid,
					   Snapshot snapshot, TupleTableSlot *slot,
					   bool *all_dead)
{
	ItemPointerData root = *tid;
	bool		again = false;
	SnapshotData now;

	snapshot->xmin = snapshot->xmax = InvalidTransactionId;
	snapshot->speculativeToken = 0;

	dsql_change_snapshot_now(&now);
	if (heap->index_fetch_tuple(scan, tid, &now, slot, &again, all_dead) &&
		dsql_change_show(scan->rel, &now, slot))
		return true;

	if (all_dead == NULL || !*all_dead)
		note_rivals(scan->rel, ((IndexFetchHeapData *) scan)->xs_cbuf, &root,
					&now);
	return false;
}

static bool
btree_table_index_fetch_tuple(IndexFetchTableData *scan, ItemPointer tid,
							  Snapshot snapshot, TupleTableSlot *slot,
							  bool *call_again, bool *all_dead)
{
	if (snapshot->snapshot_type == SNAPSHOT_DIRTY)
	{
		*call_again = false;
		return fetch_for_unique_check(scan, tid, snapshot, slot, all_dead);
	}

	while (heap->index_fetch_tuple(scan, tid, snapshot, slot, call_again,
								   all_dead))
	{
		if (likely(!dsql_change_any()) ||
			dsql_change_show(scan->rel, snapshot, slot))
			return true;
		if (!*call_again)
			return false;
	}
	return false;
}

/* ------------------------------------------------------------------------
 * Reading one version of a row
 * ------------------------------------------------------------------------
 */

/*
 * The slot has a version of the row that was fetched whatever became of it,
 * a draft or not.  If this transaction has deleted or replaced it, the system
 * columns tell so.
 */
static void
show_end(DsqlRow *row, DsqlChange *draft, TupleTableSlot *slot)
{
	DsqlChange *latest;
	HeapTupleHeader header;

	if (row == NULL || row->applied)
		return;
	latest = dsql_change_before(row, InvalidCommandId);
	if (latest == NULL || latest == draft)
		return;

	ExecMaterializeSlot(slot);
	header = ExecFetchSlotHeapTuple(slot, false, NULL)->t_data;
	header->t_infomask &= ~(HEAP_XMAX_BITS | HEAP_COMBOCID);
	HeapTupleHeaderSetXmax(header, GetCurrentTransactionId());
	HeapTupleHeaderSetCmax(header, latest->cid, false);
}

/*
 * Fetch a version in a transaction that has noted something.
 */
static bool
fetch_beside_changes(Relation rel, ItemPointer tid, Snapshot snapshot,
					 TupleTableSlot *slot)
{
	Oid			relid = RelationGetRelid(rel);
	DsqlChange *draft = dsql_change_of_draft(relid, tid);

	if (snapshot != SnapshotAny && dsql_change_hides(relid, tid, snapshot))
		return false;
	if (draft != NULL)
		dsql_change_store_draft(draft, slot);
	else if (!heap->tuple_fetch_row_version(rel, tid, snapshot, slot))
		return false;
	if (snapshot == SnapshotAny)
		show_end(draft != NULL ? &dsql_change_rows[draft->row] :
				 dsql_change_find_row(relid, tid), draft, slot);
	return true;
}

static bool
btree_table_tuple_fetch_row_version(Relation rel, ItemPointer tid,
									Snapshot snapshot, TupleTableSlot *slot)
{
	if (likely(!dsql_change_any()))
		return heap->tuple_fetch_row_version(rel, tid, snapshot, slot);
	return fetch_beside_changes(rel, tid, snapshot, slot);
}

bool
dsql_tableam_fetch_row(Relation rel, ItemPointer tid, Snapshot snapshot,
					   TupleTableSlot *slot)
{
	return heap->tuple_fetch_row_version(rel, tid, snapshot, slot) &&
		dsql_change_show(rel, snapshot, slot);
}

static bool
btree_table_tuple_tid_valid(TableScanDesc scan, ItemPointer tid)
{
	return heap->tuple_tid_valid(scan, tid) ||
		dsql_change_of_draft(RelationGetRelid(scan->rs_rd), tid) != NULL;
}

static void
btree_table_tuple_get_latest_tid(TableScanDesc scan, ItemPointer tid)
{
	if (!dsql_change_any() ||
		dsql_change_follow(RelationGetRelid(scan->rs_rd), tid,
						   scan->rs_snapshot))
		heap->tuple_get_latest_tid(scan, tid);
}

static bool
btree_table_tuple_satisfies_snapshot(Relation rel, TupleTableSlot *slot,
									 Snapshot snapshot)
{
	if (unlikely(dsql_change_any()))
	{
		if (dsql_change_hides(RelationGetRelid(rel), &slot->tts_tid, snapshot))
			return false;
		if (dsql_change_of_draft(RelationGetRelid(rel), &slot->tts_tid) != NULL)
			return true;
	}
	return heap->tuple_satisfies_snapshot(rel, slot, snapshot);
}

/* ------------------------------------------------------------------------
 * Inserting: heap's, and counted
 * ------------------------------------------------------------------------
 */

static void
btree_table_tuple_insert(Relation rel, TupleTableSlot *slot, CommandId cid,
						 int options, BulkInsertState bistate)
{
	bool		should_free;
	HeapTuple	tuple;

	begin_change();
	count_row();
	count_content(rel, slot, NULL);

	tuple = ExecFetchSlotHeapTuple(slot, true, &should_free);
	slot->tts_tableOid = RelationGetRelid(rel);
	tuple->t_tableOid = slot->tts_tableOid;
	heap_insert(rel, tuple, cid, options, bistate);
	slot->tts_tid = tuple->t_self;

	if (should_free)
		pfree(tuple);
}

static void
btree_table_tuple_insert_speculative(Relation rel, TupleTableSlot *slot,
									 CommandId cid, int options,
									 BulkInsertState bistate, uint32 token)
{
	begin_change();
	count_content(rel, slot, NULL);
	heap->tuple_insert_speculative(rel, slot, cid, options, bistate, token);
}

static void
btree_table_tuple_complete_speculative(Relation rel, TupleTableSlot *slot,
									   uint32 token, bool succeeded)
{
	heap->tuple_complete_speculative(rel, slot, token, succeeded);
	if (succeeded)
		count_row();
	else
	{
		bool		should_free;
		HeapTuple	tuple = ExecFetchSlotHeapTuple(slot, false, &should_free);

		count_content(rel, NULL, tuple);
		if (should_free)
			pfree(tuple);
	}
}

static void
btree_table_multi_insert(Relation rel, TupleTableSlot **slots, int nslots,
						 CommandId cid, int options, BulkInsertState bistate)
{
	begin_change();
	for (int i = 0; i < nslots; i++)
	{
		count_row();
		count_content(rel, slots[i], NULL);
	}
	heap->multi_insert(rel, slots, nslots, cid, options, bistate);
}

/* ------------------------------------------------------------------------
 * Changing and locking
 * ------------------------------------------------------------------------
 */

/*
 * Did this transaction already do something to the version, that the command
 * cannot or must not see?  The answers are heap's.
 */
static TM_Result
check_own_changes(Relation rel, ItemPointer tid, CommandId cid,
				  TM_FailureData *tmfd)
{
	DsqlChange *draft = dsql_change_of_draft(RelationGetRelid(rel), tid);
	DsqlRow    *row = draft != NULL ? &dsql_change_rows[draft->row] :
	dsql_change_find_row(RelationGetRelid(rel), tid);
	DsqlChange *latest;

	if (row == NULL)
		return TM_Ok;
	if (row->applied)
		return row->latest < 0 ? TM_Ok : TM_Invisible;
	if (draft != NULL && draft->cid >= cid)
		return TM_Invisible;

	latest = dsql_change_before(row, InvalidCommandId);
	if (latest == draft)
		return TM_Ok;
	if (latest->cid < cid)
		return TM_Invisible;

	tmfd->ctid = *tid;
	tmfd->xmax = GetCurrentTransactionId();
	tmfd->cmax = latest->cid;
	return TM_SelfModified;
}

/*
 * Fetch the version to change, whatever became of it.  *own tells whether this
 * transaction inserted it as a tuple, so that it is for the heap alone.
 *
 * The result is the version's content.  *buffer is to be released after use
 * if it is valid.
 */
static HeapTuple
fetch_version(Relation rel, ItemPointer tid, HeapTuple storage,
			  Buffer *buffer, bool *own)
{
	DsqlChange *draft = dsql_change_of_draft(RelationGetRelid(rel), tid);

	*own = false;
	*buffer = InvalidBuffer;
	if (draft != NULL)
		return draft->draft;

	storage->t_self = *tid;
	if (!heap_fetch(rel, SnapshotAny, storage, buffer, false))
		elog(ERROR, "tuple (%u,%u) of table \"%s\" does not exist",
			 ItemPointerGetBlockNumber(tid), ItemPointerGetOffsetNumber(tid),
			 RelationGetRelationName(rel));
	*own = TransactionIdIsCurrentTransactionId(HeapTupleHeaderGetXmin(storage->t_data));
	return storage;
}

static void
refuse_invisible(const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("attempted to %s invisible tuple", what)));
}

/*
 * Count a row that is changed, unless this transaction already did so, and its
 * new content, if any.
 */
static void
count_changed(Relation rel, ItemPointer tid, HeapTuple oldtuple,
			  TupleTableSlot *slot)
{
	DsqlChange *draft = dsql_change_of_draft(RelationGetRelid(rel), tid);
	DsqlRow    *row = draft != NULL ? NULL :
	dsql_change_find_row(RelationGetRelid(rel), tid);

	if (draft == NULL)
	{
		if (row != NULL && row->has_mode && dsql_session_emulated())
			dsql_transaction_count_rows(-1);	/* it was counted when locked */
		count_row();
	}
	count_content(rel, slot, draft != NULL ? oldtuple : NULL);
}

static TM_Result
btree_table_tuple_delete(Relation rel, ItemPointer tid, CommandId cid,
						 Snapshot snapshot, Snapshot crosscheck, bool wait,
						 TM_FailureData *tmfd, bool changingPart)
{
	HeapTupleData storage;
	HeapTuple	tuple;
	Buffer		buffer;
	bool		own;
	TM_Result	result;

	tuple = fetch_version(rel, tid, &storage, &buffer, &own);
	if (own)
	{
		DsqlRow    *moved = dsql_change_find_moved(RelationGetRelid(rel), tid);

		if (moved != NULL)
			dsql_change_note_moved(moved, LockTupleExclusive, cid, NULL);
		result = heap->tuple_delete(rel, tid, cid, snapshot, InvalidSnapshot,
									wait, tmfd, changingPart);
		if (result == TM_Ok)
			count_content(rel, NULL, tuple);
		ReleaseBuffer(buffer);
		return result;
	}

	result = check_own_changes(rel, tid, cid, tmfd);
	if (result == TM_Ok)
	{
		begin_change();
		count_changed(rel, tid, tuple, NULL);
		dsql_change_note(rel, tid, tuple, DSQL_CHANGE_DELETE,
						 LockTupleExclusive, cid, NULL);
	}
	if (BufferIsValid(buffer))
		ReleaseBuffer(buffer);
	if (result == TM_Invisible)
		refuse_invisible("delete");
	return result;
}

/*
 * Note the new version in "slot" for a row that others can see.
 */
static void
note_update(Relation rel, ItemPointer tid, HeapTuple oldtuple,
			TupleTableSlot *slot, CommandId cid, TU_UpdateIndexes *update_indexes)
{
	bool		should_free;
	HeapTuple	newtuple;
	bool		indexed;
	LockTupleMode mode;

	begin_change();
	count_changed(rel, tid, oldtuple, slot);

	newtuple = ExecFetchSlotHeapTuple(slot, true, &should_free);
	mode = dsql_rowkey_compare(rel, oldtuple, newtuple, &indexed);
	slot->tts_tableOid = RelationGetRelid(rel);

	/* A tuple that has no chance to fit fails now, not at COMMIT. */
	if (!indexed && dsql_change_draft_fits(newtuple) &&
		(newtuple->t_len <= MaxHeapTupleSize ||
		 OidIsValid(rel->rd_rel->reltoastrelid)))
	{
		dsql_change_note(rel, tid, oldtuple, DSQL_CHANGE_DRAFT, mode, cid,
						 newtuple);
		*update_indexes = TU_None;
	}
	else
	{
		newtuple->t_tableOid = slot->tts_tableOid;
		heap_insert(rel, newtuple, cid, 0, NULL);
		dsql_change_note(rel, tid, oldtuple, DSQL_CHANGE_MOVE, mode, cid,
						 newtuple);
		*update_indexes = TU_All;
	}
	slot->tts_tid = newtuple->t_self;
	if (should_free)
		pfree(newtuple);
}

/*
 * Update a tuple that this transaction inserted.  It may be the new version of
 * a row that others can see.
 */
static TM_Result
update_own_tuple(Relation rel, ItemPointer tid, HeapTuple oldtuple,
				 TupleTableSlot *slot, CommandId cid, TM_FailureData *tmfd,
				 LockTupleMode *lockmode, TU_UpdateIndexes *update_indexes)
{
	DsqlRow    *moved = dsql_change_find_moved(RelationGetRelid(rel), tid);
	LockTupleMode mode = LockTupleNoKeyExclusive;
	TM_Result	result;

	if (moved != NULL)
	{
		bool		should_free;
		HeapTuple	newtuple = ExecFetchSlotHeapTuple(slot, true, &should_free);
		bool		indexed;

		mode = dsql_rowkey_compare(rel, oldtuple, newtuple, &indexed);
		if (should_free)
			pfree(newtuple);
	}
	/* Only this transaction itself can have locked it. */
	result = heap->tuple_update(rel, tid, slot, cid, InvalidSnapshot,
								InvalidSnapshot, true, tmfd, lockmode,
								update_indexes);
	if (result == TM_Ok)
		count_content(rel, slot, oldtuple);
	if (moved != NULL && result == TM_Ok)
		dsql_change_note_moved(moved, mode, cid, &slot->tts_tid);
	return result;
}

static TM_Result
btree_table_tuple_update(Relation rel, ItemPointer otid, TupleTableSlot *slot,
						 CommandId cid, Snapshot snapshot, Snapshot crosscheck,
						 bool wait, TM_FailureData *tmfd,
						 LockTupleMode *lockmode,
						 TU_UpdateIndexes *update_indexes)
{
	ItemPointerData tid = *otid;
	HeapTupleData storage;
	HeapTuple	tuple;
	Buffer		buffer;
	bool		own;
	TM_Result	result;

	tuple = fetch_version(rel, &tid, &storage, &buffer, &own);
	if (own)
	{
		result = update_own_tuple(rel, &tid, tuple, slot, cid, tmfd, lockmode,
								  update_indexes);
		ReleaseBuffer(buffer);
		return result;
	}

	*lockmode = LockTupleExclusive;
	*update_indexes = TU_None;
	result = check_own_changes(rel, &tid, cid, tmfd);
	if (result == TM_Ok)
		note_update(rel, &tid, tuple, slot, cid, update_indexes);
	if (BufferIsValid(buffer))
		ReleaseBuffer(buffer);
	if (result == TM_Invisible)
		refuse_invisible("update");
	return result;
}

static TM_Result
btree_table_tuple_lock(Relation rel, ItemPointer tid, Snapshot snapshot,
					   TupleTableSlot *slot, CommandId cid, LockTupleMode mode,
					   LockWaitPolicy wait_policy, uint8 flags,
					   TM_FailureData *tmfd)
{
	BufferHeapTupleTableSlot *bslot = (BufferHeapTupleTableSlot *) slot;
	DsqlRow    *row;
	TM_Result	result;

	tmfd->traversed = false;
	if (!btree_table_tuple_fetch_row_version(rel, tid, SnapshotAny, slot))
		elog(ERROR, "tuple (%u,%u) of table \"%s\" does not exist",
			 ItemPointerGetBlockNumber(tid), ItemPointerGetOffsetNumber(tid),
			 RelationGetRelationName(rel));

	if (BufferIsValid(bslot->buffer) &&
		TransactionIdIsCurrentTransactionId(HeapTupleHeaderGetXmin(bslot->base.tuple->t_data)))
	{
		ExecClearTuple(slot);
		result = heap->tuple_lock(rel, tid, snapshot, slot, cid, mode,
								  wait_policy, flags, tmfd);
		row = dsql_change_find_moved(RelationGetRelid(rel), tid);
		if (result == TM_Ok && row != NULL)
			dsql_change_note_moved(row, mode, cid, NULL);
		return result;
	}

	result = check_own_changes(rel, tid, cid, tmfd);
	if (result != TM_Ok)
		return result;

	begin_change();
	row = dsql_change_find_row(RelationGetRelid(rel), tid);
	if (dsql_change_of_draft(RelationGetRelid(rel), tid) == NULL &&
		(row == NULL || !row->has_mode) && dsql_session_emulated())
		dsql_transaction_count_rows(1);
	dsql_change_note(rel, tid, bslot->base.tuple, DSQL_CHANGE_LOCK, mode, cid,
					 NULL);
	return TM_Ok;
}

/* ------------------------------------------------------------------------
 * Index builds and the rest.  heap reads a table for them with functions that
 * refuse any access method but its own, so it gets the table as its own.
 * ------------------------------------------------------------------------
 */

/* A table that heap has as its own for the moment. */
static Relation lent = NULL;

static Relation
lend(Relation rel)
{
	Relation	outer = lent;

	rel->rd_tableam = heap;
	lent = rel;
	return outer;
}

static void
take_back(Relation outer)
{
	lent->rd_tableam = &methods;
	lent = outer;
	if (lent != NULL)
		lent->rd_tableam = heap;
}

/*
 * The relation cache has made the table's entry anew, in its place.
 */
static void
lend_again(Datum arg, Oid relid)
{
	if (lent != NULL &&
		(relid == InvalidOid || relid == RelationGetRelid(lent)))
		lent->rd_tableam = heap;
}

static double
btree_table_index_build_range_scan(Relation rel, Relation index,
								   IndexInfo *index_info, bool allow_sync,
								   bool anyvisible, bool progress,
								   BlockNumber start, BlockNumber blocks,
								   IndexBuildCallback callback, void *state,
								   TableScanDesc scan)
{
	Relation	outer = lend(rel);
	double		tuples;

	PG_TRY();
	{
		tuples = heap->index_build_range_scan(rel, index, index_info,
											  allow_sync, anyvisible, progress,
											  start, blocks, callback, state,
											  scan);
	}
	PG_FINALLY();
	{
		take_back(outer);
	}
	PG_END_TRY();
	return tuples;
}

static void
btree_table_index_validate_scan(Relation rel, Relation index,
								IndexInfo *index_info, Snapshot snapshot,
								ValidateIndexState *state)
{
	Relation	outer = lend(rel);

	PG_TRY();
	{
		heap->index_validate_scan(rel, index, index_info, snapshot, state);
	}
	PG_FINALLY();
	{
		take_back(outer);
	}
	PG_END_TRY();
}

static Oid
btree_table_relation_toast_am(Relation rel)
{
	return HEAP_TABLE_AM_OID;
}

PG_FUNCTION_INFO_V1(dsql_table_am_handler);
Datum
dsql_table_am_handler(PG_FUNCTION_ARGS)
{
	if (heap == NULL)
	{
		heap = GetHeapamTableAmRoutine();
		methods = *heap;
		CacheRegisterRelcacheCallback(lend_again, (Datum) 0);

		methods.scan_begin = btree_table_scan_begin;
		methods.scan_getnextslot = btree_table_scan_getnextslot;
		methods.scan_getnextslot_tidrange = btree_table_scan_getnextslot_tidrange;

		methods.index_fetch_tuple = btree_table_index_fetch_tuple;

		methods.tuple_insert = btree_table_tuple_insert;
		methods.tuple_insert_speculative = btree_table_tuple_insert_speculative;
		methods.tuple_complete_speculative = btree_table_tuple_complete_speculative;
		methods.multi_insert = btree_table_multi_insert;
		methods.tuple_delete = btree_table_tuple_delete;
		methods.tuple_update = btree_table_tuple_update;
		methods.tuple_lock = btree_table_tuple_lock;

		methods.tuple_fetch_row_version = btree_table_tuple_fetch_row_version;
		methods.tuple_get_latest_tid = btree_table_tuple_get_latest_tid;
		methods.tuple_tid_valid = btree_table_tuple_tid_valid;
		methods.tuple_satisfies_snapshot = btree_table_tuple_satisfies_snapshot;

		methods.index_build_range_scan = btree_table_index_build_range_scan;
		methods.index_validate_scan = btree_table_index_validate_scan;

		methods.relation_toast_am = btree_table_relation_toast_am;

		methods.scan_bitmap_next_tuple = btree_table_scan_bitmap_next_tuple;
		methods.scan_sample_next_tuple = btree_table_scan_sample_next_tuple;
	}
	PG_RETURN_POINTER(&methods);
}
