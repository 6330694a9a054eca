/*
 * cluster_schema.h
 *		How the schemas of clusters come and go.
 */
#ifndef DSQL_CLUSTER_SCHEMA_H
#define DSQL_CLUSTER_SCHEMA_H

#include "datatype/timestamp.h"

/* A transaction ended. */
extern void dsql_cluster_schema_end(bool commit);

/* Make the schema of a new cluster; drop a schema that is still empty. */
extern void dsql_cluster_schema_make(const char *name, const char *identifier);
extern void dsql_cluster_schema_drop_empty(const char *name);

/*
 * Remove what is left of clusters whose end has come: sessions, schemas with
 * everything in them, rows.  The caller holds dsql_cluster_catalog_lock().
 */
extern void dsql_cluster_schema_purge(void);

/*
 * The same for a worker process, in a transaction of its own.  Returns when
 * the worker should check again, by the server's clock, or DT_NOEND.  The
 * second function makes workers check when the current transaction commits.
 */
extern TimestampTz dsql_cluster_schema_clean_up(void);
extern void dsql_cluster_schema_clean_up_later(void);

/*
 * For use in _PG_init: a function that removes what other parts keep for a
 * cluster.  It is called when the cluster is removed.
 */
typedef void (*DsqlClusterPurgeCallback) (const char *identifier);

extern void dsql_cluster_schema_set_purge(DsqlClusterPurgeCallback callback);

#endif							/* DSQL_CLUSTER_SCHEMA_H */
