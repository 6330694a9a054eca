/*
 * http_listen.c
 *		Where the control plane's HTTP server listens.
 *
 * Names are looked up once, when the server starts.
 */
#include "postgres.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/ip.h"
#include "utils/varlena.h"

#include "base/settings.h"
#include "http/http.h"

/* Connections that wait to be accepted; the kernel may have a lower limit. */
#define BACKLOG 4096

/* What there is a socket for: names, and addresses as getnameinfo() has them. */
static List *hosts = NIL;

/*
 * Listen on one address that a name stands for.  Returns what failed, or NULL.
 */
static const char *
listen_on(const struct addrinfo *address, List **listeners)
{
	pgsocket	listener;
	int			on = 1;

	listener = socket(address->ai_family, SOCK_STREAM, 0);
	if (listener == PGINVALID_SOCKET)
		return "create a socket for";
	(void) setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (address->ai_family == AF_INET6)
		(void) setsockopt(listener, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(listener, address->ai_addr, address->ai_addrlen) < 0 ||
		listen(listener, BACKLOG) < 0 || !pg_set_noblock(listener))
	{
		int			save_errno = errno;

		closesocket(listener);
		errno = save_errno;
		return "bind";
	}
	(void) fcntl(listener, F_SETFD, FD_CLOEXEC);
	*listeners = lappend_int(*listeners, listener);
	return NULL;
}

static void
listen_on_name(char *name, List **listeners)
{
	struct addrinfo hints = {
		.ai_flags = AI_PASSIVE,
		.ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM
	};
	struct addrinfo *found = NULL;
	char		port[12];
	int			result;

	snprintf(port, sizeof(port), "%d", dsql_settings_api_port);
	result = pg_getaddrinfo_all(strcmp(name, "*") == 0 ? NULL : name, port,
								&hints, &found);
	if (result != 0)
	{
		ereport(LOG,
				(errmsg("could not translate host name \"%s\" to an address: %s",
						name, gai_strerror(result))));
		return;
	}
	for (struct addrinfo *address = found; address; address = address->ai_next)
	{
		char		host[NI_MAXHOST];
		const char *failed;
		bool		in_use;

		pg_getnameinfo_all((struct sockaddr_storage *) address->ai_addr,
						   address->ai_addrlen, host, sizeof(host), NULL, 0,
						   NI_NUMERICHOST);
		failed = listen_on(address, listeners);
		in_use = failed != NULL && errno == EADDRINUSE;
		if (failed == NULL)
		{
			hosts = lappend(hosts, pstrdup(host));
			ereport(LOG,
					(errmsg("the control plane of dsql_emu listens for HTTP on address \"%s\", port %d",
							host, dsql_settings_api_port)));
		}
		else
			ereport(LOG,
					(errcode_for_socket_access(),
					 errmsg("could not %s address \"%s\", port %d, for the control plane of dsql_emu: %m",
							failed, host, dsql_settings_api_port),
					 in_use ?
					 errhint("Is another process listening there already? Set \"%s\" to a port that is free.",
							 "dsql_emu.api_port") : 0));
	}
	pg_freeaddrinfo_all(hints.ai_family, found);
}

List *
dsql_http_listen(void)
{
	char	   *names = pstrdup(dsql_settings_api_listen_addresses);
	List	   *listeners = NIL;
	List	   *list;
	ListCell   *cell;

	hosts = NIL;
	(void) SplitGUCList(names, ',', &list);
	foreach(cell, list)
	{
		listen_on_name(lfirst(cell), &listeners);
		if (strcmp(lfirst(cell), "*") != 0)
			hosts = lappend(hosts, lfirst(cell));
	}
	return listeners;
}

static bool
is_listened_on(const char *host)
{
	ListCell   *cell;

	foreach(cell, hosts)
		if (pg_strcasecmp(lfirst(cell), host) == 0)
		return true;
	return false;
}

/*
 * Where all addresses are listened on, any one is: the client has come to it,
 * perhaps by way of another machine that forwards a port.
 */
bool
dsql_http_listens_on(const char *host)
{
	struct addrinfo hints = {
		.ai_flags = AI_NUMERICHOST,
		.ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM
	};
	struct addrinfo *address = NULL;
	char		name[NI_MAXHOST];
	bool		found = false;

	if (is_listened_on(host))
		return true;
	if (pg_getaddrinfo_all(host, NULL, &hints, &address) != 0)
		return false;
	if (pg_getnameinfo_all((struct sockaddr_storage *) address->ai_addr,
						   address->ai_addrlen, name, sizeof(name), NULL, 0,
						   NI_NUMERICHOST) == 0)
		found = is_listened_on(name) || is_listened_on("0.0.0.0") ||
			is_listened_on("::");
	pg_freeaddrinfo_all(hints.ai_family, address);
	return found;
}
