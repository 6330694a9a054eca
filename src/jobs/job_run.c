/*
 * job_run.c
 *		What a worker does for each kind of job.
 *
 * Whatever belongs to a user runs as the owner of the table, in a
 * security-restricted operation: functions in index expressions and CHECK
 * constraints are the users', and the worker is a superuser.
 */
#include "postgres.h"

#include "access/relation.h"
#include "access/xact.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_constraint.h"
#include "commands/tablecmds.h"
#include "commands/vacuum.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "storage/bufmgr.h"
#include "storage/lmgr.h"
#include "utils/guc.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

#include "base/compat.h"
#include "jobs/index_build.h"
#include "jobs/job_catalog.h"
#include "jobs/job_end.h"
#include "jobs/job_run.h"
#include "jobs/worker_slots.h"
#include "transaction/schema_version.h"

/*
 * Begin a transaction, and lock and open the job's table before anything is
 * looked up, so that no snapshot is held during the wait.  NULL if the table is
 * gone; then the job has ended.
 */
static Relation
begin_with_table(const DsqlJob *job, LOCKMODE lockmode)
{
	Relation	rel;

	StartTransactionCommand();
	dsql_worker_slots_set_relations(job->object, InvalidOid);
	rel = try_relation_open(job->object, lockmode);
	if (rel != NULL && rel->rd_rel->relkind != RELKIND_RELATION &&
		rel->rd_rel->relkind != RELKIND_PARTITIONED_TABLE)
	{
		relation_close(rel, NoLock);
		rel = NULL;
	}
	if (rel == NULL)
		dsql_job_end_without_object(job);
	else
		PushActiveSnapshot(GetTransactionSnapshot());
	return rel;
}

/*
 * ALTER TABLE ASYNC ... VALIDATE CONSTRAINT.  The lock that this takes lets
 * readers and writers go on.  A constraint that is valid is left as it is.
 */
static void
validate_constraint(const DsqlJob *job)
{
	AlterTableCmd *cmd = makeNode(AlterTableCmd);
	Relation	rel;
	Oid			save_userid;
	int			save_sec_context;
	int			save_nestlevel;

	cmd->subtype = AT_ValidateConstraint;
	cmd->name = pstrdup(job->constraint_name);

	rel = begin_with_table(job, ShareUpdateExclusiveLock);
	if (rel == NULL)
		return;
	GetUserIdAndSecContext(&save_userid, &save_sec_context);
	SetUserIdAndSecContext(rel->rd_rel->relowner,
						   save_sec_context | SECURITY_RESTRICTED_OPERATION);
	save_nestlevel = NewGUCNestLevel();

	AlterTableInternal(job->object, list_make1(cmd), true);
	dsql_schema_version_raise_for_job();

	AtEOXact_GUC(false, save_nestlevel);
	SetUserIdAndSecContext(save_userid, save_sec_context);
	relation_close(rel, NoLock);
	PopActiveSnapshot();
	dsql_job_end(job, DSQL_JOB_COMPLETED, NULL);
}

/*
 * ANALYZE takes care of the security context itself.
 */
static void
analyze_table(const DsqlJob *job)
{
	VacuumParams params = {
		.options = VACOPT_ANALYZE,
		.log_min_duration = -1
	};
	Relation	rel;

	rel = begin_with_table(job, ShareUpdateExclusiveLock);
	if (rel == NULL)
		return;
	analyze_rel(job->object, NULL, &params, NIL, false,
				GetAccessStrategy(BAS_VACUUM));
	relation_close(rel, NoLock);
	PopActiveSnapshot();
	dsql_job_end(job, DSQL_JOB_COMPLETED, NULL);
}

void
dsql_job_run(const DsqlJob *job)
{
	switch (job->kind)
	{
		case DSQL_JOB_INDEX_BUILD:
			pgstat_report_activity(STATE_RUNNING, "index build");
			dsql_index_build(job);
			break;
		case DSQL_JOB_VALIDATE_CONSTRAINT:
			pgstat_report_activity(STATE_RUNNING, "constraint validation");
			validate_constraint(job);
			break;
		case DSQL_JOB_ANALYZE:
			pgstat_report_activity(STATE_RUNNING, "analyze");
			analyze_table(job);
			break;
		case DSQL_JOB_DROP:
			/* What a claim finds of these has ended there. */
			StartTransactionCommand();
			dsql_job_end(job, DSQL_JOB_COMPLETED, NULL);
			break;
	}
}

void
dsql_job_run_clean_up(void)
{
	dsql_worker_slots_set_relations(InvalidOid, InvalidOid);
}
