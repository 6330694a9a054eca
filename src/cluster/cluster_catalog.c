/*
 * cluster_catalog.c
 *		The rows of dsql.cluster, dsql.stream and dsql.client_token.
 *
 * Streams of clusters that have a database of their own are kept as labels
 * instead (cluster_stream.c).
 */
#include "postgres.h"

#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"

#include "base/catalog.h"
#include "base/clock.h"
#include "base/cluster_database.h"
#include "cluster/cluster_catalog.h"
#include "cluster/cluster_sessions.h"

/* How long a client token is remembered. */
#define TOKEN_LIFE USECS_PER_DAY

static const char *const cluster_status_names[] = {
	[CLUSTER_CREATING] = "CREATING",
	[CLUSTER_ACTIVE] = "ACTIVE",
	[CLUSTER_IDLE] = "IDLE",
	[CLUSTER_INACTIVE] = "INACTIVE",
	[CLUSTER_UPDATING] = "UPDATING",
	[CLUSTER_DELETING] = "DELETING",
	[CLUSTER_DELETED] = "DELETED",
	[CLUSTER_FAILED] = "FAILED",
	[CLUSTER_PENDING_SETUP] = "PENDING_SETUP",
	[CLUSTER_PENDING_DELETE] = "PENDING_DELETE",
};

static int
find_name(const char *const *names, int count, const char *name)
{
	for (int i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	return -1;
}

const char *
dsql_cluster_status_name(ClusterStatus status)
{
	return cluster_status_names[status];
}

bool
dsql_cluster_status_parse(const char *name, ClusterStatus *status)
{
	int			i = find_name(cluster_status_names,
							  lengthof(cluster_status_names), name);

	*status = (ClusterStatus) i;
	return i >= 0;
}

void
dsql_cluster_catalog_lock(void)
{
	LockRelationOid(dsql_catalog_relid("cluster"), ShareRowExclusiveLock);
	if (dsql_cluster_database_own() == NULL)
		dsql_cluster_stream_lock(MyDatabaseId);
}

void
dsql_cluster_catalog_lock_streams(void)
{
	const DsqlClusterDatabase *own = dsql_cluster_database_own();

	if (own != NULL)
		dsql_cluster_stream_lock(own->control);
	else
		dsql_cluster_catalog_lock();
}

bool
dsql_cluster_catalog_trylock(void)
{
	return ConditionalLockRelationOid(dsql_catalog_relid("cluster"),
									  ShareRowExclusiveLock);
}

/*
 * The number after the greatest one in a table's column "position".
 */
static int64
next_position(const char *table, const char *index)
{
	DsqlCatalogScan scan;
	int64		position = 1;

	dsql_catalog_open(&scan, table, AccessShareLock);
	dsql_catalog_begin_backward(&scan, index);
	if (dsql_catalog_next(&scan))
		position = dsql_catalog_int64(&scan, "position") + 1;
	dsql_catalog_close(&scan);
	return position;
}

static void
key_after(DsqlCatalogScan *scan, int64 position)
{
	dsql_catalog_key(scan, "position", BTGreaterStrategyNumber, F_INT8GT,
					 Int64GetDatum(position));
}

static void
set_time(DsqlCatalogRow *row, const DsqlCatalogScan *scan, const char *column,
		 TimestampTz value)
{
	dsql_catalog_set(row, scan, column, TimestampTzGetDatum(value));
}

/*
 * What became of a cluster by now.
 */
static void
advance_cluster(Cluster *cluster)
{
	TimestampTz now = dsql_clock_now();

	if (now < cluster->status_until && cluster->status != CLUSTER_INACTIVE)
		return;
	switch (cluster->status)
	{
		case CLUSTER_CREATING:
		case CLUSTER_UPDATING:
			cluster->status = CLUSTER_ACTIVE;
			cluster->status_until = DT_NOEND;
			break;
		case CLUSTER_PENDING_DELETE:
			cluster->status = CLUSTER_DELETING;
			cluster->status_until = cluster->gone_at;
			break;
		case CLUSTER_INACTIVE:
			if (dsql_cluster_sessions_woken(cluster->identifier))
				cluster->status = CLUSTER_ACTIVE;
			break;
		default:
			break;
	}
}

/*
 * In a database that is a cluster of its own, the row of the default cluster is
 * that cluster's.  It comes from the template.
 */
static void
identify_own(Cluster *cluster)
{
	const DsqlClusterDatabase *own = dsql_cluster_database_own();
	const char *identifier = dsql_cluster_database_identifier();

	if (own == NULL)
		return;
	cluster->account = pstrdup(own->account);
	for (int i = 0; i < own->count; i++)
		if (strcmp(own->identifiers[i], identifier) == 0)
		{
			cluster->identifier = pstrdup(own->identifiers[i]);
			cluster->region = pstrdup(own->regions[i]);
		}
}

static Cluster *
scan_next_cluster(DsqlCatalogScan *scan)
{
	Cluster    *cluster;
	char	   *status;

	if (!dsql_catalog_next(scan))
		return NULL;
	cluster = palloc0(sizeof(Cluster));
	cluster->identifier = dsql_catalog_text(scan, "identifier");
	cluster->position = dsql_catalog_int64(scan, "position");
	cluster->region = dsql_catalog_text(scan, "region");
	cluster->account = dsql_catalog_text(scan, "account");
	cluster->own_database =
		strcmp(dsql_catalog_text(scan, "kind"), "database") == 0;
	cluster->database = DatumGetObjectId(dsql_catalog_value(scan, "database"));
	cluster->schema = dsql_catalog_text(scan, "schema");
	cluster->home = dsql_catalog_text(scan, "home");
	status = dsql_catalog_text(scan, "status");
	if (!dsql_cluster_status_parse(status, &cluster->status))
		elog(ERROR, "cluster \"%s\" has unknown status \"%s\"",
			 cluster->identifier, status);
	cluster->status_until = dsql_catalog_time(scan, "status_until");
	cluster->gone_at = dsql_catalog_time(scan, "gone_at");
	cluster->created = dsql_catalog_time(scan, "created");
	cluster->deletion_protection = dsql_catalog_bool(scan, "deletion_protection");
	cluster->kms_key = dsql_catalog_text(scan, "kms_key");
	cluster->kms_until = dsql_catalog_time(scan, "kms_until");
	cluster->kms_inaccessible = dsql_catalog_bool(scan, "kms_inaccessible");
	cluster->witness = dsql_catalog_text(scan, "witness");
	cluster->peer = dsql_catalog_text(scan, "peer");
	cluster->tags = dsql_catalog_jsonb(scan, "tags");
	cluster->policy = dsql_catalog_text(scan, "policy");
	cluster->policy_version = dsql_catalog_int64(scan, "policy_version");

	advance_cluster(cluster);
	if (cluster->position == DEFAULT_CLUSTER_POSITION)
		identify_own(cluster);
	return cluster;
}

Cluster *
dsql_cluster_catalog_cluster(const char *identifier)
{
	DsqlCatalogScan scan;
	Cluster    *cluster;

	dsql_catalog_open(&scan, "cluster", AccessShareLock);
	dsql_catalog_key_text(&scan, "identifier", identifier);
	dsql_catalog_begin(&scan, "cluster_pkey");
	cluster = scan_next_cluster(&scan);
	dsql_catalog_close(&scan);
	if (cluster != NULL && cluster->gone_at <= dsql_clock_now())
		return NULL;
	return cluster;
}

Cluster *
dsql_cluster_catalog_default_cluster(void)
{
	DsqlCatalogScan scan;
	Cluster    *cluster;

	dsql_catalog_open(&scan, "cluster", AccessShareLock);
	dsql_catalog_key(&scan, "position", BTEqualStrategyNumber, F_INT8EQ,
					 Int64GetDatum(DEFAULT_CLUSTER_POSITION));
	dsql_catalog_begin(&scan, "cluster_position_key");
	cluster = scan_next_cluster(&scan);
	dsql_catalog_close(&scan);
	return cluster;
}

List *
dsql_cluster_catalog_clusters(const char *region, const char *account,
							  int64 after)
{
	DsqlCatalogScan scan;
	Cluster    *cluster;
	TimestampTz now = dsql_clock_now();
	List	   *clusters = NIL;

	dsql_catalog_open(&scan, "cluster", AccessShareLock);
	dsql_catalog_key_text(&scan, "account", account);
	dsql_catalog_key_text(&scan, "region", region);
	key_after(&scan, after);
	dsql_catalog_begin(&scan, "cluster_list_key");
	while ((cluster = scan_next_cluster(&scan)) != NULL)
		if (now < cluster->gone_at)
			clusters = lappend(clusters, cluster);
	dsql_catalog_close(&scan);
	return clusters;
}

List *
dsql_cluster_catalog_all_clusters(void)
{
	DsqlCatalogScan scan;
	Cluster    *cluster;
	TimestampTz now = dsql_clock_now();
	List	   *clusters = NIL;

	dsql_catalog_open(&scan, "cluster", AccessShareLock);
	dsql_catalog_begin(&scan, "cluster_position_key");
	while ((cluster = scan_next_cluster(&scan)) != NULL)
		if (now < cluster->gone_at)
			clusters = lappend(clusters, cluster);
	dsql_catalog_close(&scan);
	return clusters;
}

List *
dsql_cluster_catalog_gone_clusters(void)
{
	DsqlCatalogScan scan;
	Cluster    *cluster;
	List	   *clusters = NIL;

	dsql_catalog_open(&scan, "cluster", AccessShareLock);
	dsql_catalog_key(&scan, "gone_at", BTLessEqualStrategyNumber, F_TIMESTAMPTZ_LE,
					 TimestampTzGetDatum(dsql_clock_now()));
	dsql_catalog_begin(&scan, "cluster_gone_at_idx");
	while ((cluster = scan_next_cluster(&scan)) != NULL)
		clusters = lappend(clusters, cluster);
	dsql_catalog_close(&scan);
	return clusters;
}

TimestampTz
dsql_cluster_catalog_next_end(void)
{
	DsqlCatalogScan scan;
	TimestampTz end = DT_NOEND;

	dsql_catalog_open(&scan, "cluster", AccessShareLock);
	dsql_catalog_key(&scan, "gone_at", BTGreaterStrategyNumber, F_TIMESTAMPTZ_GT,
					 TimestampTzGetDatum(dsql_clock_now()));
	dsql_catalog_begin(&scan, "cluster_gone_at_idx");
	if (dsql_catalog_next(&scan))
		end = dsql_catalog_time(&scan, "gone_at");
	dsql_catalog_close(&scan);
	return end;
}

/*
 * Insert a row, or replace the one that has the identifier.
 */
static void
store(DsqlCatalogScan *scan, DsqlCatalogRow *row, const char *index,
	  const char *identifier, bool replace)
{
	if (!replace)
	{
		dsql_catalog_insert(scan, row);
		return;
	}
	dsql_catalog_key_text(scan, "identifier", identifier);
	dsql_catalog_begin(scan, index);
	if (!dsql_catalog_next(scan))
		elog(ERROR, "row \"%s\" of index \"%s\" is gone", identifier, index);
	dsql_catalog_update(scan, row);
}

static void
store_cluster(const Cluster *cluster, bool replace)
{
	DsqlCatalogScan scan;
	DsqlCatalogRow row;

	dsql_catalog_open(&scan, "cluster", RowExclusiveLock);
	dsql_catalog_row_init(&row, &scan);
	dsql_catalog_set_text(&row, &scan, "identifier", cluster->identifier);
	dsql_catalog_set(&row, &scan, "position", Int64GetDatum(cluster->position));
	dsql_catalog_set_text(&row, &scan, "region", cluster->region);
	dsql_catalog_set_text(&row, &scan, "account", cluster->account);
	/* The script of 1.0 registers the default cluster without these. */
	if (cluster->position != DEFAULT_CLUSTER_POSITION)
	{
		dsql_catalog_set_text(&row, &scan, "kind",
							  cluster->own_database ? "database" : "schema");
		dsql_catalog_set(&row, &scan, "database",
						 ObjectIdGetDatum(cluster->database));
	}
	dsql_catalog_set_text(&row, &scan, "schema", cluster->schema);
	dsql_catalog_set_text(&row, &scan, "home", cluster->home);
	dsql_catalog_set_text(&row, &scan, "status", dsql_cluster_status_name(cluster->status));
	set_time(&row, &scan, "status_until", cluster->status_until);
	set_time(&row, &scan, "gone_at", cluster->gone_at);
	set_time(&row, &scan, "created", cluster->created);
	dsql_catalog_set(&row, &scan, "deletion_protection", BoolGetDatum(cluster->deletion_protection));
	dsql_catalog_set_text(&row, &scan, "kms_key", cluster->kms_key);
	set_time(&row, &scan, "kms_until", cluster->kms_until);
	dsql_catalog_set(&row, &scan, "kms_inaccessible", BoolGetDatum(cluster->kms_inaccessible));
	dsql_catalog_set_text(&row, &scan, "witness", cluster->witness);
	dsql_catalog_set_text(&row, &scan, "peer", cluster->peer);
	dsql_catalog_set(&row, &scan, "tags", JsonbPGetDatum(cluster->tags));
	dsql_catalog_set_text(&row, &scan, "policy", cluster->policy);
	dsql_catalog_set(&row, &scan, "policy_version", Int64GetDatum(cluster->policy_version));
	store(&scan, &row, "cluster_pkey", cluster->identifier, replace);
	dsql_catalog_close(&scan);
}

void
dsql_cluster_catalog_insert_cluster(Cluster *cluster)
{
	store_cluster(cluster, false);
}

void
dsql_cluster_catalog_update_cluster(Cluster *cluster)
{
	store_cluster(cluster, true);
}

void
dsql_cluster_catalog_delete_cluster(Cluster *cluster)
{
	DsqlCatalogScan scan;

	dsql_catalog_open(&scan, "cluster", RowExclusiveLock);
	dsql_catalog_key_text(&scan, "identifier", cluster->identifier);
	dsql_catalog_begin(&scan, "cluster_pkey");
	if (dsql_catalog_next(&scan))
		dsql_catalog_delete(&scan);
	dsql_catalog_close(&scan);
}

int64
dsql_cluster_catalog_next_cluster_position(void)
{
	return next_position("cluster", "cluster_position_key");
}

/*
 * What became of a stream by now.
 */
static void
advance_stream(Stream *stream)
{
	if (stream->status == STREAM_CREATING &&
		stream->status_until <= dsql_clock_now())
	{
		stream->status = STREAM_ACTIVE;
		stream->status_until = DT_NOEND;
	}
}

static Stream *
scan_next_stream(DsqlCatalogScan *scan)
{
	Stream	   *stream;
	char	   *status;

	if (!dsql_catalog_next(scan))
		return NULL;
	stream = palloc0(sizeof(Stream));
	stream->identifier = dsql_catalog_text(scan, "identifier");
	stream->cluster = dsql_catalog_text(scan, "cluster");
	stream->position = dsql_catalog_int64(scan, "position");
	status = dsql_catalog_text(scan, "status");
	if (!dsql_cluster_stream_status_parse(status, &stream->status))
		elog(ERROR, "stream \"%s\" has unknown status \"%s\"",
			 stream->identifier, status);
	stream->status_until = dsql_catalog_time(scan, "status_until");
	stream->gone_at = dsql_catalog_time(scan, "gone_at");
	stream->created = dsql_catalog_time(scan, "created");
	stream->ordering = dsql_catalog_text(scan, "ordering");
	stream->format = dsql_catalog_text(scan, "format");
	stream->target = dsql_catalog_jsonb(scan, "target");
	stream->error = dsql_catalog_text(scan, "error");
	stream->error_at = dsql_catalog_time(scan, "error_at");
	stream->tags = dsql_catalog_jsonb(scan, "tags");

	advance_stream(stream);
	return stream;
}

/*
 * The database whose labels a cluster's streams are; InvalidOid if they are rows
 * here.
 */
static Oid
stream_database(const char *identifier)
{
	const DsqlClusterDatabase *own = dsql_cluster_database_own();
	Cluster    *cluster;

	if (own != NULL)
		return own->database;
	cluster = dsql_cluster_catalog_cluster(identifier);
	return cluster != NULL && cluster->own_database &&
		dsql_cluster_database_is_ours(cluster->database) ?
		cluster->database : InvalidOid;
}

static List *
labelled_streams(Oid database, const char *cluster, int64 after)
{
	TimestampTz now = dsql_clock_now();
	List	   *streams = NIL;
	ListCell   *cell;

	foreach(cell, dsql_cluster_stream_list(database))
	{
		Stream	   *stream = lfirst(cell);

		if (strcmp(stream->cluster, cluster) != 0 ||
			stream->position <= after || stream->gone_at <= now)
			continue;
		advance_stream(stream);
		streams = lappend(streams, stream);
	}
	return streams;
}

List *
dsql_cluster_catalog_streams(const char *cluster, int64 after)
{
	DsqlCatalogScan scan;
	Stream	   *stream;
	TimestampTz now = dsql_clock_now();
	Oid			database = stream_database(cluster);
	List	   *streams = NIL;

	if (OidIsValid(database))
		return labelled_streams(database, cluster, after);
	dsql_catalog_open(&scan, "stream", AccessShareLock);
	dsql_catalog_key_text(&scan, "cluster", cluster);
	key_after(&scan, after);
	dsql_catalog_begin(&scan, "stream_list_key");
	while ((stream = scan_next_stream(&scan)) != NULL)
		if (now < stream->gone_at)
			streams = lappend(streams, stream);
	dsql_catalog_close(&scan);
	return streams;
}

Stream *
dsql_cluster_catalog_stream(const char *cluster, const char *identifier)
{
	DsqlCatalogScan scan;
	Stream	   *stream;
	Oid			database = stream_database(cluster);

	if (OidIsValid(database))
	{
		ListCell   *cell;

		foreach(cell, labelled_streams(database, cluster, -1))
		{
			stream = lfirst(cell);
			if (strcmp(stream->identifier, identifier) == 0)
				return stream;
		}
		return NULL;
	}
	dsql_catalog_open(&scan, "stream", AccessShareLock);
	dsql_catalog_key_text(&scan, "identifier", identifier);
	dsql_catalog_begin(&scan, "stream_pkey");
	stream = scan_next_stream(&scan);
	dsql_catalog_close(&scan);
	if (stream != NULL && (strcmp(stream->cluster, cluster) != 0 ||
						   stream->gone_at <= dsql_clock_now()))
		return NULL;
	return stream;
}

static void
store_stream(const Stream *stream, bool replace)
{
	DsqlCatalogScan scan;
	DsqlCatalogRow row;

	dsql_catalog_open(&scan, "stream", RowExclusiveLock);
	dsql_catalog_row_init(&row, &scan);
	dsql_catalog_set_text(&row, &scan, "identifier", stream->identifier);
	dsql_catalog_set_text(&row, &scan, "cluster", stream->cluster);
	dsql_catalog_set(&row, &scan, "position", Int64GetDatum(stream->position));
	dsql_catalog_set_text(&row, &scan, "status", dsql_cluster_stream_status_name(stream->status));
	set_time(&row, &scan, "status_until", stream->status_until);
	set_time(&row, &scan, "gone_at", stream->gone_at);
	set_time(&row, &scan, "created", stream->created);
	dsql_catalog_set_text(&row, &scan, "ordering", stream->ordering);
	dsql_catalog_set_text(&row, &scan, "format", stream->format);
	dsql_catalog_set(&row, &scan, "target", JsonbPGetDatum(stream->target));
	dsql_catalog_set_text(&row, &scan, "error", stream->error);
	set_time(&row, &scan, "error_at", stream->error_at);
	dsql_catalog_set(&row, &scan, "tags", JsonbPGetDatum(stream->tags));
	store(&scan, &row, "stream_pkey", stream->identifier, replace);
	/* For who keeps in mind which clusters have streams. */
	CacheInvalidateRelcache(scan.relation);
	dsql_catalog_close(&scan);
}

/*
 * A new label: those go whose end has come.
 */
static void
insert_label(Oid database, Stream *stream)
{
	TimestampTz now = dsql_clock_now();
	ListCell   *cell;

	stream->position = 1;
	foreach(cell, dsql_cluster_stream_list(database))
	{
		Stream	   *other = lfirst(cell);

		stream->position = Max(stream->position, other->position + 1);
		if (other->gone_at <= now)
			dsql_cluster_stream_delete(database, other->identifier);
	}
	dsql_cluster_stream_store(database, stream);
}

void
dsql_cluster_catalog_insert_stream(Stream *stream)
{
	Oid			database = stream_database(stream->cluster);

	if (OidIsValid(database))
	{
		insert_label(database, stream);
		return;
	}
	stream->position = next_position("stream", "stream_position_key");
	store_stream(stream, false);
}

void
dsql_cluster_catalog_update_stream(Stream *stream)
{
	Oid			database = stream_database(stream->cluster);

	if (OidIsValid(database))
		dsql_cluster_stream_store(database, stream);
	else
		store_stream(stream, true);
}

void
dsql_cluster_catalog_set_stream_status(Stream *stream, StreamStatus status,
									   const char *error)
{
	Assert((error != NULL) ==
		   (status == STREAM_IMPAIRED || status == STREAM_FAILED));
	stream->status = status;
	stream->status_until = stream->gone_at = DT_NOEND;
	stream->error = error == NULL ? NULL : pstrdup(error);
	stream->error_at = dsql_clock_now();
	dsql_cluster_catalog_update_stream(stream);
}

/*
 * Of a pair that is one database: only one may go.
 */
static void
delete_labels(const Cluster *cluster)
{
	ListCell   *cell;

	if (!cluster->own_database ||
		!dsql_cluster_database_is_ours(cluster->database))
		return;
	foreach(cell, dsql_cluster_stream_list(cluster->database))
	{
		Stream	   *stream = lfirst(cell);

		if (strcmp(stream->cluster, cluster->identifier) == 0)
			dsql_cluster_stream_delete(cluster->database, stream->identifier);
	}
}

void
dsql_cluster_catalog_delete_streams(const Cluster *cluster)
{
	DsqlCatalogScan scan;
	Stream	   *stream;
	TimestampTz now = dsql_clock_now();

	delete_labels(cluster);
	dsql_catalog_open(&scan, "stream", RowExclusiveLock);
	dsql_catalog_begin(&scan, "stream_position_key");
	while ((stream = scan_next_stream(&scan)) != NULL)
		if (stream->gone_at <= now ||
			strcmp(stream->cluster, cluster->identifier) == 0)
			dsql_catalog_delete(&scan);
	CacheInvalidateRelcache(scan.relation);
	dsql_catalog_close(&scan);
}

Jsonb *
dsql_cluster_catalog_token(const ClientToken *token, Jsonb **request)
{
	DsqlCatalogScan scan;
	Jsonb	   *response = NULL;

	dsql_catalog_open(&scan, "client_token", AccessShareLock);
	dsql_catalog_key_text(&scan, "account", token->account);
	dsql_catalog_key_text(&scan, "region", token->region);
	dsql_catalog_key_text(&scan, "operation", token->operation);
	dsql_catalog_key_text(&scan, "resource", token->resource);
	dsql_catalog_key_text(&scan, "token", token->token);
	dsql_catalog_begin(&scan, "client_token_pkey");
	if (dsql_catalog_next(&scan))
	{
		*request = dsql_catalog_jsonb(&scan, "request");
		response = dsql_catalog_jsonb(&scan, "response");
	}
	dsql_catalog_close(&scan);
	return response;
}

/*
 * Remember the answer to a request, and forget those of its kind that are too
 * old: that is often enough, as only requests with tokens add any.
 */
void
dsql_cluster_catalog_insert_token(const ClientToken *token, Jsonb *request,
								  Jsonb *response)
{
	TimestampTz now = dsql_clock_now();
	DsqlCatalogScan scan;
	DsqlCatalogRow row;

	dsql_catalog_open(&scan, "client_token", RowExclusiveLock);
	dsql_catalog_begin(&scan, "client_token_created_idx");
	while (dsql_catalog_next(&scan) &&
		   dsql_catalog_time(&scan, "created") < now - TOKEN_LIFE)
		dsql_catalog_delete(&scan);

	dsql_catalog_row_init(&row, &scan);
	dsql_catalog_set_text(&row, &scan, "account", token->account);
	dsql_catalog_set_text(&row, &scan, "region", token->region);
	dsql_catalog_set_text(&row, &scan, "operation", token->operation);
	dsql_catalog_set_text(&row, &scan, "resource", token->resource);
	dsql_catalog_set_text(&row, &scan, "token", token->token);
	dsql_catalog_set(&row, &scan, "request", JsonbPGetDatum(request));
	dsql_catalog_set(&row, &scan, "response", JsonbPGetDatum(response));
	set_time(&row, &scan, "created", now);
	dsql_catalog_insert(&scan, &row);
	dsql_catalog_close(&scan);
}
