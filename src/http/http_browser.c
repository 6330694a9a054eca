/*
 * http_browser.c
 *		Keep web pages away from the control plane.
 *
 * A browser on a developer's machine lets any page send requests to this
 * server.  Whenever a page could do harm or read the answer, the browser names
 * the page's origin.  So a request with an origin is refused unless a setting
 * allows it.  The service's own clients send none.
 *
 * A page can also have its host name resolved to this machine (DNS rebinding).
 * For the browser it then has the server's own origin.  So the name that the
 * client used must be one that no outsider can point here.
 */
#include "postgres.h"

#include "auth/policy.h"
#include "auth/sigv4.h"
#include "base/settings.h"
#include "http/http.h"

/*
 * The host in a Host header, without port, brackets and the root's dot.
 */
static char *
host_name(const char *header)
{
	char	   *host;

	if (header[0] == '[')
		return pnstrdup(header + 1, strcspn(header + 1, "]"));
	host = pnstrdup(header, strcspn(header, ":"));
	if (host[0] != '\0' && host[strlen(host) - 1] == '.')
		host[strlen(host) - 1] = '\0';
	return host;
}

static bool
is_our_host(const char *header)
{
	char	   *host = host_name(header);

	return pg_strcasecmp(host, "localhost") == 0 ||
		dsql_http_listens_on(host) ||
		dsql_policy_match_list("*.amazonaws.com, *.api.aws", host, true) ||
		dsql_policy_match_list(dsql_settings_api_allowed_hosts, host, true);
}

HttpError
dsql_http_check_browser(const HttpRequest *request)
{
	ListCell   *cell;

	foreach(cell, request->headers)
	{
		DsqlHeader *header = lfirst(cell);

		if (pg_strcasecmp(header->name, "Origin") == 0 &&
			!dsql_policy_match_list(dsql_settings_api_allowed_origins,
									header->value, true))
			return HTTP_FOREIGN_ORIGIN;
		if (pg_strcasecmp(header->name, "Host") == 0 &&
			!is_our_host(header->value))
			return HTTP_UNKNOWN_HOST;
	}
	return HTTP_OK;
}
