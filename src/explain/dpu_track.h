/*
 * dpu_track.h
 *		What the statements of a cluster were estimated at, added up.
 */
#ifndef DSQL_DPU_TRACK_H
#define DSQL_DPU_TRACK_H

#include "executor/execdesc.h"

#include "base/settings.h"
#include "explain/dpu.h"

/* The statement that is tracked, or NULL. */
extern PGDLLIMPORT QueryDesc *dsql_dpu_tracked;

/* A statement was started; it may be one within another. */
extern void dsql_dpu_track_begin(QueryDesc *queryDesc, int eflags);

/*
 * COPY begins, which is tracked as a whole unless it is within another
 * statement.
 */
extern bool dsql_dpu_track_begin_copy(void);

/* The tracked statement has come to its end. */
extern void dsql_dpu_track_end(void);

/* A transaction or subtransaction has ended, with or without its statement. */
extern void dsql_dpu_track_forget(void);

/* Called once, when the settings are there. */
extern void dsql_dpu_track_install(void);

/* EXPLAIN ANALYZE counts for itself.  Returns what was set before. */
extern bool dsql_dpu_track_pause(bool pause);
extern void dsql_dpu_track_add(const DsqlDpu *dpu);

#endif							/* DSQL_DPU_TRACK_H */
