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
 *
 * The rows are read and written as those of a system catalog are, without the
 * executor: a job that a user's transaction queues is no work of the user's
 * that limits or conflicts are counted by.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_collation.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "base/clock.h"
#include "base/current_cluster.h"
#include "base/identifier.h"
#include "base/schema_owner.h"
#include "base/settings.h"
#include "jobs/job_catalog.h"
#include "jobs/worker_slots.h"

/* The columns of dsql.job, as the script creates them. */
enum
{
	Anum_job_id = 1,
	Anum_job_kind,
	Anum_job_status,
	Anum_job_details,
	Anum_job_class_id,
	Anum_job_object_id,
	Anum_job_object_name,
	Anum_job_constraint_name,
	Anum_job_submitted,
	Anum_job_updated,
	Anum_job_start_after,
	Anum_job_cluster,
	Natts_job = Anum_job_cluster
};

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

/*
 * Open dsql.job, or return NULL if the extension is gone.
 */
static Relation
open_job_table(LOCKMODE lockmode)
{
	Oid			schema = get_namespace_oid("dsql", true);
	Oid			table;

	if (!OidIsValid(schema))
		return NULL;
	table = get_relname_relid("job", schema);
	return OidIsValid(table) ? try_table_open(table, lockmode) : NULL;
}

static int
lookup_name(const char *const *names, int count, Datum name)
{
	char	   *string = TextDatumGetCString(name);

	for (int i = 0; i < count; i++)
		if (strcmp(names[i], string) == 0)
			return i;
	elog(ERROR, "dsql.job has unknown value \"%s\"", string);
}

static void
read_row(Relation jobs, HeapTuple tuple, JobRow *row)
{
	Datum		values[Natts_job];
	bool		nulls[Natts_job];

	heap_deform_tuple(tuple, RelationGetDescr(jobs), values, nulls);

#define VALUE(column) values[Anum_job_##column - 1]
#define IS_NULL(column) nulls[Anum_job_##column - 1]
	text_to_cstring_buffer(DatumGetTextPP(VALUE(id)), row->job.id,
						   sizeof(row->job.id));
	row->job.kind = lookup_name(kind_names, lengthof(kind_names), VALUE(kind));
	row->job.object = DatumGetObjectId(VALUE(object_id));
	row->job.object_name = IS_NULL(object_name) ? NULL :
		TextDatumGetCString(VALUE(object_name));
	row->job.constraint_name = IS_NULL(constraint_name) ? NULL :
		TextDatumGetCString(VALUE(constraint_name));
	row->status = lookup_name(status_names, lengthof(status_names),
							  VALUE(status));
	row->submitted = DatumGetTimestampTz(VALUE(submitted));
	row->updated = IS_NULL(updated) ? 0 : DatumGetTimestampTz(VALUE(updated));
	row->start_after = DatumGetTimestampTz(VALUE(start_after));
	text_to_cstring_buffer(DatumGetTextPP(VALUE(cluster)), row->job.cluster,
						   sizeof(row->job.cluster));
#undef VALUE
#undef IS_NULL
}

/*
 * Scan the newest committed rows, and our own.  With an id, only that row.
 */
static SysScanDesc
begin_scan(Relation jobs, const char *id)
{
	ScanKeyData key;

	if (id == NULL)
		return systable_beginscan(jobs, InvalidOid, false, NULL, 0, NULL);
	ScanKeyEntryInitialize(&key, 0, Anum_job_id, BTEqualStrategyNumber,
						   InvalidOid, C_COLLATION_OID, F_TEXTEQ,
						   CStringGetTextDatum(id));
	return systable_beginscan(jobs, InvalidOid, false, NULL, 1, &key);
}

/*
 * Is the job over, one way or the other?
 */
static inline bool
has_ended(DsqlJobStatus status)
{
	return status == DSQL_JOB_COMPLETED || status == DSQL_JOB_FAILED;
}

static void
set_status(Relation jobs, HeapTuple tuple, DsqlJobStatus status,
		   const char *details)
{
	Datum		values[Natts_job] = {0};
	bool		nulls[Natts_job] = {0};
	bool		replaces[Natts_job] = {0};
	HeapTuple	copy;

	values[Anum_job_status - 1] = CStringGetTextDatum(status_names[status]);
	replaces[Anum_job_status - 1] = true;
	values[Anum_job_updated - 1] = TimestampTzGetDatum(dsql_clock_now());
	replaces[Anum_job_updated - 1] = true;
	if (details != NULL)
		values[Anum_job_details - 1] = CStringGetTextDatum(details);
	else
		nulls[Anum_job_details - 1] = true;
	replaces[Anum_job_details - 1] = true;

	copy = heap_modify_tuple(tuple, RelationGetDescr(jobs), values, nulls,
							 replaces);
	CatalogTupleUpdate(jobs, &copy->t_self, copy);
	heap_freetuple(copy);
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
	Relation	jobs = open_job_table(RowExclusiveLock);
	Datum		values[Natts_job] = {0};
	bool		nulls[Natts_job] = {0};
	char	   *id = dsql_identifier_new();
	TimestampTz now;
	TimestampTz start_after;
	HeapTuple	tuple;

	if (jobs == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation \"%s\" does not exist", "dsql.job")));

	/* Jobs start in the order of this time: it has to differ. */
	now = dsql_clock_now();
	last_submitted = now == last_submitted ? now + 1 : now;
	if (manual)
		start_after = DT_NOEND;
	else
		start_after = TimestampTzPlusMilliseconds(GetCurrentTimestamp(),
												  dsql_settings_job_delay);

	values[Anum_job_id - 1] = CStringGetTextDatum(id);
	values[Anum_job_kind - 1] = CStringGetTextDatum(kind_names[kind]);
	values[Anum_job_status - 1] =
		CStringGetTextDatum(status_names[DSQL_JOB_SUBMITTED]);
	nulls[Anum_job_details - 1] = true;
	values[Anum_job_class_id - 1] = ObjectIdGetDatum(RelationRelationId);
	values[Anum_job_object_id - 1] = ObjectIdGetDatum(object);
	if (object_name != NULL)
		values[Anum_job_object_name - 1] = CStringGetTextDatum(object_name);
	else
		nulls[Anum_job_object_name - 1] = true;
	if (constraint_name != NULL)
		values[Anum_job_constraint_name - 1] =
			CStringGetTextDatum(constraint_name);
	else
		nulls[Anum_job_constraint_name - 1] = true;
	values[Anum_job_submitted - 1] = TimestampTzGetDatum(last_submitted);
	nulls[Anum_job_updated - 1] = true;
	values[Anum_job_start_after - 1] = TimestampTzGetDatum(start_after);
	values[Anum_job_cluster - 1] = CStringGetTextDatum(job_cluster(object));

	tuple = heap_form_tuple(RelationGetDescr(jobs), values, nulls);
	CatalogTupleInsert(jobs, tuple);
	heap_freetuple(tuple);
	table_close(jobs, NoLock);

	announce_at_commit = true;
	return id;
}

void
dsql_job_lock(void)
{
	Relation	jobs = open_job_table(ShareUpdateExclusiveLock);

	if (jobs != NULL)
		table_close(jobs, NoLock);
}

bool
dsql_job_analyze_waits(Oid table)
{
	Relation	jobs = open_job_table(AccessShareLock);
	SysScanDesc scan;
	HeapTuple	tuple;
	JobRow		row;
	bool		found = false;

	if (jobs == NULL)
		return false;
	scan = begin_scan(jobs, NULL);
	while (!found && HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		read_row(jobs, tuple, &row);
		found = row.job.kind == DSQL_JOB_ANALYZE && row.job.object == table &&
			row.status == DSQL_JOB_SUBMITTED;
	}
	systable_endscan(scan);
	table_close(jobs, AccessShareLock);
	return found;
}

/*
 * When was the newest job queued?  Not in the future, though the emulator's
 * clock may have been set back.
 */
static TimestampTz
newest_submission(Relation jobs)
{
	SysScanDesc scan = begin_scan(jobs, NULL);
	HeapTuple	tuple;
	TimestampTz newest = DT_NOBEGIN;

	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		JobRow		row;

		read_row(jobs, tuple, &row);
		newest = Max(newest, row.submitted);
	}
	systable_endscan(scan);
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
sweep(Relation jobs, HeapTuple tuple, const JobRow *row, TimestampTz newest,
	  TimestampTz now)
{
	if (has_expired(row, newest))
	{
		CatalogTupleDelete(jobs, &tuple->t_self);
		return true;
	}
	if (row->status == DSQL_JOB_SUBMITTED && row->job.kind == DSQL_JOB_DROP &&
		row->start_after <= now)
	{
		set_status(jobs, tuple, DSQL_JOB_COMPLETED, NULL);
		return true;
	}
	return false;
}

bool
dsql_job_claim(DsqlJob *job, bool *more, TimestampTz *due)
{
	Relation	jobs = open_job_table(ShareUpdateExclusiveLock);
	TimestampTz now = GetCurrentTimestamp();
	TimestampTz newest;
	SysScanDesc scan;
	HeapTuple	tuple;
	HeapTuple	best = NULL;
	TimestampTz best_submitted = 0;

	*more = false;
	*due = DT_NOEND;
	if (jobs == NULL)
		return false;

	newest = newest_submission(jobs);
	scan = begin_scan(jobs, NULL);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		JobRow		row;

		read_row(jobs, tuple, &row);
		if (sweep(jobs, tuple, &row, newest, now) || has_ended(row.status))
			continue;
		if (row.status == DSQL_JOB_PROCESSING)
		{
			if (dsql_worker_slots_has_job(row.job.id))
				continue;
		}
		else if (row.start_after > now)
		{
			*due = Min(*due, row.start_after);
			continue;
		}

		*more = best != NULL;
		if (best == NULL || row.submitted < best_submitted)
		{
			best = heap_copytuple(tuple);
			best_submitted = row.submitted;
			*job = row.job;
		}
	}
	systable_endscan(scan);

	if (best != NULL)
	{
		/* Whoever sees it in process has to see by whom. */
		dsql_worker_slots_set_job(job->id);
		set_status(jobs, best, DSQL_JOB_PROCESSING, NULL);
	}
	table_close(jobs, NoLock);
	return best != NULL;
}

/*
 * End the job of this id if it has not ended.  Returns the status that it had,
 * or -1 if there is no such job.
 */
static int
end_job(Relation jobs, const char *id, DsqlJobStatus status,
		const char *details)
{
	SysScanDesc scan = begin_scan(jobs, id);
	HeapTuple	tuple = systable_getnext(scan);
	int			was = -1;

	if (HeapTupleIsValid(tuple))
	{
		JobRow		row;

		read_row(jobs, tuple, &row);
		was = row.status;
		if (!has_ended(row.status))
			set_status(jobs, tuple, status, details);
	}
	systable_endscan(scan);
	return was;
}

bool
dsql_job_finish(const DsqlJob *job, DsqlJobStatus status, const char *details)
{
	Relation	jobs = open_job_table(ShareUpdateExclusiveLock);
	int			was;

	if (jobs == NULL)
		return false;
	was = end_job(jobs, job->id, status, details);
	table_close(jobs, NoLock);
	return was == DSQL_JOB_PROCESSING;
}

bool
dsql_job_status(const char *id, DsqlJobStatus *status)
{
	Relation	jobs = open_job_table(AccessShareLock);
	SysScanDesc scan;
	HeapTuple	tuple;
	bool		found;

	if (jobs == NULL)
		return false;
	scan = begin_scan(jobs, id);
	tuple = systable_getnext(scan);
	found = HeapTupleIsValid(tuple);
	if (found)
	{
		JobRow		row;

		read_row(jobs, tuple, &row);
		*status = row.status;
		found = strcmp(row.job.cluster, dsql_current_cluster_home()) == 0 &&
			!has_expired(&row, newest_submission(jobs));
	}
	systable_endscan(scan);
	table_close(jobs, AccessShareLock);
	return found;
}

TimestampTz
dsql_job_release_all(void)
{
	Relation	jobs = open_job_table(ShareUpdateExclusiveLock);
	TimestampTz now = GetCurrentTimestamp();
	SysScanDesc scan;
	HeapTuple	tuple;

	if (jobs == NULL)
		return now;
	scan = begin_scan(jobs, NULL);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Datum		values[Natts_job] = {0};
		bool		nulls[Natts_job] = {0};
		bool		replaces[Natts_job] = {0};
		JobRow		row;
		HeapTuple	copy;

		read_row(jobs, tuple, &row);
		announce_at_commit |= !has_ended(row.status);
		if (row.status != DSQL_JOB_SUBMITTED)
			continue;
		values[Anum_job_start_after - 1] = TimestampTzGetDatum(now);
		replaces[Anum_job_start_after - 1] = true;
		copy = heap_modify_tuple(tuple, RelationGetDescr(jobs), values, nulls,
								 replaces);
		CatalogTupleUpdate(jobs, &copy->t_self, copy);
		heap_freetuple(copy);
	}
	systable_endscan(scan);
	table_close(jobs, NoLock);
	return now;
}

bool
dsql_job_open(TimestampTz due)
{
	Relation	jobs = open_job_table(AccessShareLock);
	SysScanDesc scan;
	HeapTuple	tuple;
	bool		found = false;

	if (jobs == NULL)
		return false;
	scan = begin_scan(jobs, NULL);
	while (!found && HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		JobRow		row;

		read_row(jobs, tuple, &row);
		found = !has_ended(row.status) && row.start_after <= due;
	}
	systable_endscan(scan);
	table_close(jobs, AccessShareLock);
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
	Relation	jobs;
	int			was = -1;

	jobs = open_job_table(ShareUpdateExclusiveLock);
	if (jobs != NULL)
		was = end_job(jobs, id, DSQL_JOB_FAILED, details);
	if (was < 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("job \"%s\" does not exist", id)));
	if (has_ended(was))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("job \"%s\" has ended already", id)));
	table_close(jobs, NoLock);

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
