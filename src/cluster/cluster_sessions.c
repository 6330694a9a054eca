/*
 * cluster_sessions.c
 *		Which sessions are in which cluster, and which INACTIVE clusters are
 *		waking up, in shared memory.
 *
 * This is in shared memory, because the connection that wakes up a cluster is
 * refused: a row that it wrote to a table would be rolled back.
 */
#include "postgres.h"

#include <signal.h>

#include "miscadmin.h"
#include "storage/ipc.h"
#include "storage/lwlock.h"
#include "storage/proc.h"
#include "storage/shmem.h"
#include "utils/timestamp.h"

#include "base/clock.h"
#include "base/cluster_database.h"
#include "base/identifier.h"
#include "base/settings.h"
#include "cluster/cluster_sessions.h"

/*
 * How many clusters can be waking up at a time.  One more replaces the oldest.
 */
#define MAX_WAKING 32

#define ID_SIZE (DSQL_IDENTIFIER_LEN + 1)

typedef struct ClusterSession
{
	int			pid;			/* 0: none */
	Oid			database;
	char		cluster[ID_SIZE];	/* "": the default cluster, not bound */
	char		home[ID_SIZE];
} ClusterSession;

typedef struct WakingCluster
{
	Oid			database;		/* InvalidOid: none */
	TimestampTz since;
	char		cluster[ID_SIZE];
} WakingCluster;

typedef struct ClusterShared
{
	LWLock	   *lock;			/* guards all of it */
	WakingCluster waking[MAX_WAKING];
	ClusterSession sessions[FLEXIBLE_ARRAY_MEMBER]; /* one for each backend */
} ClusterShared;

static ClusterShared *shared = NULL;

static Size
shared_size(void)
{
	return add_size(offsetof(ClusterShared, sessions),
					mul_size(MaxBackends, sizeof(ClusterSession)));
}

void
dsql_cluster_sessions_shmem_request(void)
{
	RequestAddinShmemSpace(shared_size());
	RequestNamedLWLockTranche("dsql_emu cluster sessions", 1);
}

void
dsql_cluster_sessions_shmem_init(void)
{
	bool		found;

	shared = ShmemInitStruct("dsql_emu cluster sessions", shared_size(),
							 &found);
	if (!found)
	{
		memset(shared, 0, shared_size());
		shared->lock =
			&GetNamedLWLockTranche("dsql_emu cluster sessions")->lock;
	}
}

/* This session's entry.  Client backends are the first of all processes. */
static ClusterSession *
my_session(void)
{
	return &shared->sessions[MyProc - ProcGlobal->allProcs];
}

void
dsql_cluster_sessions_withdraw(void)
{
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	my_session()->pid = 0;
	LWLockRelease(shared->lock);
}

static void
withdraw_at_exit(int code, Datum arg)
{
	dsql_cluster_sessions_withdraw();
}

/* Publish in which cluster this session is. */
void
dsql_cluster_sessions_publish(const char *identifier, const char *home)
{
	static bool exit_registered = false;
	ClusterSession *session = my_session();

	if (!exit_registered)
	{
		before_shmem_exit(withdraw_at_exit, (Datum) 0);
		exit_registered = true;
	}
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	session->pid = MyProcPid;
	session->database = MyDatabaseId;
	strlcpy(session->cluster, identifier, ID_SIZE);
	strlcpy(session->home, home, ID_SIZE);
	LWLockRelease(shared->lock);
}

bool
dsql_cluster_sessions_leader(char *identifier, char *home, size_t size)
{
	PGPROC	   *leader = MyProc->lockGroupLeader;
	ptrdiff_t	place = leader - ProcGlobal->allProcs;
	ClusterSession *session;
	bool		found;

	if (leader == NULL || place >= MaxBackends)
		return false;
	session = &shared->sessions[place];
	LWLockAcquire(shared->lock, LW_SHARED);
	found = session->pid == leader->pid && session->database == MyDatabaseId;
	if (found)
	{
		strlcpy(identifier, session->cluster, size);
		strlcpy(home, session->home, size);
	}
	LWLockRelease(shared->lock);
	return found;
}

/*
 * How many sessions are in a cluster of a database.  "" is the default cluster, whose
 * sessions are those that are not bound.
 */
int
dsql_cluster_sessions_count(Oid database, const char *identifier)
{
	int			count = 0;

	LWLockAcquire(shared->lock, LW_SHARED);
	for (int i = 0; i < MaxBackends; i++)
		if (shared->sessions[i].pid != 0 &&
			shared->sessions[i].database == database &&
			strcmp(shared->sessions[i].cluster, identifier) == 0)
			count++;
	LWLockRelease(shared->lock);
	return count;
}

bool
dsql_cluster_sessions_reaches(int pid)
{
	const char *home = my_session()->pid == MyProcPid ? my_session()->home : "";
	bool		found = false;

	if (home[0] == '\0' && superuser() && !dsql_cluster_database_is_own)
		return true;
	LWLockAcquire(shared->lock, LW_SHARED);
	for (int i = 0; i < MaxBackends && !found; i++)
		found = shared->sessions[i].pid == pid &&
			shared->sessions[i].database == MyDatabaseId &&
			strcmp(shared->sessions[i].home, home) == 0;
	LWLockRelease(shared->lock);
	return found;
}

void
dsql_cluster_sessions_end(const char *identifier)
{
	LWLockAcquire(shared->lock, LW_SHARED);
	for (int i = 0; i < MaxBackends; i++)
		if (shared->sessions[i].pid != 0 &&
			shared->sessions[i].pid != MyProcPid &&
			shared->sessions[i].database == MyDatabaseId &&
			strcmp(shared->sessions[i].cluster, identifier) == 0)
			(void) kill(shared->sessions[i].pid, SIGTERM);
	LWLockRelease(shared->lock);
}

/*
 * Find a cluster among those that are waking up.  The caller holds the lock.
 */
static WakingCluster *
find_waking(const char *identifier)
{
	for (int i = 0; i < MAX_WAKING; i++)
		if (shared->waking[i].database == MyDatabaseId &&
			strcmp(shared->waking[i].cluster, identifier) == 0)
			return &shared->waking[i];
	return NULL;
}

bool
dsql_cluster_sessions_woken(const char *identifier)
{
	TimestampTz latest = dsql_clock_now() -
	dsql_settings_wake_delay * INT64CONST(1000);
	WakingCluster *waking;
	bool		woken;

	LWLockAcquire(shared->lock, LW_SHARED);
	waking = find_waking(identifier);
	woken = waking != NULL && waking->since <= latest;
	LWLockRelease(shared->lock);
	return woken;
}

void
dsql_cluster_sessions_forget_wake(const char *identifier)
{
	WakingCluster *waking;

	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	waking = find_waking(identifier);
	if (waking != NULL)
		waking->database = InvalidOid;
	LWLockRelease(shared->lock);
}

void
dsql_cluster_sessions_wake(const char *identifier)
{
	TimestampTz now = dsql_clock_now();
	WakingCluster *oldest = &shared->waking[0];

	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	if (find_waking(identifier) == NULL)
	{
		for (int i = 0; i < MAX_WAKING; i++)
		{
			WakingCluster *waking = &shared->waking[i];

			if (!OidIsValid(waking->database) ||
				(OidIsValid(oldest->database) && waking->since < oldest->since))
				oldest = waking;
		}
		oldest->database = MyDatabaseId;
		oldest->since = now;
		strlcpy(oldest->cluster, identifier, ID_SIZE);
	}
	LWLockRelease(shared->lock);
}
