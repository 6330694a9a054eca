/*
 * iam.c
 *		AWS IAM GRANT and REVOKE: which IAM users and roles may connect as which
 *		roles of the database.
 *
 * The mappings are rows of dsql.iam_mapping.  They belong to a cluster, like
 * everything that its users make; roles are the whole server's.
 *
 * The statements become a CALL of dsql.aws_iam() that carries a GRANT of the
 * role to the ARN.  They are executed as data definition.
 */
#include "postgres.h"

#include "access/transam.h"
#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/objectaccess.h"
#include "catalog/pg_authid.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/syscache.h"

#include "auth/iam.h"
#include "base/catalog.h"
#include "base/current_cluster.h"
#include "base/identifier.h"
#include "base/refuse.h"
#include "base/session.h"
#include "cluster/cluster_role.h"
#include "dialect/utility_call.h"
#include "transaction/schema_version.h"
#include "transaction/transaction_rules.h"

/*
 * Begin a scan of the mappings, by any of the columns that are not NULL or
 * invalid.
 */
static void
begin_mappings(DsqlCatalogScan *scan, LOCKMODE lockmode, const char *cluster,
			   Oid role, const char *arn)
{
	dsql_catalog_open(scan, "iam_mapping", lockmode);
	if (cluster != NULL)
		dsql_catalog_key_text(scan, "cluster", cluster);
	if (OidIsValid(role))
		dsql_catalog_key(scan, "role", BTEqualStrategyNumber, F_OIDEQ,
						 ObjectIdGetDatum(role));
	if (arn != NULL)
		dsql_catalog_key_text(scan, "arn", arn);

	/* There are few rows: to open the index would cost a connection more. */
	dsql_catalog_begin(scan, NULL);
}

bool
dsql_iam_is_mapped(const char *cluster, Oid role, const char *arn)
{
	DsqlCatalogScan scan;
	bool		found;

	begin_mappings(&scan, AccessShareLock, cluster, role, arn);
	found = dsql_catalog_next(&scan);
	dsql_catalog_close(&scan);
	return found;
}

/*
 * Delete what the scan would find.  False if there is nothing.
 */
static bool
delete_mappings(const char *cluster, Oid role, const char *arn)
{
	DsqlCatalogScan scan;
	bool		found = false;

	begin_mappings(&scan, RowExclusiveLock, cluster, role, arn);
	while (dsql_catalog_next(&scan))
	{
		dsql_catalog_delete(&scan);
		found = true;
	}
	dsql_catalog_close(&scan);
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
	DsqlCatalogScan scan;
	Oid			result = InvalidOid;

	begin_mappings(&scan, AccessShareLock, NULL, InvalidOid, arn);
	if (dsql_catalog_next(&scan))
		result = DatumGetObjectId(dsql_catalog_value(&scan, "iam_oid"));
	dsql_catalog_close(&scan);
	return OidIsValid(result) ? result : GetNewObjectId();
}

static void
insert_mapping(const char *cluster, Oid role, const char *arn)
{
	DsqlCatalogScan scan;
	DsqlCatalogRow row;
	Oid			shown = iam_oid(arn);

	/* Nobody waits for another mapping that is being made. */
	dsql_catalog_open(&scan, "iam_mapping", RowExclusiveLock);
	shdepLockAndCheckObject(AuthIdRelationId, role);
	if (dsql_iam_is_mapped(cluster, role, arn))
		dsql_refuse_in_any_mode(RULE_ROLE_IAM_DUPLICATE, arn,
								GetUserNameFromId(role, false));
	dsql_catalog_row_init(&row, &scan);
	dsql_catalog_set_text(&row, &scan, "cluster", cluster);
	dsql_catalog_set(&row, &scan, "role", ObjectIdGetDatum(role));
	dsql_catalog_set_text(&row, &scan, "arn", arn);
	dsql_catalog_set(&row, &scan, "iam_oid", ObjectIdGetDatum(shown));
	dsql_catalog_set(&row, &scan, "grantor", ObjectIdGetDatum(GetUserId()));
	dsql_catalog_insert(&scan, &row);
	dsql_catalog_close(&scan);
}

/*
 * Find the role of the database, if it can be mapped at all.  Only admin may
 * do it, and a superuser in place of admin.
 */
static Oid
mappable_role(const char *name, bool is_revoke)
{
	char	   *real = dsql_cluster_role_real(name);
	HeapTuple	tuple;
	Form_pg_authid form;
	Oid			role;

	if (strcmp(GetUserNameFromId(GetUserId(), false), "admin") != 0 &&
		!superuser())
		dsql_refuse_in_any_mode(RULE_ROLE_IAM_PERMISSION, name);
	if (strcmp(name, "public") == 0 || strcmp(name, "none") == 0 ||
		strncmp(name, "pg_", 3) == 0)
		dsql_refuse_in_any_mode(RULE_ROLE_IAM_PSEUDO, name);

	tuple = SearchSysCache1(AUTHNAME, CStringGetDatum(real));
	if (!HeapTupleIsValid(tuple) || dsql_cluster_role_is_elsewhere(real))
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

void
dsql_iam_transform(ParseState *pstate, Query *query, GrantRoleStmt *stmt)
{
	dsql_utility_call_replace(pstate, query, "aws_iam", (Node *) stmt);
}

void
dsql_iam_set_tag(Node *utility_stmt, QueryCompletion *qc)
{
	Node	   *stmt = dsql_utility_call_statement(utility_stmt);

	if (qc != NULL && stmt != NULL && IsA(stmt, GrantRoleStmt))
		SetQueryCompletion(qc, castNode(GrantRoleStmt, stmt)->is_grant ?
						   CMDTAG_GRANT : CMDTAG_REVOKE, 0);
}

/*
 * The procedure that AWS IAM GRANT and REVOKE become a CALL of.
 */
PG_FUNCTION_INFO_V1(dsql_aws_iam);
Datum
dsql_aws_iam(PG_FUNCTION_ARGS)
{
	DsqlUtilityCall call =
	dsql_utility_call_take("aws_iam",
						   "Use AWS IAM GRANT or AWS IAM REVOKE.");
	GrantRoleStmt *stmt = castNode(GrantRoleStmt, call.stmt);
	bool		is_revoke = !stmt->is_grant;
	const char *name = linitial_node(AccessPriv, stmt->granted_roles)->priv_name;
	const char *arn = linitial_node(RoleSpec, stmt->grantee_roles)->rolename;
	const char *cluster = dsql_current_cluster_home();
	DsqlIamArn	parsed;
	Oid			role;

	PreventCommandIfReadOnly(is_revoke ? "AWS IAM REVOKE" : "AWS IAM GRANT");
	dsql_transaction_begin_ddl();
	dsql_schema_version_raise();

	role = mappable_role(name, is_revoke);
	if (!dsql_identifier_iam_arn_parse(arn, &parsed) || parsed.is_root ||
		strcmp(parsed.principal, arn) != 0)
		dsql_refuse_in_any_mode(RULE_ROLE_IAM_ARN);
	if (!is_revoke)
		insert_mapping(cluster, role, arn);
	else if (!delete_mappings(cluster, role, arn))
		dsql_refuse_in_any_mode(RULE_ROLE_IAM_UNMAPPED, arn);

	CommandCounterIncrement();
	PG_RETURN_VOID();
}

static void
check_drop(Oid role)
{
	DsqlCatalogScan scan;

	begin_mappings(&scan, AccessShareLock, NULL, role, NULL);
	if (dsql_catalog_next(&scan))
		dsql_refuse_in_any_mode(RULE_ROLE_IAM_MAPPED, GetUserNameFromId(role,
																		false),
								dsql_catalog_text(&scan, "arn"));
	dsql_catalog_close(&scan);
}

void
dsql_iam_note_drop(Oid class, Oid object)
{
	if (class == AuthIdRelationId && dsql_session_has_extension())
		check_drop(object);
}
