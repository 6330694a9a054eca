/*
 * stream_watch.h
 *		Which clusters have change streams.
 */
#ifndef DSQL_STREAM_WATCH_H
#define DSQL_STREAM_WATCH_H

#include "cluster/cluster_catalog.h"

extern void dsql_stream_watch_install(void);

/* Is any cluster's stream to get records now?  Kept until streams change. */
extern bool dsql_stream_watch_any(void);

/*
 * Is one of the cluster's that has this schema?  If so, the cluster's name as
 * records are kept by.
 */
extern bool dsql_stream_watch_schema(Oid schema, const char **home);

/* The name of a schema as the sessions of its cluster know it. */
extern const char *dsql_stream_watch_schema_name(Oid schema);

/*
 * The streams that the control plane knows; in a cluster's own database, that
 * cluster's.  The home is the name by which the records of the cluster are kept:
 * that of the cluster whose schemas it uses, "" for the default one.  It is NULL
 * if they are in another database, which is the cluster's own.
 */
typedef struct WatchedStream
{
	const char *home;
	Stream	   *stream;
} WatchedStream;

extern List *dsql_stream_watch_list(void);

/* Does a stream in this status get records? */
extern bool dsql_stream_watch_status(StreamStatus status);

#endif							/* DSQL_STREAM_WATCH_H */
