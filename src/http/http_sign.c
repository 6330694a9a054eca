/*
 * http_sign.c
 *		Who signed an HTTP request to the control plane, and for which Region?
 *
 * The scope of a signature is ACCESS-KEY/DATE/REGION/dsql/aws4_request.
 * Unless dsql_emu.api_auth is verify, the scope is taken from the request
 * without checking the signature.  Clients then need no key of ours, and an
 * access key of twelve digits is taken for the account.
 */
#include "postgres.h"

#include "auth/access_key.h"
#include "auth/sigv4.h"
#include "base/clock.h"
#include "base/identifier.h"
#include "http/http.h"

static DsqlRequestVerdict
read_signature(const HttpRequest *request, DsqlSignedRequest *signed_request,
			   DsqlRequestSignature *signature)
{
	DsqlHeader *headers = palloc(sizeof(DsqlHeader) *
								 Max(list_length(request->headers), 1));
	ListCell   *cell;

	memset(signed_request, 0, sizeof(*signed_request));
	signed_request->method = request->method;
	signed_request->target = request->target;
	foreach(cell, request->headers)
		headers[signed_request->nheaders++] = *(DsqlHeader *) lfirst(cell);
	signed_request->headers = headers;
	signed_request->body = request->body.data;
	signed_request->body_length = request->body.len;
	return dsql_sigv4_read_request(signed_request, signature);
}

HttpError
dsql_http_read_signature(HttpCall *call)
{
	DsqlSignedRequest request;
	DsqlRequestSignature signature;
	DsqlCredential *credential = &signature.credential;

	switch (read_signature(call->request, &request, &signature))
	{
		case DSQL_REQUEST_UNSIGNED:
			return HTTP_OK;
		case DSQL_REQUEST_SIGNED:
			if (!dsql_identifier_region_valid(credential->region))
				return HTTP_INCOMPLETE_SIGNATURE;
			call->region = credential->region;
			if (dsql_identifier_account_valid(credential->access_key))
				call->account = credential->access_key;
			return HTTP_OK;
		default:
			return HTTP_INCOMPLETE_SIGNATURE;
	}
}

HttpError
dsql_http_verify_signature(HttpCall *call, DsqlAccessKey **key)
{
	DsqlSignedRequest request;
	DsqlRequestSignature signature;
	DsqlIamArn	caller;

	if (read_signature(call->request, &request, &signature) != DSQL_REQUEST_SIGNED)
		return HTTP_MISSING_SIGNATURE;
	if (dsql_access_key_problem(signature.credential.access_key,
								signature.session_token, key) != NULL)
		return HTTP_UNKNOWN_KEY;
	switch (dsql_sigv4_check_request(&request, &signature, (*key)->secret,
									 dsql_clock_now()))
	{
		case DSQL_REQUEST_SIGNED:
			if (dsql_identifier_iam_arn_parse((*key)->arn, &caller))
				call->account = caller.account;
			return HTTP_OK;
		case DSQL_REQUEST_TOO_OLD:
		case DSQL_REQUEST_TOO_NEW:
			return HTTP_WRONG_TIME;
		default:
			return HTTP_WRONG_SIGNATURE;
	}
}
