/*
 * job_run.h
 *		What a worker does for each kind of job.
 */
#ifndef DSQL_JOB_RUN_H
#define DSQL_JOB_RUN_H

#include "jobs/job_catalog.h"

/*
 * Do a job, in as many transactions as it takes, and record its end.  What
 * goes wrong is thrown as an error; after the abort comes the cleaning up.
 */
extern void dsql_job_run(const DsqlJob *job);
extern void dsql_job_run_clean_up(void);

#endif							/* DSQL_JOB_RUN_H */
