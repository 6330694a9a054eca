/*
 * statement.h
 *		What is asked about a statement between parser and executor.
 */
#ifndef DSQL_STATEMENT_H
#define DSQL_STATEMENT_H

#include "nodes/parsenodes.h"
#include "parser/parse_node.h"

/* A statement was analysed, in an emulated session. */
extern void dsql_statement_check(ParseState *pstate, Query *query);

/* The same in another process, which executes a user's function. */
extern void dsql_statement_check_elsewhere(ParseState *pstate, Query *query);

/* A utility statement is about to be executed, in any session. */
extern void dsql_statement_check_execution(Node *stmt);

#endif							/* DSQL_STATEMENT_H */
