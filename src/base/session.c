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
#include "utils/inval.h"
#include "utils/syscache.h"

#include "base/session.h"

bool		dsql_session_plain = false;

bool		dsql_session_extension_seen = false;

/* While the answer is not known, the last known answer. */
static bool extension_known = false;
static bool extension_exists = false;

/* Has something changed since the last look began? */
static bool changed_since = false;

static void
forget_extension(Datum arg, int cacheid, uint32 hashvalue)
{
	extension_known = false;
	changed_since = true;
	dsql_session_extension_seen = false;
	dsql_session_plain = false;
}

static bool (*find_leader) (void) = NULL;

void
dsql_session_set_leader_finder(bool (*finder) (void))
{
	find_leader = finder;
}

static bool
leader_is_emulated(void)
{
	static bool known = false;
	static bool emulated;

	if (!known)
	{
		emulated = find_leader();
		known = true;
	}
	return emulated;
}

bool
dsql_session_works_for_user(void)
{
	return InSecurityRestrictedOperation() ||
		(IsParallelWorker() && leader_is_emulated());
}

void
dsql_session_end_transaction(bool anything_left)
{
	dsql_session_plain = extension_known && !extension_exists &&
		!anything_left;
}

bool
dsql_session_last_enforced(void)
{
	return dsql_settings_mode == DSQL_MODE_ENFORCE &&
		MyBackendType == B_BACKEND && !creating_extension && extension_exists;
}

bool
dsql_session_look_for_extension(void)
{
	static bool callback_registered = false;

	if (extension_known)
		return extension_exists;
	if (!IsTransactionState() || !OidIsValid(MyDatabaseId))
		return extension_exists;

	if (!callback_registered)
	{
		CacheRegisterSyscacheCallback(NAMESPACEOID, forget_extension, (Datum) 0);
		callback_registered = true;
	}

	/* The look-up itself may process an invalidation, or fail. */
	changed_since = false;
	extension_exists = OidIsValid(get_extension_oid("dsql_emu", true));
	extension_known = !changed_since;
	dsql_session_extension_seen = extension_known && extension_exists;
	return extension_exists;
}
