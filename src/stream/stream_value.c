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
#include "utils/json.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

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
	appendStringInfo(json, INT64_FORMAT, value);
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

static void
append_bpchar(StringInfo json, char *string)
{
	int			length = strlen(string);

	while (length > 0 && string[length - 1] == ' ')
		length--;
	string[length] = '\0';
	escape_json(json, string);
}

static void
append_text(StringInfo json, Oid type, Datum value)
{
	Oid			output;
	bool		is_varlena;

	getTypeOutputInfo(type, &output, &is_varlena);
	escape_json(json, OidOutputFunctionCall(output, value));
}

void
dsql_stream_value_append(StringInfo json, Oid type, Datum value)
{
	type = getBaseType(type);
	switch (type)
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
			append_bpchar(json, TextDatumGetCString(value));
			break;
		case OIDVECTOROID:
			appendStringInfoString(json, "[]");
			break;
		default:
			append_text(json, type, value);
			break;
	}
}
