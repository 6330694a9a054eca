/*
 * explain_print.h
 *		What the service prints of scans and batched joins.
 */
#ifndef DSQL_EXPLAIN_PRINT_H
#define DSQL_EXPLAIN_PRINT_H

#include "commands/explain.h"
#include "executor/execdesc.h"

/*
 * Prints the plan, in the place of ExplainPrintPlan().  "counts" is a list of
 * DsqlScanCount.
 */
extern void dsql_explain_print_plan(struct ExplainState *es, QueryDesc *queryDesc,
									List *counts);

#endif							/* DSQL_EXPLAIN_PRINT_H */
