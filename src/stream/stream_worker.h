/*
 * stream_worker.h
 *		The processes that send the records of change streams, and delete old
 *		ones: one in each database that has any, while there is something to do.
 */
#ifndef DSQL_STREAM_WORKER_H
#define DSQL_STREAM_WORKER_H

#include "datatype/timestamp.h"

extern void dsql_stream_worker_shmem_request(void);
extern void dsql_stream_worker_shmem_init(void);

/* For use in _PG_init: say so if the settings ask for what was not built. */
extern void dsql_stream_worker_install(void);

/*
 * This transaction adds records of so many bytes; and has ended: somebody has
 * to look.
 */
extern void dsql_stream_worker_add(Size bytes);
extern void dsql_stream_worker_wake(bool commit);

/*
 * What a job worker does for streams, in a transaction: start the process if it
 * is needed.  See DsqlWorkerDuty.
 */
extern TimestampTz dsql_stream_worker_duty(void);

/*
 * The same for the launcher: announce the databases in which there will be
 * something to do by now.
 */
extern TimestampTz dsql_stream_worker_announce_due(void);

#endif							/* DSQL_STREAM_WORKER_H */
