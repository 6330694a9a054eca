/*
 * environment.h
 *		What an emulated session shows of its server: version, isolation level,
 *		time zone.
 */
#ifndef DSQL_ENVIRONMENT_H
#define DSQL_ENVIRONMENT_H

extern void dsql_environment_install(void);

/*
 * A connection's database is open, in a transaction.  An error there ends the
 * connection: it is FATAL to the client.
 */
extern void dsql_environment_opened(void);

/*
 * A parallel worker begins a query.  It has the leader's settings but for those
 * that cannot be set.
 */
extern void dsql_environment_enter_parallel_worker(void);

/* Does the session show the service's values now? */
extern bool dsql_environment_applied(void);

/*
 * Bring the settings in line with whether the session is emulated now.  Does
 * nothing, cheaply, where they are.
 */
extern void dsql_environment_sync(void);

#endif							/* DSQL_ENVIRONMENT_H */
