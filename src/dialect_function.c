/*
 * dialect_function.c
 *		What the service's functions and views can do.
 */
#include "postgres.h"

#include "dialect.h"

void
dsql_dialect_check_create_function(ParseState *pstate, CreateFunctionStmt *stmt)
{
}

void
dsql_dialect_check_alter_function(ParseState *pstate, AlterFunctionStmt *stmt)
{
}

void
dsql_dialect_check_view(ParseState *pstate, ViewStmt *stmt)
{
}
