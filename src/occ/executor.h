/*
 * executor.h
 *		What the executor must do otherwise beside noted changes.
 */
#ifndef DSQL_EXECUTOR_H
#define DSQL_EXECUTOR_H

#include "executor/execdesc.h"

/*
 * A query begins: before its plan is made ready for execution, and after.  To
 * be called only where the transaction has noted changes; and before, where
 * the query has a snapshot for a later check.
 */
extern void dsql_executor_before_start(QueryDesc *queryDesc);
extern void dsql_executor_after_start(QueryDesc *queryDesc);

/* Before it is made ready: parallel workers shall have no part in it. */
extern void dsql_executor_forbid_parallel(QueryDesc *queryDesc);

#endif							/* DSQL_EXECUTOR_H */
