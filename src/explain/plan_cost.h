/*
 * plan_cost.h
 *		Scans of the service's tables, as its planner sees them.
 */
#ifndef DSQL_PLAN_COST_H
#define DSQL_PLAN_COST_H

#include "nodes/parsenodes.h"
#include "nodes/pathnodes.h"

#include "base/session.h"
#include "base/settings.h"
#include "transaction/row_cost.h"

/* What the planner is told of a table of btree_table, in place of its size. */
typedef struct DsqlPlanTable
{
	Oid			pkey;			/* the index that holds all columns */
	double		pages;
	double		tuples;
} DsqlPlanTable;

/*
 * A scan: where its predicates go, and the number of times it is done at once.
 */
typedef struct DsqlPlanScan
{
	RelOptInfo *rel;
	IndexOptInfo *index;		/* NULL for a full scan */
	List	   *conds;			/* conditions of the index */
	List	   *storage;		/* filters on what the first scan reads */
	List	   *lookup;			/* filters on what is looked up in the table */
	List	   *processor;		/* the rest */
	double		probes;
	bool		looks_up;		/* does it fetch rows of the table? */
} DsqlPlanScan;

/* What it costs, and how many rows leave each layer. */
typedef struct DsqlPlanEstimate
{
	double		matched;		/* "B-Tree Scan" */
	double		kept;			/* "Storage Scan" */
	double		looked_up;		/* "Storage Lookup" */
	Cost		startup;
	Cost		run;
} DsqlPlanEstimate;

/*
 * True while a query is planned for EXPLAIN: its scans return the columns that
 * are needed, and no others that happen to be at hand.
 */
extern bool dsql_plan_for_explain;

extern void dsql_plan_estimate(PlannerInfo *root, const DsqlPlanScan *scan,
							   DsqlPlanEstimate *estimate);
extern double dsql_plan_rows(PlannerInfo *root, const DsqlPlanScan *scan);
extern void dsql_plan_sort_filter(DsqlPlanScan *scan, Node *clause,
								  void *filter);
extern void dsql_plan_scan_of_path(IndexPath *path, DsqlPlanScan *scan);

/* The table of a relation that is planned here; NULL for all others. */
static inline DsqlPlanTable *
dsql_plan_table(const RelOptInfo *rel)
{
	return rel->rtekind == RTE_RELATION && rel->fdwroutine == NULL ?
		rel->fdw_private : NULL;
}

/* Does EXPLAIN show the service's plans? */
static inline bool
dsql_plan_explains(void)
{
	return dsql_settings_explain == DSQL_EXPLAIN_SERVICE &&
		dsql_session_emulated();
}

/*
 * Is what is planned now planned as the service would do it?  Only where
 * somebody sees it; see plan_cost.c.
 */
static inline bool
dsql_plan_active(void)
{
	return unlikely(dsql_plan_for_explain || dsql_settings_track_dpu ||
					dsql_row_cost.counting) &&
		dsql_plan_explains();
}

extern void dsql_plan_cost_relation(PlannerInfo *root, Oid relid,
									bool inhparent, RelOptInfo *rel);
extern void dsql_plan_cost_paths(PlannerInfo *root, RelOptInfo *rel,
								 RangeTblEntry *rte);

#endif							/* DSQL_PLAN_COST_H */
