/*
 * current_cluster.h
 *		The cluster that this process acts for.
 *
 * A session is in the default cluster until it is bound to another one; a job
 * worker acts for the cluster of its job.  cluster/ decides which one it is.
 */
#ifndef DSQL_CURRENT_CLUSTER_H
#define DSQL_CURRENT_CLUSTER_H

/*
 * The cluster whose schemas the process uses: "" for the default cluster, and
 * the older one of a linked pair.  This is known at any time, outside
 * transactions as well.
 */
extern const char *dsql_current_cluster_home(void);

/* Incremented whenever the home may have changed. */
extern PGDLLIMPORT uint64 dsql_current_cluster_moves;

extern void dsql_current_cluster_set_home(const char *home);

/*
 * The schema of the cluster: "public" for the default cluster.  Everything
 * that is counted or kept per cluster is kept by this OID.  Both clusters of a
 * linked pair have the same schema, because they are one database.  InvalidOid
 * if the schema does not exist (any more).
 */
extern Oid	dsql_current_cluster_schema(void);

/*
 * Does the schema belong to the cluster?  Schemas of the system, and those of
 * the extension, belong to none.
 */
extern bool dsql_current_cluster_has_schema(Oid schema);

/*
 * For use in _PG_init: the function that looks up, by its home, the schema of
 * a cluster that is not the default cluster.
 */
typedef Oid (*DsqlClusterSchemaFinder) (const char *home);

extern void dsql_current_cluster_set_finder(DsqlClusterSchemaFinder finder);

#endif							/* DSQL_CURRENT_CLUSTER_H */
