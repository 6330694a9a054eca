/*
 * stream_capture.h
 *		What a transaction that commits leaves for the change streams.
 */
#ifndef DSQL_STREAM_CAPTURE_H
#define DSQL_STREAM_CAPTURE_H

#include "occ/new_rows.h"
#include "occ/write_set.h"

extern void dsql_stream_capture_install(void);

/* Does this transaction have anything that could be left for them? */
static inline bool
dsql_stream_capture_due(void)
{
	return dsql_new_rows_count > 0 || dsql_write_set_any();
}

/* Before it commits, when the heap has all its changes. */
extern void dsql_stream_capture_pre_commit(void);

#endif							/* DSQL_STREAM_CAPTURE_H */
