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

/*
 * The statement that such a one was made of, or NULL if it is none.
 */
extern Node *dsql_job_submit_original(Node *utility_stmt);

/*
 * For a ProcessUtility hook, around the execution of such a statement: what
 * the procedure that it calls is to do.  Returns what was set before.
 */
extern Node *dsql_job_submit_set_current(Node *original,
										 const char *query_string);

#endif							/* DSQL_JOB_SUBMIT_H */
