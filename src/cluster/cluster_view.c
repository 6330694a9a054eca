/*
 * cluster_view.c
 *		What a session in a cluster's own database sees of the whole server.
 *
 * Some of PostgreSQL's catalogs are the whole server's.  In a query that is about
 * to be planned, so that its views are expanded, each such catalog is replaced by
 * a subquery that has the same columns, and only what is the cluster's.
 *
 * Functions that show or take the name of the database or of a role are replaced
 * in the server's table of functions.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/sysattr.h"
#include "access/table.h"
#include "access/transam.h"
#include "catalog/pg_auth_members.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_database.h"
#include "catalog/pg_db_role_setting.h"
#include "catalog/pg_language.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_shdescription.h"
#include "catalog/pg_shseclabel.h"
#include "commands/dbcommands.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "nodes/execnodes.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "parser/analyze.h"
#include "parser/parse_node.h"
#include "parser/parser.h"
#include "parser/parsetree.h"
#include "rewrite/rewriteDefine.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"
#include "utils/syscache.h"
#include "utils/tuplestore.h"
#include "utils/varlena.h"

#include "base/cluster_database.h"
#include "base/compat.h"
#include "base/server_patch.h"
#include "base/session.h"
#include "cluster/cluster_role.h"
#include "cluster/cluster_view.h"

static inline bool
is_active(void)
{
	return dsql_cluster_role_suffix() != NULL;
}

/* ------------------------------------------------------------------------
 * Catalogs
 * ------------------------------------------------------------------------
 */

/*
 * What a catalog shows in place of a column, and which rows.  In both, "$D" is
 * the session's database, and "$S" what the cluster's roles end with.
 */
typedef struct CatalogView
{
	Oid			catalog;
	const char *column;			/* or NULL */
	const char *value;
	const char *condition;
} CatalogView;

#define IS_OWN_ROLE \
	"(pg_catalog.right(rolname::pg_catalog.text, 9) = '$S' OR rolname = 'admin'" \
	" OR pg_catalog.starts_with(rolname::pg_catalog.text, 'pg_'))"
#define OWN_ROLES \
	"(SELECT oid FROM pg_catalog.pg_authid WHERE " IS_OWN_ROLE ")"

static const CatalogView catalog_views[] = {
	{DatabaseRelationId, "datname",
		"'" DSQL_SERVICE_DATABASE "'::pg_catalog.name",
	"oid = $D"},
	{AuthIdRelationId, "rolname",
		"pg_catalog.replace(rolname::pg_catalog.text, '$S', '')::pg_catalog.name",
	IS_OWN_ROLE},
	{AuthMemRelationId, NULL, NULL,
	"roleid IN " OWN_ROLES " AND member IN " OWN_ROLES},
	{DbRoleSettingRelationId, NULL, NULL,
	"setdatabase = $D"},
	{SharedDescriptionRelationId, NULL, NULL,
		"classoid = 'pg_catalog.pg_database'::pg_catalog.regclass AND objoid = $D"
		" OR classoid = 'pg_catalog.pg_authid'::pg_catalog.regclass"
	" AND objoid IN " OWN_ROLES},
	{SharedSecLabelRelationId, NULL, NULL,
	"false"},
};

static const CatalogView *
find_view(Oid catalog)
{
	for (int i = 0; i < lengthof(catalog_views); i++)
		if (catalog_views[i].catalog == catalog)
			return &catalog_views[i];
	return NULL;
}

static bool
is_shown_otherwise(const RangeTblEntry *rte)
{
	return rte->rtekind == RTE_RELATION && rte->relid < FirstNormalObjectId &&
		find_view(rte->relid) != NULL;
}

/*
 * The function that an expression calls without saying so; InvalidOid if it is
 * none of ours.
 */
static Oid
value_function(SQLValueFunction *expression)
{
	switch (expression->op)
	{
		case SVFOP_CURRENT_CATALOG:
			return F_CURRENT_DATABASE;
		case SVFOP_CURRENT_ROLE:
		case SVFOP_CURRENT_USER:
		case SVFOP_USER:
			return F_CURRENT_USER;
		case SVFOP_SESSION_USER:
			return F_SESSION_USER;
		default:
			return InvalidOid;
	}
}

/*
 * Is there anything in a query that we replace?
 */
static bool
find_replaced(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, SQLValueFunction))
		return OidIsValid(value_function((SQLValueFunction *) node));
	if (IsA(node, Query))
	{
		ListCell   *cell;

		foreach(cell, ((Query *) node)->rtable)
			if (is_shown_otherwise(lfirst(cell)))
			return true;
		return query_tree_walker((Query *) node, find_replaced, context, 0);
	}
	return expression_tree_walker(node, find_replaced, context);
}

static void
append_expanded(StringInfo sql, const char *text)
{
	for (; *text; text ++)
	{
		if (*text !='$')
			appendStringInfoChar(sql, *text);
		else if (*++text == 'D')
			appendStringInfo(sql, "%u", MyDatabaseId);
		else
			appendStringInfoString(sql, dsql_cluster_role_suffix());
	}
}

static char *
subquery_text(const CatalogView *view, Relation rel)
{
	TupleDesc	desc = RelationGetDescr(rel);
	StringInfoData sql;

	initStringInfo(&sql);
	for (int i = 0; i < desc->natts; i++)
	{
		const char *name = NameStr(TupleDescAttr(desc, i)->attname);

		appendStringInfoString(&sql, i == 0 ? "SELECT " : ", ");
		append_expanded(&sql, view->column != NULL &&
						strcmp(name, view->column) == 0 ? view->value : name);
		appendStringInfo(&sql, " AS %s", quote_identifier(name));
	}
	appendStringInfo(&sql, " FROM pg_catalog.%s WHERE ",
					 RelationGetRelationName(rel));
	append_expanded(&sql, view->condition);
	return sql.data;
}

/*
 * The subquery that shows a catalog.  No hook is called for it.
 */
static Query *
make_subquery(const CatalogView *view)
{
	Relation	rel = table_open(view->catalog, AccessShareLock);
	char	   *sql = subquery_text(view, rel);
	ParseState *pstate = make_parsestate(NULL);
	Query	   *query;

	pstate->p_sourcetext = sql;
	query = transformTopLevelStmt(pstate,
								  linitial_node(RawStmt, raw_parser(sql, RAW_PARSE_DEFAULT)));
	free_parsestate(pstate);
	table_close(rel, NoLock);
	return query;
}

/*
 * The passwords in pg_authid are for those who can read it.  What else is asked
 * of that catalog here, nobody learns.
 */
static void
replace_catalog(Query *query, RangeTblEntry *rte)
{
	Oid			catalog = rte->relid;
	Oid			reader = catalog == AuthIdRelationId ?
	dsql_rte_check_as_user(query, rte) : BOOTSTRAP_SUPERUSERID;
	Query	   *subquery = make_subquery(find_view(catalog));

	if (OidIsValid(reader))
		setRuleCheckAsUser((Node *) subquery, reader);
	dsql_rte_become_subquery(query, rte, subquery, catalog);
}

typedef struct TableOidContext
{
	int			varno;
	int			level;
	Oid			catalog;
} TableOidContext;

/*
 * A subquery has no system columns.  PostgreSQL's views ask for tableoid only.
 */
static Node *
replace_tableoid(Node *node, void *arg)
{
	TableOidContext *context = arg;

	if (node == NULL)
		return NULL;
	if (IsA(node, Var))
	{
		Var		   *var = (Var *) node;

		if (var->varno == context->varno &&
			var->varlevelsup == context->level &&
			var->varattno == TableOidAttributeNumber)
			return (Node *) makeConst(OIDOID, -1, InvalidOid, sizeof(Oid),
									  ObjectIdGetDatum(context->catalog),
									  false, true);
	}
	if (IsA(node, Query))
	{
		Node	   *result;

		context->level++;
		result = (Node *) query_tree_mutator((Query *) node, replace_tableoid,
											 context, 0);
		context->level--;
		return result;
	}
	return expression_tree_mutator(node, replace_tableoid, context);
}

static Node *
replace(Node *node, void *context)
{
	if (node == NULL)
		return NULL;
	if (IsA(node, SQLValueFunction))
	{
		Oid			function = value_function((SQLValueFunction *) node);

		if (OidIsValid(function))
			return (Node *) makeFuncExpr(function, NAMEOID, NIL, InvalidOid,
										 InvalidOid, COERCE_EXPLICIT_CALL);
	}
	if (IsA(node, Query))
	{
		Query	   *query = query_tree_mutator((Query *) node, replace, context,
											   0);

		for (int varno = 1; varno <= list_length(query->rtable); varno++)
		{
			RangeTblEntry *rte = rt_fetch(varno, query->rtable);
			TableOidContext tableoid = {varno, 0, rte->relid};

			if (!is_shown_otherwise(rte))
				continue;
			replace_catalog(query, rte);
			query = query_tree_mutator(query, replace_tableoid, &tableoid, 0);
		}
		return (Node *) query;
	}
	return expression_tree_mutator(node, replace, context);
}

Query *
dsql_cluster_view_query(Query *query)
{
	if (likely(!is_active()) || !find_replaced((Node *) query, NULL))
		return query;
	return castNode(Query, replace((Node *) query, NULL));
}

/* ------------------------------------------------------------------------
 * Bodies of SQL functions
 *
 * What the planner inlines, we do not see.  So functions that can ask for what is
 * replaced are called.
 * ------------------------------------------------------------------------
 */

static needs_fmgr_hook_type prev_needs_fmgr_hook = NULL;

static bool
can_ask(Oid function)
{
	static const char *const words[] = {"user", "role", "catalog", "pg_", "schema"};
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	bool		can = false;

	if (!HeapTupleIsValid(tuple))
		return false;
	if (((Form_pg_proc) GETSTRUCT(tuple))->prolang == SQLlanguageId)
	{
		bool		isnull;
		Datum		source = SysCacheGetAttr(PROCOID, tuple,
											 Anum_pg_proc_prosrc, &isnull);
		char	   *body = isnull ? "" : TextDatumGetCString(source);

		/* What is between BEGIN ATOMIC and END is not kept as a text. */
		can = body[0] == '\0';
		for (int i = 0; i < lengthof(words) && !can; i++)
			can = strcasestr(body, words[i]) != NULL;
	}
	ReleaseSysCache(tuple);
	return can;
}

static bool
view_needs_fmgr_hook(Oid function)
{
	return (prev_needs_fmgr_hook && prev_needs_fmgr_hook(function)) ||
		(function >= FirstNormalObjectId && is_active() && can_ask(function));
}

/* ------------------------------------------------------------------------
 * Functions
 * ------------------------------------------------------------------------
 */

typedef enum Replacement
{
	SHOW_DATABASE,				/* the result is the service's database */
	SHOW_NAME,					/* the result is a role's name */
	SHOW_CSTRING,				/* the same, with quotes if it needs them */
	SHOW_ACL,
	SHOW_SESSIONS,				/* the result is a set of sessions */
	SHOW_SESSION,				/* the argument is the number of one */
	TAKE_NAME,					/* these arguments are roles' names */
	TAKE_NAMES,
	TAKE_SECOND_NAME,
	TAKE_CSTRING,
	TAKE_TEXT,
	TAKE_DATABASE,				/* the first argument is a database's name */
	TAKE_DATABASE_TEXT,
	TAKE_SECOND_DATABASE,
	TAKE_NAME_AND_DATABASE
} Replacement;

typedef struct ReplacedFunction
{
	Oid			function;
	Replacement replacement;
} ReplacedFunction;

static const ReplacedFunction replaced_functions[] = {
	{F_CURRENT_DATABASE, SHOW_DATABASE},
	{F_CURRENT_USER, SHOW_NAME},
	{F_SESSION_USER, SHOW_NAME},
	{F_PG_GET_USERBYID, SHOW_NAME},
	{F_REGROLEOUT, SHOW_CSTRING},
	{F_ACLITEMOUT, SHOW_ACL},
	{F_REGROLEIN, TAKE_CSTRING},
	{F_TO_REGROLE, TAKE_TEXT},
	{F_HAS_ANY_COLUMN_PRIVILEGE_NAME_OID_TEXT, TAKE_NAME},
	{F_HAS_ANY_COLUMN_PRIVILEGE_NAME_TEXT_TEXT, TAKE_NAME},
	{F_HAS_COLUMN_PRIVILEGE_NAME_OID_INT2_TEXT, TAKE_NAME},
	{F_HAS_COLUMN_PRIVILEGE_NAME_OID_TEXT_TEXT, TAKE_NAME},
	{F_HAS_COLUMN_PRIVILEGE_NAME_TEXT_INT2_TEXT, TAKE_NAME},
	{F_HAS_COLUMN_PRIVILEGE_NAME_TEXT_TEXT_TEXT, TAKE_NAME},
	{F_HAS_FUNCTION_PRIVILEGE_NAME_OID_TEXT, TAKE_NAME},
	{F_HAS_FUNCTION_PRIVILEGE_NAME_TEXT_TEXT, TAKE_NAME},
	{F_HAS_SCHEMA_PRIVILEGE_NAME_OID_TEXT, TAKE_NAME},
	{F_HAS_SCHEMA_PRIVILEGE_NAME_TEXT_TEXT, TAKE_NAME},
	{F_HAS_SEQUENCE_PRIVILEGE_NAME_OID_TEXT, TAKE_NAME},
	{F_HAS_SEQUENCE_PRIVILEGE_NAME_TEXT_TEXT, TAKE_NAME},
	{F_HAS_TABLE_PRIVILEGE_NAME_OID_TEXT, TAKE_NAME},
	{F_HAS_TABLE_PRIVILEGE_NAME_TEXT_TEXT, TAKE_NAME},
	{F_HAS_TYPE_PRIVILEGE_NAME_OID_TEXT, TAKE_NAME},
	{F_HAS_TYPE_PRIVILEGE_NAME_TEXT_TEXT, TAKE_NAME},
	{F_PG_HAS_ROLE_NAME_NAME_TEXT, TAKE_NAMES},
	{F_PG_HAS_ROLE_NAME_OID_TEXT, TAKE_NAME},
	{F_PG_HAS_ROLE_NAME_TEXT, TAKE_NAME},
	{F_PG_HAS_ROLE_OID_NAME_TEXT, TAKE_SECOND_NAME},
	{F_HAS_LANGUAGE_PRIVILEGE_NAME_OID_TEXT, TAKE_NAME},
	{F_HAS_LANGUAGE_PRIVILEGE_NAME_TEXT_TEXT, TAKE_NAME},
	{F_HAS_PARAMETER_PRIVILEGE_NAME_TEXT_TEXT, TAKE_NAME},
	{F_HAS_TABLESPACE_PRIVILEGE_NAME_OID_TEXT, TAKE_NAME},
	{F_HAS_TABLESPACE_PRIVILEGE_NAME_TEXT_TEXT, TAKE_NAME},
	{F_HAS_DATABASE_PRIVILEGE_NAME_OID_TEXT, TAKE_NAME},
	{F_HAS_DATABASE_PRIVILEGE_NAME_TEXT_TEXT, TAKE_NAME_AND_DATABASE},
	{F_HAS_DATABASE_PRIVILEGE_OID_TEXT_TEXT, TAKE_SECOND_DATABASE},
	{F_HAS_DATABASE_PRIVILEGE_TEXT_TEXT, TAKE_DATABASE_TEXT},
	{F_PG_DATABASE_SIZE_NAME, TAKE_DATABASE},
	{F_PG_STAT_GET_ACTIVITY, SHOW_SESSIONS},
	{F_PG_STAT_GET_BACKEND_PID, SHOW_SESSION},
	{F_PG_STAT_GET_BACKEND_DBID, SHOW_SESSION},
	{F_PG_STAT_GET_BACKEND_USERID, SHOW_SESSION},
	{F_PG_STAT_GET_BACKEND_ACTIVITY, SHOW_SESSION},
	{F_PG_STAT_GET_BACKEND_WAIT_EVENT_TYPE, SHOW_SESSION},
	{F_PG_STAT_GET_BACKEND_WAIT_EVENT, SHOW_SESSION},
	{F_PG_STAT_GET_BACKEND_ACTIVITY_START, SHOW_SESSION},
	{F_PG_STAT_GET_BACKEND_XACT_START, SHOW_SESSION},
	{F_PG_STAT_GET_BACKEND_START, SHOW_SESSION},
	{F_PG_STAT_GET_BACKEND_CLIENT_ADDR, SHOW_SESSION},
	{F_PG_STAT_GET_BACKEND_CLIENT_PORT, SHOW_SESSION},
};

static PGFunction originals[lengthof(replaced_functions)];

static Datum
name_datum(const char *name)
{
	return DirectFunctionCall1(namein, CStringGetDatum(name));
}

static void
take_name(FunctionCallInfo fcinfo, int n)
{
	fcinfo->args[n].value =
		name_datum(dsql_cluster_role_real(NameStr(*PG_GETARG_NAME(n))));
}

/*
 * The session's database has the service's name, and there is no other.
 */
static char *
real_database(const char *name)
{
	if (strcmp(name, DSQL_SERVICE_DATABASE) == 0)
		return get_database_name(MyDatabaseId);
	if (OidIsValid(get_database_oid(name, true)))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_DATABASE),
				 errmsg("database \"%s\" does not exist", name)));
	return pstrdup(name);
}

static void
take_database(FunctionCallInfo fcinfo, int n)
{
	fcinfo->args[n].value =
		PointerGetDatum(cstring_to_text(real_database(text_to_cstring(PG_GETARG_TEXT_PP(n)))));
}

/*
 * Is it a role of another cluster?  OIDs can be guessed.
 */
static bool
is_foreign(const char *name)
{
	size_t		length = strlen(name);
	const char *ending = name + length - DSQL_CLUSTER_DATABASE_NAME_LEN - 1;

	return length > DSQL_CLUSTER_DATABASE_NAME_LEN + 1 && ending[0] == '@' &&
		strspn(ending + 1, "abcdefghijklmnopqrstuvwxyz234567") ==
		DSQL_CLUSTER_DATABASE_NAME_LEN &&
		strcmp(ending, dsql_cluster_role_suffix()) != 0;
}

/*
 * A name that may have quotes because of its at sign.
 */
static char *
show_quoted(const char *quoted)
{
	List	   *names = NIL;

	if (quoted[0] != '"' ||
		!SplitIdentifierString(pstrdup(quoted), '.', &names) ||
		list_length(names) != 1)
		return pstrdup(quoted);
	if (is_foreign(linitial(names)))
		return psprintf("%u", get_role_oid(linitial(names), true));
	dsql_cluster_role_show(linitial(names));
	return pstrdup(quote_identifier(linitial(names)));
}

/*
 * Copy a name that has quotes because of its at sign.  The result is behind it.
 */
static const char *
copy_acl_name(StringInfo to, const char *name)
{
	size_t		length;

	if (name[0] == '"')
	{
		length = strspn(name + 1, "abcdefghijklmnopqrstuvwxyz"
						"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
		if (name[1 + length] == '"' && name[2 + length] != '"')
		{
			appendBinaryStringInfo(to, name + 1, length);
			return name + 2 + length;
		}
		for (length = 1; name[length] != '\0'; length++)
			if (name[length] == '"' && name[++length] != '"')
				break;
	}
	else
		length = strcspn(name, "=");
	appendBinaryStringInfo(to, name, length);
	return name + length;
}

/*
 * GRANTEE=RIGHTS/GRANTOR
 */
static char *
show_acl(char *acl)
{
	StringInfoData shown;
	const char *rest;
	size_t		rights;

	dsql_cluster_role_show(acl);
	initStringInfo(&shown);
	rest = copy_acl_name(&shown, acl);
	rights = strcspn(rest, "/");
	appendBinaryStringInfo(&shown, rest, rights);
	rest += rights;
	if (rest[0] == '/')
	{
		appendStringInfoChar(&shown, '/');
		(void) copy_acl_name(&shown, rest + 1);
	}
	return shown.data;
}

static void
take_arguments(FunctionCallInfo fcinfo, Replacement replacement)
{
	switch (replacement)
	{
		case TAKE_NAMES:
			take_name(fcinfo, 0);
			take_name(fcinfo, 1);
			break;
		case TAKE_NAME:
			take_name(fcinfo, 0);
			break;
		case TAKE_SECOND_NAME:
			take_name(fcinfo, 1);
			break;
		case TAKE_CSTRING:
			fcinfo->args[0].value =
				CStringGetDatum(dsql_cluster_role_real_quoted(PG_GETARG_CSTRING(0)));
			break;
		case TAKE_TEXT:
			fcinfo->args[0].value =
				PointerGetDatum(cstring_to_text(dsql_cluster_role_real_quoted(text_to_cstring(PG_GETARG_TEXT_PP(0)))));
			break;
		case TAKE_DATABASE:
			fcinfo->args[0].value =
				name_datum(real_database(NameStr(*PG_GETARG_NAME(0))));
			break;
		case TAKE_DATABASE_TEXT:
			take_database(fcinfo, 0);
			break;
		case TAKE_SECOND_DATABASE:
			take_database(fcinfo, 1);
			break;
		case TAKE_NAME_AND_DATABASE:
			take_name(fcinfo, 0);
			take_database(fcinfo, 1);
			break;
		default:
			break;
	}
}

/*
 * Leave out sessions of other databases, and processes that are in none.
 */
static void
show_sessions(FunctionCallInfo fcinfo)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Tuplestorestate *all = rsinfo->setResult;
	TupleTableSlot *slot = MakeSingleTupleTableSlot(rsinfo->setDesc,
													&TTSOpsMinimalTuple);
	MemoryContext context;

	context = MemoryContextSwitchTo(rsinfo->econtext->ecxt_per_query_memory);
	rsinfo->setResult = tuplestore_begin_heap(rsinfo->allowedModes &
											  SFRM_Materialize_Random,
											  false, work_mem);
	MemoryContextSwitchTo(context);
	while (tuplestore_gettupleslot(all, true, false, slot))
	{
		bool		isnull;
		Datum		database = slot_getattr(slot, 1, &isnull);

		if (!isnull && DatumGetObjectId(database) == MyDatabaseId)
			tuplestore_puttupleslot(rsinfo->setResult, slot);
	}
	ExecDropSingleTupleTableSlot(slot);
	tuplestore_end(all);
}

/*
 * Is the session with this number in the same database?
 */
static bool
is_session_here(Datum number)
{
	LOCAL_FCINFO(fcinfo, 1);
	Datum		database;
	int			i = 0;

	while (replaced_functions[i].function != F_PG_STAT_GET_BACKEND_DBID)
		i++;
	InitFunctionCallInfoData(*fcinfo, NULL, 1, InvalidOid, NULL, NULL);
	fcinfo->args[0].value = number;
	fcinfo->args[0].isnull = false;
	database = originals[i] (fcinfo);
	return !fcinfo->isnull && DatumGetObjectId(database) == MyDatabaseId;
}

static Datum
show_result(Datum result, Replacement replacement)
{
	char	   *name;

	switch (replacement)
	{
		case SHOW_DATABASE:
			return name_datum(DSQL_SERVICE_DATABASE);
		case SHOW_NAME:
			name = pstrdup(NameStr(*DatumGetName(result)));
			if (is_foreign(name))
				name = psprintf("unknown (OID=%u)", get_role_oid(name, true));
			dsql_cluster_role_show(name);
			return name_datum(name);
		case SHOW_CSTRING:
			return CStringGetDatum(show_quoted(DatumGetCString(result)));
		case SHOW_ACL:
			return CStringGetDatum(show_acl(pstrdup(DatumGetCString(result))));
		default:
			return result;
	}
}

static Datum
call_replaced(int number, FunctionCallInfo fcinfo)
{
	Replacement replacement = replaced_functions[number].replacement;
	Datum		result;

	if (likely(!is_active()))
		return originals[number] (fcinfo);
	if (replacement == SHOW_SESSION && !is_session_here(PG_GETARG_DATUM(0)))
		PG_RETURN_NULL();
	take_arguments(fcinfo, replacement);
	result = originals[number] (fcinfo);
	if (replacement == SHOW_SESSIONS)
	{
		show_sessions(fcinfo);
		return result;
	}
	return fcinfo->isnull ? result : show_result(result, replacement);
}

/*
 * What is called in place of each: the server does not tell a function which of
 * them it stands for.
 */
#define REPLACED(number) \
	static Datum \
	replaced_##number(PG_FUNCTION_ARGS) \
	{ \
		return call_replaced(number, fcinfo); \
	}

REPLACED(0)
REPLACED(1)
REPLACED(2)
REPLACED(3)
REPLACED(4)
REPLACED(5)
REPLACED(6)
REPLACED(7)
REPLACED(8)
REPLACED(9)
REPLACED(10)
REPLACED(11)
REPLACED(12)
REPLACED(13)
REPLACED(14)
REPLACED(15)
REPLACED(16)
REPLACED(17)
REPLACED(18)
REPLACED(19)
REPLACED(20)
REPLACED(21)
REPLACED(22)
REPLACED(23)
REPLACED(24)
REPLACED(25)
REPLACED(26)
REPLACED(27)
REPLACED(28)
REPLACED(29)
REPLACED(30)
REPLACED(31)
REPLACED(32)
REPLACED(33)
REPLACED(34)
REPLACED(35)
REPLACED(36)
REPLACED(37)
REPLACED(38)
REPLACED(39)
REPLACED(40)
REPLACED(41)
REPLACED(42)
REPLACED(43)
REPLACED(44)
REPLACED(45)
REPLACED(46)
REPLACED(47)
REPLACED(48)
REPLACED(49)

static const PGFunction replacements[
									 lengthof(replaced_functions)] =
{
	replaced_0, replaced_1, replaced_2, replaced_3, replaced_4,
		replaced_5, replaced_6, replaced_7, replaced_8, replaced_9,
		replaced_10, replaced_11, replaced_12, replaced_13, replaced_14,
		replaced_15, replaced_16, replaced_17, replaced_18, replaced_19,
		replaced_20, replaced_21, replaced_22, replaced_23, replaced_24,
		replaced_25, replaced_26, replaced_27, replaced_28, replaced_29,
		replaced_30, replaced_31, replaced_32, replaced_33, replaced_34,
		replaced_35, replaced_36, replaced_37, replaced_38, replaced_39,
		replaced_40, replaced_41, replaced_42, replaced_43, replaced_44,
		replaced_45, replaced_46, replaced_47, replaced_48, replaced_49,
};

void
dsql_cluster_view_install(void)
{
	prev_needs_fmgr_hook = needs_fmgr_hook;
	needs_fmgr_hook = view_needs_fmgr_hook;
	for (int i = 0; i < lengthof(replaced_functions); i++)
		if (!dsql_server_patch_function(replaced_functions[i].function,
										replacements[i], &originals[i]))
		{
			ereport(WARNING,
					(errcode(ERRCODE_SYSTEM_ERROR),
					 errmsg("could not change the list of functions: %m"),
					 errdetail("Sessions of clusters see the server's names of databases and roles.")));
			break;
		}
}
