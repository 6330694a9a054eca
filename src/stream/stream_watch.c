/*
 * stream_watch.c
 *		Which clusters have change streams.
 *
 * Each backend keeps the answer until the table of streams tells that it has
 * changed, as the relation cache does with definitions.  The end of a status
 * that only the clock brings changes nothing here: a stream gets records from
 * CREATING to IMPAIRED.
 */
#include "postgres.h"

#include "access/xact.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "base/catalog.h"
#include "base/extension_version.h"
#include "base/schema_owner.h"
#include "stream/stream_watch.h"

static List *homes = NIL;
static Oid	stream_table = InvalidOid;
static bool is_known = false;

static void
forget(Datum arg, Oid relid)
{
	if (relid == InvalidOid || relid == stream_table)
		is_known = false;
}

void
dsql_stream_watch_install(void)
{
	CacheRegisterRelcacheCallback(forget, (Datum) 0);
}

bool
dsql_stream_watch_status(StreamStatus status)
{
	return status == STREAM_CREATING || status == STREAM_ACTIVE ||
		status == STREAM_IMPAIRED;
}

const char *
dsql_stream_watch_home(const Cluster *cluster)
{
	Cluster    *home;

	if (strcmp(cluster->home, cluster->identifier) == 0)
		return cluster->position == DEFAULT_CLUSTER_POSITION ?
			"" : cluster->identifier;
	home = dsql_cluster_catalog_cluster(cluster->home);
	return home != NULL && home->position == DEFAULT_CLUSTER_POSITION ?
		"" : cluster->home;
}

static void
look_at_cluster(const Cluster *cluster)
{
	ListCell   *lc;

	foreach(lc, dsql_cluster_catalog_streams(cluster->identifier, -1))
	{
		MemoryContext old;

		if (!dsql_stream_watch_status(((Stream *) lfirst(lc))->status))
			continue;
		old = MemoryContextSwitchTo(TopMemoryContext);
		homes = lappend(homes, pstrdup(dsql_stream_watch_home(cluster)));
		MemoryContextSwitchTo(old);
		return;
	}
}

static void
look(void)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "dsql streams",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	ListCell   *lc;

	list_free_deep(homes);
	homes = NIL;
	stream_table = dsql_catalog_relid("stream");
	/* What becomes invalid from here on counts. */
	is_known = true;
	if (OidIsValid(stream_table) && dsql_extension_version_fits())
		foreach(lc, dsql_cluster_catalog_all_clusters())
			look_at_cluster(lfirst(lc));
	else
		is_known = false;
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
}

bool
dsql_stream_watch_any(void)
{
	if (unlikely(!is_known))
		look();
	return homes != NIL;
}

bool
dsql_stream_watch_schema(Oid schema, const char **home)
{
	const char *owner;
	ListCell   *lc;

	if (!dsql_stream_watch_any() || dsql_schema_owner_is_system(schema))
		return false;
	owner = dsql_schema_owner(schema);
	foreach(lc, homes)
	{
		if (strcmp(lfirst(lc), owner) == 0)
		{
			*home = lfirst(lc);
			return true;
		}
	}
	return false;
}

const char *
dsql_stream_watch_schema_name(Oid schema)
{
	const char *owner = dsql_schema_owner(schema);
	char	   *name = get_namespace_name(schema);
	Cluster    *cluster = *owner == '\0' ? NULL :
	dsql_cluster_catalog_cluster(owner);

	if (name == NULL)
		elog(ERROR, "cache lookup failed for schema %u", schema);
	return cluster != NULL && strcmp(cluster->schema, name) == 0 ?
		"public" : name;
}
