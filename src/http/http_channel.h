/*
 * http_channel.h
 *		How the HTTP server and its worker talk to each other.
 *
 * The server makes a piece of shared memory with one queue in each direction
 * and starts a worker with it.  It sends one call at a time and waits for the
 * answer.  A worker that has had nothing to do for a while closes the channel,
 * unless a call is under way, and ends; the next call gets a new one.
 */
#ifndef DSQL_HTTP_CHANNEL_H
#define DSQL_HTTP_CHANNEL_H

#include "lib/stringinfo.h"
#include "port/atomics.h"

#include "http/http.h"

#define DSQL_HTTP_MAGIC 0x6473716c

enum
{
	DSQL_HTTP_KEY_STATE,
	DSQL_HTTP_KEY_CALLS,		/* from the server to the worker */
	DSQL_HTTP_KEY_ANSWERS		/* from the worker to the server */
};

/* From OPEN the server goes to CALLED and the worker to CLOSED; who is first? */
typedef enum HttpChannelState
{
	HTTP_CHANNEL_OPEN,
	HTTP_CHANNEL_CALLED,
	HTTP_CHANNEL_CLOSED
}			HttpChannelState;

/* An answer with this status: somebody needs the database for himself. */
#define DSQL_HTTP_STATUS_AGAIN 0

/*
 * Calls and responses as messages.  What is unpacked points into the message.
 */
extern void dsql_http_pack_call(StringInfo message, const HttpCall *call);
extern void dsql_http_unpack_call(char *message, Size size, HttpCall *call);
extern void dsql_http_pack_response(StringInfo message,
									const HttpResponse *response);
extern void dsql_http_unpack_response(char *message, Size size,
									  HttpResponse *response);

#endif							/* DSQL_HTTP_CHANNEL_H */
