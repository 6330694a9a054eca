/*
 * cluster_counters.c
 *		What the server's processes share about a cluster: on the service, that
 *		is a database.
 *
 * A cluster gets its entry when a backend in it first asks for it, and keeps it
 * until the server stops.  When there are no more, the others share entry 0.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "storage/lwlock.h"
#include "storage/shmem.h"
#include "utils/timestamp.h"

#include "base/cluster_counters.h"
#include "base/current_cluster.h"
#include "base/settings.h"

typedef struct DatabaseShared
{
	int			used;			/* guarded by the lock, as is whose each is */
	DsqlClusterCounters databases[FLEXIBLE_ARRAY_MEMBER];	/* 0 is the shared one */
} DatabaseShared;

static DatabaseShared *shared = NULL;
static LWLock *lock = NULL;

DsqlClusterCountersFound dsql_cluster_counters_found;

static Size
shmem_size(void)
{
	return add_size(offsetof(DatabaseShared, databases),
					mul_size(dsql_settings_max_databases + 1,
							 sizeof(DsqlClusterCounters)));
}

void
dsql_cluster_counters_shmem_request(void)
{
	RequestAddinShmemSpace(shmem_size());
	RequestNamedLWLockTranche("dsql_emu cluster counters", 1);
}

static void
init_entry(DsqlClusterCounters *database, Oid oid, const char *cluster)
{
	database->oid = oid;
	strlcpy(database->cluster, cluster, sizeof(database->cluster));
	pg_atomic_init_u64(&database->schema_version, 1);
	pg_atomic_init_u64(&database->job_schema_version, 0);
	for (int i = 0; i < DSQL_STATS_SETS; i++)
		for (int j = 0; j < NUM_DSQL_STATS; j++)
			pg_atomic_init_u64(&database->stats[i].counters[j], 0);
	pg_atomic_init_u64(&database->longest_run, 0);
	for (int i = 0; i < NUM_DSQL_RULES; i++)
		pg_atomic_init_u32(&database->refusals[i], 0);
	pg_atomic_init_u64(&database->stats_since, GetCurrentTimestamp());
}

void
dsql_cluster_counters_shmem_init(void)
{
	bool		found;

	shared = ShmemInitStruct("dsql_emu cluster counters", shmem_size(),
							 &found);
	lock = &GetNamedLWLockTranche("dsql_emu cluster counters")->lock;
	if (!found)
	{
		init_entry(&shared->databases[0], InvalidOid, "");
		shared->used = 1;
	}
}

DsqlClusterCounters *
dsql_cluster_counters_find(void)
{
	const char *cluster = dsql_current_cluster_home();
	DsqlClusterCounters *mine = NULL;

	Assert(OidIsValid(MyDatabaseId));
	LWLockAcquire(lock, LW_EXCLUSIVE);
	for (int i = 1; i < shared->used && mine == NULL; i++)
		if (shared->databases[i].oid == MyDatabaseId &&
			strcmp(shared->databases[i].cluster, cluster) == 0)
			mine = &shared->databases[i];
	if (mine == NULL && shared->used <= dsql_settings_max_databases)
	{
		mine = &shared->databases[shared->used];
		init_entry(mine, MyDatabaseId, cluster);
		shared->used++;
	}
	if (mine == NULL)
		mine = &shared->databases[0];
	LWLockRelease(lock);
	dsql_cluster_counters_found.database = mine;
	dsql_cluster_counters_found.moves = dsql_current_cluster_moves;
	return mine;
}
