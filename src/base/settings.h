/*
 * settings.h
 *		Every setting of the extension.
 */
#ifndef DSQL_SETTINGS_H
#define DSQL_SETTINGS_H

typedef enum DsqlMode
{
	DSQL_MODE_OFF,
	DSQL_MODE_REPORT,
	DSQL_MODE_ENFORCE
} DsqlMode;

typedef enum DsqlAuth
{
	DSQL_AUTH_OFF,
	DSQL_AUTH_ANY,
	DSQL_AUTH_VERIFY
}			DsqlAuth;

/* Settings of the emulator, dsql_emu.*. */
extern int	dsql_settings_mode;
extern int	dsql_settings_analyze_interval;
extern bool dsql_settings_auto_analyze;
extern char *dsql_settings_debug_pause_point;
extern char *dsql_settings_debug_library_version;
extern int	dsql_settings_job_delay;
extern int	dsql_settings_job_retention;
extern int	dsql_settings_job_tries;
extern int	dsql_settings_job_workers;
extern bool dsql_settings_manual_jobs;
extern int	dsql_settings_max_databases;
extern int	dsql_settings_max_findings;
extern int	dsql_settings_max_row_marks;
typedef enum DsqlSchemaConflicts
{
	DSQL_SCHEMA_CONFLICTS_OFF,
	DSQL_SCHEMA_CONFLICTS_ON,
	DSQL_SCHEMA_CONFLICTS_STRICT
}			DsqlSchemaConflicts;

extern PGDLLIMPORT int dsql_settings_schema_conflicts;

/* Where clusters are. */
extern char *dsql_settings_region;
extern char *dsql_settings_account;

/* Which cluster a connection is for. */
extern char *dsql_settings_cluster_option;
extern char *dsql_settings_amzn_cluster_id;

/* How the clients of clusters are authenticated. */
extern int	dsql_settings_auth;
extern bool dsql_settings_accept_localhost;

/* How long the states of clusters and streams last, in milliseconds. */
extern int	dsql_settings_create_delay;
extern int	dsql_settings_update_delay;
extern int	dsql_settings_pending_delete_delay;
extern int	dsql_settings_delete_delay;
extern int	dsql_settings_wake_delay;

/* Quotas of the control plane. */
extern int	dsql_settings_max_single_region_clusters;
extern int	dsql_settings_max_multi_region_clusters;
extern int	dsql_settings_max_streams;
extern int	dsql_settings_max_tags;

/* Change streams: bytes, seconds, kilobytes. */
extern int	dsql_settings_stream_chunk_size;
extern int	dsql_settings_stream_disorder;
extern int	dsql_settings_stream_retention;
extern int	dsql_settings_stream_max_size;

/* The control plane over HTTP; times in milliseconds. */
typedef enum DsqlApiAuth
{
	DSQL_API_AUTH_OFF,
	DSQL_API_AUTH_VERIFY
}			DsqlApiAuth;

extern int	dsql_settings_api_auth;
extern int	dsql_settings_api_port;
extern char *dsql_settings_api_listen_addresses;
extern char *dsql_settings_api_allowed_hosts;
extern char *dsql_settings_api_allowed_origins;
extern char *dsql_settings_api_database;
extern int	dsql_settings_api_max_connections;
extern int	dsql_settings_api_idle_timeout;
extern int	dsql_settings_api_request_timeout;

/* Settings that the service itself has. */
extern bool dsql_settings_disable_sync_create_index;
extern bool dsql_settings_enable_batched_nestloop;

extern void dsql_settings_define(void);

#endif							/* DSQL_SETTINGS_H */
