/*
 * dialect_version.c
 *		What PostgreSQL has learned since 16, the version that the service speaks.
 *
 * It gets the answers of 16.  What only the raw parser sees is refused where the
 * statement is checked; what only newer headers know is in later_syntax.h.
 * Values that come as parameters, or are computed, are not looked at.
 */
#include "postgres.h"

#include "access/transam.h"
#include "catalog/pg_type.h"
#include "nodes/nodeFuncs.h"
#include "parser/parse_func.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

#include "base/compat.h"
#include "base/refuse.h"
#include "dialect/dialect.h"
#include "dialect/later_syntax.h"

/*
 * PostgreSQL gives the functions of each release higher OIDs than those before
 * had, but for a few that fill gaps.
 */
#define LAST_FUNCTION_OF_16 6311
#define F_ICU_UNICODE_VERSION_17 6099
#define F_UNICODE_ASSIGNED_17 6105
#define F_UNICODE_VERSION_17 4549
#define F_XMLTEXT_17 3813
#define F_PG_NUMA_AVAILABLE_18 4099
#define F_PG_GET_SHMEM_ALLOCATIONS_NUMA_18 4100

/* AT LOCAL; the same functions can be called by name. */
#define F_TIMEZONE_LOCAL_FIRST_17 6334
#define F_TIMEZONE_LOCAL_LAST_17 6336

static bool
is_later_function(Oid funcid)
{
	switch (funcid)
	{
		case F_ICU_UNICODE_VERSION_17:
		case F_UNICODE_ASSIGNED_17:
		case F_UNICODE_VERSION_17:
		case F_XMLTEXT_17:
		case F_PG_NUMA_AVAILABLE_18:
		case F_PG_GET_SHMEM_ALLOCATIONS_NUMA_18:
			return true;
		default:
			return funcid > LAST_FUNCTION_OF_16 &&
				funcid < FirstGenbkiObjectId;
	}
}

/*
 * The types are those of the arguments, not of the parameters.
 */
static void
refuse_function(Oid funcid, const Oid *argtypes, int nargs)
{
	dsql_refuse(RULE_VERSION_FUNCTION,
				func_signature_string(list_make1(makeString(get_func_name(funcid))),
									  nargs, NIL, argtypes));
}

static void
refuse_call(FuncExpr *call)
{
	Oid			argtypes[FUNC_MAX_ARGS];
	int			nargs = 0;
	ListCell   *lc;

	foreach(lc, call->args)
		argtypes[nargs++] = exprType((Node *) lfirst(lc));
	if (call->funcformat == COERCE_EXPLICIT_CAST && nargs > 0)
		dsql_refuse(RULE_VERSION_CAST, format_type_be(argtypes[0]),
					format_type_be(call->funcresulttype));
	else if (call->funcformat == COERCE_SQL_SYNTAX &&
			 call->funcid >= F_TIMEZONE_LOCAL_FIRST_17 &&
			 call->funcid <= F_TIMEZONE_LOCAL_LAST_17)
		dsql_refuse(RULE_VERSION_SYNTAX, "LOCAL");
	else
		refuse_function(call->funcid, argtypes, nargs);
}

/*
 * The text that an argument is, or NULL.
 */
static const char *
constant_text(FuncExpr *call, int n)
{
	Const	   *arg = list_nth(call->args, n);

	if (IsA(arg, Const) && arg->consttype == TEXTOID && !arg->constisnull)
		return TextDatumGetCString(arg->constvalue);
	return NULL;
}

/*
 * Roman numerals can be written, but not read.  What is quoted in a format is no
 * part of it.
 */
static void
check_number_format(const char *format)
{
	bool		quoted = false;

	for (const char *c = format; *c != '\0'; c++)
	{
		if (*c == '"')
			quoted = !quoted;
		else if (!quoted && pg_strncasecmp(c, "rn", 2) == 0)
		{
			dsql_refuse(RULE_VERSION_NUMBER_FORMAT);
			return;
		}
	}
}

void
dsql_dialect_check_call_version(FuncExpr *call)
{
	const char *text;

	switch (call->funcid)
	{
		case F_DATE_PART_TEXT_INTERVAL:
		case F_EXTRACT_TEXT_INTERVAL:
			text = constant_text(call, 0);

			if (text !=NULL && pg_strcasecmp(text, "week") == 0)
				dsql_refuse(RULE_VERSION_INTERVAL_UNIT, text);
			break;
		case DSQL_F_JSON_STRIP_NULLS:
		case DSQL_F_JSONB_STRIP_NULLS:
			if (list_length(call->args) > 1)
				refuse_call(call);
			break;
		case F_TO_NUMBER:
			text = constant_text(call, 1);

			if (text !=NULL)
				check_number_format(text);
			break;
		default:
			if (is_later_function(call->funcid))
				refuse_call(call);
			break;
	}
}

/*
 * An aggregate or window function, with the types of its arguments.
 */
void
dsql_dialect_check_aggregate_version(Oid funcid, List *argtypes)
{
	Oid			types[FUNC_MAX_ARGS];
	int			nargs = 0;
	ListCell   *lc;

	if (!is_later_function(funcid))
		return;
	foreach(lc, argtypes)
		types[nargs++] = lfirst_oid(lc);
	refuse_function(funcid, types, nargs);
}

/*
 * The methods that items of a path have.  Outside quotes, a word with a
 * parenthesis behind it is a method: keys are written in quotes.
 */
static bool
has_later_method(const char *path)
{
	static const char *const methods[] = {
		"abs", "ceiling", "datetime", "double", "floor", "keyvalue", "size",
		"type"
	};
	bool		quoted = false;

	for (const char *c = path; *c != '\0'; c++)
	{
		size_t		length;
		bool		known = false;

		if (*c == '\\' && c[1] != '\0')
			c++;
		else if (*c == '"')
			quoted = !quoted;
		if (quoted || *c != '.')
			continue;
		length = strspn(c + 1, "abcdefghijklmnopqrstuvwxyz_");
		if (length == 0 || c[1 + length] != '(')
			continue;
		for (int i = 0; i < lengthof(methods); i++)
			known |= strlen(methods[i]) == length &&
				strncmp(methods[i], c + 1, length) == 0;
		if (!known)
			return true;
	}
	return false;
}

void
dsql_dialect_check_constant_version(const Const *constant)
{
	const char *infinity;

	if (constant->constisnull)
		return;
	if (constant->consttype == INTERVALOID)
	{
		infinity = dsql_interval_infinity(DatumGetIntervalP(constant->constvalue));
		if (infinity != NULL)
			dsql_refuse(RULE_VERSION_INTERVAL, infinity);
	}
	else if (constant->consttype == JSONPATHOID &&
			 has_later_method(DatumGetCString(DirectFunctionCall1(jsonpath_out,
																  constant->constvalue))))
		dsql_refuse(RULE_VERSION_JSONPATH);
}

/*
 * Syntax that has a node of its own.
 */
void
dsql_dialect_check_node_version(Node *node)
{
	const char *word = dsql_later_syntax(node);
	const char *function = dsql_later_function(node);

	if (word != NULL)
		dsql_refuse(RULE_VERSION_SYNTAX, word);
	if (function != NULL)
		dsql_refuse(RULE_VERSION_FUNCTION, function);
}
