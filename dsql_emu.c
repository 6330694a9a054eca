/*
 * dsql_emu.c
 *		Amazon Aurora DSQL's behaviour on a stock PostgreSQL server.
 *
 * This file only puts the parts together, in one visible order; see
 * doc/architecture.md for what they are.
 */
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"
#include "storage/ipc.h"
#include "storage/lwlock.h"

#include "src/authentication.h"
#include "src/clock.h"
#include "src/cluster.h"
#include "src/confine.h"
#include "src/conflict.h"
#include "src/connection.h"
#include "src/database.h"
#include "src/environment.h"
#include "src/finding.h"
#include "src/followup.h"
#include "src/hook.h"
#include "src/http.h"
#include "src/overtake.h"
#include "src/roster.h"
#include "src/search_path.h"
#include "src/settings.h"
#include "src/syntax.h"
#include "src/turn.h"
#include "src/worker.h"

PG_MODULE_MAGIC;

void		_PG_init(void);

static shmem_request_hook_type prev_shmem_request_hook = NULL;
static shmem_startup_hook_type prev_shmem_startup_hook = NULL;

static void
dsql_emu_shmem_request(void)
{
	if (prev_shmem_request_hook)
		prev_shmem_request_hook();

	dsql_clock_shmem_request();
	dsql_cluster_shmem_request();
	dsql_connection_shmem_request();
	dsql_conflict_shmem_request();
	dsql_database_shmem_request();
	dsql_finding_shmem_request();
	dsql_followup_shmem_request();
	dsql_overtake_shmem_request();
	dsql_roster_shmem_request();
	dsql_turn_shmem_request();
}

static void
dsql_emu_shmem_startup(void)
{
	if (prev_shmem_startup_hook)
		prev_shmem_startup_hook();

	LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
	dsql_clock_shmem_init();
	dsql_cluster_shmem_init();
	dsql_connection_shmem_init();
	dsql_conflict_shmem_init();
	dsql_database_shmem_init();
	dsql_finding_shmem_init();
	dsql_followup_shmem_init();
	dsql_overtake_shmem_init();
	dsql_roster_shmem_init();
	dsql_turn_shmem_init();
	LWLockRelease(AddinShmemInitLock);
}

/*
 * The library sees a connection before its database is open and gives out
 * shared memory: it has to be there from the server's start.
 */
static void
require_preload(void)
{
	if (!process_shared_preload_libraries_in_progress)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("dsql_emu must be loaded via shared_preload_libraries"),
				 errhint("Add \"dsql_emu\" to shared_preload_libraries in postgresql.conf and restart the server.")));
}

void
_PG_init(void)
{
	require_preload();

	dsql_settings_define();

	prev_shmem_request_hook = shmem_request_hook;
	shmem_request_hook = dsql_emu_shmem_request;
	prev_shmem_startup_hook = shmem_startup_hook;
	shmem_startup_hook = dsql_emu_shmem_startup;

	dsql_syntax_install();
	dsql_confine_install();
	dsql_environment_install();
	dsql_authentication_install();
	dsql_search_path_install();
	dsql_overtake_install();
	dsql_hook_install();
	dsql_worker_register();
	dsql_http_register();
}
