/*
 * dialect_query.c
 *		Queries: SELECT, INSERT, UPDATE, DELETE, MERGE, and expressions.
 *
 * One walk over the analysed tree looks for what the service does not have.
 * It runs for every statement, so that it asks the cheap questions only: node
 * tags and fixed OIDs.  What the walk does not see (objects made in mode off,
 * the function call message of the protocol) meets the list of refused
 * functions once more when it is about to be executed.
 *
 * version() is replaced by the service's constant.  Not so in what was stored in
 * mode off, and in bodies that the planner puts in the place of a call.
 */
#include "postgres.h"

#include "access/sysattr.h"
#include "access/transam.h"
#include "catalog/namespace.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_ts_config.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parse_func.h"
#include "parser/parsetree.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "base/compat.h"
#include "base/refuse.h"
#include "base/session.h"
#include "dialect/dialect.h"
#include "dialect/later_syntax.h"

/* A query that the walk is in, and the one around it. */
typedef struct QueryLevel
{
	Query	   *query;
	struct QueryLevel *outer;
	Bitmapset  *system_columns; /* the tables whose system columns it asks for */
} QueryLevel;

typedef struct QueryWalk
{
	QueryLevel *level;			/* the innermost; NULL outside a query */
	bool		uses_version;
} QueryWalk;

static bool check_node(Node *node, void *context);

/*
 * Functions of what the service does not have.  NUM_DSQL_RULES for others.
 */
static DsqlRuleId
function_rule(Oid funcid)
{
	switch (funcid)
	{
		case F_PG_ADVISORY_LOCK_INT4_INT4:
		case F_PG_ADVISORY_LOCK_INT8:
		case F_PG_ADVISORY_LOCK_SHARED_INT4_INT4:
		case F_PG_ADVISORY_LOCK_SHARED_INT8:
		case F_PG_ADVISORY_UNLOCK_ALL:
		case F_PG_ADVISORY_UNLOCK_INT4_INT4:
		case F_PG_ADVISORY_UNLOCK_INT8:
		case F_PG_ADVISORY_UNLOCK_SHARED_INT4_INT4:
		case F_PG_ADVISORY_UNLOCK_SHARED_INT8:
		case F_PG_ADVISORY_XACT_LOCK_INT4_INT4:
		case F_PG_ADVISORY_XACT_LOCK_INT8:
		case F_PG_ADVISORY_XACT_LOCK_SHARED_INT4_INT4:
		case F_PG_ADVISORY_XACT_LOCK_SHARED_INT8:
		case F_PG_TRY_ADVISORY_LOCK_INT4_INT4:
		case F_PG_TRY_ADVISORY_LOCK_INT8:
		case F_PG_TRY_ADVISORY_LOCK_SHARED_INT4_INT4:
		case F_PG_TRY_ADVISORY_LOCK_SHARED_INT8:
		case F_PG_TRY_ADVISORY_XACT_LOCK_INT4_INT4:
		case F_PG_TRY_ADVISORY_XACT_LOCK_INT8:
		case F_PG_TRY_ADVISORY_XACT_LOCK_SHARED_INT4_INT4:
		case F_PG_TRY_ADVISORY_XACT_LOCK_SHARED_INT8:
			return RULE_QUERY_FUNCTION_LOCK;

		case F_PG_LISTENING_CHANNELS:
		case F_PG_NOTIFICATION_QUEUE_USAGE:
		case F_PG_NOTIFY:

		case F_LOREAD:
		case F_LOWRITE:
		case F_LO_CLOSE:
		case F_LO_CREAT:
		case F_LO_CREATE:
		case F_LO_EXPORT:
		case F_LO_FROM_BYTEA:
		case F_LO_GET_OID:
		case F_LO_GET_OID_INT8_INT4:
		case F_LO_IMPORT_TEXT:
		case F_LO_IMPORT_TEXT_OID:
		case F_LO_LSEEK:
		case F_LO_LSEEK64:
		case F_LO_OPEN:
		case F_LO_PUT:
		case F_LO_TELL:
		case F_LO_TELL64:
		case F_LO_TRUNCATE:
		case F_LO_TRUNCATE64:
		case F_LO_UNLINK:

		case F_PG_BACKEND_PID:
		case F_PG_EXPORT_SNAPSHOT:
			return RULE_QUERY_FUNCTION;

		default:
			return NUM_DSQL_RULES;
	}
}

/*
 * A function that is about to be called, on whatever way.  In report mode the
 * finding was made when the query was analysed.
 */
void
dsql_dialect_check_function_call(Oid funcid)
{
	DsqlRuleId	rule = function_rule(funcid);

	if (rule != NUM_DSQL_RULES && dsql_session_checked_enforced())
		dsql_refuse_chosen(rule, get_func_name(funcid));
}

/*
 * The n'th argument of a call, if it is a constant other than NULL.
 */
static Const *
constant_argument(FuncExpr *call, int n)
{
	Node	   *arg = list_nth(call->args, n);

	if (IsA(arg, Const) && !((Const *) arg)->constisnull)
		return (Const *) arg;
	return NULL;
}

/*
 * What is no constant is looked at when the function is called.
 */
static void
check_set_config(FuncExpr *call)
{
	Const	   *name = constant_argument(call, 0);
	Const	   *is_local = constant_argument(call, 2);

	if (name != NULL && is_local != NULL)
		dsql_dialect_check_set_config(TextDatumGetCString(name->constvalue),
									  DatumGetBool(is_local->constvalue));
}

static void
check_current_setting(FuncExpr *call)
{
	Const	   *name = constant_argument(call, 0);

	if (name != NULL)
		dsql_dialect_check_show_name(TextDatumGetCString(name->constvalue));
}

/*
 * Types that cannot even be used in expressions.
 */
static void
check_type(Oid type)
{
	switch (type)
	{
		case CIRCLEOID:
		case LINEOID:
			dsql_refuse(RULE_QUERY_TYPE, format_type_be(type));
			break;
		case BOXOID:
		case LSEGOID:
		case PATHOID:
		case POINTOID:
		case POLYGONOID:
			dsql_refuse(RULE_QUERY_TYPE_GEOMETRIC, format_type_be(type));
			break;
		default:
			break;
	}
}

static void
check_call(FuncExpr *call, QueryWalk *walk)
{
	DsqlRuleId	rule;

	check_type(call->funcresulttype);
	switch (call->funcid)
	{
		case F_VERSION:
			walk->uses_version = true;
			break;
		case F_SET_CONFIG:
			check_set_config(call);
			break;
		case F_CURRENT_SETTING_TEXT:
			check_current_setting(call);
			break;
		default:
			rule = function_rule(call->funcid);
			if (rule != NUM_DSQL_RULES)
				dsql_refuse_chosen(rule, get_func_name(call->funcid));
			else
				dsql_dialect_check_call_version(call);
			break;
	}
}

/*
 * "simple" is the one text search configuration.
 */
static void
check_text_search(Oid config)
{
	HeapTuple	tuple = SearchSysCache1(TSCONFIGOID, ObjectIdGetDatum(config));
	NameData	name;

	if (!HeapTupleIsValid(tuple))
		return;
	name = ((Form_pg_ts_config) GETSTRUCT(tuple))->cfgname;
	ReleaseSysCache(tuple);
	if (strcmp(NameStr(name), "simple") != 0)
		dsql_refuse(RULE_QUERY_TEXT_SEARCH, NameStr(name));
}

static void
check_constant(Const *constant)
{
	switch (constant->consttype)
	{
		case INTERVALOID:
		case JSONPATHOID:
			dsql_dialect_check_constant_version(constant);
			break;
		case REGCONFIGOID:
			if (!constant->constisnull)
				check_text_search(DatumGetObjectId(constant->constvalue));
			break;
		default:
			check_type(constant->consttype);
			break;
	}
}

static void
check_query(Query *query)
{
	ListCell   *lc;

	if (query->commandType == CMD_MERGE)
		dsql_refuse(RULE_STATEMENT_MERGE);
	if (dsql_returning_with(query))
		dsql_refuse(RULE_VERSION_SYNTAX, "WITH");
	dsql_dialect_check_relations_version(query);

	foreach(lc, query->rowMarks)
	{
		RowMarkClause *mark = lfirst_node(RowMarkClause, lc);

		/* Of a subquery, what it locks itself is looked at in its turn. */
		if (rt_fetch(mark->rti, query->rtable)->rtekind == RTE_RELATION &&
			mark->strength != LCS_FORUPDATE &&
			mark->strength != LCS_FORKEYSHARE)
		{
			dsql_refuse(RULE_QUERY_LOCKING);
			break;
		}
	}
}

/*
 * ctid and its like of a user's table: rows of the service have none.
 */
static pg_noinline void
check_system_column(const Var *var, const QueryWalk *walk)
{
	QueryLevel *level = walk->level;
	RangeTblEntry *rte;

	for (Index i = 0; level != NULL && i < var->varlevelsup; i++)
		level = level->outer;
	if (level == NULL)
		return;
	level->system_columns = bms_add_member(level->system_columns, var->varno);
	if (var->varattno == TableOidAttributeNumber)
		return;
	rte = rt_fetch(var->varno, level->query->rtable);
	if (rte->rtekind == RTE_RELATION && rte->relid >= FirstNormalObjectId)
		dsql_refuse(RULE_QUERY_SYSTEM_COLUMN);
}

static void
check_window_function(WindowFunc *function)
{
	List	   *argtypes = NIL;
	ListCell   *lc;

	foreach(lc, function->args)
		argtypes = lappend_oid(argtypes, exprType((Node *) lfirst(lc)));
	dsql_dialect_check_aggregate_version(function->winfnoid, argtypes);
}

/*
 * The first of users' tables in a query; NULL if there is none.
 */
static const char *
first_table(Query *query)
{
	ListCell   *lc;

	foreach(lc, query->rtable)
	{
		RangeTblEntry *rte = lfirst_node(RangeTblEntry, lc);

		if (rte->rtekind == RTE_RELATION && rte->relid >= FirstNormalObjectId)
			return get_rel_name(rte->relid);
	}
	return NULL;
}

/*
 * A defect of the service: in LEFT JOIN LATERAL it looks for the outer row's
 * columns, where the subquery returns them, in the subquery's table.
 */
static void
check_lateral(JoinExpr *join, QueryWalk *walk)
{
	RangeTblEntry *rte;
	const char *table;

	if (join->jointype != JOIN_LEFT || !IsA(join->rarg, RangeTblRef) ||
		walk->level == NULL || !dsql_settings_lateral_defect)
		return;
	rte = rt_fetch(((RangeTblRef *) join->rarg)->rtindex,
				   walk->level->query->rtable);
	if (rte->rtekind != RTE_SUBQUERY || !rte->lateral ||
		!contain_vars_of_level((Node *) rte->subquery->targetList, 1))
		return;
	table = first_table(rte->subquery);
	if (table != NULL)
		dsql_refuse(RULE_QUERY_LATERAL, table);
}

/*
 * All of a query, at its level.
 */
static bool
walk_query(Query *query, QueryWalk *walk)
{
	QueryLevel	level = {query, walk->level};
	bool		result;

	if (dsql_dialect_is_catalog_query(query))
		return false;
	walk->level = &level;
	check_query(query);
	result = query_tree_walker(query, check_node, walk,
							   QTW_IGNORE_JOINALIASES);
	dsql_dialect_adapt_catalogs(query, level.system_columns);
	walk->level = level.outer;
	return result;
}

static bool
check_list(List *list, void *context)
{
	ListCell   *lc;

	foreach(lc, list)
	{
		if (check_node(lfirst(lc), context))
			return true;
	}
	return false;
}

/*
 * What is no leaf.  What most queries are made of has no need of the walker.
 */
static pg_noinline bool
check_inner_node(Node *node, void *context)
{
	QueryWalk  *walk = context;

	switch (nodeTag(node))
	{
		case T_List:
			return check_list((List *) node, context);
		case T_OpExpr:
			return check_list(((OpExpr *) node)->args, context);
		case T_TargetEntry:
			return check_node((Node *) ((TargetEntry *) node)->expr, context);
		case T_FromExpr:
			return check_list(((FromExpr *) node)->fromlist, context) ||
				check_node(((FromExpr *) node)->quals, context);
		case T_FuncExpr:
			check_call((FuncExpr *) node, walk);
			break;
		case T_CoerceViaIO:
			check_type(((CoerceViaIO *) node)->resulttype);
			break;
		case T_JoinExpr:
			check_lateral((JoinExpr *) node, walk);
			break;
		case T_TableSampleClause:
			dsql_refuse(RULE_QUERY_TABLESAMPLE);
			break;
		case T_Query:
			return walk_query((Query *) node, walk);
		case T_Aggref:
			dsql_dialect_check_aggregate_version(((Aggref *) node)->aggfnoid,
												 ((Aggref *) node)->aggargtypes);
			break;
		case T_WindowFunc:
			check_window_function((WindowFunc *) node);
			break;
		default:
			dsql_dialect_check_node_version(node);
			break;
	}
	return expression_tree_walker(node, check_node, context);
}

/*
 * In 16 nothing is called "old" or "new" in RETURNING, be it a table or a column.
 */
static inline void
check_returning_alias(Var *var)
{
	const char *alias = dsql_returning_alias(var);

	if (likely(alias == NULL))
		return;
	if (var->varattno == InvalidAttrNumber)
		dsql_refuse(RULE_VERSION_COLUMN, alias);
	else
		dsql_refuse(RULE_VERSION_RETURNING, alias);
}

static bool
check_node(Node *node, void *context)
{
	if (node == NULL)
		return false;

	switch (nodeTag(node))
	{
		case T_RangeTblRef:
			return false;
		case T_Var:
			if (unlikely(((Var *) node)->varattno < 0))
				check_system_column((Var *) node, context);
			check_returning_alias((Var *) node);
			return false;
		case T_Const:
			check_constant((Const *) node);
			return false;
		case T_Param:
			check_type(((Param *) node)->paramtype);
			return false;
		default:
			return check_inner_node(node, context);
	}
}

static Node *
replace_version(Node *node, void *context)
{
	if (node == NULL)
		return NULL;
	if (IsA(node, FuncExpr) && ((FuncExpr *) node)->funcid == F_VERSION)
		return (Node *) makeConst(TEXTOID, -1, DEFAULT_COLLATION_OID, -1,
								  CStringGetTextDatum(DSQL_VERSION_STRING),
								  false, false);
	if (IsA(node, Query))
		return (Node *) query_tree_mutator((Query *) node, replace_version,
										   context, 0);
	return expression_tree_mutator(node, replace_version, context);
}

void
dsql_dialect_check_query(ParseState *pstate, Query *query)
{
	QueryWalk	walk = {0};

	check_node((Node *) query, &walk);
	if (walk.uses_version)
		query_tree_mutator(query, replace_version, NULL, QTW_DONT_COPY_QUERY);
}

/*
 * An expression outside a query: the arguments of CALL.
 */
void
dsql_dialect_check_expression(Node *expression)
{
	QueryWalk	walk = {0};

	check_node(expression, &walk);
}
