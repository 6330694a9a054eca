/*
 * scan_count.c
 *		Rows and bytes that scans read, counted while they run.
 *
 * The executor asks the filter of a scan about each row.  Ours counts the row
 * before it asks the filters of each layer.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "executor/executor.h"
#include "nodes/nodeFuncs.h"
#include "utils/datum.h"
#include "utils/rel.h"

#include "base/compat.h"
#include "explain/scan_count.h"
#include "explain/scan_shape.h"

/*
 * The bytes of the columns, without what PostgreSQL puts before them.
 */
static Size
row_bytes(TupleTableSlot *slot)
{
	bool		should_free = false;
	HeapTuple	tuple;
	Size		bytes;

	if (TTS_IS_BUFFERTUPLE(slot) || TTS_IS_HEAPTUPLE(slot))
	{
		tuple = ExecFetchSlotHeapTuple(slot, false, &should_free);
		return tuple->t_len - tuple->t_data->t_hoff;
	}
	slot_getallattrs(slot);
	bytes = heap_compute_data_size(slot->tts_tupleDescriptor, slot->tts_values,
								   slot->tts_isnull);
	return bytes;
}

static Size
value_bytes(Form_pg_attribute column, Datum value)
{
	return column->attlen == -1 ? VARSIZE_ANY(DatumGetPointer(value)) :
		datumGetSize(value, column->attbyval, column->attlen);
}

/*
 * The bytes of the entry through which the row was found, if that is not the
 * row.  The values of expressions are not known.
 */
static Size
entry_bytes(DsqlScanCount *count, TupleTableSlot *slot)
{
	Form_pg_index index;
	Size		bytes = 0;

	if (!count->looks_up)
		return row_bytes(slot);
	index = castNode(IndexScanState, count->scan)->iss_RelationDesc->rd_index;
	for (int i = 0; i < index->indnatts; i++)
	{
		AttrNumber	column = index->indkey.values[i];
		bool		isnull = column == 0;
		Datum		value = isnull ? 0 : slot_getattr(slot, column, &isnull);

		if (!isnull)
			bytes += value_bytes(TupleDescAttr(slot->tts_tupleDescriptor,
											   column - 1), value);
	}
	return bytes;
}

static Datum
count_row(ExprState *state, ExprContext *econtext, bool *isnull)
{
	DsqlScanCount *count = state->evalfunc_private;
	TupleTableSlot *slot = econtext->ecxt_scantuple;

	*isnull = false;
	count->matched++;
	count->scanned_bytes += entry_bytes(count, slot);
	if (!ExecQual(count->storage, econtext))
		return BoolGetDatum(false);
	count->kept++;
	if (count->looks_up)
		count->looked_up_bytes += row_bytes(slot);
	if (!ExecQual(count->lookup, econtext))
		return BoolGetDatum(false);
	count->looked_up++;
	if (!ExecQual(count->processor, econtext))
		return BoolGetDatum(false);
	count->returned++;
	return BoolGetDatum(ExecQual(count->join, econtext));
}

typedef struct BeginContext
{
	PlannedStmt *stmt;
	PlannerInfo *root;
	List	   *counts;
} BeginContext;

static void
count_scan(BeginContext *context, ScanState *scan, NestLoop *batch)
{
	PlanState  *state = &scan->ps;
	DsqlScanShape *shape = dsql_scan_shape(context->root, state->plan,
										   batch);
	DsqlScanCount *count = palloc0(sizeof(DsqlScanCount));
	ExprState  *filter = makeNode(ExprState);

	count->scan = scan;
	count->looks_up = shape->kind == DSQL_SCAN_INDEX;
	count->storage = ExecInitQual(shape->storage, state);
	count->lookup = ExecInitQual(shape->lookup, state);
	count->processor = ExecInitQual(shape->processor, state);
	count->join = ExecInitQual(shape->join, state);
	filter->flags = EEO_FLAG_IS_QUAL;
	filter->evalfunc = count_row;
	filter->evalfunc_private = count;
	state->qual = filter;
	dsql_let_scan_filter(scan);
	context->counts = lappend(context->counts, count);
}

static bool
begin_count(PlanState *state, BeginContext *context)
{
	if (dsql_scan_is_batched(context->stmt, state->plan))
		count_scan(context, (ScanState *) innerPlanState(state),
				   (NestLoop *) state->plan);
	else if (dsql_scan_is_ours(context->stmt, state->plan) &&
			 dsql_scan_count_find(context->counts, state) == NULL)
		count_scan(context, (ScanState *) state, NULL);
	return planstate_tree_walker(state, begin_count, context);
}

List *
dsql_scan_count_begin(QueryDesc *queryDesc)
{
	BeginContext context = {.stmt = queryDesc->plannedstmt};
	MemoryContext old = MemoryContextSwitchTo(queryDesc->estate->es_query_cxt);

	context.root = dsql_scan_planner(context.stmt);
	begin_count(queryDesc->planstate, &context);
	MemoryContextSwitchTo(old);
	return context.counts;
}

/*
 * The executor opens a scan when it is asked for the first row.
 */
bool
dsql_scan_count_began(const DsqlScanCount *count)
{
	switch (nodeTag(count->scan))
	{
		case T_IndexScanState:
			return ((IndexScanState *) count->scan)->iss_ScanDesc != NULL;
		case T_IndexOnlyScanState:
			return ((IndexOnlyScanState *) count->scan)->ioss_ScanDesc != NULL;
		default:
			return count->scan->ss_currentScanDesc != NULL;
	}
}

DsqlScanCount *
dsql_scan_count_find(List *counts, PlanState *state)
{
	ListCell   *lc;

	foreach(lc, counts)
	{
		DsqlScanCount *count = lfirst(lc);

		if (&count->scan->ps == state)
			return count;
	}
	return NULL;
}
