/*
 * http_server.c
 *		The process that listens for HTTP requests to the control plane.
 *
 * libmicrohttpd reads the requests and writes the responses; this file accepts
 * connections, waits for them together with the process's latch, and cuts off
 * those that take too long.  Everything happens in one thread.  While a call is
 * with the worker nobody else is served, which changes little: calls would have
 * to wait for each other in the control plane anyway.
 *
 * A connection is
 *
 *		IDLE		until the first line of a request is there; for at most
 *					dsql_emu.api_idle_timeout
 *		RECEIVING	up to the request's end; for at most
 *					dsql_emu.api_request_timeout
 *		SENDING		until the client has taken the response; for as long
 *		LINGERING	after a response of our own, see refuse()
 *
 * When all places are taken, a new connection gets that of another, so that
 * who is slow, silent or hostile keeps nobody waiting.  A client that is none
 * of these sends a request soon after it has connected: those that have not
 * yet sent a whole one share a part of the places, and beyond it the oldest of
 * them goes first.
 *
 * libmicrohttpd answers what it cannot understand with a page of HTML, which
 * the service's clients stumble over.  It tells what it is about to do in its
 * log: then we answer ourselves and leave it a connection it cannot write to.
 * To know which connection it means, it is given only one at a time to work at.
 * Where the first line of a request is none, it hangs up without a word; of a
 * connection's first request we therefore look at the line before it does.
 *
 * Nothing may throw an error through the library's code: its callbacks catch
 * what can fail in a call.  An error elsewhere ends the process, and the
 * postmaster starts it again.
 */
#include "postgres.h"

#include <fcntl.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/ilist.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/lwlock.h"
#include "tcop/tcopprot.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "auth/permission.h"
#include "auth/sigv4.h"
#include "base/compat.h"
#include "base/settings.h"
#include "http/http.h"
#include "jobs/worker.h"

/* How long to wait, in ms, when there is no address to listen on. */
#define LISTEN_RETRY 5000

/* Bytes that the line and the headers of a request can have. */
#define MAX_HEAD (128 * 1024)

/* How long, in ms, a client that we answered and hung up on is listened to. */
#define LINGER_TIME 1000

/* The part of all places that is for connections without a whole request. */
#define PROBATION_SHARE 2

/* Bytes that are read and forgotten in one go. */
#define MAX_DRAIN (1024 * 1024)

PGDLLEXPORT void dsql_http_server_main(Datum arg);

typedef enum ConnectionState
{
	CONNECTION_IDLE,
	CONNECTION_RECEIVING,
	CONNECTION_SENDING,
	CONNECTION_LINGERING
} ConnectionState;

typedef struct Connection
{
	dlist_node	node;			/* in "connections", the oldest first */
	pgsocket	socket;
	ConnectionState state;
	TimestampTz since;			/* in this state */
	struct MHD_Connection *handle;	/* NULL when lingering */
	bool		fresh;			/* nothing was read yet */
	bool		proven;			/* a whole request was read */
	uint32		interest;		/* socket events to wait for */
	int			position;		/* in "wait_set" */
	MemoryContext context;		/* of the request */
	HttpRequest *request;		/* NULL when idle */
} Connection;

static void on_log(void *arg, const char *format, va_list args)
			pg_attribute_printf(2, 0);

static List *listeners = NIL;	/* of sockets */
static struct MHD_Daemon *library = NULL;
static dlist_head connections = DLIST_STATIC_INIT(connections);
static int	connection_count = 0;

/* The connection that the library is working at. */
static Connection *current = NULL;

/*
 * What to wait for; made anew when a connection has come or gone, or when
 * there begins to be room for one or no longer is.
 */
static WaitEventSet *wait_set = NULL;
static bool wait_set_listens;

static void
set_state(Connection *connection, ConnectionState state)
{
	connection->state = state;
	connection->since = GetCurrentTimestamp();
}

static void
forget_wait_set(void)
{
	if (wait_set != NULL)
		FreeWaitEventSet(wait_set);
	wait_set = NULL;
}

static Connection *
add_connection(pgsocket socket, ConnectionState state)
{
	Connection *connection = MemoryContextAllocZero(TopMemoryContext,
													sizeof(Connection));

	connection->socket = socket;
	connection->fresh = true;
	connection->interest = WL_SOCKET_READABLE;
	set_state(connection, state);
	dlist_push_tail(&connections, &connection->node);
	connection_count++;
	forget_wait_set();
	return connection;
}

static void
end_request(Connection *connection)
{
	if (connection->context != NULL)
		MemoryContextDelete(connection->context);
	connection->context = NULL;
	connection->request = NULL;
}

static void
remove_connection(Connection *connection)
{
	end_request(connection);
	dlist_delete(&connection->node);
	connection_count--;
	if (current == connection)
		current = NULL;
	pfree(connection);
	forget_wait_set();
}

/*
 * Answer with an error past the library; nothing can follow.
 */
static void
send_error(Connection *connection, HttpError error)
{
	MemoryContext context = AllocSetContextCreate(TopMemoryContext,
												  "dsql_emu API refusal",
												  ALLOCSET_SMALL_SIZES);
	MemoryContext oldcontext = MemoryContextSwitchTo(context);
	char	   *text = dsql_http_error_text(error);

	/* It is short: if the kernel does not take it at once, it is not read. */
	set_state(connection, CONNECTION_SENDING);
	(void) send(connection->socket, text, strlen(text), MSG_NOSIGNAL);
	(void) shutdown(connection->socket, SHUT_WR);
	MemoryContextSwitchTo(oldcontext);
	MemoryContextDelete(context);
}

/*
 * Answer with an error past the library, and hang up.
 *
 * The connection stays open for a moment, and what the client is still sending
 * is read: otherwise the kernel would tell the client of a broken connection,
 * and it might never see the answer.
 */
static void
refuse(Connection *connection, HttpError error)
{
	pgsocket	socket = dup(connection->socket);

	send_error(connection, error);
	if (socket >= 0)
		(void) add_connection(socket, CONNECTION_LINGERING);
}

/*
 * The library writes something to its log.
 */
static void
on_log(void *arg, const char *format, va_list args)
{
	char		buffer[512];
	char	   *status;

	vsnprintf(buffer, sizeof(buffer), format, args);
	buffer[strcspn(buffer, "\n")] = '\0';
	ereport(DEBUG1, (errmsg_internal("libmicrohttpd: %s", buffer)));

	status = strstr(buffer, "HTTP response code is ");
	if (status == NULL || current == NULL ||
		current->state == CONNECTION_SENDING)
		return;
	refuse(current, dsql_http_error_of_status(atoi(status + strlen("HTTP response code is "))));
}

static void
on_connection(void *arg, struct MHD_Connection *handle, void **pointer,
			  enum MHD_ConnectionNotificationCode code)
{
	if (code == MHD_CONNECTION_NOTIFY_STARTED && current != NULL)
	{
		current->handle = handle;
		*pointer = current;
	}
	else if (*pointer != NULL)
		remove_connection(*pointer);
}

static Connection *
find_connection(struct MHD_Connection *handle)
{
	return MHD_get_connection_info(handle, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

/*
 * The first line of a request is there.
 */
static void *
on_target(void *arg, const char *target, struct MHD_Connection *handle)
{
	Connection *connection = find_connection(handle);
	MemoryContext oldcontext;

	end_request(connection);
	connection->context = AllocSetContextCreate(TopMemoryContext,
												"dsql_emu API request",
												ALLOCSET_SMALL_SIZES);
	oldcontext = MemoryContextSwitchTo(connection->context);
	connection->request = palloc0(sizeof(HttpRequest));
	connection->request->target = pstrdup(target ? target : "");
	initStringInfo(&connection->request->body);
	MemoryContextSwitchTo(oldcontext);
	set_state(connection, CONNECTION_RECEIVING);
	return connection;
}

static void
on_completed(void *arg, struct MHD_Connection *handle, void **pointer,
			 enum MHD_RequestTerminationCode code)
{
	Connection *connection = find_connection(handle);

	end_request(connection);
	set_state(connection, CONNECTION_IDLE);
}

static size_t
unescape_nothing(void *arg, struct MHD_Connection *handle, char *string)
{
	return strlen(string);
}

static enum MHD_Result
add_header(void *request, enum MHD_ValueKind kind, const char *name,
		   const char *value)
{
	DsqlHeader *header = palloc(sizeof(DsqlHeader));

	header->name = pstrdup(name);
	header->value = pstrdup(value ? value : "");
	((HttpRequest *) request)->headers =
		lappend(((HttpRequest *) request)->headers, header);
	return MHD_YES;
}

static const char *
source_ip(Connection *connection)
{
	SockAddr	address = {.salen = sizeof(address.addr)};

	if (getpeername(connection->socket, (struct sockaddr *) &address.addr,
					&address.salen) < 0)
		return "";
	return dsql_permission_source_ip(&address);
}

static void
answer(Connection *connection, HttpResponse *response)
{
	HttpCall	call;
	HttpError	error;

	PG_TRY();
	{
		MHD_get_connection_values(connection->handle, MHD_HEADER_KIND,
								  add_header, connection->request);
		connection->request->source_ip = source_ip(connection);
		error = dsql_http_decode(connection->request, &call);
		if (error == HTTP_OK)
			dsql_http_call(&call, response);
		else
			dsql_http_error(response, error);
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(connection->context);
		EmitErrorReport();
		FlushErrorState();
		LWLockReleaseAll();
		dsql_http_close_channel();
		dsql_http_error(response, HTTP_FAILURE);
	}
	PG_END_TRY();
}

static enum MHD_Result
send_response(Connection *connection, const HttpResponse *response)
{
	struct MHD_Response *message;
	enum MHD_Result result;

	message = MHD_create_response_from_buffer(response->body.len,
											  response->body.data,
											  MHD_RESPMEM_MUST_COPY);
	if (message == NULL)
		return MHD_NO;
	MHD_add_response_header(message, "Content-Type", "application/json");
	MHD_add_response_header(message, "x-amzn-RequestId",
							dsql_http_request_id());
	if (response->error != NULL)
		MHD_add_response_header(message, "x-amzn-ErrorType", response->error);
	set_state(connection, CONNECTION_SENDING);
	result = MHD_queue_response(connection->handle, response->status, message);
	MHD_destroy_response(message);
	return result;
}

/*
 * The library calls this with the request's head, with each part of its body,
 * and at its end.
 */
static enum MHD_Result
on_request(void *arg, struct MHD_Connection *handle, const char *target,
		   const char *method, const char *version, const char *data,
		   size_t *size, void **pointer)
{
	Connection *connection = find_connection(handle);
	HttpRequest *request = connection->request;
	MemoryContext oldcontext = MemoryContextSwitchTo(connection->context);
	enum MHD_Result result = MHD_YES;

	if (request->method == NULL)
		request->method = pstrdup(method);
	else if (*size > 0)
	{
		/* What is too large is read to its end: then a client will listen. */
		if (request->body.len + *size > DSQL_HTTP_MAX_BODY)
			request->body_too_large = true;
		if (!request->body_too_large)
			appendBinaryStringInfo(&request->body, data, *size);
		*size = 0;
	}
	else
	{
		HttpResponse response;

		connection->proven = true;
		answer(connection, &response);
		result = send_response(connection, &response);
	}
	MemoryContextSwitchTo(oldcontext);
	return result;
}

static void
start_library(void)
{
	library = MHD_start_daemon(MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ERROR_LOG,
							   0, NULL, NULL, on_request, NULL,
							   MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL,
							   MHD_OPTION_NOTIFY_CONNECTION, on_connection, NULL,
							   MHD_OPTION_URI_LOG_CALLBACK, on_target, NULL,
							   MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL,
							   MHD_OPTION_UNESCAPE_CALLBACK, unescape_nothing, NULL,
							   MHD_OPTION_STRICT_FOR_CLIENT, 1,
							   MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t) MAX_HEAD,
							   MHD_OPTION_CONNECTION_LIMIT, (unsigned int) FD_SETSIZE,
							   MHD_OPTION_END);
	if (library == NULL)
		ereport(FATAL,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not start libmicrohttpd")));
}

/*
 * Does a client begin with a line that is not METHOD TARGET HTTP/VERSION?  What
 * was sent stays where it is; where it is less than a line, nobody knows.
 */
static bool
begins_with_garbage(Connection *connection)
{
	char		line[1024];
	char	   *target;
	char	   *version;
	char	   *end;
	ssize_t		count = recv(connection->socket, line, sizeof(line) - 1,
							 MSG_PEEK | MSG_DONTWAIT);

	connection->fresh = false;
	if (count <= 0)
		return false;
	line[count] = '\0';
	end = strchr(line, '\n');
	if (end == NULL)
		return strlen(line) < count;
	*end = '\0';
	target = strchr(line, ' ');
	version = target == NULL ? NULL : strchr(target + 1, ' ');
	return target == NULL || target == line || version == NULL ||
		version == target + 1 ||
		strncmp(version + 1, "HTTP/", strlen("HTTP/")) != 0;
}

static void
run_library(pgsocket socket, bool readable, bool writable)
{
	fd_set		readable_set;
	fd_set		writable_set;
	fd_set		failed_set;

	FD_ZERO(&readable_set);
	FD_ZERO(&writable_set);
	FD_ZERO(&failed_set);
	if (readable)
		FD_SET(socket, &readable_set);
	if (writable)
		FD_SET(socket, &writable_set);
	(void) MHD_run_from_select(library, &readable_set, &writable_set,
							   &failed_set);
}

/*
 * Let the library work at one connection, until it has to wait for the client.
 */
static void
work_at(Connection *connection, bool readable, bool writable)
{
	MHD_UNSIGNED_LONG_LONG timeout;

	current = connection;
	run_library(connection->socket, readable, writable);

	/* It may have more than one request. */
	while (current != NULL && MHD_get_timeout(library, &timeout) == MHD_YES &&
		   timeout == 0)
		run_library(PGINVALID_SOCKET, false, false);
	current = NULL;
}

/*
 * Read and forget what a client has sent.  False if it will send no more.
 */
static bool
drain(Connection *connection)
{
	char		buffer[8192];
	ssize_t		count = 1;

	for (int i = 0; i < MAX_DRAIN / sizeof(buffer) && count > 0; i++)
		count = recv(connection->socket, buffer, sizeof(buffer), MSG_DONTWAIT);
	return count > 0 || (count < 0 && (errno == EAGAIN || errno == EINTR));
}

/*
 * Hang up.  The library is to find nothing more to read.
 */
static void
hang_up(Connection *connection)
{
	if (connection->handle == NULL)
	{
		closesocket(connection->socket);
		remove_connection(connection);
	}
	else
	{
		(void) shutdown(connection->socket, SHUT_RDWR);
		(void) drain(connection);
		work_at(connection, true, true);
	}
}

static int
timeout_of(const Connection *connection)
{
	switch (connection->state)
	{
		case CONNECTION_IDLE:
			return dsql_settings_api_idle_timeout;
		case CONNECTION_LINGERING:
			return LINGER_TIME;
		default:
			return dsql_settings_api_request_timeout;
	}
}

static void
cut_off(Connection *connection)
{
	if (connection->state == CONNECTION_RECEIVING)
		refuse(connection, HTTP_TIMEOUT);
	hang_up(connection);
}

/*
 * Cut off whoever has taken too long.  Returns how long, in ms, the others
 * have; -1 is forever.
 */
static long
cut_off_late(void)
{
	TimestampTz now = GetCurrentTimestamp();
	TimestampTz first;
	dlist_mutable_iter iter;

	first = DT_NOEND;
	dlist_foreach_modify(iter, &connections)
	{
		Connection *connection = dlist_container(Connection, node, iter.cur);
		TimestampTz end = TimestampTzPlusMilliseconds(connection->since,
													  timeout_of(connection));

		if (end <= now)
			cut_off(connection);
		else
			first = Min(first, end);
	}
	return first == DT_NOEND ? -1 : TimestampDifferenceMilliseconds(now, first);
}

static bool
is_full(void)
{
	return connection_count >= dsql_settings_api_max_connections;
}

/* Has the connection yet to show that a whole request will come? */
static bool
is_on_probation(const Connection *connection)
{
	return !connection->proven &&
		(connection->state == CONNECTION_IDLE ||
		 connection->state == CONNECTION_RECEIVING);
}

/*
 * The connection that has been in this state for the longest time, or NULL.
 */
static Connection *
longest_in(ConnectionState state)
{
	dlist_iter	iter;
	Connection *longest = NULL;

	dlist_foreach(iter, &connections)
	{
		Connection *connection = dlist_container(Connection, node, iter.cur);

		if (connection->state == state && !is_on_probation(connection) &&
			(longest == NULL || connection->since < longest->since))
			longest = connection;
	}
	return longest;
}

/*
 * The oldest connection on probation, or NULL, and how many there are.
 */
static Connection *
oldest_on_probation(int *count)
{
	dlist_iter	iter;
	Connection *oldest = NULL;

	*count = 0;
	dlist_foreach(iter, &connections)
	{
		Connection *connection = dlist_container(Connection, node, iter.cur);

		if (!is_on_probation(connection))
			continue;
		if (oldest == NULL)
			oldest = connection;
		(*count)++;
	}
	return oldest;
}

/*
 * Which connection gives its place to a new one; NULL if all are about to be
 * answered.
 */
static Connection *
first_to_go(void)
{
	int			count;
	Connection *oldest = oldest_on_probation(&count);
	Connection *connection = longest_in(CONNECTION_LINGERING);

	if (connection == NULL &&
		count <= dsql_settings_api_max_connections / PROBATION_SHARE)
		connection = longest_in(CONNECTION_IDLE);
	if (connection == NULL)
		connection = oldest;
	if (connection == NULL)
		connection = longest_in(CONNECTION_RECEIVING);
	return connection;
}

/*
 * Make room for a connection.
 */
static void
make_room(void)
{
	Connection *connection = first_to_go();

	if (connection->state == CONNECTION_RECEIVING)
		send_error(connection, HTTP_TIMEOUT);
	hang_up(connection);
}

/*
 * Accept a connection, if there is one.
 */
static void
accept_connection(pgsocket listener)
{
	struct sockaddr_storage address;
	socklen_t	length = sizeof(address);
	pgsocket	client;
	int			on = 1;

	if (is_full())
		make_room();
	client = accept(listener, (struct sockaddr *) &address, &length);
	if (client == PGINVALID_SOCKET)
		return;
	if (client >= FD_SETSIZE || !pg_set_noblock(client))
	{
		closesocket(client);
		return;
	}
	(void) fcntl(client, F_SETFD, FD_CLOEXEC);
	(void) setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));

	/* Newer versions take a connection in only when they run next. */
	current = add_connection(client, CONNECTION_IDLE);
	if (MHD_add_connection(library, client, (struct sockaddr *) &address,
						   length) == MHD_YES)
		run_library(PGINVALID_SOCKET, false, false);
	if (current != NULL && current->handle == NULL)
		remove_connection(current); /* the library has closed it */
	current = NULL;
}

/*
 * Ask the library which connections it wants to read from and to write to.
 */
static void
update_interests(void)
{
	fd_set		readable;
	fd_set		writable;
	fd_set		failed;
	MHD_socket	max = 0;
	dlist_iter	iter;

	FD_ZERO(&readable);
	FD_ZERO(&writable);
	FD_ZERO(&failed);
	(void) MHD_get_fdset(library, &readable, &writable, &failed, &max);
	dlist_foreach(iter, &connections)
	{
		Connection *connection = dlist_container(Connection, node, iter.cur);
		uint32		interest = WL_SOCKET_READABLE;

		if (connection->handle != NULL &&
			FD_ISSET(connection->socket, &writable))
			interest = WL_SOCKET_WRITEABLE;
		if (interest != connection->interest && wait_set != NULL)
			ModifyWaitEvent(wait_set, connection->position, interest, NULL);
		connection->interest = interest;
	}
}

/*
 * Nobody is to be accepted while there is no room: who waits would keep us busy.
 */
static void
make_wait_set(void)
{
	dlist_iter	iter;
	ListCell   *cell;

	wait_set = dsql_create_wait_set(2 + list_length(listeners) + connection_count);
	AddWaitEventToSet(wait_set, WL_LATCH_SET, PGINVALID_SOCKET, MyLatch, NULL);
	AddWaitEventToSet(wait_set, WL_EXIT_ON_PM_DEATH, PGINVALID_SOCKET, NULL,
					  NULL);
	dlist_foreach(iter, &connections)
	{
		Connection *connection = dlist_container(Connection, node, iter.cur);

		connection->position = AddWaitEventToSet(wait_set, connection->interest,
												 connection->socket, NULL,
												 connection);
	}

	/* Last: requests that are there come before new connections. */
	if (!wait_set_listens)
		return;
	foreach(cell, listeners)
		AddWaitEventToSet(wait_set, WL_SOCKET_READABLE, lfirst_int(cell), NULL,
						  NULL);
}

/*
 * Wait until something happens, and do what is to be done.
 */
static void
serve(void)
{
	WaitEvent	event;
	long		timeout = cut_off_late();
	bool		listens = !is_full() || first_to_go() != NULL;

	if (listens != wait_set_listens)
		forget_wait_set();
	wait_set_listens = listens;
	update_interests();
	if (wait_set == NULL)
		make_wait_set();
	if (WaitEventSetWait(wait_set, timeout, &event, 1,
						 PG_WAIT_EXTENSION) == 0)
		return;

	if (event.events & WL_LATCH_SET)
		ResetLatch(MyLatch);
	else if (event.user_data == NULL)
		accept_connection(event.fd);
	else
	{
		Connection *connection = event.user_data;

		if (connection->state == CONNECTION_LINGERING)
		{
			if (!drain(connection))
				hang_up(connection);
		}
		else if (connection->fresh && begins_with_garbage(connection))
		{
			refuse(connection, HTTP_MALFORMED);
			hang_up(connection);
		}
		else
			work_at(connection, (event.events & WL_SOCKET_READABLE) != 0,
					(event.events & WL_SOCKET_WRITEABLE) != 0);
	}
}

void
dsql_http_server_main(Datum arg)
{
	MemoryContext context;

	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	pqsignal(SIGTERM, die);
	BackgroundWorkerUnblockSignals();
	BackgroundWorkerInitializeConnection(NULL, NULL, 0);

	MemoryContextSwitchTo(TopMemoryContext);
	for (;;)
	{
		listeners = dsql_http_listen();
		if (listeners != NIL)
			break;
		(void) WaitLatch(MyLatch,
						 WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
						 LISTEN_RETRY, PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
		dsql_worker_process_signals();
	}
	start_library();

	context = AllocSetContextCreate(TopMemoryContext, "dsql_emu API server",
									ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(context);
	for (;;)
	{
		dsql_worker_process_signals();
		serve();
		MemoryContextReset(context);
	}
}
