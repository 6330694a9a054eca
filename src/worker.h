/*
 * worker.h
 *		The processes that do background jobs: launcher and workers.
 */
#ifndef DSQL_WORKER_H
#define DSQL_WORKER_H

/* For use in _PG_init: the launcher starts with the server. */
extern void dsql_worker_register(void);

/*
 * A background process does what several users want: none of their settings
 * shall hold for it, nor a time limit set for the database.
 */
extern void dsql_worker_set_up_session(void);

#endif							/* DSQL_WORKER_H */
