/*
 * tableam.h
 *		The table access method btree_table.
 */
#ifndef DSQL_TABLEAM_H
#define DSQL_TABLEAM_H

#include "executor/tuptable.h"
#include "utils/relcache.h"
#include "utils/snapshot.h"

extern bool dsql_tableam_is_ours(Relation rel);

/*
 * Does the snapshot see this tuple, or what the transaction has made of it?
 * Then that is put into the slot.
 */
extern bool dsql_tableam_fetch_row(Relation rel, ItemPointer tid,
								   Snapshot snapshot, TupleTableSlot *slot);

#endif							/* DSQL_TABLEAM_H */
