/*
 * http.c
 *		The control plane over HTTP: whether it is there at all.
 *
 * The server is built only where libmicrohttpd is installed.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "postmaster/bgworker.h"

#include "base/background_worker.h"
#include "base/settings.h"
#include "http/http.h"

/* How long, in seconds, nobody listens after the server's process ended. */
#define RESTART_TIME 1

void
dsql_http_register(void)
{
#ifdef DSQL_WITH_MICROHTTPD
	BackgroundWorker server;

	if (dsql_settings_api_port == 0 || IsBinaryUpgrade)
		return;
	dsql_background_worker_describe(&server, "dsql_emu API server",
									"dsql_http_server_main");
	server.bgw_restart_time = RESTART_TIME;
	RegisterBackgroundWorker(&server);
#else
	if (dsql_settings_api_port != 0)
		ereport(LOG,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("the control plane of dsql_emu is not available over HTTP"),
				 errdetail("This build has no support for libmicrohttpd."),
				 errhint("Install libmicrohttpd with its headers and build dsql_emu again.")));
#endif
}
