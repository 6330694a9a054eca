/*
 * syntax.h
 *		Spellings that PostgreSQL's grammar does not know.
 */
#ifndef DSQL_SYNTAX_H
#define DSQL_SYNTAX_H

#include "nodes/nodes.h"

extern void dsql_syntax_install(void);

/*
 * Did the client write ASYNC in this statement, CREATE INDEX ASYNC or ALTER
 * TABLE ASYNC ... VALIDATE CONSTRAINT?  The parse tree does not tell.  The
 * arguments are the statement's place as in ParseState.p_sourcetext and
 * Query.stmt_location.
 */
extern bool dsql_syntax_is_async(const char *query_string, int stmt_location,
								 Node *utility_stmt);

/* AWS IAM GRANT role TO 'arn', AWS IAM REVOKE role FROM 'arn' */
typedef struct DsqlAwsIamStmt
{
	bool		is_revoke;
	const char *role;			/* as PostgreSQL folds an identifier */
	const char *arn;			/* the string's value, not checked */
} DsqlAwsIamStmt;

/*
 * Is the utility statement an AWS IAM statement?  It arrives as a SET
 * statement that must not be executed.
 */
extern bool dsql_syntax_is_aws_iam(const char *query_string, int stmt_location,
								   Node *utility_stmt, DsqlAwsIamStmt *result);

#endif							/* DSQL_SYNTAX_H */
