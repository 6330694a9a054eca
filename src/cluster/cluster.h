/*
 * cluster.h
 *		Clusters as sessions meet them: which one a session is in.
 *
 * A session is in the default cluster until it is bound to another one, by its
 * start-up options, by the TLS server name, or by dsql.use_cluster().
 */
#ifndef DSQL_CLUSTER_H
#define DSQL_CLUSTER_H

#include "cluster/cluster_catalog.h"

extern void dsql_cluster_install(void);

/*
 * The cluster that a connection asks for, if it lets sessions in: if it is
 * asleep, it wakes up.  Otherwise an error with the service's words.
 */
extern Cluster *dsql_cluster_open(const char *identifier);

/* The identifier of the cluster that the session is bound to, or NULL. */
extern const char *dsql_cluster_bound(void);

/*
 * Bind a session that has just connected to the cluster that it asked for,
 * if any.  To be called in the transaction in which the database was opened;
 * an error ends the connection.
 */
extern void dsql_cluster_bind_connection(void);

/*
 * Set the cluster that a connection is for before its database is open, as the
 * TLS server name does.  It takes precedence over the start-up options.
 */
extern void dsql_cluster_request(const char *identifier);

/*
 * The session becomes emulated, or stops being so.  A bound session stays in
 * its cluster in either case.
 */
extern void dsql_cluster_session_begins(void);
extern void dsql_cluster_session_ends(void);

#endif							/* DSQL_CLUSTER_H */
