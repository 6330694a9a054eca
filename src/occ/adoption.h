/*
 * adoption.h
 *		Which tables have the access method btree_table.
 */
#ifndef DSQL_ADOPTION_H
#define DSQL_ADOPTION_H

#include "nodes/plannodes.h"

/*
 * For the hook of utility commands.  Returns the statement to carry out: the
 * same, or a copy that says what a new table's access method is.
 */
extern PlannedStmt *dsql_adoption_begin_utility(PlannedStmt *pstmt,
												bool *readOnlyTree);

/*
 * dsql.adopt_table(): give a heap table of the current user the access method.
 * Its rows stay where they are.
 */
extern void dsql_adoption_adopt(Oid relid);

#endif							/* DSQL_ADOPTION_H */
