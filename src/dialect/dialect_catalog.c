/*
 * dialect_catalog.c
 *		What the service's catalogs show.
 *
 * Where a catalog of the service has other rows or values than PostgreSQL's, a
 * query of an emulated session reads a subquery in its place, which has the
 * same columns.  The planner pulls it up, so that it costs what its expressions
 * cost.  The subquery is made of the catalog's description once in a session.
 *
 * The statistics of tables are shown for the session's own cluster only.
 *
 * Other catalogs are read as they are in modes "off" and "report", by views and
 * functions that are stored, by PostgreSQL itself, and by queries that ask for
 * their system columns, lock their rows or change them.
 */
#include "postgres.h"

#include "access/transam.h"
#include "catalog/namespace.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_class.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_proc.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "parser/analyze.h"
#include "parser/parse_func.h"
#include "parser/parser.h"
#include "parser/parse_node.h"
#include "parser/parsetree.h"
#include "rewrite/rewriteHandler.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "base/compat.h"
#include "base/extension_version.h"
#include "base/session.h"
#include "dialect/dialect.h"

#define MAX_COLUMNS 14

typedef struct CatalogColumn
{
	const char *name;
	const char *expression;
} CatalogColumn;

/*
 * A catalog, and what is shown of it.  In expressions its name is "c".
 */
typedef struct Catalog
{
	const char *name;
	const char *source;			/* the view that is read, NULL for itself */
	const char *function;		/* or the function, by those who may call it */
	const char *condition;		/* which of its rows, NULL for all */
	bool		border;			/* keeps clusters apart, not only the dialect */
	CatalogColumn columns[MAX_COLUMNS]; /* columns with other values */

	/* Rows that are there once more, with these values; NULL for none */
	const char *more;
	const char *more_tables;	/* beside "c", NULL for none */
	CatalogColumn more_columns[MAX_COLUMNS];

	/*
	 * The column, or 0, by which they have to be looked up to be shown, in an
	 * index.  The planner cannot look such rows up in a join: it would make
	 * all of them, again and again.
	 */
	AttrNumber	more_key;
} Catalog;

/*
 * What ANALYZE has found in the tables of another cluster is as good as a look
 * into them.
 */
#define OWN_CLUSTER "dsql.reaches_schema(c.schemaname)"

/* OIDs of what initdb makes begin here. */
#define BUILT_IN "c.oid < 10000"
/* Those of users' objects: FirstNormalObjectId. */
#define FIRST_NORMAL "16384"

/* The access method of the service's indexes, in the place of btree */
#define BTREE "403"
#define BTREE_INDEX "10003"
#define METHOD(column) \
	"CASE c." column " WHEN " BTREE " THEN " BTREE_INDEX " ELSE c." column " END"

/* Is this the index of a user's primary key?  It includes all other columns. */
#define PRIMARY_KEY "c.indisprimary AND c.indrelid >= " FIRST_NORMAL
#define INCLUDED \
	"FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = c.indrelid " \
	"AND a.attnum > 0 AND NOT a.attisdropped AND a.attnum <> ALL (c.indkey)"

/* Rows of an index for the columns that it includes, made from the table's */
#define PRIMARY_KEYS \
	"pg_catalog.pg_index AS i"
#define INCLUDED_IN_KEY \
	"c.attrelid = i.indrelid AND i.indisprimary AND i.indrelid >= " FIRST_NORMAL \
	" AND c.attnum > 0 AND NOT c.attisdropped AND c.attnum <> ALL (i.indkey)"
#define PLACE_IN_KEY \
	"i.indnkeyatts + (SELECT pg_catalog.count(*) FROM pg_catalog.pg_attribute AS b " \
	"WHERE b.attrelid = c.attrelid AND b.attnum BETWEEN 1 AND c.attnum " \
	"AND NOT b.attisdropped AND b.attnum <> ALL (i.indkey))"
#define COLUMNS_OF_KEY \
	"CASE WHEN c.relkind = 'i' AND c.oid >= " FIRST_NORMAL " THEN c.relnatts + " \
	"(SELECT pg_catalog.count(*) FROM pg_catalog.pg_index AS i, " \
	"pg_catalog.pg_attribute AS a WHERE i.indexrelid = c.oid AND i.indisprimary " \
	"AND a.attrelid = i.indrelid AND a.attnum > 0 AND NOT a.attisdropped " \
	"AND a.attnum <> ALL (i.indkey)) ELSE c.relnatts END"

/* Texts and JSON are compressed, unless they are in a key. */
#define COMPRESSED \
	"c.attrelid >= " FIRST_NORMAL " AND c.attnum > 0 " \
	"AND c.attstorage IN ('x', 'm') " \
	"AND c.atttypid IN (25, 114, 1042, 1043, 3802) " \
	"AND EXISTS (SELECT FROM pg_catalog.pg_class AS r " \
	"WHERE r.oid = c.attrelid AND r.relkind = 'r') " \
	"AND NOT EXISTS (SELECT FROM pg_catalog.pg_index AS i " \
	"WHERE i.indrelid = c.attrelid AND c.attnum = ANY (i.indkey))"

#define SHOWN_COMPRESSION \
	"CASE WHEN " COMPRESSED " THEN 'l' ELSE c.attcompression END"

/* Nothing is counted. */
#define NO_COUNTERS \
	{"idx_scan", "0"}, {"last_idx_scan", "NULL"}, \
	{"idx_tup_read", "0"}, {"idx_tup_fetch", "0"}

/* A statistics target that is not set is NULL since 17. */
#define SHOWN_TARGET {"attstattarget", "COALESCE(c.attstattarget, -1)"}

static const Catalog catalogs[] = {
	{"pg_am",.more = "c.oid = " BTREE,
	.more_columns = {{"oid", BTREE_INDEX}, {"amname", "'btree_index'"}}},
	{"pg_amop",.columns = {{"amopmethod", METHOD("amopmethod")}}},
	{"pg_opclass",.columns = {{"opcmethod", METHOD("opcmethod")}}},
	{"pg_opfamily",.columns = {{"opfmethod", METHOD("opfmethod")}}},
	{"pg_attribute",.columns = {
			{"attcompression", SHOWN_COMPRESSION},
			SHOWN_TARGET
	},
	.more = INCLUDED_IN_KEY,.more_tables = PRIMARY_KEYS,
	.more_columns = {
		{"attrelid", "i.indexrelid"}, {"attnum", PLACE_IN_KEY},
		{"attcompression", SHOWN_COMPRESSION},
		SHOWN_TARGET,
		{"attnotnull", "false"}, {"atthasdef", "false"},
		{"attidentity", "''"}, {"attgenerated", "''"},
		{"atthasmissing", "false"}, {"attmissingval", "NULL"},
		{"attislocal", "true"}, {"attinhcount", "0"},
		{"attacl", "NULL"}, {"attoptions", "NULL"}
	},
	.more_key = Anum_pg_attribute_attrelid
	},
	/* There are no TOAST tables; the schema of PostgreSQL's is 99. */
	{"pg_class",.condition = "c.relnamespace <> 99",
		.columns = {
			{"relam", "CASE WHEN c.oid >= " FIRST_NORMAL " THEN " METHOD("relam")
			" ELSE c.relam END"},
			{"relnatts", COLUMNS_OF_KEY},
			{"reltoastrelid", "0"}
	}},
	/* pg_c_utf8 and pg_unicode_fast are newer than 16. */
	{"pg_collation",.condition = "c.oid NOT IN (811, 6411)"},
	/* What is NOT NULL has no row of its own, as it has since 18. */
	{"pg_constraint",.condition = "c.contype <> 'n'"},
	{"pg_index",.columns = {
			{"indnatts", "CASE WHEN " PRIMARY_KEY " THEN c.indnkeyatts + "
			"(SELECT pg_catalog.count(*) " INCLUDED ") ELSE c.indnatts END"},
			{"indkey", "CASE WHEN " PRIMARY_KEY
				" THEN CAST(pg_catalog.concat_ws(' ', c.indkey, "
				"(SELECT pg_catalog.string_agg(CAST(a.attnum AS text), ' ' ORDER BY a.attnum) "
			INCLUDED ")) AS int2vector) ELSE c.indkey END"}
	}},
	/* Readable for admin: cluster/readable_catalogs.c */
	{"pg_backend_memory_contexts",.function = "memory_context_rows"},
	{"pg_shmem_allocations",.function = "shmem_allocation_rows"},
	{"pg_statistic",.function = "statistic_rows",.border = true},
	{"pg_stat_all_indexes",.columns = {NO_COUNTERS}},
	{"pg_stat_user_indexes",.columns = {NO_COUNTERS}},
	/* pg_maintain and pg_signal_autovacuum_worker are newer than 16. */
	{"pg_roles",.condition = "c.oid NOT IN (6337, 6392)"},
	{"pg_settings",.condition = "c.name <> ALL "
	"(pg_catalog.string_to_array('" DSQL_LATER_SETTINGS "', ','))"},
	/* A view of the same columns that hides the passwords */
	{"pg_shadow",.source = "pg_user"},
	{"pg_stats",.condition = OWN_CLUSTER,.border = true},
	{"pg_stats_ext",.condition = OWN_CLUSTER,.border = true},
	{"pg_stats_ext_exprs",.condition = OWN_CLUSTER,.border = true},
	/* "simple" is the one configuration. */
	{"pg_ts_config",.condition = BUILT_IN},
	{"pg_ts_config_map",.condition = "c.mapcfg < 10000"},
	{"pg_ts_dict",.condition = BUILT_IN},
	{"pg_ts_template",.condition = BUILT_IN},
};

/*
 * Their OIDs, and what is read in their place, without and with the rows that
 * are there once more, once it has been needed.
 */
static Oid	relids[lengthof(catalogs)];
static Query *subqueries[lengthof(catalogs)][2];
static MemoryContext subquery_context = NULL;
static Oid	extension_schema = InvalidOid;	/* when they were made */

/* Is a statement being executed that stores a query? */
static bool storing = false;

static const Catalog *
find_catalog(Oid relid)
{
	if (relids[0] == InvalidOid)
	{
		for (int i = 0; i < lengthof(catalogs); i++)
			relids[i] = get_relname_relid(catalogs[i].name,
										  PG_CATALOG_NAMESPACE);
	}
	for (int i = 0; i < lengthof(catalogs); i++)
	{
		if (relids[i] == relid)
			return &catalogs[i];
	}
	return NULL;
}

/*
 * A column of the subquery, of the same type as the catalog's.
 */
static void
append_column(StringInfo sql, const CatalogColumn *columns,
			  Form_pg_attribute att)
{
	const char *name = quote_identifier(NameStr(att->attname));

	for (int i = 0; i < MAX_COLUMNS; i++)
	{
		if (columns[i].name != NULL &&
			strcmp(columns[i].name, NameStr(att->attname)) == 0)
		{
			appendStringInfo(sql, "CAST(%s AS %s) AS %s",
							 columns[i].expression,
							 format_type_be_qualified(att->atttypid), name);
			return;
		}
	}
	appendStringInfo(sql, "c.%s", name);
}

static void
append_select(StringInfo sql, const Catalog *catalog, Relation rel,
			  const CatalogColumn *columns)
{
	TupleDesc	desc = RelationGetDescr(rel);

	for (int i = 0; i < desc->natts; i++)
	{
		appendStringInfoString(sql, i == 0 ? "SELECT " : ", ");
		append_column(sql, columns, TupleDescAttr(desc, i));
	}
	if (catalog->function != NULL)
		appendStringInfo(sql, " FROM dsql.%s() AS c", catalog->function);
	else
		appendStringInfo(sql, " FROM pg_catalog.%s AS c",
						 catalog->source ? catalog->source : catalog->name);
}

static char *
subquery_text(const Catalog *catalog, Relation rel, bool more)
{
	StringInfoData sql;

	initStringInfo(&sql);
	append_select(&sql, catalog, rel, catalog->columns);
	if (catalog->condition != NULL)
		appendStringInfo(&sql, " WHERE %s", catalog->condition);
	if (more)
	{
		appendStringInfoString(&sql, " UNION ALL ");
		append_select(&sql, catalog, rel, catalog->more_columns);
		if (catalog->more_tables != NULL)
			appendStringInfo(&sql, ", %s", catalog->more_tables);
		appendStringInfo(&sql, " WHERE %s", catalog->more);
	}
	return sql.data;
}

/*
 * No hook is called for it, and its source says that it is not to be looked at
 * again.
 */
static Query *
make_subquery(const Catalog *catalog, Oid relid, bool more)
{
	Relation	rel = relation_open(relid, AccessShareLock);
	char	   *sql = subquery_text(catalog, rel, more);
	ParseState *pstate = make_parsestate(NULL);
	MemoryContext caller;
	Query	   *query;

	pstate->p_sourcetext = sql;
	query = transformTopLevelStmt(pstate,
								  linitial_node(RawStmt, raw_parser(sql, RAW_PARSE_DEFAULT)));
	query->querySource = QSRC_PARSER;
	free_parsestate(pstate);
	relation_close(rel, NoLock);

	caller = MemoryContextSwitchTo(subquery_context);
	query = copyObject(query);
	MemoryContextSwitchTo(caller);
	return query;
}

/*
 * Some call functions of the extension.  When it is created anew, they are
 * others, and so is its schema.
 */
static void
forget_old_subqueries(void)
{
	Oid			schema = get_namespace_oid("dsql", true);

	if (subquery_context == NULL)
		subquery_context = AllocSetContextCreate(TopMemoryContext,
												 "dsql catalogs",
												 ALLOCSET_SMALL_SIZES);
	if (schema == extension_schema)
		return;
	MemoryContextReset(subquery_context);
	memset(subqueries, 0, sizeof(subqueries));
	extension_schema = schema;
}

bool
dsql_dialect_is_catalog_query(const Query *query)
{
	return query->querySource == QSRC_PARSER;
}

/*
 * May the user call this function of the schema dsql?
 */
static bool
may_call(const char *name)
{
	List	   *names = list_make2(makeString("dsql"), makeString(pstrdup(name)));
	Oid			function = LookupFuncName(names, 0, NULL, true);

	return OidIsValid(function) &&
		object_aclcheck(ProcedureRelationId, function, GetUserId(),
						ACL_EXECUTE) == ACLCHECK_OK;
}

/*
 * Is it read as the service shows it?  A border holds in each mode but "off",
 * and in what is stored as well.
 */
static bool
is_adapted(const Catalog *catalog)
{
	if (catalog->function != NULL && !may_call(catalog->function))
		return false;
	if (catalog->border)
		return dsql_session_checked() && dsql_extension_version_fits();
	return !storing && dsql_session_enforced();
}

/*
 * Is this table of a query only read, and only its own columns?
 */
static bool
is_only_read(Query *query, Index rti, const Bitmapset *system_columns)
{
	return rti != query->resultRelation &&
		get_parse_rowmark(query, rti) == NULL &&
		!bms_is_member(rti, system_columns);
}

/*
 * The relation whose rights the query needs.  Those of a function are looked
 * at by the function; anyone can read pg_class.
 */
static Oid
readable(const Catalog *catalog, Oid relid)
{
	if (catalog->function != NULL)
		return RelationRelationId;
	return catalog->source ?
		get_relname_relid(catalog->source, PG_CATALOG_NAMESPACE) : relid;
}

/*
 * What the condition wants a column of a table to be equal to, if that is the
 * same for all rows of the query; or NULL.
 */
static Node *
looked_up_in_condition(Node *condition, Index rti, AttrNumber column)
{
	OpExpr	   *op = (OpExpr *) condition;
	ListCell   *lc;
	Node	   *result = NULL;

	if (condition == NULL)
		return NULL;
	if (is_andclause(condition))
	{
		foreach(lc, ((BoolExpr *) condition)->args)
			if (result == NULL)
			result = looked_up_in_condition(lfirst(lc), rti, column);
		return result;
	}
	if (!IsA(condition, OpExpr) || op->opfuncid != F_OIDEQ)
		return NULL;
	for (int i = 0; i < 2; i++)
	{
		Node	   *var = list_nth(op->args, i);
		Node	   *value = list_nth(op->args, 1 - i);

		if (IsA(var, Var) && ((Var *) var)->varno == rti &&
			((Var *) var)->varattno == column &&
			((Var *) var)->varlevelsup == 0 &&
			!contain_vars_of_level(value, 0))
			return value;
	}
	return NULL;
}

static Node *
looked_up(Node *join, Index rti, AttrNumber column)
{
	Node	   *result = NULL;
	ListCell   *lc;

	if (join == NULL || IsA(join, RangeTblRef))
		return NULL;
	if (IsA(join, JoinExpr))
	{
		JoinExpr   *expr = (JoinExpr *) join;

		result = looked_up_in_condition(expr->quals, rti, column);
		if (result == NULL)
			result = looked_up(expr->larg, rti, column);
		return result ? result : looked_up(expr->rarg, rti, column);
	}
	result = looked_up_in_condition(((FromExpr *) join)->quals, rti, column);
	foreach(lc, ((FromExpr *) join)->fromlist)
		if (result == NULL)
		result = looked_up(lfirst(lc), rti, column);
	return result;
}

/*
 * Are the rows shown that the catalog has once more?  Most queries with a key
 * are about tables, which have none.
 */
static bool
shows_more(const Catalog *catalog, const Query *query, Index rti)
{
	Node	   *key;

	if (catalog->more == NULL || catalog->more_key == InvalidAttrNumber)
		return catalog->more != NULL;
	key = looked_up((Node *) query->jointree, rti, catalog->more_key);
	while (key != NULL && IsA(key, RelabelType))
		key = (Node *) ((RelabelType *) key)->arg;
	if (key == NULL || !IsA(key, Const))
		return key != NULL;
	return !((Const *) key)->constisnull &&
		get_rel_relkind(DatumGetObjectId(((Const *) key)->constvalue)) ==
		RELKIND_INDEX;
}

/*
 * Let the query read what the service would show.  "system_columns" are the
 * numbers of the tables whose system columns it asks for.
 */
void
dsql_dialect_adapt_catalogs(Query *query, const Bitmapset *system_columns)
{
	Index		rti = 0;
	ListCell   *lc;

	foreach(lc, query->rtable)
	{
		RangeTblEntry *rte = lfirst_node(RangeTblEntry, lc);
		const Catalog *catalog;
		Query	  **subquery;

		rti++;
		if (likely(rte->rtekind != RTE_RELATION ||
				   rte->relid >= FirstNormalObjectId) ||
			(catalog = find_catalog(rte->relid)) == NULL ||
			!is_adapted(catalog) ||
			!is_only_read(query, rti, system_columns))
			continue;

		forget_old_subqueries();
		subquery = &subqueries[catalog - catalogs][shows_more(catalog, query, rti)];
		if (*subquery == NULL)
			*subquery = make_subquery(catalog, rte->relid,
									  subquery == &subqueries[catalog - catalogs][1]);
		dsql_rte_become_subquery(query, rte, copyObject(*subquery),
								 readable(catalog, rte->relid));
		/* Functions in the query's condition see no row before ours. */
		rte->security_barrier = catalog->border;
		AcquireRewriteLocks(rte->subquery, true, false);
	}
}

bool
dsql_dialect_set_storing(bool value)
{
	bool		old = storing;

	storing = value;
	return old;
}
