/*
 * role_statement.h
 *		What admin may do with roles, done on its behalf.
 *
 * The role "admin" has no attribute of PostgreSQL's that would hold outside an
 * emulated session: no CREATEROLE, which on PostgreSQL 15 leads to every role
 * that is no superuser.  In an emulated session its statements about roles are
 * executed with a superuser's rights, each after checks of ours, where they
 * concern roles of the emulator only: those that were created in emulated
 * sessions, and carry a security label that says so.  All other statements, and
 * other users', meet PostgreSQL's own checks.
 */
#ifndef DSQL_ROLE_STATEMENT_H
#define DSQL_ROLE_STATEMENT_H

#include "nodes/plannodes.h"
#include "tcop/utility.h"

typedef struct DsqlRoleStatement
{
	bool		switched;		/* the user id was changed */
	Oid			save_userid;
	int			save_sec_context;
} DsqlRoleStatement;

/*
 * Begin a utility statement.  If it is done on behalf of admin, the result is a
 * copy in which CURRENT_USER and its like are spelled out.  The end must be
 * called whether the statement succeeds or not.
 */
extern PlannedStmt *dsql_role_statement_begin(PlannedStmt *pstmt,
											  ProcessUtilityContext context,
											  DsqlRoleStatement *state);
extern void dsql_role_statement_end(const DsqlRoleStatement *state);

/* A utility statement has succeeded: label the role that it created. */
extern void dsql_role_statement_label(Node *stmt);

#endif							/* DSQL_ROLE_STATEMENT_H */
