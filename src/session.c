/*
 * session.c
 *		Is this session emulated?
 *
 * A database is emulated when the extension is created in it, and pg_extension
 * has no cache to ask.  The extension owns the schema "dsql", so that creating
 * or dropping it changes pg_namespace, which has one: a change there makes us
 * look again, and only then.
 */
#include "postgres.h"

#include "access/xact.h"
#include "commands/extension.h"
#include "miscadmin.h"
#include "utils/inval.h"
#include "utils/syscache.h"

#include "session.h"
#include "settings.h"

static bool extension_known = false;
static bool extension_exists = false;

static void
forget_extension(Datum arg, int cacheid, uint32 hashvalue)
{
	extension_known = false;
}

bool
dsql_session_has_extension(void)
{
	static bool callback_registered = false;

	if (likely(extension_known))
		return extension_exists;
	if (!IsTransactionState() || !OidIsValid(MyDatabaseId))
		return extension_exists;

	if (!callback_registered)
	{
		CacheRegisterSyscacheCallback(NAMESPACEOID, forget_extension, (Datum) 0);
		callback_registered = true;
	}

	/* Set first: the look-up itself may process an invalidation. */
	extension_known = true;
	extension_exists = OidIsValid(get_extension_oid("dsql_emu", true));
	return extension_exists;
}

bool
dsql_session_emulated(void)
{
	if (dsql_mode == DSQL_MODE_OFF || MyBackendType != B_BACKEND ||
		creating_extension)
		return false;
	return dsql_session_has_extension();
}

bool
dsql_session_enforced(void)
{
	return dsql_mode == DSQL_MODE_ENFORCE && dsql_session_emulated();
}
