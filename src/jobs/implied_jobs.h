/*
 * implied_jobs.h
 *		Jobs that follow from what a transaction did, unasked.
 */
#ifndef DSQL_IMPLIED_JOBS_H
#define DSQL_IMPLIED_JOBS_H

#include "datatype/timestamp.h"

extern void dsql_implied_jobs_shmem_request(void);
extern void dsql_implied_jobs_shmem_init(void);

/* Something will be dropped, with these flags of dependency.h. */
extern void dsql_implied_jobs_note_drop(Oid classId, Oid objectId, int subId,
										int dropflags);

/* The ends of transactions and subtransactions. */
extern void dsql_implied_jobs_pre_commit(void);
extern void dsql_implied_jobs_end(bool commit);
extern void dsql_implied_jobs_abort_sub(void);

/*
 * Queue DROP jobs for what the current statement dropped.  For the end of each
 * utility statement.
 */
extern void dsql_implied_jobs_queue_drops(void);

/*
 * Queue ANALYZE jobs in this database for tables whose rows were changed: for
 * those that are due, or for all.
 */
extern void dsql_implied_jobs_queue_analyze(bool all);

/*
 * For the launcher: announce the databases in which an ANALYZE job is due.
 * Returns when the next one will be, by the server's clock, or DT_NOEND.
 */
extern TimestampTz dsql_implied_jobs_announce_due(void);

#endif							/* DSQL_IMPLIED_JOBS_H */
