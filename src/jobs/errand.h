/*
 * errand.h
 *		Worker processes that are sent into a database for one purpose.
 */
#ifndef DSQL_ERRAND_H
#define DSQL_ERRAND_H

typedef enum DsqlErrand
{
	DSQL_ERRAND_CLUSTERS,		/* make and drop the databases of clusters */
	DSQL_ERRAND_TEMPLATE,		/* prepare their template */
	DSQL_ERRAND_UPDATE,			/* update the extension in one of them */
	DSQL_ERRAND_JUDGE			/* judge connections to them */
} DsqlErrand;

#define DSQL_ERRAND_COUNT (DSQL_ERRAND_JUDGE + 1)

extern void dsql_errand_shmem_request(void);
extern void dsql_errand_shmem_init(void);

/* For use in _PG_init: what is done. */
extern void dsql_errand_set(DsqlErrand errand, void (*run) (void));

/*
 * Have an errand run in a database from now on.  If it runs, it is run once
 * more.  False if there is no process for it.  Raises no error, so that it can
 * be called when a transaction has committed.
 */
extern bool dsql_errand_ask(DsqlErrand errand, Oid database);

/*
 * Does a process run this errand, or is one about to?  When there is none any
 * more, the latch of a process that waits for it is set.
 */
extern bool dsql_errand_present(DsqlErrand errand, Oid database);
extern void dsql_errand_set_waiter(DsqlErrand errand, Oid database);

/* Wait for the end of an errand. */
extern void dsql_errand_wait(DsqlErrand errand, Oid database);

/* In an errand: is it to be run once more? */
extern bool dsql_errand_wanted(void);

/* Have no errand in this database. */
extern void dsql_errand_evacuate(Oid database);

#endif							/* DSQL_ERRAND_H */
