/*
 * stream_record.h
 *		Change records, as the service's consumers get them.
 */
#ifndef DSQL_STREAM_RECORD_H
#define DSQL_STREAM_RECORD_H

/* The letters are the service's. */
typedef enum StreamOperation
{
	STREAM_OP_CREATE = 'c',
	STREAM_OP_UPDATE = 'u',
	STREAM_OP_DELETE = 'd'
} StreamOperation;

/* What the records of a transaction's changes of a table share. */
typedef struct StreamSource
{
	const char *schema;			/* as the cluster's sessions name it */
	const char *table;
	const char *transaction;
	int64		time;			/* in nanoseconds */
} StreamSource;

/*
 * A record without the identifier of the stream's cluster, which goes between
 * head and tail, and without the time at which it is processed, which goes to
 * the end.  A fragment is all in its head.
 */
typedef struct StreamRecord
{
	char	   *head;
	char	   *tail;			/* NULL for a fragment */
} StreamRecord;

/*
 * The record of a change, whose image is so much of a text; one that is empty is
 * null.
 */
extern void dsql_stream_record_full(StreamRecord *record, StreamOperation op,
									const StreamSource *source,
									const char *image, int length);

/* That of a change whose image is in fragments; the tail tells of them. */
extern void dsql_stream_record_chunked(StreamRecord *record,
									   StreamOperation op,
									   const StreamSource *source,
									   char *tail);
extern char *dsql_stream_record_chunks_tail(StreamOperation op,
											const char *chunk_id,
											int fragments, uint32 crc);

/* A new identifier of a transaction that began at this time, in milliseconds. */
extern char *dsql_stream_record_transaction(int64 time);

/* The record as it is sent: processed at a time in nanoseconds. */
extern char *dsql_stream_record_finish(const StreamRecord *record,
									   const char *cluster, int64 time);

#endif							/* DSQL_STREAM_RECORD_H */
