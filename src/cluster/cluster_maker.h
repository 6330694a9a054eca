/*
 * cluster_maker.h
 *		How the databases of clusters come and go.
 */
#ifndef DSQL_CLUSTER_MAKER_H
#define DSQL_CLUSTER_MAKER_H

#include "cluster/cluster_catalog.h"

/* For use in _PG_init. */
extern void dsql_cluster_maker_install(void);

/* Is it a cluster whose database has not been made yet? */
extern bool dsql_cluster_maker_is_unmade(const Cluster *cluster);

/*
 * Have databases made and dropped: when the current transaction commits; now, if
 * there is anything to do.  The second function returns false if there is no
 * process for it.
 */
extern void dsql_cluster_maker_ask_later(void);
extern bool dsql_cluster_maker_ask_if_needed(void);
extern void dsql_cluster_maker_end(bool commit);

/* After a utility statement: DROP EXTENSION says what it leaves. */
extern void dsql_cluster_maker_end_utility(Node *stmt);

#endif							/* DSQL_CLUSTER_MAKER_H */
