/*
 * cluster_view.h
 *		What a session in a cluster's own database sees of the whole server.
 */
#ifndef DSQL_CLUSTER_VIEW_H
#define DSQL_CLUSTER_VIEW_H

#include "nodes/parsenodes.h"

/* For use in _PG_init. */
extern void dsql_cluster_view_install(void);

/*
 * The query that is planned in place of this one, whose views are expanded.  It
 * is the same one unless it asks for what is the whole server's.
 */
extern Query *dsql_cluster_view_query(Query *query);

#endif							/* DSQL_CLUSTER_VIEW_H */
