/*
 * dialect_index.c
 *		What the service's CREATE INDEX can do.
 */
#include "postgres.h"

#include "dialect.h"

void
dsql_dialect_check_create_index(ParseState *pstate, IndexStmt *stmt)
{
}
