/*
 * cluster.h
 *		Clusters as sessions meet them: which one a session is in, and which
 *		schemas are its.
 *
 * A session is in the default cluster until it is bound to another one, by its
 * start-up options, by the TLS server name, or by dsql.use_cluster().
 */
#ifndef DSQL_CLUSTER_H
#define DSQL_CLUSTER_H

#include "datatype/timestamp.h"

extern void dsql_cluster_shmem_request(void);
extern void dsql_cluster_shmem_init(void);

/*
 * The schema that is the session's cluster: "public" for the default one.
 * What is counted or kept per cluster is kept by this.  It is the same for
 * both clusters of a linked pair, whose database is one.  InvalidOid if the
 * schema is not there (any more).
 */
extern Oid	dsql_cluster_current(void);

/* The identifier of the cluster that the session is bound to, or NULL. */
extern const char *dsql_cluster_bound(void);

/*
 * The cluster whose schemas the session uses: "" for the default cluster, and
 * the older one of a linked pair.  This is known at any time, outside
 * transactions as well.
 */
extern const char *dsql_cluster_home(void);

/* Raised whenever that may have become another one. */
extern PGDLLIMPORT uint64 dsql_cluster_moves;

/* For a worker: what it does is done for this one, as above. */
extern void dsql_cluster_act_for(const char *home);

/*
 * Does the schema belong to the session's cluster?  Schemas of the system, and
 * those of the extension, belong to none.
 */
extern bool dsql_cluster_has_schema(Oid schema);

/*
 * Bind a session that has just connected to the cluster that it asked for,
 * if any.  To be called in the transaction in which the database was opened;
 * an error ends the connection.
 */
extern void dsql_cluster_bind_connection(void);

/*
 * Name the cluster that a connection is for before its database is open, as
 * the TLS server name does.  It goes before what the start-up options say.
 */
extern void dsql_cluster_request(const char *identifier);

/*
 * Waking up: was a cluster that is INACTIVE asked for a connection long enough
 * ago to be ACTIVE now?
 */
extern bool dsql_cluster_woken(const char *identifier);
extern void dsql_cluster_forget_wake(const char *identifier);

/*
 * The session is emulated from here on, or no longer.  One that is bound stays
 * in its cluster all the same.
 */
extern void dsql_cluster_session_begins(void);
extern void dsql_cluster_session_ends(void);

/* End all sessions that are bound to a cluster, but for this one. */
extern void dsql_cluster_end_sessions(const char *identifier);

/*
 * cluster_schema.c: the schemas of clusters
 */

/* A transaction ended. */
extern void dsql_cluster_schema_end(bool commit);

/* SECURITY LABEL is about to be executed, with this provider or NULL. */
extern void dsql_cluster_schema_provide_labels(const char *provider);

/* The cluster that a schema belongs to: "" for the default one. */
extern const char *dsql_schema_owner(Oid schema);

/* Does any schema belong to another than the default one? */
extern bool dsql_schema_any_owned(void);

/* Is it of the system or of the extension, and so of no cluster? */
extern bool dsql_schema_is_system(Oid schema);

/* Note that a new schema belongs to a cluster. */
extern void dsql_schema_set_owner(Oid schema, const char *identifier);

/* Forget all that was noted: the extension is dropped. */
extern void dsql_schema_forget_owners(void);

/* Make the schema of a new cluster; drop one that nothing was put in. */
extern void dsql_cluster_make_schema(const char *name, const char *identifier);
extern void dsql_cluster_drop_empty_schema(const char *name);

/*
 * Remove what is left of clusters whose end has come: sessions, schemas with
 * everything in them, rows.  The caller holds dsql_catalog_lock().
 */
extern void dsql_cluster_purge(void);

/*
 * The same for a worker process, in a transaction of its own.  Returns when it
 * should look again, by the server's clock, or DT_NOEND.  Workers are told to
 * look when a transaction commits that called the second function.
 */
extern TimestampTz dsql_cluster_clean_up(void);
extern void dsql_cluster_clean_up_later(void);

/* Is it the control plane that makes or drops schemas right now? */
extern bool dsql_cluster_managing(void);

#endif							/* DSQL_CLUSTER_H */
