/*
 * job_end.h
 *		How a job ends, and what the service says about it.
 */
#ifndef DSQL_JOB_END_H
#define DSQL_JOB_END_H

#include "jobs/job_catalog.h"

/*
 * Record the end of a job and commit the current transaction, or abort it if
 * the job is over already.
 */
extern void dsql_job_end(const DsqlJob *job, DsqlJobStatus status,
						 const char *details);

/* What the service says in a job's details about an error. */
extern char *dsql_job_end_failure_text(const DsqlJob *job,
									   const ErrorData *error);

/* The job's object was dropped: that counts as done. */
extern void dsql_job_end_without_object(const DsqlJob *job);

#endif							/* DSQL_JOB_END_H */
