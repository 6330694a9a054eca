/*
 * scan_shape.h
 *		A scan of a plan, taken apart into the layers of the service.
 */
#ifndef DSQL_SCAN_SHAPE_H
#define DSQL_SCAN_SHAPE_H

#include "nodes/pathnodes.h"
#include "nodes/plannodes.h"

#include "explain/plan_cost.h"

typedef enum DsqlScanKind
{
	DSQL_SCAN_FULL,				/* Full Scan (btree-table) */
	DSQL_SCAN_INDEX_ONLY,		/* Index Only Scan */
	DSQL_SCAN_INDEX				/* Index Scan */
} DsqlScanKind;

/*
 * Expressions are as the plan has them.  Columns are names, in the order of
 * what is read: the index, or the table.
 */
typedef struct DsqlScanShape
{
	DsqlScanKind kind;
	Oid			table;
	Oid			index;			/* invalid for a full scan */
	bool		backward;
	List	   *conds;
	List	   *storage;
	List	   *lookup;
	List	   *processor;
	List	   *join;			/* filters that a batched join does instead */
	List	   *scanned_columns;	/* "Projections:" of Storage Scan */
	List	   *looked_up_columns;	/* and of Storage Lookup */
	DsqlPlanEstimate rows;
} DsqlScanShape;

/* A planner's data on the tables of a plan, for estimates. */
extern PlannerInfo *dsql_scan_planner(PlannedStmt *stmt);

/* Is it a scan of a table of btree_table?  Is the relation such a table? */
extern bool dsql_scan_is_ours(PlannedStmt *stmt, Plan *plan);
extern bool dsql_scan_is_of_ours(PlannedStmt *stmt, Index relid);

/* Is it a join that the service does in batches? */
extern bool dsql_scan_is_batched(PlannedStmt *stmt, Plan *plan);

/* Does the expression ask for columns that the join passes? */
extern bool dsql_scan_is_passed(Node *node, NestLoop *join);

/* Take a scan apart.  "batch" is the join whose inner side it is, or NULL. */
extern DsqlScanShape *dsql_scan_shape(PlannerInfo *root, Plan *plan,
									  NestLoop *batch);

#endif							/* DSQL_SCAN_SHAPE_H */
