/*
 * stream_value.c
 *		A column's value in a change record.
 *
 * Numbers are numbers where JSON can hold them, strings where it cannot; times
 * count from 1970, and what does not fit into 64 bits is null.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/base64.h"
#include "common/int.h"
#include "common/shortest_dec.h"
#include "datatype/timestamp.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#include "base/compat.h"
#include "stream/stream_value.h"

#define EPOCH_DAYS ((int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE))

/* A month of an interval, in seconds. */
#define MONTH_SECS INT64CONST(2629800)

/* The service's infinite times: as a double of JavaScript rounds them. */
#define PLUS_INFINITY "9223372036825200000"
#define MINUS_INFINITY "-9223372036832400000"

static void
append_int64(StringInfo json, int64 value)
{
	enlargeStringInfo(json, MAXINT8LEN + 1);
	json->len += pg_lltoa(value, json->data + json->len);
}

static void
append_float(StringInfo json, double value, bool single)
{
	char		buffer[DOUBLE_SHORTEST_DECIMAL_LEN];

	if (isnan(value))
		appendStringInfoString(json, "\"NaN\"");
	else if (isinf(value))
		appendStringInfoString(json, value > 0 ? "\"Infinity\"" : "\"-Infinity\"");
	else
	{
		if (single)
			float_to_shortest_decimal_buf((float) value, buffer);
		else
			double_to_shortest_decimal_buf(value, buffer);
		appendStringInfoString(json, buffer);
	}
}

static void
append_timestamp(StringInfo json, Timestamp value)
{
	int64		result;

	if (TIMESTAMP_IS_NOBEGIN(value))
		appendStringInfoString(json, MINUS_INFINITY);
	else if (TIMESTAMP_IS_NOEND(value))
		appendStringInfoString(json, PLUS_INFINITY);
	else if (pg_add_s64_overflow(value, EPOCH_DAYS * USECS_PER_DAY, &result))
		appendStringInfoString(json, "null");
	else
		append_int64(json, result);
}

static void
append_timetz(StringInfo json, const TimeTzADT *value)
{
	int64		utc = (value->time + value->zone * USECS_PER_SEC) % USECS_PER_DAY;

	append_int64(json, utc < 0 ? utc + USECS_PER_DAY : utc);
}

static void
append_interval(StringInfo json, const Interval *value)
{
	int64		seconds = value->month * MONTH_SECS +
	value->day * (int64) SECS_PER_DAY;
	int64		result;

	if (pg_mul_s64_overflow(seconds, USECS_PER_SEC, &result) ||
		pg_add_s64_overflow(result, value->time, &result))
		appendStringInfoString(json, "null");
	else
		append_int64(json, result);
}

static void
append_bytea(StringInfo json, bytea *value)
{
	int			length = VARSIZE_ANY_EXHDR(value);
	int			size = pg_b64_enc_len(length);
	int			written;

	appendStringInfoChar(json, '"');
	enlargeStringInfo(json, size + 1);
	written = pg_b64_encode((void *) VARDATA_ANY(value), length,
							json->data + json->len, size);
	if (written < 0)
		elog(ERROR, "could not encode a value of type bytea");
	json->len += written;
	json->data[json->len] = '\0';
	appendStringInfoChar(json, '"');
}

/*
 * As escape_json() does it, but all at once up to what has to be escaped.
 */
static void
append_string(StringInfo json, const char *string, int length)
{
	const char *end = string + length;
	const char *done = string;

	appendStringInfoChar(json, '"');
	for (const char *p = string; p < end; p++)
	{
		unsigned char c = *p;

		if (likely(c >= ' ' && c != '"' && c != '\\'))
			continue;
		appendBinaryStringInfo(json, done, p - done);
		done = p + 1;
		switch (c)
		{
			case '\b':
				appendStringInfoString(json, "\\b");
				break;
			case '\f':
				appendStringInfoString(json, "\\f");
				break;
			case '\n':
				appendStringInfoString(json, "\\n");
				break;
			case '\r':
				appendStringInfoString(json, "\\r");
				break;
			case '\t':
				appendStringInfoString(json, "\\t");
				break;
			case '"':
				appendStringInfoString(json, "\\\"");
				break;
			case '\\':
				appendStringInfoString(json, "\\\\");
				break;
			default:
				appendStringInfo(json, "\\u%04x", c);
				break;
		}
	}
	appendBinaryStringInfo(json, done, end - done);
	appendStringInfoChar(json, '"');
}

static void
append_text(StringInfo json, Datum value, bool trim)
{
	text	   *string = DatumGetTextPP(value);
	int			length = VARSIZE_ANY_EXHDR(string);

	while (trim && length > 0 && VARDATA_ANY(string)[length - 1] == ' ')
		length--;
	append_string(json, VARDATA_ANY(string), length);
	if ((Pointer) string != DatumGetPointer(value))
		pfree(string);
}

static void
append_uuid(StringInfo json, const pg_uuid_t *value)
{
	static const char digits[] = "0123456789abcdef";
	char		buffer[2 * UUID_LEN + 6];
	char	   *p = buffer;

	*p++ = '"';
	for (int i = 0; i < UUID_LEN; i++)
	{
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*p++ = '-';
		*p++ = digits[value->data[i] >> 4];
		*p++ = digits[value->data[i] & 0x0f];
	}
	*p++ = '"';
	appendBinaryStringInfo(json, buffer, p - buffer);
}

static void
append_output(StringInfo json, StreamValueType *type, Datum value)
{
	char	   *string = OutputFunctionCall(&type->output, value);

	append_string(json, string, strlen(string));
	pfree(string);
}

static bool
needs_output(Oid type)
{
	switch (type)
	{
		case INT2OID:
		case INT4OID:
		case INT8OID:
		case OIDOID:
		case FLOAT4OID:
		case FLOAT8OID:
		case BOOLOID:
		case DATEOID:
		case TIMEOID:
		case TIMETZOID:
		case TIMESTAMPOID:
		case TIMESTAMPTZOID:
		case INTERVALOID:
		case BYTEAOID:
		case BPCHAROID:
		case TEXTOID:
		case VARCHAROID:
		case UUIDOID:
		case OIDVECTOROID:
			return false;
		default:
			return true;
	}
}

void
dsql_stream_value_init(StreamValueType *type, Oid oid)
{
	Oid			output;
	bool		is_varlena;

	type->type = getBaseType(oid);
	if (!needs_output(type->type))
		return;
	getTypeOutputInfo(type->type, &output, &is_varlena);
	fmgr_info(output, &type->output);
}

void
dsql_stream_value_append(StringInfo json, StreamValueType *type, Datum value)
{
	switch (type->type)
	{
		case INT2OID:
			append_int64(json, DatumGetInt16(value));
			break;
		case INT4OID:
			append_int64(json, DatumGetInt32(value));
			break;
		case INT8OID:
			append_int64(json, DatumGetInt64(value));
			break;
		case OIDOID:
			append_int64(json, DatumGetObjectId(value));
			break;
		case FLOAT4OID:
			append_float(json, DatumGetFloat4(value), true);
			break;
		case FLOAT8OID:
			append_float(json, DatumGetFloat8(value), false);
			break;
		case BOOLOID:
			appendStringInfoString(json, DatumGetBool(value) ? "true" : "false");
			break;
		case DATEOID:
			append_int64(json, DatumGetDateADT(value) + EPOCH_DAYS);
			break;
		case TIMEOID:
			append_int64(json, DatumGetTimeADT(value));
			break;
		case TIMETZOID:
			append_timetz(json, DatumGetTimeTzADTP(value));
			break;
		case TIMESTAMPOID:
		case TIMESTAMPTZOID:
			append_timestamp(json, DatumGetTimestamp(value));
			break;
		case INTERVALOID:
			append_interval(json, DatumGetIntervalP(value));
			break;
		case BYTEAOID:
			append_bytea(json, DatumGetByteaPP(value));
			break;
		case BPCHAROID:
			append_text(json, value, true);
			break;
		case TEXTOID:
		case VARCHAROID:
			append_text(json, value, false);
			break;
		case UUIDOID:
			append_uuid(json, DatumGetUUIDP(value));
			break;
		case OIDVECTOROID:
			appendStringInfoString(json, "[]");
			break;
		default:
			append_output(json, type, value);
			break;
	}
}
