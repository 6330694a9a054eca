/*
 * commit.h
 *		How a transaction's changes reach the heap.
 */
#ifndef DSQL_COMMIT_H
#define DSQL_COMMIT_H

/*
 * Before a transaction commits.  What it changed has to be in the heap before
 * others look at what it did: that is first.  The decision is last, when
 * nothing else can fail any more.
 */
extern void dsql_commit_pre_commit(void);
extern void dsql_commit_decide(void);
extern void dsql_commit_pre_prepare(void);

/* It has committed, or has rolled back or been prepared. */
extern void dsql_commit_end(bool commit);

/*
 * Let the heap have what the transaction has done so far, or fail: for what is
 * about to read or rewrite tables in ways that know nothing of our changes.
 */
extern void dsql_commit_apply_now(void);

#endif							/* DSQL_COMMIT_H */
