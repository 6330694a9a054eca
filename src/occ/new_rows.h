/*
 * new_rows.h
 *		The tuples that this transaction has put into tables of ours.
 *
 * The heap gets them at once, so that nothing else remembers them.  They are
 * noted only for who asks before the first one: without change streams, nobody
 * does.
 */
#ifndef DSQL_NEW_ROWS_H
#define DSQL_NEW_ROWS_H

#include "storage/itemptr.h"
#include "utils/relcache.h"

typedef struct DsqlNewRow
{
	Oid			relid;
	Oid			filenode;		/* the file that it was put into */
	ItemPointerData tid;
} DsqlNewRow;

typedef enum DsqlNewRowsState
{
	DSQL_NEW_ROWS_UNDECIDED,
	DSQL_NEW_ROWS_IGNORED,
	DSQL_NEW_ROWS_NOTED
} DsqlNewRowsState;

extern PGDLLIMPORT DsqlNewRowsState dsql_new_rows_state;
extern PGDLLIMPORT int dsql_new_rows_count;
extern PGDLLIMPORT DsqlNewRow *dsql_new_rows;

/*
 * For use in _PG_init: a function that tells, before a transaction's first
 * tuple, whether tuples are to be noted.
 */
extern void dsql_new_rows_set_filter(bool (*wanted) (void));

extern void dsql_new_rows_add(Relation rel, ItemPointer tid);

/* Note a tuple.  It may turn out to be rolled back, or replaced. */
static inline void
dsql_new_rows_note(Relation rel, ItemPointer tid)
{
	if (unlikely(dsql_new_rows_state != DSQL_NEW_ROWS_IGNORED))
		dsql_new_rows_add(rel, tid);
}

/* The transaction has ended. */
extern void dsql_new_rows_end(void);

#endif							/* DSQL_NEW_ROWS_H */
