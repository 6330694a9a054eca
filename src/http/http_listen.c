/*
 * http_listen.c
 *		Where the control plane's HTTP server listens.
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
	struct addrinfo *addresses = NULL;
	char		port[12];
	int			result;

	snprintf(port, sizeof(port), "%d", dsql_settings_api_port);
	result = pg_getaddrinfo_all(strcmp(name, "*") == 0 ? NULL : name, port,
								&hints, &addresses);
	if (result != 0)
	{
		ereport(LOG,
				(errmsg("could not translate host name \"%s\" to an address: %s",
						name, gai_strerror(result))));
		return;
	}
	for (struct addrinfo *address = addresses; address; address = address->ai_next)
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
			ereport(LOG,
					(errmsg("the control plane of dsql_emu listens for HTTP on address \"%s\", port %d",
							host, dsql_settings_api_port)));
		else
			ereport(LOG,
					(errcode_for_socket_access(),
					 errmsg("could not %s address \"%s\", port %d, for the control plane of dsql_emu: %m",
							failed, host, dsql_settings_api_port),
					 in_use ?
					 errhint("Is another process listening there already? Set \"%s\" to a port that is free.",
							 "dsql_emu.api_port") : 0));
	}
	pg_freeaddrinfo_all(hints.ai_family, addresses);
}

List *
dsql_http_listen(void)
{
	char	   *names = pstrdup(dsql_settings_api_listen_addresses);
	List	   *listeners = NIL;
	List	   *list;
	ListCell   *cell;

	if (!SplitGUCList(names, ',', &list))
		ereport(FATAL,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid list syntax in parameter \"%s\"",
						"dsql_emu.api_listen_addresses")));
	foreach(cell, list)
		listen_on_name(lfirst(cell), &listeners);
	list_free(list);
	pfree(names);
	return listeners;
}
