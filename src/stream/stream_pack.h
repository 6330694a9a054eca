/*
 * stream_pack.h
 *		How the records of a transaction's changes are kept: many in one value.
 *
 * A value has what all of them share, once, and of each change only the image
 * of its row.  The images are as consumers get them, because only the
 * transaction that changes a row knows for sure what its columns are then.
 */
#ifndef DSQL_STREAM_PACK_H
#define DSQL_STREAM_PACK_H

#include "lib/stringinfo.h"
#include "nodes/pg_list.h"

#include "base/identifier.h"
#include "stream/stream_record.h"

/* Some of the records of a cluster, which has its home here. */
typedef struct StreamBody
{
	const char *home;
	int			count;			/* may be 0 */
	StringInfoData data;
} StreamBody;

typedef struct StreamPack
{
	List	   *bodies;			/* of StreamBody, in order */
	const char *home;			/* of the changes that come now */
	const char *schema;
	const char *table;
	bool		is_named;		/* the last body knows schema and table */
	int			entry;			/* where the change that is written begins */
} StreamPack;

/*
 * Write changes, beginning with a pack of zeroes: for each table its names, and
 * for each change, between begin and end, the image of its row; nothing if there
 * is none.  The text is the value's own until then.
 */
extern void dsql_stream_pack_table(StreamPack *pack, const char *home,
								   const char *schema, const char *table);
extern StringInfo dsql_stream_pack_begin(StreamPack *pack, StreamOperation op);
extern void dsql_stream_pack_end(StreamPack *pack);

/* How many records these are. */
extern int	dsql_stream_pack_count(const StreamPack *pack);

/* Note when the changes are committed, and by which transaction. */
extern void dsql_stream_pack_seal(StreamPack *pack, int64 time,
								  const char *transaction);

typedef struct StreamUnpack
{
	const char *next;
	const char *end;
	StreamSource source;
} StreamUnpack;

/* Read the records of such a value one after the other, or skip some. */
extern void dsql_stream_unpack(StreamUnpack *unpack, const char *data,
							   int length);
extern void dsql_stream_unpack_next(StreamUnpack *unpack, StreamRecord *record);
extern void dsql_stream_unpack_skip(StreamUnpack *unpack);

#endif							/* DSQL_STREAM_PACK_H */
