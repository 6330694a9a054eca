/*
 * dialect_object.c
 *		DROP, RENAME, COMMENT, OWNER TO and SET SCHEMA: of which kinds of
 *		objects.
 *
 * DROP TRIGGER and DROP EVENT TRIGGER are accepted, although there is never
 * one to drop.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "nodes/makefuncs.h"
#include "storage/lock.h"
#include "utils/lsyscache.h"

#include "base/refuse.h"
#include "base/schema_owner.h"
#include "dialect/dialect.h"

/* Schemas whose owner cannot connect. */
static void
check_schema(const char *name)
{
	if (strcmp(name, "public") == 0 || strcmp(name, "sys") == 0)
		dsql_refuse(RULE_OBJECT_SYSTEM_SCHEMA, name);
}

/*
 * The service behaves like PostgreSQL with this statement, up to the point
 * where the index would be removed.
 */
static void
check_drop_index_concurrently(DropStmt *stmt)
{
	RangeVar   *index;
	Oid			indexid;

	if (list_length(stmt->objects) != 1 || stmt->behavior == DROP_CASCADE ||
		IsTransactionBlock())
		return;

	index = makeRangeVarFromNameList(linitial_node(List, stmt->objects));
	indexid = dsql_schema_owner_find_relation(index);
	if (OidIsValid(indexid) && get_rel_relkind(indexid) == RELKIND_INDEX)
		dsql_refuse(RULE_OBJECT_DROP_INDEX_CONCURRENTLY);
}

void
dsql_dialect_check_drop(DropStmt *stmt)
{
	ListCell   *lc;

	switch (stmt->removeType)
	{
		case OBJECT_EVENT_TRIGGER:
		case OBJECT_FUNCTION:
		case OBJECT_ROUTINE:
		case OBJECT_SEQUENCE:
		case OBJECT_STATISTIC_EXT:
		case OBJECT_TABLE:
		case OBJECT_TRIGGER:
		case OBJECT_VIEW:
			break;
		case OBJECT_DOMAIN:
			if (stmt->behavior == DROP_CASCADE)
				dsql_refuse(RULE_OBJECT_DROP_DOMAIN_CASCADE);
			break;
		case OBJECT_INDEX:
			if (stmt->concurrent)
				check_drop_index_concurrently(stmt);
			break;
		case OBJECT_SCHEMA:
			foreach(lc, stmt->objects)
				check_schema(strVal(lfirst(lc)));
			break;
		default:
			dsql_refuse(RULE_OBJECT_DROP);
			break;
	}
}

void
dsql_dialect_check_rename(RenameStmt *stmt)
{
	switch (stmt->renameType)
	{
		case OBJECT_DOMAIN:
		case OBJECT_DOMCONSTRAINT:
		case OBJECT_FUNCTION:
		case OBJECT_INDEX:
		case OBJECT_ROUTINE:
		case OBJECT_SEQUENCE:
		case OBJECT_STATISTIC_EXT:
		case OBJECT_TABCONSTRAINT:
		case OBJECT_TABLE:
		case OBJECT_VIEW:
			break;
		case OBJECT_COLUMN:
			if (stmt->relationType != OBJECT_TABLE &&
				stmt->relationType != OBJECT_VIEW)
				dsql_refuse(RULE_OBJECT_RENAME);
			break;
		case OBJECT_ROLE:
			dsql_dialect_check_role_name(stmt->subname);
			dsql_dialect_check_role_name(stmt->newname);
			break;
		case OBJECT_SCHEMA:
			check_schema(stmt->subname);
			break;
		default:
			dsql_refuse(RULE_OBJECT_RENAME);
			break;
	}
}

/*
 * OWNER TO of tables, views and sequences is an action of ALTER TABLE.
 */
void
dsql_dialect_check_owner(AlterOwnerStmt *stmt)
{
	switch (stmt->objectType)
	{
		case OBJECT_DOMAIN:
		case OBJECT_FUNCTION:
		case OBJECT_ROUTINE:
		case OBJECT_STATISTIC_EXT:
			break;
		case OBJECT_SCHEMA:
			check_schema(strVal(stmt->object));
			break;
		default:
			dsql_refuse(RULE_OBJECT_OWNER);
			break;
	}
}

void
dsql_dialect_check_object_schema(AlterObjectSchemaStmt *stmt)
{
	switch (stmt->objectType)
	{
		case OBJECT_DOMAIN:
		case OBJECT_FUNCTION:
		case OBJECT_ROUTINE:
		case OBJECT_SEQUENCE:
		case OBJECT_STATISTIC_EXT:
		case OBJECT_TABLE:
		case OBJECT_VIEW:
			break;
		default:
			dsql_refuse(RULE_OBJECT_SCHEMA);
			break;
	}
}

void
dsql_dialect_check_comment(CommentStmt *stmt)
{
	switch (stmt->objtype)
	{
		case OBJECT_COLUMN:
		case OBJECT_FUNCTION:
		case OBJECT_INDEX:
		case OBJECT_ROLE:
		case OBJECT_ROUTINE:
		case OBJECT_SCHEMA:
		case OBJECT_SEQUENCE:
		case OBJECT_TABCONSTRAINT:
		case OBJECT_TABLE:
		case OBJECT_VIEW:
			break;
		default:
			dsql_refuse(RULE_OBJECT_COMMENT);
			break;
	}
}
