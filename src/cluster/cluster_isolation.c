/*
 * cluster_isolation.c
 *		Sessions reach nothing of another cluster's schemas.
 *
 * On the service, what belongs to another cluster is not there.  Here it is in
 * the same database, and these are the ways to it that are closed:
 *
 * 1. By name: a schema of another cluster is not searched, neither in the
 *	  search path nor when it is named.
 * 2. By execution: relations and functions that a view, a rule, a function or
 *	  a prepared statement leads to are checked by their identity, whoever
 *	  wrote it and with whose rights it runs; so are sequences that functions
 *	  get by their OIDs.
 * 3. By definition: nothing can be made in another cluster's schema, moved
 *	  there, changed or dropped there, not even by CASCADE.
 *
 * Privileges make no difference, those of superusers included.  A bound session
 * is confined to its cluster.  A session that is not bound is in the default
 * cluster and confined to that, unless it is a superuser's: that is how
 * administrators look at all of them.  The system catalogs show what is in the
 * database, as they do in PostgreSQL.
 *
 * A user's functions are also executed by others than sessions: by parallel
 * workers, which are where their leader is, and by workers of jobs, autovacuum
 * and an administrator's ANALYZE or CREATE INDEX.  The latter are superusers,
 * and do that in a security-restricted operation, where they are confined to
 * the cluster of the table that they work at.
 *
 * The control plane itself makes and drops schemas of any cluster.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/transam.h"
#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/objectaccess.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_class.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_proc.h"
#include "commands/extension.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "utils/acl.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "base/compat.h"
#include "base/current_cluster.h"
#include "base/schema_owner.h"
#include "base/session.h"
#include "cluster/cluster.h"
#include "cluster/cluster_catalog.h"
#include "cluster/cluster_isolation.h"
#include "cluster/table_at_work.h"
#include "occ/adoption.h"

pg_noreturn static void refuse_schema(const char *name);

/*
 * The home of the cluster that the process is confined to; NULL if it is not.
 */
static const char *
confining_home(void)
{
	if (!dsql_session_checked() || dsql_schema_owner_managing > 0)
		return NULL;
	if (dsql_cluster_bound() != NULL ||
		!superuser_arg(GetSessionUserId()))
		return dsql_current_cluster_home();
	if (InSecurityRestrictedOperation() && dsql_schema_owner_any())
		return dsql_table_at_work_home();
	return NULL;
}

static bool
is_confined(void)
{
	return confining_home() != NULL;
}

/* The caller knows that the session is confined. */
static bool
is_reachable(Oid schema)
{
	return !OidIsValid(schema) || dsql_schema_owner_is_system(schema) ||
		strcmp(dsql_schema_owner(schema), confining_home()) == 0;
}

bool
dsql_cluster_isolation_keeps_out(Oid schema)
{
	return is_confined() && !is_reachable(schema);
}

/*
 * Every cluster of the service has a schema "public", so people will try that.
 */
static void
refuse_schema(const char *name)
{
	char	   *own = strcmp(name, "public") == 0 ?
	get_namespace_name(dsql_current_cluster_schema()) : NULL;

	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_SCHEMA),
			 errmsg("schema \"%s\" does not exist", name),
			 errdetail("The schema belongs to another cluster than the session."),
			 own == NULL ? 0 :
			 errhint("The session's cluster is the schema \"%s\".", own)));
}

static void
check_schema(Oid schema)
{
	if (!is_reachable(schema))
		refuse_schema(get_namespace_name(schema));
}

static void
check_relation(Oid relation)
{
	Oid			schema;

	if (relation < FirstNormalObjectId)
		return;
	schema = get_rel_namespace(relation);
	if (!is_reachable(schema))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation \"%s.%s\" does not exist",
						get_namespace_name(schema), get_rel_name(relation)),
				 errdetail("The relation belongs to another cluster than the session.")));
}

void
dsql_cluster_isolation_check_relation(Oid relation)
{
	if (is_confined())
		check_relation(relation);
}

static void
check_function(Oid function)
{
	Oid			schema;

	if (function < FirstNormalObjectId)
		return;
	schema = get_func_namespace(function);
	if (!is_reachable(schema))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FUNCTION),
				 errmsg("function %s.%s does not exist",
						get_namespace_name(schema), get_func_name(function)),
				 errdetail("The function belongs to another cluster than the session.")));
}

/*
 * The row of an object as the current command left it; NULL if its catalog
 * cannot be looked into by OID.  The caller frees it.
 */
static HeapTuple
fetch_object(Oid class, Oid object, Relation *catalog)
{
	Oid			index = get_object_oid_index(class);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;

	if (!OidIsValid(index))
		return NULL;
	*catalog = table_open(class, AccessShareLock);
	ScanKeyInit(&key, get_object_attnum_oid(class), BTEqualStrategyNumber,
				F_OIDEQ, ObjectIdGetDatum(object));
	scan = systable_beginscan(*catalog, index, true, SnapshotSelf, 1, &key);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
		tuple = heap_copytuple(tuple);
	systable_endscan(scan);
	if (!HeapTupleIsValid(tuple))
		table_close(*catalog, AccessShareLock);
	return tuple;
}

/*
 * The schema that an object is in now; InvalidOid if it is in none.
 */
static Oid
object_schema(Oid class, Oid object)
{
	AttrNumber	attribute;
	Relation	catalog;
	HeapTuple	tuple;
	bool		isnull;
	Oid			schema;

	if (!is_objectclass_supported(class))
		return InvalidOid;
	attribute = get_object_attnum_namespace(class);
	if (attribute == InvalidAttrNumber)
		return InvalidOid;
	tuple = fetch_object(class, object, &catalog);
	if (tuple == NULL)
		return InvalidOid;
	schema = DatumGetObjectId(heap_getattr(tuple, attribute,
										   RelationGetDescr(catalog), &isnull));
	heap_freetuple(tuple);
	table_close(catalog, AccessShareLock);
	return schema;
}

/* The name that a schema has now, palloc'd; NULL if it is not there. */
static char *
schema_name_now(Oid schema)
{
	Relation	catalog;
	HeapTuple	tuple = fetch_object(NamespaceRelationId, schema, &catalog);
	char	   *name;

	if (tuple == NULL)
		return NULL;
	name = pstrdup(NameStr(((Form_pg_namespace) GETSTRUCT(tuple))->nspname));
	heap_freetuple(tuple);
	table_close(catalog, AccessShareLock);
	return name;
}

/*
 * Is this schema what a cluster is made of, rather than one that its users
 * made in it?
 */
static bool
is_home(Oid schema, const char *name)
{
	const char *owner;
	Cluster    *cluster;

	if (dsql_schema_owner_is_system(schema))
		return false;
	owner = dsql_schema_owner(schema);
	cluster = owner[0] ? dsql_cluster_catalog_cluster(owner) :
		dsql_cluster_catalog_default_cluster();
	return cluster != NULL && name != NULL &&
		strcmp(cluster->schema, name) == 0;
}

/*
 * The schema of a cluster cannot be dropped or renamed, as "public" cannot on
 * the service.
 */
static void
check_home(Oid schema)
{
	char	   *name = get_namespace_name(schema);

	if (dsql_session_emulated() && dsql_schema_owner_managing == 0 &&
		!creating_extension && is_home(schema, name))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("must be owner of schema %s", name)));
}

static void
after_create(Oid class, Oid object)
{
	if (class == NamespaceRelationId)
	{
		char	   *name;

		if (dsql_current_cluster_home()[0] == '\0' || !is_confined())
			return;
		name = schema_name_now(object);
		if (name != NULL && strncmp(name, "pg_", 3) != 0)
			dsql_schema_owner_set(object, dsql_current_cluster_home());
	}
	else if (is_confined())
		check_schema(object_schema(class, object));
}

static void
after_alter(Oid class, Oid object)
{
	if (class == NamespaceRelationId)
	{
		char	   *before = get_namespace_name(object);
		char	   *after = schema_name_now(object);

		if (before != NULL && after != NULL && strcmp(before, after) != 0)
			check_home(object);
		if (is_confined())
			check_schema(object);
	}
	else if (is_confined())
		check_schema(object_schema(class, object));
}

static void
before_drop(Oid class, Oid object)
{
	if (class == NamespaceRelationId)
	{
		check_home(object);
		if (is_confined())
			check_schema(object);
	}
	else if (class == ExtensionRelationId)
	{
		char	   *name = get_extension_name(object);

		if (name != NULL && strcmp(name, "dsql_emu") == 0)
			dsql_schema_owner_forget();
	}
	else if (is_confined())
		check_schema(object_schema(class, object));
}

static void
before_search(Oid schema, ObjectAccessNamespaceSearch *search)
{
	if (!is_confined() || is_reachable(schema))
		return;
	search->result = false;
	if (!search->ereport_on_violation)
		return;
	if (dsql_schema_owner_kept_out == NULL)
		refuse_schema(get_namespace_name(schema));
	*dsql_schema_owner_kept_out = true;
}

void
dsql_cluster_isolation_check_function_call(Oid function)
{
	if (function >= FirstNormalObjectId && is_confined())
		check_function(function);
}

void
dsql_cluster_isolation_object_access(ObjectAccessType access, Oid class,
									 Oid object,
									 void *arg)
{
	switch (access)
	{
		case OAT_NAMESPACE_SEARCH:
			before_search(object, arg);
			break;
		case OAT_POST_CREATE:
			after_create(class, object);
			break;
		case OAT_POST_ALTER:
			after_alter(class, object);
			break;
		case OAT_DROP:
			before_drop(class, object);
			break;
		default:
			break;
	}
}

void
dsql_cluster_isolation_check_tables(List *rangeTable)
{
	ListCell   *cell;

	/* Most databases have one cluster. */
	if (!is_confined() ||
		(dsql_current_cluster_home()[0] == '\0' && !dsql_schema_owner_any()))
		return;
	foreach(cell, rangeTable)
	{
		RangeTblEntry *rte = lfirst_node(RangeTblEntry, cell);

		if (rte->rtekind == RTE_RELATION)
			check_relation(rte->relid);
	}
}

static void
check_schema_name(const char *name)
{
	Oid			schema = name ? get_namespace_oid(name, true) : InvalidOid;

	check_schema(schema);
}

/*
 * The schema of a qualified name.
 */
static void
check_schema_of_names(List *names)
{
	int			count = list_length(names);

	if (count > 1)
		check_schema_name(strVal(list_nth(names, count - 2)));
}

static void
check_schema_names(List *names)
{
	ListCell   *cell;

	foreach(cell, names)
		check_schema_name(strVal(lfirst(cell)));
}

/*
 * The schemas that a statement drops.  What it is that cannot be dropped comes
 * before what depends on it.
 */
static void
check_dropped_schemas(List *names)
{
	ListCell   *cell;

	foreach(cell, names)
	{
		Oid			schema = get_namespace_oid(strVal(lfirst(cell)), true);

		if (OidIsValid(schema))
			check_home(schema);
	}
}

static void
check_default_privileges(List *options)
{
	ListCell   *cell;

	foreach(cell, options)
	{
		DefElem    *option = lfirst_node(DefElem, cell);

		if (strcmp(option->defname, "schemas") == 0)
			check_schema_names((List *) option->arg);
	}
}

void
dsql_cluster_isolation_check_utility(Node *stmt)
{
	bool		drops_schema = IsA(stmt, DropStmt) &&
	((DropStmt *) stmt)->removeType == OBJECT_SCHEMA;

	if (drops_schema && is_confined())
		check_schema_names(((DropStmt *) stmt)->objects);
	if (drops_schema)
		check_dropped_schemas(((DropStmt *) stmt)->objects);
	if (!is_confined())
		return;
	switch (nodeTag(stmt))
	{
		case T_GrantStmt:
			if (((GrantStmt *) stmt)->objtype == OBJECT_SCHEMA)
				check_schema_names(((GrantStmt *) stmt)->objects);
			break;
		case T_AlterDefaultPrivilegesStmt:
			check_default_privileges(((AlterDefaultPrivilegesStmt *) stmt)->options);
			break;
		case T_CommentStmt:
			if (((CommentStmt *) stmt)->objtype == OBJECT_SCHEMA)
				check_schema_name(strVal(((CommentStmt *) stmt)->object));
			break;
		case T_RenameStmt:
			if (((RenameStmt *) stmt)->renameType == OBJECT_SCHEMA)
				check_schema_name(((RenameStmt *) stmt)->subname);
			break;
		case T_AlterOwnerStmt:
			if (((AlterOwnerStmt *) stmt)->objectType == OBJECT_SCHEMA)
				check_schema_name(strVal(((AlterOwnerStmt *) stmt)->object));
			break;
		case T_AlterObjectSchemaStmt:
			check_schema_name(((AlterObjectSchemaStmt *) stmt)->newschema);
			break;

			/* Whether there is such a relation already is not told. */
		case T_CreateStmt:
			check_schema_name(((CreateStmt *) stmt)->relation->schemaname);
			break;
		case T_CreateSeqStmt:
			check_schema_name(((CreateSeqStmt *) stmt)->sequence->schemaname);
			break;
		case T_ViewStmt:
			check_schema_name(((ViewStmt *) stmt)->view->schemaname);
			break;
		case T_CreateDomainStmt:
			check_schema_of_names(((CreateDomainStmt *) stmt)->domainname);
			break;
		case T_CreateFunctionStmt:
			check_schema_of_names(((CreateFunctionStmt *) stmt)->funcname);
			break;
		default:
			break;
	}
}

/*
 * dsql.adopt_table(regclass)
 */
PG_FUNCTION_INFO_V1(dsql_adopt_table);
Datum
dsql_adopt_table(PG_FUNCTION_ARGS)
{
	Oid			relid = PG_GETARG_OID(0);

	dsql_cluster_isolation_check_relation(relid);
	dsql_adoption_adopt(relid);
	PG_RETURN_VOID();
}
