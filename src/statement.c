/*
 * statement.c
 *		What is asked about a statement between parser and executor.
 *
 * What the service refuses is refused when a statement has been analysed, that
 * is at Parse in the extended protocol, and before anything is looked up for a
 * utility statement.
 */
#include "postgres.h"

#include "catalog/objectaccess.h"
#include "parser/analyze.h"
#include "tcop/utility.h"

#include "auth/iam.h"
#include "base/finding.h"
#include "base/schema_owner.h"
#include "base/session.h"
#include "cluster/cluster_isolation.h"
#include "dialect/definition_limits.h"
#include "dialect/dialect.h"
#include "dialect/syntax.h"
#include "jobs/job_submit.h"
#include "statement.h"

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
		dsql_syntax_is_async(pstate->p_sourcetext, query->stmt_location,
							 query->utilityStmt);
}

void
dsql_statement_check(ParseState *pstate, Query *query)
{
	dsql_finding_set_statement(pstate->p_sourcetext, query->stmt_location,
							   query->stmt_len);
	if (is_aws_iam(pstate, query))
		return;
	dsql_dialect_check(pstate, query);
	if (query->commandType == CMD_UTILITY)
		dsql_definition_limits_check_statement(pstate, query->utilityStmt,
											   query->stmt_location, query->stmt_len);
	if (is_async(pstate, query))
		dsql_job_submit_transform(pstate, query);
}

void
dsql_statement_check_execution(Node *stmt)
{
	if (dsql_session_emulated())
		dsql_dialect_check_execution(stmt);
	dsql_cluster_isolation_check_utility(stmt);
	if (IsA(stmt, SecLabelStmt))
		dsql_schema_owner_provide_labels(castNode(SecLabelStmt,
												  stmt)->provider);
}
