/*
 * copy_query.h
 *		COPY of a table as a COPY of the query that returns its rows.
 */
#ifndef DSQL_COPY_QUERY_H
#define DSQL_COPY_QUERY_H

#include "nodes/plannodes.h"

/*
 * The statement, or what to execute in its place so that the executor reads the
 * table, and what it reads can be counted.
 */
extern PlannedStmt *dsql_copy_query(PlannedStmt *pstmt);

#endif							/* DSQL_COPY_QUERY_H */
