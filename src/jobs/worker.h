/*
 * worker.h
 *		The processes that do background jobs: launcher and workers.
 */
#ifndef DSQL_WORKER_H
#define DSQL_WORKER_H

#include "datatype/timestamp.h"

/* For use in _PG_init: the launcher starts with the server. */
extern void dsql_worker_register(void);

/*
 * A background process does what several users want: none of their settings
 * shall hold for it, nor a time limit set for the database.
 */
extern void dsql_worker_set_up_session(void);

/*
 * What signals have asked a background process for, between two pieces of work:
 * to end, or to read the configuration.
 */
extern void dsql_worker_process_signals(void);

/*
 * For use in _PG_init: what else there is to do, for a worker when no job is
 * due, in a transaction, and for the launcher, outside one.  Both return when
 * they want to be called again at the latest, by the server's clock, or
 * DT_NOEND.
 */
typedef TimestampTz (*DsqlWorkerDuty) (void);

extern void dsql_worker_set_duties(DsqlWorkerDuty in_database,
								   DsqlWorkerDuty in_launcher);

#endif							/* DSQL_WORKER_H */
