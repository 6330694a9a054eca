/*
 * connection_limits.c
 *		How many connections the service accepts, how fast, and for how long.
 *
 * A session of an emulated database is registered in shared memory, and
 * admitted or refused, at the end of the transaction in which InitPostgres()
 * opened the database.  Only then is it known what the database is, and an
 * error still refuses the connection.  By then the session is also bound to
 * its cluster.  Each cluster has a token bucket for the rate of connections.
 *
 * A session whose time is over gets the signal of pg_terminate_backend(), and
 * ends where PostgreSQL lets an administrator end it.  PostgreSQL does that
 * also in the middle of a commit, as long as the transaction might still fail.
 * So a session that has a transaction id and is committing gets no signal, and
 * ends when it is done.
 */
#include "postgres.h"

#include <signal.h>

#include "access/xact.h"
#include "miscadmin.h"
#include "port/atomics.h"
#include "storage/ipc.h"
#include "storage/lwlock.h"
#include "storage/shmem.h"
#include "utils/timestamp.h"

#include "base/clock.h"
#include "base/compat.h"
#include "base/current_cluster.h"
#include "base/limit.h"
#include "base/refuse.h"
#include "base/session.h"
#include "base/settings.h"
#include "base/wakeup.h"
#include "cluster/connection_limits.h"

/* The cluster that was connected to, by its schema. */
typedef struct ClusterKey
{
	Oid			database;
	Oid			schema;
} ClusterKey;

typedef struct ClusterConnection
{
	int			pid;			/* 0 if the place is free */
	ClusterKey	cluster;
	TimestampTz start;			/* by the emulator's clock */

	/*
	 * Is the session's time over; is it committing?  The process that ends
	 * sessions sets the first, the session sets the second, both without the
	 * lock.  Each sets its own flag before it reads the other one.
	 */
	volatile bool ended;
	volatile bool committing;

	/* The values that the session's latest transaction left. */
	DsqlMode	mode;
	int			lifetime;		/* in seconds */
} ClusterConnection;

/* The connections that a cluster can accept at once. */
typedef struct Bucket
{
	ClusterKey	cluster;		/* all zero if the place is free */
	double		tokens;
	TimestampTz filled;			/* when, by the emulator's clock */
} Bucket;

/*
 * The number of clusters that can have a high rate of connections at the same
 * time.
 */
#define NUM_BUCKETS 64

typedef struct ConnectionShared
{
	LWLock	   *lock;			/* guards everything here */
	TimestampTz next_look;		/* when the launcher looks for sessions whose
								 * time is over, by the emulator's clock */
	Bucket		buckets[NUM_BUCKETS];
	int			nconnections;
	ClusterConnection connections[FLEXIBLE_ARRAY_MEMBER];	/* by process number */
} ConnectionShared;

static ConnectionShared *shared = NULL;

/* Our place, once we have one. */
static ClusterConnection *mine = NULL;

static Size
shared_size(void)
{
	return add_size(offsetof(ConnectionShared, connections),
					mul_size(MaxBackends, sizeof(ClusterConnection)));
}

void
dsql_connection_shmem_request(void)
{
	RequestAddinShmemSpace(MAXALIGN(shared_size()));
	RequestNamedLWLockTranche("dsql_emu connection limits", 1);
}

void
dsql_connection_shmem_init(void)
{
	bool		found;

	shared = ShmemInitStruct("dsql_emu connection limits", shared_size(),
							 &found);
	if (found)
		return;
	memset(shared, 0, shared_size());
	shared->next_look = DT_NOEND;
	shared->lock = &GetNamedLWLockTranche("dsql_emu connection limits")->lock;
	shared->nconnections = MaxBackends;
}

static void
forget_connection(int code, Datum arg)
{
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	memset(mine, 0, sizeof(ClusterConnection));
	LWLockRelease(shared->lock);
	mine = NULL;
}

/*
 * How many connections the cluster could accept now.
 */
static double
bucket_level(Bucket *bucket, TimestampTz now)
{
	int64		elapsed = Max(now - bucket->filled, 0);
	double		level = bucket->tokens +
	(double) elapsed / USECS_PER_SEC * dsql_limit(limit_connection_rate);

	return Min(level, dsql_limit(limit_connection_burst));
}

static inline bool
same_cluster(ClusterKey a, ClusterKey b)
{
	return a.database == b.database && a.schema == b.schema;
}

/*
 * The bucket of a cluster.  A full bucket tells nothing and can be given to
 * another cluster.  If no bucket is full, the fullest is taken.
 */
static Bucket *
find_bucket(ClusterKey cluster, TimestampTz now)
{
	Bucket	   *fullest = NULL;

	for (int i = 0; i < NUM_BUCKETS; i++)
	{
		Bucket	   *bucket = &shared->buckets[i];

		if (same_cluster(bucket->cluster, cluster))
			return bucket;
		if (fullest == NULL ||
			(OidIsValid(fullest->cluster.database) &&
			 (!OidIsValid(bucket->cluster.database) ||
			  bucket_level(bucket, now) > bucket_level(fullest, now))))
			fullest = bucket;
	}
	fullest->cluster = cluster;
	fullest->tokens = dsql_limit(limit_connection_burst);
	fullest->filled = now;
	return fullest;
}

/*
 * Take a token.  False if there is none.
 */
static bool
within_rate(ClusterKey cluster, TimestampTz now)
{
	Bucket	   *bucket;
	double		level;

	/* Without a limit of either kind there is nothing to check. */
	if (!dsql_limit_is_on(limit_connection_rate) ||
		!dsql_limit_is_on(limit_connection_burst))
		return true;

	bucket = find_bucket(cluster, now);
	level = bucket_level(bucket, now);
	bucket->filled = now;
	bucket->tokens = level >= 1 ? level - 1 : level;
	return level >= 1;
}

static int
count_connections(ClusterKey cluster)
{
	int			count = 0;

	for (int i = 0; i < shared->nconnections; i++)
	{
		ClusterConnection *c = &shared->connections[i];

		if (c->pid != 0 && same_cluster(c->cluster, cluster) &&
			c->mode != DSQL_MODE_OFF)
			count++;
	}
	return count;
}

/*
 * When a session's time is over, by the emulator's clock.
 */
static TimestampTz
end_of_life(ClusterConnection *c)
{
	if (c->mode != DSQL_MODE_ENFORCE || c->lifetime == INT_MAX)
		return DT_NOEND;
	return c->start + c->lifetime * USECS_PER_SEC;
}

static void
admit(void)
{
	ClusterKey	cluster = {MyDatabaseId, dsql_current_cluster_schema()};
	TimestampTz now = dsql_clock_now();
	bool		in_time = true;
	bool		look_earlier;
	int			count = 0;

	before_shmem_exit(forget_connection, (Datum) 0);

	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	mine = &shared->connections[dsql_my_process_number()];
	mine->pid = MyProcPid;
	mine->cluster = cluster;
	mine->start = now;
	mine->ended = false;
	mine->mode = dsql_settings_mode;
	mine->lifetime = dsql_limit(limit_connection_lifetime);
	if (dsql_settings_mode != DSQL_MODE_OFF)
	{
		in_time = within_rate(cluster, now);
		count = count_connections(cluster);
	}
	look_earlier = end_of_life(mine) < shared->next_look;
	LWLockRelease(shared->lock);

	if (look_earlier)
		dsql_wakeup_launcher();

	if (!in_time)
		dsql_refuse(RULE_LIMIT_CONNECTION_RATE);
	if (count > dsql_limit(limit_connections))
		dsql_refuse(RULE_LIMIT_CONNECTIONS);
}

/*
 * End the sessions whose time is over.  Returns when the next session's time
 * is over, by the emulator's clock.  The caller has the lock.
 */
static TimestampTz
end_expired(TimestampTz now)
{
	TimestampTz next = DT_NOEND;

	for (int i = 0; i < shared->nconnections; i++)
	{
		ClusterConnection *c = &shared->connections[i];

		if (c->pid == 0 || c->ended)
			continue;
		if (end_of_life(c) <= now)
		{
			c->ended = true;
			pg_memory_barrier();

			/*
			 * The session still has its entry, so the process ID is still its
			 * own.
			 */
			if (!c->committing)
				kill(c->pid, SIGTERM);
		}
		else
			next = Min(next, end_of_life(c));
	}
	return next;
}

TimestampTz
dsql_connection_end_expired(void)
{
	TimestampTz now = dsql_clock_now();
	TimestampTz next;

	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	next = end_expired(now);
	shared->next_look = next;
	LWLockRelease(shared->lock);

	return next == DT_NOEND ? next : next - now + GetCurrentTimestamp();
}

void
dsql_connection_clock_advanced(int64 microseconds)
{
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	/* The session that moves the clock does not end. */
	if (mine != NULL)
		mine->start += microseconds;
	end_expired(dsql_clock_now());
	LWLockRelease(shared->lock);
}

void
dsql_connection_clock_reset(void)
{
	TimestampTz now = dsql_clock_now();

	/*
	 * No session may seem younger than a new one, and no bucket may have been
	 * filled in the future.
	 */
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	for (int i = 0; i < NUM_BUCKETS; i++)
		shared->buckets[i].filled = Min(shared->buckets[i].filled, now);
	for (int i = 0; i < shared->nconnections; i++)
		shared->connections[i].start = Min(shared->connections[i].start, now);
	LWLockRelease(shared->lock);
}

/* Adapt to settings that a superuser has changed, and to DROP EXTENSION. */
static void
follow_settings(void)
{
	int			lifetime = dsql_limit(limit_connection_lifetime);
	DsqlMode	mode = dsql_settings_mode;
	bool		look_earlier;

	/* The extension may have been dropped from the database. */
	if (!dsql_session_has_extension())
		mode = DSQL_MODE_OFF;
	if (mine->mode == mode && mine->lifetime == lifetime)
		return;

	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	mine->mode = mode;
	mine->lifetime = lifetime;
	look_earlier = end_of_life(mine) < shared->next_look;
	LWLockRelease(shared->lock);

	if (look_earlier)
		dsql_wakeup_launcher();
}

void
dsql_connection_opened(void)
{
	if (mine == NULL && MyBackendType == B_BACKEND &&
		dsql_session_has_extension())
		admit();
}

void
dsql_connection_begin_commit(void)
{
	/* A transaction that has written nothing can be ended at any time. */
	if (mine == NULL || !TransactionIdIsValid(GetTopTransactionIdIfAny()))
		return;
	mine->committing = true;
	pg_memory_barrier();
	if (likely(!mine->ended))
		return;

	/*
	 * The session was told to end before it began to commit, so it ends here.
	 */
	mine->committing = false;
	(void) kill(MyProcPid, SIGTERM);
	CHECK_FOR_INTERRUPTS();
}

void
dsql_connection_end_transaction(void)
{
	if (mine == NULL)
		return;
	if (mine->committing)
	{
		mine->committing = false;
		pg_memory_barrier();
		if (mine->ended)
			(void) kill(MyProcPid, SIGTERM);
	}
	follow_settings();
}
