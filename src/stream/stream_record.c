/*
 * stream_record.c
 *		Change records, as the service's consumers get them.
 */
#include "postgres.h"

#include "common/pg_prng.h"
#include "lib/stringinfo.h"
#include "utils/json.h"

#include "base/identifier.h"
#include "stream/stream_record.h"

#define NSECS_PER_MSEC INT64CONST(1000000)

static void
append_member(StringInfo json, const char *name, const char *value)
{
	escape_json(json, name);
	appendStringInfoChar(json, ':');
	escape_json(json, value);
}

static char *
make_head(StreamOperation op, const char *type, const StreamSource *source,
		  const char *image, int length)
{
	bool		is_delete = op == STREAM_OP_DELETE;
	StringInfoData json;

	initStringInfo(&json);
	appendStringInfo(&json, "{\"type\":\"%s\",\"op\":\"%c\",\"before\":",
					 type, op);
	if (!is_delete || length == 0)
		appendStringInfoString(&json, "null");
	else
		appendBinaryStringInfo(&json, image, length);
	appendStringInfoString(&json, ",\"after\":");
	if (is_delete || length == 0)
		appendStringInfoString(&json, "null");
	else
		appendBinaryStringInfo(&json, image, length);
	appendStringInfo(&json,
					 ",\"source\":{\"version\":\"1.0\",\"ts_ms\":" INT64_FORMAT
					 ",\"ts_ns\":" INT64_FORMAT ",",
					 source->time / NSECS_PER_MSEC, source->time);
	append_member(&json, "txId", source->transaction);
	appendStringInfoChar(&json, ',');
	append_member(&json, "schema", source->schema);
	appendStringInfoChar(&json, ',');
	append_member(&json, "table", source->table);
	appendStringInfoString(&json, ",\"db\":\"postgres\",\"cluster\":\"");
	return json.data;
}

void
dsql_stream_record_full(StreamRecord *record, StreamOperation op,
						const StreamSource *source,
						const char *image, int length)
{
	record->head = make_head(op, "full", source, image, length);
	record->tail = pstrdup("\"}");
}

void
dsql_stream_record_chunked(StreamRecord *record, StreamOperation op,
						   const StreamSource *source, char *tail)
{
	record->head = make_head(op, "chunked", source, NULL, 0);
	record->tail = tail;
}

char *
dsql_stream_record_chunks_tail(StreamOperation op, const char *chunk_id,
							   int fragments, uint32 crc)
{
	return psprintf("\"},\"chunked\":{\"%s\":{\"chunk_id\":\"%s\",\"total_fragments\":%d,\"crc32c\":\"%u\"}}",
					op == STREAM_OP_DELETE ? "before" : "after", chunk_id,
					fragments, crc);
}

/*
 * One byte of any value, 42 bits of the time, the rest of any value: so are
 * those of the service's identifiers that have been looked at.
 */
char *
dsql_stream_record_transaction(int64 time)
{
	uint8		bytes[16];

	for (int i = 0; i < sizeof(bytes); i += sizeof(uint64))
	{
		uint64		number = pg_prng_uint64(&pg_global_prng_state);

		memcpy(bytes + i, &number, sizeof(number));
	}
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
