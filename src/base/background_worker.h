/*
 * background_worker.h
 *		What all background workers of this extension have in common.
 */
#ifndef DSQL_BACKGROUND_WORKER_H
#define DSQL_BACKGROUND_WORKER_H

#include "postmaster/bgworker.h"
#include "utils/palloc.h"

/*
 * Describe a worker that connects to a database, begins in a function of our
 * library when the server accepts writes, and is not started again when it
 * ends.  The caller adds what else it needs and registers it.
 */
extern void dsql_background_worker_describe(BackgroundWorker *worker,
											const char *name,
											const char *function);

/*
 * For use in PG_CATCH: write the error into the server's log, end the
 * transaction, and go on in this memory context.
 */
extern void dsql_background_worker_report_error(MemoryContext context);

#endif							/* DSQL_BACKGROUND_WORKER_H */
