/*
 * overtake.h
 *		Definitions that do not wait for open transactions.
 */
#ifndef DSQL_OVERTAKE_H
#define DSQL_OVERTAKE_H

#include "nodes/nodes.h"

extern void dsql_overtake_shmem_request(void);
extern void dsql_overtake_shmem_init(void);
extern void dsql_overtake_install(void);

/*
 * A utility command begins, and ends.  What the first returns is for the
 * second, which has to be called after an error as well.
 */
extern bool dsql_overtake_begin(Node *stmt);
extern void dsql_overtake_end(bool begun);

/*
 * For the launcher, whenever it wakes up: ask those to make way who are in the
 * way of a definition that waits.
 */
extern void dsql_overtake_clear_way(void);

#endif							/* DSQL_OVERTAKE_H */
