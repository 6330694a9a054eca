/*
 * plan_join.c
 *		Joins that the service does in batches.
 *
 * A nested loop that looks up its inner rows through an index of a table asks
 * storage for many outer rows at once.  PostgreSQL executes it row by row, which
 * gives the same rows, but it costs what a batch costs and promises no order.
 *
 * While dsql.enable_batched_nestloop is on, each nested loop of this kind is
 * such a join, so that the plan alone tells whether one is.
 */
#include "postgres.h"

#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/paths.h"

#include "base/compat.h"
#include "explain/plan_cost.h"
#include "explain/plan_join.h"

#define COST_MATCH	0.0035		/* for each pair of an outer and an inner row */
#define COST_JOINED_ROW	0.01

/*
 * The scan that looks up the inner rows, or NULL if the join is no such one.
 * PostgreSQL may have put a cache above it.
 */
static IndexPath *
inner_lookup(NestPath *join)
{
	Path	   *inner = join->jpath.innerjoinpath;

	if (IsA(inner, MemoizePath))
		inner = ((MemoizePath *) inner)->subpath;
	if (IsA(inner, IndexPath) && dsql_plan_table(inner->parent) != NULL &&
		bms_overlap(PATH_REQ_OUTER(inner),
					join->jpath.outerjoinpath->parent->relids))
		return (IndexPath *) inner;
	return NULL;
}

/*
 * A filter on columns of the other side, too, is the join's and not the scan's.
 */
static List *
own_filters(List *filters, Relids own, List **others)
{
	List	   *result = NIL;
	ListCell   *lc;

	foreach(lc, filters)
	{
		RestrictInfo *rinfo = lfirst_node(RestrictInfo, lc);

		if (bms_is_subset(rinfo->clause_relids, own))
			result = lappend(result, rinfo);
		else
			*others = lappend(*others, rinfo);
	}
	return result;
}

/*
 * The same scan, done for so many outer rows at once.
 */
static Path *
batch_of(PlannerInfo *root, IndexPath *lookup, double probes,
		 List **join_filters)
{
	IndexPath  *batch = makeNode(IndexPath);
	Path	   *path = &batch->path;
	DsqlPlanScan scan;
	DsqlPlanEstimate estimate;

	memcpy(batch, lookup, sizeof(IndexPath));
	dsql_plan_scan_of_path(batch, &scan);
	scan.probes = probes;
	scan.storage = own_filters(scan.storage, path->parent->relids,
							   join_filters);
	scan.lookup = own_filters(scan.lookup, path->parent->relids, join_filters);
	scan.processor = own_filters(scan.processor, path->parent->relids,
								 join_filters);
	dsql_plan_estimate(root, &scan, &estimate);
	path->rows = *join_filters == NIL ?
		clamp_row_est(lookup->path.rows * probes) : dsql_plan_rows(root, &scan);
	path->startup_cost = estimate.startup + path->pathtarget->cost.startup +
		dsql_path_enable(path, enable_indexscan);
	path->total_cost = path->startup_cost + estimate.run +
		path->pathtarget->cost.per_tuple * path->rows;
	return path;
}

static void
make_batched(PlannerInfo *root, NestPath *join, IndexPath *lookup)
{
	Path	   *path = &join->jpath.path;
	Path	   *outer = join->jpath.outerjoinpath;
	List	   *join_filters = NIL;
	Path	   *inner = batch_of(root, lookup, clamp_row_est(outer->rows),
								 &join_filters);
	QualCost	filters;

	join_filters = list_concat(join_filters, join->jpath.joinrestrictinfo);
	cost_qual_eval(&filters, join_filters, root);
	join->jpath.innerjoinpath = inner;
	path->pathkeys = NIL;
	path->startup_cost = outer->startup_cost + inner->startup_cost +
		filters.startup + path->pathtarget->cost.startup +
		dsql_join_enable(enable_nestloop);
	path->total_cost = path->startup_cost +
		(outer->total_cost - outer->startup_cost) +
		(inner->total_cost - inner->startup_cost) +
		COST_MATCH * outer->rows * inner->rows +
		filters.per_tuple * inner->rows +
		(COST_JOINED_ROW + path->pathtarget->cost.per_tuple) * path->rows;
}

/*
 * The joins that PostgreSQL has thought of.
 */
static void
replace_joins(PlannerInfo *root, RelOptInfo *joinrel)
{
	List	   *paths = joinrel->pathlist;
	ListCell   *lc;

	joinrel->pathlist = NIL;
	foreach(lc, paths)
	{
		Path	   *path = lfirst(lc);

		if (IsA(path, NestPath))
		{
			IndexPath  *lookup = inner_lookup((NestPath *) path);

			/* A batch is in no list. */
			if (lookup != NULL &&
				list_member_ptr(lookup->path.parent->pathlist, lookup))
				make_batched(root, (NestPath *) path, lookup);
		}
		add_path(joinrel, path);
	}
}

static void
add_join(PlannerInfo *root, RelOptInfo *joinrel, Path *outer, Path *inner,
		 JoinType jointype, JoinPathExtraData *extra)
{
	JoinCostWorkspace workspace;
	NestPath   *join;
	IndexPath  *lookup;

	initial_cost_nestloop(root, &workspace, jointype, outer, inner, extra);
	join = create_nestloop_path(root, joinrel, jointype, &workspace, extra,
								outer, inner, extra->restrictlist, NIL, NULL);
	lookup = inner_lookup(join);
	if (lookup == NULL)
		return;
	make_batched(root, join, lookup);
	add_path(joinrel, (Path *) join);
}

/*
 * The joins that PostgreSQL has dismissed, since it does not know of batches.
 */
static void
add_joins(PlannerInfo *root, RelOptInfo *joinrel, RelOptInfo *outerrel,
		  RelOptInfo *innerrel, JoinType jointype, JoinPathExtraData *extra)
{
	Path	   *outer = outerrel->cheapest_total_path;
	ListCell   *lc;

	if (jointype == JOIN_UNIQUE_OUTER)
	{
		outer = (Path *) create_unique_path(root, outerrel, outer,
											extra->sjinfo);
		jointype = JOIN_INNER;
	}
	if (outer == NULL || PATH_REQ_OUTER(outer) != NULL ||
		(jointype != JOIN_INNER && jointype != JOIN_LEFT &&
		 jointype != JOIN_SEMI && jointype != JOIN_ANTI))
		return;
	foreach(lc, innerrel->cheapest_parameterized_paths)
	{
		Path	   *inner = lfirst(lc);

		if (IsA(inner, IndexPath) && PATH_REQ_OUTER(inner) != NULL &&
			bms_is_subset(PATH_REQ_OUTER(inner), outerrel->relids))
			add_join(root, joinrel, outer, inner, jointype, extra);
	}
}

void
dsql_plan_join_paths(PlannerInfo *root, RelOptInfo *joinrel,
					 RelOptInfo *outerrel, RelOptInfo *innerrel,
					 JoinType jointype, JoinPathExtraData *extra)
{
	if (!dsql_settings_enable_batched_nestloop ||
		!IS_SIMPLE_REL(innerrel) || dsql_plan_table(innerrel) == NULL)
		return;
	replace_joins(root, joinrel);
	add_joins(root, joinrel, outerrel, innerrel, jointype, extra);
}
