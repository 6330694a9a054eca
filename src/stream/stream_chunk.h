/*
 * stream_chunk.h
 *		Images of rows that are too large for one record.
 */
#ifndef DSQL_STREAM_CHUNK_H
#define DSQL_STREAM_CHUNK_H

#include "nodes/pg_list.h"

typedef struct StreamChunks
{
	char	   *identifier;
	uint32		crc;			/* CRC-32C of the whole image */
	List	   *fragments;		/* records, as strings */
} StreamChunks;

extern StreamChunks *dsql_stream_chunk_split(const char *image);

#endif							/* DSQL_STREAM_CHUNK_H */
