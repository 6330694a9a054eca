/*
 * dialect_version.c
 *		What PostgreSQL has learned since 16, the version that the service speaks.
 *
 * It gets the answers of 16.  What only the raw parser sees is refused where the
 * statement is checked; what only newer headers know is in later_syntax.h.
 * Values that come as parameters, or are computed, are not looked at.
 */
#include "postgres.h"

#include "access/sysattr.h"
#include "access/transam.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_type.h"
#include "nodes/nodeFuncs.h"
#include "parser/parse_func.h"
#include "parser/scansup.h"
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

/* Collations, by their OIDs. */
#define PG_C_UTF8_17 811
#define PG_UNICODE_FAST_18 6411

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

/*
 * Time zones can be written, but not read.
 */
static void
check_time_format(const char *format)
{
	static const char *const fields[] = {"OF", "TZ", "of", "tz"};
	bool		quoted = false;

	for (const char *c = format; *c != '\0'; c++)
	{
		if (*c == '\\' && c[1] != '\0')
			c++;
		else if (*c == '"')
			quoted = !quoted;
		if (quoted)
			continue;
		if (strncmp(c, "TZH", 3) == 0 || strncmp(c, "TZM", 3) == 0 ||
			strncmp(c, "tzh", 3) == 0 || strncmp(c, "tzm", 3) == 0)
		{
			c += 2;
			continue;
		}
		for (int i = 0; i < lengthof(fields); i++)
		{
			if (strncmp(c, fields[i], 2) == 0)
			{
				dsql_refuse(RULE_VERSION_TIME_FORMAT, fields[i]);
				return;
			}
		}
	}
}

/*
 * A list of privileges, as has_table_privilege() takes it.
 */
static void
check_privileges(const char *list)
{
	static const char *const later[] = {"MAINTAIN", "MAINTAIN WITH GRANT OPTION"};
	char	   *copy = pstrdup(list);
	char	   *rest = copy;
	char	   *privilege;

	while ((privilege = strsep(&rest, ",")) != NULL)
	{
		size_t		length;

		privilege += strspn(privilege, " \t\n\r\f\v");
		length = strlen(privilege);
		while (length > 0 && scanner_isspace(privilege[length - 1]))
			privilege[--length] = '\0';
		for (int i = 0; i < lengthof(later); i++)
		{
			if (pg_strcasecmp(privilege, later[i]) == 0)
				dsql_refuse(RULE_VERSION_PRIVILEGE_NAME, privilege);
		}
	}
	pfree(copy);
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
		case F_TO_DATE:
		case F_TO_TIMESTAMP_TEXT_TEXT:
			text = constant_text(call, 1);

			if (text !=NULL)
				check_time_format(text);
			break;
		case F_HAS_TABLE_PRIVILEGE_NAME_OID_TEXT:
		case F_HAS_TABLE_PRIVILEGE_NAME_TEXT_TEXT:
		case F_HAS_TABLE_PRIVILEGE_OID_OID_TEXT:
		case F_HAS_TABLE_PRIVILEGE_OID_TEXT:
		case F_HAS_TABLE_PRIVILEGE_OID_TEXT_TEXT:
		case F_HAS_TABLE_PRIVILEGE_TEXT_TEXT:
			text = constant_text(call, list_length(call->args) - 1);

			if (text !=NULL)
				check_privileges(text);
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
 * Views that came after 16, and columns of what was there before.
 */
static const struct
{
	const char *relation;
	const char *column;			/* NULL: all of it */
}			later_columns[] = {
	{"pg_aios", NULL},
	{"pg_class", "relallfrozen"},
	{"pg_collation", "colllocale"},
	{"pg_constraint", "conenforced"},
	{"pg_constraint", "conperiod"},
	{"pg_database", "dathasloginevt"},
	{"pg_database", "datlocale"},
	{"pg_publication", "pubgencols"},
	{"pg_shmem_allocations_numa", NULL},
	{"pg_stat_all_tables", "total_analyze_time"},
	{"pg_stat_all_tables", "total_autoanalyze_time"},
	{"pg_stat_all_tables", "total_autovacuum_time"},
	{"pg_stat_all_tables", "total_vacuum_time"},
	{"pg_stat_checkpointer", NULL},
	{"pg_stat_database", "parallel_workers_launched"},
	{"pg_stat_database", "parallel_workers_to_launch"},
	{"pg_stat_io", "extend_bytes"},
	{"pg_stat_io", "read_bytes"},
	{"pg_stat_io", "write_bytes"},
	{"pg_stat_sys_tables", "total_analyze_time"},
	{"pg_stat_sys_tables", "total_autoanalyze_time"},
	{"pg_stat_sys_tables", "total_autovacuum_time"},
	{"pg_stat_sys_tables", "total_vacuum_time"},
	{"pg_stat_user_tables", "total_analyze_time"},
	{"pg_stat_user_tables", "total_autoanalyze_time"},
	{"pg_stat_user_tables", "total_autovacuum_time"},
	{"pg_stat_user_tables", "total_vacuum_time"},
	{"pg_stats", "range_bounds_histogram"},
	{"pg_stats", "range_empty_frac"},
	{"pg_stats", "range_length_histogram"},
	{"pg_subscription", "subfailover"},
	{"pg_wait_events", NULL},
};

/* Where they are on this server, once it has been needed. */
static struct
{
	Oid			relid;			/* InvalidOid: it is not there */
	AttrNumber	column;
}			later_places[lengthof(later_columns)];
static bool later_places_known = false;

static void
find_later_places(void)
{
	for (int i = 0; i < lengthof(later_columns); i++)
	{
		Oid			relid = get_relname_relid(later_columns[i].relation,
											  PG_CATALOG_NAMESPACE);
		AttrNumber	column = InvalidAttrNumber;

		if (OidIsValid(relid) && later_columns[i].column != NULL)
		{
			column = get_attnum(relid, later_columns[i].column);
			if (column == InvalidAttrNumber)
				relid = InvalidOid;
		}
		later_places[i].relid = relid;
		later_places[i].column = column;
	}
	later_places_known = true;
}

/*
 * A query that reads all columns has asked for *, which we do not change.
 */
static void
check_relation_version(Query *query, RangeTblEntry *rte)
{
	Bitmapset  *selected = dsql_rte_selected_columns(query, rte);
	int			natts = list_length(rte->eref->colnames);

	if (!later_places_known)
		find_later_places();
	for (int i = 0; i < lengthof(later_places); i++)
	{
		if (later_places[i].relid != rte->relid)
			continue;
		if (later_columns[i].column == NULL)
			dsql_refuse(RULE_VERSION_RELATION, later_columns[i].relation);
		else if (bms_is_member(later_places[i].column -
							   FirstLowInvalidHeapAttributeNumber, selected) &&
				 bms_num_members(selected) < natts)
			dsql_refuse(RULE_VERSION_COLUMN, later_columns[i].column);
	}
}

void
dsql_dialect_check_relations_version(Query *query)
{
	ListCell   *lc;

	foreach(lc, query->rtable)
	{
		RangeTblEntry *rte = lfirst_node(RangeTblEntry, lc);

		if (unlikely(rte->rtekind == RTE_RELATION &&
					 rte->relid < FirstNormalObjectId))
			check_relation_version(query, rte);
	}
}

static void
check_collation(Oid collation)
{
	if (collation == PG_C_UTF8_17 || collation == PG_UNICODE_FAST_18)
		dsql_refuse(RULE_VERSION_COLLATION, get_collation_name(collation));
}

/*
 * Syntax that has a node of its own.
 */
void
dsql_dialect_check_node_version(Node *node)
{
	const char *word = dsql_later_syntax(node);
	const char *function = dsql_later_function(node);

	if (IsA(node, CollateExpr))
		check_collation(((CollateExpr *) node)->collOid);
	if (word != NULL)
		dsql_refuse(RULE_VERSION_SYNTAX, word);
	if (function != NULL)
		dsql_refuse(RULE_VERSION_FUNCTION, function);
}
