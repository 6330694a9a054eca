/*
 * iam.h
 *		AWS IAM GRANT and REVOKE: which IAM users and roles may connect as which
 *		roles of the database.
 */
#ifndef DSQL_IAM_H
#define DSQL_IAM_H

#include "nodes/parsenodes.h"
#include "parser/parse_node.h"
#include "tcop/cmdtag.h"

/* Something will be dropped; a role that is mapped must not be. */
extern void dsql_iam_note_drop(Oid class, Oid object);

/*
 * Turn an analysed AWS IAM statement, see dsql_syntax_aws_iam(), into what
 * executes it; afterwards, set the command tag that the client sees.
 */
extern void dsql_iam_transform(ParseState *pstate, Query *query,
							   GrantRoleStmt *stmt);
extern void dsql_iam_set_tag(Node *utility_stmt, QueryCompletion *qc);

/*
 * May this IAM user or role connect to the cluster as this role?  The cluster
 * is given as by dsql_current_cluster_home().
 */
extern bool dsql_iam_is_mapped(const char *cluster, Oid role, const char *arn);

/* Forget the mappings of a cluster that is gone. */
extern void dsql_iam_forget_cluster(const char *cluster);

#endif							/* DSQL_IAM_H */
