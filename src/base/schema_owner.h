/*
 * schema_owner.h
 *		To which cluster a schema belongs.
 */
#ifndef DSQL_SCHEMA_OWNER_H
#define DSQL_SCHEMA_OWNER_H

#include "catalog/dependency.h"
#include "nodes/primnodes.h"

/*
 * The provider of our security labels: on a schema, the identifier of its
 * cluster; on a role, that admin manages it.
 */
#define DSQL_SCHEMA_OWNER_PROVIDER "dsql_emu"
#define DSQL_SCHEMA_OWNER_ROLE_LABEL "managed"

/* Each change stream has a provider of its own: see cluster_stream.c. */
#define DSQL_STREAM_PROVIDER_PREFIX DSQL_SCHEMA_OWNER_PROVIDER " stream "

/* Greater than 0 while the control plane makes or drops schemas. */
extern PGDLLIMPORT int dsql_schema_owner_managing;

/* The cluster that a schema belongs to: "" for the default one. */
extern const char *dsql_schema_owner(Oid schema);

/* Does any schema belong to a cluster other than the default one? */
extern bool dsql_schema_owner_any(void);

/*
 * Does the schema belong to the system or to the extension, and so to no
 * cluster?
 */
extern bool dsql_schema_owner_is_system(Oid schema);

/*
 * While this is set, a name in another cluster's schema is no error: it is
 * noted here, and looked up.
 */
extern PGDLLIMPORT bool *dsql_schema_owner_kept_out;

/*
 * A relation by its name; InvalidOid if it is not there, or belongs to another
 * cluster than the session.
 */
extern Oid	dsql_schema_owner_find_relation(const RangeVar *relation);

/* Note that a new schema belongs to a cluster. */
extern void dsql_schema_owner_set(Oid schema, const char *identifier);

/* The schemas that belong to a cluster other than the default one. */
extern ObjectAddresses *dsql_schema_owner_list(const char *identifier);

/* Delete all labels, because the extension is dropped. */
extern void dsql_schema_owner_forget(void);

/* SECURITY LABEL is about to be executed, with this provider or NULL. */
extern void dsql_schema_owner_provide_labels(const char *provider);

#endif							/* DSQL_SCHEMA_OWNER_H */
