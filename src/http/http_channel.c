/*
 * http_channel.c
 *		The HTTP server's side of the channel, and the messages that go through
 *		it.
 *
 * A message is a row of strings, each with a NUL at its end; the last is the
 * body, which may have more of them inside.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "postmaster/bgworker.h"
#include "storage/dsm.h"
#include "storage/shm_mq.h"
#include "storage/shm_toc.h"
#include "utils/memutils.h"

#include "auth/sigv4.h"
#include "base/background_worker.h"
#include "http/http.h"
#include "http/http_channel.h"

#define QUEUE_SIZE 65536

static MemoryContext context = NULL;
static dsm_segment *segment = NULL;
static pg_atomic_uint32 *state;
static shm_mq_handle *calls;
static shm_mq_handle *answers;

static void
put_string(StringInfo message, const char *string)
{
	appendBinaryStringInfo(message, string, strlen(string) + 1);
}

static const char *
get_string(char **position)
{
	const char *string = *position;

	*position += strlen(string) + 1;
	return string;
}

void
dsql_http_pack_call(StringInfo message, const HttpCall *call)
{
	const HttpRequest *request = call->request;
	ListCell   *cell;

	put_string(message, call->operation);
	put_string(message, call->members);
	put_string(message, call->has_body ? "body" : "");
	put_string(message, call->region ? call->region : "");
	put_string(message, call->account ? call->account : "");
	put_string(message, request->method);
	put_string(message, request->target);
	put_string(message, request->source_ip);
	foreach(cell, request->headers)
	{
		DsqlHeader *header = lfirst(cell);

		put_string(message, header->name);
		put_string(message, header->value);
	}
	put_string(message, "");
	appendBinaryStringInfo(message, request->body.data, request->body.len);
	appendStringInfoChar(message, '\0');
}

void
dsql_http_unpack_call(char *message, Size size, HttpCall *call)
{
	HttpRequest *request = palloc0(sizeof(HttpRequest));
	char	   *position = message;
	DsqlHeader	header;

	call->request = request;
	call->operation = get_string(&position);
	call->members = get_string(&position);
	call->has_body = *get_string(&position) != '\0';
	call->region = get_string(&position);
	call->account = get_string(&position);
	if (call->region[0] == '\0')
		call->region = NULL;
	if (call->account[0] == '\0')
		call->account = NULL;

	request->method = get_string(&position);
	request->target = get_string(&position);
	request->source_ip = get_string(&position);
	while (*(header.name = get_string(&position)) != '\0')
	{
		DsqlHeader *copy = palloc(sizeof(DsqlHeader));

		header.value = get_string(&position);
		*copy = header;
		request->headers = lappend(request->headers, copy);
	}
	request->body.data = position;
	request->body.len = message + size - 1 - position;
}

void
dsql_http_pack_response(StringInfo message, const HttpResponse *response)
{
	appendStringInfo(message, "%d", response->status);
	appendStringInfoChar(message, '\0');
	put_string(message, response->error ? response->error : "");
	appendBinaryStringInfo(message, response->body.data, response->body.len);
}

void
dsql_http_unpack_response(char *message, Size size,
						  HttpResponse *response)
{
	char	   *position = message;

	response->status = atoi(get_string(&position));
	response->error = pstrdup(get_string(&position));
	if (response->error[0] == '\0')
		response->error = NULL;
	initStringInfo(&response->body);
	appendBinaryStringInfo(&response->body, position,
						   message + size - position);
}

/*
 * Let go of the channel: a worker at its other end will notice.
 */
void
dsql_http_close_channel(void)
{
	if (segment != NULL)
		dsm_detach(segment);
	segment = NULL;
	if (context != NULL)
		MemoryContextDelete(context);
	context = NULL;
}

static shm_mq *
make_queue(shm_toc *toc, uint64 key)
{
	shm_mq	   *queue = shm_mq_create(shm_toc_allocate(toc, QUEUE_SIZE),
									  QUEUE_SIZE);

	shm_toc_insert(toc, key, queue);
	return queue;
}

static void
make_channel(void)
{
	shm_toc_estimator estimator;
	Size		size;
	shm_toc    *toc;
	shm_mq	   *queue;

	shm_toc_initialize_estimator(&estimator);
	shm_toc_estimate_chunk(&estimator, sizeof(pg_atomic_uint32));
	shm_toc_estimate_chunk(&estimator, QUEUE_SIZE);
	shm_toc_estimate_chunk(&estimator, QUEUE_SIZE);
	shm_toc_estimate_keys(&estimator, 3);
	size = shm_toc_estimate(&estimator);
	segment = dsm_create(size, 0);
	toc = shm_toc_create(DSQL_HTTP_MAGIC, dsm_segment_address(segment), size);

	state = shm_toc_allocate(toc, sizeof(pg_atomic_uint32));
	pg_atomic_init_u32(state, HTTP_CHANNEL_OPEN);
	shm_toc_insert(toc, DSQL_HTTP_KEY_STATE, state);

	queue = make_queue(toc, DSQL_HTTP_KEY_CALLS);
	shm_mq_set_sender(queue, MyProc);
	calls = shm_mq_attach(queue, segment, NULL);
	queue = make_queue(toc, DSQL_HTTP_KEY_ANSWERS);
	shm_mq_set_receiver(queue, MyProc);
	answers = shm_mq_attach(queue, segment, NULL);
}

/*
 * Make a channel and start a worker at its other end.  False if there is no
 * process for it.
 */
static bool
start_worker(void)
{
	static bool complained = false;
	BackgroundWorker worker;
	BackgroundWorkerHandle *handle;
	MemoryContext oldcontext;
	bool		started;

	context = AllocSetContextCreate(TopMemoryContext, "dsql_emu API channel",
									ALLOCSET_DEFAULT_SIZES);
	oldcontext = MemoryContextSwitchTo(context);
	make_channel();
	dsql_background_worker_describe(&worker, "dsql_emu API worker",
									"dsql_http_worker_main");
	worker.bgw_notify_pid = MyProcPid;
	worker.bgw_main_arg = UInt32GetDatum(dsm_segment_handle(segment));
	started = RegisterDynamicBackgroundWorker(&worker, &handle);
	if (started)
	{
		shm_mq_set_handle(calls, handle);
		shm_mq_set_handle(answers, handle);
	}
	MemoryContextSwitchTo(oldcontext);

	if (!started && !complained)
		ereport(LOG,
				(errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
				 errmsg("the control plane of dsql_emu cannot answer because there is no free worker process"),
				 errhint("Consider increasing the configuration parameter \"%s\".",
						 "max_worker_processes")));
	complained = !started;
	return started;
}

/*
 * Get hold of a worker that will take the next message for a call.
 */
static bool
open_channel(void)
{
	uint32		expected = HTTP_CHANNEL_OPEN;

	if (segment != NULL &&
		pg_atomic_compare_exchange_u32(state, &expected, HTTP_CHANNEL_CALLED))
		return true;
	dsql_http_close_channel();
	if (!start_worker())
	{
		dsql_http_close_channel();
		return false;
	}
	pg_atomic_write_u32(state, HTTP_CHANNEL_CALLED);
	return true;
}

void
dsql_http_call(const HttpCall *call, HttpResponse *response)
{
	StringInfoData message;
	Size		size;
	void	   *data;

	initStringInfo(&message);
	dsql_http_pack_call(&message, call);
	do
	{
		if (!open_channel())
		{
			dsql_http_error(response, HTTP_UNAVAILABLE);
			return;
		}
		if (shm_mq_send(calls, message.len, message.data, false,
						true) != SHM_MQ_SUCCESS ||
			shm_mq_receive(answers, &size, &data, false) != SHM_MQ_SUCCESS)
		{
			dsql_http_close_channel();
			dsql_http_error(response, HTTP_UNAVAILABLE);
			return;
		}
		dsql_http_unpack_response(data, size, response);
		if (response->status == DSQL_HTTP_STATUS_AGAIN)
			dsql_http_close_channel();
	} while (response->status == DSQL_HTTP_STATUS_AGAIN);
}
