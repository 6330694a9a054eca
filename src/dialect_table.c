/*
 * dialect_table.c
 *		What the service's CREATE TABLE and ALTER TABLE can do.
 */
#include "postgres.h"

#include "dialect.h"

void
dsql_dialect_check_create_table(ParseState *pstate, CreateStmt *stmt)
{
}

void
dsql_dialect_check_alter_table(ParseState *pstate, AlterTableStmt *stmt)
{
}
