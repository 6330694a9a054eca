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
}			DsqlMode;

/* Settings of the emulator, dsql_emu.*. */
extern int	dsql_mode;
extern int	dsql_max_findings;
extern bool dsql_auto_analyze;
extern int	dsql_analyze_interval;
extern char *dsql_debug_pause_point;
extern int	dsql_job_delay;
extern int	dsql_job_retention;
extern int	dsql_job_workers;
extern bool dsql_manual_jobs;

/* Settings that the service itself has. */
extern bool dsql_disable_sync_create_index;
extern bool dsql_enable_batched_nestloop;

extern void dsql_settings_define(void);

#endif							/* DSQL_SETTINGS_H */
