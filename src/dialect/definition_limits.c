/*
 * definition_limits.c
 *		Limits on what can be declared and on what a cluster can hold.
 *
 * Lengths of types, columns of a key, statistics targets and the size of a
 * view are in the statement itself.  They are checked before the statement is
 * executed.  Other limits need a count in the catalog.  They are checked after
 * the statement, whose work the error then undoes.  The objects to check are
 * noted when they appear in the catalog, however they were made.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/relation.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/objectaccess.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_class.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_statistic_ext.h"
#include "catalog/pg_type.h"
#include "nodes/nodeFuncs.h"
#include "parser/parse_type.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "base/compat.h"
#include "base/current_cluster.h"
#include "base/limit.h"
#include "base/refuse.h"
#include "base/schema_owner.h"
#include "base/session.h"
#include "dialect/definition_limits.h"

/*
 * How much a node of a view's query adds to the bytes of the statement.  With
 * this value, chains of OR, CASE, IN lists and literals of the sizes that were
 * measured on a cluster come near one common limit.
 */
#define VIEW_NODE_SIZE 10

/* Objects made since they were last checked, as ObjectAddress. */
List	   *dsql_definition_limits_created = NIL;

static void
check_declared_length(ParseState *pstate, TypeName *type)
{
	int			char_limit = dsql_limit(limit_char_length);
	int			varchar_limit = dsql_limit(limit_varchar_length);
	A_Const    *length;
	Oid			oid;

	if (type == NULL || list_length(type->typmods) != 1 ||
		!IsA(linitial(type->typmods), A_Const))
		return;
	length = linitial_node(A_Const, type->typmods);
	if (length->isnull || !IsA(&length->val, Integer))
		return;

	oid = LookupTypeNameOid(pstate, type, true);
	if (oid == BPCHAROID && length->val.ival.ival > char_limit)
		dsql_refuse(RULE_LIMIT_CHAR_LENGTH, char_limit);
	if (oid == VARCHAROID && length->val.ival.ival > varchar_limit)
		dsql_refuse(RULE_LIMIT_VARCHAR_LENGTH, varchar_limit);
}

static void
check_key_columns(List *columns)
{
	int			limit = dsql_limit(limit_key_columns);

	if (list_length(columns) > limit)
		dsql_refuse(RULE_LIMIT_KEY_COLUMNS, limit);
}

/*
 * Check one element of CREATE TABLE or what ALTER TABLE adds.
 */
static void
check_table_element(ParseState *pstate, Node *element)
{
	if (element == NULL)
		return;
	if (IsA(element, ColumnDef))
		check_declared_length(pstate, ((ColumnDef *) element)->typeName);
	else if (IsA(element, Constraint))
		check_key_columns(((Constraint *) element)->keys);
}

static bool
count_nodes(Node *node, void *count)
{
	if (node == NULL)
		return false;
	if (!IsA(node, List))
		(*(int *) count)++;
	return raw_expression_tree_walker(node, count_nodes, count);
}

/*
 * Check a view whose statement is of that many bytes.
 */
static void
check_view(ViewStmt *stmt, int length)
{
	int			nodes = 0;

	count_nodes(stmt->query, &nodes);
	if (length + (int64) nodes * VIEW_NODE_SIZE > dsql_limit(limit_view_size))
		dsql_refuse(RULE_LIMIT_VIEW_SIZE);
}

static void
check_statistics_target(AlterStatsStmt *stmt)
{
	int			limit = dsql_limit(limit_statistics_target);
	int			target = dsql_statistics_target(stmt);

	if (target > limit)
		dsql_refuse(RULE_LIMIT_STATISTICS_TARGET, target, limit);
}

static void
check_utility(ParseState *pstate, Node *stmt, int length)
{
	ListCell   *lc;

	switch (nodeTag(stmt))
	{
		case T_CreateStmt:
			foreach(lc, ((CreateStmt *) stmt)->tableElts)
				check_table_element(pstate, lfirst(lc));
			break;
		case T_AlterTableStmt:
			foreach(lc, ((AlterTableStmt *) stmt)->cmds)
				check_table_element(pstate, lfirst_node(AlterTableCmd, lc)->def);
			break;
		case T_CreateDomainStmt:
			check_declared_length(pstate, ((CreateDomainStmt *) stmt)->typeName);
			break;
		case T_IndexStmt:
			check_key_columns(((IndexStmt *) stmt)->indexParams);
			break;
		case T_AlterStatsStmt:
			check_statistics_target((AlterStatsStmt *) stmt);
			break;
		case T_ViewStmt:
			check_view((ViewStmt *) stmt, length);
			break;
		case T_CreateSchemaStmt:
			foreach(lc, ((CreateSchemaStmt *) stmt)->schemaElts)
				check_utility(pstate, lfirst(lc), length);
			break;
		default:
			break;
	}
}

void
dsql_definition_limits_check_statement(ParseState *pstate, Node *stmt,
									   int location,
									   int length)
{
	if (length == 0)
		length = strlen(pstate->p_sourcetext) - Max(location, 0);
	check_utility(pstate, stmt, length);
}

/*
 * Count the relations of a kind in the schemas of the session's cluster.
 */
static int
count_relations(char relkind)
{
	Relation	pg_class = table_open(RelationRelationId, AccessShareLock);
	SysScanDesc scan = systable_beginscan(pg_class, InvalidOid, false, NULL,
										  0, NULL);
	HeapTuple	tuple;
	int			count = 0;

	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_class form = (Form_pg_class) GETSTRUCT(tuple);

		if (form->relkind == relkind &&
			dsql_current_cluster_has_schema(form->relnamespace))
			count++;
	}
	systable_endscan(scan);
	table_close(pg_class, AccessShareLock);
	return count;
}

/*
 * Count the schemas of the session's cluster, without the cluster's own
 * schema.
 */
static int
count_schemas(void)
{
	Relation	pg_namespace = table_open(NamespaceRelationId, AccessShareLock);
	SysScanDesc scan = systable_beginscan(pg_namespace, InvalidOid, false, NULL,
										  0, NULL);
	HeapTuple	tuple;
	int			count = 0;

	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_namespace form = (Form_pg_namespace) GETSTRUCT(tuple);

		if (dsql_current_cluster_has_schema(form->oid) &&
			form->oid != dsql_current_cluster_schema())
			count++;
	}
	systable_endscan(scan);
	table_close(pg_namespace, AccessShareLock);
	return count;
}

/* A macro, because the compiler looks at the rule's message. */
#define check_count(count, limit, rule) \
	do { \
		if ((count) > dsql_limit(limit)) \
			dsql_refuse(rule, dsql_limit(limit)); \
	} while (0)

/*
 * A table may have one column more than its message says.  A table with a
 * primary key already fails at the index, which contains all columns of the
 * table.
 */
static void
check_columns(Relation table)
{
	int			limit = dsql_limit(limit_table_columns);
	int			count = 0;

	for (int i = 0; i < RelationGetNumberOfAttributes(table); i++)
		count += !TupleDescAttr(RelationGetDescr(table), i)->attisdropped;
	if (count <= limit)
		return;

	list_free(RelationGetIndexList(table));
	if (OidIsValid(table->rd_pkindex))
		dsql_refuse(RULE_LIMIT_PRIMARY_KEY_COLUMNS, limit);
	else
		dsql_refuse(RULE_LIMIT_TABLE_COLUMNS, limit - 1);
}

static void
check_index(Relation index)
{
	Relation	table = table_open(index->rd_index->indrelid, AccessShareLock);
	int			limit = dsql_limit(limit_declared_key_size);
	int64		size = 0;

	for (int i = 0; i < IndexRelationGetNumberOfKeyAttributes(index); i++)
	{
		Form_pg_attribute att = TupleDescAttr(RelationGetDescr(index), i);
		int32		typmod = att->atttypmod;
		Oid			type = getBaseTypeAndTypmod(att->atttypid, &typmod);

		if ((type == BPCHAROID || type == VARCHAROID) && typmod > VARHDRSZ)
			size += typmod - VARHDRSZ;
	}
	if (size > limit)
		dsql_refuse(RULE_LIMIT_DECLARED_KEY_SIZE, limit);

	check_count(list_length(RelationGetIndexList(table)),
				limit_table_indexes, RULE_LIMIT_TABLE_INDEXES);
	table_close(table, AccessShareLock);
}

static void
check_relation(Oid oid)
{
	Relation	rel = try_relation_open(oid, AccessShareLock);

	if (rel == NULL)
		return;
	switch (rel->rd_rel->relkind)
	{
		case RELKIND_RELATION:
			check_columns(rel);
			check_count(count_relations(RELKIND_RELATION),
						limit_tables, RULE_LIMIT_TABLES);
			break;
		case RELKIND_INDEX:
			check_index(rel);
			break;
		case RELKIND_VIEW:
			check_count(count_relations(RELKIND_VIEW),
						limit_views, RULE_LIMIT_VIEWS);
			break;
		case RELKIND_SEQUENCE:
			check_count(count_relations(RELKIND_SEQUENCE),
						limit_sequences, RULE_LIMIT_SEQUENCES);
			break;
		default:
			break;
	}
	relation_close(rel, AccessShareLock);
}

static void
check_statistics(Oid oid)
{
	HeapTuple	tuple = SearchSysCache1(STATEXTOID, ObjectIdGetDatum(oid));
	Relation	table;

	if (!HeapTupleIsValid(tuple))
		return;
	table = table_open(((Form_pg_statistic_ext) GETSTRUCT(tuple))->stxrelid,
					   AccessShareLock);
	ReleaseSysCache(tuple);
	check_count(list_length(RelationGetStatExtList(table)),
				limit_table_statistics, RULE_LIMIT_TABLE_STATISTICS);
	table_close(table, AccessShareLock);
}

void
dsql_definition_limits_check_created(void)
{
	List	   *objects = dsql_definition_limits_created;
	ListCell   *lc;

	dsql_definition_limits_created = NIL;
	CommandCounterIncrement();
	foreach(lc, objects)
	{
		ObjectAddress *object = lfirst(lc);

		if (object->classId == RelationRelationId)
			check_relation(object->objectId);
		else if (object->classId == NamespaceRelationId)
			check_count(count_schemas(), limit_schemas, RULE_LIMIT_SCHEMAS);
		else
			check_statistics(object->objectId);
	}
	list_free_deep(objects);
}

static void
note_object(Oid class, Oid oid)
{
	MemoryContext old;
	ObjectAddress *object;
	ListCell   *lc;

	foreach(lc, dsql_definition_limits_created)
	{
		object = lfirst(lc);
		if (object->objectId == oid && object->classId == class)
			return;
	}

	old = MemoryContextSwitchTo(TopTransactionContext);
	object = palloc(sizeof(ObjectAddress));
	ObjectAddressSet(*object, class, oid);
	dsql_definition_limits_created = lappend(dsql_definition_limits_created,
											 object);
	MemoryContextSwitchTo(old);
}

void
dsql_definition_limits_note_created(Oid class, Oid oid)
{
	if ((class == RelationRelationId || class == NamespaceRelationId ||
		 class == StatisticExtRelationId) &&
		dsql_session_emulated() && dsql_schema_owner_managing == 0)
		note_object(class, oid);
}

void
dsql_definition_limits_abort(void)
{
	dsql_definition_limits_created = NIL;
}
