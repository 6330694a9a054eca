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

#include "auth/authentication.h"
#include "auth/iam.h"
#include "auth/judge_channel.h"
#include "base/clock.h"
#include "base/cluster_counters.h"
#include "base/finding.h"
#include "base/limit.h"
#include "base/settings.h"
#include "cluster/cluster.h"
#include "cluster/cluster_maker.h"
#include "cluster/cluster_role.h"
#include "cluster/cluster_schema.h"
#include "cluster/cluster_sessions.h"
#include "cluster/cluster_view.h"
#include "cluster/confined_functions.h"
#include "cluster/connection_limits.h"
#include "cluster/search_path.h"
#include "dialect/dialect.h"
#include "dialect/syntax.h"
#include "environment.h"
#include "explain/dpu_track.h"
#include "hook.h"
#include "http/http.h"
#include "jobs/task_worker.h"
#include "jobs/implied_jobs.h"
#include "jobs/worker.h"
#include "jobs/worker_slots.h"
#include "occ/both_lose.h"
#include "occ/committer.h"
#include "occ/row_marks.h"
#include "stream/stream_capture.h"
#include "stream/stream_position.h"
#include "stream/stream_worker.h"
#include "transaction/conflict_log.h"
#include "transaction/ddl_preempt.h"
#include "transaction/injection.h"

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
	dsql_cluster_counters_shmem_request();
	dsql_cluster_sessions_shmem_request();
	dsql_connection_shmem_request();
	dsql_committer_shmem_request();
	dsql_row_marks_shmem_request();
	dsql_finding_shmem_request();
	dsql_implied_jobs_shmem_request();
	dsql_ddl_preempt_shmem_request();
	dsql_injection_shmem_request();
	dsql_conflict_log_shmem_request();
	dsql_both_lose_shmem_request();
	dsql_worker_slots_shmem_request();
	dsql_task_worker_shmem_request();
	dsql_judge_channel_shmem_request();
	dsql_stream_position_shmem_request();
	dsql_stream_worker_shmem_request();
}

static void
dsql_emu_shmem_startup(void)
{
	if (prev_shmem_startup_hook)
		prev_shmem_startup_hook();

	LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
	dsql_clock_shmem_init();
	dsql_cluster_counters_shmem_init();
	dsql_cluster_sessions_shmem_init();
	dsql_connection_shmem_init();
	dsql_committer_shmem_init();
	dsql_row_marks_shmem_init();
	dsql_finding_shmem_init();
	dsql_implied_jobs_shmem_init();
	dsql_ddl_preempt_shmem_init();
	dsql_injection_shmem_init();
	dsql_conflict_log_shmem_init();
	dsql_both_lose_shmem_init();
	dsql_worker_slots_shmem_init();
	dsql_task_worker_shmem_init();
	dsql_judge_channel_shmem_init();
	dsql_stream_position_shmem_init();
	dsql_stream_worker_shmem_init();
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

/*
 * What a job worker does when no job is due.
 */
static TimestampTz
database_duty(void)
{
	TimestampTz clean_up = dsql_cluster_schema_clean_up();

	return Min(clean_up, dsql_stream_worker_duty());
}

static TimestampTz
launcher_duty(void)
{
	TimestampTz end = dsql_connection_end_expired();

	return Min(end, dsql_stream_worker_announce_due());
}

void
_PG_init(void)
{
	require_preload();

	/* The second one reserves the prefix: what is undefined then is lost. */
	dsql_limit_define_settings();
	dsql_settings_define();

	prev_shmem_request_hook = shmem_request_hook;
	shmem_request_hook = dsql_emu_shmem_request;
	prev_shmem_startup_hook = shmem_startup_hook;
	shmem_startup_hook = dsql_emu_shmem_startup;

	dsql_worker_slots_install();
	dsql_cluster_install();
	dsql_cluster_maker_install();
	dsql_cluster_schema_set_purge(dsql_iam_forget_cluster);
	dsql_worker_set_duties(database_duty, launcher_duty);

	dsql_syntax_install();
	dsql_dialect_setting_install();
	dsql_dialect_definition_install();
	dsql_confined_functions_install();
	dsql_cluster_view_install();
	dsql_cluster_role_install();
	dsql_environment_install();
	dsql_dpu_track_install();
	dsql_authentication_install();
	dsql_judge_channel_install();
	dsql_search_path_install();
	dsql_ddl_preempt_install();
	dsql_stream_capture_install();
	dsql_stream_worker_install();
	dsql_hook_install();
	dsql_worker_register();
	dsql_http_register();
}
