/*
 * row_identity.h
 *		What identifies a row, whichever version of it one looks at.
 */
#ifndef DSQL_ROW_IDENTITY_H
#define DSQL_ROW_IDENTITY_H

#include "access/htup.h"
#include "nodes/lockoptions.h"
#include "storage/itemptr.h"
#include "utils/relcache.h"

/*
 * A hash of the row's key values.  A row without a key is told apart from others
 * by where this version of it is: then *of_version is true, and each of its
 * versions has a hash of its own.
 */
extern uint64 dsql_row_identity_hash(Relation rel, HeapTuple tuple,
									 bool *of_version);
extern uint64 dsql_row_identity_hash_version(ItemPointer tid);

/*
 * How strong is the update of an old version to a new one: of columns that are
 * in a unique index which is neither partial nor on an expression, or only of
 * others?  *indexed tells whether any indexed column changes.
 */
extern LockTupleMode dsql_row_identity_compare(Relation rel,
											   HeapTuple oldtuple,
											   HeapTuple newtuple,
											   bool *indexed);

#endif							/* DSQL_ROW_IDENTITY_H */
