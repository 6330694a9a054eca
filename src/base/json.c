/*
 * json.c
 *		Build and take apart JSON objects, member by member.
 */
#include "postgres.h"

#include "datatype/timestamp.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

#include "base/json.h"

static void
push(JsonBuilder *builder, JsonbIteratorToken token, JsonbValue *value)
{
	builder->result = pushJsonbValue(&builder->state, token, value);
}

static JsonbValue
string_value(const char *string)
{
	JsonbValue	value;

	value.type = jbvString;
	value.val.string.val = pstrdup(string);
	value.val.string.len = strlen(string);
	return value;
}

static void
push_name(JsonBuilder *builder, const char *name)
{
	if (name != NULL)
	{
		JsonbValue	key = string_value(name);

		push(builder, WJB_KEY, &key);
	}
}

static void
push_member(JsonBuilder *builder, const char *name, JsonbValue *value)
{
	push_name(builder, name);
	push(builder, name ? WJB_VALUE : WJB_ELEM, value);
}

Jsonb *
dsql_json_parse(const char *string, int length)
{
	MemoryContext context = CurrentMemoryContext;
	Jsonb	   *volatile jsonb = NULL;

	PG_TRY();
	{
		char	   *json = pg_any_to_server(string, length, PG_UTF8);

		jsonb = DatumGetJsonbP(DirectFunctionCall1(jsonb_in,
												   CStringGetDatum(json)));
	}
	PG_CATCH();
	{
		int			category;

		MemoryContextSwitchTo(context);
		category = ERRCODE_TO_CATEGORY(geterrcode());
		if (category != ERRCODE_DATA_EXCEPTION &&
			category != ERRCODE_PROGRAM_LIMIT_EXCEEDED)
			PG_RE_THROW();
		FlushErrorState();
	}
	PG_END_TRY();
	return jsonb;
}

void
dsql_json_begin(JsonBuilder *builder)
{
	builder->state = NULL;
	push(builder, WJB_BEGIN_OBJECT, NULL);
}

Jsonb *
dsql_json_end(JsonBuilder *builder)
{
	push(builder, WJB_END_OBJECT, NULL);
	return JsonbValueToJsonb(builder->result);
}

void
dsql_json_string(JsonBuilder *builder, const char *name, const char *string)
{
	if (string != NULL)
	{
		JsonbValue	value = string_value(string);

		push_member(builder, name, &value);
	}
}

void
dsql_json_bool(JsonBuilder *builder, const char *name, bool boolean)
{
	JsonbValue	value;

	value.type = jbvBool;
	value.val.boolean = boolean;
	push_member(builder, name, &value);
}

void
dsql_json_int(JsonBuilder *builder, const char *name, int64 number)
{
	JsonbValue	value;

	value.type = jbvNumeric;
	value.val.numeric = int64_to_numeric(number);
	push_member(builder, name, &value);
}

void
dsql_json_time(JsonBuilder *builder, const char *name, TimestampTz time)
{
	int64		since_1970 = time +
	(int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY;
	JsonbValue	value;

	value.type = jbvNumeric;
	value.val.numeric = int64_div_fast_to_numeric(since_1970 / 1000, 3);
	push_member(builder, name, &value);
}

void
dsql_json_jsonb(JsonBuilder *builder, const char *name, Jsonb *jsonb)
{
	if (jsonb != NULL)
	{
		JsonbValue	value;

		value.type = jbvBinary;
		value.val.binary.data = &jsonb->root;
		value.val.binary.len = VARSIZE(jsonb) - VARHDRSZ;
		push_member(builder, name, &value);
	}
}

void
dsql_json_begin_object(JsonBuilder *builder, const char *name)
{
	push_name(builder, name);
	push(builder, WJB_BEGIN_OBJECT, NULL);
}

void
dsql_json_end_object(JsonBuilder *builder)
{
	push(builder, WJB_END_OBJECT, NULL);
}

void
dsql_json_begin_array(JsonBuilder *builder, const char *name)
{
	push_name(builder, name);
	push(builder, WJB_BEGIN_ARRAY, NULL);
}

void
dsql_json_end_array(JsonBuilder *builder)
{
	push(builder, WJB_END_ARRAY, NULL);
}

JsonbValue *
dsql_json_member(JsonbContainer *object, const char *name)
{
	JsonbValue *value;

	if (!JsonContainerIsObject(object))
		return NULL;
	value = getKeyJsonValueFromContainer(object, name, strlen(name), NULL);
	return value != NULL && value->type == jbvNull ? NULL : value;
}

char *
dsql_json_member_string(JsonbContainer *object, const char *name)
{
	JsonbValue *value = dsql_json_member(object, name);

	return value != NULL && value->type == jbvString ?
		dsql_json_cstring(value) : NULL;
}

char *
dsql_json_cstring(const JsonbValue *value)
{
	Assert(value->type == jbvString);
	return pnstrdup(value->val.string.val, value->val.string.len);
}

bool
dsql_json_is_object(const JsonbValue *value)
{
	return value->type == jbvBinary &&
		JsonContainerIsObject(value->val.binary.data);
}

bool
dsql_json_is_array(const JsonbValue *value)
{
	return value->type == jbvBinary &&
		JsonContainerIsArray(value->val.binary.data) &&
		!JsonContainerIsScalar(value->val.binary.data);
}
