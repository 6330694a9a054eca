/*
 * plan_cost.c
 *		Scans of the service's tables, as its planner sees them.
 *
 * PostgreSQL's planner makes the plans, of paths that cost what they would cost
 * on the service:
 *
 * 1. A table that was never analyzed has a million rows, and so has each of its
 *	  indexes; else the size is that of the last ANALYZE.
 * 2. Index paths are made by PostgreSQL and priced here, in the place of the
 *	  access method's own estimate.
 * 3. The primary key is the table.  A path through it has all columns at hand,
 *	  and a sequential path stands for the walk through all of it, which is how
 *	  the heap is read fastest.
 * 4. There are no bitmap, TID and parallel paths.
 *
 * The numbers were fitted to recorded plans; doc/explain.md has them.
 *
 * Only EXPLAIN plans like this, and statements whose DPUs are tracked, which
 * have to be what EXPLAIN says.  All others run with PostgreSQL's own plans: the
 * rows are the same, and a plan for a million rows in another kind of storage
 * makes a join of a hundred rows in a heap a hundred times slower.
 */
#include "postgres.h"

#include <math.h>

#include "access/sysattr.h"
#include "access/table.h"
#include "nodes/bitmapset.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/paths.h"
#include "optimizer/restrictinfo.h"
#include "utils/rel.h"
#include "utils/selfuncs.h"

#include "base/compat.h"
#include "explain/plan_cost.h"
#include "explain/predicate_layer.h"
#include "occ/tableam.h"

/* What was never analyzed. */
#define UNKNOWN_TUPLES			1000000.0
#define UNKNOWN_PAGES			10000.0

/* The settings of PostgreSQL with these names have no say in it. */
#define COST_ROUND_TRIP			100.0
#define COST_PAGE				4.0
#define COST_COMPARISON			0.0025	/* for each step of a search */
#define COST_FETCHED_ROW		0.125
#define COST_INDEX_ROW			0.005
#define COST_CONDITION			0.0025
#define COST_FILTERED_ROW		0.01
#define COST_SENT_ROW			0.001
#define COST_LOOKED_UP_ROW		0.0002
#define COST_PROBE_STARTUP		1.0 /* for each probe but the first */
#define COST_PROBE				0.024765

bool		dsql_plan_for_explain = false;

/* ------------------------------------------------------------------------
 * Numbers
 * ------------------------------------------------------------------------
 */

/*
 * The steps that it takes to find a row among so many.
 */
static Cost
search_cost(double tuples)
{
	return tuples > 1 ? COST_COMPARISON * ceil(log2(tuples)) : 0;
}

static double
share_of_pages(double rows, double pages, double tuples)
{
	if (tuples <= 0)
		return 1;
	return ceil(rows * pages / tuples);
}

static double
rows_after(PlannerInfo *root, const DsqlPlanScan *scan, List *clauses)
{
	double		rows = scan->rel->tuples * scan->probes *
	clauselist_selectivity(root, clauses, scan->rel->relid, JOIN_INNER, NULL);

	return clamp_row_est(rows);
}

void
dsql_plan_estimate(PlannerInfo *root, const DsqlPlanScan *scan,
				   DsqlPlanEstimate *estimate)
{
	double		pages = scan->index ? scan->index->pages :
	dsql_plan_table(scan->rel)->pages;
	double		tuples = scan->index ? scan->index->tuples :
	scan->rel->tuples;
	List	   *clauses = scan->conds;
	QualCost	storage;
	QualCost	processor;
	double		matched;
	double		kept;
	Cost		startup;
	Cost		run;

	if (scan->index != NULL)
		clauses = add_predicate_to_index_quals(scan->index, clauses);
	matched = rows_after(root, scan, clauses);
	clauses = list_concat_copy(clauses, scan->storage);
	kept = rows_after(root, scan, clauses);
	cost_qual_eval(&storage, scan->storage, root);
	cost_qual_eval(&processor, scan->processor, root);

	startup = COST_ROUND_TRIP + search_cost(tuples) +
		COST_FETCHED_ROW * matched + COST_PROBE_STARTUP * (scan->probes - 1);
	run = COST_PAGE * share_of_pages(matched, pages, tuples);
	if (scan->index != NULL)
		run += matched * (COST_INDEX_ROW +
						  COST_CONDITION * list_length(scan->conds)) +
			COST_PROBE * (scan->probes - 1);
	if (scan->index == NULL || scan->storage != NIL)
		run += matched * (COST_FILTERED_ROW + storage.per_tuple);
	run += COST_SENT_ROW * kept;
	if (scan->looks_up)
	{
		startup += COST_ROUND_TRIP + COST_FETCHED_ROW * kept;
		run += COST_PAGE * share_of_pages(kept,
										  dsql_plan_table(scan->rel)->pages,
										  scan->rel->tuples) +
			COST_LOOKED_UP_ROW * kept;
	}

	estimate->startup = startup + storage.startup + processor.startup;
	estimate->run = run + processor.per_tuple * kept;
	estimate->matched = matched;
	estimate->kept = kept;
	estimate->looked_up = scan->lookup == NIL ? kept :
		rows_after(root, scan, list_concat(clauses, scan->lookup));
}

/*
 * The rows that the scan returns.
 */
double
dsql_plan_rows(PlannerInfo *root, const DsqlPlanScan *scan)
{
	List	   *clauses = scan->conds;

	if (scan->index != NULL)
		clauses = add_predicate_to_index_quals(scan->index, clauses);
	clauses = list_concat_copy(clauses, scan->storage);
	clauses = list_concat(clauses, scan->lookup);
	return rows_after(root, scan, list_concat(clauses, scan->processor));
}

/* ------------------------------------------------------------------------
 * Where predicates go
 * ------------------------------------------------------------------------
 */

static bool
index_has_columns(const IndexOptInfo *index, Node *clause)
{
	Bitmapset  *columns = NULL;
	int			column = -1;

	pull_varattnos(clause, index->rel->relid, &columns);
	while ((column = bms_next_member(columns, column)) >= 0)
	{
		bool		found = false;

		for (int i = 0; i < index->ncolumns && !found; i++)
			found = index->indexkeys[i] ==
				column + FirstLowInvalidHeapAttributeNumber;
		if (!found)
			return false;
	}
	return true;
}

/*
 * Put a filter that consists of this clause where it is evaluated.
 */
void
dsql_plan_sort_filter(DsqlPlanScan *scan, Node *clause, void *filter)
{
	if (dsql_predicate_layer(clause, scan->rel->relid) == DSQL_LAYER_PROCESSOR)
		scan->processor = lappend(scan->processor, filter);
	else if (scan->looks_up && !index_has_columns(scan->index, clause))
		scan->lookup = lappend(scan->lookup, filter);
	else
		scan->storage = lappend(scan->storage, filter);
}

static void
sort_filters(DsqlPlanScan *scan, List *restrictinfos)
{
	ListCell   *lc;

	foreach(lc, restrictinfos)
	{
		RestrictInfo *rinfo = lfirst_node(RestrictInfo, lc);

		dsql_plan_sort_filter(scan, (Node *) rinfo->clause, rinfo);
	}
}

/*
 * What the conditions of the index leave over, as cost_index() has it.
 */
static List *
filters_of_path(IndexPath *path)
{
	List	   *all = path->indexinfo->indrestrictinfo;
	List	   *result = NIL;
	ListCell   *lc;

	if (path->path.param_info != NULL)
		all = list_concat_copy(all, path->path.param_info->ppi_clauses);
	foreach(lc, all)
	{
		RestrictInfo *rinfo = lfirst_node(RestrictInfo, lc);

		if (!rinfo->pseudoconstant &&
			!is_redundant_with_indexclauses(rinfo, path->indexclauses))
			result = lappend(result, rinfo);
	}
	return result;
}

void
dsql_plan_scan_of_path(IndexPath *path, DsqlPlanScan *scan)
{
	IndexOptInfo *index = path->indexinfo;

	memset(scan, 0, sizeof(DsqlPlanScan));
	scan->rel = index->rel;
	scan->index = index;
	scan->conds = get_quals_from_indexclauses(path->indexclauses);
	scan->probes = 1;
	scan->looks_up = path->path.pathtype == T_IndexScan &&
		index->indexoid != dsql_plan_table(index->rel)->pkey;
	sort_filters(scan, filters_of_path(path));
}

/* ------------------------------------------------------------------------
 * Index paths
 * ------------------------------------------------------------------------
 */

/*
 * The service's indexes cannot be searched for everything that PostgreSQL's
 * can.  What is no condition becomes a filter.
 */
static List *
conditions_of_service(IndexPath *path)
{
	List	   *result = NIL;
	ListCell   *lc;

	foreach(lc, path->indexclauses)
	{
		IndexClause *clause = lfirst_node(IndexClause, lc);

		if (dsql_predicate_fits_index((Node *) clause->rinfo->clause,
									  path->path.parent->relid))
			result = lappend(result, clause);
	}
	return list_length(result) == list_length(path->indexclauses) ?
		path->indexclauses : result;
}

/*
 * In the place of the access method's estimate.  cost_index() adds the costs of
 * the heap's pages, which are none at a selectivity of 0 in the order of the
 * heap, and of one tuple, which are subtracted here.
 */
static void
estimate_index_path(PlannerInfo *root, IndexPath *path, double loop_count,
					Cost *startup, Cost *total, Selectivity *selectivity,
					double *correlation, double *pages)
{
	DsqlPlanScan scan;
	DsqlPlanEstimate estimate;
	QualCost	added;

	cost_qual_eval(&added, filters_of_path(path), root);
	path->indexclauses = conditions_of_service(path);
	dsql_plan_scan_of_path(path, &scan);
	dsql_plan_estimate(root, &scan, &estimate);

	*startup = estimate.startup - added.startup;
	*total = *startup + estimate.run - (cpu_tuple_cost + added.per_tuple);
	*selectivity = 0;
	*correlation = 1;
	*pages = 0;
}

/* ------------------------------------------------------------------------
 * Relations
 * ------------------------------------------------------------------------
 */

static void
set_index(IndexOptInfo *index, const DsqlPlanTable *table, bool analyzed)
{
	Relation	rel;

	/*
	 * The same function serves all of our versions, as cost_index() casts it.
	 */
	index->amcostestimate = estimate_index_path;
	index->amhasgetbitmap = false;
	index->amcanparallel = false;
	index->pages = table->pages;
	index->tuples = table->tuples;
	if (!analyzed || index->indexoid == table->pkey)
		return;

	rel = index_open(index->indexoid, NoLock);
	if (rel->rd_rel->reltuples >= 0)
	{
		index->pages = rel->rd_rel->relpages;
		index->tuples = rel->rd_rel->reltuples;
	}
	else
	{
		index->pages = UNKNOWN_PAGES;
		index->tuples = UNKNOWN_TUPLES;
	}
	index_close(rel, NoLock);
}

void
dsql_plan_cost_relation(PlannerInfo *root, Oid relid, bool inhparent,
						RelOptInfo *rel)
{
	Relation	table;
	DsqlPlanTable *info;
	bool		analyzed;
	ListCell   *lc;

	if (inhparent)
		return;
	table = table_open(relid, NoLock);
	if (dsql_tableam_is_ours(table))
	{
		analyzed = table->rd_rel->reltuples >= 0;
		info = palloc0(sizeof(DsqlPlanTable));
		info->pkey = table->rd_pkindex;
		info->pages = analyzed ? table->rd_rel->relpages : UNKNOWN_PAGES;
		info->tuples = analyzed ? table->rd_rel->reltuples : UNKNOWN_TUPLES;
		rel->fdw_private = info;
		rel->tuples = info->tuples;
		rel->rel_parallel_workers = 0;

		/*
		 * PostgreSQL prices the sequential path before anybody else can. Let
		 * it cost more than any index path, until all paths are there.
		 */
		rel->pages = MaxBlockNumber;
		foreach(lc, rel->indexlist)
			set_index(lfirst_node(IndexOptInfo, lc), info, analyzed);
	}
	else if (dsql_plan_for_explain)
	{
		foreach(lc, rel->indexlist)
			lfirst_node(IndexOptInfo, lc)->amhasgetbitmap = false;
	}
	table_close(table, NoLock);
}

/* ------------------------------------------------------------------------
 * Paths of a table
 * ------------------------------------------------------------------------
 */

static IndexOptInfo *
primary_key(const RelOptInfo *rel)
{
	ListCell   *lc;

	foreach(lc, rel->indexlist)
	{
		IndexOptInfo *index = lfirst_node(IndexOptInfo, lc);

		if (index->indexoid == dsql_plan_table(rel)->pkey)
			return index;
	}
	return NULL;
}

static List *
without_constants(List *restrictinfos)
{
	List	   *result = NIL;
	ListCell   *lc;

	foreach(lc, restrictinfos)
	{
		if (!lfirst_node(RestrictInfo, lc)->pseudoconstant)
			result = lappend(result, lfirst(lc));
	}
	return result;
}

/*
 * The sequential path is a full scan.  If storage has nothing to filter, it
 * stands for a walk through the primary key, if there is one.
 */
static void
price_sequential_path(PlannerInfo *root, RelOptInfo *rel, Path *path)
{
	DsqlPlanScan scan = {.rel = rel,.probes = 1};
	DsqlPlanEstimate estimate;
	List	   *filters = rel->baserestrictinfo;
	bool		enabled = enable_seqscan;

	if (path->param_info != NULL)
		filters = list_concat_copy(filters, path->param_info->ppi_clauses);
	sort_filters(&scan, without_constants(filters));
	if (scan.storage == NIL && enable_indexscan)
	{
		scan.index = primary_key(rel);
		enabled |= scan.index != NULL;
	}
	dsql_plan_estimate(root, &scan, &estimate);

	path->startup_cost = estimate.startup + path->pathtarget->cost.startup +
		dsql_path_enable(path, enabled);
	path->total_cost = path->startup_cost + estimate.run +
		path->pathtarget->cost.per_tuple * path->rows;
}

/*
 * Does the sequential path stand for this one, too?
 */
static bool
is_walk(Path *path)
{
	IndexPath  *index_path = (IndexPath *) path;

	return IsA(path, IndexPath) && index_path->indexclauses == NIL &&
		path->pathkeys == NIL && enable_seqscan &&
		index_path->indexinfo->indexoid ==
		dsql_plan_table(path->parent)->pkey;
}

static void
add_own_path(RelOptInfo *rel, Path *path)
{
	path->parallel_safe = false;
	add_path(rel, path);
}

/*
 * With full scans off, the primary key can still be walked and filtered.
 */
static void
add_walk(PlannerInfo *root, RelOptInfo *rel)
{
	IndexOptInfo *index = primary_key(rel);

	if (index != NULL && bms_is_empty(rel->lateral_relids))
		add_own_path(rel, (Path *) create_index_path(root, index, NIL, NIL,
													 NIL, NIL,
													 ForwardScanDirection,
													 false, NULL, 1.0,
													 false));
}

/*
 * Is there something that only a TID path can do?
 */
static bool
has_current_of(const RelOptInfo *rel)
{
	ListCell   *lc;

	foreach(lc, rel->baserestrictinfo)
	{
		if (IsA(lfirst_node(RestrictInfo, lc)->clause, CurrentOfExpr))
			return true;
	}
	return false;
}

void
dsql_plan_cost_paths(PlannerInfo *root, RelOptInfo *rel, RangeTblEntry *rte)
{
	DsqlPlanTable *table = dsql_plan_table(rel);
	List	   *paths = rel->pathlist;
	Path	   *sequential;
	ListCell   *lc;

	dsql_price_trivial_subquery(rel);
	if (table == NULL)
		return;
	rel->pages = table->pages;
	if (rte->tablesample != NULL || has_current_of(rel) || IS_DUMMY_REL(rel))
		return;

	/* An index path may have displaced the sequential path for its price. */
	sequential = create_seqscan_path(root, rel, rel->lateral_relids, 0);
	price_sequential_path(root, rel, sequential);
	rel->pathlist = NIL;
	rel->partial_pathlist = NIL;
	rel->consider_parallel = false;
	/* Scans of which a system column is needed return only what is needed. */
	if (dsql_plan_for_explain)
		rel->attr_needed[0] = bms_add_member(rel->attr_needed[0], 0);
	add_own_path(rel, sequential);
	foreach(lc, paths)
	{
		Path	   *path = lfirst(lc);

		if (IsA(path, IndexPath) && !is_walk(path))
			add_own_path(rel, path);
	}
	if (!enable_seqscan)
		add_walk(root, rel);
}
