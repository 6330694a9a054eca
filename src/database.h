/*
 * database.h
 *		What the server's processes share about a cluster: on the service, that
 *		is a database.
 */
#ifndef DSQL_DATABASE_H
#define DSQL_DATABASE_H

#include "datatype/timestamp.h"
#include "port/atomics.h"

#include "identifier.h"
#include "stats.h"

typedef struct DsqlDatabase
{
	Oid			oid;			/* invalid in the one that others share */
	char		cluster[DSQL_IDENTIFIER_LEN + 1];	/* as dsql_cluster_home() */
	pg_atomic_uint64 schema_version;	/* see schema_version.c */
	pg_atomic_uint64 stats[NUM_DSQL_STATS];
	pg_atomic_uint64 stats_since;	/* a TimestampTz */
} DsqlDatabase;

extern void dsql_database_shmem_request(void);
extern void dsql_database_shmem_init(void);

/* The entry of the cluster that this backend is connected to. */
extern DsqlDatabase *dsql_database_mine(void);

#endif							/* DSQL_DATABASE_H */
