/*
 * utility_call.c
 *		Statements of the service that are executed as a CALL.
 *
 * PostgreSQL has no node for AWS IAM GRANT, and its CREATE INDEX cannot answer
 * with a row that holds a job's identifier.  CALL can do both, is described to
 * the client, and goes the way of all utility statements, through the hooks of
 * other libraries as well.  So the analysed statement is replaced by a CALL of
 * a procedure of ours.
 *
 * The statement itself travels in the CALL's raw form, which nobody looks at
 * after analysis, as an argument that the procedure does not have.  Nothing is
 * looked up in it before it is executed, as in any utility statement: a
 * prepared one follows search_path.
 */
#include "postgres.h"

#include "nodes/makefuncs.h"
#include "parser/analyze.h"
#include "utils/builtins.h"

#include "dialect/utility_call.h"

static DsqlUtilityCall current = {NULL, NULL};

void
dsql_utility_call_replace(ParseState *pstate, Query *query,
						  const char *procedure, Node *stmt)
{
	ParseState *call_pstate = make_parsestate(NULL);
	CallStmt   *call = makeNode(CallStmt);
	Query	   *call_query;

	call->funccall = makeFuncCall(list_make2(makeString("dsql"),
											 makeString(pstrdup(procedure))),
								  NIL, COERCE_EXPLICIT_CALL, -1);
	call_pstate->p_sourcetext = pstate->p_sourcetext;
	call_query = transformStmt(call_pstate, (Node *) call);
	free_parsestate(call_pstate);

	call = castNode(CallStmt, call_query->utilityStmt);
	Assert(call->funccall->args == NIL);
	call->funccall->args = list_make1(stmt);
	query->utilityStmt = (Node *) call;
}

Node *
dsql_utility_call_statement(Node *utility_stmt)
{
	List	   *args;
	Node	   *stmt;

	/* An argument that a user wrote is an expression, never one of these. */
	if (!IsA(utility_stmt, CallStmt))
		return NULL;
	args = castNode(CallStmt, utility_stmt)->funccall->args;
	if (list_length(args) != 1)
		return NULL;
	stmt = linitial(args);
	return IsA(stmt, IndexStmt) || IsA(stmt, AlterTableStmt) ||
		IsA(stmt, GrantRoleStmt) ? stmt : NULL;
}

DsqlUtilityCall
dsql_utility_call_begin(Node *utility_stmt, const char *query_string)
{
	DsqlUtilityCall outer = current;

	current.stmt = dsql_utility_call_statement(utility_stmt);
	current.query_string = query_string;
	return outer;
}

void
dsql_utility_call_end(DsqlUtilityCall outer)
{
	current = outer;
}

DsqlUtilityCall
dsql_utility_call_take(const char *procedure, const char *hint)
{
	DsqlUtilityCall call = current;

	/* Functions in the statement may call the procedure, too. */
	current.stmt = NULL;
	if (call.stmt == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("dsql.%s() cannot be called directly", procedure),
				 errhint("%s", hint)));
	return call;
}
