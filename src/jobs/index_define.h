/*
 * index_define.h
 *		Make the catalog entries of an index that is built later.
 */
#ifndef DSQL_INDEX_DEFINE_H
#define DSQL_INDEX_DEFINE_H

#include "nodes/parsenodes.h"

/*
 * Check everything that can be checked about the statement and enter the
 * index, neither ready nor valid, in the current transaction.  The statement
 * is changed.  Returns the index, or InvalidOid if there is one of that name
 * and the statement has IF NOT EXISTS.
 */
extern Oid	dsql_index_define(IndexStmt *stmt, const char *query_string);

#endif							/* DSQL_INDEX_DEFINE_H */
