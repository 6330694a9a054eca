/*
 * dialect_index.c
 *		What the service's CREATE INDEX can do.
 *
 * The order of the checks is the service's: clauses that its grammar does not
 * have, then ASYNC, then the keys.
 */
#include "postgres.h"

#include "access/relation.h"
#include "access/tableam.h"
#include "catalog/index.h"
#include "executor/tuptable.h"
#include "nodes/nodeFuncs.h"
#include "parser/parse_expr.h"
#include "parser/parse_relation.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "base/refuse.h"
#include "base/session.h"
#include "base/settings.h"
#include "dialect/dialect.h"
#include "dialect/lexer.h"

/* What the service calls the access method of its indexes. */
#define SERVICE_INDEX_METHOD	"btree_index"

/*
 * Was the access method written?  PostgreSQL's grammar fills in "btree", so
 * that the parse tree does not tell.  USING is a reserved word, and comes
 * right after the name of the table.
 */
static bool
has_using_clause(ParseState *pstate, const IndexStmt *stmt)
{
	DsqlLexerToken token;

	if (strcmp(stmt->accessMethod, DEFAULT_INDEX_TYPE) != 0)
		return true;

	token = dsql_lexer_next(pstate->p_sourcetext + stmt->relation->location);
	while (token.kind != DSQL_LEXER_END && !dsql_lexer_is_char(&token, '('))
	{
		if (dsql_lexer_is_word(&token, "using"))
			return true;
		token = dsql_lexer_next(token.end);
	}
	return false;
}

static void
check_index_clauses(ParseState *pstate, IndexStmt *stmt)
{
	if (stmt->concurrent)
		dsql_refuse(RULE_INDEX_CONCURRENTLY);

	if (strcmp(stmt->accessMethod, SERVICE_INDEX_METHOD) == 0)
	{
		if (dsql_session_enforced())
			stmt->accessMethod = DEFAULT_INDEX_TYPE;
	}
	else if (has_using_clause(pstate, stmt))
		dsql_refuse(RULE_INDEX_USING);

	if (stmt->options != NIL)
		dsql_refuse(RULE_INDEX_CLAUSE, "WITH");
	if (stmt->tableSpace != NULL)
		dsql_refuse(RULE_INDEX_CLAUSE, "TABLESPACE");
}

static bool
is_empty(Relation table)
{
	Snapshot	snapshot = RegisterSnapshot(GetTransactionSnapshot());
	TupleTableSlot *slot = table_slot_create(table, NULL);
	TableScanDesc scan = table_beginscan(table, snapshot, 0, NULL);
	bool		empty = !table_scan_getnextslot(scan, ForwardScanDirection, slot);

	table_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	UnregisterSnapshot(snapshot);
	return empty;
}

/*
 * The type of a key, or InvalidOid if there is no such column to index, which
 * is PostgreSQL's error.
 */
static Oid
key_type(ParseState *pstate, Relation table, const IndexElem *key)
{
	AttrNumber	attnum;

	if (key->expr != NULL)
		return exprType(transformExpr(pstate, copyObject(key->expr),
									  EXPR_KIND_INDEX_EXPRESSION));
	attnum = get_attnum(RelationGetRelid(table), key->name);
	return attnum > 0 ? get_atttype(RelationGetRelid(table), attnum) : InvalidOid;
}

static void
check_key_types(ParseState *pstate, Relation table, List *keys)
{
	ParseState *own = make_parsestate(NULL);
	ListCell   *lc;

	own->p_sourcetext = pstate->p_sourcetext;
	addNSItemToQuery(own,
					 addRangeTableEntryForRelation(own, table, AccessShareLock,
												   NULL, false, true),
					 false, true, true);
	foreach(lc, keys)
	{
		Oid			type = key_type(own, table, lfirst_node(IndexElem, lc));

		if (OidIsValid(type))
			dsql_dialect_check_key_type(type);
	}
	free_parsestate(own);
}

static void
check_keys(ParseState *pstate, Relation table, List *keys)
{
	ListCell   *lc;

	foreach(lc, keys)
	{
		const IndexElem *key = lfirst_node(IndexElem, lc);

		if (key->ordering != SORTBY_DEFAULT)
			dsql_refuse(RULE_INDEX_SORT_ORDER);
		if (key->opclass != NIL)
			dsql_refuse(RULE_INDEX_OPCLASS);
	}
	if (table != NULL)
		check_key_types(pstate, table, keys);
}

/*
 * Without ASYNC an index can only be built on an empty table, and only in a
 * session that has allowed it.
 */
void
dsql_dialect_check_create_index(ParseState *pstate, IndexStmt *stmt, bool async)
{
	Relation	table;

	check_index_clauses(pstate, stmt);
	if (!async && dsql_settings_disable_sync_create_index)
		dsql_refuse(RULE_INDEX_MODE);

	/* A missing relation, or one that is no table, is PostgreSQL's error. */
	table = dsql_dialect_open_relation(stmt->relation);
	if (table != NULL && table->rd_rel->relkind != RELKIND_RELATION)
	{
		relation_close(table, AccessShareLock);
		table = NULL;
	}

	if (!async && !dsql_settings_disable_sync_create_index &&
		table != NULL && !is_empty(table))
		dsql_refuse(RULE_INDEX_MODE);
	check_keys(pstate, table, stmt->indexParams);

	if (table != NULL)
		relation_close(table, AccessShareLock);
}
