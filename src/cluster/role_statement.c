/*
 * role_statement.c
 *		What admin may do with roles, done on its behalf.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/transam.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_auth_members.h"
#include "catalog/pg_authid.h"
#include "commands/dbcommands.h"
#include "commands/seclabel.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "utils/acl.h"
#include "utils/catcache.h"
#include "utils/guc_tables.h"
#include "utils/syscache.h"

#include "base/compat.h"
#include "base/schema_owner.h"
#include "base/session.h"
#include "cluster/cluster_role.h"
#include "cluster/role_statement.h"

/*
 * Options of CREATE ROLE and ALTER ROLE that give no right outside the database.
 * What the service refuses of these is refused before (dialect_role.c), unless
 * the session only reports.
 */
static const char *const harmless_options[] = {
	"addroleto", "adminmembers", "canlogin", "connectionlimit", "inherit",
	"password", "rolemembers", "validUntil"
};

/*
 * Was the role created in an emulated session, and not in another cluster?  One
 * that does not exist is left to PostgreSQL's own error.
 */
static bool
is_managed(const char *name)
{
	Oid			role = get_role_oid(name, true);
	ObjectAddress address;
	char	   *label;

	if (dsql_cluster_role_is_elsewhere(name))
		return false;
	if (!OidIsValid(role))
		return true;
	if (role < FirstNormalObjectId || superuser_arg(role))
		return false;
	ObjectAddressSet(address, AuthIdRelationId, role);
	label = GetSecurityLabel(&address, DSQL_SCHEMA_OWNER_PROVIDER);
	return label != NULL && strcmp(label, DSQL_SCHEMA_OWNER_ROLE_LABEL) == 0;
}

/*
 * Does a role hold more than a plain user's rights: an attribute, or, directly
 * or not, membership in a role that is not the emulator's?
 */
static bool
holds_more(Oid role)
{
	HeapTuple	tuple = SearchSysCache1(AUTHOID, ObjectIdGetDatum(role));
	Form_pg_authid form;
	CatCList   *memberships;
	bool		more;

	if (!HeapTupleIsValid(tuple))
		return false;
	form = (Form_pg_authid) GETSTRUCT(tuple);
	more = form->rolcreaterole || form->rolcreatedb || form->rolreplication ||
		form->rolbypassrls || !is_managed(NameStr(form->rolname));
	ReleaseSysCache(tuple);

	check_stack_depth();
	memberships = SearchSysCacheList1(AUTHMEMMEMROLE, ObjectIdGetDatum(role));
	for (int i = 0; i < memberships->n_members && !more; i++)
	{
		HeapTuple	member = &memberships->members[i]->tuple;

		more = holds_more(((Form_pg_auth_members) GETSTRUCT(member))->roleid);
	}
	ReleaseCatCacheList(memberships);
	return more;
}

/*
 * Can admin give the role to anybody, itself included?  Whatever an
 * administrator has added to the role would go with it.
 */
static bool
is_grantable(const char *name)
{
	return !holds_more(get_role_oid(name, true));
}

/*
 * Spell out whom CURRENT_USER means, before it means somebody else.
 */
static void
spell_out(RoleSpec *role)
{
	if (role->roletype != ROLESPEC_CURRENT_USER &&
		role->roletype != ROLESPEC_CURRENT_ROLE)
		return;
	role->roletype = ROLESPEC_CSTRING;
	role->rolename = GetUserNameFromId(GetUserId(), false);
}

static bool
is_managed_spec(RoleSpec *role)
{
	spell_out(role);
	return role->roletype == ROLESPEC_CSTRING && is_managed(role->rolename);
}

/*
 * Who becomes a member of a role can also be admin itself.
 */
static bool
can_be_members(List *roles)
{
	ListCell   *lc;

	foreach(lc, roles)
	{
		RoleSpec   *role = lfirst_node(RoleSpec, lc);

		if (!is_managed_spec(role) &&
			(role->roletype != ROLESPEC_CSTRING ||
			 strcmp(role->rolename, "admin") != 0))
			return false;
	}
	return true;
}

static bool
are_grantable(List *roles)
{
	ListCell   *lc;

	foreach(lc, roles)
	{
		RoleSpec   *role = lfirst_node(RoleSpec, lc);

		if (!is_managed_spec(role) || !is_grantable(role->rolename))
			return false;
	}
	return true;
}

static bool
are_managed(List *roles)
{
	ListCell   *lc;

	foreach(lc, roles)
	{
		if (!is_managed_spec(lfirst_node(RoleSpec, lc)))
			return false;
	}
	return true;
}

static bool
is_harmless(const char *option)
{
	for (int i = 0; i < lengthof(harmless_options); i++)
		if (strcmp(harmless_options[i], option) == 0)
			return true;
	return false;
}

static bool
are_harmless(List *options)
{
	ListCell   *lc;

	foreach(lc, options)
	{
		DefElem    *option = lfirst_node(DefElem, lc);
		const char *name = option->defname;

		if (!is_harmless(name))
			return false;
		if (strcmp(name, "addroleto") == 0 &&
			!are_grantable((List *) option->arg))
			return false;
		if ((strcmp(name, "rolemembers") == 0 ||
			 strcmp(name, "adminmembers") == 0) &&
			!can_be_members((List *) option->arg))
			return false;
	}
	return true;
}

/*
 * Roles that are given to others, and by nobody else than the current user.
 */
static bool
is_harmless_grant(GrantRoleStmt *stmt)
{
	ListCell   *lc;

	foreach(lc, stmt->granted_roles)
	{
		const char *name = lfirst_node(AccessPriv, lc)->priv_name;

		if (stmt->is_grant ? !is_grantable(name) : !is_managed(name))
			return false;
	}
	return stmt->grantor == NULL && can_be_members(stmt->grantee_roles);
}

/*
 * ALTER ROLE ... SET of what every user may set, RESET of one such, or of all.
 */
static bool
is_harmless_setting(AlterRoleSetStmt *stmt)
{
	struct config_generic *setting;

	if (stmt->role == NULL || !is_managed_spec(stmt->role))
		return false;
	if (stmt->setstmt->name == NULL)
		return true;
	setting = dsql_find_option_if_known(stmt->setstmt->name);
	return setting != NULL && setting->context == PGC_USERSET;
}

/*
 * Is it a statement about roles of the emulator's only, which gives nobody any
 * right beyond them?
 */
static bool
is_for_admin(Node *stmt)
{
	switch (nodeTag(stmt))
	{
		case T_CreateRoleStmt:
			return !dsql_cluster_role_is_elsewhere(((CreateRoleStmt *) stmt)->role) &&
				are_harmless(((CreateRoleStmt *) stmt)->options);
		case T_AlterRoleStmt:
			return is_managed_spec(((AlterRoleStmt *) stmt)->role) &&
				are_harmless(((AlterRoleStmt *) stmt)->options);
		case T_AlterRoleSetStmt:
			return is_harmless_setting((AlterRoleSetStmt *) stmt);
		case T_DropRoleStmt:
			return are_managed(((DropRoleStmt *) stmt)->roles);
		case T_GrantRoleStmt:
			return is_harmless_grant((GrantRoleStmt *) stmt);
		case T_RenameStmt:
			return ((RenameStmt *) stmt)->renameType == OBJECT_ROLE &&
				is_managed(((RenameStmt *) stmt)->subname) &&
				!dsql_cluster_role_is_elsewhere(((RenameStmt *) stmt)->newname);
		case T_CommentStmt:
			return ((CommentStmt *) stmt)->objtype == OBJECT_ROLE &&
				is_managed(strVal(((CommentStmt *) stmt)->object));
		default:
			return false;
	}
}

/*
 * Does the user stand for admin, in the client's own statement?  Functions, and
 * what runs in a restricted operation, have no part in this.
 */
static bool
is_admin(ProcessUtilityContext context)
{
	Oid			userid;
	int			sec_context;

	GetUserIdAndSecContext(&userid, &sec_context);
	return context == PROCESS_UTILITY_TOPLEVEL && sec_context == 0 &&
		dsql_session_emulated() && userid == get_role_oid("admin", true);
}

/*
 * What admin has set for itself is set in the database, because there are others
 * that have an admin.
 */
static void
set_in_database(AlterRoleSetStmt *stmt)
{
	if (stmt->role == NULL || stmt->database != NULL)
		return;
	spell_out(stmt->role);
	if (stmt->role->roletype == ROLESPEC_CSTRING &&
		strcmp(stmt->role->rolename, "admin") == 0)
		stmt->database = get_database_name(MyDatabaseId);
}

PlannedStmt *
dsql_role_statement_begin(PlannedStmt *pstmt, ProcessUtilityContext context,
						  DsqlRoleStatement *state)
{
	PlannedStmt *copy;

	state->switched = false;
	if (likely(!dsql_cluster_role_is_statement(pstmt->utilityStmt)) || !is_admin(context))
		return pstmt;
	copy = copyObject(pstmt);
	if (IsA(copy->utilityStmt, AlterRoleSetStmt))
		set_in_database((AlterRoleSetStmt *) copy->utilityStmt);
	if (!is_for_admin(copy->utilityStmt))
		return copy;

	GetUserIdAndSecContext(&state->save_userid, &state->save_sec_context);
	SetUserIdAndSecContext(BOOTSTRAP_SUPERUSERID,
						   state->save_sec_context |
						   SECURITY_LOCAL_USERID_CHANGE);
	state->switched = true;
	return copy;
}

void
dsql_role_statement_end(const DsqlRoleStatement *state)
{
	if (state->switched)
		SetUserIdAndSecContext(state->save_userid, state->save_sec_context);
}

void
dsql_role_statement_label(Node *stmt)
{
	ObjectAddress address;
	Oid			role;

	if (!IsA(stmt, CreateRoleStmt) || !dsql_session_emulated())
		return;
	role = get_role_oid(((CreateRoleStmt *) stmt)->role, true);
	if (!OidIsValid(role) || superuser_arg(role))
		return;
	ObjectAddressSet(address, AuthIdRelationId, role);
	SetSecurityLabel(&address, DSQL_SCHEMA_OWNER_PROVIDER, DSQL_SCHEMA_OWNER_ROLE_LABEL);
}
