/*
 * explain_tree.h
 *		The nodes of a plan that the service prints otherwise.
 */
#ifndef DSQL_EXPLAIN_TREE_H
#define DSQL_EXPLAIN_TREE_H

#include "commands/explain.h"
#include "executor/execdesc.h"
#include "nodes/execnodes.h"
#include "nodes/extensible.h"

#include "explain/scan_shape.h"

typedef enum DsqlPrintedKind
{
	DSQL_PRINTED_SCAN,			/* the head of a scan */
	DSQL_PRINTED_JOIN,			/* a batched join */
	DSQL_PRINTED_LAYER			/* a part of a scan */
} DsqlPrintedKind;

/*
 * Stands for a node while the plan is printed.  For PostgreSQL it is a custom
 * scan, with a name that stands nowhere else in the output.
 */
typedef struct DsqlPrintedNode
{
	CustomScanState state;		/* must be first */
	DsqlPrintedKind kind;
	char		mark[32];
	PlanState  *original;
	DsqlScanShape *shape;		/* of a scan */
	struct DsqlPrintedNode *scan;	/* of a layer */
	const struct DsqlScanLayer *layer;
	List	   *ancestors;		/* of a scan, once it is printed */
	CustomScanMethods plan_methods;
	CustomExecMethods exec_methods;
} DsqlPrintedNode;

typedef void (*DsqlPrintNode) (CustomScanState *state, List *ancestors,
							   struct ExplainState *es);

/* What has been replaced, to be put back. */
typedef struct DsqlReplacedTree
{
	PlannedStmt *stmt;
	PlannerInfo *root;
	DsqlPrintNode print;
	List	   *slots;			/* the addresses of pointers, */
	List	   *originals;		/* and what they pointed to */
	List	   *nodes;			/* DsqlPrintedNode, of scans and joins */
} DsqlReplacedTree;

extern DsqlReplacedTree *dsql_explain_replace(QueryDesc *queryDesc,
											  DsqlPrintNode print);
extern void dsql_explain_restore(DsqlReplacedTree *tree);

/* A node with the costs of another one. */
extern DsqlPrintedNode *dsql_explain_make_node(PlanState *original,
											   DsqlPrintedKind kind,
											   DsqlPrintNode print);

#endif							/* DSQL_EXPLAIN_TREE_H */
