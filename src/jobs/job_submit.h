/*
 * job_submit.h
 *		CREATE INDEX ASYNC and ALTER TABLE ASYNC.
 */
#ifndef DSQL_JOB_SUBMIT_H
#define DSQL_JOB_SUBMIT_H

#include "nodes/parsenodes.h"
#include "parser/parse_node.h"

/*
 * Turn an analysed CREATE INDEX or ALTER TABLE, written with ASYNC, into one
 * that queues a job and answers with a row.
 */
extern void dsql_job_submit_transform(ParseState *pstate, Query *query);

#endif							/* DSQL_JOB_SUBMIT_H */
