/*
 * cluster.c
 *		Clusters as sessions meet them: which one a session is in.
 *
 * If the options of a connection name a cluster, the session is bound to it
 * and stays in it.  Any other session can enter a cluster with
 * dsql.use_cluster(), change to another one, and leave. cluster_isolation.c
 * tells what being bound means for names and objects.
 *
 * cluster_sessions.c knows which sessions are in which cluster.
 */
#include "postgres.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/namespace.h"
#include "commands/trigger.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "storage/ipc.h"
#include "storage/lwlock.h"
#include "storage/proc.h"
#include "storage/shmem.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/portal.h"
#include "utils/syscache.h"

#include "base/clock.h"
#include "base/cluster_database.h"
#include "base/compat.h"
#include "base/current_cluster.h"
#include "base/identifier.h"
#include "base/refuse.h"
#include "base/session.h"
#include "base/settings.h"
#include "cluster/cluster.h"
#include "cluster/cluster_catalog.h"
#include "cluster/cluster_sessions.h"
#include "transaction/schema_version.h"

#define ID_SIZE (DSQL_IDENTIFIER_LEN + 1)

/* The cluster that the session is bound to; "" if none. */
static char bound[ID_SIZE] = "";
static bool bound_by_connection = false;

/* What the session's search path is reset to when it leaves its cluster. */
static char *unbound_search_path = NULL;

/* The cluster that the connection is for, unless an option names one. */
static char requested[ID_SIZE] = "";

void
dsql_cluster_session_begins(void)
{
	dsql_cluster_sessions_publish(bound, dsql_current_cluster_home());
}

void
dsql_cluster_session_ends(void)
{
	if (bound[0] == '\0')
		dsql_cluster_sessions_withdraw();
}

/*
 * Note that an idle cluster is in use again.  If another session is changing
 * clusters now, the next connection does this.
 */
static void
activate(Cluster *cluster)
{
	if (RecoveryInProgress() || XactReadOnly ||
		!dsql_cluster_catalog_trylock())
		return;
	cluster = dsql_cluster_catalog_cluster(cluster->identifier);
	if (cluster == NULL ||
		(cluster->status != CLUSTER_IDLE && cluster->status != CLUSTER_ACTIVE))
		return;
	cluster->status = CLUSTER_ACTIVE;
	cluster->status_until = DT_NOEND;
	dsql_cluster_catalog_update_cluster(cluster);
	dsql_cluster_sessions_forget_wake(cluster->identifier);
}

Cluster *
dsql_cluster_open(const char *identifier)
{
	Cluster    *cluster = dsql_cluster_catalog_cluster(identifier);

	if (cluster == NULL)
		dsql_refuse_connection(RULE_CONNECTION_REFUSED,
							   psprintf("Cluster not found: %s", identifier));
	if (cluster->kms_inaccessible)
		dsql_refuse_connection(RULE_CONNECTION_REFUSED,
							   "The cluster's encryption key is not accessible.");
	switch (cluster->status)
	{
		case CLUSTER_ACTIVE:
			if (dsql_cluster_sessions_woken(identifier))
				activate(cluster);
			break;
		case CLUSTER_UPDATING:
			break;
		case CLUSTER_IDLE:
			activate(cluster);
			break;
		case CLUSTER_INACTIVE:
			dsql_cluster_sessions_wake(identifier);
			dsql_refuse_connection(RULE_CONNECTION_WAKING_UP, NULL);
		default:
			dsql_refuse_connection(RULE_CONNECTION_REFUSED,
								   psprintf("The cluster is %s.",
											dsql_cluster_status_name(cluster->status)));
	}
	return cluster;
}

/*
 * Give the session another search path, to which RESET also returns.  When it
 * connects, that path ranks like one of the database: what the client asked
 * for and what was set for the role stays.
 */
static void
set_search_path(const char *path, bool connecting)
{
	if (unbound_search_path == NULL)
		unbound_search_path =
			MemoryContextStrdup(TopMemoryContext,
								GetConfigOptionResetString("search_path"));
	if (connecting)
	{
		const char *asked = GetConfigOption("search_path", false, false);
		GucSource	source = dsql_find_option("search_path")->source;

		/* When the search path was checked, its cluster was not known yet. */
		if (source > PGC_S_DATABASE)
			SetConfigOption("search_path", pstrdup(asked), PGC_USERSET, source);
		SetConfigOption("search_path", path, PGC_USERSET, PGC_S_DATABASE);
	}
	else
	{
		SetConfigOption("search_path", path, PGC_USERSET, PGC_S_CLIENT);
		SetConfigOption("search_path", path, PGC_USERSET, PGC_S_SESSION);
	}
}

static void
bind_session(const Cluster *cluster, bool connecting)
{
	strlcpy(bound, cluster->identifier, ID_SIZE);
	bound_by_connection = connecting;
	dsql_current_cluster_set_home(cluster->home);
	dsql_cluster_sessions_publish(bound, dsql_current_cluster_home());
	set_search_path(quote_identifier(cluster->schema), connecting);
}

void
dsql_cluster_request(const char *identifier)
{
	strlcpy(requested, identifier, ID_SIZE);
}

void
dsql_cluster_bind_connection(void)
{
	const char *identifier = requested;
	Cluster    *cluster;

	if (identifier[0] == '\0')
		identifier = dsql_settings_cluster_option;
	if (identifier[0] == '\0')
		identifier = dsql_settings_amzn_cluster_id;
	if (identifier[0] == '\0' || dsql_cluster_database_own() != NULL)
		return;
	cluster = dsql_cluster_open(identifier);
	if (cluster->own_database)
		dsql_refuse_connection(RULE_CONNECTION_REFUSED,
							   "The cluster's database is not there.");
	bind_session(cluster, true);
}

const char *
dsql_cluster_bound(void)
{
	return bound[0] ? bound : NULL;
}

static Oid
find_schema(const char *home)
{
	Cluster    *cluster = dsql_cluster_catalog_cluster(home);

	return cluster == NULL || cluster->own_database ? InvalidOid :
		get_namespace_oid(cluster->schema, true);
}

/*
 * In a parallel worker: be where the leader is.
 */
static bool
follow_leader(void)
{
	char		home[ID_SIZE];

	if (!dsql_cluster_sessions_leader(bound, home, ID_SIZE))
		return false;
	dsql_current_cluster_set_home(home);
	return true;
}

void
dsql_cluster_install(void)
{
	dsql_current_cluster_set_finder(find_schema);
	dsql_session_set_leader_finder(follow_leader);
}

/*
 * The cluster that the argument of dsql.use_cluster() names.  The hint is for
 * users who try the name of a schema.
 */
static Cluster *
named_cluster(const char *identifier)
{
	Cluster    *cluster;
	ListCell   *cell;

	if (!dsql_identifier_valid(identifier))
	{
		foreach(cell, dsql_cluster_catalog_all_clusters())
		{
			cluster = lfirst(cell);
			if (!cluster->own_database &&
				strcmp(cluster->schema, identifier) == 0)
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						 errmsg("\"%s\" is not the identifier of a cluster",
								identifier),
						 errhint("The cluster of the schema \"%s\" is \"%s\".",
								 identifier, cluster->identifier)));
		}
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"%s\" is not the identifier of a cluster",
						identifier),
				 errhint("dsql.clusters lists the clusters.")));
	}
	cluster = dsql_cluster_open(identifier);
	if (cluster->own_database)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("cluster \"%s\" has a database of its own",
						identifier),
				 errhint("Connect to %s, or with amzn-cluster-id=%s.",
						 dsql_identifier_cluster_endpoint(cluster->region,
														  identifier),
						 identifier)));
	return cluster;
}

PG_FUNCTION_INFO_V1(dsql_use_cluster);
Datum
dsql_use_cluster(PG_FUNCTION_ARGS)
{
	if (bound_by_connection)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the session was bound to cluster \"%s\" when it connected",
						bound),
				 errhint("Connect again to reach another cluster.")));
	if (IsTransactionBlock())
		ereport(ERROR,
				(errcode(ERRCODE_ACTIVE_SQL_TRANSACTION),
				 errmsg("%s cannot run inside a transaction block",
						"dsql.use_cluster()")));
	if (!dsql_session_emulated())
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the session is not emulated"),
				 errhint("Clusters have a meaning only while \"dsql_emu.mode\" is not \"off\".")));

	/* Open cursors of the session show rows of the other cluster. */
	PortalHashTableDeleteAll();

	if (!PG_ARGISNULL(0))
		bind_session(named_cluster(text_to_cstring(PG_GETARG_TEXT_PP(0))),
					 false);
	else if (bound[0] != '\0')
	{
		bound[0] = '\0';
		dsql_current_cluster_set_home("");
		dsql_cluster_sessions_publish(bound, dsql_current_cluster_home());
		set_search_path(unbound_search_path, false);
	}
	dsql_schema_version_forget();
	PG_RETURN_VOID();
}

PG_FUNCTION_INFO_V1(dsql_current_cluster);
Datum
dsql_current_cluster(PG_FUNCTION_ARGS)
{
	Cluster    *cluster;

	if (bound[0] != '\0')
		PG_RETURN_TEXT_P(cstring_to_text(bound));
	if (dsql_cluster_database_own() != NULL)
		PG_RETURN_TEXT_P(cstring_to_text(dsql_cluster_database_identifier()));
	cluster = dsql_cluster_catalog_default_cluster();
	if (cluster == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(cluster->identifier));
}

static int
count_sessions(const Cluster *cluster)
{
	if (cluster->own_database)
		return dsql_cluster_sessions_count(cluster->database, "");
	return dsql_cluster_sessions_count(MyDatabaseId, cluster->identifier) +
		(cluster->home[0] ? 0 : dsql_cluster_sessions_count(MyDatabaseId, ""));
}

/*
 * The rows of dsql.clusters, except the columns that the view itself looks up.
 */
PG_FUNCTION_INFO_V1(dsql_cluster_rows);
Datum
dsql_cluster_rows(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	ListCell   *cell;

	InitMaterializedSRF(fcinfo, 0);
	foreach(cell, dsql_cluster_catalog_all_clusters())
	{
		Cluster    *cluster = lfirst(cell);
		const char *kind = cluster->position == DEFAULT_CLUSTER_POSITION ?
		"default" : cluster->own_database ? "database" : "schema";
		Datum		values[12];
		bool		nulls[12] = {0};

		if (bound[0] != '\0' && dsql_session_emulated() &&
			strcmp(cluster->home, dsql_current_cluster_home()) != 0)
			continue;
		values[0] = CStringGetTextDatum(cluster->identifier);
		values[1] = JsonbPGetDatum(cluster->tags);
		values[2] = CStringGetTextDatum(dsql_cluster_status_name(cluster->status));
		values[3] = CStringGetTextDatum(cluster->schema);
		values[4] = CStringGetTextDatum(cluster->own_database ?
										cluster->identifier : cluster->home);
		values[5] =
			CStringGetTextDatum(dsql_identifier_cluster_endpoint(cluster->region,
																 cluster->identifier));
		values[6] = BoolGetDatum(cluster->deletion_protection);
		values[7] = Int32GetDatum(count_sessions(cluster));
		values[8] = TimestampTzGetDatum(cluster->created);
		values[9] = Int64GetDatum(cluster->position);
		values[10] = CStringGetTextDatum(kind);
		values[11] = ObjectIdGetDatum(cluster->database);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/*
 * Register the default cluster; the extension's script calls this.
 */
PG_FUNCTION_INFO_V1(dsql_register_default_cluster);
Datum
dsql_register_default_cluster(PG_FUNCTION_ARGS)
{
	Cluster    *cluster = palloc0(sizeof(Cluster));

	cluster->identifier = dsql_identifier_new();
	cluster->position = DEFAULT_CLUSTER_POSITION;
	cluster->region = dsql_settings_region;
	cluster->account = dsql_settings_account;
	cluster->schema = "public";
	cluster->home = "";
	cluster->status = CLUSTER_ACTIVE;
	cluster->status_until = cluster->gone_at = DT_NOEND;
	cluster->created = dsql_clock_now();
	cluster->kms_until = cluster->created;
	cluster->deletion_protection = true;
	cluster->tags = DatumGetJsonbP(DirectFunctionCall1(jsonb_in,
													   CStringGetDatum("{}")));
	dsql_cluster_catalog_insert_cluster(cluster);
	PG_RETURN_VOID();
}

/*
 * A dump contains a default cluster.  It replaces the one that CREATE
 * EXTENSION made.  This is a trigger, called before the row is inserted.
 */
PG_FUNCTION_INFO_V1(dsql_replace_default_cluster);
Datum
dsql_replace_default_cluster(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	Cluster    *cluster;

	if (!CALLED_AS_TRIGGER(fcinfo))
		elog(ERROR, "not called as a trigger");
	dsql_cluster_catalog_lock();
	cluster = dsql_cluster_catalog_default_cluster();
	if (cluster != NULL)
		dsql_cluster_catalog_delete_cluster(cluster);
	return PointerGetDatum(trigger->tg_trigtuple);
}
