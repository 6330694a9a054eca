/*
 * current_cluster.c
 *		The cluster that this process acts for.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/syscache.h"

#include "base/current_cluster.h"
#include "base/identifier.h"
#include "base/schema_owner.h"

static char current_home[DSQL_IDENTIFIER_LEN + 1] = "";

uint64		dsql_current_cluster_moves = 1;

/* The cluster's schema, as far as it is known. */
static Oid	own_schema = InvalidOid;
static bool own_schema_known = false;
static bool schemas_changed = false;	/* since the last look began */

static DsqlClusterSchemaFinder find_schema = NULL;

void
dsql_current_cluster_set_finder(DsqlClusterSchemaFinder finder)
{
	find_schema = finder;
}

const char *
dsql_current_cluster_home(void)
{
	return current_home;
}

void
dsql_current_cluster_set_home(const char *home)
{
	strlcpy(current_home, home, sizeof(current_home));
	own_schema_known = false;
	dsql_current_cluster_moves++;
}

bool
dsql_current_cluster_has_schema(Oid schema)
{
	return !dsql_schema_owner_is_system(schema) &&
		strcmp(dsql_schema_owner(schema), current_home) == 0;
}

static void
forget_own_schema(Datum arg, int cacheid, uint32 hashvalue)
{
	own_schema_known = false;
	schemas_changed = true;
}

Oid
dsql_current_cluster_schema(void)
{
	static bool callback_registered = false;

	if (likely(own_schema_known))
		return own_schema;
	if (!callback_registered)
	{
		CacheRegisterSyscacheCallback(NAMESPACEOID, forget_own_schema,
									  (Datum) 0);
		callback_registered = true;
	}

	/* The look-up itself may process an invalidation, or fail. */
	schemas_changed = false;
	own_schema = current_home[0] == '\0' ? get_namespace_oid("public", true) :
		find_schema(current_home);
	own_schema_known = !schemas_changed;
	return own_schema;
}

PG_FUNCTION_INFO_V1(dsql_in_cluster);
Datum
dsql_in_cluster(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(strcmp(TextDatumGetCString(PG_GETARG_DATUM(0)),
						  current_home) == 0);
}
