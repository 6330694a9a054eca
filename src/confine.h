/*
 * confine.h
 *		Sessions reach nothing of another cluster's schemas.
 */
#ifndef DSQL_CONFINE_H
#define DSQL_CONFINE_H

#include "catalog/objectaccess.h"
#include "nodes/nodes.h"
#include "nodes/pg_list.h"

extern void dsql_confine_install(void);

/*
 * For the hooks: an object was made, changed or named, or will be dropped; a
 * function will be called; what a query reads is checked.
 */
extern void dsql_confine_object_access(ObjectAccessType access, Oid class,
									   Oid object, void *arg);
extern void dsql_confine_check_function_call(Oid function);
extern void dsql_confine_check_tables(List *rangeTable);

/*
 * Does the schema belong to a cluster that this session is kept out of?  Needs
 * a valid transaction.
 */
extern bool dsql_confine_keeps_out(Oid schema);

/*
 * Refuse a relation that a function got by its OID, as if it were not there.
 */
extern void dsql_confine_check_relation(Oid relation);

/*
 * Look at a utility statement for schemas that it names without looking into
 * them, where no hook tells.
 */
extern void dsql_confine_check_utility(Node *stmt);

#endif							/* DSQL_CONFINE_H */
