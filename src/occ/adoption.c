/*
 * adoption.c
 *		Which tables have the access method btree_table.
 *
 * Tables that an emulated session creates have it.  Older tables get it on
 * demand.  The storage is heap's, so updating the table's row in pg_class is
 * enough to change from one to the other.  This is how a table is adopted, and
 * how all tables become heap tables again before the extension is dropped.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/relation.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/catalog.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/pg_am.h"
#include "catalog/pg_class.h"
#include "commands/defrem.h"
#include "commands/extension.h"
#include "commands/tablecmds.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "storage/lmgr.h"
#include "tcop/utility.h"
#include "utils/acl.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "base/compat.h"
#include "base/extension_version.h"
#include "base/session.h"
#include "base/wakeup.h"
#include "occ/adoption.h"
#include "occ/commit.h"

#define ACCESS_METHOD	"btree_table"

/*
 * Does the statement create a table that gets the default access method?
 */
static bool
takes_default(CreateStmt *stmt)
{
	return stmt->accessMethod == NULL && stmt->partspec == NULL &&
		stmt->relation->relpersistence == RELPERSISTENCE_PERMANENT;
}

static Oid
get_access_method(Oid relid)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	Oid			result;

	if (!HeapTupleIsValid(tuple))
		return InvalidOid;
	result = ((Form_pg_class) GETSTRUCT(tuple))->relam;
	ReleaseSysCache(tuple);
	return result;
}

/*
 * Give a table, which is locked against all use, another access method with
 * the same storage.
 */
static void
change_access_method(Oid relid, Oid from, Oid to)
{
	Relation	pg_class = table_open(RelationRelationId, RowExclusiveLock);
	HeapTuple	tuple = SearchSysCacheCopy1(RELOID, ObjectIdGetDatum(relid));

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for relation %u", relid);
	((Form_pg_class) GETSTRUCT(tuple))->relam = to;
	CatalogTupleUpdate(pg_class, &tuple->t_self, tuple);
	heap_freetuple(tuple);
	table_close(pg_class, RowExclusiveLock);

	/* heap needs no dependency, for it cannot be dropped. */
	if (to == HEAP_TABLE_AM_OID)
		deleteDependencyRecordsForSpecific(RelationRelationId, relid,
										   DEPENDENCY_NORMAL,
										   AccessMethodRelationId, from);
	else
	{
		ObjectAddress table;
		ObjectAddress method;

		ObjectAddressSet(table, RelationRelationId, relid);
		ObjectAddressSet(method, AccessMethodRelationId, to);
		recordDependencyOn(&table, &method, DEPENDENCY_NORMAL);
	}
	CacheInvalidateRelcacheByRelid(relid);
}

/*
 * The tables of the access method, as of now.
 */
static List *
list_tables(Oid method)
{
	Relation	pg_class = table_open(RelationRelationId, AccessShareLock);
	SysScanDesc scan = systable_beginscan(pg_class, InvalidOid, false, NULL,
										  0, NULL);
	List	   *result = NIL;
	HeapTuple	tuple;

	while ((tuple = systable_getnext(scan)) != NULL)
	{
		Form_pg_class form = (Form_pg_class) GETSTRUCT(tuple);

		if (form->relam == method)
			result = lappend_oid(result, form->oid);
	}
	systable_endscan(scan);
	table_close(pg_class, AccessShareLock);
	return result;
}

/*
 * All tables become heap tables: they stay, with the data, when the access
 * method goes.
 */
static void
release_all_tables(void)
{
	Oid			method = get_am_oid(ACCESS_METHOD, true);
	List	   *tables;
	ListCell   *lc;

	/* Others will be told that they must be the extension's owner. */
	if (!OidIsValid(method) || !superuser())
		return;

	dsql_wakeup_make_way(InvalidOid);
	tables = list_tables(method);
	foreach(lc, tables)
	{
		Oid			relid = lfirst_oid(lc);

		LockRelationOid(relid, AccessExclusiveLock);
		/* It may be gone, or changed, since we looked. */
		if (get_access_method(relid) == method)
			change_access_method(relid, method, HEAP_TABLE_AM_OID);
	}
	CommandCounterIncrement();
}

/*
 * The command is about to look at tables in ways that know nothing of what
 * this transaction has only noted.
 */
static bool
needs_applied_changes(Node *stmt)
{
	return GetCommandLogLevel(stmt) == LOGSTMT_DDL ||
		IsA(stmt, TruncateStmt) || IsA(stmt, ReindexStmt) ||
		IsA(stmt, VacuumStmt);
}

PlannedStmt *
dsql_adoption_begin_utility(PlannedStmt *pstmt, bool *readOnlyTree)
{
	if (needs_applied_changes(pstmt->utilityStmt))
		dsql_commit_apply_now();

	if (dsql_extension_is_dropped(pstmt->utilityStmt))
		release_all_tables();
	else if (IsA(pstmt->utilityStmt, CreateStmt) &&
			 takes_default((CreateStmt *) pstmt->utilityStmt) &&
			 dsql_session_enforced())
	{
		if (*readOnlyTree)
			pstmt = copyObject(pstmt);
		*readOnlyTree = false;
		((CreateStmt *) pstmt->utilityStmt)->accessMethod = ACCESS_METHOD;
	}
	return pstmt;
}

void
dsql_adoption_adopt(Oid relid)
{
	Relation	rel;

	if (!object_ownercheck(RelationRelationId, relid, GetUserId()))
		aclcheck_error(ACLCHECK_NOT_OWNER,
					   get_relkind_objtype(get_rel_relkind(relid)),
					   get_rel_name(relid));
	dsql_wakeup_make_way(relid);
	rel = relation_open(relid, AccessExclusiveLock);
	if (rel->rd_rel->relkind != RELKIND_RELATION || IsSystemRelation(rel) ||
		rel->rd_rel->relpersistence != RELPERSISTENCE_PERMANENT ||
		rel->rd_rel->relam != HEAP_TABLE_AM_OID)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("cannot adopt \"%s\"", RelationGetRelationName(rel)),
				 errdetail("Only permanent tables with access method \"heap\" can be adopted.")));
	CheckTableNotInUse(rel, "dsql.adopt_table");

	relation_close(rel, NoLock);
	change_access_method(relid, HEAP_TABLE_AM_OID,
						 get_am_oid(ACCESS_METHOD, false));
}
