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
#include "catalog/pg_namespace.h"
#include "lib/stringinfo.h"
#include "parser/analyze.h"
#include "parser/parser.h"
#include "parser/parse_node.h"
#include "parser/parsetree.h"
#include "rewrite/rewriteHandler.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "base/compat.h"
#include "base/extension_version.h"
#include "base/session.h"
#include "dialect/dialect.h"

#define MAX_COLUMNS 4

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
	const char *source;			/* what is read, NULL for itself */
	const char *condition;		/* which of its rows, NULL for all */
	bool		border;			/* keeps clusters apart, not only the dialect */
	CatalogColumn columns[MAX_COLUMNS]; /* columns with other values */

	/* Rows that are there once more, with these values; NULL for none */
	const char *more;
	CatalogColumn more_columns[MAX_COLUMNS];
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

/* Texts and JSON are compressed, unless they are in a key. */
#define COMPRESSED \
	"c.attrelid >= " FIRST_NORMAL " AND c.attnum > 0 " \
	"AND c.attstorage IN ('x', 'm') " \
	"AND c.atttypid IN (25, 114, 1042, 1043, 3802) " \
	"AND EXISTS (SELECT FROM pg_catalog.pg_class AS r " \
	"WHERE r.oid = c.attrelid AND r.relkind = 'r') " \
	"AND NOT EXISTS (SELECT FROM pg_catalog.pg_index AS i " \
	"WHERE i.indrelid = c.attrelid AND c.attnum = ANY (i.indkey))"

/* Nothing is counted. */
#define NO_COUNTERS \
	{"idx_scan", "0"}, {"last_idx_scan", "NULL"}, \
	{"idx_tup_read", "0"}, {"idx_tup_fetch", "0"}

static const Catalog catalogs[] = {
	{"pg_am",.more = "c.oid = " BTREE,
	.more_columns = {{"oid", BTREE_INDEX}, {"amname", "'btree_index'"}}},
	{"pg_amop",.columns = {{"amopmethod", METHOD("amopmethod")}}},
	{"pg_opclass",.columns = {{"opcmethod", METHOD("opcmethod")}}},
	{"pg_opfamily",.columns = {{"opfmethod", METHOD("opfmethod")}}},
	{"pg_attribute",.columns = {
			{"attcompression", "CASE WHEN " COMPRESSED " THEN 'l' ELSE c.attcompression END"}
	}},
	/* There are no TOAST tables; the schema of PostgreSQL's is 99. */
	{"pg_class",.condition = "c.relnamespace <> 99",
		.columns = {
			{"relam", "CASE WHEN c.oid >= " FIRST_NORMAL " THEN " METHOD("relam")
			" ELSE c.relam END"},
			{"reltoastrelid", "0"}
	}},
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
	{"pg_stat_all_indexes",.columns = {NO_COUNTERS}},
	{"pg_stat_user_indexes",.columns = {NO_COUNTERS}},
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

/* Their OIDs, and what is read in their place, once it has been needed. */
static Oid	relids[lengthof(catalogs)];
static Query *subqueries[lengthof(catalogs)];

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
			  const CatalogColumn *columns, const char *condition)
{
	TupleDesc	desc = RelationGetDescr(rel);

	for (int i = 0; i < desc->natts; i++)
	{
		appendStringInfoString(sql, i == 0 ? "SELECT " : ", ");
		append_column(sql, columns, TupleDescAttr(desc, i));
	}
	appendStringInfo(sql, " FROM pg_catalog.%s AS c",
					 catalog->source ? catalog->source : catalog->name);
	if (condition != NULL)
		appendStringInfo(sql, " WHERE %s", condition);
}

static char *
subquery_text(const Catalog *catalog, Relation rel)
{
	StringInfoData sql;

	initStringInfo(&sql);
	append_select(&sql, catalog, rel, catalog->columns, catalog->condition);
	if (catalog->more != NULL)
	{
		appendStringInfoString(&sql, " UNION ALL ");
		append_select(&sql, catalog, rel, catalog->more_columns, catalog->more);
	}
	return sql.data;
}

/*
 * No hook is called for it, and its source says that it is not to be looked at
 * again.
 */
static Query *
make_subquery(const Catalog *catalog, Oid relid)
{
	Relation	rel = relation_open(relid, AccessShareLock);
	char	   *sql = subquery_text(catalog, rel);
	ParseState *pstate = make_parsestate(NULL);
	MemoryContext caller;
	Query	   *query;

	pstate->p_sourcetext = sql;
	query = transformTopLevelStmt(pstate,
								  linitial_node(RawStmt, raw_parser(sql, RAW_PARSE_DEFAULT)));
	query->querySource = QSRC_PARSER;
	free_parsestate(pstate);
	relation_close(rel, NoLock);

	caller = MemoryContextSwitchTo(TopMemoryContext);
	query = copyObject(query);
	MemoryContextSwitchTo(caller);
	return query;
}

bool
dsql_dialect_is_catalog_query(const Query *query)
{
	return query->querySource == QSRC_PARSER;
}

/*
 * Is it read as the service shows it?  A border holds in each mode but "off",
 * and in what is stored as well.
 */
static bool
is_adapted(const Catalog *catalog)
{
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
		int			number;

		rti++;
		if (likely(rte->rtekind != RTE_RELATION ||
				   rte->relid >= FirstNormalObjectId) ||
			(catalog = find_catalog(rte->relid)) == NULL ||
			!is_adapted(catalog) ||
			!is_only_read(query, rti, system_columns))
			continue;

		number = catalog - catalogs;
		if (subqueries[number] == NULL)
			subqueries[number] = make_subquery(catalog, rte->relid);
		dsql_rte_become_subquery(query, rte, copyObject(subqueries[number]),
								 catalog->source ?
								 get_relname_relid(catalog->source,
												   PG_CATALOG_NAMESPACE) :
								 rte->relid);
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
