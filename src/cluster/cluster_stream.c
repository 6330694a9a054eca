/*
 * cluster_stream.c
 *		Streams of clusters, and where those are kept whose cluster has a
 *		database of its own.
 *
 * Each stream is a label of the database, whose provider ends with the stream's
 * identifier.  Processes that keep in mind which streams there are hear of a
 * change as of one of a database (DATABASEOID).
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/indexing.h"
#include "catalog/pg_database.h"
#include "catalog/pg_shseclabel.h"
#include "commands/seclabel.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"
#include "utils/rel.h"

#include "base/json.h"
#include "base/schema_owner.h"
#include "cluster/cluster_stream.h"

/* No part of a database has this number; it stands for its streams. */
#define STREAMS_LOCK 1

static const char provider_prefix[] = DSQL_STREAM_PROVIDER_PREFIX;

static const char *const status_names[] = {
	[STREAM_CREATING] = "CREATING",
	[STREAM_ACTIVE] = "ACTIVE",
	[STREAM_DELETING] = "DELETING",
	[STREAM_DELETED] = "DELETED",
	[STREAM_FAILED] = "FAILED",
	[STREAM_IMPAIRED] = "IMPAIRED",
};

const char *
dsql_cluster_stream_status_name(StreamStatus status)
{
	return status_names[status];
}

bool
dsql_cluster_stream_status_parse(const char *name, StreamStatus *status)
{
	for (int i = 0; i < lengthof(status_names); i++)
		if (strcmp(status_names[i], name) == 0)
		{
			*status = (StreamStatus) i;
			return true;
		}
	return false;
}

static int64
read_int(JsonbContainer *object, const char *name)
{
	JsonbValue *value = dsql_json_member(object, name);

	if (value == NULL || value->type != jbvNumeric)
		elog(ERROR, "the label of a stream has no member \"%s\"", name);
	return DatumGetInt64(DirectFunctionCall1(numeric_int8,
											 NumericGetDatum(value->val.numeric)));
}

static Jsonb *
read_jsonb(JsonbContainer *object, const char *name)
{
	JsonbValue *value = dsql_json_member(object, name);

	if (value == NULL)
		elog(ERROR, "the label of a stream has no member \"%s\"", name);
	return JsonbValueToJsonb(value);
}

static Stream *
read_label(const char *identifier, const char *label)
{
	Jsonb	   *jsonb = dsql_json_parse(label, strlen(label));
	JsonbContainer *object = jsonb == NULL ? NULL : &jsonb->root;
	Stream	   *stream = palloc0(sizeof(Stream));
	char	   *status = object == NULL ? NULL :
	dsql_json_member_string(object, "status");

	if (status == NULL ||
		!dsql_cluster_stream_status_parse(status, &stream->status))
		elog(ERROR, "stream \"%s\" has a malformed label", identifier);
	stream->identifier = pstrdup(identifier);
	stream->cluster = dsql_json_member_string(object, "cluster");
	stream->position = read_int(object, "position");
	stream->status_until = read_int(object, "status_until");
	stream->gone_at = read_int(object, "gone_at");
	stream->created = read_int(object, "created");
	stream->ordering = dsql_json_member_string(object, "ordering");
	stream->format = dsql_json_member_string(object, "format");
	stream->target = read_jsonb(object, "target");
	stream->error = dsql_json_member_string(object, "error");
	stream->error_at = read_int(object, "error_at");
	stream->tags = read_jsonb(object, "tags");
	stream->started = read_int(object, "started");
	return stream;
}

static char *
make_label(const Stream *stream)
{
	JsonBuilder json;

	dsql_json_begin(&json);
	dsql_json_string(&json, "cluster", stream->cluster);
	dsql_json_int(&json, "position", stream->position);
	dsql_json_string(&json, "status",
					 dsql_cluster_stream_status_name(stream->status));
	dsql_json_int(&json, "status_until", stream->status_until);
	dsql_json_int(&json, "gone_at", stream->gone_at);
	dsql_json_int(&json, "created", stream->created);
	dsql_json_string(&json, "ordering", stream->ordering);
	dsql_json_string(&json, "format", stream->format);
	dsql_json_jsonb(&json, "target", stream->target);
	dsql_json_string(&json, "error", stream->error);
	dsql_json_int(&json, "error_at", stream->error_at);
	dsql_json_jsonb(&json, "tags", stream->tags);
	dsql_json_int(&json, "started", stream->started);
	return JsonbToCString(NULL, &dsql_json_end(&json)->root, -1);
}

static int
compare_positions(const ListCell *a, const ListCell *b)
{
	const Stream *left = lfirst(a);
	const Stream *right = lfirst(b);

	return left->position < right->position ? -1 :
		left->position > right->position;
}

List *
dsql_cluster_stream_list(Oid database)
{
	Relation	labels = table_open(SharedSecLabelRelationId, AccessShareLock);
	ScanKeyData keys[2];
	SysScanDesc scan;
	HeapTuple	tuple;
	List	   *streams = NIL;

	ScanKeyInit(&keys[0], Anum_pg_shseclabel_objoid, BTEqualStrategyNumber,
				F_OIDEQ, ObjectIdGetDatum(database));
	ScanKeyInit(&keys[1], Anum_pg_shseclabel_classoid, BTEqualStrategyNumber,
				F_OIDEQ, ObjectIdGetDatum(DatabaseRelationId));
	scan = systable_beginscan(labels, SharedSecLabelObjectIndexId, true, NULL,
							  2, keys);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		bool		isnull;
		char	   *provider =
		TextDatumGetCString(heap_getattr(tuple, Anum_pg_shseclabel_provider,
										 RelationGetDescr(labels), &isnull));
		Datum		label = heap_getattr(tuple, Anum_pg_shseclabel_label,
										 RelationGetDescr(labels), &isnull);

		if (strncmp(provider, provider_prefix, strlen(provider_prefix)) == 0)
			streams = lappend(streams,
							  read_label(provider + strlen(provider_prefix),
										 TextDatumGetCString(label)));
	}
	systable_endscan(scan);
	table_close(labels, AccessShareLock);
	list_sort(streams, compare_positions);
	return streams;
}

static void
set_label(Oid database, const char *identifier, const char *label)
{
	ObjectAddress address;

	ObjectAddressSet(address, DatabaseRelationId, database);
	SetSecurityLabel(&address, psprintf("%s%s", provider_prefix, identifier),
					 label);
	CommandCounterIncrement();
	CacheInvalidateCatalog(DatabaseRelationId);
}

void
dsql_cluster_stream_store(Oid database, const Stream *stream)
{
	set_label(database, stream->identifier, make_label(stream));
}

void
dsql_cluster_stream_delete(Oid database, const char *identifier)
{
	set_label(database, identifier, NULL);
}

void
dsql_cluster_stream_lock(Oid control)
{
	LockSharedObject(DatabaseRelationId, control, STREAMS_LOCK,
					 ShareRowExclusiveLock);
}
