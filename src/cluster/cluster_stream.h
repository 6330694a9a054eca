/*
 * cluster_stream.h
 *		Streams of clusters, and where those are kept whose cluster has a
 *		database of its own.
 *
 * The control plane's database makes, changes and deletes such a stream; the
 * cluster's database has its records, sends them, and knows what goes wrong.  So
 * the stream is kept where both see and change it: as a label of the cluster's
 * database, in a catalog that the whole server shares.
 */
#ifndef DSQL_CLUSTER_STREAM_H
#define DSQL_CLUSTER_STREAM_H

#include "nodes/pg_list.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"

typedef enum StreamStatus
{
	STREAM_CREATING,
	STREAM_ACTIVE,
	STREAM_DELETING,
	STREAM_DELETED,
	STREAM_FAILED,
	STREAM_IMPAIRED
} StreamStatus;

typedef struct Stream
{
	char	   *identifier;
	char	   *cluster;
	int64		position;
	StreamStatus status;
	TimestampTz status_until;
	TimestampTz gone_at;
	TimestampTz created;
	char	   *ordering;
	char	   *format;
	Jsonb	   *target;
	char	   *error;			/* why it is impaired or has failed, or NULL */
	TimestampTz error_at;
	Jsonb	   *tags;
	int64		started;		/* in a label: its records are those after
								 * this position */
} Stream;

extern const char *dsql_cluster_stream_status_name(StreamStatus status);
extern bool dsql_cluster_stream_status_parse(const char *name,
											 StreamStatus *status);

/*
 * The streams of a cluster's database, in the order of creation, those included
 * whose end has come.
 */
extern List *dsql_cluster_stream_list(Oid database);

/*
 * Store one, new or not.  Before it is read, dsql_cluster_stream_lock() keeps
 * others from changing any stream of the control plane in this database, until
 * the transaction ends.
 */
extern void dsql_cluster_stream_store(Oid database, const Stream *stream);
extern void dsql_cluster_stream_lock(Oid control);

extern void dsql_cluster_stream_delete(Oid database, const char *identifier);

#endif							/* DSQL_CLUSTER_STREAM_H */
