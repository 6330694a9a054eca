/*
 * stream_record.h
 *		Change records, as the service's consumers get them.
 */
#ifndef DSQL_STREAM_RECORD_H
#define DSQL_STREAM_RECORD_H

#include "executor/tuptable.h"
#include "nodes/pg_list.h"
#include "utils/relcache.h"

typedef enum StreamOperation
{
	STREAM_OP_CREATE,
	STREAM_OP_UPDATE,
	STREAM_OP_DELETE
} StreamOperation;

/* What a transaction did to a row in the end. */
typedef struct StreamChange
{
	StreamOperation op;
	char	   *key;			/* JSON of the primary key, or NULL */
	char	   *row;			/* JSON of the row; NULL if it is deleted */
	const char *home;			/* the cluster, see stream_watch.h */
	const char *schema;			/* as the cluster's sessions name it */
	const char *table;
} StreamChange;

/*
 * A record as it is kept: without the identifier of the stream's cluster, which
 * goes between head and tail, and without the time at which it is processed,
 * which goes to the end.  A fragment is all in its head.
 */
typedef struct StreamRecord
{
	const char *home;
	char	   *head;
	char	   *tail;			/* NULL for a fragment */
} StreamRecord;

/* The JSON of the columns of a row: of all, or of the primary key. */
extern char *dsql_stream_record_row(Relation rel, TupleTableSlot *slot);

/* NULL if the table has none. */
extern char *dsql_stream_record_key(Relation rel, TupleTableSlot *slot);

/*
 * The records of a transaction's changes: a change that is too large is some
 * fragments and a record that tells of them.  How many there are does not
 * depend on the time.
 */
extern int	dsql_stream_record_count(const StreamChange *change);
extern List *dsql_stream_record_make(const StreamChange *change, int64 time,
									 const char *transaction);

/* A new identifier of a transaction that began at this time, in milliseconds. */
extern char *dsql_stream_record_transaction(int64 time);

/* The record as it is sent: processed at a time in nanoseconds. */
extern char *dsql_stream_record_finish(const StreamRecord *record,
									   const char *cluster, int64 time);

#endif							/* DSQL_STREAM_RECORD_H */
