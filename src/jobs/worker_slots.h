/*
 * worker_slots.h
 *		Who works in which database, and at what.
 */
#ifndef DSQL_WORKER_SLOTS_H
#define DSQL_WORKER_SLOTS_H

extern void dsql_worker_slots_shmem_request(void);
extern void dsql_worker_slots_shmem_init(void);

/* For use in _PG_init. */
extern void dsql_worker_slots_install(void);

/*
 * For sessions.
 */

/*
 * Jobs of this database were queued or have ended, and the transaction that
 * did it has committed: somebody has to look, and those who wait have news.
 */
extern void dsql_worker_slots_announce(Oid database);

/*
 * Wait for an announcement of any database since the count was read, or for a
 * few seconds: nobody announces that a process could not be started.  The
 * caller reads the count, then looks at the jobs, then waits, and looks again;
 * it must not hold a snapshot or a lock that a job could wait for.
 */
extern uint64 dsql_worker_slots_announcements(void);
extern void dsql_worker_slots_wait(uint64 seen);

/*
 * Let a worker roll back what it is doing and begin again when the caller's
 * transaction has ended: because the caller is about to lock this table or
 * index, which the worker has locked for long; or because it has changed the
 * job.  InvalidOid stands for any relation of this database.  There is no need
 * to ask for a relation while nothing is locked anywhere.
 */
extern bool dsql_worker_slots_anything_locked(void);
extern void dsql_worker_slots_make_way(Oid relation);
extern void dsql_worker_slots_interrupt_job(const char *id);

/*
 * The same for a session and a worker that has locked what it waits for, by
 * their process IDs.
 */
extern void dsql_worker_slots_make_way_for(int asker, int worker);

/*
 * Let all workers leave a database that the caller has locked, and wait until
 * they are gone.  They come back after dsql_worker_slots_announce().
 */
extern void dsql_worker_slots_evacuate(Oid database);

/* Does a worker work at this job of this database? */
extern bool dsql_worker_slots_has_job(const char *id);

/*
 * For workers.
 */

/*
 * Enter the slot that the launcher made.  Returns the database to work in, or
 * InvalidOid if the worker is not expected any more.  The slot is left when
 * the process exits, after the process is seen in no database any more.
 */
extern Oid	dsql_worker_slots_enter(int slot, uint64 generation);

/* The worker was told to end.  For a signal handler. */
extern void dsql_worker_slots_note_termination(void);

/*
 * Has this database been announced since the last call?  If it has not, and
 * leaving is true, the worker is taken for gone from now on.
 */
extern bool dsql_worker_slots_take_announcement(bool leaving);

/* The launcher need not wait any longer to start a worker elsewhere. */
extern void dsql_worker_slots_set_busy(void);

/* What it works at, or NULL; and what it is about to lock for long. */
extern void dsql_worker_slots_set_job(const char *id);
extern void dsql_worker_slots_set_relations(Oid table, Oid index);

/*
 * Was this worker asked to make way?  If so, wait until the transaction that
 * asked has ended.  Outside a transaction.
 */
extern bool dsql_worker_slots_asked_to_make_way(void);
extern void dsql_worker_slots_wait_for_way(void);

/* Jobs have ended: those who wait for that have news. */
extern void dsql_worker_slots_spread_news(void);

/*
 * For the launcher.
 */
typedef enum DsqlStartResult
{
	DSQL_START_DONE,
	DSQL_START_NOT_NEEDED,		/* enough workers are there, they will look */
	DSQL_START_NO_SLOT			/* no worker process is to be had now */
} DsqlStartResult;

/* Serve as the launcher until exit. */
extern void dsql_worker_slots_enter_launcher(void);
extern void dsql_worker_slots_wake_launcher(void);

/* The same for a signal handler: it may come to nothing. */
extern void dsql_worker_slots_nudge_launcher(void);

/*
 * Copy the databases that were announced and nobody has looked into, at most
 * size.  *all says, once, that there were more than could be remembered;
 * *start_failed, once, that a worker failed before it began a job.
 */
extern int	dsql_worker_slots_announced(Oid *databases, int size, bool *all,
										bool *start_failed);

/* Start a worker for this database, if it can do with one more. */
extern DsqlStartResult dsql_worker_slots_start(Oid database);

/* Forget an announcement: the database does not exist any more. */
extern void dsql_worker_slots_forget(Oid database);

/* Free the slots of workers that never came. */
extern void dsql_worker_slots_reap(void);

/* Is a worker on its way, or looking whether there is anything to do? */
extern bool dsql_worker_slots_any_looking(void);

#endif							/* DSQL_WORKER_SLOTS_H */
