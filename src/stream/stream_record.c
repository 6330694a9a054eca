/*
 * stream_record.c
 *		Change records, as the service's consumers get them.
 */
#include "postgres.h"

#include "access/sysattr.h"
#include "lib/stringinfo.h"
#include "utils/json.h"
#include "utils/rel.h"

#include "base/identifier.h"
#include "base/settings.h"
#include "stream/stream_chunk.h"
#include "stream/stream_record.h"
#include "stream/stream_value.h"

#define NSECS_PER_MSEC INT64CONST(1000000)

/* What a record has besides the image of its row takes less than this. */
#define ENVELOPE_SIZE 512

static const char *const operations[] = {
	[STREAM_OP_CREATE] = "c",
	[STREAM_OP_UPDATE] = "u",
	[STREAM_OP_DELETE] = "d",
};

/*
 * The JSON of some columns; of all, without a set.
 */
static char *
make_image(Relation rel, TupleTableSlot *slot, Bitmapset *columns)
{
	TupleDesc	desc = RelationGetDescr(rel);
	StringInfoData json;
	bool		is_first = true;

	initStringInfo(&json);
	appendStringInfoChar(&json, '{');
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);
		bool		isnull;
		Datum		value;

		if (att->attisdropped ||
			(columns != NULL &&
			 !bms_is_member(att->attnum - FirstLowInvalidHeapAttributeNumber,
							columns)))
			continue;
		if (!is_first)
			appendStringInfoChar(&json, ',');
		is_first = false;
		escape_json(&json, NameStr(att->attname));
		appendStringInfoChar(&json, ':');
		value = slot_getattr(slot, att->attnum, &isnull);
		if (isnull)
			appendStringInfoString(&json, "null");
		else
			dsql_stream_value_append(&json, att->atttypid, value);
	}
	appendStringInfoChar(&json, '}');
	return json.data;
}

char *
dsql_stream_record_row(Relation rel, TupleTableSlot *slot)
{
	return make_image(rel, slot, NULL);
}

char *
dsql_stream_record_key(Relation rel, TupleTableSlot *slot)
{
	Bitmapset  *columns = RelationGetIndexAttrBitmap(rel, INDEX_ATTR_BITMAP_PRIMARY_KEY);
	char	   *key = bms_is_empty(columns) ? NULL :
	make_image(rel, slot, columns);

	bms_free(columns);
	return key;
}

/*
 * The image that makes the record large: the only one that it has.
 */
static char *
large_image(const StreamChange *change)
{
	char	   *image = change->op == STREAM_OP_DELETE ? change->key : change->row;

	if (image == NULL ||
		strlen(image) + ENVELOPE_SIZE <= dsql_settings_stream_chunk_size)
		return NULL;
	return image;
}

int
dsql_stream_record_count(const StreamChange *change)
{
	char	   *image = large_image(change);

	return image == NULL ? 1 : 1 + dsql_stream_chunk_count(image);
}

static void
append_member(StringInfo json, const char *name, const char *value)
{
	escape_json(json, name);
	appendStringInfoChar(json, ':');
	escape_json(json, value);
}

static char *
make_head(const StreamChange *change, bool chunked, int64 time,
		  const char *transaction)
{
	bool		is_delete = change->op == STREAM_OP_DELETE;
	StringInfoData json;

	initStringInfo(&json);
	appendStringInfo(&json,
					 "{\"type\":\"%s\",\"op\":\"%s\",\"before\":%s,\"after\":%s,",
					 chunked ? "chunked" : "full", operations[change->op],
					 is_delete && change->key && !chunked ? change->key : "null",
					 !is_delete && !chunked ? change->row : "null");
	appendStringInfo(&json,
					 "\"source\":{\"version\":\"1.0\",\"ts_ms\":" INT64_FORMAT
					 ",\"ts_ns\":" INT64_FORMAT ",",
					 time / NSECS_PER_MSEC, time);
	append_member(&json, "txId", transaction);
	appendStringInfoChar(&json, ',');
	append_member(&json, "schema", change->schema);
	appendStringInfoChar(&json, ',');
	append_member(&json, "table", change->table);
	appendStringInfoString(&json, ",\"db\":\"postgres\",\"cluster\":\"");
	return json.data;
}

static StreamRecord *
make_record(const StreamChange *change, char *head, char *tail)
{
	StreamRecord *record = palloc(sizeof(StreamRecord));

	record->home = change->home;
	record->head = head;
	record->tail = tail;
	return record;
}

List *
dsql_stream_record_make(const StreamChange *change, int64 time,
						const char *transaction)
{
	char	   *image = large_image(change);
	char	   *head = make_head(change, image != NULL, time, transaction);
	StreamChunks *chunks;
	List	   *records = NIL;
	ListCell   *lc;

	if (image == NULL)
		return list_make1(make_record(change, head, "\"}"));

	chunks = dsql_stream_chunk_split(image);
	foreach(lc, chunks->fragments)
		records = lappend(records, make_record(change, lfirst(lc), NULL));
	return lappend(records,
				   make_record(change, head,
							   psprintf("\"},\"chunked\":{\"%s\":{\"chunk_id\":\"%s\",\"total_fragments\":%d,\"crc32c\":\"%u\"}}",
										change->op == STREAM_OP_DELETE ? "before" : "after",
										chunks->identifier,
										list_length(chunks->fragments),
										chunks->crc)));
}

/*
 * One byte of any value, 42 bits of the time, the rest of any value: so are
 * those of the service's identifiers that have been looked at.
 */
char *
dsql_stream_record_transaction(int64 time)
{
	uint8		bytes[16];

	if (!pg_strong_random(bytes, sizeof(bytes)))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not generate random values")));
	for (int i = 0; i < 5; i++)
		bytes[1 + i] = (uint8) (time >> (34 - 8 * i));
	bytes[6] = (uint8) ((time & 0x03) << 6) | (bytes[6] & 0x3f);
	return dsql_identifier_from_uuid(bytes);
}

char *
dsql_stream_record_finish(const StreamRecord *record, const char *cluster,
						  int64 time)
{
	if (record->tail == NULL)
		return pstrdup(record->head);
	return psprintf("%s%s%s,\"ts_ms\":" INT64_FORMAT ",\"ts_ns\":" INT64_FORMAT "}",
					record->head, cluster, record->tail,
					time / NSECS_PER_MSEC, time);
}
