/*
 * cluster_role.h
 *		Roles of a cluster that has a database of its own.
 */
#ifndef DSQL_CLUSTER_ROLE_H
#define DSQL_CLUSTER_ROLE_H

#include "nodes/plannodes.h"
#include "tcop/utility.h"

#include "base/cluster_database.h"

/* For use in _PG_init. */
extern void dsql_cluster_role_install(void);

/* The role as which sessions of such roles begin: see cluster_role.c. */
#define DSQL_CLUSTER_ROLE_DOOR "-"

/*
 * What the name of a role of the session's cluster ends with; NULL if the
 * database is not a cluster of its own, or the session not emulated.
 */
extern const char *dsql_cluster_role_suffix(void);

/* The server's name of a role that the session's user calls so. */
extern char *dsql_cluster_role_real(const char *name);

/* The same for a name that is quoted where it has to be. */
extern char *dsql_cluster_role_real_quoted(const char *string);

/* The other way round, in place. */
extern void dsql_cluster_role_show(char *name);

/*
 * Does the server's name of a role, which need not exist, belong to a cluster
 * whose database is not this one?
 */
extern bool dsql_cluster_role_is_elsewhere(const char *name);

/*
 * The role as which a user connects to a cluster; InvalidOid if there is none.
 * "is_shared" says whether it is a role of the whole server.
 */
extern Oid	dsql_cluster_role_for_login(const DsqlClusterDatabase *database,
										const char *user, bool *is_shared);

/* The session that began as the door becomes another role's. */
extern void dsql_cluster_role_enter(Oid role, const char *shown);

/*
 * Is it a statement about roles?  If it renames something or comments on it,
 * that may be something else.
 */
extern bool dsql_cluster_role_is_statement(Node *stmt);

/* A utility statement with the server's names of roles. */
extern PlannedStmt *dsql_cluster_role_translate(PlannedStmt *pstmt,
												ProcessUtilityContext context);

/* The server's names of a cluster's roles. */
extern List *dsql_cluster_role_list(const char *identifier);

/*
 * The cluster's database is gone: so are its roles, but for those that another
 * database still needs.
 */
extern void dsql_cluster_role_drop_all(const char *identifier);

/* Make the door, if it is not there. */
extern void dsql_cluster_role_make_door(void);

/*
 * Grant a right on a schema or a database, as the current user; a role of NULL
 * is PUBLIC.
 */
extern void dsql_cluster_role_grant(const char *privilege, ObjectType type,
									const char *object, const char *role);

#endif							/* DSQL_CLUSTER_ROLE_H */
