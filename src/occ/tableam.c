/*
 * tableam.c
 *		The table access method btree_table: heap, with optimistic concurrency.
 *
 * The storage is heap's, and so is what creates, scans, vacuums and toasts it.
 * Different is this:
 *
 * 1. No function here waits for another transaction.
 * 2. A change to a row that others can see is only noted (write_set.c); the heap
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

#include "base/compat.h"
#include "base/session.h"
#include "occ/doomed_rows.h"
#include "occ/tableam.h"
#include "occ/tableam_write.h"
#include "occ/write_set.h"

static TableAmRoutine methods;

/* heap's own */
static const TableAmRoutine *heap;

bool
dsql_tableam_is_ours(Relation rel)
{
	return rel->rd_tableam == &methods;
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
	if (dsql_write_set_any())
		flags |= DSQL_SCAN_NEED_TUPLES;
	return heap->scan_begin(rel, snapshot, nkeys, key, pscan, flags);
}

static bool
btree_table_scan_getnextslot(TableScanDesc scan, ScanDirection direction,
							 TupleTableSlot *slot)
{
	while (heap->scan_getnextslot(scan, direction, slot))
	{
		if (likely(!dsql_write_set_any()) ||
			dsql_write_set_show(scan->rs_rd, scan->rs_snapshot, slot))
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
		if (likely(!dsql_write_set_any()) ||
			dsql_write_set_show(scan->rs_rd, scan->rs_snapshot, slot))
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
		if (likely(!dsql_write_set_any()) ||
			dsql_write_set_show(scan->rs_rd, scan->rs_snapshot, slot))
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
		if (likely(!dsql_write_set_any()) ||
			dsql_write_set_show(scan->rs_rd, scan->rs_snapshot, slot))
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
			dsql_write_set_note_rival(RelationGetRelid(rel), &tuple.t_self,
									  xmin);
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

	dsql_write_set_snapshot_now(&now);
	if (heap->index_fetch_tuple(scan, tid, &now, slot, &again, all_dead) &&
		dsql_write_set_show(scan->rel, &now, slot))
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
		if (likely(!dsql_write_set_any()) ||
			dsql_write_set_show(scan->rel, snapshot, slot))
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
	latest = dsql_write_set_before(row, InvalidCommandId);
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
	DsqlChange *draft = dsql_write_set_of_draft(relid, tid);

	if (snapshot != SnapshotAny && dsql_write_set_hides(relid, tid, snapshot))
		return false;
	if (draft != NULL)
		dsql_write_set_store_draft(draft, slot);
	else if (!heap->tuple_fetch_row_version(rel, tid, snapshot, slot))
		return false;
	if (snapshot == SnapshotAny)
		show_end(dsql_write_set_look_up(relid, tid).row, draft, slot);
	return true;
}

static bool
btree_table_tuple_fetch_row_version(Relation rel, ItemPointer tid,
									Snapshot snapshot, TupleTableSlot *slot)
{
	if (likely(!dsql_write_set_any()))
		return heap->tuple_fetch_row_version(rel, tid, snapshot, slot);
	return fetch_beside_changes(rel, tid, snapshot, slot);
}

bool
dsql_tableam_fetch_row(Relation rel, ItemPointer tid, Snapshot snapshot,
					   TupleTableSlot *slot)
{
	return heap->tuple_fetch_row_version(rel, tid, snapshot, slot) &&
		dsql_write_set_show(rel, snapshot, slot);
}

static bool
btree_table_tuple_tid_valid(TableScanDesc scan, ItemPointer tid)
{
	return heap->tuple_tid_valid(scan, tid) ||
		dsql_write_set_of_draft(RelationGetRelid(scan->rs_rd), tid) != NULL;
}

static void
btree_table_tuple_get_latest_tid(TableScanDesc scan, ItemPointer tid)
{
	if (!dsql_write_set_any() ||
		dsql_write_set_follow(RelationGetRelid(scan->rs_rd), tid,
							  scan->rs_snapshot))
		heap->tuple_get_latest_tid(scan, tid);
}

static bool
btree_table_tuple_satisfies_snapshot(Relation rel, TupleTableSlot *slot,
									 Snapshot snapshot)
{
	if (unlikely(dsql_write_set_any()))
	{
		if (dsql_write_set_hides(RelationGetRelid(rel), &slot->tts_tid,
								 snapshot))
			return false;
		if (dsql_write_set_of_draft(RelationGetRelid(rel),
									&slot->tts_tid) != NULL)
			return true;
	}
	return heap->tuple_satisfies_snapshot(rel, slot, snapshot);
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
	DsqlIndexBuild build = {0};
	double		tuples;

	PG_TRY();
	{
		if (dsql_session_checked_enforced() && !index_info->ii_Concurrent)
			dsql_doomed_rows_begin_build(&build, rel, index_info, &callback,
										 &state);
		tuples = heap->index_build_range_scan(rel, index, index_info,
											  allow_sync, anyvisible, progress,
											  start, blocks, callback, state,
											  scan);
	}
	PG_FINALLY();
	{
		dsql_doomed_rows_end_build(&build);
		take_back(outer);
	}
	PG_END_TRY();

	/*
	 * The caller stores this number as the table's.  On the service only
	 * ANALYZE counts rows, so that a table that it has not seen keeps none.
	 */
	return dsql_settings_mode != DSQL_MODE_OFF &&
		rel->rd_rel->reltuples < 0 ? 0 : tuples;
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

		methods.tuple_insert = dsql_tableam_insert;
		methods.tuple_insert_speculative = dsql_tableam_insert_speculative;
		methods.tuple_complete_speculative = dsql_tableam_complete_speculative;
		methods.multi_insert = dsql_tableam_multi_insert;
		methods.tuple_delete = dsql_tableam_delete;
		methods.tuple_update = dsql_tableam_update;
		methods.tuple_lock = dsql_tableam_lock;

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
