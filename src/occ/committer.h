/*
 * committer.h
 *		The transactions that change or lock rows, and whether they may lose.
 */
#ifndef DSQL_COMMITTER_H
#define DSQL_COMMITTER_H

#include "access/transam.h"

extern void dsql_committer_shmem_request(void);
extern void dsql_committer_shmem_init(void);

/* The current transaction is about to change or lock rows. */
extern void dsql_committer_begin(void);

extern PGDLLIMPORT bool dsql_committer_has_begun;

/* Did it say so? */
static inline bool
dsql_committer_begun(void)
{
	return dsql_committer_has_begun;
}

/*
 * It has come to COMMIT: it will end without waiting for its client.
 */
extern void dsql_committer_begin_commit(void);

extern PGDLLIMPORT bool dsql_committer_is_ending;

/* Has it? */
static inline bool
dsql_committer_ending(void)
{
	return dsql_committer_is_ending;
}

/*
 * From here on the transaction commits, unless this returns false.  The
 * transactions of the array, which are in progress or have ended, cannot
 * commit any more.  If it returns false, *winner is who it has lost to, if that
 * one may not have ended yet.
 */
extern bool dsql_committer_decide(TransactionId *rivals, int nrivals,
								  TransactionId *winner);

/*
 * Whose transaction it is, or was: the process and its application_name, for
 * which there are NAMEDATALEN bytes.  Both stay as they are if that is not
 * known: it has not come to COMMIT, or did so long ago.
 */
extern void dsql_committer_describe(TransactionId xid, int *pid, char *name);

/*
 * For conflicts that fail both sides: is the transaction still open, and not
 * doomed?  Doom it, and the current one, unless it is too late for that.
 */
extern bool dsql_committer_may_lose(TransactionId xid);
extern void dsql_committer_doom_both(TransactionId other);

/* Is the transaction there, and may still keep marks when it ends? */
extern bool dsql_committer_is_there(TransactionId xid);

/*
 * Wait until the transaction has ended, and its marks are gone or kept.  False
 * if it has not come to COMMIT, so that there is no telling when it ends.
 */
extern bool dsql_committer_wait_for_end(TransactionId xid);

/*
 * The current transaction has lost to another one, and is going to fail.  Wait
 * for that one's end, if it has come to COMMIT and has not lost itself.
 */
extern void dsql_committer_lose_to(TransactionId xid);

/*
 * The current transaction has ended: before its marks are withdrawn, and
 * afterwards.
 */
extern void dsql_committer_leave(void);
extern void dsql_committer_end(void);

#endif							/* DSQL_COMMITTER_H */
