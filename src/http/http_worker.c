/*
 * http_worker.c
 *		The process that does what HTTP requests ask for, in their database.
 *
 * It works for one HTTP server.  It takes one call at a time, each in a
 * transaction of its own, and exits after a while without any.  Whoever wants
 * to drop, rename or copy the database waits longer than that, and so finds it
 * gone.  If calls keep coming, that session holds the lock of the database:
 * the worker looks for it between calls, and exits at once.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_database.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/dsm.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/lmgr.h"
#include "storage/proc.h"
#include "storage/shm_mq.h"
#include "storage/shm_toc.h"
#include "tcop/tcopprot.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timeout.h"
#include "utils/timestamp.h"

#include "auth/access_key.h"
#include "base/json.h"
#include "base/session.h"
#include "base/settings.h"
#include "control/control.h"
#include "control/control_error.h"
#include "control/control_permission.h"
#include "http/http.h"
#include "http/http_channel.h"
#include "jobs/worker.h"

/*
 * How long, in ms, a worker waits for the next call.  DROP DATABASE waits for
 * five seconds.
 */
#define IDLE_TIME 1000

PGDLLEXPORT void dsql_http_worker_main(Datum arg);

static pg_atomic_uint32 *state;
static shm_mq_handle *calls;
static shm_mq_handle *answers;

/* The service's exceptions, by the SQLSTATEs that control.h describes. */
static const struct
{
	int			sqlstate;
	int			status;
	const char *name;
}			exceptions[] =

{
	{DSQL_ERRCODE_VALIDATION, 400, "ValidationException"},
	{DSQL_ERRCODE_QUOTA, 402, "ServiceQuotaExceededException"},
	{DSQL_ERRCODE_ACCESS_DENIED, 403, "AccessDeniedException"},
	{DSQL_ERRCODE_NOT_FOUND, 404, "ResourceNotFoundException"},
	{DSQL_ERRCODE_CONFLICT, 409, "ConflictException"},
	{DSQL_ERRCODE_THROTTLING, 429, "ThrottlingException"},
	{DSQL_ERRCODE_INTERNAL, 500, "InternalServerException"},
};

/*
 * How many members do all objects in a text of JSON have?  Each is followed by
 * a colon.
 */
static int
count_written_members(const char *json, int length)
{
	int			count = 0;
	bool		in_string = false;

	for (const char *end = json + length; json < end; json++)
	{
		if (in_string && *json == '\\')
			json++;
		else if (*json == '"')
			in_string = !in_string;
		else if (*json == ':' && !in_string)
			count++;
	}
	return count;
}

static int
count_members(Jsonb *jsonb)
{
	JsonbIterator *iterator = JsonbIteratorInit(&jsonb->root);
	JsonbIteratorToken token;
	JsonbValue	value;
	int			count = 0;

	while ((token = JsonbIteratorNext(&iterator, &value, false)) != WJB_DONE)
		if (token == WJB_KEY)
			count++;
	return count;
}

/*
 * Parse JSON in UTF-8.  What is wrong with it is an exception of the service,
 * a member that is there twice included: jsonb would keep the last of them.
 */
static Jsonb *
parse_json(const char *string, int length)
{
	Jsonb	   *jsonb = dsql_json_parse(string, length);

	if (jsonb == NULL ||
		count_members(jsonb) != count_written_members(string, length))
		dsql_control_error_invalid("cannotParse",
								   "The request is not valid JSON.");
	return jsonb;
}

/*
 * The members of path and query take precedence over those of the body.
 */
static Jsonb *
read_input(const HttpCall *call)
{
	Jsonb	   *members = parse_json(call->members, strlen(call->members));
	Jsonb	   *body;

	if (!call->has_body)
		return members;
	body = parse_json(call->request->body.data, call->request->body.len);
	if (!JB_ROOT_IS_OBJECT(body))
		return body;
	return DatumGetJsonbP(DirectFunctionCall2(jsonb_concat,
											  JsonbPGetDatum(body),
											  JsonbPGetDatum(members)));
}

static void
run_call(HttpCall *call, HttpResponse *response)
{
	DsqlControlCaller caller = {.is_http = true};
	HttpError	error = HTTP_OK;
	DsqlAccessKey *key = NULL;
	Jsonb	   *input;
	Jsonb	   *output;
	const char *region;
	const char *account;
	char	   *json;

	if (!dsql_session_has_extension())
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("extension \"%s\" is not there in database \"%s\"",
						"dsql_emu", dsql_settings_api_database),
				 errhint("Use CREATE EXTENSION, or set \"%s\".",
						 "dsql_emu.api_database")));

	if (dsql_settings_api_auth == DSQL_API_AUTH_VERIFY)
		error = dsql_http_verify_signature(call, &key);
	if (error != HTTP_OK)
	{
		dsql_http_error(response, error);
		return;
	}

	caller.own_database =
		dsql_settings_api_cluster_kind == DSQL_CLUSTER_KIND_DATABASE;
	input = read_input(call);
	region = call->region ? call->region : dsql_settings_region;
	account = call->account ? call->account : dsql_settings_account;
	if (key != NULL)
		dsql_control_permission_check(key, call->request->source_ip,
									  call->operation, input, region, account);
	output = dsql_control_call(call->operation, input, region, account,
							   &caller);
	response->status = 200;
	response->error = NULL;
	initStringInfo(&response->body);
	if (JB_ROOT_COUNT(output) > 0)
	{
		json = JsonbToCString(NULL, &output->root, VARSIZE(output));
		appendStringInfoString(&response->body,
							   pg_server_to_any(json, strlen(json), PG_UTF8));
	}
}

/*
 * An error has undone the call.  The emulator's own are for the server's log,
 * too.
 */
static void
answer_error(const ErrorData *error, HttpResponse *response)
{
	const char *message;

	for (int i = 0; i < lengthof(exceptions); i++)
		if (exceptions[i].sqlstate == error->sqlerrcode)
		{
			message = pg_server_to_any(error->message, strlen(error->message),
									   PG_UTF8);
			dsql_http_exception(response, exceptions[i].status,
								exceptions[i].name, message, error->detail);
			return;
		}

	switch (ERRCODE_TO_CATEGORY(error->sqlerrcode))
	{
		case ERRCODE_INSUFFICIENT_RESOURCES:
		case ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE:
		case ERRCODE_OPERATOR_INTERVENTION:
			dsql_http_error(response, HTTP_UNAVAILABLE);
			break;
		default:
			dsql_http_error(response, HTTP_FAILURE);
	}
}

/*
 * Does nobody want to have the database for himself?  Otherwise they hold a
 * lock, for which a new connection would wait.  Ours is held up to the
 * transaction's end.
 */
static bool
lock_database(void)
{
	LOCKTAG		tag;

	SET_LOCKTAG_OBJECT(tag, InvalidOid, DatabaseRelationId, MyDatabaseId, 0);
	return LockAcquire(&tag, RowExclusiveLock, false,
					   true) != LOCKACQUIRE_NOT_AVAIL;
}

/*
 * Do a call.  False if it has to be done by another worker, later.
 */
static bool
do_call(HttpCall *call, HttpResponse *response)
{
	MemoryContext context = CurrentMemoryContext;
	volatile bool free = true;

	PG_TRY();
	{
		SetCurrentStatementStartTimestamp();
		StartTransactionCommand();
		free = lock_database();
		if (free)
		{
			enable_timeout_after(STATEMENT_TIMEOUT,
								 dsql_settings_api_request_timeout);
			PushActiveSnapshot(GetTransactionSnapshot());
			MemoryContextSwitchTo(context);
			run_call(call, response);
			PopActiveSnapshot();
		}
		disable_timeout(STATEMENT_TIMEOUT, false);
		CommitTransactionCommand();
		MemoryContextSwitchTo(context);
	}
	PG_CATCH();
	{
		ErrorData  *error;

		HOLD_INTERRUPTS();
		disable_timeout(STATEMENT_TIMEOUT, false);
		QueryCancelPending = false;
		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		if (strncmp(unpack_sql_state(error->sqlerrcode), "Q0", 2) != 0)
			EmitErrorReport();
		FlushErrorState();
		AbortCurrentTransaction();
		MemoryContextSwitchTo(context);
		answer_error(error, response);
		RESUME_INTERRUPTS();
	}
	PG_END_TRY();
	return free;
}

static void
attach(dsm_handle handle)
{
	dsm_segment *segment = dsm_attach(handle);
	shm_toc    *toc;
	shm_mq	   *queue;

	/* The server may be gone by now. */
	if (segment == NULL)
		proc_exit(0);
	toc = shm_toc_attach(DSQL_HTTP_MAGIC, dsm_segment_address(segment));
	state = shm_toc_lookup(toc, DSQL_HTTP_KEY_STATE, false);
	queue = shm_toc_lookup(toc, DSQL_HTTP_KEY_CALLS, false);
	shm_mq_set_receiver(queue, MyProc);
	calls = shm_mq_attach(queue, segment, NULL);
	queue = shm_toc_lookup(toc, DSQL_HTTP_KEY_ANSWERS, false);
	shm_mq_set_sender(queue, MyProc);
	answers = shm_mq_attach(queue, segment, NULL);
}

/*
 * Wait for the next call.  False if none has come for a while, or none will.
 */
static bool
wait_for_call(char **message, Size *size)
{
	TimestampTz end = TimestampTzPlusMilliseconds(GetCurrentTimestamp(),
												  IDLE_TIME);

	for (;;)
	{
		void	   *data;
		shm_mq_result result = shm_mq_receive(calls, size, &data, true);
		uint32		expected = HTTP_CHANNEL_OPEN;
		long		wait;

		*message = data;
		if (result != SHM_MQ_WOULD_BLOCK)
			return result == SHM_MQ_SUCCESS;

		wait = TimestampDifferenceMilliseconds(GetCurrentTimestamp(), end);
		if (wait <= 0 &&
			pg_atomic_compare_exchange_u32(state, &expected, HTTP_CHANNEL_CLOSED))
			return false;
		(void) WaitLatch(MyLatch,
						 WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
						 Max(wait, 1), PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
		dsql_worker_process_signals();
	}
}

void
dsql_http_worker_main(Datum arg)
{
	MemoryContext context;
	char	   *message;
	Size		size;
	bool		free = true;

	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	pqsignal(SIGTERM, die);
	BackgroundWorkerUnblockSignals();
	attach(DatumGetUInt32(arg));
	BackgroundWorkerInitializeConnection(dsql_settings_api_database, NULL, 0);
	dsql_worker_set_up_session();

	context = AllocSetContextCreate(TopMemoryContext, "dsql_emu API call",
									ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(context);
	while (free && wait_for_call(&message, &size))
	{
		HttpCall	call;
		HttpResponse response = {.status = DSQL_HTTP_STATUS_AGAIN};
		StringInfoData answer;

		initStringInfo(&response.body);
		dsql_http_unpack_call(message, size, &call);
		pgstat_report_activity(STATE_RUNNING, call.operation);
		free = do_call(&call, &response);
		pgstat_report_stat(true);
		pgstat_report_activity(STATE_IDLE, NULL);

		initStringInfo(&answer);
		dsql_http_pack_response(&answer, &response);
		pg_atomic_write_u32(state, free ? HTTP_CHANNEL_OPEN : HTTP_CHANNEL_CLOSED);
		if (shm_mq_send(answers, answer.len, answer.data, false,
						true) != SHM_MQ_SUCCESS)
			break;
		MemoryContextReset(context);
	}
}
