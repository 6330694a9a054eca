/*
 * unseen_relation.c
 *		Relations that are newer than the transaction's snapshot.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "mb/pg_wchar.h"
#include "nodes/nodeFuncs.h"
#include "parser/parser.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "transaction/unseen_relation.h"

typedef struct Search
{
	const char *message;
	List	   *ctes;			/* names that stand for no relation */
} Search;

/*
 * The catalog row as the transaction's snapshot sees it, which includes
 * relations that the transaction has made itself.
 */
static bool
is_seen(Oid relid)
{
	Relation	pg_class = table_open(RelationRelationId, AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	bool		result;

	ScanKeyInit(&key, Anum_pg_class_oid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(relid));
	PushCopiedSnapshot(GetTransactionSnapshot());
	UpdateActiveSnapshotCommandId();
	scan = systable_beginscan(pg_class, ClassOidIndexId, true,
							  GetActiveSnapshot(), 1, &key);
	result = HeapTupleIsValid(systable_getnext(scan));
	systable_endscan(scan);
	PopActiveSnapshot();
	table_close(pg_class, AccessShareLock);
	return result;
}

static bool
collect_ctes(Node *node, void *context)
{
	Search	   *search = context;

	if (node == NULL)
		return false;
	if (IsA(node, CommonTableExpr))
		search->ctes = lappend(search->ctes,
							   makeString(((CommonTableExpr *) node)->ctename));
	return raw_expression_tree_walker(node, collect_ctes, context);
}

static bool
check_relations(Node *node, void *context)
{
	Search	   *search = context;
	RangeVar   *relation = (RangeVar *) node;
	Oid			relid;

	if (node == NULL)
		return false;
	if (!IsA(node, RangeVar))
		return raw_expression_tree_walker(node, check_relations, context);
	if (relation->schemaname == NULL &&
		list_member(search->ctes, makeString(relation->relname)))
		return false;
	relid = RangeVarGetRelid(relation, NoLock, true);
	if (OidIsValid(relid) && !is_seen(relid))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 relation->schemaname ?
				 errmsg("relation \"%s.%s\" does not exist",
						relation->schemaname, relation->relname) :
				 errmsg("relation \"%s\" does not exist", relation->relname),
				 relation->location < 0 ? 0 :
				 errposition(pg_mbstrlen_with_len(search->message,
												  relation->location) + 1)));
	return false;
}

void
dsql_unseen_relation_check(const char *message)
{
	ListCell   *lc;

	Assert(IsTransactionState());
	foreach(lc, raw_parser(message, RAW_PARSE_DEFAULT))
	{
		Node	   *stmt = lfirst_node(RawStmt, lc)->stmt;
		Search		search = {.message = message};

		if (IsA(stmt, ExplainStmt))
			stmt = ((ExplainStmt *) stmt)->query;
		if (!IsA(stmt, SelectStmt) && !IsA(stmt, InsertStmt) &&
			!IsA(stmt, UpdateStmt) && !IsA(stmt, DeleteStmt))
			continue;
		collect_ctes(stmt, &search);
		check_relations(stmt, &search);
	}
}
