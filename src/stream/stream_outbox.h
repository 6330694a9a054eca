/*
 * stream_outbox.h
 *		The rows of dsql.stream_outbox and dsql.stream_delivery: records that
 *		wait, and how far each stream's delivery has come.
 */
#ifndef DSQL_STREAM_OUTBOX_H
#define DSQL_STREAM_OUTBOX_H

#include "datatype/timestamp.h"

#include "stream/stream_record.h"

/* Put records of this transaction there, from a position on. */
extern void dsql_stream_outbox_insert(List *records, int64 position,
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
 * "max_bytes".
 */
extern List *dsql_stream_outbox_read(const char *home, int64 after, int max,
									 Size max_bytes);

/* What a record is spread over shards by: at random, and always the same. */
extern char *dsql_stream_outbox_partition_key(const OutboxRecord *record);

/* How many such records there are, and the time of the first one. */
extern int64 dsql_stream_outbox_count(const char *home, int64 after,
									  TimestampTz *first);

/*
 * Delete a cluster's records up to a position that are older than the time.
 * Then the oldest ones, until the rest takes no more than "max_bytes"; returns
 * the position of the last one that was deleted for that, or 0.
 */
extern int64 dsql_stream_outbox_trim(const char *home, int64 upto,
									 TimestampTz before, int64 max_bytes);

typedef struct StreamDelivery
{
	char	   *stream;
	int64		started;		/* it gets records after this position */
	int64		position;		/* and has got them up to this one */
	int64		sent;
	int64		lost;			/* records deleted before they were sent */
} StreamDelivery;

/* A new stream gets what is committed from now on. */
extern void dsql_stream_outbox_begin_delivery(const char *stream);

/* NULL if the stream has none. */
extern StreamDelivery *dsql_stream_outbox_delivery(const char *stream);
extern void dsql_stream_outbox_update_delivery(const StreamDelivery *delivery);

#endif							/* DSQL_STREAM_OUTBOX_H */
