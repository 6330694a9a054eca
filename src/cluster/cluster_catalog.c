/*
 * cluster_catalog.c
 *		The rows of dsql.cluster, dsql.stream and dsql.client_token.
 *
 * They are read and written as PostgreSQL does with its own catalogs, by index
 * scans with a snapshot of now and without the executor: the control plane
 * works the same in a session whose statements are refused, counted and
 * checked for conflicts.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "base/clock.h"
#include "cluster/cluster_catalog.h"
#include "cluster/cluster_sessions.h"

/* The columns, as the extension's script makes them. */
enum
{
	Anum_cluster_identifier = 1,
	Anum_cluster_position,
	Anum_cluster_region,
	Anum_cluster_account,
	Anum_cluster_schema,
	Anum_cluster_home,
	Anum_cluster_status,
	Anum_cluster_status_until,
	Anum_cluster_gone_at,
	Anum_cluster_created,
	Anum_cluster_deletion_protection,
	Anum_cluster_kms_key,
	Anum_cluster_kms_until,
	Anum_cluster_kms_inaccessible,
	Anum_cluster_witness,
	Anum_cluster_peer,
	Anum_cluster_tags,
	Anum_cluster_policy,
	Anum_cluster_policy_version,
	Natts_cluster = Anum_cluster_policy_version
};

enum
{
	Anum_stream_identifier = 1,
	Anum_stream_cluster,
	Anum_stream_position,
	Anum_stream_status,
	Anum_stream_status_until,
	Anum_stream_gone_at,
	Anum_stream_created,
	Anum_stream_ordering,
	Anum_stream_format,
	Anum_stream_target,
	Anum_stream_error,
	Anum_stream_error_at,
	Anum_stream_tags,
	Natts_stream = Anum_stream_tags
};

enum
{
	Anum_client_token_account = 1,
	Anum_client_token_region,
	Anum_client_token_operation,
	Anum_client_token_resource,
	Anum_client_token_token,
	Anum_client_token_request,
	Anum_client_token_response,
	Anum_client_token_created,
	Natts_client_token = Anum_client_token_created
};

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

static const char *const stream_status_names[] = {
	[STREAM_CREATING] = "CREATING",
	[STREAM_ACTIVE] = "ACTIVE",
	[STREAM_DELETING] = "DELETING",
	[STREAM_DELETED] = "DELETED",
	[STREAM_FAILED] = "FAILED",
	[STREAM_IMPAIRED] = "IMPAIRED",
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

const char *
dsql_cluster_stream_status_name(StreamStatus status)
{
	return stream_status_names[status];
}

bool
dsql_cluster_stream_status_parse(const char *name, StreamStatus *status)
{
	int			i = find_name(stream_status_names,
							  lengthof(stream_status_names), name);

	*status = (StreamStatus) i;
	return i >= 0;
}

static Oid
our_relation(const char *name)
{
	return get_relname_relid(name, get_namespace_oid("dsql", false));
}

void
dsql_cluster_catalog_lock(void)
{
	LockRelationOid(our_relation("cluster"), ShareRowExclusiveLock);
}

bool
dsql_cluster_catalog_trylock(void)
{
	return ConditionalLockRelationOid(our_relation("cluster"),
									  ShareRowExclusiveLock);
}

/*
 * A scan of one of our tables along one of its indexes.
 */
typedef struct CatalogScan
{
	Relation	relation;
	Relation	index;
	Snapshot	snapshot;
	SysScanDesc scan;
	Datum	   *values;
	bool	   *nulls;
} CatalogScan;

static void
begin_scan(CatalogScan *scan, const char *table, const char *index,
		   int nkeys, ScanKey keys)
{
	int			natts;

	scan->relation = table_open(our_relation(table), AccessShareLock);
	scan->index = index_open(our_relation(index), AccessShareLock);
	scan->snapshot = RegisterSnapshot(GetLatestSnapshot());
	scan->scan = systable_beginscan_ordered(scan->relation, scan->index,
											scan->snapshot, nkeys, keys);
	natts = RelationGetNumberOfAttributes(scan->relation);
	scan->values = palloc(natts * sizeof(Datum));
	scan->nulls = palloc(natts * sizeof(bool));
}

static HeapTuple
next_tuple(CatalogScan *scan, ScanDirection direction)
{
	HeapTuple	tuple = systable_getnext_ordered(scan->scan, direction);

	if (HeapTupleIsValid(tuple))
		heap_deform_tuple(tuple, RelationGetDescr(scan->relation),
						  scan->values, scan->nulls);
	return tuple;
}

static void
end_scan(CatalogScan *scan)
{
	systable_endscan_ordered(scan->scan);
	UnregisterSnapshot(scan->snapshot);
	index_close(scan->index, AccessShareLock);
	table_close(scan->relation, AccessShareLock);
}

/*
 * The number after the greatest one in a table's column "position".
 */
static int64
next_position(const char *table, const char *index, AttrNumber attribute)
{
	CatalogScan scan;
	int64		position = 1;

	begin_scan(&scan, table, index, 0, NULL);
	if (HeapTupleIsValid(next_tuple(&scan, BackwardScanDirection)))
		position = DatumGetInt64(scan.values[attribute - 1]) + 1;
	end_scan(&scan);
	return position;
}

static void
text_key(ScanKey key, AttrNumber attribute, const char *value)
{
	ScanKeyInit(key, attribute, BTEqualStrategyNumber, F_TEXTEQ,
				CStringGetTextDatum(value));
}

static void
position_key(ScanKey key, AttrNumber attribute, int64 after)
{
	ScanKeyInit(key, attribute, BTGreaterStrategyNumber, F_INT8GT,
				Int64GetDatum(after));
}

/* The value of a column as the struct has it. */
static char *
scan_text(const CatalogScan *scan, AttrNumber attribute)
{
	return scan->nulls[attribute - 1] ? NULL :
		TextDatumGetCString(scan->values[attribute - 1]);
}

static Jsonb *
scan_jsonb(const CatalogScan *scan, AttrNumber attribute)
{
	return scan->nulls[attribute - 1] ? NULL :
		DatumGetJsonbPCopy(scan->values[attribute - 1]);
}

static TimestampTz
scan_time(const CatalogScan *scan, AttrNumber attribute)
{
	return DatumGetTimestampTz(scan->values[attribute - 1]);
}

static void
set_text(Datum *values, bool *nulls, AttrNumber attribute, const char *value)
{
	nulls[attribute - 1] = value == NULL;
	if (value != NULL)
		values[attribute - 1] = CStringGetTextDatum(value);
}

static void
set_jsonb(Datum *values, AttrNumber attribute, Jsonb *value)
{
	values[attribute - 1] = JsonbPGetDatum(value);
}

static void
set_time(Datum *values, AttrNumber attribute, TimestampTz value)
{
	values[attribute - 1] = TimestampTzGetDatum(value);
}

/*
 * Insert a row, or replace the one at tid; tid then points to the new one.
 */
static void
store_row(const char *table, Datum *values, bool *nulls, ItemPointer tid,
		  bool replace)
{
	Relation	relation = table_open(our_relation(table), RowExclusiveLock);
	HeapTuple	tuple = heap_form_tuple(RelationGetDescr(relation), values,
										nulls);

	if (replace)
		CatalogTupleUpdate(relation, tid, tuple);
	else
		CatalogTupleInsert(relation, tuple);
	*tid = tuple->t_self;
	table_close(relation, RowExclusiveLock);
	CommandCounterIncrement();
}

static void
delete_row(const char *table, ItemPointer tid)
{
	Relation	relation = table_open(our_relation(table), RowExclusiveLock);

	CatalogTupleDelete(relation, tid);
	table_close(relation, RowExclusiveLock);
	CommandCounterIncrement();
}

/*
 * What became of a cluster by now.
 */
static void
settle_cluster(Cluster *cluster)
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

static Cluster *
scan_next_cluster(CatalogScan *scan)
{
	HeapTuple	tuple = next_tuple(scan, ForwardScanDirection);
	Cluster    *cluster;
	char	   *status;

	if (!HeapTupleIsValid(tuple))
		return NULL;
	cluster = palloc0(sizeof(Cluster));
	cluster->identifier = scan_text(scan, Anum_cluster_identifier);
	cluster->position =
		DatumGetInt64(scan->values[Anum_cluster_position - 1]);
	cluster->region = scan_text(scan, Anum_cluster_region);
	cluster->account = scan_text(scan, Anum_cluster_account);
	cluster->schema = scan_text(scan, Anum_cluster_schema);
	cluster->home = scan_text(scan, Anum_cluster_home);
	status = scan_text(scan, Anum_cluster_status);
	if (!dsql_cluster_status_parse(status, &cluster->status))
		elog(ERROR, "cluster \"%s\" has unknown status \"%s\"",
			 cluster->identifier, status);
	cluster->status_until = scan_time(scan, Anum_cluster_status_until);
	cluster->gone_at = scan_time(scan, Anum_cluster_gone_at);
	cluster->created = scan_time(scan, Anum_cluster_created);
	cluster->deletion_protection =
		DatumGetBool(scan->values[Anum_cluster_deletion_protection - 1]);
	cluster->kms_key = scan_text(scan, Anum_cluster_kms_key);
	cluster->kms_until = scan_time(scan, Anum_cluster_kms_until);
	cluster->kms_inaccessible =
		DatumGetBool(scan->values[Anum_cluster_kms_inaccessible - 1]);
	cluster->witness = scan_text(scan, Anum_cluster_witness);
	cluster->peer = scan_text(scan, Anum_cluster_peer);
	cluster->tags = scan_jsonb(scan, Anum_cluster_tags);
	cluster->policy = scan_text(scan, Anum_cluster_policy);
	cluster->policy_version =
		DatumGetInt64(scan->values[Anum_cluster_policy_version - 1]);
	cluster->tid = tuple->t_self;

	settle_cluster(cluster);
	return cluster;
}

Cluster *
dsql_cluster_catalog_cluster(const char *identifier)
{
	CatalogScan scan;
	ScanKeyData key;
	Cluster    *cluster;

	text_key(&key, Anum_cluster_identifier, identifier);
	begin_scan(&scan, "cluster", "cluster_pkey", 1, &key);
	cluster = scan_next_cluster(&scan);
	end_scan(&scan);
	if (cluster != NULL && cluster->gone_at <= dsql_clock_now())
		return NULL;
	return cluster;
}

Cluster *
dsql_cluster_catalog_default_cluster(void)
{
	CatalogScan scan;
	ScanKeyData key;
	Cluster    *cluster;

	ScanKeyInit(&key, Anum_cluster_position, BTEqualStrategyNumber, F_INT8EQ,
				Int64GetDatum(DEFAULT_CLUSTER_POSITION));
	begin_scan(&scan, "cluster", "cluster_position_key", 1, &key);
	cluster = scan_next_cluster(&scan);
	end_scan(&scan);
	return cluster;
}

List *
dsql_cluster_catalog_clusters(const char *region, const char *account,
							  int64 after)
{
	CatalogScan scan;
	ScanKeyData keys[3];
	Cluster    *cluster;
	TimestampTz now = dsql_clock_now();
	List	   *clusters = NIL;

	text_key(&keys[0], Anum_cluster_account, account);
	text_key(&keys[1], Anum_cluster_region, region);
	position_key(&keys[2], Anum_cluster_position, after);
	begin_scan(&scan, "cluster", "cluster_list_key", 3, keys);
	while ((cluster = scan_next_cluster(&scan)) != NULL)
		if (now < cluster->gone_at)
			clusters = lappend(clusters, cluster);
	end_scan(&scan);
	return clusters;
}

List *
dsql_cluster_catalog_all_clusters(void)
{
	CatalogScan scan;
	Cluster    *cluster;
	TimestampTz now = dsql_clock_now();
	List	   *clusters = NIL;

	begin_scan(&scan, "cluster", "cluster_position_key", 0, NULL);
	while ((cluster = scan_next_cluster(&scan)) != NULL)
		if (now < cluster->gone_at)
			clusters = lappend(clusters, cluster);
	end_scan(&scan);
	return clusters;
}

List *
dsql_cluster_catalog_gone_clusters(void)
{
	CatalogScan scan;
	ScanKeyData key;
	Cluster    *cluster;
	List	   *clusters = NIL;

	ScanKeyInit(&key, Anum_cluster_gone_at, BTLessEqualStrategyNumber,
				F_TIMESTAMPTZ_LE, TimestampTzGetDatum(dsql_clock_now()));
	begin_scan(&scan, "cluster", "cluster_gone_at_idx", 1, &key);
	while ((cluster = scan_next_cluster(&scan)) != NULL)
		clusters = lappend(clusters, cluster);
	end_scan(&scan);
	return clusters;
}

TimestampTz
dsql_cluster_catalog_next_end(void)
{
	CatalogScan scan;
	TimestampTz end = DT_NOEND;

	begin_scan(&scan, "cluster", "cluster_gone_at_idx", 0, NULL);
	if (HeapTupleIsValid(next_tuple(&scan, ForwardScanDirection)))
		end = scan_time(&scan, Anum_cluster_gone_at);
	end_scan(&scan);
	return end;
}

static void
store_cluster(Cluster *cluster, bool replace)
{
	Datum		values[Natts_cluster];
	bool		nulls[Natts_cluster] = {0};

	set_text(values, nulls, Anum_cluster_identifier, cluster->identifier);
	values[Anum_cluster_position - 1] = Int64GetDatum(cluster->position);
	set_text(values, nulls, Anum_cluster_region, cluster->region);
	set_text(values, nulls, Anum_cluster_account, cluster->account);
	set_text(values, nulls, Anum_cluster_schema, cluster->schema);
	set_text(values, nulls, Anum_cluster_home, cluster->home);
	set_text(values, nulls, Anum_cluster_status,
			 dsql_cluster_status_name(cluster->status));
	set_time(values, Anum_cluster_status_until, cluster->status_until);
	set_time(values, Anum_cluster_gone_at, cluster->gone_at);
	set_time(values, Anum_cluster_created, cluster->created);
	values[Anum_cluster_deletion_protection - 1] =
		BoolGetDatum(cluster->deletion_protection);
	set_text(values, nulls, Anum_cluster_kms_key, cluster->kms_key);
	set_time(values, Anum_cluster_kms_until, cluster->kms_until);
	values[Anum_cluster_kms_inaccessible - 1] =
		BoolGetDatum(cluster->kms_inaccessible);
	set_text(values, nulls, Anum_cluster_witness, cluster->witness);
	set_text(values, nulls, Anum_cluster_peer, cluster->peer);
	set_jsonb(values, Anum_cluster_tags, cluster->tags);
	set_text(values, nulls, Anum_cluster_policy, cluster->policy);
	values[Anum_cluster_policy_version - 1] =
		Int64GetDatum(cluster->policy_version);
	store_row("cluster", values, nulls, &cluster->tid, replace);
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
	delete_row("cluster", &cluster->tid);
}

int64
dsql_cluster_catalog_next_cluster_position(void)
{
	return next_position("cluster", "cluster_position_key",
						 Anum_cluster_position);
}

/*
 * What became of a stream by now.
 */
static void
settle_stream(Stream *stream)
{
	if (stream->status == STREAM_CREATING &&
		stream->status_until <= dsql_clock_now())
	{
		stream->status = STREAM_ACTIVE;
		stream->status_until = DT_NOEND;
	}
}

static Stream *
scan_next_stream(CatalogScan *scan)
{
	HeapTuple	tuple = next_tuple(scan, ForwardScanDirection);
	Stream	   *stream;
	char	   *status;

	if (!HeapTupleIsValid(tuple))
		return NULL;
	stream = palloc0(sizeof(Stream));
	stream->identifier = scan_text(scan, Anum_stream_identifier);
	stream->cluster = scan_text(scan, Anum_stream_cluster);
	stream->position = DatumGetInt64(scan->values[Anum_stream_position - 1]);
	status = scan_text(scan, Anum_stream_status);
	if (!dsql_cluster_stream_status_parse(status, &stream->status))
		elog(ERROR, "stream \"%s\" has unknown status \"%s\"",
			 stream->identifier, status);
	stream->status_until = scan_time(scan, Anum_stream_status_until);
	stream->gone_at = scan_time(scan, Anum_stream_gone_at);
	stream->created = scan_time(scan, Anum_stream_created);
	stream->ordering = scan_text(scan, Anum_stream_ordering);
	stream->format = scan_text(scan, Anum_stream_format);
	stream->target = scan_jsonb(scan, Anum_stream_target);
	stream->error = scan_text(scan, Anum_stream_error);
	stream->error_at = scan_time(scan, Anum_stream_error_at);
	stream->tags = scan_jsonb(scan, Anum_stream_tags);
	stream->tid = tuple->t_self;

	settle_stream(stream);
	return stream;
}

List *
dsql_cluster_catalog_streams(const char *cluster, int64 after)
{
	CatalogScan scan;
	ScanKeyData keys[2];
	Stream	   *stream;
	TimestampTz now = dsql_clock_now();
	List	   *streams = NIL;

	text_key(&keys[0], Anum_stream_cluster, cluster);
	position_key(&keys[1], Anum_stream_position, after);
	begin_scan(&scan, "stream", "stream_list_key", 2, keys);
	while ((stream = scan_next_stream(&scan)) != NULL)
		if (now < stream->gone_at)
			streams = lappend(streams, stream);
	end_scan(&scan);
	return streams;
}

Stream *
dsql_cluster_catalog_stream(const char *cluster, const char *identifier)
{
	CatalogScan scan;
	ScanKeyData key;
	Stream	   *stream;

	text_key(&key, Anum_stream_identifier, identifier);
	begin_scan(&scan, "stream", "stream_pkey", 1, &key);
	stream = scan_next_stream(&scan);
	end_scan(&scan);
	if (stream != NULL && (strcmp(stream->cluster, cluster) != 0 ||
						   stream->gone_at <= dsql_clock_now()))
		return NULL;
	return stream;
}

static void
store_stream(Stream *stream, bool replace)
{
	Datum		values[Natts_stream];
	bool		nulls[Natts_stream] = {0};

	set_text(values, nulls, Anum_stream_identifier, stream->identifier);
	set_text(values, nulls, Anum_stream_cluster, stream->cluster);
	values[Anum_stream_position - 1] = Int64GetDatum(stream->position);
	set_text(values, nulls, Anum_stream_status,
			 dsql_cluster_stream_status_name(stream->status));
	set_time(values, Anum_stream_status_until, stream->status_until);
	set_time(values, Anum_stream_gone_at, stream->gone_at);
	set_time(values, Anum_stream_created, stream->created);
	set_text(values, nulls, Anum_stream_ordering, stream->ordering);
	set_text(values, nulls, Anum_stream_format, stream->format);
	set_jsonb(values, Anum_stream_target, stream->target);
	set_text(values, nulls, Anum_stream_error, stream->error);
	set_time(values, Anum_stream_error_at, stream->error_at);
	set_jsonb(values, Anum_stream_tags, stream->tags);
	store_row("stream", values, nulls, &stream->tid, replace);
}

void
dsql_cluster_catalog_insert_stream(Stream *stream)
{
	store_stream(stream, false);
}

void
dsql_cluster_catalog_update_stream(Stream *stream)
{
	store_stream(stream, true);
}

void
dsql_cluster_catalog_delete_streams(const char *cluster)
{
	CatalogScan scan;
	Stream	   *stream;
	TimestampTz now = dsql_clock_now();

	begin_scan(&scan, "stream", "stream_position_key", 0, NULL);
	while ((stream = scan_next_stream(&scan)) != NULL)
		if (stream->gone_at <= now || strcmp(stream->cluster, cluster) == 0)
			delete_row("stream", &stream->tid);
	end_scan(&scan);
}

int64
dsql_cluster_catalog_next_stream_position(void)
{
	return next_position("stream", "stream_position_key",
						 Anum_stream_position);
}

Jsonb *
dsql_cluster_catalog_token(const ClientToken *token, Jsonb **request)
{
	CatalogScan scan;
	ScanKeyData keys[5];
	Jsonb	   *response = NULL;

	text_key(&keys[0], Anum_client_token_account, token->account);
	text_key(&keys[1], Anum_client_token_region, token->region);
	text_key(&keys[2], Anum_client_token_operation, token->operation);
	text_key(&keys[3], Anum_client_token_resource, token->resource);
	text_key(&keys[4], Anum_client_token_token, token->token);
	begin_scan(&scan, "client_token", "client_token_pkey", lengthof(keys), keys);
	if (HeapTupleIsValid(next_tuple(&scan, ForwardScanDirection)))
	{
		*request = scan_jsonb(&scan, Anum_client_token_request);
		response = scan_jsonb(&scan, Anum_client_token_response);
	}
	end_scan(&scan);
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
	Datum		values[Natts_client_token];
	bool		nulls[Natts_client_token] = {0};
	CatalogScan scan;
	HeapTuple	tuple;
	ItemPointerData tid;

	begin_scan(&scan, "client_token", "client_token_created_idx", 0, NULL);
	while (HeapTupleIsValid(tuple = next_tuple(&scan, ForwardScanDirection)) &&
		   scan_time(&scan, Anum_client_token_created) < now - TOKEN_LIFE)
		delete_row("client_token", &tuple->t_self);
	end_scan(&scan);

	set_text(values, nulls, Anum_client_token_account, token->account);
	set_text(values, nulls, Anum_client_token_region, token->region);
	set_text(values, nulls, Anum_client_token_operation, token->operation);
	set_text(values, nulls, Anum_client_token_resource, token->resource);
	set_text(values, nulls, Anum_client_token_token, token->token);
	set_jsonb(values, Anum_client_token_request, request);
	set_jsonb(values, Anum_client_token_response, response);
	set_time(values, Anum_client_token_created, now);
	store_row("client_token", values, nulls, &tid, false);
}
