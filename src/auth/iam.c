/*
 * iam.c
 *		AWS IAM GRANT and REVOKE: which IAM users and roles may connect as which
 *		roles of the database.
 *
 * The mappings are rows of dsql.iam_mapping, read and written as in
 * control_catalog.c.  They belong to a cluster, like everything that its users
 * make; roles are the whole server's.
 *
 * The parser makes a SET statement of AWS IAM ..., in whose place comes one
 * that no spelling leads to.  It is executed as data definition.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/transam.h"
#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/objectaccess.h"
#include "catalog/pg_authid.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/parsenodes.h"
#include "tcop/utility.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

#include "auth/iam.h"
#include "base/current_cluster.h"
#include "base/identifier.h"
#include "base/refuse.h"
#include "base/session.h"
#include "dialect/syntax.h"
#include "transaction/schema_version.h"
#include "transaction/transaction_rules.h"

/* The columns, as the extension's script makes them. */
enum
{
	Anum_iam_mapping_cluster = 1,
	Anum_iam_mapping_role,
	Anum_iam_mapping_arn,
	Anum_iam_mapping_iam_oid,
	Anum_iam_mapping_grantor,
	Natts_iam_mapping = Anum_iam_mapping_grantor
};

static const char grant_name[] = "AWS IAM GRANT";
static const char revoke_name[] = "AWS IAM REVOKE";

Node *
dsql_iam_statement(const DsqlAwsIamStmt *stmt)
{
	VariableSetStmt *set = makeNode(VariableSetStmt);

	set->kind = VAR_SET_MULTI;
	set->name = pstrdup(stmt->is_revoke ? revoke_name : grant_name);
	set->args = list_make2(makeString(pstrdup(stmt->role)),
						   makeString(pstrdup(stmt->arn)));
	return (Node *) set;
}

bool
dsql_iam_is_statement(Node *utility_stmt)
{
	VariableSetStmt *set = (VariableSetStmt *) utility_stmt;

	return IsA(set, VariableSetStmt) && set->kind == VAR_SET_MULTI &&
		(strcmp(set->name, grant_name) == 0 ||
		 strcmp(set->name, revoke_name) == 0);
}

static Oid
our_relation(const char *name)
{
	return get_relname_relid(name, get_namespace_oid("dsql", false));
}

/*
 * A scan of the mappings, by any of the columns that are not NULL or invalid.
 */
typedef struct MappingScan
{
	Relation	relation;
	Snapshot	snapshot;
	SysScanDesc scan;
	char	   *arn;			/* of the row that was returned last */
	Oid			iam_oid;
} MappingScan;

static void
begin_scan(MappingScan *scan, LOCKMODE lockmode, const char *cluster, Oid role,
		   const char *arn)
{
	ScanKeyData keys[3];
	int			nkeys = 0;

	if (cluster != NULL)
		ScanKeyInit(&keys[nkeys++], Anum_iam_mapping_cluster,
					BTEqualStrategyNumber, F_TEXTEQ,
					CStringGetTextDatum(cluster));
	if (OidIsValid(role))
		ScanKeyInit(&keys[nkeys++], Anum_iam_mapping_role,
					BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(role));
	if (arn != NULL)
		ScanKeyInit(&keys[nkeys++], Anum_iam_mapping_arn,
					BTEqualStrategyNumber, F_TEXTEQ,
					CStringGetTextDatum(arn));
	scan->relation = table_open(our_relation("iam_mapping"), lockmode);
	scan->snapshot = RegisterSnapshot(GetLatestSnapshot());

	/* There are few rows: to open the index would cost a connection more. */
	scan->scan = systable_beginscan(scan->relation, InvalidOid, false,
									scan->snapshot, nkeys, keys);
}

static HeapTuple
next_mapping(MappingScan *scan)
{
	HeapTuple	tuple = systable_getnext(scan->scan);
	Datum		values[Natts_iam_mapping];
	bool		nulls[Natts_iam_mapping];

	if (HeapTupleIsValid(tuple))
	{
		heap_deform_tuple(tuple, RelationGetDescr(scan->relation), values,
						  nulls);
		scan->arn = TextDatumGetCString(values[Anum_iam_mapping_arn - 1]);
		scan->iam_oid = DatumGetObjectId(values[Anum_iam_mapping_iam_oid - 1]);
	}
	return tuple;
}

static void
end_scan(MappingScan *scan)
{
	systable_endscan(scan->scan);
	UnregisterSnapshot(scan->snapshot);
	table_close(scan->relation, NoLock);
}

bool
dsql_iam_is_mapped(const char *cluster, Oid role, const char *arn)
{
	MappingScan scan;
	bool		found;

	begin_scan(&scan, AccessShareLock, cluster, role, arn);
	found = HeapTupleIsValid(next_mapping(&scan));
	end_scan(&scan);
	return found;
}

/*
 * Delete what the scan would find.  False if there is nothing.
 */
static bool
delete_mappings(const char *cluster, Oid role, const char *arn)
{
	MappingScan scan;
	HeapTuple	tuple;
	bool		found = false;

	begin_scan(&scan, RowExclusiveLock, cluster, role, arn);
	while (HeapTupleIsValid(tuple = next_mapping(&scan)))
	{
		CatalogTupleDelete(scan.relation, &tuple->t_self);
		found = true;
	}
	end_scan(&scan);
	return found;
}

void
dsql_iam_forget_cluster(const char *cluster)
{
	(void) delete_mappings(cluster, InvalidOid, NULL);
}

/*
 * The number by which the service shows an IAM user or role: the same for all
 * of its mappings.
 */
static Oid
iam_oid(const char *arn)
{
	MappingScan scan;
	Oid			result = InvalidOid;

	begin_scan(&scan, AccessShareLock, NULL, InvalidOid, arn);
	if (HeapTupleIsValid(next_mapping(&scan)))
		result = scan.iam_oid;
	end_scan(&scan);
	return OidIsValid(result) ? result : GetNewObjectId();
}

static void
insert_mapping(const char *cluster, Oid role, const char *arn)
{
	Datum		values[Natts_iam_mapping];
	bool		nulls[Natts_iam_mapping] = {0};
	Relation	relation;

	values[Anum_iam_mapping_cluster - 1] = CStringGetTextDatum(cluster);
	values[Anum_iam_mapping_role - 1] = ObjectIdGetDatum(role);
	values[Anum_iam_mapping_arn - 1] = CStringGetTextDatum(arn);
	values[Anum_iam_mapping_iam_oid - 1] = ObjectIdGetDatum(iam_oid(arn));
	values[Anum_iam_mapping_grantor - 1] = ObjectIdGetDatum(GetUserId());

	/* Nobody waits for another mapping that is being made. */
	relation = table_open(our_relation("iam_mapping"), RowExclusiveLock);
	shdepLockAndCheckObject(AuthIdRelationId, role);
	if (dsql_iam_is_mapped(cluster, role, arn))
		dsql_refuse_in_any_mode(RULE_ROLE_IAM_DUPLICATE, arn,
								GetUserNameFromId(role, false));
	CatalogTupleInsert(relation,
					   heap_form_tuple(RelationGetDescr(relation), values,
									   nulls));
	table_close(relation, NoLock);
}

/*
 * Find the role of the database, if it can be mapped at all.  Only admin may
 * do it, and a superuser in place of admin.
 */
static Oid
mappable_role(const char *name, bool is_revoke)
{
	HeapTuple	tuple;
	Form_pg_authid form;
	Oid			role;

	if (strcmp(GetUserNameFromId(GetUserId(), false), "admin") != 0 &&
		!superuser())
		dsql_refuse_in_any_mode(RULE_ROLE_IAM_PERMISSION, name);
	if (strcmp(name, "public") == 0 || strcmp(name, "none") == 0 ||
		strncmp(name, "pg_", 3) == 0)
		dsql_refuse_in_any_mode(RULE_ROLE_IAM_PSEUDO, name);

	tuple = SearchSysCache1(AUTHNAME, CStringGetDatum(name));
	if (!HeapTupleIsValid(tuple))
		dsql_refuse_in_any_mode(RULE_ROLE_IAM_NOT_FOUND, name);
	form = (Form_pg_authid) GETSTRUCT(tuple);
	role = form->oid;
	if (form->rolsuper || strcmp(name, "admin") == 0)
		dsql_refuse_in_any_mode(RULE_ROLE_IAM_TRUST, name);
	if (!form->rolcanlogin && !is_revoke)
		dsql_refuse_in_any_mode(RULE_ROLE_IAM_LOGIN, name);
	ReleaseSysCache(tuple);
	return role;
}

CommandTag
dsql_iam_execute(Node *utility_stmt)
{
	VariableSetStmt *set = castNode(VariableSetStmt, utility_stmt);
	bool		is_revoke = strcmp(set->name, revoke_name) == 0;
	const char *name = strVal(linitial(set->args));
	const char *arn = strVal(lsecond(set->args));
	const char *cluster = dsql_current_cluster_home();
	DsqlIamArn	parsed;
	Oid			role;

	PreventCommandIfReadOnly(set->name);
	dsql_transaction_begin_ddl();
	dsql_schema_version_raise();
	PushActiveSnapshot(GetTransactionSnapshot());

	role = mappable_role(name, is_revoke);
	if (!dsql_identifier_iam_arn_parse(arn, &parsed) || parsed.is_root ||
		strcmp(parsed.principal, arn) != 0)
		dsql_refuse_in_any_mode(RULE_ROLE_IAM_ARN);
	if (!is_revoke)
		insert_mapping(cluster, role, arn);
	else if (!delete_mappings(cluster, role, arn))
		dsql_refuse_in_any_mode(RULE_ROLE_IAM_UNMAPPED, arn);

	PopActiveSnapshot();
	CommandCounterIncrement();
	return is_revoke ? CMDTAG_REVOKE : CMDTAG_GRANT;
}

static void
check_drop(Oid role)
{
	MappingScan scan;

	begin_scan(&scan, AccessShareLock, NULL, role, NULL);
	if (HeapTupleIsValid(next_mapping(&scan)))
		dsql_refuse_in_any_mode(RULE_ROLE_IAM_MAPPED, GetUserNameFromId(role,
																		false),
								scan.arn);
	end_scan(&scan);
}

void
dsql_iam_note_drop(Oid class, Oid object)
{
	if (class == AuthIdRelationId && dsql_session_has_extension())
		check_drop(object);
}
