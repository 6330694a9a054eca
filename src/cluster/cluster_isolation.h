/*
 * cluster_isolation.h
 *		Sessions reach nothing of another cluster's schemas.
 */
#ifndef DSQL_CLUSTER_ISOLATION_H
#define DSQL_CLUSTER_ISOLATION_H

#include "catalog/objectaccess.h"
#include "nodes/nodes.h"
#include "nodes/pg_list.h"

/*
 * For the hooks: an object was made, changed or named, or will be dropped; a
 * function will be called; what a query reads is checked.
 */
extern void dsql_cluster_isolation_object_access(ObjectAccessType access,
												 Oid class,
												 Oid object, void *arg);
extern void dsql_cluster_isolation_check_function_call(Oid function);
extern void dsql_cluster_isolation_check_tables(List *rangeTable);

/*
 * Does the schema belong to a cluster that this session is kept out of?  Needs
 * a valid transaction.
 */
extern bool dsql_cluster_isolation_keeps_out(Oid schema);

/*
 * Refuse a relation that a function got by its OID, as if it were not there.
 */
extern void dsql_cluster_isolation_check_relation(Oid relation);

/*
 * Look at a utility statement for schemas that it names without looking into
 * them, where no hook tells.
 */
extern void dsql_cluster_isolation_check_utility(Node *stmt);

#endif							/* DSQL_CLUSTER_ISOLATION_H */
