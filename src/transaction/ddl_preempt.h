/*
 * ddl_preempt.h
 *		Definitions that do not wait for open transactions.
 */
#ifndef DSQL_DDL_PREEMPT_H
#define DSQL_DDL_PREEMPT_H

#include "nodes/nodes.h"

extern void dsql_ddl_preempt_shmem_request(void);
extern void dsql_ddl_preempt_shmem_init(void);
extern void dsql_ddl_preempt_install(void);

/*
 * A utility command begins, and ends.  Pass the result of the first function
 * to the second, which must be called after an error as well.
 */
extern bool dsql_ddl_preempt_begin(Node *stmt);
extern void dsql_ddl_preempt_end(bool begun);

/*
 * For the launcher, whenever it wakes up: ask the sessions and workers that
 * block a waiting definition to make way.
 */
extern void dsql_ddl_preempt_clear_way(void);

#endif							/* DSQL_DDL_PREEMPT_H */
