/*
 * both_lose.h
 *		Conflicts that fail both sides, because a test has ordered it.
 */
#ifndef DSQL_BOTH_LOSE_H
#define DSQL_BOTH_LOSE_H

#include "nodes/lockoptions.h"

#include "transaction/injection.h"

extern void dsql_both_lose_shmem_request(void);
extern void dsql_both_lose_shmem_init(void);

/* For the functions below, where any injection is armed. */
extern void dsql_both_lose_meet_row(Oid relid, uint64 key, LockTupleMode mode);
extern void dsql_both_lose_meet_key(TransactionId rival);

/* The current transaction changes or locks a row. */
static inline void
dsql_both_lose_note_row(Oid relid, uint64 key, LockTupleMode mode)
{
	if (dsql_injection_any())
		dsql_both_lose_meet_row(relid, key, mode);
}

/* It inserts a key that another one inserts as well. */
static inline void
dsql_both_lose_note_key(TransactionId rival)
{
	if (dsql_injection_any())
		dsql_both_lose_meet_key(rival);
}

#endif							/* DSQL_BOTH_LOSE_H */
