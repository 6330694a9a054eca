/*
 * statement.c
 *		The life of a statement: the hooks between parser and executor.
 *
 * What the service refuses is refused when a statement has been analysed, that
 * is at Parse in the extended protocol, and before anything is looked up for a
 * utility statement.
 */
#include "postgres.h"

#include "catalog/objectaccess.h"
#include "parser/analyze.h"
#include "tcop/utility.h"

#include "async.h"
#include "cluster.h"
#include "confine.h"
#include "dialect.h"
#include "environment.h"
#include "finding.h"
#include "iam.h"
#include "quota.h"
#include "session.h"
#include "statement.h"
#include "syntax.h"

static post_parse_analyze_hook_type prev_post_parse_analyze_hook = NULL;
static ProcessUtility_hook_type prev_ProcessUtility_hook = NULL;
static object_access_hook_type prev_object_access_hook = NULL;

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

/*
 * Is it AWS IAM GRANT or REVOKE?  Then what the parser made of it is replaced
 * by what is to be executed.
 */
static bool
is_aws_iam(ParseState *pstate, Query *query)
{
	DsqlAwsIamStmt stmt;

	if (query->commandType != CMD_UTILITY ||
		!dsql_syntax_is_aws_iam(pstate->p_sourcetext, query->stmt_location,
								query->utilityStmt, &stmt))
		return false;
	query->utilityStmt = dsql_iam_statement(&stmt);
	return true;
}

/*
 * Does the client want an index or a validation to be done in the background?
 * In report mode too: who wrote ASYNC reads the answer.
 */
static bool
is_async(ParseState *pstate, Query *query)
{
	return query->commandType == CMD_UTILITY &&
		(IsA(query->utilityStmt, IndexStmt) ||
		 IsA(query->utilityStmt, AlterTableStmt)) &&
		dsql_syntax_is_async(pstate->p_sourcetext, query->stmt_location);
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
	if (is_aws_iam(pstate, query))
		return;
	dsql_dialect_check(pstate, query);
	if (query->commandType == CMD_UTILITY)
		dsql_quota_check_statement(pstate, query->utilityStmt,
								   query->stmt_location, query->stmt_len);
	if (is_async(pstate, query))
		dsql_async_transform(pstate, query);
}

static void
statement_ProcessUtility(PlannedStmt *pstmt, const char *queryString,
						 bool readOnlyTree, ProcessUtilityContext context,
						 ParamListInfo params, QueryEnvironment *queryEnv,
						 DestReceiver *dest, QueryCompletion *qc)
{
	if (dsql_session_emulated() && dsql_iam_is_statement(pstmt->utilityStmt))
	{
		SetQueryCompletion(qc, dsql_iam_execute(pstmt->utilityStmt), 0);
		return;
	}
	if (dsql_session_emulated())
		dsql_dialect_check_execution(pstmt->utilityStmt);
	dsql_confine_check_utility(pstmt->utilityStmt);
	if (IsA(pstmt->utilityStmt, SecLabelStmt))
		dsql_cluster_schema_provide_labels(castNode(SecLabelStmt,
													pstmt->utilityStmt)->provider);

	next_ProcessUtility(pstmt, queryString, readOnlyTree, context, params,
						queryEnv, dest, qc);

	/* What a statement is made of is checked with the statement. */
	if (context != PROCESS_UTILITY_SUBCOMMAND)
		dsql_quota_check_objects();

	/* It may have been SET dsql_emu.mode or CREATE EXTENSION dsql_emu. */
	dsql_environment_sync();
}

static void
statement_object_access(ObjectAccessType access, Oid classId, Oid objectId,
						int subId, void *arg)
{
	if (prev_object_access_hook)
		prev_object_access_hook(access, classId, objectId, subId, arg);

	if (access == OAT_FUNCTION_EXECUTE)
		dsql_dialect_check_function_call(objectId);
	else if (access == OAT_POST_CREATE && dsql_session_emulated())
		dsql_dialect_check_created(classId, objectId, subId);
}

void
dsql_statement_install_hooks(void)
{
	prev_post_parse_analyze_hook = post_parse_analyze_hook;
	post_parse_analyze_hook = statement_post_parse_analyze;
	prev_ProcessUtility_hook = ProcessUtility_hook;
	ProcessUtility_hook = statement_ProcessUtility;
	prev_object_access_hook = object_access_hook;
	object_access_hook = statement_object_access;
}
