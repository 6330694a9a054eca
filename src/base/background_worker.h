/*
 * background_worker.h
 *		What all background workers of this extension have in common.
 */
#ifndef DSQL_BACKGROUND_WORKER_H
#define DSQL_BACKGROUND_WORKER_H

#include "postmaster/bgworker.h"

/*
 * Describe a worker that connects to a database, begins in a function of our
 * library when the server accepts writes, and is not started again when it
 * ends.  The caller adds what else it needs and registers it.
 */
extern void dsql_background_worker_describe(BackgroundWorker *worker,
											const char *name,
											const char *function);

#endif							/* DSQL_BACKGROUND_WORKER_H */
