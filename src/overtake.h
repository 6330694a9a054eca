/*
 * overtake.h
 *		Definitions that do not wait for open transactions.
 */
#ifndef DSQL_OVERTAKE_H
#define DSQL_OVERTAKE_H

extern void dsql_overtake_shmem_request(void);
extern void dsql_overtake_shmem_init(void);
extern void dsql_overtake_install(void);

/*
 * For the launcher, whenever it wakes up: ask those to make way who are in the
 * way of a definition that waits.
 */
extern void dsql_overtake_clear_way(void);

#endif							/* DSQL_OVERTAKE_H */
