/*
 * confine.h
 *		Sessions reach nothing of another cluster's schemas.
 */
#ifndef DSQL_CONFINE_H
#define DSQL_CONFINE_H

#include "nodes/nodes.h"

extern void dsql_confine_install_hooks(void);

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
