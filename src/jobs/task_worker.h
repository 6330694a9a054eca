/*
 * task_worker.h
 *		Worker processes that are sent into a database for one task.
 */
#ifndef DSQL_TASK_WORKER_H
#define DSQL_TASK_WORKER_H

typedef enum DsqlTask
{
	DSQL_TASK_CLUSTERS,			/* make and drop the databases of clusters */
	DSQL_TASK_TEMPLATE,			/* prepare their template */
	DSQL_TASK_UPDATE,			/* update the extension in one of them */
	DSQL_TASK_JUDGE				/* judge connections to them */
} DsqlTask;

#define DSQL_TASK_COUNT (DSQL_TASK_JUDGE + 1)

extern void dsql_task_worker_shmem_request(void);
extern void dsql_task_worker_shmem_init(void);

/* For use in _PG_init: what the task is. */
extern void dsql_task_worker_set(DsqlTask task, void (*run) (void));

/*
 * Have a task run in a database from now on.  If it runs, it is run once
 * more.  False if there is no process for it.  Raises no error, so that it can
 * be called when a transaction has committed.
 */
extern bool dsql_task_worker_ask(DsqlTask task, Oid database);

/*
 * Does a process run this task, or is one about to?  When there is none any
 * more, the latch of a process that waits for it is set.
 */
extern bool dsql_task_worker_present(DsqlTask task, Oid database);
extern void dsql_task_worker_set_waiter(DsqlTask task, Oid database);

/* Wait for the end of a task. */
extern void dsql_task_worker_wait(DsqlTask task, Oid database);

/* In a task: is it to be run once more? */
extern bool dsql_task_worker_wanted(void);

/* Have no task in this database. */
extern void dsql_task_worker_evacuate(Oid database);

#endif							/* DSQL_TASK_WORKER_H */
