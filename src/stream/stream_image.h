/*
 * stream_image.h
 *		The JSON of a table's rows, as change records have it.
 */
#ifndef DSQL_STREAM_IMAGE_H
#define DSQL_STREAM_IMAGE_H

#include "executor/tuptable.h"
#include "lib/stringinfo.h"
#include "utils/relcache.h"

/* How the rows of a table are written, by its definition now. */
typedef struct StreamImage StreamImage;

extern StreamImage *dsql_stream_image_prepare(Relation rel);
extern bool dsql_stream_image_has_key(const StreamImage *image);

/* Append the columns of a row: all, or those of the primary key. */
extern void dsql_stream_image_append(StringInfo json, StreamImage *image,
									 TupleTableSlot *slot, bool only_key);

#endif							/* DSQL_STREAM_IMAGE_H */
