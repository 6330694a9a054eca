/*
 * row_cost.h
 *		Bytes that the service would charge for the rows of a statement.
 */
#ifndef DSQL_ROW_COST_H
#define DSQL_ROW_COST_H

#include "access/htup.h"
#include "executor/tuptable.h"
#include "utils/relcache.h"

/* What is smaller is charged like this. */
#define DSQL_ROW_COST_LEAST	128

typedef struct DsqlRowCost
{
	bool		counting;
	uint64		statement;		/* which one counts */
	double		written;		/* rows and entries of indexes */
	double		checked;		/* read to see whether a key is there */
	double		nested;			/* read by statements within it */
} DsqlRowCost;

/* Of the statement that runs; only while somebody counts. */
extern PGDLLIMPORT DsqlRowCost dsql_row_cost;

extern void dsql_row_cost_add(Relation rel, TupleTableSlot *slot,
							  HeapTuple old);

/*
 * A row is inserted, if there is no old one; deleted, if there is no slot; or
 * updated.
 */
static inline void
dsql_row_cost_note(Relation rel, TupleTableSlot *slot, HeapTuple old)
{
	if (unlikely(dsql_row_cost.counting))
		dsql_row_cost_add(rel, slot, old);
}

#endif							/* DSQL_ROW_COST_H */
