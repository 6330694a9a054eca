/*
 * stream_outbox.h
 *		The rows of dsql.stream_outbox and dsql.stream_delivery: records that
 *		wait, and how far each stream's delivery has come.
 */
#ifndef DSQL_STREAM_OUTBOX_H
#define DSQL_STREAM_OUTBOX_H

#include "datatype/timestamp.h"
#include "nodes/pg_list.h"

#include "cluster/cluster_stream.h"
#include "stream/stream_record.h"

/*
 * Put records of this transaction there, from a position on: a list of
 * StreamBody.  Returns how many bytes they have.
 */
extern Size dsql_stream_outbox_insert(List *bodies, int64 position,
									  TimestampTz committed);

typedef struct OutboxRecord
{
	int64		position;
	TimestampTz committed;		/* by the emulator's clock */
	StreamRecord record;
} OutboxRecord;

/*
 * The records of a cluster after a position that are safe to be taken for all
 * there are up to the last one: at most "max", and, after the first, at most
 * "max_bytes".  No crash of the server undoes what they tell of.
 */
extern List *dsql_stream_outbox_read(const char *home, int64 after, int max,
									 Size max_bytes);

/* What a record is spread over shards by: at random, and always the same. */
extern char *dsql_stream_outbox_partition_key(const OutboxRecord *record);

/* Are there any? */
extern bool dsql_stream_outbox_any(const char *home, int64 after);

/* How many such records there are, and the time of the first one. */
extern int64 dsql_stream_outbox_count(const char *home, int64 after,
									  TimestampTz *first);

/* The clusters that have records, and each one's first. */
typedef struct OutboxHome
{
	char	   *home;
	int64		position;
	TimestampTz committed;
} OutboxHome;

extern List *dsql_stream_outbox_homes(void);

/* What a cluster's records take, as they are stored. */
extern int64 dsql_stream_outbox_size(const char *home);

/*
 * Delete some of a cluster's records, the oldest ones first: those up to a
 * position that are not newer than the time, and others until "excess" bytes
 * are gone.  Returns whether there may be more of them, for another
 * transaction.
 */
typedef struct OutboxTrim
{
	const char *home;
	int64		upto;
	TimestampTz before;
	int64		excess;
	List	   *deliveries;		/* they lose what has not been sent */
} OutboxTrim;

extern bool dsql_stream_outbox_trim(OutboxTrim *trim);

typedef struct StreamDelivery
{
	char	   *stream;
	int64		started;		/* it gets records after this position */
	int64		position;		/* and has got them up to this one */
	int64		sent;
	int64		lost;			/* records deleted before they were sent */
	char	   *problem;		/* what the sink said, or NULL if all is well */
} StreamDelivery;

/* A new stream gets what is committed from now on. */
extern void dsql_stream_outbox_begin_delivery(Stream *stream, bool here);

/* NULL if the stream has none here. */
extern StreamDelivery *dsql_stream_outbox_delivery(const Stream *stream);
extern void dsql_stream_outbox_update_delivery(const StreamDelivery *delivery);

/* All there are; and what becomes of one whose stream is gone. */
extern List *dsql_stream_outbox_deliveries(void);
extern void dsql_stream_outbox_end_delivery(const char *stream);

#endif							/* DSQL_STREAM_OUTBOX_H */
