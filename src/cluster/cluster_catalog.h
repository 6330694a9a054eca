/*
 * cluster_catalog.h
 *		The rows of dsql.cluster, dsql.stream and dsql.client_token.
 *
 * Reads see what is committed now and what this transaction has done so far,
 * whatever snapshot the transaction has.  A passing state is stored with its
 * end.  Rows are read as of the emulator's clock, so that no process has to
 * act when the time comes.  Rows whose end has come are not found.
 */
#ifndef DSQL_CLUSTER_CATALOG_H
#define DSQL_CLUSTER_CATALOG_H

#include "nodes/pg_list.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"

#include "cluster/cluster_stream.h"

typedef enum ClusterStatus
{
	CLUSTER_CREATING,
	CLUSTER_ACTIVE,
	CLUSTER_IDLE,
	CLUSTER_INACTIVE,
	CLUSTER_UPDATING,
	CLUSTER_DELETING,
	CLUSTER_DELETED,
	CLUSTER_FAILED,
	CLUSTER_PENDING_SETUP,
	CLUSTER_PENDING_DELETE
} ClusterStatus;

typedef struct Cluster
{
	char	   *identifier;
	int64		position;		/* in the order of creation; 0 is the default
								 * cluster, where sessions are that name none */
	char	   *region;
	char	   *account;
	bool		own_database;	/* rather than a schema of this one */
	Oid			database;		/* the one that it has, or shall get; or
								 * InvalidOid */
	char	   *schema;			/* name of its schema */
	char	   *home;			/* the cluster whose schemas it uses: itself,
								 * or the older one of a linked pair */
	ClusterStatus status;
	TimestampTz status_until;	/* DT_NOEND if it stays */
	TimestampTz gone_at;		/* DT_NOEND unless it is being deleted */
	TimestampTz created;
	bool		deletion_protection;
	char	   *kms_key;		/* ARN, or NULL for the service's own key */
	TimestampTz kms_until;		/* end of a change of the key */
	bool		kms_inaccessible;
	char	   *witness;		/* Region, or NULL for a single-Region cluster */
	char	   *peer;			/* ARN that was named as the other one, or
								 * NULL */
	Jsonb	   *tags;
	char	   *policy;			/* or NULL */
	int64		policy_version; /* counts on when the policy is deleted */
} Cluster;

extern const char *dsql_cluster_status_name(ClusterStatus status);
extern bool dsql_cluster_status_parse(const char *name, ClusterStatus *status);

/* The default cluster comes before all others. */
#define DEFAULT_CLUSTER_POSITION 0

/*
 * Keep other transactions from changing anything until this one ends.  Call
 * this before reading rows that are to be stored again.
 */
extern void dsql_cluster_catalog_lock(void);
extern bool dsql_cluster_catalog_trylock(void);

/*
 * The same for who changes no more than the status of streams: it can be done
 * in a cluster's own database as well.
 */
extern void dsql_cluster_catalog_lock_streams(void);

/* NULL if there is none.  The first function looks in all Regions. */
extern Cluster *dsql_cluster_catalog_cluster(const char *identifier);
extern Cluster *dsql_cluster_catalog_default_cluster(void);

/*
 * Clusters in the order of creation: those of one Region and account after a
 * position; all of them; and those whose end has come but whose rows are still
 * there.
 */
extern List *dsql_cluster_catalog_clusters(const char *region,
										   const char *account,
										   int64 after);
extern List *dsql_cluster_catalog_all_clusters(void);
extern List *dsql_cluster_catalog_gone_clusters(void);

/*
 * When, by the emulator's clock, the next cluster's end comes that has not come
 * yet, or DT_NOEND.
 */
extern TimestampTz dsql_cluster_catalog_next_end(void);

extern int64 dsql_cluster_catalog_next_cluster_position(void);
extern void dsql_cluster_catalog_insert_cluster(Cluster *cluster);
extern void dsql_cluster_catalog_update_cluster(Cluster *cluster);
extern void dsql_cluster_catalog_delete_cluster(Cluster *cluster);

/*
 * A cluster's streams in the order of creation, after a position.  In the
 * database of a cluster that has its own, these are found as well, under either
 * identifier that it has.
 */
extern Stream *dsql_cluster_catalog_stream(const char *cluster,
										   const char *identifier);
extern List *dsql_cluster_catalog_streams(const char *cluster, int64 after);

/* The first function gives it its position. */
extern void dsql_cluster_catalog_insert_stream(Stream *stream);
extern void dsql_cluster_catalog_update_stream(Stream *stream);

/* Put it into a status that stays; the error is NULL unless it is in trouble. */
extern void dsql_cluster_catalog_set_stream_status(Stream *stream,
												   StreamStatus status,
												   const char *error);

/* Delete the rows of a cluster's streams, and of any whose end has come. */
extern void dsql_cluster_catalog_delete_streams(const Cluster *cluster);

/*
 * The answer that was given to a request with this token; NULL if there was
 * none.  "request" is set to the request that was answered.
 */
typedef struct ClientToken
{
	const char *account;
	const char *region;
	const char *operation;
	const char *resource;		/* "" if the operation makes it */
	const char *token;
} ClientToken;

extern Jsonb *dsql_cluster_catalog_token(const ClientToken *token,
										 Jsonb **request);
extern void dsql_cluster_catalog_insert_token(const ClientToken *token,
											  Jsonb *request,
											  Jsonb *response);

#endif							/* DSQL_CLUSTER_CATALOG_H */
