/*
 * stream_value.h
 *		A column's value in a change record.
 */
#ifndef DSQL_STREAM_VALUE_H
#define DSQL_STREAM_VALUE_H

#include "fmgr.h"
#include "lib/stringinfo.h"

/* What is to be known of a type to write values of it. */
typedef struct StreamValueType
{
	Oid			type;			/* if it is a domain, the one below */
	FmgrInfo	output;			/* for types of which only the text counts */
} StreamValueType;

extern void dsql_stream_value_init(StreamValueType *type, Oid oid);

/* Append the JSON of a value of this type, which is not null. */
extern void dsql_stream_value_append(StringInfo json, StreamValueType *type,
									 Datum value);

#endif							/* DSQL_STREAM_VALUE_H */
