/*
 * http_response.c
 *		Error responses of the control plane's HTTP server.
 *
 * Clients read the name of an exception from a header, and its members from
 * the body, which is always a JSON object.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/fmgrprotos.h"
#include "utils/json.h"

#include "http/http.h"

typedef struct ErrorInfo
{
	int			status;
	const char *reason;			/* in HTTP's status line */
	const char *name;
	const char *message;
} ErrorInfo;

static const ErrorInfo errors[] = {
	[HTTP_OK] = {200, "OK", NULL, ""},
	[HTTP_MALFORMED] =
	{400, "Bad Request", "MalformedHttpRequestException", "The request is malformed."},
	[HTTP_MISSING_SIGNATURE] =
	{403, "Forbidden", "MissingAuthenticationTokenException", "The request is not signed."},
	[HTTP_INCOMPLETE_SIGNATURE] =
	{403, "Forbidden", "IncompleteSignature", "The signature of the request is not of the form that AWS Signature Version 4 has."},
	[HTTP_UNKNOWN_KEY] =
	{403, "Forbidden", "UnrecognizedClientException", "The security token included in the request is invalid."},
	[HTTP_WRONG_SIGNATURE] =
	{403, "Forbidden", "InvalidSignatureException", "The signature of the request is not what its content and the secret access key give."},
	[HTTP_WRONG_TIME] =
	{403, "Forbidden", "InvalidSignatureException", "The request was signed more than 15 minutes before or after now."},
	[HTTP_FOREIGN_ORIGIN] =
	{403, "Forbidden", "AccessDeniedException", "The request is from a web page whose origin is not in the setting dsql_emu.api_allowed_origins."},
	[HTTP_UNKNOWN_HOST] =
	{403, "Forbidden", "AccessDeniedException", "The request is for a host that is not in the setting dsql_emu.api_allowed_hosts."},
	[HTTP_UNKNOWN_OPERATION] =
	{404, "Not Found", "UnknownOperationException", "There is no such operation."},
	[HTTP_WRONG_METHOD] =
	{405, "Method Not Allowed", "UnknownOperationException", "There is no such operation with this method."},
	[HTTP_TIMEOUT] =
	{408, "Request Timeout", "RequestTimeoutException", "The request did not arrive in time."},
	[HTTP_BODY_TOO_LARGE] =
	{413, "Content Too Large", "RequestEntityTooLargeException", "The body of the request is larger than 1 MiB."},
	[HTTP_URI_TOO_LONG] =
	{414, "URI Too Long", "MalformedHttpRequestException", "The target of the request is too long."},
	[HTTP_WRONG_CONTENT_TYPE] =
	{415, "Unsupported Media Type", "UnsupportedMediaTypeException", "The content type of the request must be application/json."},
	[HTTP_HEADERS_TOO_LARGE] =
	{431, "Request Header Fields Too Large", "MalformedHttpRequestException", "The headers of the request are too large."},
	[HTTP_FAILURE] =
	{500, "Internal Server Error", "InternalServerException", "The emulator failed; the log of its server says why."},
	[HTTP_NOT_IMPLEMENTED] =
	{501, "Not Implemented", "MalformedHttpRequestException", "The request needs something that the emulator does not have."},
	[HTTP_UNAVAILABLE] =
	{503, "Service Unavailable", "ServiceUnavailable", "The emulator's database is not available; the log of its server says why."},
	[HTTP_WRONG_VERSION] =
	{505, "HTTP Version Not Supported", "MalformedHttpRequestException", "The version of HTTP is not supported."},
};

void
dsql_http_error(HttpResponse *response, HttpError error)
{
	const ErrorInfo *info = &errors[error];

	dsql_http_exception(response, info->status, info->name, info->message,
						NULL);
}

HttpError
dsql_http_error_of_status(int status)
{
	for (int i = 0; i < lengthof(errors); i++)
		if (errors[i].status == status)
			return (HttpError) i;
	return status < 500 ? HTTP_MALFORMED : HTTP_FAILURE;
}

void
dsql_http_exception(HttpResponse *response, int status, const char *name,
					const char *message, const char *members)
{
	response->status = status;
	response->error = name;
	initStringInfo(&response->body);
	appendStringInfoString(&response->body, "{\"message\": ");
	escape_json(&response->body, message);
	if (members != NULL && strcmp(members, "{}") != 0)
		appendStringInfo(&response->body, ", %s", members + 1);
	else
		appendStringInfoChar(&response->body, '}');
}

char *
dsql_http_request_id(void)
{
	Datum		uuid = DirectFunctionCall1(gen_random_uuid, (Datum) 0);

	return DatumGetCString(DirectFunctionCall1(uuid_out, uuid));
}

char *
dsql_http_error_text(HttpError error)
{
	HttpResponse response;

	dsql_http_error(&response, error);
	return psprintf("HTTP/1.1 %d %s\r\n"
					"Connection: close\r\n"
					"Content-Type: application/json\r\n"
					"Content-Length: %d\r\n"
					"x-amzn-ErrorType: %s\r\n"
					"x-amzn-RequestId: %s\r\n"
					"\r\n%s",
					response.status, errors[error].reason, response.body.len,
					response.error, dsql_http_request_id(),
					response.body.data);
}
