/*
 * statement.c
 *		The life of a statement: the hooks between parser and executor.
 *
 * What the service refuses is refused when a statement has been analysed, that
 * is at Parse in the extended protocol, and before anything is looked up for a
 * utility statement.
 */
#include "postgres.h"

#include "parser/analyze.h"
#include "tcop/utility.h"

#include "dialect.h"
#include "environment.h"
#include "finding.h"
#include "session.h"
#include "statement.h"

static post_parse_analyze_hook_type prev_post_parse_analyze_hook = NULL;
static ProcessUtility_hook_type prev_ProcessUtility_hook = NULL;

static void
next_ProcessUtility(PlannedStmt *pstmt, const char *queryString,
					bool readOnlyTree, ProcessUtilityContext context,
					ParamListInfo params, QueryEnvironment *queryEnv,
					DestReceiver *dest, QueryCompletion *qc)
{
	if (prev_ProcessUtility_hook)
		prev_ProcessUtility_hook(pstmt, queryString, readOnlyTree, context,
								 params, queryEnv, dest, qc);
	else
		standard_ProcessUtility(pstmt, queryString, readOnlyTree, context,
								params, queryEnv, dest, qc);
}

static void
statement_post_parse_analyze(ParseState *pstate, Query *query,
							 JumbleState *jstate)
{
	if (prev_post_parse_analyze_hook)
		prev_post_parse_analyze_hook(pstate, query, jstate);

	dsql_environment_sync();
	if (!dsql_session_emulated())
		return;

	dsql_finding_set_statement(pstate->p_sourcetext, query->stmt_location,
							   query->stmt_len);
	dsql_dialect_check(pstate, query);
}

static void
statement_ProcessUtility(PlannedStmt *pstmt, const char *queryString,
						 bool readOnlyTree, ProcessUtilityContext context,
						 ParamListInfo params, QueryEnvironment *queryEnv,
						 DestReceiver *dest, QueryCompletion *qc)
{
	next_ProcessUtility(pstmt, queryString, readOnlyTree, context, params,
						queryEnv, dest, qc);

	/* It may have been SET dsql_emu.mode or CREATE EXTENSION dsql_emu. */
	dsql_environment_sync();
}

void
dsql_statement_install_hooks(void)
{
	prev_post_parse_analyze_hook = post_parse_analyze_hook;
	post_parse_analyze_hook = statement_post_parse_analyze;
	prev_ProcessUtility_hook = ProcessUtility_hook;
	ProcessUtility_hook = statement_ProcessUtility;
}
