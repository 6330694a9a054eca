/*
 * row_marks.h
 *		Who wins where transactions meet.
 */
#ifndef DSQL_ROW_MARKS_H
#define DSQL_ROW_MARKS_H

#include "nodes/lockoptions.h"
#include "storage/itemptr.h"
#include "utils/snapshot.h"

/*
 * What a transaction did to a row, for the others to see when it commits.
 */
typedef struct DsqlMark
{
	Oid			relid;
	uint64		key;			/* what identifies the row */
	bool		of_version;		/* or only a version of it */
	LockTupleMode mode;
	Snapshot	snapshot;		/* what the row was found with */
	bool		keep;			/* the heap will not tell it later */
	bool		moved;			/* updated, though it looks like a deletion */
	ItemPointerData moved_to;
	uint64		hash;			/* set when it is published: */
	int			place;			/* in shared memory */
	bool		covers;			/* it may take the place of others */
} DsqlMark;

extern void dsql_row_marks_shmem_request(void);
extern void dsql_row_marks_shmem_init(void);

/* The current transaction is about to change or lock rows. */
extern void dsql_row_marks_begin(void);

extern PGDLLIMPORT bool dsql_row_marks_has_begun;

/* Did it say so? */
static inline bool
dsql_row_marks_begun(void)
{
	return dsql_row_marks_has_begun;
}

/*
 * Make the marks known, all at once, and return NULL.  Or none, and return one
 * with which it conflicts what another transaction, one that the snapshot does
 * not see, did before.  The array must live until the transaction ends.
 */
extern DsqlMark *dsql_row_marks_publish(DsqlMark *marks, int nmarks);

/*
 * If the transaction xid, which seems to have deleted the row, in fact
 * updated it: where to?
 */
extern bool dsql_row_marks_moved(Oid relid, uint64 key, TransactionId xid,
								 ItemPointer moved_to);

/*
 * From here on the transaction commits, unless this returns false.  The
 * transactions of the array, which are in progress or have ended, cannot
 * commit any more.
 */
extern bool dsql_row_marks_decide(TransactionId *rivals, int nrivals);

/* The transaction ended; afterwards its marks are gone, or kept. */
extern void dsql_row_marks_end(bool committed);

#endif							/* DSQL_ROW_MARKS_H */
