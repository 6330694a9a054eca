/*
 * judge_channel.c
 *		The way to a process that judges connections to clusters with databases
 *		of their own.
 *
 * Keys, policies and states are rows in the control plane's database, which a
 * session of a cluster's database cannot read.  So a worker there judges for
 * it, before its own database is open.  It knows what is committed at that
 * moment, as every session of its database does.
 *
 * There is one place for a request in shared memory.  A connection waits for it,
 * fills it in, and waits for the answer:
 *
 *	 FREE --client--> FILLING --client--> ASKED --worker--> ANSWERED --client--> FREE
 *
 * The worker stays for a while, because the next connection is often near.
 * Whoever wants its database for himself sends it away (task_worker.c).
 */
#include "postgres.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "storage/condition_variable.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/lwlock.h"
#include "storage/proc.h"
#include "storage/shmem.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "auth/judge.h"
#include "auth/judge_channel.h"
#include "auth/token.h"
#include "base/compat.h"
#include "base/extension_version.h"
#include "base/identifier.h"
#include "base/session.h"
#include "cluster/cluster.h"
#include "jobs/task_worker.h"
#include "jobs/worker.h"

/* How long, in ms, a worker waits for the next connection. */
#define IDLE_TIME 60000

/* How often a worker is started for one connection. */
#define MAX_STARTS 3

/* The longest wait for news of it, in ms. */
#define MAX_WAIT 10000

#define MAX_TOKEN 65536
#define MAX_TEXT 2048

typedef enum ChannelState
{
	CHANNEL_FREE,
	CHANNEL_FILLING,
	CHANNEL_ASKED,
	CHANNEL_ANSWERED
} ChannelState;

typedef struct Request
{
	char		identifier[DSQL_IDENTIFIER_LEN + 1];
	SockAddr	address;
	bool		has_password;
	char		password[MAX_TOKEN];
} Request;

typedef struct Verdict
{
	int			sqlstate;		/* 0: the connection is let in */
	bool		has_arn;
	char		arn[MAX_TEXT];
	char		message[MAX_TEXT];
	char		detail[MAX_TEXT];	/* this and the next: "" if there is none */
	char		hint[MAX_TEXT];
} Verdict;

typedef struct ChannelShared
{
	LWLock	   *lock;			/* guards what is here but the contents of the
								 * next two, which belong to the client while
								 * it fills and when it is answered */
	ConditionVariable free_cv;
	ChannelState state;
	PGPROC	   *client;
	uint64		number;			/* of the request */
	Oid			control;
	Request		request;
	Verdict		verdict;
} ChannelShared;

static ChannelShared *shared = NULL;

void
dsql_judge_channel_shmem_request(void)
{
	RequestAddinShmemSpace(sizeof(ChannelShared));
	RequestNamedLWLockTranche("dsql_emu judge", 1);
}

void
dsql_judge_channel_shmem_init(void)
{
	bool		found;

	shared = ShmemInitStruct("dsql_emu judge", sizeof(ChannelShared), &found);
	if (found)
		return;
	memset(shared, 0, sizeof(ChannelShared));
	shared->lock = &GetNamedLWLockTranche("dsql_emu judge")->lock;
	ConditionVariableInit(&shared->free_cv);
}

/* ------------------------------------------------------------------------
 * The client
 * ------------------------------------------------------------------------
 */

static bool
take_channel(void)
{
	bool		taken;

	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	taken = shared->state == CHANNEL_FREE;
	if (taken)
	{
		shared->state = CHANNEL_FILLING;
		shared->client = MyProc;
		shared->number++;
	}
	LWLockRelease(shared->lock);
	return taken;
}

static void
release_channel(int code, Datum arg)
{
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	if (shared->client == MyProc)
	{
		/* It has had a secret in it. */
		explicit_bzero(shared->request.password, MAX_TOKEN);
		shared->client = NULL;
		shared->state = CHANNEL_FREE;
	}
	LWLockRelease(shared->lock);
	ConditionVariableBroadcast(&shared->free_cv);
}

static void
fill_in(const DsqlJudgeRequest *request)
{
	Request    *place = &shared->request;

	strlcpy(place->identifier, request->identifier, sizeof(place->identifier));
	place->address = *request->address;
	place->has_password = request->password != NULL;
	if (place->has_password)
		strlcpy(place->password, request->password, MAX_TOKEN);
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	shared->control = request->control;
	shared->state = CHANNEL_ASKED;
	LWLockRelease(shared->lock);
}

static bool
is_answered(void)
{
	bool		answered;

	LWLockAcquire(shared->lock, LW_SHARED);
	answered = shared->state == CHANNEL_ANSWERED;
	LWLockRelease(shared->lock);
	return answered;
}

/*
 * Wait for the answer.  A worker that ends before sets our latch, too.
 */
static void
wait_for_answer(Oid control)
{
	int			starts = 0;

	while (!is_answered())
	{
		if (!dsql_task_worker_present(DSQL_TASK_JUDGE, control) &&
			starts++ == MAX_STARTS)
			ereport(ERROR,
					(errcode(ERRCODE_CONNECTION_FAILURE),
					 errmsg("the control plane of the cluster cannot be reached"),
					 errhint("Its database must exist, and there must be a free worker process: see \"%s\".",
							 "max_worker_processes")));
		if (starts == 0 || !dsql_task_worker_present(DSQL_TASK_JUDGE, control))
			(void) dsql_task_worker_ask(DSQL_TASK_JUDGE, control);
		dsql_task_worker_set_waiter(DSQL_TASK_JUDGE, control);
		if (is_answered())
			break;
		/* Nobody tells of a process that could not be started. */
		(void) WaitLatch(MyLatch,
						 WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
						 MAX_WAIT, PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
	}
}

static void
raise_refusal(const Verdict *verdict)
{
	ereport(FATAL,
			(errcode(verdict->sqlstate),
			 errmsg_internal("%s", verdict->message),
			 verdict->detail[0] ? errdetail_internal("%s", verdict->detail) : 0,
			 verdict->hint[0] ? errhint("%s", verdict->hint) : 0));
}

char *
dsql_judge_channel_ask(const DsqlJudgeRequest *request)
{
	Verdict    *verdict = palloc(sizeof(Verdict));

	before_shmem_exit(release_channel, (Datum) 0);
	ConditionVariablePrepareToSleep(&shared->free_cv);
	while (!take_channel())
		ConditionVariableSleep(&shared->free_cv, PG_WAIT_EXTENSION);
	ConditionVariableCancelSleep();

	fill_in(request);
	if (!dsql_task_worker_ask(DSQL_TASK_JUDGE, request->control))
		ereport(DEBUG1, (errmsg_internal("no process judges connections")));
	wait_for_answer(request->control);
	memcpy(verdict, &shared->verdict, sizeof(Verdict));
	cancel_before_shmem_exit(release_channel, (Datum) 0);
	release_channel(0, (Datum) 0);

	if (verdict->sqlstate != 0)
		raise_refusal(verdict);
	return verdict->has_arn ?
		MemoryContextStrdup(TopMemoryContext, verdict->arn) : NULL;
}

/* ------------------------------------------------------------------------
 * The worker
 * ------------------------------------------------------------------------
 */

/*
 * Copy the request that waits, if it is for this database.
 */
static bool
take_request(Request *request, uint64 *number)
{
	bool		taken;

	LWLockAcquire(shared->lock, LW_SHARED);
	taken = shared->state == CHANNEL_ASKED && shared->control == MyDatabaseId;
	if (taken)
	{
		*number = shared->number;
		memcpy(request, &shared->request, offsetof(Request, password));
		if (request->has_password)
			strlcpy(request->password, shared->request.password, MAX_TOKEN);
	}
	LWLockRelease(shared->lock);
	return taken;
}

static void
answer(uint64 number, const Verdict *verdict)
{
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	if (shared->state == CHANNEL_ASKED && shared->number == number)
	{
		memcpy(&shared->verdict, verdict, sizeof(Verdict));
		shared->state = CHANNEL_ANSWERED;
		SetLatch(&shared->client->procLatch);
	}
	LWLockRelease(shared->lock);
}

static char *
judge(const Request *request)
{
	Cluster    *cluster;
	DsqlAuthToken token;
	const char *problem;
	char	   *arn = NULL;

	if (!dsql_session_has_extension())
		ereport(ERROR,
				(errcode(ERRCODE_CONNECTION_FAILURE),
				 errmsg("the control plane of the cluster is gone"),
				 errhint("A superuser can reach the database by its own name.")));
	if (request->has_password)
	{
		cluster = dsql_cluster_catalog_cluster(request->identifier);
		if (!dsql_token_parse(request->password, &token, &problem))
			elog(ERROR, "a token was read that is none");
		if (cluster != NULL)
			arn = dsql_judge_token(&token, cluster, &request->address);
	}
	(void) dsql_cluster_open(request->identifier);
	return arn;
}

static void
copy_text(char *to, const char *from)
{
	strlcpy(to, from ? from : "", MAX_TEXT);
}

/*
 * Judge in a transaction, which may make a cluster ACTIVE.
 */
static void
fill_verdict(const Request *request, Verdict *verdict)
{
	MemoryContext context = CurrentMemoryContext;

	memset(verdict, 0, sizeof(Verdict));
	PG_TRY();
	{
		char	   *arn;

		SetCurrentStatementStartTimestamp();
		StartTransactionCommand();
		PushActiveSnapshot(GetTransactionSnapshot());
		arn = judge(request);
		verdict->has_arn = arn != NULL;
		copy_text(verdict->arn, arn);
		PopActiveSnapshot();
		CommitTransactionCommand();
	}
	PG_CATCH();
	{
		ErrorData  *error;

		HOLD_INTERRUPTS();
		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		AbortCurrentTransaction();
		verdict->sqlstate = error->sqlerrcode;
		copy_text(verdict->message, error->message);
		copy_text(verdict->detail, error->detail);
		copy_text(verdict->hint, error->hint);
		RESUME_INTERRUPTS();
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
}

static void
run(void)
{
	MemoryContext context = AllocSetContextCreate(TopMemoryContext,
												  "dsql_emu judge",
												  ALLOCSET_DEFAULT_SIZES);
	Request    *request = palloc(sizeof(Request));
	Verdict    *verdict = palloc(sizeof(Verdict));
	TimestampTz end = 0;

	for (;;)
	{
		TimestampTz now = GetCurrentTimestamp();
		uint64		number;

		dsql_worker_process_signals();
		(void) dsql_task_worker_wanted();
		if (take_request(request, &number))
		{
			MemoryContextSwitchTo(context);
			fill_verdict(request, verdict);
			MemoryContextReset(context);
			explicit_bzero(request->password, MAX_TOKEN);
			answer(number, verdict);
			now = GetCurrentTimestamp();
			end = 0;
		}
		if (end == 0)
			end = TimestampTzPlusMilliseconds(now, IDLE_TIME);
		if (now >= end)
			break;
		(void) WaitLatch(MyLatch,
						 WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
						 TimestampDifferenceMilliseconds(now, end),
						 PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
	}
	MemoryContextSwitchTo(TopMemoryContext);
	MemoryContextDelete(context);
	pfree(request);
	pfree(verdict);
}

void
dsql_judge_channel_install(void)
{
	dsql_task_worker_set(DSQL_TASK_JUDGE, run);
}
