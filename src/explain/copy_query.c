/*
 * copy_query.c
 *		COPY of a table as a COPY of the query that returns its rows.
 *
 * COPY reads a table without a plan, and so past what counts the bytes that a
 * plan's scans read.  The rows and the privileges that it takes are the same.
 */
#include "postgres.h"

#include "access/relation.h"
#include "catalog/namespace.h"
#include "nodes/makefuncs.h"
#include "utils/rel.h"

#include "explain/copy_query.h"
#include "occ/tableam.h"

static ResTarget *
target(const char *name)
{
	ColumnRef  *column = makeNode(ColumnRef);
	ResTarget  *result = makeNode(ResTarget);

	column->fields = list_make1(makeString(pstrdup(name)));
	column->location = -1;
	result->val = (Node *) column;
	result->location = -1;
	return result;
}

static bool
is_copied(Form_pg_attribute column)
{
	return !column->attisdropped && column->attgenerated == '\0';
}

/*
 * The columns that are asked for, or NIL if that is an error, which COPY is to
 * raise.
 */
static List *
targets(TupleDesc desc, List *names)
{
	List	   *result = NIL;
	ListCell   *lc;

	if (names == NIL)
	{
		for (int i = 0; i < desc->natts; i++)
			if (is_copied(TupleDescAttr(desc, i)))
				result = lappend(result,
								 target(NameStr(TupleDescAttr(desc, i)->attname)));
	}
	foreach(lc, names)
	{
		bool		found = false;

		for (int i = 0; i < desc->natts && !found; i++)
			found = is_copied(TupleDescAttr(desc, i)) &&
				strcmp(NameStr(TupleDescAttr(desc, i)->attname),
					   strVal(lfirst(lc))) == 0;
		if (!found)
			return NIL;
		result = lappend(result, target(strVal(lfirst(lc))));
	}
	return result;
}

static List *
targets_of_copy(CopyStmt *stmt)
{
	List	   *result = NIL;
	Oid			relid;
	Relation	rel;

	if (stmt->is_from || stmt->relation == NULL)
		return NIL;
	relid = RangeVarGetRelid(stmt->relation, AccessShareLock, true);
	if (!OidIsValid(relid))
		return NIL;
	rel = relation_open(relid, NoLock);
	if (dsql_tableam_is_ours(rel))
		result = targets(RelationGetDescr(rel), stmt->attlist);
	relation_close(rel, NoLock);
	return result;
}

PlannedStmt *
dsql_copy_query(PlannedStmt *pstmt)
{
	List	   *columns = targets_of_copy((CopyStmt *) pstmt->utilityStmt);
	CopyStmt   *stmt;
	SelectStmt *query;

	if (columns == NIL)
		return pstmt;
	pstmt = copyObject(pstmt);
	stmt = (CopyStmt *) pstmt->utilityStmt;
	query = makeNode(SelectStmt);
	query->targetList = columns;
	query->fromClause = list_make1(stmt->relation);
	stmt->query = (Node *) query;
	stmt->relation = NULL;
	stmt->attlist = NIL;
	return pstmt;
}
