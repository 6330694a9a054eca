/*
 * stream_chunk.c
 *		Images of rows that are too large for one record.
 *
 * A fragment carries a piece of the image's JSON text, as a string, and is no
 * larger than a record may be.  Pieces end between characters.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "port/pg_crc32c.h"
#include "utils/json.h"

#include "base/identifier.h"
#include "base/settings.h"
#include "stream/stream_chunk.h"

/* What a fragment has besides its piece takes less than this. */
#define ENVELOPE_SIZE 128

/*
 * The length of the first piece of a text: its string in JSON fits.  There is
 * nothing in JSON that needs more than one backslash.
 */
static int
piece_length(const char *text)
{
	int			room = dsql_settings_stream_chunk_size - ENVELOPE_SIZE;
	const char *p = text;

	while (*p != '\0')
	{
		int			length = pg_mblen(p);

		room -= length + (*p == '"' || *p == '\\' ? 1 : 0);
		if (room < 0)
			break;
		p += length;
	}
	Assert(p > text ||*text == '\0');
	return p - text;
}

static char *
make_fragment(const char *identifier, int index, const char *piece)
{
	StringInfoData json;

	initStringInfo(&json);
	appendStringInfo(&json,
					 "{\"type\":\"fragment\",\"chunk_id\":\"%s\",\"index\":%d,\"data\":",
					 identifier, index);
	escape_json(&json, piece);
	appendStringInfoChar(&json, '}');
	return json.data;
}

StreamChunks *
dsql_stream_chunk_split(const char *image)
{
	StreamChunks *chunks = palloc0(sizeof(StreamChunks));
	pg_crc32c	crc;

	INIT_CRC32C(crc);
	COMP_CRC32C(crc, image, strlen(image));
	FIN_CRC32C(crc);
	chunks->crc = crc;
	chunks->identifier = dsql_identifier_new();
	while (*image != '\0')
	{
		int			length = piece_length(image);

		chunks->fragments =
			lappend(chunks->fragments,
					make_fragment(chunks->identifier,
								  list_length(chunks->fragments),
								  pnstrdup(image, length)));
		image += length;
	}
	return chunks;
}
