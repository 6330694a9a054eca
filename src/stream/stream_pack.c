/*
 * stream_pack.c
 *		How the records of a transaction's changes are kept: many in one value.
 *
 * A value is a header and entries, each with a letter and a length:
 *
 *		c, u, d		a change: the image of its row
 *		T			the schema, a zero byte, and the table of those that follow
 *		F			a fragment: the whole record
 *		C			the record that tells of the fragments before it: the letter
 *					of its operation, and its tail
 *
 * Values are as large as fits into a page.  A larger one has a single record.
 */
#include "postgres.h"

#include "base/settings.h"
#include "stream/stream_chunk.h"
#include "stream/stream_pack.h"

/*
 * A row with a value of this size fits into a page, and is not toasted: see the
 * definition of dsql.stream_outbox.
 */
#define MAX_BODY 7900

/* What a record has besides the image of its row takes less than this. */
#define ENVELOPE_SIZE 512

#define ENTRY_TABLE 'T'
#define ENTRY_FRAGMENT 'F'
#define ENTRY_CHUNKED 'C'

typedef struct Header
{
	int64		time;
	char		transaction[DSQL_IDENTIFIER_LEN];
} Header;

#define HEADER_SIZE (offsetof(Header, transaction) + DSQL_IDENTIFIER_LEN)
#define ENTRY_SIZE (sizeof(char) + sizeof(uint32))

/* ------------------------------------------------------------------------
 * Writing
 * ------------------------------------------------------------------------
 */

static StreamBody *
new_body(StreamPack *pack)
{
	StreamBody *body = palloc0(sizeof(StreamBody));

	body->home = pack->home;
	initStringInfo(&body->data);
	enlargeStringInfo(&body->data, HEADER_SIZE);
	body->data.len = HEADER_SIZE;
	pack->bodies = lappend(pack->bodies, body);
	pack->is_named = false;
	return body;
}

static StreamBody *
last_body(StreamPack *pack)
{
	StreamBody *body = pack->bodies == NIL ? NULL : llast(pack->bodies);

	return body != NULL && body->home == pack->home ? body : new_body(pack);
}

static int
begin_entry(StringInfo data, char letter)
{
	int			start = data->len;

	enlargeStringInfo(data, ENTRY_SIZE);
	data->data[start] = letter;
	data->len += ENTRY_SIZE;
	return start;
}

static uint32
end_entry(StringInfo data, int start)
{
	uint32		length = data->len - start - ENTRY_SIZE;

	memcpy(data->data + start + sizeof(char), &length, sizeof(length));
	return length;
}

static void
need_names(StreamPack *pack, StreamBody *body)
{
	int			start;

	if (pack->is_named)
		return;
	start = begin_entry(&body->data, ENTRY_TABLE);
	appendBinaryStringInfo(&body->data, pack->schema, strlen(pack->schema) + 1);
	appendStringInfoString(&body->data, pack->table);
	end_entry(&body->data, start);
	pack->is_named = true;
}

void
dsql_stream_pack_table(StreamPack *pack, const char *home, const char *schema,
					   const char *table)
{
	if (pack->home == NULL || strcmp(pack->home, home) != 0)
		pack->home = pstrdup(home);
	pack->schema = schema;
	pack->table = table;
	pack->is_named = false;
}

StringInfo
dsql_stream_pack_begin(StreamPack *pack, StreamOperation op)
{
	StreamBody *body = last_body(pack);

	need_names(pack, body);
	pack->entry = begin_entry(&body->data, (char) op);
	return &body->data;
}

/*
 * The last entry, which makes a body too large, goes into a new one.
 */
static void
move_entry(StreamPack *pack, StreamBody *body)
{
	StreamBody *next = new_body(pack);

	need_names(pack, next);
	appendBinaryStringInfo(&next->data, body->data.data + pack->entry,
						   body->data.len - pack->entry);
	body->data.len = pack->entry;
	body->count--;
	next->count = 1;
}

/*
 * The image that was written last is too large for a record.
 */
static void
make_chunks(StreamPack *pack, StreamBody *body)
{
	StreamOperation op = body->data.data[pack->entry];
	StreamChunks *chunks =
	dsql_stream_chunk_split(pstrdup(body->data.data + pack->entry +
									ENTRY_SIZE));
	int			start;
	ListCell   *lc;

	body->data.len = pack->entry;
	foreach(lc, chunks->fragments)
	{
		body = new_body(pack);
		start = begin_entry(&body->data, ENTRY_FRAGMENT);
		appendStringInfoString(&body->data, lfirst(lc));
		end_entry(&body->data, start);
		body->count = 1;
	}
	body = new_body(pack);
	need_names(pack, body);
	start = begin_entry(&body->data, ENTRY_CHUNKED);
	appendStringInfoChar(&body->data, (char) op);
	appendStringInfoString(&body->data,
						   dsql_stream_record_chunks_tail(op, chunks->identifier,
														  list_length(chunks->fragments),
														  chunks->crc));
	end_entry(&body->data, start);
	body->count = 1;
}

void
dsql_stream_pack_end(StreamPack *pack)
{
	StreamBody *body = llast(pack->bodies);
	uint32		length = end_entry(&body->data, pack->entry);

	if (length + ENVELOPE_SIZE > dsql_settings_stream_chunk_size)
	{
		make_chunks(pack, body);
		return;
	}
	body->count++;
	if (body->data.len > MAX_BODY && body->count > 1)
		move_entry(pack, body);
}

int
dsql_stream_pack_count(const StreamPack *pack)
{
	int			count = 0;
	ListCell   *lc;

	foreach(lc, pack->bodies)
		count += ((StreamBody *) lfirst(lc))->count;
	return count;
}

void
dsql_stream_pack_seal(StreamPack *pack, int64 time, const char *transaction)
{
	Header		header = {.time = time};
	ListCell   *lc;

	memcpy(header.transaction, transaction, DSQL_IDENTIFIER_LEN);
	foreach(lc, pack->bodies)
		memcpy(((StreamBody *) lfirst(lc))->data.data, &header, HEADER_SIZE);
}

/* ------------------------------------------------------------------------
 * Reading
 * ------------------------------------------------------------------------
 */

/*
 * The next entry: its letter, and where it is.
 */
static char
read_entry(StreamUnpack *unpack, const char **entry, int *length)
{
	char		letter;
	uint32		size;

	if (unpack->end - unpack->next < ENTRY_SIZE)
		elog(ERROR, "records of a change stream are cut off");
	letter = *unpack->next;
	memcpy(&size, unpack->next + sizeof(char), sizeof(size));
	*entry = unpack->next + ENTRY_SIZE;
	if (size > unpack->end - *entry)
		elog(ERROR, "records of a change stream are cut off");
	unpack->next = *entry + size;
	*length = size;
	return letter;
}

/*
 * The next one that is a record.
 */
static char
read_record(StreamUnpack *unpack, const char **entry, int *length)
{
	char		letter;

	while ((letter = read_entry(unpack, entry, length)) == ENTRY_TABLE)
	{
		char	   *names = palloc(*length + 1);

		memcpy(names, *entry, *length);
		names[*length] = '\0';
		unpack->source.schema = names;
		unpack->source.table = names + strlen(names) + 1;
	}
	return letter;
}

void
dsql_stream_unpack(StreamUnpack *unpack, const char *data, int length)
{
	Header		header;

	if (length < HEADER_SIZE)
		elog(ERROR, "records of a change stream are cut off");
	memcpy(&header, data, HEADER_SIZE);
	memset(unpack, 0, sizeof(*unpack));
	unpack->source.time = header.time;
	unpack->source.transaction = pnstrdup(header.transaction,
										  DSQL_IDENTIFIER_LEN);
	unpack->next = data + HEADER_SIZE;
	unpack->end = data + length;
}

void
dsql_stream_unpack_next(StreamUnpack *unpack, StreamRecord *record)
{
	const char *entry;
	int			length;
	char		letter = read_record(unpack, &entry, &length);

	switch (letter)
	{
		case ENTRY_FRAGMENT:
			record->head = pnstrdup(entry, length);
			record->tail = NULL;
			break;
		case ENTRY_CHUNKED:
			dsql_stream_record_chunked(record, (StreamOperation) *entry,
									   &unpack->source,
									   pnstrdup(entry + 1, length - 1));
			break;
		default:
			dsql_stream_record_full(record, (StreamOperation) letter,
									&unpack->source, entry, length);
			break;
	}
}

void
dsql_stream_unpack_skip(StreamUnpack *unpack)
{
	const char *entry;
	int			length;

	(void) read_record(unpack, &entry, &length);
}
