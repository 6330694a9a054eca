/*
 * implied_jobs.c
 *		Jobs that follow from what a transaction did.
 *
 * ANALYZE of a table whose rows were changed: the transaction itself does not
 * queue the job, since that would slow it down and could make it fail.  At
 * commit it notes the table in shared memory, and a worker queues the job, at
 * most once per table and interval.  A commit that finds the table noted has
 * nothing to do.  Each backend remembers the tables that it found noted, until
 * a worker takes any table off the list.  A crash loses the notes, as it loses
 * PostgreSQL's own counts of changes.
 *
 * DROP of a table, or of an index other than a primary key's: the transaction
 * queues these jobs at the end of the statement.
 */
#include "postgres.h"

#include "access/transam.h"
#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/objectaccess.h"
#include "catalog/pg_class.h"
#include "catalog/pg_index.h"
#include "miscadmin.h"
#include "nodes/pg_list.h"
#include "port/atomics.h"
#include "storage/lwlock.h"
#include "storage/ipc.h"
#include "storage/shmem.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/pgstat_internal.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#include "base/compat.h"
#include "base/session.h"
#include "base/settings.h"
#include "jobs/implied_jobs.h"
#include "jobs/job_catalog.h"
#include "jobs/worker_slots.h"

/* Tables that can be remembered.  What does not fit is not analyzed. */
#define MAX_NOTES 1024

/* Tables that a backend remembers to be noted. */
#define MAX_KNOWN 64

typedef struct Note
{
	Oid			database;		/* InvalidOid: free */
	Oid			table;
	bool		wanted;			/* else it is kept only for "due" */
	bool		announced;		/* the worker has been told */
	bool		manual;			/* the job shall wait for dsql.run_jobs() */
	TimestampTz due;			/* not to be queued before, server's clock */
} Note;

typedef struct FollowupShared
{
	LWLock	   *lock;			/* guards the notes */
	pg_atomic_uint64 taken;		/* how often notes were taken off */
	Note		notes[MAX_NOTES];
} FollowupShared;

static FollowupShared *shared = NULL;

/* Tables that this backend found noted, and the value of "taken" then. */
static struct
{
	Oid			table;
	uint64		taken;
}			known[MAX_KNOWN];

/* Tables to note when the current transaction commits. */
static List *changed_tables = NIL;

/* What the current statement has dropped. */
static List *dropped = NIL;

void
dsql_implied_jobs_shmem_request(void)
{
	RequestAddinShmemSpace(MAXALIGN(sizeof(FollowupShared)));
	RequestNamedLWLockTranche("dsql_emu implied jobs", 1);
}

void
dsql_implied_jobs_shmem_init(void)
{
	bool		found;

	shared = ShmemInitStruct("dsql_emu implied jobs", sizeof(FollowupShared),
							 &found);
	if (found)
		return;
	memset(shared, 0, sizeof(FollowupShared));
	shared->lock = &GetNamedLWLockTranche("dsql_emu implied jobs")->lock;
	pg_atomic_init_u64(&shared->taken, 0);
}

/*
 * Is this a table of the user's?
 */
static bool
is_user_table(Oid table)
{
	HeapTuple	tuple;
	bool		result;

	if (table < FirstNormalObjectId)
		return false;
	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(table));
	if (!HeapTupleIsValid(tuple))
		return false;
	{
		Form_pg_class form = (Form_pg_class) GETSTRUCT(tuple);

		result = form->relkind == RELKIND_RELATION &&
			form->relpersistence != RELPERSISTENCE_TEMP &&
			form->relnamespace != get_namespace_oid("dsql", true);
	}
	ReleaseSysCache(tuple);
	return result;
}

/*
 * Remember that a table is noted, or need not be, until notes are taken off
 * again.
 */
static void
know(Oid table, uint64 taken)
{
	int			slot = table % MAX_KNOWN;

	known[slot].table = table;
	known[slot].taken = taken;
}

/*
 * While catalogs can be read: which tables are to be noted?  PostgreSQL has
 * counted the changes of each table for its statistics.
 */
void
dsql_implied_jobs_pre_commit(void)
{
	uint64		taken;
	PgStat_TableXactStatus *counts;
	MemoryContext oldcontext;

	if (!dsql_settings_auto_analyze ||
		!TransactionIdIsValid(GetTopTransactionIdIfAny()) ||
		!dsql_session_emulated())
		return;

	taken = pg_atomic_read_u64(&shared->taken);
	oldcontext = MemoryContextSwitchTo(TopTransactionContext);
	for (counts = pgstat_get_xact_stack_level(1)->first; counts != NULL;
		 counts = counts->next)
	{
		Oid			table = dsql_pgstat_table(counts->parent);
		int			slot = table % MAX_KNOWN;

		if (counts->tuples_inserted + counts->tuples_updated +
			counts->tuples_deleted == 0 ||
			(known[slot].table == table && known[slot].taken == taken))
			continue;
		if (is_user_table(table))
			changed_tables = lappend_oid(changed_tables, table);
		else
			know(table, taken);
	}
	MemoryContextSwitchTo(oldcontext);
}

/*
 * Find the note of a table, or a place for a new one.  Needs the lock in
 * exclusive mode.  NULL if the list is full.
 */
static Note *
find_note(Oid database, Oid table)
{
	Note	   *free = NULL;

	Assert(LWLockHeldByMeInMode(shared->lock, LW_EXCLUSIVE));
	Assert(OidIsValid(database));
	for (int i = 0; i < MAX_NOTES; i++)
	{
		Note	   *note = &shared->notes[i];

		if (note->database == database && note->table == table)
			return note;
		if (!OidIsValid(note->database))
		{
			if (free == NULL || OidIsValid(free->database))
				free = note;
		}
		else if (!note->wanted &&
				 (free == NULL ||
				  (OidIsValid(free->database) && note->due < free->due)))
			free = note;
	}
	if (free != NULL)
	{
		memset(free, 0, sizeof(*free));
		free->database = database;
		free->table = table;
	}
	return free;
}

/*
 * At commit.
 */
static void
note_changed_tables(void)
{
	TimestampTz now = GetCurrentTimestamp();
	bool		due = false;
	ListCell   *lc;

	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	foreach(lc, changed_tables)
	{
		Note	   *note = find_note(MyDatabaseId, lfirst_oid(lc));

		know(lfirst_oid(lc), pg_atomic_read_u64(&shared->taken));
		if (note == NULL || note->wanted)
			continue;
		note->wanted = true;
		note->manual = dsql_settings_manual_jobs;
		note->announced = note->due <= now;
		due |= note->announced;
	}
	LWLockRelease(shared->lock);

	if (due)
		dsql_worker_slots_announce(MyDatabaseId);
	else
		dsql_worker_slots_wake_launcher();
}

void
dsql_implied_jobs_queue_analyze(bool all)
{
	TimestampTz now = GetCurrentTimestamp();
	Note		taken[MAX_NOTES];
	int			count = 0;

	Assert(IsTransactionState());
	/* Whoever finds no note shall see the job that was made of it. */
	dsql_job_lock();

	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	for (int i = 0; i < MAX_NOTES; i++)
	{
		Note	   *note = &shared->notes[i];

		if (note->database != MyDatabaseId || !note->wanted ||
			(note->due > now && !all))
			continue;
		taken[count++] = *note;
		note->wanted = false;
		note->due = TimestampTzPlusMilliseconds(now,
												dsql_settings_analyze_interval * INT64CONST(1000));
	}
	if (count > 0)
		pg_atomic_fetch_add_u64(&shared->taken, 1);
	LWLockRelease(shared->lock);

	for (int i = 0; i < count; i++)
		if (!dsql_job_analyze_waits(taken[i].table))
			dsql_job_add(DSQL_JOB_ANALYZE, taken[i].table, NULL, NULL,
						 taken[i].manual);
	if (count > 0)
		CommandCounterIncrement();
}

TimestampTz
dsql_implied_jobs_announce_due(void)
{
	TimestampTz now = GetCurrentTimestamp();
	TimestampTz next = DT_NOEND;

	for (;;)
	{
		Oid			database = InvalidOid;

		LWLockAcquire(shared->lock, LW_EXCLUSIVE);
		for (int i = 0; i < MAX_NOTES; i++)
		{
			Note	   *note = &shared->notes[i];

			if (!note->wanted || note->announced)
				continue;
			if (note->due > now)
				next = Min(next, note->due);
			else if (!OidIsValid(database) || note->database == database)
			{
				database = note->database;
				note->announced = true;
			}
		}
		LWLockRelease(shared->lock);
		if (!OidIsValid(database))
			return next;
		dsql_worker_slots_announce(database);
	}
}

/*
 * Does the service do a DROP job for this relation?
 */
static bool
leaves_drop_job(Oid relation)
{
	HeapTuple	tuple;
	bool		primary;

	if (is_user_table(relation))
		return true;
	tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(relation));
	if (!HeapTupleIsValid(tuple))
		return false;
	primary = ((Form_pg_index) GETSTRUCT(tuple))->indisprimary;
	if (!primary)
		primary = !is_user_table(((Form_pg_index) GETSTRUCT(tuple))->indrelid);
	ReleaseSysCache(tuple);
	return !primary;
}

void
dsql_implied_jobs_note_drop(Oid classId, Oid objectId, int subId,
							int dropflags)
{
	if (classId == RelationRelationId && subId == 0 &&
		!(dropflags & PERFORM_DELETION_INTERNAL) &&
		dsql_session_emulated() && leaves_drop_job(objectId))
	{
		MemoryContext oldcontext = MemoryContextSwitchTo(TopTransactionContext);

		dropped = lappend_oid(dropped, objectId);
		MemoryContextSwitchTo(oldcontext);
	}
}

void
dsql_implied_jobs_queue_drops(void)
{
	List	   *objects = dropped;
	ListCell   *lc;

	if (objects == NIL)
		return;
	dropped = NIL;

	/* It may be the extension itself that was dropped. */
	if (!dsql_session_has_extension())
		return;
	foreach(lc, objects)
		dsql_job_add(DSQL_JOB_DROP, lfirst_oid(lc), NULL, NULL,
					 dsql_settings_manual_jobs);
}

void
dsql_implied_jobs_end(bool commit)
{
	dropped = NIL;
	if (likely(changed_tables == NIL))
		return;
	if (commit)
		note_changed_tables();
	changed_tables = NIL;
}

void
dsql_implied_jobs_abort_sub(void)
{
	/* What the outer level has dropped is queued already. */
	dropped = NIL;
}
