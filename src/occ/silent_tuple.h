/*
 * silent_tuple.h
 *		Tuples that logical decoding is not told of.
 */
#ifndef DSQL_SILENT_TUPLE_H
#define DSQL_SILENT_TUPLE_H

#include "access/tableam.h"
#include "catalog/catalog.h"
#include "utils/rel.h"

/* Is the table one whose changes are decoded? */
static inline bool
dsql_silent_tuple_needed(Relation rel)
{
	return RelationIsLogicallyLogged(rel);
}

extern void dsql_silent_tuple_insert(Relation rel, HeapTuple tuple,
									 CommandId cid);

/*
 * Replace a silent tuple by another one, or delete it, where that is NULL.
 * The answers are heap's.
 */
extern TM_Result dsql_silent_tuple_change(Relation rel, ItemPointer tid,
										  HeapTuple replacement, CommandId cid,
										  TM_FailureData *tmfd);

/*
 * The tuple that a silent one has become, a copy; NULL if it was deleted.  The
 * identifier follows.
 */
extern HeapTuple dsql_silent_tuple_last(Relation rel, ItemPointer tid);

/* One that is not silent has taken its place. */
extern void dsql_silent_tuple_end(Relation rel, ItemPointer tid,
								  ItemPointer replacement, CommandId cid);

#endif							/* DSQL_SILENT_TUPLE_H */
