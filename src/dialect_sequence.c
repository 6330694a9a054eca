/*
 * dialect_sequence.c
 *		What the service's sequences and identity columns can do.
 */
#include "postgres.h"

#include "dialect.h"

void
dsql_dialect_check_create_sequence(ParseState *pstate, CreateSeqStmt *stmt)
{
}

void
dsql_dialect_check_alter_sequence(ParseState *pstate, AlterSeqStmt *stmt)
{
}

void
dsql_dialect_check_identity(ParseState *pstate, TypeName *type, List *options)
{
}
