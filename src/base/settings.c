/*
 * settings.c
 *		Every setting of the extension but those of limits.
 *
 * The settings of the emulator are named dsql_emu.*, because the service has
 * parameters of its own under "dsql.".  Each default is the behaviour of the
 * service.
 */
#include "postgres.h"

#include <limits.h>

#include "utils/guc.h"
#include "utils/varlena.h"

#include "base/identifier.h"
#include "base/settings.h"

#define DSQL_BOOL_SETTING(variable, name, boot, ...) \
	bool		dsql_settings_##variable = boot;
#define DSQL_INT_SETTING(variable, name, boot, ...) \
	int			dsql_settings_##variable = boot;
#define DSQL_ENUM_SETTING(variable, name, boot, ...) \
	int			dsql_settings_##variable = boot;
#define DSQL_STRING_SETTING(variable, ...) \
	char	   *dsql_settings_##variable = NULL;
#include "base/settinglist.h"
#undef DSQL_BOOL_SETTING
#undef DSQL_INT_SETTING
#undef DSQL_ENUM_SETTING
#undef DSQL_STRING_SETTING

static bool
check_region(char **newval, void **extra, GucSource source)
{
	if (dsql_identifier_region_valid(*newval))
		return true;
	GUC_check_errdetail("A Region has 1 to 20 lower-case letters, digits and hyphens.");
	return false;
}

static bool
check_account(char **newval, void **extra, GucSource source)
{
	if (dsql_identifier_account_valid(*newval))
		return true;
	GUC_check_errdetail("An account has 12 digits.");
	return false;
}

static bool
check_endpoint(char **newval, void **extra, GucSource source)
{
	if ((*newval)[0] == '\0')
		return true;
	if ((strncmp(*newval, "http://", 7) != 0 &&
		 strncmp(*newval, "https://", 8) != 0) ||
		strpbrk(*newval, "?# \t\r\n") != NULL)
	{
		GUC_check_errdetail("It is neither empty nor a URL that begins with \"http://\" or \"https://\".");
		return false;
	}
	return true;
}

/*
 * What goes into a header of HTTP.
 */
static bool
check_header_value(char **newval, void **extra, GucSource source)
{
	for (const char *c = *newval; *c != '\0'; c++)
		if (*c <= ' ' || *c > '~')
		{
			GUC_check_errdetail("It has characters that a header of HTTP cannot have.");
			return false;
		}
	return true;
}

static bool
check_list(char **newval, void **extra, GucSource source)
{
	char	   *copy = pstrdup(*newval);
	List	   *list;
	bool		valid = SplitGUCList(copy, ',', &list);

	list_free(list);
	pfree(copy);
	if (!valid)
		GUC_check_errdetail("List syntax is invalid.");
	return valid;
}

static const struct config_enum_entry mode_options[] = {
	{"enforce", DSQL_MODE_ENFORCE, false},
	{"report", DSQL_MODE_REPORT, false},
	{"off", DSQL_MODE_OFF, false},
	{NULL, 0, false}
};

static const struct config_enum_entry auth_options[] = {
	{"off", DSQL_AUTH_OFF, false},
	{"any", DSQL_AUTH_ANY, false},
	{"verify", DSQL_AUTH_VERIFY, false},
	{NULL, 0, false}
};

static const struct config_enum_entry explain_options[] = {
	{"service", DSQL_EXPLAIN_SERVICE, false},
	{"postgresql", DSQL_EXPLAIN_POSTGRESQL, false},
	{NULL, 0, false}
};

static const struct config_enum_entry schema_conflicts_options[] = {
	{"off", DSQL_SCHEMA_CONFLICTS_OFF, false},
	{"on", DSQL_SCHEMA_CONFLICTS_ON, false},
	{"strict", DSQL_SCHEMA_CONFLICTS_STRICT, false},
	{"false", DSQL_SCHEMA_CONFLICTS_OFF, true},
	{"true", DSQL_SCHEMA_CONFLICTS_ON, true},
	{NULL, 0, false}
};

static const struct config_enum_entry cluster_kind_options[] = {
	{"schema", DSQL_CLUSTER_KIND_SCHEMA, false},
	{"database", DSQL_CLUSTER_KIND_DATABASE, false},
	{NULL, 0, false}
};

static const struct config_enum_entry api_auth_options[] = {
	{"off", DSQL_API_AUTH_OFF, false},
	{"verify", DSQL_API_AUTH_VERIFY, false},
	{NULL, 0, false}
};

#define DSQL_BOOL_SETTING(variable, name, boot, context, flags, brief, more) \
	DefineCustomBoolVariable(name, brief, more, &dsql_settings_##variable, \
							 boot, context, flags, NULL, NULL, NULL);
#define DSQL_INT_SETTING(variable, name, boot, min, max, context, flags, \
						 brief, more) \
	DefineCustomIntVariable(name, brief, more, &dsql_settings_##variable, \
							boot, min, max, context, flags, NULL, NULL, NULL);
#define DSQL_ENUM_SETTING(variable, name, boot, options, context, flags, \
						  brief, more) \
	DefineCustomEnumVariable(name, brief, more, &dsql_settings_##variable, \
							 boot, options, context, flags, NULL, NULL, NULL);
#define DSQL_STRING_SETTING(variable, name, boot, check, context, flags, \
							brief, more) \
	DefineCustomStringVariable(name, brief, more, &dsql_settings_##variable, \
							   boot, context, flags, check, NULL, NULL);
void
dsql_settings_define(void)
{
#include "base/settinglist.h"

	MarkGUCPrefixReserved("dsql_emu");
}
