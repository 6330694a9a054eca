/*
 * temp_space.h
 *		The temporary space that a query can use.
 */
#ifndef DSQL_TEMP_SPACE_H
#define DSQL_TEMP_SPACE_H

#include "base/compat.h"

/* A statement begins, in any session. */
extern void dsql_temp_space_apply(void);

/* Is temp_file_limit the service's limit now? */
extern bool dsql_temp_space_applied(void);

/*
 * In place of PG_RE_THROW(), where a query has run: if the error is PostgreSQL's
 * about this limit, it becomes the service's.
 */
pg_noreturn extern void dsql_temp_space_rethrow(void);

/* A query ended that has written this many temporary blocks. */
extern void dsql_temp_space_report(int64 blocks);

#endif							/* DSQL_TEMP_SPACE_H */
