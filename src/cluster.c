/*
 * cluster.c
 *		Clusters as sessions meet them: which one a session is in.
 *
 * A session is bound when it connects and its options name a cluster; it then
 * stays in that cluster.  A session that was not can bind itself with
 * dsql.use_cluster(), change its mind, and leave.  What being bound means for
 * names and objects is in confine.c.
 *
 * Shared memory says which sessions are in which cluster, and which INACTIVE clusters are waking up: the connection that wakes a cluster up is
 * refused, so that nothing it writes to a table would stay.
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

#include "clock.h"
#include "cluster.h"
#include "compat.h"
#include "control_catalog.h"
#include "identifier.h"
#include "rule.h"
#include "schema_version.h"
#include "session.h"
#include "settings.h"

/* How many clusters can be waking up at a time; the oldest gives way. */
#define MAX_WAKING 32

#define ID_SIZE (DSQL_IDENTIFIER_LEN + 1)

typedef struct ClusterSession
{
	int			pid;			/* 0: none */
	Oid			database;
	char		cluster[ID_SIZE];	/* "": the default cluster, not bound */
} ClusterSession;

typedef struct WakingCluster
{
	Oid			database;		/* InvalidOid: none */
	TimestampTz since;
	char		cluster[ID_SIZE];
} WakingCluster;

typedef struct ClusterShared
{
	LWLock	   *lock;			/* guards all of it */
	WakingCluster waking[MAX_WAKING];
	ClusterSession sessions[FLEXIBLE_ARRAY_MEMBER]; /* one for each backend */
} ClusterShared;

static ClusterShared *shared = NULL;

/* The cluster that the session is bound to; "" is none. */
static char bound[ID_SIZE] = "";
static char bound_home[ID_SIZE] = "";
static bool bound_by_connection = false;

uint64		dsql_cluster_moves = 1;

/* What the session's search path is reset to when it leaves its cluster. */
static char *unbound_search_path = NULL;

/* The schema of the session's cluster, as far as it is known. */
static Oid	own_schema = InvalidOid;
static bool own_schema_known = false;

/* The cluster that the connection is for, if not an option says so. */
static char requested[ID_SIZE] = "";

static Size
shared_size(void)
{
	return add_size(offsetof(ClusterShared, sessions),
					mul_size(MaxBackends, sizeof(ClusterSession)));
}

void
dsql_cluster_shmem_request(void)
{
	RequestAddinShmemSpace(shared_size());
	RequestNamedLWLockTranche("dsql_emu cluster", 1);
}

void
dsql_cluster_shmem_init(void)
{
	bool		found;

	shared = ShmemInitStruct("dsql_emu cluster", shared_size(), &found);
	if (!found)
	{
		memset(shared, 0, shared_size());
		shared->lock = &GetNamedLWLockTranche("dsql_emu cluster")->lock;
	}
}

/*
 * This session's place: client backends have the first of all processes.
 */
static ClusterSession *
my_session(void)
{
	return &shared->sessions[MyProc - ProcGlobal->allProcs];
}

static void
withdraw_session(void)
{
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	my_session()->pid = 0;
	LWLockRelease(shared->lock);
}

static void
withdraw_at_exit(int code, Datum arg)
{
	withdraw_session();
}

/*
 * Let others know in which cluster this session is.
 */
static void
publish_session(void)
{
	static bool exit_registered = false;
	ClusterSession *session = my_session();

	if (!exit_registered)
	{
		before_shmem_exit(withdraw_at_exit, (Datum) 0);
		exit_registered = true;
	}
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	session->pid = MyProcPid;
	session->database = MyDatabaseId;
	strlcpy(session->cluster, bound, ID_SIZE);
	LWLockRelease(shared->lock);
}

void
dsql_cluster_session_begins(void)
{
	publish_session();
}

void
dsql_cluster_session_ends(void)
{
	if (bound[0] == '\0')
		withdraw_session();
}

/*
 * How many sessions are in a cluster; "" stands for the default cluster as
 * those are in it that are not bound.
 */
static int
count_sessions(const char *identifier)
{
	int			count = 0;

	LWLockAcquire(shared->lock, LW_SHARED);
	for (int i = 0; i < MaxBackends; i++)
		if (shared->sessions[i].pid != 0 &&
			shared->sessions[i].database == MyDatabaseId &&
			strcmp(shared->sessions[i].cluster, identifier) == 0)
			count++;
	LWLockRelease(shared->lock);
	return count;
}

void
dsql_cluster_end_sessions(const char *identifier)
{
	LWLockAcquire(shared->lock, LW_SHARED);
	for (int i = 0; i < MaxBackends; i++)
		if (shared->sessions[i].pid != 0 &&
			shared->sessions[i].pid != MyProcPid &&
			shared->sessions[i].database == MyDatabaseId &&
			strcmp(shared->sessions[i].cluster, identifier) == 0)
			(void) kill(shared->sessions[i].pid, SIGTERM);
	LWLockRelease(shared->lock);
}

/*
 * Find a cluster among those that are waking up.  The caller holds the lock.
 */
static WakingCluster *
find_waking(const char *identifier)
{
	for (int i = 0; i < MAX_WAKING; i++)
		if (shared->waking[i].database == MyDatabaseId &&
			strcmp(shared->waking[i].cluster, identifier) == 0)
			return &shared->waking[i];
	return NULL;
}

bool
dsql_cluster_woken(const char *identifier)
{
	TimestampTz latest = dsql_clock_now() -
	dsql_wake_delay * INT64CONST(1000);
	WakingCluster *waking;
	bool		woken;

	LWLockAcquire(shared->lock, LW_SHARED);
	waking = find_waking(identifier);
	woken = waking != NULL && waking->since <= latest;
	LWLockRelease(shared->lock);
	return woken;
}

void
dsql_cluster_forget_wake(const char *identifier)
{
	WakingCluster *waking;

	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	waking = find_waking(identifier);
	if (waking != NULL)
		waking->database = InvalidOid;
	LWLockRelease(shared->lock);
}

static void
wake(const char *identifier)
{
	TimestampTz now = dsql_clock_now();
	WakingCluster *oldest = &shared->waking[0];

	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	if (find_waking(identifier) == NULL)
	{
		for (int i = 0; i < MAX_WAKING; i++)
		{
			WakingCluster *waking = &shared->waking[i];

			if (!OidIsValid(waking->database) ||
				(OidIsValid(oldest->database) && waking->since < oldest->since))
				oldest = waking;
		}
		oldest->database = MyDatabaseId;
		oldest->since = now;
		strlcpy(oldest->cluster, identifier, ID_SIZE);
	}
	LWLockRelease(shared->lock);
}

/*
 * Note that a cluster that was idle is in use again.  If others are changing
 * clusters now, the next connection does it.
 */
static void
activate(Cluster *cluster)
{
	if (RecoveryInProgress() || XactReadOnly || !dsql_catalog_trylock())
		return;
	cluster = dsql_catalog_cluster(cluster->identifier);
	if (cluster == NULL ||
		(cluster->status != CLUSTER_IDLE && cluster->status != CLUSTER_ACTIVE))
		return;
	cluster->status = CLUSTER_ACTIVE;
	cluster->status_until = DT_NOEND;
	dsql_catalog_update_cluster(cluster);
	dsql_cluster_forget_wake(cluster->identifier);
}

/*
 * The cluster that a session wants to be in, if it lets sessions in.
 */
static Cluster *
open_cluster(const char *identifier)
{
	Cluster    *cluster = dsql_catalog_cluster(identifier);

	if (cluster == NULL)
		dsql_refuse_connection(RULE_CONNECTION_REFUSED,
							   psprintf("Cluster not found: %s", identifier));
	if (cluster->kms_inaccessible)
		dsql_refuse_connection(RULE_CONNECTION_REFUSED,
							   "The cluster's encryption key is not accessible.");
	switch (cluster->status)
	{
		case CLUSTER_ACTIVE:
			if (dsql_cluster_woken(identifier))
				activate(cluster);
			break;
		case CLUSTER_UPDATING:
			break;
		case CLUSTER_IDLE:
			activate(cluster);
			break;
		case CLUSTER_INACTIVE:
			wake(identifier);
			dsql_refuse_connection(RULE_CONNECTION_WAKING_UP, NULL);
		default:
			dsql_refuse_connection(RULE_CONNECTION_REFUSED,
								   psprintf("The cluster is %s.",
											dsql_cluster_status_name(cluster->status)));
	}
	return cluster;
}

/*
 * Give the session another search path, which RESET also leads back to; what
 * the client asked for itself when it connected stays.
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

		/* It was not known which cluster it is for when it was checked. */
		if (dsql_find_option("search_path")->source >= PGC_S_CLIENT)
			SetConfigOption("search_path", pstrdup(asked), PGC_USERSET,
							PGC_S_CLIENT);
		SetConfigOption("search_path", path, PGC_USERSET, PGC_S_DATABASE_USER);
	}
	else
	{
		SetConfigOption("search_path", path, PGC_USERSET, PGC_S_CLIENT);
		SetConfigOption("search_path", path, PGC_USERSET, PGC_S_SESSION);
	}
}

static void
forget_own_schema(Datum arg, int cacheid, uint32 hashvalue)
{
	own_schema_known = false;
}

static void
set_home(const char *home)
{
	strlcpy(bound_home, home, ID_SIZE);
	own_schema_known = false;
	dsql_cluster_moves++;
}

static void
bind_session(const Cluster *cluster, bool connecting)
{
	strlcpy(bound, cluster->identifier, ID_SIZE);
	bound_by_connection = connecting;
	set_home(cluster->home);
	publish_session();
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

	if (identifier[0] == '\0')
		identifier = dsql_cluster_option;
	if (identifier[0] == '\0')
		identifier = dsql_amzn_cluster_id;
	if (identifier[0] != '\0')
		bind_session(open_cluster(identifier), true);
}

const char *
dsql_cluster_bound(void)
{
	return bound[0] ? bound : NULL;
}

const char *
dsql_cluster_home(void)
{
	return bound_home;
}

void
dsql_cluster_act_for(const char *home)
{
	set_home(home);
}

bool
dsql_cluster_has_schema(Oid schema)
{
	return !dsql_schema_is_system(schema) &&
		strcmp(dsql_schema_owner(schema), bound_home) == 0;
}

static Oid
find_own_schema(void)
{
	Cluster    *cluster;

	if (bound_home[0] == '\0')
		return get_namespace_oid("public", true);
	cluster = dsql_catalog_cluster(bound_home);
	return cluster == NULL ? InvalidOid :
		get_namespace_oid(cluster->schema, true);
}

Oid
dsql_cluster_current(void)
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

	/* Set first: the look-up itself may process an invalidation. */
	own_schema_known = true;
	own_schema = find_own_schema();
	return own_schema;
}

/*
 * The cluster that the argument of dsql.use_cluster() names.  People try names
 * of schemas.
 */
static Cluster *
named_cluster(const char *identifier)
{
	ListCell   *cell;

	if (!dsql_identifier_valid(identifier))
	{
		foreach(cell, dsql_catalog_all_clusters())
		{
			Cluster    *cluster = lfirst(cell);

			if (strcmp(cluster->schema, identifier) == 0)
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
	return open_cluster(identifier);
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

	/* What the session has open shows what was in the other cluster. */
	PortalHashTableDeleteAll();

	if (!PG_ARGISNULL(0))
		bind_session(named_cluster(text_to_cstring(PG_GETARG_TEXT_PP(0))),
					 false);
	else if (bound[0] != '\0')
	{
		bound[0] = '\0';
		set_home("");
		publish_session();
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
	cluster = dsql_catalog_default_cluster();
	if (cluster == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(cluster->identifier));
}

/*
 * The rows of dsql.clusters, but for what the view itself can look up.
 */
PG_FUNCTION_INFO_V1(dsql_cluster_rows);
Datum
dsql_cluster_rows(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	ListCell   *cell;

	InitMaterializedSRF(fcinfo, 0);
	foreach(cell, dsql_catalog_all_clusters())
	{
		Cluster    *cluster = lfirst(cell);
		Datum		values[10];
		bool		nulls[10] = {0};

		values[0] = CStringGetTextDatum(cluster->identifier);
		values[1] = JsonbPGetDatum(cluster->tags);
		values[2] = CStringGetTextDatum(dsql_cluster_status_name(cluster->status));
		values[3] = CStringGetTextDatum(cluster->schema);
		values[4] = CStringGetTextDatum(cluster->home);
		values[5] = CStringGetTextDatum(dsql_cluster_endpoint(cluster->region,
															  cluster->identifier));
		values[6] = BoolGetDatum(cluster->deletion_protection);
		values[7] = Int32GetDatum(count_sessions(cluster->identifier) +
								  (cluster->home[0] ? 0 : count_sessions("")));
		values[8] = TimestampTzGetDatum(cluster->created);
		values[9] = Int64GetDatum(cluster->position);
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
	cluster->region = dsql_region;
	cluster->account = dsql_account;
	cluster->schema = "public";
	cluster->home = "";
	cluster->status = CLUSTER_ACTIVE;
	cluster->status_until = cluster->gone_at = DT_NOEND;
	cluster->created = dsql_clock_now();
	cluster->kms_until = cluster->created;
	cluster->deletion_protection = true;
	cluster->tags = DatumGetJsonbP(DirectFunctionCall1(jsonb_in,
													   CStringGetDatum("{}")));
	dsql_catalog_insert_cluster(cluster);
	PG_RETURN_VOID();
}

/*
 * pg_restore brings a default cluster of its own: it takes the place of the
 * one that CREATE EXTENSION made.  A trigger, before the row is inserted.
 */
PG_FUNCTION_INFO_V1(dsql_replace_default_cluster);
Datum
dsql_replace_default_cluster(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	Cluster    *cluster;

	if (!CALLED_AS_TRIGGER(fcinfo))
		elog(ERROR, "not called as a trigger");
	dsql_catalog_lock();
	cluster = dsql_catalog_default_cluster();
	if (cluster != NULL)
		dsql_catalog_delete_cluster(cluster);
	return PointerGetDatum(trigger->tg_trigtuple);
}

PG_FUNCTION_INFO_V1(dsql_in_cluster);
Datum
dsql_in_cluster(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(strcmp(TextDatumGetCString(PG_GETARG_DATUM(0)),
						  bound_home) == 0);
}
