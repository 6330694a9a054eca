/*
 * new_rows.c
 *		The tuples that this transaction has put into tables of ours.
 */
#include "postgres.h"

#include "utils/memutils.h"
#include "utils/rel.h"

#include "occ/new_rows.h"

#define FIRST_SIZE 64

DsqlNewRowsState dsql_new_rows_state = DSQL_NEW_ROWS_UNDECIDED;
int			dsql_new_rows_count = 0;
DsqlNewRow *dsql_new_rows = NULL;

static int	size = 0;
static bool (*wanted) (void) = NULL;

void
dsql_new_rows_set_filter(bool (*filter) (void))
{
	wanted = filter;
}

static void
make_room(void)
{
	if (dsql_new_rows == NULL)
	{
		size = FIRST_SIZE;
		dsql_new_rows = MemoryContextAlloc(TopTransactionContext,
										   size * sizeof(DsqlNewRow));
	}
	else if (dsql_new_rows_count == size)
	{
		size *= 2;
		dsql_new_rows = repalloc_huge(dsql_new_rows,
									  size * sizeof(DsqlNewRow));
	}
}

void
dsql_new_rows_add(Relation rel, ItemPointer tid)
{
	DsqlNewRow *row;

	if (dsql_new_rows_state == DSQL_NEW_ROWS_UNDECIDED)
		dsql_new_rows_state = wanted != NULL && wanted() ?
			DSQL_NEW_ROWS_NOTED : DSQL_NEW_ROWS_IGNORED;
	if (dsql_new_rows_state == DSQL_NEW_ROWS_IGNORED)
		return;

	make_room();
	row = &dsql_new_rows[dsql_new_rows_count++];
	row->relid = RelationGetRelid(rel);
	row->filenode = rel->rd_rel->relfilenode;
	row->tid = *tid;
}

void
dsql_new_rows_end(void)
{
	/* Its memory is the transaction's. */
	dsql_new_rows = NULL;
	dsql_new_rows_count = 0;
	dsql_new_rows_state = DSQL_NEW_ROWS_UNDECIDED;
}
