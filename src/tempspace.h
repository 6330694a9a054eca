/*
 * tempspace.h
 *		The temporary space that a query can use.
 */
#ifndef DSQL_TEMPSPACE_H
#define DSQL_TEMPSPACE_H

#include "nodes/memnodes.h"

#include "compat.h"

/* A statement begins, in any session. */
extern void dsql_temp_space_apply(void);

/* A query failed.  In PG_CATCH, where "context" was current before. */
pg_noreturn extern void dsql_temp_space_rethrow(MemoryContext context);

/* A query ended, having written that many temporary blocks. */
extern void dsql_temp_space_report(int64 blocks);

#endif							/* DSQL_TEMPSPACE_H */
