/*
 * dialect.c
 *		Which statements the service's dialect has.
 */
#include "postgres.h"

#include "dialect.h"
#include "rule.h"

void
dsql_dialect_check(ParseState *pstate, Query *query)
{
	if (query->commandType == CMD_UTILITY &&
		IsA(query->utilityStmt, TruncateStmt))
		dsql_refuse(RULE_STATEMENT_TRUNCATE);
}
