/*
 * absent.c
 *		IF EXISTS for what belongs to another cluster.
 *
 * PostgreSQL asks whether a schema may be searched after it has found that it
 * exists, and then there is only an error left to raise.  So statements with IF
 * EXISTS are looked through before.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "nodes/parsenodes.h"

#include "base/session.h"
#include "cluster/absent.h"
#include "cluster/cluster_isolation.h"

/* The name of the schema, if the session is kept out of it; or NULL. */
static const char *
absent_schema(const char *name)
{
	Oid			schema = name ? get_namespace_oid(name, true) : InvalidOid;

	return OidIsValid(schema) && dsql_cluster_isolation_keeps_out(schema) ?
		name : NULL;
}

/*
 * The same for a qualified name, whose last parts name something in the schema.
 */
static const char *
schema_of_names(List *names, int parts)
{
	int			place = list_length(names) - parts - 1;

	return place < 0 ? NULL : absent_schema(strVal(list_nth(names, place)));
}

static const char *
schema_of_function(ObjectWithArgs *function)
{
	const char *schema = schema_of_names(function->objname, 1);
	ListCell   *lc;

	foreach(lc, function->objargs)
	{
		TypeName   *type = lfirst(lc);

		if (schema == NULL && type != NULL)
			schema = schema_of_names(type->names, 1);
	}
	return schema;
}

static const char *
schema_of_object(ObjectType type, Node *object)
{
	switch (type)
	{
		case OBJECT_SCHEMA:
			return absent_schema(strVal(object));
		case OBJECT_DOMAIN:
		case OBJECT_TYPE:
			return schema_of_names(castNode(TypeName, object)->names, 1);
		case OBJECT_POLICY:
		case OBJECT_RULE:
		case OBJECT_TRIGGER:
			return schema_of_names(castNode(List, object), 2);
		default:
			if (IsA(object, ObjectWithArgs))
				return schema_of_function((ObjectWithArgs *) object);
			return IsA(object, List) ?
				schema_of_names((List *) object, 1) : NULL;
	}
}

/* DROP ... IF EXISTS */
static PlannedStmt *
drop_present(PlannedStmt *pstmt, DropStmt *stmt)
{
	List	   *present = NIL;
	ListCell   *lc;

	foreach(lc, stmt->objects)
	{
		const char *schema = schema_of_object(stmt->removeType, lfirst(lc));

		if (schema == NULL)
			present = lappend(present, lfirst(lc));
		else
			ereport(NOTICE,
					(errmsg("schema \"%s\" does not exist, skipping",
							schema)));
	}
	if (list_length(present) == list_length(stmt->objects))
		return pstmt;
	if (present == NIL)
		return NULL;

	/* The statement may be cached. */
	pstmt = copyObject(pstmt);
	castNode(DropStmt, pstmt->utilityStmt)->objects = copyObject(present);
	return pstmt;
}

/* The relation of ALTER ... IF EXISTS; NULL for another statement */
static const RangeVar *
altered_relation(Node *stmt)
{
	switch (nodeTag(stmt))
	{
		case T_AlterTableStmt:
			return ((AlterTableStmt *) stmt)->missing_ok ?
				((AlterTableStmt *) stmt)->relation : NULL;
		case T_AlterSeqStmt:
			return ((AlterSeqStmt *) stmt)->missing_ok ?
				((AlterSeqStmt *) stmt)->sequence : NULL;
		case T_RenameStmt:
			return ((RenameStmt *) stmt)->missing_ok ?
				((RenameStmt *) stmt)->relation : NULL;
		case T_AlterObjectSchemaStmt:
			return ((AlterObjectSchemaStmt *) stmt)->missing_ok ?
				((AlterObjectSchemaStmt *) stmt)->relation : NULL;
		default:
			return NULL;
	}
}

PlannedStmt *
dsql_absent_begin_utility(PlannedStmt *pstmt)
{
	Node	   *stmt = pstmt->utilityStmt;
	const RangeVar *relation;

	if (IsA(stmt, DropStmt) && ((DropStmt *) stmt)->missing_ok)
		return drop_present(pstmt, (DropStmt *) stmt);
	relation = altered_relation(stmt);
	if (relation == NULL || absent_schema(relation->schemaname) == NULL)
		return pstmt;
	ereport(NOTICE,
			(errmsg("relation \"%s\" does not exist, skipping",
					relation->relname)));
	return NULL;
}
