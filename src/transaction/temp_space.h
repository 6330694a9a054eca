/*
 * temp_space.h
 *		The temporary space that a query can use.
 */
#ifndef DSQL_TEMP_SPACE_H
#define DSQL_TEMP_SPACE_H

/* A statement begins, in any session. */
extern void dsql_temp_space_apply(void);

/* Is temp_file_limit the service's limit now? */
extern bool dsql_temp_space_applied(void);

/*
 * An error is about to be reported.  If it is PostgreSQL's about this limit, it
 * becomes the service's.
 */
extern void dsql_temp_space_translate(ErrorData *error);

/* A query ended that has written this many temporary blocks. */
extern void dsql_temp_space_report(int64 blocks);

#endif							/* DSQL_TEMP_SPACE_H */
