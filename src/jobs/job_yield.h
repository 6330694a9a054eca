/*
 * job_yield.h
 *		What data definition means for background jobs.
 */
#ifndef DSQL_JOB_YIELD_H
#define DSQL_JOB_YIELD_H

#include "nodes/nodes.h"

/*
 * For the hooks: a utility command begins, and has been done; a transaction has
 * ended.
 */
extern void dsql_job_yield_begin(Node *stmt, const char *query_string);
extern void dsql_job_yield_end(Node *stmt);
extern void dsql_job_yield_end_transaction(void);

#endif							/* DSQL_JOB_YIELD_H */
