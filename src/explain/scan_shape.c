/*
 * scan_shape.c
 *		A scan of a plan, taken apart into the layers of the service.
 *
 * A plan has one filter and one number of rows for what the service does in
 * several places.  The filter is divided as it was when the path was priced, and
 * the numbers of rows are estimated again, with the statistics that the planner
 * had.
 */
#include "postgres.h"

#include "access/sysattr.h"
#include "access/table.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "parser/parsetree.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "base/compat.h"
#include "explain/scan_shape.h"
#include "occ/tableam.h"

PlannerInfo *
dsql_scan_planner(PlannedStmt *stmt)
{
	PlannerInfo *root = makeNode(PlannerInfo);

	root->parse = makeNode(Query);
	root->parse->commandType = CMD_SELECT;
	root->parse->rtable = stmt->rtable;
	dsql_copy_permissions(root->parse, stmt);
	root->glob = makeNode(PlannerGlobal);
	root->query_level = 1;
	root->planner_cxt = CurrentMemoryContext;
	root->wt_param_id = -1;
	setup_simple_rel_arrays(root);
	return root;
}

bool
dsql_scan_is_ours(PlannedStmt *stmt, Plan *plan)
{
	return (IsA(plan, SeqScan) || IsA(plan, IndexScan) ||
			IsA(plan, IndexOnlyScan)) &&
		dsql_scan_is_of_ours(stmt, ((Scan *) plan)->scanrelid);
}

bool
dsql_scan_is_of_ours(PlannedStmt *stmt, Index relid)
{
	RangeTblEntry *rte = rt_fetch(relid, stmt->rtable);
	Relation	rel;
	bool		result;

	if (rte->rtekind != RTE_RELATION)
		return false;
	rel = table_open(rte->relid, NoLock);
	result = dsql_tableam_is_ours(rel);
	table_close(rel, NoLock);
	return result;
}

/*
 * A nested loop that passes columns to a scan of ours is a batched join; see
 * plan_join.c.
 */
bool
dsql_scan_is_batched(PlannedStmt *stmt, Plan *plan)
{
	return dsql_settings_enable_batched_nestloop && IsA(plan, NestLoop) &&
		((NestLoop *) plan)->nestParams != NIL &&
		(IsA(innerPlan(plan), IndexScan) ||
		 IsA(innerPlan(plan), IndexOnlyScan)) &&
		dsql_scan_is_ours(stmt, innerPlan(plan));
}

bool
dsql_scan_is_passed(Node *node, NestLoop *join)
{
	ListCell   *lc;

	if (node == NULL)
		return false;
	if (!IsA(node, Param))
		return expression_tree_walker(node, dsql_scan_is_passed, join);
	foreach(lc, join->nestParams)
	{
		if (((Param *) node)->paramkind == PARAM_EXEC &&
			lfirst_node(NestLoopParam, lc)->paramno == ((Param *) node)->paramid)
			return true;
	}
	return false;
}

/* ------------------------------------------------------------------------
 * Columns
 * ------------------------------------------------------------------------
 */

/*
 * In the plan of an index-only scan the columns are those of the index.
 */
static Node *
with_table_columns(Node *node, List *index_columns)
{
	if (node == NULL)
		return NULL;
	if (IsA(node, Var) && ((Var *) node)->varno == INDEX_VAR)
	{
		TargetEntry *column = list_nth_node(TargetEntry, index_columns,
											((Var *) node)->varattno - 1);

		return (Node *) copyObject(column->expr);
	}
	return expression_tree_mutator(node, with_table_columns, index_columns);
}

static Node *
as_table_columns(Plan *plan, Node *node)
{
	if (!IsA(plan, IndexOnlyScan))
		return node;
	return with_table_columns(node, ((IndexOnlyScan *) plan)->indextlist);
}

/*
 * What the query processor needs of the scan, as pull_varattnos() has it.
 */
static Bitmapset *
needed_columns(Plan *plan, const DsqlPlanScan *scan)
{
	Bitmapset  *columns = NULL;

	pull_varattnos(as_table_columns(plan, (Node *) plan->targetlist),
				   scan->rel->relid, &columns);
	pull_varattnos((Node *) scan->processor, scan->rel->relid, &columns);
	return columns;
}

static bool
is_needed(const Bitmapset *columns, AttrNumber column)
{
	return bms_is_member(column - FirstLowInvalidHeapAttributeNumber, columns) ||
		(column > 0 && bms_is_member(0 - FirstLowInvalidHeapAttributeNumber,
									 columns));
}

static List *
table_columns(Oid table, const RelOptInfo *rel, const Bitmapset *columns)
{
	List	   *result = NIL;

	for (AttrNumber column = 1; column <= rel->max_attr; column++)
	{
		if (!is_needed(columns, column) ||
			get_atttype(table, column) == InvalidOid)
			continue;
		result = lappend(result, get_attname(table, column, false));
	}
	return result;
}

static List *
index_columns(Oid table, const IndexOptInfo *index, const Bitmapset *columns)
{
	List	   *result = NIL;

	for (int i = 0; i < index->ncolumns; i++)
	{
		if (index->indexkeys[i] == 0)
			continue;
		if (is_needed(columns, index->indexkeys[i]))
			result = lappend(result,
							 get_attname(table, index->indexkeys[i], false));
	}
	return result;
}

static void
set_columns(DsqlScanShape *shape, Plan *plan, const DsqlPlanScan *scan)
{
	Bitmapset  *needed = needed_columns(plan, scan);

	if (shape->kind == DSQL_SCAN_INDEX)
		shape->looked_up_columns = table_columns(shape->table, scan->rel,
												 needed);
	else if (scan->index == NULL ||
			 scan->index->indexoid == dsql_plan_table(scan->rel)->pkey)
		shape->scanned_columns = table_columns(shape->table, scan->rel,
											   needed);
	else
		shape->scanned_columns = index_columns(shape->table, scan->index,
											   needed);
}

/* ------------------------------------------------------------------------
 * Predicates
 * ------------------------------------------------------------------------
 */

static List *
conditions(Plan *plan)
{
	if (IsA(plan, IndexScan))
		return ((IndexScan *) plan)->indexqualorig;
	if (IsA(plan, IndexOnlyScan))
		return ((IndexOnlyScan *) plan)->indexqual;
	return NIL;
}

/*
 * The members of "filters" whose twins are in "sorted".
 */
static List *
select_twins(List *filters, List *twins, List *sorted)
{
	List	   *result = NIL;
	ListCell   *filter;
	ListCell   *twin;

	forboth(filter, filters, twin, twins)
	{
		if (list_member_ptr(sorted, lfirst(twin)))
			result = lappend(result, lfirst(filter));
	}
	return result;
}

static void
sort_filters(DsqlScanShape *shape, Plan *plan, NestLoop *batch,
			 DsqlPlanScan *scan)
{
	List	   *twins = NIL;
	ListCell   *lc;

	foreach(lc, plan->qual)
	{
		Node	   *twin = as_table_columns(plan, lfirst(lc));

		twins = lappend(twins, twin);
		if (batch != NULL && dsql_scan_is_passed(twin, batch))
			shape->join = lappend(shape->join, lfirst(lc));
		else
			dsql_plan_sort_filter(scan, twin, twin);
	}
	shape->storage = select_twins(plan->qual, twins, scan->storage);
	shape->lookup = select_twins(plan->qual, twins, scan->lookup);
	shape->processor = select_twins(plan->qual, twins, scan->processor);
}

/* ------------------------------------------------------------------------
 * The whole
 * ------------------------------------------------------------------------
 */

static IndexOptInfo *
find_index(const RelOptInfo *rel, Oid oid)
{
	ListCell   *lc;

	foreach(lc, rel->indexlist)
	{
		if (lfirst_node(IndexOptInfo, lc)->indexoid == oid)
			return lfirst(lc);
	}
	return NULL;
}

static void
set_kind(DsqlScanShape *shape, Plan *plan, DsqlPlanScan *scan)
{
	Oid			pkey = dsql_plan_table(scan->rel)->pkey;

	switch (nodeTag(plan))
	{
		case T_SeqScan:
			shape->kind = DSQL_SCAN_FULL;
			if (shape->storage == NIL && enable_indexscan && OidIsValid(pkey))
			{
				shape->kind = DSQL_SCAN_INDEX_ONLY;
				shape->index = pkey;
				scan->index = find_index(scan->rel, pkey);
			}
			break;
		case T_IndexScan:
			shape->kind = shape->index == pkey ? DSQL_SCAN_INDEX_ONLY :
				DSQL_SCAN_INDEX;
			shape->backward =
				ScanDirectionIsBackward(((IndexScan *) plan)->indexorderdir);
			break;
		default:
			shape->kind = DSQL_SCAN_INDEX_ONLY;
			shape->backward =
				ScanDirectionIsBackward(((IndexOnlyScan *) plan)->indexorderdir);
			break;
	}
}

/*
 * What the planner knew better, such as that a key is unique.
 */
static void
fit_rows(DsqlScanShape *shape, double rows)
{
	if (shape->processor != NIL)
		return;
	shape->rows.looked_up = rows;
	if (shape->lookup != NIL)
		return;
	shape->rows.kept = rows;
	if (shape->storage == NIL)
		shape->rows.matched = rows;
}

DsqlScanShape *
dsql_scan_shape(PlannerInfo *root, Plan *plan, NestLoop *batch)
{
	DsqlScanShape *shape = palloc0(sizeof(DsqlScanShape));
	Index		relid = ((Scan *) plan)->scanrelid;
	DsqlPlanScan scan = {.probes = 1};

	if (batch != NULL)
		scan.probes = outerPlan(batch)->plan_rows;
	scan.rel = root->simple_rel_array[relid];
	if (scan.rel == NULL)
		scan.rel = build_simple_rel(root, relid, NULL);
	shape->table = root->simple_rte_array[relid]->relid;
	/* PostgreSQL's planner may have made the plan. */
	if (dsql_plan_table(scan.rel) == NULL)
		dsql_plan_cost_relation(root, shape->table, false, scan.rel);
	shape->conds = conditions(plan);
	scan.conds = (List *) as_table_columns(plan, (Node *) shape->conds);
	if (IsA(plan, IndexScan))
		shape->index = ((IndexScan *) plan)->indexid;
	else if (IsA(plan, IndexOnlyScan))
		shape->index = ((IndexOnlyScan *) plan)->indexid;
	if (OidIsValid(shape->index))
		scan.index = find_index(scan.rel, shape->index);
	scan.looks_up = IsA(plan, IndexScan) &&
		shape->index != dsql_plan_table(scan.rel)->pkey;
	sort_filters(shape, plan, batch, &scan);
	set_kind(shape, plan, &scan);
	set_columns(shape, plan, &scan);
	dsql_plan_estimate(root, &scan, &shape->rows);
	fit_rows(shape, plan->plan_rows);
	return shape;
}
