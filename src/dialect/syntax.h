/*
 * syntax.h
 *		Spellings that PostgreSQL's grammar does not know.
 */
#ifndef DSQL_SYNTAX_H
#define DSQL_SYNTAX_H

#include "nodes/parsenodes.h"
#include "parser/parse_node.h"

extern void dsql_syntax_install(void);

/*
 * How a statement is spelled that PostgreSQL's grammar does not know.  Its
 * parse tree does not tell.
 */
typedef enum DsqlSpelling
{
	DSQL_SPELLING_STANDARD,		/* as PostgreSQL spells it */
	DSQL_SPELLING_ASYNC,		/* CREATE INDEX ASYNC or ALTER TABLE ASYNC */
	DSQL_SPELLING_AWS_IAM		/* AWS IAM GRANT or AWS IAM REVOKE */
} DsqlSpelling;

/*
 * The spelling of a statement that has been analysed, when the client sent it.
 */
extern DsqlSpelling dsql_syntax_spelling(ParseState *pstate, Query *query);

/*
 * What an AWS IAM statement means, of the SET statement that it arrives as:
 * the role as PostgreSQL folds an identifier, granted to or revoked from the
 * string with the ARN, which is not checked.
 */
extern GrantRoleStmt *dsql_syntax_aws_iam(ParseState *pstate, Query *query);

#endif							/* DSQL_SYNTAX_H */
