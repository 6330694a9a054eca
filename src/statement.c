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

void
dsql_statement_check(ParseState *pstate, Query *query)
{
	DsqlSpelling spelling = dsql_syntax_spelling(pstate, query);

	dsql_finding_set_statement(pstate->p_sourcetext, query->stmt_location,
							   query->stmt_len);
	if (spelling == DSQL_SPELLING_AWS_IAM)
	{
		dsql_iam_transform(pstate, query, dsql_syntax_aws_iam(pstate, query));
		return;
	}

	dsql_dialect_check(pstate, query, spelling == DSQL_SPELLING_ASYNC);
	if (query->commandType == CMD_UTILITY)
		dsql_definition_limits_check_statement(pstate, query->utilityStmt,
											   query->stmt_location, query->stmt_len);

	/* In report mode too: who wrote ASYNC reads the answer. */
	if (spelling == DSQL_SPELLING_ASYNC)
		dsql_job_submit_transform(pstate, query);
}

void
dsql_statement_check_elsewhere(ParseState *pstate, Query *query)
{
	dsql_finding_set_statement(pstate->p_sourcetext, query->stmt_location,
							   query->stmt_len);
	dsql_dialect_check(pstate, query, false);
}

void
dsql_statement_check_execution(Node *stmt)
{
	if (dsql_session_emulated())
		dsql_dialect_check_execution(stmt);
	dsql_dialect_check_background_utility(stmt);
	dsql_cluster_isolation_check_utility(stmt);
	if (IsA(stmt, SecLabelStmt))
		dsql_schema_owner_provide_labels(castNode(SecLabelStmt,
												  stmt)->provider);
}
