/*
 * job_end.c
 *		How a job ends, and what the service says about it.
 */
#include "postgres.h"

#include "access/xact.h"

#include "base/pause_point.h"
#include "base/rule.h"
#include "jobs/job_catalog.h"
#include "jobs/job_end.h"
#include "jobs/worker_slots.h"

void
dsql_job_end(const DsqlJob *job, DsqlJobStatus status, const char *details)
{
	if (dsql_job_finish(job, status, details))
	{
		dsql_pause_point_wait("job_end");
		CommitTransactionCommand();
		ereport(DEBUG1,
				(errmsg_internal("job %s has ended", job->id)));
	}
	else
		AbortCurrentTransaction();
	dsql_worker_slots_spread_news();
}

char *
dsql_job_end_failure_text(const DsqlJob *job, const ErrorData *error)
{
	if (job->kind == DSQL_JOB_INDEX_BUILD &&
		error->sqlerrcode == ERRCODE_UNIQUE_VIOLATION)
		return pstrdup(dsql_rule_table[RULE_JOB_DUPLICATE_KEY].message);
	if (job->kind == DSQL_JOB_VALIDATE_CONSTRAINT &&
		error->sqlerrcode == ERRCODE_CHECK_VIOLATION)
		return psprintf(dsql_rule_table[RULE_JOB_CHECK_VIOLATED].message,
						job->constraint_name);
	return pstrdup(error->message);
}

void
dsql_job_end_without_object(const DsqlJob *job)
{
	char	   *details;

	if (job->kind == DSQL_JOB_ANALYZE)
		details =
			pstrdup(dsql_rule_table[RULE_JOB_ANALYZE_TABLE_GONE].message);
	else
		details = psprintf(dsql_rule_table[RULE_JOB_RELATION_GONE].message,
						   job->object_name);
	dsql_job_end(job, DSQL_JOB_COMPLETED, details);
}
