/*
 * dialect_setting.c
 *		SET, RESET, SHOW and set_config().
 *
 * The service knows PostgreSQL's settings, and shows them all, but only the
 * few in allowed_settings[] can be set.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/guc.h"

#include "base/refuse.h"
#include "base/server_patch.h"
#include "base/session.h"
#include "dialect/dialect.h"

static const char *const allowed_settings[] = {
	"amzn_cluster_id",
	"application_name",
	"client_encoding",
	"datestyle",
	"disable_sync_create_index",
	"dsql.enable_batched_nestloop",
	"enable_bitmapscan",
	"enable_hashjoin",
	"enable_indexonlyscan",
	"enable_indexscan",
	"enable_material",
	"enable_mergejoin",
	"enable_nestloop",
	"enable_seqscan",
	"extra_float_digits",
	"intervalstyle",
	"search_path",
	"timezone",
};

/*
 * May a session set this, by whatever means?  The role can be set for a
 * transaction only, which is not this function's to say.
 */
bool
dsql_dialect_setting_allowed(const char *name)
{
	for (int i = 0; i < lengthof(allowed_settings); i++)
	{
		if (pg_strcasecmp(name, allowed_settings[i]) == 0)
			return true;
	}

	/* The emulator's own are not the service's business. */
	return pg_strncasecmp(name, "dsql_emu.", strlen("dsql_emu.")) == 0;
}

void
dsql_dialect_check_set_config(const char *name, bool is_local)
{
	if (!dsql_dialect_setting_allowed(name) &&
		!(is_local && pg_strcasecmp(name, "role") == 0))
		dsql_refuse(RULE_SETTING, name);
}

/*
 * SET TRANSACTION and SET SESSION CHARACTERISTICS.  Of the former the service
 * looks at the isolation level before it refuses it whole.
 */
static void
check_set_modes(VariableSetStmt *stmt)
{
	bool		session = strcmp(stmt->name, "SESSION CHARACTERISTICS") == 0;

	if (session || strcmp(stmt->name, "TRANSACTION") == 0)
		dsql_dialect_check_transaction_modes(stmt->args);
	if (!session)
		dsql_refuse(RULE_SETTING, stmt->name);
}

/*
 * These can be set back, but not set.
 */
static bool
reset_allowed(const char *name)
{
	return dsql_dialect_setting_allowed(name) ||
		pg_strcasecmp(name, "role") == 0 ||
		pg_strcasecmp(name, "session_authorization") == 0;
}

void
dsql_dialect_check_set(ParseState *pstate, VariableSetStmt *stmt)
{
	switch (stmt->kind)
	{
		case VAR_SET_VALUE:
		case VAR_SET_CURRENT:
			dsql_dialect_check_set_config(stmt->name, stmt->is_local);
			break;
		case VAR_SET_DEFAULT:
			if (!reset_allowed(stmt->name))
				dsql_refuse(RULE_SETTING, stmt->name);
			break;
		case VAR_SET_MULTI:
			check_set_modes(stmt);
			break;
		case VAR_RESET:

			/*
			 * RESET TRANSACTION ISOLATION LEVEL is accepted.
			 */
			if (!reset_allowed(stmt->name) &&
				pg_strcasecmp(stmt->name, "transaction_isolation") != 0)
				dsql_refuse(RULE_SETTING, stmt->name);
			break;
		case VAR_RESET_ALL:
			break;
	}
}

/*
 * Is the setting newer than 16?
 */
static bool
is_later_setting(const char *name)
{
	size_t		length = strlen(name);
	const char *later = DSQL_LATER_SETTINGS;

	while (length > 0 && *later != '\0')
	{
		size_t		next = strcspn(later, ",");

		if (next == length && pg_strncasecmp(later, name, length) == 0)
			return true;
		later += next;
		later += strspn(later, ",");
	}
	return false;
}

void
dsql_dialect_check_show_name(const char *name)
{
	/* They went with PostgreSQL 16. */
	if (pg_strcasecmp(name, "lc_collate") == 0 ||
		pg_strcasecmp(name, "lc_ctype") == 0)
		dsql_refuse(RULE_SETTING_ABSENT, name);
	if (is_later_setting(name))
		dsql_refuse(RULE_VERSION_SETTING, name);
}

void
dsql_dialect_check_show(ParseState *pstate, VariableShowStmt *stmt)
{
	dsql_dialect_check_show_name(stmt->name);
}

/*
 * In the place of the server's set_config(), whoever calls it: the rule of the
 * view pg_settings does as well.
 */
PG_FUNCTION_INFO_V1(dsql_set_config);
Datum
dsql_set_config(PG_FUNCTION_ARGS)
{
	if (!dsql_session_plain && dsql_session_checked() && !PG_ARGISNULL(0))
		dsql_dialect_check_set_config(text_to_cstring(PG_GETARG_TEXT_PP(0)),
									  !PG_ARGISNULL(2) && PG_GETARG_BOOL(2));
	return set_config_by_name(fcinfo);
}

void
dsql_dialect_setting_install(void)
{
	PGFunction	original;

	if (!dsql_server_patch_function(F_SET_CONFIG, dsql_set_config, &original))
		ereport(WARNING,
				(errcode(ERRCODE_SYSTEM_ERROR),
				 errmsg("could not change the list of functions: %m"),
				 errdetail("On this server set_config() sets what the service does not let its users set.")));
}
