/*
 * http_request.c
 *		Route an HTTP request to an operation of the control plane.
 *
 * The target is matched as it was sent, because '/' and "%2F" differ: an ARN
 * is one label of a path.  Each label and each parameter of the query is then
 * decoded on its own.  A plain '/' in an ARN is accepted as well, since some
 * proxies decode targets.
 *
 * Values are checked only for what could not be handed on: they must be UTF-8
 * without NUL.
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "utils/json.h"

#include "auth/sigv4.h"
#include "base/percent.h"
#include "http/http.h"

/*
 * A label is the name of a member in braces; with a '+' it is the rest of the
 * path.
 */
typedef struct Route
{
	const char *method;
	const char *path;
	const char *operation;
} Route;

static const Route routes[] = {
	{"POST", "/cluster", "CreateCluster"},
	{"GET", "/cluster", "ListClusters"},
	{"GET", "/cluster/{identifier}", "GetCluster"},
	{"POST", "/cluster/{identifier}", "UpdateCluster"},
	{"DELETE", "/cluster/{identifier}", "DeleteCluster"},
	{"POST", "/cluster/{identifier}/policy", "PutClusterPolicy"},
	{"GET", "/cluster/{identifier}/policy", "GetClusterPolicy"},
	{"DELETE", "/cluster/{identifier}/policy", "DeleteClusterPolicy"},
	{"GET", "/clusters/{identifier}/vpc-endpoint-service-name", "GetVpcEndpointServiceName"},
	{"POST", "/stream/{clusterIdentifier}", "CreateStream"},
	{"GET", "/stream/{clusterIdentifier}", "ListStreams"},
	{"GET", "/stream/{clusterIdentifier}/{streamIdentifier}", "GetStream"},
	{"DELETE", "/stream/{clusterIdentifier}/{streamIdentifier}", "DeleteStream"},
	{"GET", "/tags/{resourceArn+}", "ListTagsForResource"},
	{"POST", "/tags/{resourceArn+}", "TagResource"},
	{"DELETE", "/tags/{resourceArn+}", "UntagResource"},
};

/*
 * The parameters of queries.  An operation that takes a body takes none, and
 * one that does not have a parameter ignores it.
 */
typedef struct Parameter
{
	const char *name;
	const char *member;
	bool		list;			/* it can be repeated */
} Parameter;

static const Parameter parameters[] = {
	{"client-token", "clientToken", false},
	{"expected-policy-version", "expectedPolicyVersion", false},
	{"max-results", "maxResults", false},
	{"next-token", "nextToken", false},
	{"tagKeys", "tagKeys", true},
};

/*
 * Decode percent escapes.  NULL if there is one that is none, or if the result
 * is not a string in UTF-8.
 */
static char *
decode(const char *string, int length)
{
	char	   *result = dsql_percent_decode(string, length);

	return result != NULL &&
		pg_verify_mbstr(PG_UTF8, result, strlen(result), true) ? result : NULL;
}

/*
 * Is the path one of this route?  Then tell its labels, as they were sent.
 */
static bool
match(const Route *route, const char *path, const char *end, List **labels)
{
	const char *pattern = route->path;

	*labels = NIL;
	while (*pattern != '\0')
	{
		if (*pattern == '{')
		{
			const char *close = strchr(pattern, '}');
			bool		rest = close[-1] == '+';
			const char *value = path;
			DsqlParameter *label = palloc(sizeof(DsqlParameter));

			while (path < end && (rest || *path != '/'))
				path++;
			label->name = pnstrdup(pattern + 1,
								   close - pattern - (rest ? 2 : 1));
			label->value = pnstrdup(value, path - value);
			*labels = lappend(*labels, label);
			pattern = close + 1;
		}
		else if (path < end && *path == *pattern)
		{
			path++;
			pattern++;
		}
		else
			return false;
	}
	return path == end;
}

static void
put_member(StringInfo json, const char *name, const char *value)
{
	if (json->len > 1)
		appendStringInfoString(json, ", ");
	escape_json(json, name);
	appendStringInfoString(json, ": ");
	if (value != NULL)
		escape_json(json, value);
}

/*
 * Put a parameter of the query into the members.  Where one that is no list is
 * repeated, the object has the member twice, which is found to be wrong like
 * any other such object.
 */
static HttpError
put_parameter(StringInfo json, const char *query, const char *end,
			  List **keys)
{
	const char *equals = memchr(query, '=', end - query);
	char	   *name = decode(query, (equals ? equals : end) - query);
	char	   *value = equals ? decode(equals + 1, end - equals - 1) : "";

	if (name == NULL || value == NULL)
		return HTTP_MALFORMED;
	for (int i = 0; i < lengthof(parameters); i++)
	{
		if (strcmp(name, parameters[i].name) != 0)
			continue;
		if (parameters[i].list)
			*keys = lappend(*keys, value);
		else
			put_member(json, parameters[i].member, value);
	}
	return HTTP_OK;
}

static HttpError
put_query(StringInfo json, const char *query)
{
	List	   *keys = NIL;
	ListCell   *cell;

	while (*query != '\0')
	{
		const char *end = query + strcspn(query, "&");
		HttpError	error = put_parameter(json, query, end, &keys);

		if (error != HTTP_OK)
			return error;
		query = *end == '&' ? end + 1 : end;
	}
	if (keys == NIL)
		return HTTP_OK;

	put_member(json, "tagKeys", NULL);
	foreach(cell, keys)
	{
		appendStringInfoString(json, cell == list_head(keys) ? "[" : ", ");
		escape_json(json, lfirst(cell));
	}
	appendStringInfoChar(json, ']');
	return HTTP_OK;
}

/*
 * The route for a request.  If there is none, whether there is one with
 * another method.
 */
static HttpError
find_route(const HttpRequest *request, const Route **route, List **labels)
{
	const char *end = request->target + strcspn(request->target, "?");
	HttpError	error = HTTP_UNKNOWN_OPERATION;

	for (int i = 0; i < lengthof(routes); i++)
	{
		if (!match(&routes[i], request->target, end, labels))
			continue;
		error = HTTP_WRONG_METHOD;
		*route = &routes[i];
		if (strcmp((*route)->method, request->method) == 0)
			return HTTP_OK;
	}
	return error;
}

static bool
is_json(const char *type)
{
	int			length = strlen("application/json");

	return pg_strncasecmp(type, "application/json", length) == 0 &&
		(type[length] == '\0' || strchr("; \t", type[length]) != NULL);
}

/*
 * A request that can have a body has to say that it is JSON, even where it is
 * empty.  Browsers let no page of another site say so without asking us first.
 */
static HttpError
check_content_type(const HttpRequest *request)
{
	ListCell   *cell;

	if (strcmp(request->method, "POST") != 0 && request->body.len == 0)
		return HTTP_OK;
	foreach(cell, request->headers)
	{
		DsqlHeader *header = lfirst(cell);

		if (pg_strcasecmp(header->name, "Content-Type") == 0)
			return is_json(header->value) ? HTTP_OK : HTTP_WRONG_CONTENT_TYPE;
	}
	return HTTP_WRONG_CONTENT_TYPE;
}

HttpError
dsql_http_decode(const HttpRequest *request, HttpCall *call)
{
	const char *query = strchr(request->target, '?');
	const Route *route;
	List	   *labels;
	StringInfoData members;
	ListCell   *cell;
	HttpError	error;

	memset(call, 0, sizeof(*call));
	call->request = request;
	error = dsql_http_check_browser(request);
	if (error == HTTP_OK)
		error = dsql_http_read_signature(call);
	if (error == HTTP_OK)
		error = find_route(request, &route, &labels);
	if (error != HTTP_OK)
		return error;
	call->operation = route->operation;

	initStringInfo(&members);
	appendStringInfoChar(&members, '{');
	foreach(cell, labels)
	{
		DsqlParameter *label = lfirst(cell);
		char	   *value = decode(label->value, strlen(label->value));

		if (value == NULL)
			return HTTP_MALFORMED;
		put_member(&members, label->name, value);
	}
	if (request->body_too_large)
		error = HTTP_BODY_TOO_LARGE;
	else
		error = check_content_type(request);
	if (error == HTTP_OK && strcmp(route->method, "POST") == 0)
		call->has_body = request->body.len > 0;
	else if (error == HTTP_OK && query != NULL)
		error = put_query(&members, query + 1);
	appendStringInfoChar(&members, '}');
	call->members = members.data;
	return error;
}
