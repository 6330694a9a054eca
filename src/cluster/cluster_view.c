/*
 * cluster_view.c
 *		What a session in a cluster's own database sees of the whole server.
 *
 * Some of PostgreSQL's catalogs are the whole server's.  In a query that is about
 * to be planned, so that its views are expanded, each such catalog is replaced by
 * a subquery that has the same columns, and only what is the cluster's.
 *
 * Functions that show a name are replaced in the server's table of functions.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_database.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "parser/analyze.h"
#include "parser/parse_node.h"
#include "parser/parser.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"

#include "base/cluster_database.h"
#include "base/server_patch.h"
#include "base/session.h"
#include "base/compat.h"
#include "cluster/cluster_view.h"

static Datum current_database_of_cluster(PG_FUNCTION_ARGS);

static PGFunction original_current_database = NULL;

static inline bool
is_active(void)
{
	return dsql_session_emulated() && dsql_cluster_database_own() != NULL;
}

/* What a catalog shows in place of a column, and which rows. */
typedef struct CatalogView
{
	Oid			catalog;
	const char *column;
	const char *value;
	const char *condition;		/* "%u" is the session's database */
} CatalogView;

static const CatalogView catalog_views[] = {
	{DatabaseRelationId, "datname", "'" DSQL_SERVICE_DATABASE "'::pg_catalog.name",
	"oid = %u"},
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

static bool
walk(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, SQLValueFunction))
		return ((SQLValueFunction *) node)->op == SVFOP_CURRENT_CATALOG;
	if (IsA(node, Query))
	{
		ListCell   *cell;

		foreach(cell, ((Query *) node)->rtable)
			if (is_shown_otherwise(lfirst(cell)))
			return true;
		return query_tree_walker((Query *) node, walk, context, 0);
	}
	return expression_tree_walker(node, walk, context);
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

		appendStringInfo(&sql, "%s%s AS %s", i == 0 ? "SELECT " : ", ",
						 strcmp(name, view->column) == 0 ? view->value : name,
						 quote_identifier(name));
	}
	appendStringInfo(&sql, " FROM pg_catalog.%s WHERE ",
					 RelationGetRelationName(rel));
	appendStringInfo(&sql, view->condition, MyDatabaseId);
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

static Node *
mutate(Node *node, void *context)
{
	if (node == NULL)
		return NULL;
	if (IsA(node, SQLValueFunction) &&
		((SQLValueFunction *) node)->op == SVFOP_CURRENT_CATALOG)
		return (Node *) makeFuncExpr(F_CURRENT_DATABASE, NAMEOID, NIL,
									 InvalidOid, InvalidOid,
									 COERCE_EXPLICIT_CALL);
	if (IsA(node, Query))
	{
		Query	   *query = query_tree_mutator((Query *) node, mutate, context,
											   0);
		ListCell   *cell;

		foreach(cell, query->rtable)
			if (is_shown_otherwise(lfirst(cell)))
			dsql_rte_become_subquery(query, lfirst(cell),
									 make_subquery(find_view(lfirst_node(RangeTblEntry, cell)->relid)),
									 lfirst_node(RangeTblEntry, cell)->relid);
		return (Node *) query;
	}
	return expression_tree_mutator(node, mutate, context);
}

static Datum
current_database_of_cluster(PG_FUNCTION_ARGS)
{
	if (is_active())
		return DirectFunctionCall1(namein,
								   CStringGetDatum(DSQL_SERVICE_DATABASE));
	return original_current_database(fcinfo);
}

void
dsql_cluster_view_install(void)
{
	if (!dsql_server_patch_function(F_CURRENT_DATABASE, current_database_of_cluster,
									&original_current_database))
		ereport(WARNING,
				(errcode(ERRCODE_SYSTEM_ERROR),
				 errmsg("could not change the list of functions: %m"),
				 errdetail("Sessions of clusters see the names of their databases.")));
}

Query *
dsql_cluster_view_query(Query *query)
{
	if (likely(!is_active()) || !walk((Node *) query, NULL))
		return query;
	return castNode(Query, mutate((Node *) query, NULL));
}
