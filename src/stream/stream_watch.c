/*
 * stream_watch.c
 *		Which clusters have change streams.
 *
 * Each backend keeps the answer until the table of streams tells that it has
 * changed, as the relation cache does with definitions; or, in the database of a
 * cluster that has its own, the label of that database.  The end of a status
 * that only the clock brings changes nothing here: a stream gets records from
 * CREATING to IMPAIRED.
 */
#include "postgres.h"

#include "access/xact.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

#include "base/catalog.h"
#include "base/cluster_database.h"
#include "base/extension_version.h"
#include "base/schema_owner.h"
#include "stream/stream_watch.h"

static List *homes = NIL;
static Oid	stream_table = InvalidOid;
static bool is_known = false;
static bool changed = false;	/* since the last look began */

static void
forget(Datum arg, Oid relid)
{
	if (relid == InvalidOid || relid == stream_table)
	{
		is_known = false;
		changed = true;
	}
}

static void
forget_labels(Datum arg, int cacheid, uint32 hashvalue)
{
	is_known = false;
	changed = true;
}

void
dsql_stream_watch_install(void)
{
	CacheRegisterRelcacheCallback(forget, (Datum) 0);
	CacheRegisterSyscacheCallback(DATABASEOID, forget_labels, (Datum) 0);
}

bool
dsql_stream_watch_status(StreamStatus status)
{
	return status == STREAM_CREATING || status == STREAM_ACTIVE ||
		status == STREAM_IMPAIRED;
}

static const char *
home_of(const Cluster *cluster)
{
	Cluster    *home;

	if (dsql_cluster_database_is_ours(cluster->database))
		return NULL;
	if (strcmp(cluster->home, cluster->identifier) == 0)
		return cluster->position == DEFAULT_CLUSTER_POSITION ?
			"" : cluster->identifier;
	home = dsql_cluster_catalog_cluster(cluster->home);
	return home != NULL && home->position == DEFAULT_CLUSTER_POSITION ?
		"" : cluster->home;
}

static List *
add_streams(List *list, const char *cluster, const char *home)
{
	ListCell   *lc;

	foreach(lc, dsql_cluster_catalog_streams(cluster, -1))
	{
		WatchedStream *watched = palloc(sizeof(WatchedStream));

		watched->home = home;
		watched->stream = lfirst(lc);
		list = lappend(list, watched);
	}
	return list;
}

List *
dsql_stream_watch_list(void)
{
	const DsqlClusterDatabase *own = dsql_cluster_database_own();
	List	   *list = NIL;
	ListCell   *lc;

	if (own != NULL)
	{
		for (int i = 0; i < own->count; i++)
			list = add_streams(list, own->identifiers[i], "");
		return list;
	}
	foreach(lc, dsql_cluster_catalog_all_clusters())
	{
		Cluster    *cluster = lfirst(lc);

		list = add_streams(list, cluster->identifier, home_of(cluster));
	}
	return list;
}

/*
 * Note the homes of those that get records here.
 */
static void
look_at(const WatchedStream *watched)
{
	MemoryContext old;
	ListCell   *lc;

	if (watched->home == NULL ||
		!dsql_stream_watch_status(watched->stream->status))
		return;
	foreach(lc, homes)
		if (strcmp(lfirst(lc), watched->home) == 0)
		return;
	old = MemoryContextSwitchTo(TopMemoryContext);
	homes = lappend(homes, pstrdup(watched->home));
	MemoryContextSwitchTo(old);
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
	/* The look-up itself may process an invalidation, or fail. */
	changed = false;
	if (OidIsValid(stream_table) && dsql_extension_version_fits())
	{
		foreach(lc, dsql_stream_watch_list())
			look_at(lfirst(lc));
		is_known = !changed;
	}
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
