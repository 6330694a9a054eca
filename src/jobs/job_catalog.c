/*
 * job_catalog.c
 *		The catalog of background jobs, dsql.job.
 *
 *                 claim                finish
 *	 submitted ----------> processing ----------> completed
 *		 |                  |      |                  |
 *		 |      worker died |      | finish           |  retention, when
 *		 |      ^-----------+      +------> failed ---+  another is queued
 *		 |                                    ^       |
 *		 +---------- dsql.fail_job() ---------+       v
 *		                                            (gone)
 *
 * Rules that hold at every moment:
 *
 * 1. A job is queued in the transaction that makes it necessary, so that the
 *	  two become visible, or vanish, together.
 * 2. The claim is committed before the work begins, and the end is recorded in
 *	  the transaction that makes the result visible.  A job whose worker died
 *	  is found "processing" without a worker, and begun again; each job ends
 *	  exactly once.
 * 3. Status changes are made under ShareUpdateExclusiveLock on dsql.job, which
 *	  sessions that queue jobs do not conflict with.  Nobody waits for
 *	  anything else while holding it.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_class.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

#include "base/catalog.h"
#include "base/clock.h"
#include "base/current_cluster.h"
#include "base/identifier.h"
#include "base/schema_owner.h"
#include "base/settings.h"
#include "jobs/job_catalog.h"
#include "jobs/worker_slots.h"

static const char *const kind_names[] = {
	[DSQL_JOB_INDEX_BUILD] = "INDEX_BUILD",
	[DSQL_JOB_VALIDATE_CONSTRAINT] = "VALIDATE_CONSTRAINT",
	[DSQL_JOB_ANALYZE] = "ANALYZE",
	[DSQL_JOB_DROP] = "DROP",
};

static const char *const status_names[] = {
	[DSQL_JOB_SUBMITTED] = "submitted",
	[DSQL_JOB_PROCESSING] = "processing",
	[DSQL_JOB_COMPLETED] = "completed",
	[DSQL_JOB_FAILED] = "failed",
};

/* A row of dsql.job. */
typedef struct JobRow
{
	DsqlJob		job;
	DsqlJobStatus status;
	TimestampTz submitted;		/* by the emulator's clock */
	TimestampTz updated;		/* the same; 0 while submitted */
	TimestampTz start_after;	/* by the server's clock */
} JobRow;

/* Has this transaction queued something that a worker should begin? */
static bool announce_at_commit = false;

static bool
open_jobs(DsqlCatalogScan *scan, LOCKMODE lockmode)
{
	return dsql_catalog_try_open(scan, "job", lockmode);
}

static int
lookup_name(const char *const *names, int count, const char *string)
{
	for (int i = 0; i < count; i++)
		if (strcmp(names[i], string) == 0)
			return i;
	elog(ERROR, "dsql.job has unknown value \"%s\"", string);
}

/*
 * The next row of a scan.  False if there is none.
 */
static bool
next_row(DsqlCatalogScan *scan, JobRow *row)
{
	if (!dsql_catalog_next(scan))
		return false;
	strlcpy(row->job.id, dsql_catalog_text(scan, "id"), sizeof(row->job.id));
	row->job.kind = lookup_name(kind_names, lengthof(kind_names),
								dsql_catalog_text(scan, "kind"));
	row->job.object =
		DatumGetObjectId(dsql_catalog_value(scan, "object_id"));
	row->job.object_name = dsql_catalog_text(scan, "object_name");
	row->job.constraint_name = dsql_catalog_text(scan, "constraint_name");
	row->status = lookup_name(status_names, lengthof(status_names),
							  dsql_catalog_text(scan, "status"));
	row->submitted = dsql_catalog_time(scan, "submitted");
	row->updated = dsql_catalog_is_null(scan, "updated") ? 0 :
		dsql_catalog_time(scan, "updated");
	row->start_after = dsql_catalog_time(scan, "start_after");
	strlcpy(row->job.cluster, dsql_catalog_text(scan, "cluster"),
			sizeof(row->job.cluster));
	return true;
}

/*
 * Is the job over, one way or the other?
 */
static inline bool
has_ended(DsqlJobStatus status)
{
	return status == DSQL_JOB_COMPLETED || status == DSQL_JOB_FAILED;
}

/*
 * Change the status of the job that the scan is at.
 */
static void
set_status(DsqlCatalogScan *jobs, DsqlJobStatus status, const char *details)
{
	DsqlCatalogRow row;

	dsql_catalog_row_init(&row, jobs);
	dsql_catalog_set_text(&row, jobs, "status", status_names[status]);
	dsql_catalog_set(&row, jobs, "updated",
					 TimestampTzGetDatum(dsql_clock_now()));
	dsql_catalog_set_text(&row, jobs, "details", details);
	dsql_catalog_update(jobs, &row);
}

/*
 * The cluster that a job is of, by what it works at; what is not there any
 * more was the session's.
 */
static const char *
job_cluster(Oid object)
{
	Oid			schema = get_rel_namespace(object);

	return OidIsValid(schema) ? dsql_schema_owner(schema) :
		dsql_current_cluster_home();
}

char *
dsql_job_add(DsqlJobKind kind, Oid object, const char *object_name,
			 const char *constraint_name, bool manual)
{
	static TimestampTz last_submitted = 0;
	DsqlCatalogScan jobs;
	DsqlCatalogRow row;
	char	   *id = dsql_identifier_new();
	TimestampTz now;
	TimestampTz start_after;

	Assert(IsTransactionState());
	Assert(OidIsValid(object));
	Assert((kind == DSQL_JOB_VALIDATE_CONSTRAINT) == (constraint_name != NULL));
	dsql_catalog_open(&jobs, "job", RowExclusiveLock);

	/* Jobs start in the order of this time: it has to differ. */
	now = dsql_clock_now();
	last_submitted = now == last_submitted ? now + 1 : now;
	if (manual)
		start_after = DT_NOEND;
	else
		start_after = TimestampTzPlusMilliseconds(GetCurrentTimestamp(),
												  dsql_settings_job_delay);

	dsql_catalog_row_init(&row, &jobs);
	dsql_catalog_set_text(&row, &jobs, "id", id);
	dsql_catalog_set_text(&row, &jobs, "kind", kind_names[kind]);
	dsql_catalog_set_text(&row, &jobs, "status",
						  status_names[DSQL_JOB_SUBMITTED]);
	dsql_catalog_set(&row, &jobs, "class_id",
					 ObjectIdGetDatum(RelationRelationId));
	dsql_catalog_set(&row, &jobs, "object_id", ObjectIdGetDatum(object));
	dsql_catalog_set_text(&row, &jobs, "object_name", object_name);
	dsql_catalog_set_text(&row, &jobs, "constraint_name", constraint_name);
	dsql_catalog_set(&row, &jobs, "submitted",
					 TimestampTzGetDatum(last_submitted));
	dsql_catalog_set(&row, &jobs, "start_after",
					 TimestampTzGetDatum(start_after));
	dsql_catalog_set_text(&row, &jobs, "cluster", job_cluster(object));
	dsql_catalog_insert(&jobs, &row);
	dsql_catalog_close(&jobs);

	announce_at_commit = true;
	return id;
}

void
dsql_job_announce(void)
{
	announce_at_commit = true;
}

void
dsql_job_lock(void)
{
	DsqlCatalogScan jobs;

	if (open_jobs(&jobs, ShareUpdateExclusiveLock))
		dsql_catalog_close(&jobs);
}

bool
dsql_job_analyze_waits(Oid table)
{
	DsqlCatalogScan jobs;
	JobRow		row;
	bool		found = false;

	if (!open_jobs(&jobs, AccessShareLock))
		return false;
	dsql_catalog_begin(&jobs, NULL);
	while (!found && next_row(&jobs, &row))
		found = row.job.kind == DSQL_JOB_ANALYZE && row.job.object == table &&
			row.status == DSQL_JOB_SUBMITTED;
	dsql_catalog_close(&jobs);
	return found;
}

/*
 * When was the newest job queued?  Not in the future, though the emulator's
 * clock may have been set back.
 */
static TimestampTz
newest_submission(void)
{
	DsqlCatalogScan jobs;
	TimestampTz newest = DT_NOBEGIN;
	JobRow		row;

	dsql_catalog_open(&jobs, "job", AccessShareLock);
	dsql_catalog_begin(&jobs, NULL);
	while (next_row(&jobs, &row))
		newest = Max(newest, row.submitted);
	dsql_catalog_close(&jobs);
	return Min(newest, dsql_clock_now());
}

/*
 * Is the job to be seen no more?  As sys.jobs decides.
 */
static bool
has_expired(const JobRow *row, TimestampTz newest)
{
	return has_ended(row->status) &&
		newest - row->updated > dsql_settings_job_retention * USECS_PER_SEC;
}

/*
 * Nothing is left to do for a DROP job: what a dropped table occupied is given
 * back when the dropping transaction commits.  They end where a worker sees
 * them, and so does the memory of jobs that nobody may see any more.
 */
static bool
sweep(DsqlCatalogScan *jobs, const JobRow *row, TimestampTz newest,
	  TimestampTz now)
{
	if (has_expired(row, newest))
	{
		dsql_catalog_delete(jobs);
		return true;
	}
	if (row->status == DSQL_JOB_SUBMITTED && row->job.kind == DSQL_JOB_DROP &&
		row->start_after <= now)
	{
		set_status(jobs, DSQL_JOB_COMPLETED, NULL);
		return true;
	}
	return false;
}

/*
 * Can a worker take this job up?  If it is too early, *due tells when.
 */
static bool
can_begin(const JobRow *row, TimestampTz now, TimestampTz *due)
{
	if (has_ended(row->status))
		return false;
	if (row->status == DSQL_JOB_PROCESSING)
		return !dsql_worker_slots_has_job(row->job.id);
	if (row->start_after > now)
	{
		*due = Min(*due, row->start_after);
		return false;
	}
	return true;
}

/*
 * Find a job by its id.
 */
static bool
find_job(DsqlCatalogScan *jobs, const char *id, JobRow *row)
{
	dsql_catalog_key_text(jobs, "id", id);
	dsql_catalog_begin(jobs, NULL);
	return next_row(jobs, row);
}

static void
note_claim(const char *id)
{
	DsqlCatalogScan jobs;
	JobRow		row;

	/* Whoever sees it in process has to see by whom. */
	dsql_worker_slots_set_job(id);
	dsql_catalog_open(&jobs, "job", ShareUpdateExclusiveLock);
	if (!find_job(&jobs, id, &row))
		elog(ERROR, "job \"%s\" is gone", id);
	set_status(&jobs, DSQL_JOB_PROCESSING, NULL);
	dsql_catalog_close(&jobs);
}

bool
dsql_job_claim(DsqlJob *job, bool *more, TimestampTz *due)
{
	DsqlCatalogScan jobs;
	TimestampTz now = GetCurrentTimestamp();
	TimestampTz newest;
	TimestampTz best = 0;
	bool		found = false;
	JobRow		row;

	*more = false;
	*due = DT_NOEND;
	if (!open_jobs(&jobs, ShareUpdateExclusiveLock))
		return false;

	newest = newest_submission();
	dsql_catalog_begin(&jobs, NULL);
	while (next_row(&jobs, &row))
	{
		if (sweep(&jobs, &row, newest, now) || !can_begin(&row, now, due))
			continue;
		*more = found;
		if (!found || row.submitted < best)
		{
			best = row.submitted;
			*job = row.job;
		}
		found = true;
	}
	dsql_catalog_close(&jobs);
	if (found)
		note_claim(job->id);
	return found;
}

/*
 * End the job of this id if it has not ended.  Returns the status that it had,
 * or -1 if there is no such job.
 */
static int
end_job(const char *id, DsqlJobStatus status, const char *details)
{
	DsqlCatalogScan jobs;
	int			was = -1;
	JobRow		row;

	Assert(has_ended(status));
	if (!open_jobs(&jobs, ShareUpdateExclusiveLock))
		return -1;
	if (find_job(&jobs, id, &row))
	{
		was = row.status;
		if (!has_ended(row.status))
			set_status(&jobs, status, details);
	}
	dsql_catalog_close(&jobs);
	return was;
}

bool
dsql_job_finish(const DsqlJob *job, DsqlJobStatus status, const char *details)
{
	return end_job(job->id, status, details) == DSQL_JOB_PROCESSING;
}

bool
dsql_job_status(const char *id, DsqlJobStatus *status)
{
	DsqlCatalogScan jobs;
	bool		found;
	JobRow		row;

	if (!open_jobs(&jobs, AccessShareLock))
		return false;
	found = find_job(&jobs, id, &row);
	dsql_catalog_close(&jobs);
	if (found)
		*status = row.status;
	return found &&
		strcmp(row.job.cluster, dsql_current_cluster_home()) == 0 &&
		!has_expired(&row, newest_submission());
}

TimestampTz
dsql_job_release_all(void)
{
	DsqlCatalogScan jobs;
	TimestampTz now = GetCurrentTimestamp();
	JobRow		row;

	if (!open_jobs(&jobs, ShareUpdateExclusiveLock))
		return now;
	dsql_catalog_begin(&jobs, NULL);
	while (next_row(&jobs, &row))
	{
		DsqlCatalogRow released;

		announce_at_commit |= !has_ended(row.status);
		if (row.status != DSQL_JOB_SUBMITTED)
			continue;
		dsql_catalog_row_init(&released, &jobs);
		dsql_catalog_set(&released, &jobs, "start_after",
						 TimestampTzGetDatum(now));
		dsql_catalog_update(&jobs, &released);
	}
	dsql_catalog_close(&jobs);
	return now;
}

bool
dsql_job_open(TimestampTz due)
{
	DsqlCatalogScan jobs;
	bool		found = false;
	JobRow		row;

	if (!open_jobs(&jobs, AccessShareLock))
		return false;
	dsql_catalog_begin(&jobs, NULL);
	while (!found && next_row(&jobs, &row))
		found = !has_ended(row.status) && row.start_after <= due;
	dsql_catalog_close(&jobs);
	return found;
}

/*
 * dsql.fail_job(id, details)
 */
PG_FUNCTION_INFO_V1(dsql_fail_job);
Datum
dsql_fail_job(PG_FUNCTION_ARGS)
{
	char	   *id = text_to_cstring(PG_GETARG_TEXT_PP(0));
	char	   *details = text_to_cstring(PG_GETARG_TEXT_PP(1));
	int			was = end_job(id, DSQL_JOB_FAILED, details);

	if (was < 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("job \"%s\" does not exist", id)));
	if (has_ended(was))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("job \"%s\" has ended already", id)));

	/*
	 * Its worker starts again when this transaction has ended, and finds that
	 * the job is over; or that it is not, if this rolled back.
	 */
	dsql_worker_slots_interrupt_job(id);
	announce_at_commit = true;
	PG_RETURN_VOID();
}

void
dsql_job_end_transaction(bool commit)
{
	if (commit && announce_at_commit)
		dsql_worker_slots_announce(MyDatabaseId);
	announce_at_commit = false;
}
