/*
 * dialect_type.c
 *		Which data types the service stores, and its domains.
 */
#include "postgres.h"

#include "dialect.h"

void
dsql_dialect_check_column_type(ParseState *pstate, TypeName *type)
{
}

void
dsql_dialect_check_create_domain(ParseState *pstate, CreateDomainStmt *stmt)
{
}

void
dsql_dialect_check_alter_domain(ParseState *pstate, AlterDomainStmt *stmt)
{
}
