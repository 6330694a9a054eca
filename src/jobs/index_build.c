/*
 * index_build.c
 *		Build an index in the background.
 *
 * The index is in the catalogs since the statement that created it, neither
 * ready nor valid.  The phases are those of CREATE INDEX CONCURRENTLY, each in
 * a transaction of its own; where a build that was interrupted goes on can be
 * seen from the index itself:
 *
 *	 not ready   Wait until nobody writes who does not know the index, build it
 *				 from a snapshot, and mark it ready: from then on writers keep
 *				 it up, and enforce uniqueness.
 *	 not valid   Wait until nobody writes who does not keep it up, add what was
 *				 missed meanwhile, wait until no snapshot is older, and mark it
 *				 valid together with the end of the job.
 *
 * A unique index over duplicates must be left invalid, but enforcing.  The
 * build stops at the first duplicate; then it is repeated without the check,
 * and the index is marked ready in the transaction that records the failure.
 *
 * The table is locked against other schema changes all the time by a lock of
 * the session, not of a transaction.  Nothing is waited for with a snapshot
 * held: whoever waits for this job, or builds another index, may be the one
 * that is waited for.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/index.h"
#include "catalog/indexing.h"
#include "catalog/pg_class.h"
#include "catalog/pg_index.h"
#include "catalog/storage.h"
#include "commands/progress.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "storage/bufmgr.h"
#include "storage/lmgr.h"
#include "storage/lwlock.h"
#include "storage/proc.h"
#include "utils/guc.h"
#include "utils/inval.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

#include "base/compat.h"
#include "base/pause_point.h"
#include "jobs/index_build.h"
#include "jobs/job_catalog.h"
#include "jobs/job_end.h"
#include "jobs/worker_slots.h"
#include "transaction/schema_version.h"

/* What is being built. */
typedef struct Build
{
	const DsqlJob *job;
	Oid			table;
	Oid			index;
	bool		safe;			/* its expressions look at no other table */
	bool		unique;
	bool		ready;
	bool		valid;
} Build;

/*
 * Exchange the lock of the session for one of the current transaction, which
 * ends with it.  (The abort of a transaction ends both.)
 */
static void
unlock_table_for_session(const Build *build)
{
	LockRelId	id = {.relId = build->table,.dbId = MyDatabaseId};

	LockRelationOid(build->table, ShareUpdateExclusiveLock);
	UnlockRelationIdForSession(&id, ShareUpdateExclusiveLock);
	pgstat_progress_end_command();
}

/*
 * Start a transaction that others' concurrent builds need not wait for, if
 * that is so.
 */
static void
start_phase(const Build *build)
{
	StartTransactionCommand();
	if (!build->safe)
		return;
	LWLockAcquire(ProcArrayLock, LW_EXCLUSIVE);
	MyProc->statusFlags |= PROC_IN_SAFE_IC;
	ProcGlobal->statusFlags[MyProc->pgxactoff] = MyProc->statusFlags;
	LWLockRelease(ProcArrayLock);
}

/*
 * Wait for the transactions that may write to the table on the ground of what
 * its list of indexes was until now.
 */
static void
wait_for_writers(const Build *build, int phase)
{
	LOCKTAG		tag;

	pgstat_progress_update_param(PROGRESS_CREATEIDX_PHASE, phase);
	SET_LOCKTAG_RELATION(tag, MyDatabaseId, build->table);
	WaitForLockers(tag, ShareLock, true);
}

/*
 * VACUUM forgets that a table has indexes if it finds none that is ready, and
 * then writers do not look for any.
 */
static void
mark_table_indexed(Oid table)
{
	Relation	pg_class = table_open(RelationRelationId, RowExclusiveLock);
	HeapTuple	tuple = SearchSysCacheLockedCopy1(RELOID,
												  ObjectIdGetDatum(table));
	ItemPointerData tid;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for relation %u", table);
	tid = tuple->t_self;
	if (!((Form_pg_class) GETSTRUCT(tuple))->relhasindex)
	{
		((Form_pg_class) GETSTRUCT(tuple))->relhasindex = true;
		CatalogTupleUpdate(pg_class, &tid, tuple);
	}
	UnlockTuple(pg_class, &tid, InplaceUpdateTupleLock);
	heap_freetuple(tuple);
	table_close(pg_class, RowExclusiveLock);
}

/*
 * Lock the table for as long as the build takes, and see how far the build has
 * come.  False if the index is gone.
 */
static bool
begin_build(const DsqlJob *job, Build *build)
{
	LockRelId	id;
	HeapTuple	tuple;
	Form_pg_index form;

	build->job = job;
	build->index = job->object;

	StartTransactionCommand();
	dsql_pause_point_wait("index_build_begin");
	build->table = IndexGetRelation(build->index, true);
	CommitTransactionCommand();
	if (!OidIsValid(build->table))
		return false;

	/* From here on whoever wants to drop it makes us give way. */
	dsql_worker_slots_set_relations(build->table, build->index);

	StartTransactionCommand();
	LockRelationOid(build->table, ShareUpdateExclusiveLock);
	tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(build->index));
	if (!HeapTupleIsValid(tuple))
	{
		CommitTransactionCommand();
		return false;
	}
	form = (Form_pg_index) GETSTRUCT(tuple);
	build->unique = form->indisunique;
	build->ready = form->indisready;
	build->valid = form->indisvalid;
	build->safe = heap_attisnull(tuple, Anum_pg_index_indexprs, NULL) &&
		heap_attisnull(tuple, Anum_pg_index_indpred, NULL);
	ReleaseSysCache(tuple);

	id.relId = build->table;
	id.dbId = MyDatabaseId;
	LockRelationIdForSession(&id, ShareUpdateExclusiveLock);
	mark_table_indexed(build->table);
	pgstat_progress_start_command(PROGRESS_COMMAND_CREATE_INDEX, build->table);
	pgstat_progress_update_param(PROGRESS_CREATEIDX_COMMAND,
								 PROGRESS_CREATEIDX_COMMAND_CREATE_CONCURRENTLY);
	pgstat_progress_update_param(PROGRESS_CREATEIDX_INDEX_OID, build->index);
	CommitTransactionCommand();
	return true;
}

/*
 * Throw away what an interrupted build has written.  Nobody reads or writes
 * the file of an index that is not ready, and the table's lock keeps other
 * builders away.
 */
static void
empty_index(const Build *build)
{
	Relation	index = index_open(build->index, RowExclusiveLock);

	if (RelationGetNumberOfBlocks(index) > 0)
		RelationTruncate(index, 0);
	index_close(index, NoLock);
}

/*
 * Build the index from what is visible now and mark it ready.  False if there
 * are duplicates; then the transaction is rolled back, and no lock is held.
 */
static bool
build_from_snapshot(const Build *build)
{
	MemoryContext context = CurrentMemoryContext;
	volatile bool unique = true;

	start_phase(build);
	wait_for_writers(build, PROGRESS_CREATEIDX_PHASE_WAIT_1);
	dsql_pause_point_wait("index_build_before_scan");
	PushActiveSnapshot(GetTransactionSnapshot());
	empty_index(build);

	PG_TRY();
	{
		index_concurrently_build(build->table, build->index);
	}
	PG_CATCH();
	{
		if (geterrcode() != ERRCODE_UNIQUE_VIOLATION)
			PG_RE_THROW();
		unique = false;
	}
	PG_END_TRY();

	if (!unique)
	{
		MemoryContextSwitchTo(context);
		FlushErrorState();
		AbortCurrentTransaction();
		MemoryContextSwitchTo(context);
		return false;
	}
	dsql_pause_point_wait("index_build_before_ready");
	PopActiveSnapshot();
	dsql_schema_version_raise_for_job();
	CommitTransactionCommand();
	return true;
}

/*
 * Build a unique index as if it were none, mark it ready, and record that the
 * job has failed.
 */
static void
build_with_duplicates(const Build *build)
{
	ErrorData	error = {.sqlerrcode = ERRCODE_UNIQUE_VIOLATION};
	Relation	table;
	Relation	index;
	IndexInfo  *info;
	Oid			save_userid;
	int			save_sec_context;
	int			save_nestlevel;

	start_phase(build);
	wait_for_writers(build, PROGRESS_CREATEIDX_PHASE_WAIT_1);
	dsql_pause_point_wait("index_build_before_failure");
	PushActiveSnapshot(GetTransactionSnapshot());
	empty_index(build);

	table = table_open(build->table, ShareUpdateExclusiveLock);
	index = index_open(build->index, RowExclusiveLock);
	GetUserIdAndSecContext(&save_userid, &save_sec_context);
	SetUserIdAndSecContext(table->rd_rel->relowner,
						   save_sec_context | SECURITY_RESTRICTED_OPERATION);
	save_nestlevel = NewGUCNestLevel();

	info = BuildIndexInfo(index);
	info->ii_Concurrent = true;
	info->ii_BrokenHotChain = false;
	info->ii_Unique = false;
	index_build(table, index, info, false, true);

	AtEOXact_GUC(false, save_nestlevel);
	SetUserIdAndSecContext(save_userid, save_sec_context);
	index_close(index, NoLock);
	table_close(table, NoLock);
	index_set_state_flags(build->index, INDEX_CREATE_SET_READY);
	dsql_schema_version_raise_for_job();
	PopActiveSnapshot();
	unlock_table_for_session(build);
	dsql_job_end(build->job, DSQL_JOB_FAILED,
				 dsql_job_end_failure_text(build->job, &error));
}

/*
 * Add what was written before everybody kept the index up.  Returns the
 * snapshot's xmin: older snapshots may see rows that are not in the index.
 */
static TransactionId
add_missed_rows(const Build *build)
{
	Snapshot	snapshot;
	TransactionId limit;

	start_phase(build);
	wait_for_writers(build, PROGRESS_CREATEIDX_PHASE_WAIT_2);
	dsql_pause_point_wait("index_build_before_validation");
	snapshot = RegisterSnapshot(GetTransactionSnapshot());
	PushActiveSnapshot(snapshot);
	validate_index(build->table, build->index, snapshot);
	limit = snapshot->xmin;
	PopActiveSnapshot();
	UnregisterSnapshot(snapshot);
	CommitTransactionCommand();
	return limit;
}

static void
mark_valid(const Build *build, TransactionId limit)
{
	start_phase(build);
	dsql_pause_point_wait("index_build_before_valid");
	pgstat_progress_update_param(PROGRESS_CREATEIDX_PHASE,
								 PROGRESS_CREATEIDX_PHASE_WAIT_3);
	WaitForOlderSnapshots(limit, true);
	index_set_state_flags(build->index, INDEX_CREATE_SET_VALID);
	dsql_schema_version_raise_for_job();

	/* Plans that were made without it shall be made anew. */
	CacheInvalidateRelcacheByRelid(build->table);
	unlock_table_for_session(build);
	dsql_job_end(build->job, DSQL_JOB_COMPLETED, NULL);
}

void
dsql_index_build(const DsqlJob *job)
{
	Build		build;
	bool		duplicates = false;

	for (;;)
	{
		if (!begin_build(job, &build))
		{
			StartTransactionCommand();
			dsql_job_end_without_object(job);
			return;
		}
		if (build.valid)
		{
			StartTransactionCommand();
			unlock_table_for_session(&build);
			dsql_job_end(job, DSQL_JOB_COMPLETED, NULL);
			return;
		}
		if (duplicates && !build.ready)
		{
			build_with_duplicates(&build);
			return;
		}
		if (build.ready || build_from_snapshot(&build))
		{
			mark_valid(&build, add_missed_rows(&build));
			return;
		}
		duplicates = true;
	}
}
