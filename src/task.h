/*
 * task.h
 *		What a worker does for each kind of job.
 */
#ifndef DSQL_TASK_H
#define DSQL_TASK_H

#include "job.h"

/*
 * Do a job, in as many transactions as it takes, and record its end.  What
 * goes wrong is thrown as an error; after the abort comes the cleaning up.
 */
extern void dsql_task_run(const DsqlJob *job);
extern void dsql_task_clean_up(void);

/*
 * Record the end of a job and commit the current transaction, or abort it if
 * the job is over already.
 */
extern void dsql_task_end(const DsqlJob *job, DsqlJobStatus status,
						  const char *details);

/* What the service says in a job's details about an error. */
extern char *dsql_task_failure(const DsqlJob *job, const ErrorData *error);

/* The job's object was dropped: that counts as done. */
extern void dsql_task_end_without_object(const DsqlJob *job);

#endif							/* DSQL_TASK_H */
