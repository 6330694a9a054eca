/*
 * row_marks.h
 *		Where committing transactions meet.
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

extern bool dsql_row_marks_modes_conflict(LockTupleMode a, LockTupleMode b);

extern void dsql_row_marks_shmem_request(void);
extern void dsql_row_marks_shmem_init(void);

/*
 * Make the marks known, all at once.  False if another transaction, one that
 * the snapshot does not see, did before what conflicts with one of them; then
 * none is.  If that one has come to COMMIT, it has ended by then.  The array must
 * live until the transaction ends.
 */
typedef struct DsqlMarkMet
{
	int			mark;			/* which of the array, or -1 */
	TransactionId winner;
} DsqlMarkMet;

/* What was met when it was false, as far as that is known. */
extern PGDLLIMPORT DsqlMarkMet dsql_row_marks_met;

extern bool dsql_row_marks_publish(DsqlMark *marks, int nmarks);

/*
 * If the transaction xid, which seems to have deleted the row, in fact
 * updated it: where to?
 */
extern bool dsql_row_marks_moved(Oid relid, uint64 key, TransactionId xid,
								 ItemPointer moved_to);

/* The transaction ended; afterwards its marks are gone, or kept. */
extern void dsql_row_marks_end(bool committed);

#endif							/* DSQL_ROW_MARKS_H */
