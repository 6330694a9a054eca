/*
 * cluster_counters.h
 *		What the server's processes share about a cluster: on the service, that
 *		is a database.
 */
#ifndef DSQL_CLUSTER_COUNTERS_H
#define DSQL_CLUSTER_COUNTERS_H

#include "datatype/timestamp.h"
#include "port/atomics.h"

#include "base/current_cluster.h"
#include "base/identifier.h"
#include "base/rule.h"

/* What is counted of transactions; see stats.h. */
typedef enum DsqlStatsCounter
{
	DSQL_STATS_TRANSACTIONS,
	DSQL_STATS_COMMITS,
	DSQL_STATS_ROW_CONFLICTS,
	DSQL_STATS_SCHEMA_CONFLICTS,
	DSQL_STATS_ROWS_WRITTEN,
	DSQL_STATS_INJECTED,
	DSQL_STATS_RETRIED_COMMITS,
	DSQL_STATS_BYTES_WRITTEN,
	DSQL_STATS_ROWS_INSERTED,
	DSQL_STATS_ROWS_UPDATED,
	DSQL_STATS_ROWS_DELETED,
	DSQL_STATS_ROWS_LOCKED,
	/* What statements were estimated at, in billionths of a DPU. */
	DSQL_STATS_DPU_STATEMENTS,
	DSQL_STATS_DPU_COMPUTE,
	DSQL_STATS_DPU_READ,
	DSQL_STATS_DPU_WRITE,
	DSQL_STATS_DPU_MULTI_REGION_WRITE,
	NUM_DSQL_STATS
} DsqlStatsCounter;

/*
 * Counters, to which each backend adds at the end of each transaction.  Several
 * sets of them, each with a cache line of its own, keep backends from fighting
 * for one, or for what each statement reads; the sum counts.
 */
#define DSQL_STATS_SETS	8

typedef struct DsqlStatsSet
{
	pg_atomic_uint64 counters[NUM_DSQL_STATS] pg_attribute_aligned(PG_CACHE_LINE_SIZE);
} DsqlStatsSet;

typedef struct DsqlClusterCounters
{
	Oid			oid;			/* invalid in the one that others share */
	char		cluster[DSQL_IDENTIFIER_LEN + 1];	/* as
													 * dsql_current_cluster_home() */
	pg_atomic_uint64 schema_version;	/* see schema_version.c */
	pg_atomic_uint64 job_schema_version;
	pg_atomic_uint64 stats_since;	/* a TimestampTz */
	DsqlStatsSet stats[DSQL_STATS_SETS];
	pg_atomic_uint64 longest_run;	/* see stats.c */
	pg_atomic_uint32 refusals[NUM_DSQL_RULES];
} DsqlClusterCounters;

extern void dsql_cluster_counters_shmem_request(void);
extern void dsql_cluster_counters_shmem_init(void);

/* The entry that was found last, and the value of dsql_current_cluster_moves then. */
typedef struct DsqlClusterCountersFound
{
	DsqlClusterCounters *database;
	uint64		moves;
} DsqlClusterCountersFound;

extern PGDLLIMPORT DsqlClusterCountersFound dsql_cluster_counters_found;
extern DsqlClusterCounters *dsql_cluster_counters_find(void);

/* The entry of the cluster that this backend is connected to. */
static inline DsqlClusterCounters *
dsql_cluster_counters_mine(void)
{
	return likely(dsql_cluster_counters_found.moves ==
				  dsql_current_cluster_moves) ?
		dsql_cluster_counters_found.database : dsql_cluster_counters_find();
}

#endif							/* DSQL_CLUSTER_COUNTERS_H */
