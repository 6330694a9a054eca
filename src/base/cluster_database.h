/*
 * cluster_database.h
 *		Databases that are a cluster of their own.
 *
 * The database carries a security label that names its clusters, and the
 * database whose control plane has made it.  Labels of databases are in a shared
 * catalog, which can be read before a database is open.
 */
#ifndef DSQL_CLUSTER_DATABASE_H
#define DSQL_CLUSTER_DATABASE_H

#include "nodes/pg_list.h"

#include "base/identifier.h"

/* The name that clients know every cluster's database by. */
#define DSQL_SERVICE_DATABASE "postgres"

/* A name that can be written over that one in a start-up packet. */
#define DSQL_CLUSTER_DATABASE_NAME_LEN 8

/* A pair of linked clusters is one database. */
#define DSQL_CLUSTER_DATABASE_MAX 2

#define DSQL_REGION_MAX 20
#define DSQL_ACCOUNT_LEN 12
#define DSQL_VERSION_MAX 20

typedef struct DsqlClusterDatabase
{
	Oid			database;
	Oid			control;		/* the control plane's database */
	char		version[DSQL_VERSION_MAX + 1];	/* of the extension in it */
	char		account[DSQL_ACCOUNT_LEN + 1];
	int			count;
	char		identifiers[DSQL_CLUSTER_DATABASE_MAX][DSQL_IDENTIFIER_LEN + 1];
	char		regions[DSQL_CLUSTER_DATABASE_MAX][DSQL_REGION_MAX + 1];
} DsqlClusterDatabase;

/* Find the database of a cluster by identifier; false if it has none. */
extern bool dsql_cluster_database_find(const char *identifier,
									   DsqlClusterDatabase *result);

/* The same by the name that the database was given. */
extern bool dsql_cluster_database_find_name(const char *name,
											DsqlClusterDatabase *result);

/* What is known of a database; false if it is no cluster's. */
extern bool dsql_cluster_database_get(Oid database,
									  DsqlClusterDatabase *result);

/*
 * Does the cluster's database belong to the control plane of this one?  A
 * control plane that was copied has the rows of another one.
 */
extern bool dsql_cluster_database_is_ours(Oid database);

/* The databases that a control plane has made, in the order of their names. */
extern List *dsql_cluster_database_list(Oid control);

/* Label a database as a cluster's. */
extern void dsql_cluster_database_set(const DsqlClusterDatabase *described);

/*
 * Is the session's database a cluster's?  To be asked in a transaction the first
 * time.  The result is NULL if it is not.
 */
extern const DsqlClusterDatabase *dsql_cluster_database_own(void);

/* The same, without looking: a session asks when it has begun. */
extern bool dsql_cluster_database_is_own;

/*
 * The identifier of the cluster by which the session came in, if its database is
 * a cluster's: that of the first one unless the connection named the other.
 */
extern const char *dsql_cluster_database_identifier(void);
extern void dsql_cluster_database_set_identifier(const char *identifier);

/* That of the connection, before its database is open. */
extern const char *dsql_cluster_database_wanted(void);

/* The label of the template of such databases: a version of the extension. */
extern char *dsql_cluster_database_template_version(Oid database);
extern void dsql_cluster_database_set_template(Oid database,
											   const char *version);

/*
 * The OID that a template will have, noted in the label of the control plane's
 * database while it is being made; InvalidOid is none.
 */
extern Oid	dsql_cluster_database_planned(Oid control);
extern void dsql_cluster_database_plan(Oid control, Oid planned);

/* The name of the database of the cluster with this identifier. */
extern char *dsql_cluster_database_name(const char *identifier);

#endif							/* DSQL_CLUSTER_DATABASE_H */
