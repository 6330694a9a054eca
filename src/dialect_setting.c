/*
 * dialect_setting.c
 *		Which settings the service lets a session change.
 */
#include "postgres.h"

#include "dialect.h"

/*
 * The service's list, exhaustive by its own words, and the emulator's own
 * settings, which are no part of the dialect.
 */
static const char *const allowed_settings[] = {
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
	"role",
	"search_path",
	"timezone",
};

bool
dsql_dialect_setting_allowed(const char *name)
{
	if (pg_strncasecmp(name, "dsql_emu.", strlen("dsql_emu.")) == 0)
		return true;
	for (int i = 0; i < lengthof(allowed_settings); i++)
		if (pg_strcasecmp(name, allowed_settings[i]) == 0)
			return true;
	return false;
}
