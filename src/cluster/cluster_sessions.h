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
 * Let others know in which cluster this session is, "" being the default one,
 * or that it is in none.
 */
extern void dsql_cluster_sessions_publish(const char *identifier);
extern void dsql_cluster_sessions_withdraw(void);

/*
 * How many sessions are in a cluster; "" stands for the default cluster as
 * those are in it that are not bound.
 */
extern int	dsql_cluster_sessions_count(const char *identifier);

/* End all sessions that are bound to a cluster, but for this one. */
extern void dsql_cluster_sessions_end(const char *identifier);

/*
 * Waking up: note that a connection was asked for; was that long enough ago for
 * the cluster to be ACTIVE now?
 */
extern void dsql_cluster_sessions_wake(const char *identifier);
extern bool dsql_cluster_sessions_woken(const char *identifier);
extern void dsql_cluster_sessions_forget_wake(const char *identifier);

#endif							/* DSQL_CLUSTER_SESSIONS_H */
