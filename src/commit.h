/*
 * commit.h
 *		How a transaction's changes reach the heap.
 */
#ifndef DSQL_COMMIT_H
#define DSQL_COMMIT_H

/* To be called before other transaction callbacks are registered, and after. */
extern void dsql_commit_install_decision(void);
extern void dsql_commit_install_settlement(void);

/*
 * Let the heap have what the transaction has done so far, or fail: for what is
 * about to read or rewrite tables in ways that know nothing of our changes.
 */
extern void dsql_commit_settle(void);

#endif							/* DSQL_COMMIT_H */
