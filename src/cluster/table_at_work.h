/*
 * table_at_work.h
 *		The table that a security-restricted operation is about.
 */
#ifndef DSQL_TABLE_AT_WORK_H
#define DSQL_TABLE_AT_WORK_H

/*
 * The home of the cluster whose table is being analyzed, indexed or validated
 * by this process; NULL if there is none.  The string stays until the next call.
 */
extern const char *dsql_table_at_work_home(void);

#endif							/* DSQL_TABLE_AT_WORK_H */
