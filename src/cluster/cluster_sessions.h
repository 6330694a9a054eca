/*
 * cluster_sessions.h
 *		Which sessions are in which cluster, and which INACTIVE clusters are
 *		waking up, in shared memory.
 */
#ifndef DSQL_CLUSTER_SESSIONS_H
#define DSQL_CLUSTER_SESSIONS_H

extern void dsql_cluster_sessions_shmem_request(void);
extern void dsql_cluster_sessions_shmem_init(void);

/*
 * Publish in which cluster this session is, "" being the default one; or that
 * it is in none any more.
 */
extern void dsql_cluster_sessions_publish(const char *identifier,
										  const char *home);
extern void dsql_cluster_sessions_withdraw(void);

/*
 * In a parallel worker: which cluster has the leader published, and what is
 * that one's home?  False if the leader is no emulated session.
 */
extern bool dsql_cluster_sessions_leader(char *identifier, char *home,
										 size_t size);

/*
 * How many sessions are in a cluster of a database.  "" is the default cluster, whose
 * sessions are those that are not bound.
 */
extern int	dsql_cluster_sessions_count(Oid database, const char *identifier);

/*
 * Can this session send signals to another one, as far as clusters go?  Not to one
 * of another cluster; a superuser who is in none reaches every process.
 */
extern bool dsql_cluster_sessions_reaches(int pid);

/* End all sessions that are bound to a cluster, except this one. */
extern void dsql_cluster_sessions_end(const char *identifier);

/*
 * Note that somebody has asked for a connection to an INACTIVE cluster.  Was
 * the first request long enough ago for the cluster to be ACTIVE now?
 */
extern void dsql_cluster_sessions_wake(const char *identifier);
extern bool dsql_cluster_sessions_woken(const char *identifier);
extern void dsql_cluster_sessions_forget_wake(const char *identifier);

#endif							/* DSQL_CLUSTER_SESSIONS_H */
