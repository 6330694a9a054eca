/*
 * stream_value.h
 *		A column's value in a change record.
 */
#ifndef DSQL_STREAM_VALUE_H
#define DSQL_STREAM_VALUE_H

#include "lib/stringinfo.h"

/* Append the JSON of a value of this type, which is not null. */
extern void dsql_stream_value_append(StringInfo json, Oid type, Datum value);

#endif							/* DSQL_STREAM_VALUE_H */
