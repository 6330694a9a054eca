/*
 * index_define.c
 *		Make the catalog entries of an index that is built later.
 *
 * PostgreSQL's DefineIndex() does not fit.  A concurrent build commits the
 * user's transaction.  Any other locks the table against writers and waits for
 * those that are there, which the service does not.  So this file turns the
 * statement into the arguments of index_create().
 *
 * The table is locked only against being dropped or altered.  A stronger lock
 * would have to wait while another index of the table is built.  Whatever
 * happens at the same time because of that is put right when the build begins.
 */
#include "postgres.h"

#include "access/amapi.h"
#include "access/reloptions.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/catalog.h"
#include "catalog/index.h"
#include "catalog/namespace.h"
#include "catalog/pg_am.h"
#include "catalog/pg_class.h"
#include "catalog/pg_index.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_tablespace.h"
#include "commands/defrem.h"
#include "commands/tablecmds.h"
#include "commands/tablespace.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parse_utilcmd.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "base/compat.h"
#include "jobs/index_define.h"

/* The columns of an index, key columns first, as index_create() wants them. */
typedef struct IndexColumns
{
	IndexInfo  *info;
	List	   *names;
	Oid			collations[INDEX_MAX_KEYS];
	Oid			opclasses[INDEX_MAX_KEYS];
	Datum		opclass_options[INDEX_MAX_KEYS];
	int16		options[INDEX_MAX_KEYS];
} IndexColumns;

static void
check_table(Relation table)
{
	const char *name = RelationGetRelationName(table);

	switch (table->rd_rel->relkind)
	{
		case RELKIND_RELATION:
		case RELKIND_MATVIEW:
			break;
		case RELKIND_PARTITIONED_TABLE:
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("cannot create index on partitioned table \"%s\" asynchronously",
							name)));
			break;
		default:
			ereport(ERROR,
					(errcode(ERRCODE_WRONG_OBJECT_TYPE),
					 errmsg("cannot create index on relation \"%s\"", name),
					 errdetail_relkind_not_supported(table->rd_rel->relkind)));
	}
	if (table->rd_rel->relpersistence == RELPERSISTENCE_TEMP)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("cannot create index on temporary table \"%s\" asynchronously",
						name)));
	CheckTableNotInUse(table, "CREATE INDEX");
}

static void
check_create(Oid class_id, Oid object, ObjectType type, const char *name,
			 Oid user)
{
	AclResult	result = object_aclcheck(class_id, object, user, ACL_CREATE);

	if (result != ACLCHECK_OK)
		aclcheck_error(result, type, name);
}

/*
 * Where the index goes, if the user may put it there.
 */
static Oid
choose_tablespace(const IndexStmt *stmt, Relation table, Oid user)
{
	Oid			tablespace;

	if (stmt->tableSpace)
		tablespace = get_tablespace_oid(stmt->tableSpace, false);
	else
		tablespace = GetDefaultTablespace(table->rd_rel->relpersistence, false);

	if (OidIsValid(tablespace) && tablespace != MyDatabaseTableSpace)
		check_create(TableSpaceRelationId, tablespace, OBJECT_TABLESPACE,
					 get_tablespace_name(tablespace), user);
	if (tablespace == GLOBALTABLESPACE_OID)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("only shared relations can be placed in pg_global tablespace")));
	return tablespace;
}

static bool
contains_name(List *names, const char *name)
{
	ListCell   *lc;

	foreach(lc, names)
		if (strcmp(lfirst(lc), name) == 0)
		return true;
	return false;
}

/*
 * The names of the index's own columns: each differs from those before it.
 */
static List *
choose_column_names(List *elements)
{
	List	   *names = NIL;
	ListCell   *lc;

	foreach(lc, elements)
	{
		IndexElem  *element = lfirst_node(IndexElem, lc);
		const char *base = element->indexcolname ? element->indexcolname :
		element->name ? element->name : "expr";
		char	   *name = pstrdup(base);

		for (int i = 1; contains_name(names, name); i++)
		{
			char		suffix[16];
			int			length;

			snprintf(suffix, sizeof(suffix), "%d", i);
			length = pg_mbcliplen(base, strlen(base),
								  NAMEDATALEN - 1 - strlen(suffix));
			name = psprintf("%.*s%s", length, base, suffix);
		}
		names = lappend(names, name);
	}
	return names;
}

/*
 * A name that PostgreSQL would choose: table, columns, "idx".
 */
static char *
choose_name(Relation table, List *column_names)
{
	StringInfoData columns;
	ListCell   *lc;

	initStringInfo(&columns);
	foreach(lc, column_names)
		appendStringInfo(&columns, "%s%s", columns.len > 0 ? "_" : "",
						 (char *) lfirst(lc));
	return ChooseRelationName(RelationGetRelationName(table), columns.data,
							  "idx", RelationGetNamespace(table), false);
}

/*
 * Find out what one element of the statement indexes, and its type and
 * collation.
 */
static void
resolve_target(Relation table, IndexElem *element, bool is_key, IndexInfo *info,
			   int number, Oid *type, Oid *collation)
{
	Node	   *expr = element->expr;
	AttrNumber	attribute;

	if (element->name != NULL)
	{
		attribute = get_attnum(RelationGetRelid(table), element->name);
		if (attribute == InvalidAttrNumber)
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_COLUMN),
					 errmsg("column \"%s\" does not exist", element->name)));
		if (attribute > 0)
		{
			Form_pg_attribute form = TupleDescAttr(RelationGetDescr(table),
												   attribute - 1);

			*type = form->atttypid;
			*collation = form->attcollation;
		}
	}
	else
	{
		if (!is_key)
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("expressions are not supported in included columns")));
		*type = exprType(expr);
		*collation = exprCollation(expr);

		/* A column in parentheses is a column. */
		while (IsA(expr, CollateExpr))
			expr = (Node *) ((CollateExpr *) expr)->arg;
		attribute = IsA(expr, Var) ? ((Var *) expr)->varattno : 0;
		if (attribute == InvalidAttrNumber)
		{
			if (contain_mutable_functions((Node *) expression_planner((Expr *) expr)))
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_OBJECT_DEFINITION),
						 errmsg("functions in index expression must be marked IMMUTABLE")));
			info->ii_Expressions = lappend(info->ii_Expressions, expr);
		}
	}

	if (attribute < 0)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("index creation on system columns is not supported")));
	info->ii_IndexAttrNumbers[number] = attribute;
}

/*
 * What sorts and compares a key column.
 */
static void
resolve_key(const IndexStmt *stmt, IndexElem *element, Oid am, bool can_order,
			Oid type, Oid collation, IndexColumns *columns, int number)
{
	bool		descending = element->ordering == SORTBY_DESC;
	bool		nulls_first = element->nulls_ordering == SORTBY_NULLS_FIRST ||
	(element->nulls_ordering == SORTBY_NULLS_DEFAULT && descending);

	if (element->collation)
		collation = get_collation_oid(element->collation, false);
	if (type_is_collatable(type) && !OidIsValid(collation))
		ereport(ERROR,
				(errcode(ERRCODE_INDETERMINATE_COLLATION),
				 errmsg("could not determine which collation to use for index expression"),
				 errhint("Use the COLLATE clause to set the collation explicitly.")));
	if (!type_is_collatable(type) && OidIsValid(collation))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("collations are not supported by type %s",
						format_type_be(type))));
	columns->collations[number] = collation;

	columns->opclasses[number] = ResolveOpClass(element->opclass, type,
												stmt->accessMethod, am);
	if (element->opclassopts)
		columns->opclass_options[number] =
			transformRelOptions((Datum) 0, element->opclassopts, NULL, NULL,
								false, false);

	if (!can_order && (element->ordering != SORTBY_DEFAULT ||
					   element->nulls_ordering != SORTBY_NULLS_DEFAULT))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("access method \"%s\" does not support ASC/DESC options",
						stmt->accessMethod)));
	if (can_order)
		columns->options[number] = (descending ? INDOPTION_DESC : 0) |
			(nulls_first ? INDOPTION_NULLS_FIRST : 0);
}

/*
 * System columns cannot be indexed through an expression either.
 */
static void
check_no_system_columns(IndexInfo *info)
{
	Bitmapset  *columns = NULL;

	pull_varattnos((Node *) info->ii_Expressions, 1, &columns);
	pull_varattnos((Node *) info->ii_Predicate, 1, &columns);
	for (int i = FirstLowInvalidHeapAttributeNumber + 1; i < 0; i++)
		if (bms_is_member(i - FirstLowInvalidHeapAttributeNumber, columns))
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("index creation on system columns is not supported")));
}

static void
resolve_columns(const IndexStmt *stmt, Relation table, Oid am,
				IndexAmRoutine *routine, IndexColumns *columns)
{
	List	   *elements = list_concat_copy(stmt->indexParams,
											stmt->indexIncludingParams);
	int			nkeys = list_length(stmt->indexParams);
	int			number = 0;
	ListCell   *lc;

	if (list_length(elements) > INDEX_MAX_KEYS)
		ereport(ERROR,
				(errcode(ERRCODE_TOO_MANY_COLUMNS),
				 errmsg("cannot use more than %d columns in an index",
						INDEX_MAX_KEYS)));
	if (stmt->whereClause &&
		contain_mutable_functions((Node *) expression_planner((Expr *) stmt->whereClause)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_OBJECT_DEFINITION),
				 errmsg("functions in index predicate must be marked IMMUTABLE")));

	memset(columns, 0, sizeof(*columns));
	columns->info = dsql_make_index_info(list_length(elements), nkeys, am,
										 make_ands_implicit((Expr *) stmt->whereClause),
										 stmt->unique, stmt->nulls_not_distinct,
										 routine);
	columns->names = choose_column_names(elements);
	foreach(lc, elements)
	{
		IndexElem  *element = lfirst_node(IndexElem, lc);
		Oid			type = InvalidOid;
		Oid			collation = InvalidOid;

		resolve_target(table, element, number < nkeys, columns->info, number,
					   &type, &collation);
		if (number < nkeys)
			resolve_key(stmt, element, am, routine->amcanorder, type,
						collation, columns, number);
		number++;
	}
	check_no_system_columns(columns->info);
}

/*
 * The access method, if it can do what the statement wants.
 */
static IndexAmRoutine *
get_access_method(const IndexStmt *stmt, Oid *am)
{
	IndexAmRoutine *routine;

	*am = get_index_am_oid(stmt->accessMethod, false);
	routine = GetIndexAmRoutineByAmId(*am, false);
	if (stmt->unique && !routine->amcanunique)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("access method \"%s\" does not support unique indexes",
						stmt->accessMethod)));
	if (stmt->indexIncludingParams != NIL && !routine->amcaninclude)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("access method \"%s\" does not support included columns",
						stmt->accessMethod)));
	if (list_length(stmt->indexParams) > 1 && !routine->amcanmulticol)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("access method \"%s\" does not support multicolumn indexes",
						stmt->accessMethod)));
	return routine;
}

/*
 * Enter an index in the catalogs, which writes to the table's row in pg_class.
 *
 * PostgreSQL wants that row's writer to hold a lock of the table that builds
 * of other indexes have as well, and this statement waits for none.  Where the
 * lock cannot be had, only the flag that there are indexes could get lost, and
 * the build sets it again (index_build.c): the warning of a server with
 * assertions is left out.
 */
static Oid
create_index(Relation table, const char *name, IndexColumns *columns,
			 Oid am, Oid tablespace, Datum options, bits16 flags)
{
	int			save_client_min_messages = client_min_messages;
	int			save_log_min_messages = log_min_messages;
	bool		locked = ConditionalLockRelation(table,
												 ShareUpdateExclusiveLock);
	Oid			index;

	if (!locked)
		client_min_messages = log_min_messages = ERROR;
	PG_TRY();
	{
		index = dsql_index_create(table, name, columns->info, columns->names,
								  am, tablespace, columns->collations,
								  columns->opclasses,
								  columns->opclass_options, columns->options,
								  options, flags);
	}
	PG_FINALLY();
	{
		client_min_messages = save_client_min_messages;
		log_min_messages = save_log_min_messages;
	}
	PG_END_TRY();
	if (locked)
		UnlockRelation(table, ShareUpdateExclusiveLock);
	return index;
}

/*
 * IF NOT EXISTS.  index_create() would look, too, but it may not say anything
 * here.
 */
static bool
is_there(const char *name, Relation table)
{
	if (!OidIsValid(get_relname_relid(name, RelationGetNamespace(table))))
		return false;
	ereport(NOTICE,
			(errcode(ERRCODE_DUPLICATE_TABLE),
			 errmsg("relation \"%s\" already exists, skipping", name)));
	return true;
}

static Oid
enter_index(const IndexStmt *stmt, Relation table, Oid tablespace)
{
	bits16		flags = INDEX_CREATE_CONCURRENT | INDEX_CREATE_SKIP_BUILD;
	IndexAmRoutine *routine;
	IndexColumns columns;
	Datum		options;
	Oid			am;

	routine = get_access_method(stmt, &am);
	resolve_columns(stmt, table, am, routine, &columns);
	options = transformRelOptions((Datum) 0, stmt->options, NULL, NULL, false,
								  false);
	(void) index_reloptions(routine->amoptions, options, true);

	if (stmt->if_not_exists && is_there(stmt->idxname, table))
		return InvalidOid;
	return create_index(table,
						stmt->idxname ? stmt->idxname :
						choose_name(table, columns.names),
						&columns, am, tablespace, options, flags);
}

Oid
dsql_index_define(IndexStmt *stmt, const char *query_string)
{
	Oid			table_id;
	Relation	table;
	Oid			tablespace;
	Oid			index;
	Oid			save_userid;
	int			save_sec_context;
	int			save_nestlevel;

	table_id = RangeVarGetRelidExtended(stmt->relation, AccessShareLock, 0,
										RangeVarCallbackOwnsRelation, NULL);
	table = table_open(table_id, NoLock);
	check_table(table);
	stmt = transformIndexStmt(table_id, stmt, query_string);

	check_create(NamespaceRelationId, RelationGetNamespace(table),
				 OBJECT_SCHEMA,
				 get_namespace_name(RelationGetNamespace(table)), GetUserId());
	tablespace = choose_tablespace(stmt, table, GetUserId());

	/*
	 * Simplifying an expression calls functions in it: as the table's owner,
	 * as the build will.
	 */
	GetUserIdAndSecContext(&save_userid, &save_sec_context);
	SetUserIdAndSecContext(table->rd_rel->relowner,
						   save_sec_context | SECURITY_RESTRICTED_OPERATION);
	save_nestlevel = NewGUCNestLevel();
	index = enter_index(stmt, table, tablespace);
	AtEOXact_GUC(false, save_nestlevel);
	SetUserIdAndSecContext(save_userid, save_sec_context);

	/* The lock is kept until the transaction ends. */
	table_close(table, NoLock);
	return index;
}
