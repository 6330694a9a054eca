/*
 * stream_retention.h
 *		How long the records of change streams are kept, and how many.
 */
#ifndef DSQL_STREAM_RETENTION_H
#define DSQL_STREAM_RETENTION_H

#include "datatype/timestamp.h"

/*
 * In a transaction: when, by the server's clock, the oldest record's time is
 * over; DT_NOEND if there are no records.
 */
extern TimestampTz dsql_stream_retention_end(void);

/*
 * Outside a transaction: delete the records whose time is over.  And, if
 * "check_size" is true, the oldest ones of a cluster that has more than it may.
 */
extern void dsql_stream_retention_trim(bool check_size);

#endif							/* DSQL_STREAM_RETENTION_H */
