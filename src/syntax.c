/*
 * syntax.c
 *		Spellings that PostgreSQL's grammar does not know.
 */
#include "postgres.h"

#include "syntax.h"

void
dsql_syntax_install(void)
{
}
