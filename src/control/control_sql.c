/*
 * control_sql.c
 *		The operations of the control plane as SQL functions.
 *
 * One C function serves them all.  The name it was called by tells the
 * operation: dsql.create_cluster() is CreateCluster.  The names of arguments
 * and result columns tell the members: deletion_protection_enabled is
 * deletionProtectionEnabled.  A NULL argument stands for a member that was not
 * given.  An operation that lists things returns a set; each row carries the
 * token of the next page.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/numeric.h"
#include "utils/syscache.h"

#include "base/json.h"
#include "base/settings.h"
#include "control/control.h"

/*
 * Turn a name in snake case into the service's spelling: the words run
 * together, all of them or all but the first beginning with a capital.
 */
static char *
camel_case(const char *name, bool capital)
{
	StringInfoData result;

	initStringInfo(&result);
	for (; *name; name++)
	{
		if (*name == '_')
			capital = true;
		else
		{
			appendStringInfoChar(&result, capital ?
								 pg_ascii_toupper((unsigned char) *name) :
								 *name);
			capital = false;
		}
	}
	return result.data;
}

static void
put_array(JsonBuilder *json, const char *name, ArrayType *array)
{
	Datum	   *items;
	bool	   *nulls;
	int			count;

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT,
					  &items, &nulls, &count);
	dsql_json_begin_array(json, name);
	for (int i = 0; i < count; i++)
		if (!nulls[i])
			dsql_json_string(json, NULL, TextDatumGetCString(items[i]));
	dsql_json_end_array(json);
}

static void
put_argument(JsonBuilder *json, const char *name, Oid type, Datum value)
{
	switch (type)
	{
		case TEXTOID:
			dsql_json_string(json, name, TextDatumGetCString(value));
			break;
		case BOOLOID:
			dsql_json_bool(json, name, DatumGetBool(value));
			break;
		case INT4OID:
			dsql_json_int(json, name, DatumGetInt32(value));
			break;
		case JSONBOID:
			dsql_json_jsonb(json, name, DatumGetJsonbP(value));
			break;
		case TEXTARRAYOID:
			put_array(json, name, DatumGetArrayTypeP(value));
			break;
		default:
			elog(ERROR, "unexpected type of argument \"%s\"", name);
	}
}

/*
 * The kind of a cluster: whether it gets a database of its own.
 */
static bool
read_kind(const char *kind)
{
	if (strcmp(kind, "schema") != 0 && strcmp(kind, "database") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown kind of cluster: \"%s\"", kind),
				 errhint("Kinds are \"schema\" and \"database\".")));
	return strcmp(kind, "database") == 0;
}

/*
 * The function's arguments as an operation's input.  The arguments schema_name
 * and kind are not part of it.
 */
static Jsonb *
read_arguments(FunctionCallInfo fcinfo, HeapTuple function,
			   DsqlControlCaller *caller)
{
	Oid		   *types;
	char	  **names;
	char	   *modes;
	JsonBuilder json;

	(void) get_func_arg_info(function, &types, &names, &modes);
	dsql_json_begin(&json);
	for (int i = 0; i < PG_NARGS(); i++)
	{
		if (PG_ARGISNULL(i))
			continue;
		if (strcmp(names[i], "schema_name") == 0)
			caller->schema_name = NameStr(*PG_GETARG_NAME(i));
		else if (strcmp(names[i], "kind") == 0)
			caller->own_database =
				read_kind(TextDatumGetCString(PG_GETARG_DATUM(i)));
		else
			put_argument(&json, camel_case(names[i], false), types[i],
						 PG_GETARG_DATUM(i));
	}
	return dsql_json_end(&json);
}

static TimestampTz
numeric_time(Numeric seconds)
{
	Datum		number = DirectFunctionCall1(numeric_float8,
											 NumericGetDatum(seconds));

	return DatumGetTimestampTz(DirectFunctionCall1(float8_timestamptz, number));
}

/*
 * A member of an answer as a value of an SQL type.
 */
static Datum
member_value(JsonbContainer *object, const char *name, Oid type, bool *isnull)
{
	JsonbValue *value = dsql_json_member(object, camel_case(name, false));

	*isnull = value == NULL;
	if (value == NULL)
		return (Datum) 0;
	switch (type)
	{
		case TEXTOID:
			return CStringGetTextDatum(dsql_json_cstring(value));
		case BOOLOID:
			return BoolGetDatum(value->val.boolean);
		case JSONBOID:
			return JsonbPGetDatum(JsonbValueToJsonb(value));
		case TIMESTAMPTZOID:
			return TimestampTzGetDatum(numeric_time(value->val.numeric));
		default:
			elog(ERROR, "unexpected type of column \"%s\"", name);
	}
}

static void
fill_row(JsonbContainer *object, TupleDesc columns, Datum *values, bool *nulls)
{
	for (int i = 0; i < columns->natts; i++)
	{
		Form_pg_attribute column = TupleDescAttr(columns, i);

		values[i] = member_value(object, NameStr(column->attname),
								 column->atttypid, &nulls[i]);
	}
}

/*
 * One row for each element of the array that the answer has, and the token of
 * the next page in each.
 */
static void
return_set(FunctionCallInfo fcinfo, Jsonb *answer, const char *list)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	char	   *next = dsql_json_member_string(&answer->root, "nextToken");
	JsonbValue *array = dsql_json_member(&answer->root, list);
	JsonbIterator *iterator = JsonbIteratorInit(array->val.binary.data);
	JsonbIteratorToken token;
	JsonbValue	item;

	InitMaterializedSRF(fcinfo, 0);
	while ((token = JsonbIteratorNext(&iterator, &item, true)) != WJB_DONE)
	{
		TupleDesc	columns = rsinfo->setDesc;
		Datum	   *values = palloc0(columns->natts * sizeof(Datum));
		bool	   *nulls = palloc0(columns->natts * sizeof(bool));

		if (token != WJB_ELEM)
			continue;
		fill_row(item.val.binary.data, columns, values, nulls);
		nulls[columns->natts - 1] = next == NULL;
		if (next != NULL)
			values[columns->natts - 1] = CStringGetTextDatum(next);
		tuplestore_putvalues(rsinfo->setResult, columns, values, nulls);
	}
}

static Datum
return_row(FunctionCallInfo fcinfo, Jsonb *answer, TupleDesc columns)
{
	Datum	   *values = palloc0(columns->natts * sizeof(Datum));
	bool	   *nulls = palloc0(columns->natts * sizeof(bool));

	fill_row(&answer->root, columns, values, nulls);
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(columns), values,
											 nulls));
}

PG_FUNCTION_INFO_V1(dsql_operation);
Datum
dsql_operation(PG_FUNCTION_ARGS)
{
	Oid			function = fcinfo->flinfo->fn_oid;
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	Form_pg_proc form;
	char	   *name;
	DsqlControlCaller caller = {0};
	Jsonb	   *input;
	Jsonb	   *answer;
	Oid			type;
	TupleDesc	columns;
	Datum		result = (Datum) 0;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for function %u", function);
	form = (Form_pg_proc) GETSTRUCT(tuple);
	name = pstrdup(NameStr(form->proname));
	input = read_arguments(fcinfo, tuple, &caller);
	ReleaseSysCache(tuple);

	answer = dsql_control_call(camel_case(name, true), input,
							   dsql_settings_region,
							   dsql_settings_account, &caller);

	if (fcinfo->flinfo->fn_retset)
	{
		/* list_clusters lists "clusters" */
		return_set(fcinfo, answer, strchr(name, '_') + 1);
		return (Datum) 0;
	}
	switch (get_call_result_type(fcinfo, &type, &columns))
	{
		case TYPEFUNC_COMPOSITE:
			return return_row(fcinfo, answer, columns);
		case TYPEFUNC_SCALAR:
			if (type != VOIDOID)
				result = member_value(&answer->root,
									  get_func_result_name(function), type,
									  &fcinfo->isnull);
			return result;
		default:
			elog(ERROR, "unexpected type of result");
	}
}
