/*
 * cluster_schema.c
 *		How the schemas of clusters come and go.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/transam.h"
#include "access/xact.h"
#include "catalog/catalog.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_seclabel.h"
#include "commands/seclabel.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#include "base/clock.h"
#include "base/schema_owner.h"
#include "base/wakeup.h"
#include "cluster/cluster_catalog.h"
#include "cluster/cluster_maker.h"
#include "cluster/cluster_role.h"
#include "cluster/cluster_schema.h"
#include "cluster/cluster_sessions.h"

/*
 * How long, in ms, a worker waits while another transaction changes clusters.
 */
#define RETRY_DELAY 1000

static DsqlClusterPurgeCallback purge_callback = NULL;

/* Has this transaction set a time for the end of a cluster? */
static bool announce_at_commit = false;

void
dsql_cluster_schema_make(const char *name, const char *identifier)
{
	Oid			owner = get_role_oid("admin", true);
	Oid			schema;

	if (IsReservedName(name))
		ereport(ERROR,
				(errcode(ERRCODE_RESERVED_NAME),
				 errmsg("unacceptable schema name \"%s\"", name),
				 errdetail("The prefix \"pg_\" is reserved for system schemas.")));

	dsql_schema_owner_managing++;
	PG_TRY();
	{
		schema = NamespaceCreate(name, OidIsValid(owner) ? owner : GetUserId(),
								 false);
		CommandCounterIncrement();
		dsql_schema_owner_set(schema, identifier);

		/*
		 * Roles may use a cluster's schema but not create anything in it, as
		 * in the service's "public".
		 */
		dsql_cluster_role_grant("usage", OBJECT_SCHEMA, name, NULL);
		CommandCounterIncrement();
	}
	PG_FINALLY();
	{
		dsql_schema_owner_managing--;
	}
	PG_END_TRY();
}

void
dsql_cluster_schema_drop_empty(const char *name)
{
	ObjectAddress schema;

	dsql_schema_owner_managing++;
	PG_TRY();
	{
		ObjectAddressSet(schema, NamespaceRelationId,
						 get_namespace_oid(name, false));
		performDeletion(&schema, DROP_RESTRICT, 0);
		CommandCounterIncrement();
	}
	PG_FINALLY();
	{
		dsql_schema_owner_managing--;
	}
	PG_END_TRY();
}

static void
drop_schemas(const char *identifier)
{
	ObjectAddresses *schemas = dsql_schema_owner_list(identifier);

	dsql_schema_owner_managing++;
	PG_TRY();
	{
		performMultipleDeletions(schemas, DROP_CASCADE,
								 PERFORM_DELETION_INTERNAL |
								 PERFORM_DELETION_QUIETLY);
		CommandCounterIncrement();
	}
	PG_FINALLY();
	{
		dsql_schema_owner_managing--;
	}
	PG_END_TRY();
	free_object_addresses(schemas);
}

void
dsql_cluster_schema_set_purge(DsqlClusterPurgeCallback callback)
{
	purge_callback = callback;
}

void
dsql_cluster_schema_purge(void)
{
	List	   *gone = dsql_cluster_catalog_gone_clusters();
	ListCell   *cell;

	foreach(cell, gone)
	{
		Cluster    *cluster = lfirst(cell);

		dsql_cluster_sessions_forget_wake(cluster->identifier);
		if (cluster->own_database)
		{
			dsql_cluster_maker_ask_later();
			continue;
		}
		dsql_cluster_sessions_end(cluster->identifier);
		if (strcmp(cluster->home, cluster->identifier) == 0)
		{
			drop_schemas(cluster->identifier);
			purge_callback(cluster->identifier);
		}
		dsql_cluster_catalog_delete_streams(cluster);
		dsql_cluster_catalog_delete_cluster(cluster);
	}
}

TimestampTz
dsql_cluster_schema_clean_up(void)
{
	TimestampTz ahead = dsql_clock_now() - GetCurrentTimestamp();
	TimestampTz next;

	if (dsql_cluster_catalog_gone_clusters() != NIL)
	{
		if (!dsql_cluster_catalog_trylock())
			return TimestampTzPlusMilliseconds(GetCurrentTimestamp(),
											   RETRY_DELAY);
		PushActiveSnapshot(GetTransactionSnapshot());
		dsql_cluster_schema_purge();
		PopActiveSnapshot();
	}
	if (!dsql_cluster_maker_ask_if_needed())
		return TimestampTzPlusMilliseconds(GetCurrentTimestamp(),
										   RETRY_DELAY);
	next = dsql_cluster_catalog_next_end();
	return next == DT_NOEND ? next : next - ahead;
}

void
dsql_cluster_schema_clean_up_later(void)
{
	announce_at_commit = true;
}

void
dsql_cluster_schema_end(bool commit)
{
	if (commit && announce_at_commit)
		dsql_wakeup_announce(MyDatabaseId);
	announce_at_commit = false;
}
