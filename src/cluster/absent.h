/*
 * absent.h
 *		IF EXISTS for what belongs to another cluster.
 */
#ifndef DSQL_ABSENT_H
#define DSQL_ABSENT_H

#include "nodes/plannodes.h"

/*
 * Take out of a statement with IF EXISTS what is there for other clusters only,
 * with the notices that PostgreSQL has for what is not there.  Returns NULL if
 * nothing is left to be done, and the statement itself or a copy.
 */
extern PlannedStmt *dsql_absent_begin_utility(PlannedStmt *pstmt);

#endif							/* DSQL_ABSENT_H */
