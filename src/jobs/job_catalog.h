/*
 * job_catalog.h
 *		The catalog of background jobs, dsql.job.
 */
#ifndef DSQL_JOB_CATALOG_H
#define DSQL_JOB_CATALOG_H

#include "datatype/timestamp.h"

#include "base/identifier.h"

typedef enum DsqlJobKind
{
	DSQL_JOB_INDEX_BUILD,		/* object: the index */
	DSQL_JOB_VALIDATE_CONSTRAINT,	/* object: the table */
	DSQL_JOB_ANALYZE,			/* object: the table */
	DSQL_JOB_DROP				/* object: the table or index that was */
} DsqlJobKind;

typedef enum DsqlJobStatus
{
	DSQL_JOB_SUBMITTED,
	DSQL_JOB_PROCESSING,
	DSQL_JOB_COMPLETED,
	DSQL_JOB_FAILED
} DsqlJobStatus;

/* A job as a worker takes it up. */
typedef struct DsqlJob
{
	char		id[DSQL_IDENTIFIER_LEN + 1];
	DsqlJobKind kind;
	Oid			object;
	char	   *object_name;	/* qualified, as it was when queued; or NULL */
	char	   *constraint_name;	/* VALIDATE_CONSTRAINT only */
	char		cluster[DSQL_IDENTIFIER_LEN + 1];	/* as
													 * dsql_current_cluster_home() */
} DsqlJob;

/* A transaction ended: those who do the jobs that it queued are told. */
extern void dsql_job_end_transaction(bool commit);

/*
 * Queue a job in the current transaction.  Workers hear of it when the
 * transaction commits; a manual job waits for dsql_job_release_all().  Returns
 * the job's identifier, palloc'd.
 */
extern char *dsql_job_add(DsqlJobKind kind, Oid object,
						  const char *object_name,
						  const char *constraint_name, bool manual);

/* When this transaction has committed, a worker shall look for jobs. */
extern void dsql_job_announce(void);

/*
 * Let nobody claim, release or end a job before the current transaction ends.
 */
extern void dsql_job_lock(void);

/* Is there an ANALYZE job for this table that nobody has begun? */
extern bool dsql_job_analyze_waits(Oid table);

/*
 * For workers, in a transaction of its own: choose the next job and mark it
 * as in process.  What a crash left in process is taken up again.  *more says
 * whether there are others.  False if there is none; then *due is the time, by
 * the server's clock, when there will be one, or DT_NOEND.
 */
extern bool dsql_job_claim(DsqlJob *job, bool *more, TimestampTz *due);

/*
 * Mark the end of a claimed job in the current transaction.  False if it is
 * over already or gone, and what was done for it must not be committed.
 */
extern bool dsql_job_finish(const DsqlJob *job, DsqlJobStatus status,
							const char *details);

/*
 * What became of a job?  False if there is none of this id in the session's
 * cluster, or none any more.
 */
extern bool dsql_job_status(const char *id, DsqlJobStatus *status);

/*
 * Make every job due that has not begun, "manual" ones included.  Returns the
 * time at which they are, by the server's clock.
 */
extern TimestampTz dsql_job_release_all(void);

/* Is there a job that was due at this time and has not ended? */
extern bool dsql_job_open(TimestampTz due);

#endif							/* DSQL_JOB_CATALOG_H */
