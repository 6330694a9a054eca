/*
 * turn.h
 *		How sessions that want one row get out of each other's way.
 */
#ifndef DSQL_TURN_H
#define DSQL_TURN_H

#include "executor/execdesc.h"

extern void dsql_turn_shmem_request(void);
extern void dsql_turn_shmem_init(void);

/*
 * The current transaction has lost at a row, which is identified by "key", or
 * 0 if no row is known.
 */
extern void dsql_turn_note_loss(Oid relid, uint64 key);

/* How many more statements are to wait for their turn. */
extern PGDLLIMPORT int dsql_turn_due;

/*
 * An outermost query is about to start: if it is a transaction by itself, wait
 * for its turn, for a moment at most, and renew its snapshot.
 */
extern void dsql_turn_begin(QueryDesc *queryDesc);

/* The transaction has ended. */
extern void dsql_turn_end(bool committed);

#endif							/* DSQL_TURN_H */
