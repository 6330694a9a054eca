/*
 * database.c
 *		What the server's processes share about an emulated database.
 *
 * A database gets its entry when a backend first asks for it, and keeps it
 * until the server stops.  When there are no more, the others share entry 0.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "storage/lwlock.h"
#include "storage/shmem.h"
#include "utils/timestamp.h"

#include "database.h"
#include "settings.h"

typedef struct DatabaseShared
{
	int			used;			/* guarded by the lock, as is each oid */
	DsqlDatabase databases[FLEXIBLE_ARRAY_MEMBER];	/* 0 is the shared one */
} DatabaseShared;

static DatabaseShared *shared = NULL;
static LWLock *lock = NULL;

static Size
shmem_size(void)
{
	return add_size(offsetof(DatabaseShared, databases),
					mul_size(dsql_max_databases + 1, sizeof(DsqlDatabase)));
}

void
dsql_database_shmem_request(void)
{
	RequestAddinShmemSpace(shmem_size());
	RequestNamedLWLockTranche("dsql_database", 1);
}

static void
init_entry(DsqlDatabase *database, Oid oid)
{
	database->oid = oid;
	pg_atomic_init_u64(&database->schema_version, 1);
	for (int i = 0; i < NUM_DSQL_STATS; i++)
		pg_atomic_init_u64(&database->stats[i], 0);
	pg_atomic_init_u64(&database->stats_since, GetCurrentTimestamp());
}

void
dsql_database_shmem_init(void)
{
	bool		found;

	shared = ShmemInitStruct("dsql_emu databases", shmem_size(), &found);
	lock = &GetNamedLWLockTranche("dsql_database")->lock;
	if (!found)
	{
		init_entry(&shared->databases[0], InvalidOid);
		shared->used = 1;
	}
}

DsqlDatabase *
dsql_database_mine(void)
{
	static DsqlDatabase *mine = NULL;

	if (likely(mine != NULL))
		return mine;

	LWLockAcquire(lock, LW_EXCLUSIVE);
	for (int i = 1; i < shared->used && mine == NULL; i++)
		if (shared->databases[i].oid == MyDatabaseId)
			mine = &shared->databases[i];
	if (mine == NULL && shared->used <= dsql_max_databases)
	{
		mine = &shared->databases[shared->used];
		init_entry(mine, MyDatabaseId);
		shared->used++;
	}
	if (mine == NULL)
		mine = &shared->databases[0];
	LWLockRelease(lock);
	return mine;
}
