/*
 * database.h
 *		What the server's processes share about a cluster: on the service, that
 *		is a database.
 */
#ifndef DSQL_DATABASE_H
#define DSQL_DATABASE_H

#include "datatype/timestamp.h"
#include "port/atomics.h"

#include "cluster.h"
#include "identifier.h"
#include "stats.h"

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

typedef struct DsqlDatabase
{
	Oid			oid;			/* invalid in the one that others share */
	char		cluster[DSQL_IDENTIFIER_LEN + 1];	/* as dsql_cluster_home() */
	pg_atomic_uint64 schema_version;	/* see schema_version.c */
	pg_atomic_uint64 stats_since;	/* a TimestampTz */
	DsqlStatsSet stats[DSQL_STATS_SETS];
} DsqlDatabase;

extern void dsql_database_shmem_request(void);
extern void dsql_database_shmem_init(void);

/* The entry that was found last, and the value of dsql_cluster_moves then. */
typedef struct DsqlDatabaseFound
{
	DsqlDatabase *database;
	uint64		moves;
} DsqlDatabaseFound;

extern PGDLLIMPORT DsqlDatabaseFound dsql_database_found;
extern DsqlDatabase *dsql_database_find(void);

/* The entry of the cluster that this backend is connected to. */
static inline DsqlDatabase *
dsql_database_mine(void)
{
	return likely(dsql_database_found.moves == dsql_cluster_moves) ?
		dsql_database_found.database : dsql_database_find();
}

#endif							/* DSQL_DATABASE_H */
