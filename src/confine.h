/*
 * confine.h
 *		Sessions reach nothing of another cluster's schemas.
 */
#ifndef DSQL_CONFINE_H
#define DSQL_CONFINE_H

#include "catalog/objectaccess.h"
#include "executor/execdesc.h"

/*
 * For the hooks: an object was made, changed or named, or will be dropped; a
 * function will be called; what a query reads is checked; its plan is made
 * ready for execution.
 */
extern void dsql_confine_object_access(ObjectAccessType access, Oid class,
									   Oid object, void *arg);
extern void dsql_confine_check_function_call(Oid function);
extern void dsql_confine_check_tables(List *rangeTable);
extern void dsql_confine_before_start(void);
extern void dsql_confine_after_start(QueryDesc *queryDesc);

/*
 * Does the schema belong to a cluster that this session is kept out of?  Needs
 * a valid transaction.
 */
extern bool dsql_confine_keeps_out(Oid schema);

/*
 * Look at a utility statement for schemas that it names without looking into
 * them, where no hook tells.
 */
extern void dsql_confine_check_utility(Node *stmt);

#endif							/* DSQL_CONFINE_H */
