/*
 * search_path.c
 *		The search path stays in the session's cluster.
 *
 * 1. Each cluster of the service has a schema "public".  In a session that is
 *	  bound to a cluster, "public" in a search path is that cluster's schema.
 * 2.  A schema of another cluster is treated as one that does not exist: it
 *	  can be in a search path, and is not searched.  Nobody would set it on
 *	  purpose, so the session gets a warning.
 *
 * All ways to set the path are covered, because our check hook is called
 * before that of the setting.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/varlena.h"

#include "base/compat.h"
#include "base/current_cluster.h"
#include "base/session.h"
#include "cluster/cluster_isolation.h"
#include "cluster/search_path.h"

static GucStringCheckHook prev_check_hook = NULL;

/*
 * The name of the schema that "public" stands for; NULL if it stands for
 * itself.
 */
static const char *
public_schema(void)
{
	if (dsql_current_cluster_home()[0] == '\0')
		return NULL;
	return get_namespace_name(dsql_current_cluster_schema());
}

/* Replace "public" by the cluster's schema.  Returns whether it was there. */
static bool
replace_public(List *names, const char *schema)
{
	bool		found = false;
	ListCell   *cell;

	foreach(cell, names)
	{
		if (strcmp(lfirst(cell), "public") == 0)
		{
			lfirst(cell) = pstrdup(schema);
			found = true;
		}
	}
	return found;
}

static bool
store_path(char **path, List *names)
{
	StringInfoData text;
	ListCell   *cell;
	char	   *copy;

	initStringInfo(&text);
	foreach(cell, names)
		appendStringInfo(&text, "%s%s", text.len > 0 ? ", " : "",
						 quote_identifier(lfirst(cell)));
	copy = dsql_setting_replace(*path, text.data);
	if (copy == NULL)
		return false;
	*path = copy;
	return true;
}

static void
warn_of_others(List *names)
{
	ListCell   *cell;

	foreach(cell, names)
	{
		char	   *name = lfirst(cell);
		Oid			schema = get_namespace_oid(name, true);

		if (OidIsValid(schema) && dsql_cluster_isolation_keeps_out(schema))
			ereport(WARNING,
					(errmsg("schema \"%s\" does not exist", name),
					 errdetail("The schema belongs to another cluster than the session."),
					 errhint("dsql.use_cluster() changes the cluster of a session.")));
	}
}

static bool
check_path_in_cluster(char **newval, void **extra, GucSource source)
{
	const char *schema;
	List	   *names;

	if (prev_check_hook && !prev_check_hook(newval, extra, source))
		return false;
	if (*newval == NULL || !IsTransactionState() || !dsql_session_emulated() ||
		!SplitIdentifierString(pstrdup(*newval), ',', &names))
		return true;

	schema = public_schema();
	if (schema != NULL && replace_public(names, schema) &&
		!store_path(newval, names))
		return false;
	if (source == PGC_S_SESSION)
		warn_of_others(names);
	return true;
}

void
dsql_search_path_install(void)
{
	/* The struct belongs to this process and its children. */
	struct config_string *search_path = (struct config_string *)
	dsql_find_option("search_path");

	prev_check_hook = search_path->check_hook;
	search_path->check_hook = check_path_in_cluster;
}
