/*
 * worker.h
 *		The processes that do background jobs: launcher and workers.
 */
#ifndef DSQL_WORKER_H
#define DSQL_WORKER_H

/* For use in _PG_init: the launcher starts with the server. */
extern void dsql_worker_register(void);

#endif							/* DSQL_WORKER_H */
