/*
 * utility_call.h
 *		Statements of the service that are executed as a CALL.
 */
#ifndef DSQL_UTILITY_CALL_H
#define DSQL_UTILITY_CALL_H

#include "nodes/parsenodes.h"
#include "parser/parse_node.h"

/*
 * Make an analysed utility statement a CALL of a procedure of ours, without
 * arguments, that is to execute "stmt".
 */
extern void dsql_utility_call_replace(ParseState *pstate, Query *query,
									  const char *procedure, Node *stmt);

/*
 * The statement that such a CALL is to execute; NULL for anything else.
 */
extern Node *dsql_utility_call_statement(Node *utility_stmt);

/*
 * What the procedure is to execute, and the text it was written in.
 */
typedef struct DsqlUtilityCall
{
	Node	   *stmt;			/* NULL: nothing */
	const char *query_string;
} DsqlUtilityCall;

/*
 * For a ProcessUtility hook, around the execution of any statement: begin
 * tells what was current before, for end to restore.
 */
extern DsqlUtilityCall dsql_utility_call_begin(Node *utility_stmt,
											   const char *query_string);
extern void dsql_utility_call_end(DsqlUtilityCall outer);

/*
 * For the procedure: what it is to execute, once.  It is an error if there is
 * nothing, because somebody has called the procedure who should write the
 * statement; "hint" says which one.
 */
extern DsqlUtilityCall dsql_utility_call_take(const char *procedure,
											  const char *hint);

#endif							/* DSQL_UTILITY_CALL_H */
