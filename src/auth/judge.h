/*
 * judge.h
 *		Whether a connection with a token is let into a cluster, by what the
 *		control plane's database knows.
 */
#ifndef DSQL_JUDGE_H
#define DSQL_JUDGE_H

#include "libpq/pqcomm.h"

#include "auth/token.h"
#include "cluster/cluster_catalog.h"

/* The cluster's identifier in a host name, its first label; NULL if it is none. */
extern char *dsql_judge_host_cluster(const char *host);

/* Is it a name by which the default cluster can be reached? */
extern bool dsql_judge_is_local_host(const char *host);

/*
 * Judge a token for a cluster; an error if it does not hold.  The result is the
 * ARN of whose key has signed it, or NULL if tokens are not verified.
 */
extern char *dsql_judge_token(const DsqlAuthToken *token,
							  const Cluster *cluster,
							  const SockAddr *address);

#endif							/* DSQL_JUDGE_H */
