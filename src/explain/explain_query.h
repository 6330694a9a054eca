/*
 * explain_query.h
 *		EXPLAIN as the service does it.
 */
#ifndef DSQL_EXPLAIN_QUERY_H
#define DSQL_EXPLAIN_QUERY_H

#include "commands/explain.h"

/*
 * Explains a query, in the place of PostgreSQL.  For sessions in which
 * dsql_plan_explains() is true.
 */
extern void dsql_explain_query(Query *query, int cursor_options,
							   struct ExplainState *es, const char *query_string,
							   ParamListInfo params,
							   QueryEnvironment *query_env);

#endif							/* DSQL_EXPLAIN_QUERY_H */
