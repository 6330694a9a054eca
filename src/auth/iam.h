/*
 * iam.h
 *		AWS IAM GRANT and REVOKE: which IAM users and roles may connect as which
 *		roles of the database.
 */
#ifndef DSQL_IAM_H
#define DSQL_IAM_H

#include "nodes/nodes.h"
#include "tcop/cmdtag.h"

#include "dialect/syntax.h"

/* Something will be dropped; a role that is mapped must not be. */
extern void dsql_iam_note_drop(Oid class, Oid object);

/*
 * What takes the place of an analysed AWS IAM statement, whether a utility
 * statement is that, and its execution, which says what was done.
 */
extern Node *dsql_iam_statement(const DsqlAwsIamStmt *stmt);
extern bool dsql_iam_is_statement(Node *utility_stmt);
extern CommandTag dsql_iam_execute(Node *utility_stmt);

/*
 * May this IAM user or role connect to the cluster as this role?  The cluster
 * is given as by dsql_current_cluster_home().
 */
extern bool dsql_iam_is_mapped(const char *cluster, Oid role, const char *arn);

/* Forget the mappings of a cluster that is gone. */
extern void dsql_iam_forget_cluster(const char *cluster);

#endif							/* DSQL_IAM_H */
