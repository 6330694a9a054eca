/*
 * executor.c
 *		What the executor must do differently because of noted changes.
 *
 * 1. The queries of referential integrity use the newest snapshot, and a row
 *	  that only this snapshot shows makes the statement fail.  On our tables
 *	  they see what the transaction sees, and COMMIT decides about the rest.
 * 2. Parallel workers do not know the noted changes, so there are none.
 * 3. Nor does the visibility map know them, so index-only scans that trust it
 *	  have to ask the table.
 *
 * All this is set up when a query starts.  Later commands may note more, but
 * nothing that the query's snapshot would show.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/relscan.h"
#include "access/table.h"
#include "access/tableam.h"
#include "catalog/pg_class.h"
#include "executor/executor.h"
#include "nodes/nodeFuncs.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

#include "base/compat.h"
#include "occ/executor.h"
#include "occ/tableam.h"
#include "occ/write_set.h"

/* nodeIndexonlyscan.c's own function, which it does not export. */
static ExecProcNodeMtd exec_index_only_scan = NULL;

/*
 * Does the table refer to one of another access method?  There, a lock on the
 * referenced row is gone when its transaction has committed, and it takes the
 * newest snapshot to see what the lock was for.
 */
static bool
refers_to_others(Relation rel)
{
	ListCell   *lc;

	foreach(lc, RelationGetFKeyList(rel))
	{
		ForeignKeyCacheInfo *key = lfirst_node(ForeignKeyCacheInfo, lc);
		HeapTuple	tuple = SearchSysCache1(RELOID,
											ObjectIdGetDatum(key->confrelid));
		bool		others;

		if (!HeapTupleIsValid(tuple))
			elog(ERROR, "cache lookup failed for relation %u", key->confrelid);
		others = ((Form_pg_class) GETSTRUCT(tuple))->relam !=
			rel->rd_rel->relam;
		ReleaseSysCache(tuple);
		if (others)
			return true;
	}
	return false;
}

/*
 * Does the query of referential integrity read a table of ours, in which COMMIT
 * decides about what is newer than the transaction?
 */
static bool
reads_our_table(PlannedStmt *stmt)
{
	bool		result = false;
	ListCell   *lc;

	foreach(lc, stmt->rtable)
	{
		RangeTblEntry *rte = lfirst_node(RangeTblEntry, lc);

		if (rte->rtekind == RTE_RELATION)
		{
			Relation	rel = table_open(rte->relid, NoLock);

			if (dsql_tableam_is_ours(rel) && !refers_to_others(rel))
				result = true;
			table_close(rel, NoLock);
		}
	}
	return result;
}

/*
 * The snapshot that was meant for a later check is the transaction's own.
 */
static void
use_transaction_snapshot(QueryDesc *queryDesc)
{
	/* The active one is a copy, which the next command does not change. */
	PushActiveSnapshot(queryDesc->crosscheck_snapshot);
	UnregisterSnapshot(queryDesc->snapshot);
	queryDesc->snapshot = RegisterSnapshot(GetActiveSnapshot());
	PopActiveSnapshot();
}

void
dsql_executor_forbid_parallel(QueryDesc *queryDesc)
{
	PlannedStmt *stmt = makeNode(PlannedStmt);

	/* The plan may be cached. */
	memcpy(stmt, queryDesc->plannedstmt, sizeof(PlannedStmt));
	stmt->parallelModeNeeded = false;
	queryDesc->plannedstmt = stmt;
}

/*
 * An index-only scan returned a row.  Would it have, had it asked the table?
 * If it did, it has already replaced the identifier that is in the index by
 * that of the version that it found, from which no search may begin.
 */
static bool
is_in_table(IndexOnlyScanState *node)
{
	Relation	rel = node->ss.ss_currentRelation;
	Snapshot	snapshot = node->ss.ps.state->es_snapshot;
	ItemPointerData tid = node->ioss_ScanDesc->xs_heaptid;
	bool		result;

	result = table_index_fetch_tuple_check(rel, &tid, snapshot, NULL) ||
		dsql_tableam_fetch_row(rel, &node->ioss_ScanDesc->xs_heaptid,
							   snapshot, node->ioss_TableSlot);
	ExecClearTuple(node->ioss_TableSlot);
	return result;
}

static TupleTableSlot *
checked_index_only_scan(PlanState *pstate)
{
	IndexOnlyScanState *node = castNode(IndexOnlyScanState, pstate);
	TupleTableSlot *slot;

	do
	{
		slot = exec_index_only_scan(pstate);
	} while (!TupIsNull(slot) && !is_in_table(node));
	return slot;
}

static bool
distrust_visibility_map(PlanState *pstate, void *context)
{
	if (pstate == NULL)
		return false;

	if (IsA(pstate, IndexOnlyScanState))
	{
		IndexOnlyScanState *node = (IndexOnlyScanState *) pstate;

		if (node->ss.ss_currentRelation != NULL &&
			dsql_tableam_is_ours(node->ss.ss_currentRelation))
		{
			if (exec_index_only_scan == NULL)
				exec_index_only_scan = pstate->ExecProcNodeReal;
			ExecSetExecProcNode(pstate, checked_index_only_scan);
		}
	}
	else if (IsA(pstate, BitmapHeapScanState))
		dsql_bitmap_scan_fetch_all((BitmapHeapScanState *) pstate);

	return planstate_tree_walker(pstate, distrust_visibility_map, context);
}

void
dsql_executor_before_start(QueryDesc *queryDesc)
{
	if (queryDesc->crosscheck_snapshot != InvalidSnapshot &&
		reads_our_table(queryDesc->plannedstmt))
		use_transaction_snapshot(queryDesc);

	if (dsql_write_set_any() && queryDesc->plannedstmt->parallelModeNeeded)
		dsql_executor_forbid_parallel(queryDesc);
}

void
dsql_executor_after_start(QueryDesc *queryDesc)
{
	distrust_visibility_map(queryDesc->planstate, NULL);
}
