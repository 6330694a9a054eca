/*
 * http.h
 *		The control plane over HTTP, for unmodified clients of the service.
 *
 * Two processes serve it.  The server (http_server.c) listens, reads requests
 * and writes responses, and is connected to no database; the worker
 * (http_worker.c) is connected to dsql_emu.api_database and calls the operation
 * that a request is for, each in one transaction of its own.  The worker is
 * there only while there is something to do: nobody who drops or copies the
 * database has to know of it.
 *
 * What travels between them and the client is described here.
 */
#ifndef DSQL_HTTP_H
#define DSQL_HTTP_H

#include "lib/stringinfo.h"
#include "nodes/pg_list.h"

#include "auth/access_key.h"

/* Bytes that the body of a request can have. */
#define DSQL_HTTP_MAX_BODY (1024 * 1024)

typedef struct HttpRequest
{
	const char *method;
	const char *target;			/* path and query, as they were sent */
	List	   *headers;		/* of DsqlHeader, as they were sent */
	StringInfoData body;
	bool		body_too_large; /* it is not all in "body" */
	const char *source_ip;		/* where it came from */
} HttpRequest;

typedef struct HttpResponse
{
	int			status;
	const char *error;			/* name of the exception; NULL if there is
								 * none */
	StringInfoData body;
} HttpResponse;

/*
 * The operation that a request is for.
 */
typedef struct HttpCall
{
	const HttpRequest *request;
	const char *operation;
	const char *members;		/* those in path and query, as a JSON object */
	bool		has_body;		/* the body has others */
	const char *region;			/* NULL for that of the settings */
	const char *account;		/* NULL for that of the settings */
} HttpCall;

/*
 * What is wrong with a request before any operation is called, or with the
 * emulator: errors that all services of AWS have in common.
 */
typedef enum HttpError
{
	HTTP_OK,
	HTTP_MALFORMED,
	HTTP_MISSING_SIGNATURE,
	HTTP_INCOMPLETE_SIGNATURE,
	HTTP_UNKNOWN_KEY,
	HTTP_WRONG_SIGNATURE,
	HTTP_WRONG_TIME,
	HTTP_FOREIGN_ORIGIN,
	HTTP_UNKNOWN_HOST,
	HTTP_UNKNOWN_OPERATION,
	HTTP_WRONG_METHOD,
	HTTP_TIMEOUT,
	HTTP_BODY_TOO_LARGE,
	HTTP_URI_TOO_LONG,
	HTTP_WRONG_CONTENT_TYPE,
	HTTP_HEADERS_TOO_LARGE,
	HTTP_FAILURE,
	HTTP_NOT_IMPLEMENTED,
	HTTP_UNAVAILABLE,
	HTTP_WRONG_VERSION
} HttpError;

/* http.c: have the postmaster start the server, if there is a port for it. */
extern void dsql_http_register(void);

/*
 * http_listen.c: the sockets that listen for connections, as the settings say;
 * NIL if none can be had.  The log tells where they are, or why not.
 */
extern List *dsql_http_listen(void);

/* Is a host that a client has come by an address of one of these? */
extern bool dsql_http_listens_on(const char *host);

/* http_browser.c: is the request one that a web page has no part in? */
extern HttpError dsql_http_check_browser(const HttpRequest *request);

/* http_request.c: which operation is a request for? */
extern HttpError dsql_http_decode(const HttpRequest *request, HttpCall *call);

/*
 * http_sign.c: Region and account as a request's signature says; and is it by
 * a key that we know, and which?  The second needs a transaction.
 */
extern HttpError dsql_http_read_signature(HttpCall *call);
extern HttpError dsql_http_verify_signature(HttpCall *call,
											DsqlAccessKey **key);

/*
 * http_response.c: answer with an error, as a response or as all the bytes of
 * one after which nothing follows, palloc'd; and which one HTTP's status means.
 */
extern void dsql_http_error(HttpResponse *response, HttpError error);
extern char *dsql_http_error_text(HttpError error);
extern HttpError dsql_http_error_of_status(int status);

/*
 * Answer with an exception of the service.  The members are a JSON object of
 * those that it has beside the message; NULL is none.
 */
extern void dsql_http_exception(HttpResponse *response, int status,
								const char *name, const char *message,
								const char *members);

/* A new identifier of a request, palloc'd. */
extern char *dsql_http_request_id(void);

/*
 * http_channel.c: let the worker call the operation, and wait for it; and let
 * go of the worker, after an error.
 */
extern void dsql_http_call(const HttpCall *call, HttpResponse *response);
extern void dsql_http_close_channel(void);

#endif							/* DSQL_HTTP_H */
