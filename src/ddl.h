/*
 * ddl.h
 *		What data definition means for background jobs.
 */
#ifndef DSQL_DDL_H
#define DSQL_DDL_H

#include "nodes/nodes.h"

/*
 * For the hooks: a utility command begins, and has been done; a transaction has
 * ended.
 */
extern void dsql_ddl_begin(Node *stmt, const char *query_string);
extern void dsql_ddl_end(Node *stmt);
extern void dsql_ddl_end_transaction(void);

#endif							/* DSQL_DDL_H */
