/*
 * stream_disorder.h
 *		Records out of order and more than once, as the service may send them.
 */
#ifndef DSQL_STREAM_DISORDER_H
#define DSQL_STREAM_DISORDER_H

#include "nodes/pg_list.h"

/*
 * The records of stream_outbox.h, as dsql_emu.stream_disorder wants them.  The
 * same ones are always disturbed in the same way.
 */
extern List *dsql_stream_disorder(List *records);

#endif							/* DSQL_STREAM_DISORDER_H */
