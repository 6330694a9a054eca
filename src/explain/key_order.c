/*
 * key_order.c
 *		Rows of a small table come in the order of its primary key.
 *
 * On the service the primary key is the table, so that all of it is read in the
 * order of the key where nothing else is asked for.  Here that is the order of
 * the heap, in which rows were inserted, and code that relies on that order
 * would pass.  A walk through the key takes the place of the sequential path as
 * long as the table has one page, for the same price.  In larger ones the walk
 * takes several times as long as the scan.
 */
#include "postgres.h"

#include "access/table.h"
#include "optimizer/cost.h"
#include "optimizer/pathnode.h"
#include "optimizer/paths.h"
#include "storage/bufmgr.h"
#include "utils/rel.h"

#include "explain/key_order.h"
#include "explain/plan_cost.h"
#include "occ/tableam.h"

#define SMALL_PAGES 1

/* What PostgreSQL's planner takes a table for that was never analyzed. */
#define ASSUMED_PAGES 10

/*
 * The primary key, if the table is small and one of ours; or NULL.
 */
static IndexOptInfo *
key_of_small_table(const RelOptInfo *rel, Oid relid)
{
	Relation	table = table_open(relid, NoLock);
	Oid			key = InvalidOid;
	ListCell   *lc;

	if (dsql_tableam_is_ours(table) &&
		RelationGetNumberOfBlocks(table) <= SMALL_PAGES)
		key = table->rd_pkindex;
	table_close(table, NoLock);

	foreach(lc, rel->indexlist)
	{
		IndexOptInfo *index = lfirst_node(IndexOptInfo, lc);

		if (index->indexoid == key)
			return index;
	}
	return NULL;
}

/*
 * The place of the sequential path in the list of paths, or NULL.
 */
static ListCell *
sequential_path(const RelOptInfo *rel)
{
	ListCell   *lc;

	foreach(lc, rel->pathlist)
	{
		Path	   *path = lfirst(lc);

		if (path->pathtype == T_SeqScan && path->param_info == NULL)
			return lc;
	}
	return NULL;
}

void
dsql_key_order_paths(PlannerInfo *root, RelOptInfo *rel, RangeTblEntry *rte)
{
	ListCell   *place;
	IndexOptInfo *key;
	IndexPath  *walk;
	Path	   *sequential;

	if (rte->rtekind != RTE_RELATION || rel->indexlist == NIL ||
		rel->pages > ASSUMED_PAGES || !enable_seqscan || !enable_indexscan ||
		!dsql_plan_explains() || (place = sequential_path(rel)) == NULL)
		return;
	/* One row has no order. */
	if (rel->baserestrictinfo != NIL &&
		relation_has_unique_index_for(root, rel, NIL, NIL, NIL))
		return;
	key = key_of_small_table(rel, rte->relid);
	if (key == NULL)
		return;

	sequential = lfirst(place);
	walk = create_index_path(root, key, NIL, NIL, NIL, NIL,
							 ForwardScanDirection, false, NULL, 1.0, false);
	walk->path.startup_cost = sequential->startup_cost;
	walk->path.total_cost = sequential->total_cost;
	lfirst(place) = walk;
}
