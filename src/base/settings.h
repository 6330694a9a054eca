/*
 * settings.h
 *		Every setting of the extension but those of limits.
 *
 * The rows are in settinglist.h.
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

typedef enum DsqlExplain
{
	DSQL_EXPLAIN_SERVICE,
	DSQL_EXPLAIN_POSTGRESQL
}			DsqlExplain;

typedef enum DsqlSchemaConflicts
{
	DSQL_SCHEMA_CONFLICTS_OFF,
	DSQL_SCHEMA_CONFLICTS_ON,
	DSQL_SCHEMA_CONFLICTS_STRICT
}			DsqlSchemaConflicts;

typedef enum DsqlApiAuth
{
	DSQL_API_AUTH_OFF,
	DSQL_API_AUTH_VERIFY
}			DsqlApiAuth;

typedef enum DsqlClusterKind
{
	DSQL_CLUSTER_KIND_SCHEMA,
	DSQL_CLUSTER_KIND_DATABASE
}			DsqlClusterKind;

#define DSQL_BOOL_SETTING(variable, ...) \
	extern PGDLLIMPORT bool dsql_settings_##variable;
#define DSQL_INT_SETTING(variable, ...) \
	extern PGDLLIMPORT int dsql_settings_##variable;
#define DSQL_ENUM_SETTING(variable, ...) \
	extern PGDLLIMPORT int dsql_settings_##variable;
#define DSQL_STRING_SETTING(variable, ...) \
	extern PGDLLIMPORT char *dsql_settings_##variable;
#include "base/settinglist.h"
#undef DSQL_BOOL_SETTING
#undef DSQL_INT_SETTING
#undef DSQL_ENUM_SETTING
#undef DSQL_STRING_SETTING

extern void dsql_settings_define(void);

#endif							/* DSQL_SETTINGS_H */
