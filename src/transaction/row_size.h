/*
 * row_size.h
 *		What a row may hold, and what writing it costs.
 */
#ifndef DSQL_ROW_SIZE_H
#define DSQL_ROW_SIZE_H

#include "access/htup.h"
#include "executor/tuptable.h"
#include "utils/relcache.h"

/*
 * The slot's content is written to the table, or a row is deleted.  If it takes
 * the place of a version that the same transaction wrote, that is "replaced",
 * else it is NULL.  For emulated sessions.
 */
extern void dsql_row_size_write(Relation rel, TupleTableSlot *slot,
								HeapTuple replaced);
extern void dsql_row_size_delete(Relation rel, HeapTuple replaced);

#endif							/* DSQL_ROW_SIZE_H */
