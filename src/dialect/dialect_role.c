/*
 * dialect_role.c
 *		Roles and privileges.
 *
 * The role "admin" comes with a cluster and belongs to the service.  So do
 * "public" and the system schemas: users cannot grant or revoke their
 * privileges.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/formatting.h"

#include "base/refuse.h"
#include "base/session.h"
#include "dialect/dialect.h"

/* Schemas whose privileges cannot be managed. */
static const char *const system_schemas[] = {
	"information_schema",
	"pg_catalog",
	"pg_toast",
	"public",
	"sys",
};

/* Options of CREATE ROLE and ALTER ROLE, and how they are written. */
static const struct
{
	const char *name;
	const char *keyword;
	bool		create;
	bool		alter;
}			role_options[] = {
	{"addroleto", "IN ROLE", true, false},
	{"adminmembers", "ADMIN", true, false},
	{"bypassrls", "BYPASSRLS", false, false},
	{"canlogin", "LOGIN", true, false},
	{"connectionlimit", "CONNECTION LIMIT", false, false},
	{"createdb", "CREATEDB", false, false},
	{"createrole", "CREATEROLE", false, false},
	{"inherit", "INHERIT", true, true},
	{"isreplication", "REPLICATION", false, false},
	{"password", "PASSWORD", false, false},
	{"rolemembers", "ROLE", true, true},
	{"superuser", "SUPERUSER", false, false},
	{"sysid", "SYSID", false, false},
	{"validUntil", "VALID UNTIL", false, false},
};

void
dsql_dialect_check_role_name(const char *name)
{
	if (strcmp(name, "admin") == 0)
		dsql_refuse(RULE_ROLE_ADMIN);
}

static void
check_role(RoleSpec *role)
{
	switch (role->roletype)
	{
		case ROLESPEC_CSTRING:
			dsql_dialect_check_role_name(role->rolename);
			break;
		case ROLESPEC_CURRENT_ROLE:
		case ROLESPEC_CURRENT_USER:
			dsql_dialect_check_role_name(GetUserNameFromId(GetUserId(), false));
			break;
		case ROLESPEC_SESSION_USER:
			dsql_dialect_check_role_name(GetUserNameFromId(GetSessionUserId(), false));
			break;
		case ROLESPEC_PUBLIC:
			break;
	}
}

static void
check_roles(List *roles)
{
	ListCell   *lc;

	foreach(lc, roles)
		check_role(lfirst_node(RoleSpec, lc));
}

/* An option that is not in the list is newer than the list, and refused. */
static void
check_role_option(const char *name, bool create)
{
	const char *keyword = NULL;

	for (int i = 0; i < lengthof(role_options) && keyword == NULL; i++)
	{
		if (strcmp(role_options[i].name, name) != 0)
			continue;
		if (create ? role_options[i].create : role_options[i].alter)
			return;
		keyword = role_options[i].keyword;
	}
	dsql_refuse_chosen(create ? RULE_ROLE_CREATE : RULE_ROLE_ALTER,
					   keyword ? keyword : asc_toupper(name, strlen(name)));
}

/*
 * A role that cannot be granted: admin, and PostgreSQL's own roles, which give
 * access to the server's files and to everybody's data.
 */
static void
check_granted_role(const char *name)
{
	dsql_dialect_check_role_name(name);
	if (strncmp(name, "pg_", 3) == 0)
		dsql_refuse(RULE_ROLE_GRANT_SYSTEM_ROLE);
}

static void
check_role_options(List *options, bool create)
{
	ListCell   *lc;
	ListCell   *role;

	foreach(lc, options)
	{
		DefElem    *option = lfirst_node(DefElem, lc);

		check_role_option(option->defname, create);
		if (strcmp(option->defname, "addroleto") != 0)
			continue;
		foreach(role, (List *) option->arg)
			if (lfirst_node(RoleSpec, role)->roletype == ROLESPEC_CSTRING)
			check_granted_role(lfirst_node(RoleSpec, role)->rolename);
	}
}

static void
check_create_role(CreateRoleStmt *stmt)
{
	if (stmt->stmt_type != ROLESTMT_ROLE)
		dsql_refuse(RULE_ROLE_CREATE_AS,
					stmt->stmt_type == ROLESTMT_USER ? "USER" : "GROUP");
	dsql_dialect_check_role_name(stmt->role);
	check_role_options(stmt->options, true);
}

static void
check_alter_role(AlterRoleStmt *stmt)
{
	check_role(stmt->role);
	check_role_options(stmt->options, false);
}

/*
 * What a role's sessions begin with, those of admin included.  It can be what
 * they can SET themselves, and anything can be taken back.
 */
static void
check_alter_role_set(ParseState *pstate, AlterRoleSetStmt *stmt)
{
	if (stmt->role == NULL || stmt->database != NULL)
		dsql_refuse(RULE_ROLE_ALTER_SET);
	else if (stmt->setstmt->kind != VAR_RESET)
		dsql_dialect_check_set(pstate, stmt->setstmt);
}

static bool
is_system_schema(const char *name)
{
	for (int i = 0; i < lengthof(system_schemas); i++)
	{
		if (strcmp(name, system_schemas[i]) == 0)
			return true;
	}
	return false;
}

/*
 * Privileges on all tables "IN SCHEMA public" concern the users' own tables;
 * the other system schemas have no tables of users.
 */
static void
check_grant_schemas(GrantStmt *stmt)
{
	ListCell   *lc;

	foreach(lc, stmt->objects)
	{
		const char *schema = strVal(lfirst(lc));

		if (is_system_schema(schema) &&
			(stmt->targtype == ACL_TARGET_OBJECT ||
			 strcmp(schema, "public") != 0))
			dsql_refuse(RULE_ROLE_GRANT_SYSTEM_SCHEMA);
	}
}

/*
 * GRANT MAINTAIN came with 17.
 */
static void
check_later_privileges(GrantStmt *stmt)
{
	ListCell   *lc;

	foreach(lc, stmt->privileges)
	{
		const char *name = lfirst_node(AccessPriv, lc)->priv_name;

		if (name != NULL && strcmp(name, "maintain") == 0)
			dsql_refuse(RULE_VERSION_PRIVILEGE, name);
	}
}

static void
check_grant(GrantStmt *stmt)
{
	check_later_privileges(stmt);
	switch (stmt->objtype)
	{
		case OBJECT_SCHEMA:
			check_grant_schemas(stmt);
			break;
		case OBJECT_FUNCTION:
		case OBJECT_ROUTINE:
		case OBJECT_SEQUENCE:
		case OBJECT_TABLE:
			if (stmt->targtype == ACL_TARGET_ALL_IN_SCHEMA)
				check_grant_schemas(stmt);
			break;
		default:
			dsql_refuse(RULE_ROLE_GRANT);
			break;
	}
}

/* How a client's name of a role becomes the server's. */
static char *(*server_name) (const char *name) = NULL;

void
dsql_dialect_set_role_names(char *(*real) (const char *name))
{
	server_name = real;
}

static Oid
find_role(const RoleSpec *spec)
{
	return spec->roletype == ROLESPEC_CSTRING ?
		get_role_oid(server_name(spec->rolename), true) :
		get_rolespec_oid(spec, true);
}

/*
 * The error of PostgreSQL 16, which others word otherwise.
 */
static void
check_default_privileges_of(List *roles)
{
	ListCell   *lc;

	foreach(lc, roles)
	{
		Oid			role = find_role(lfirst_node(RoleSpec, lc));

		if (OidIsValid(role) && !has_privs_of_role(GetUserId(), role) &&
			dsql_session_enforced())
			dsql_refuse(RULE_ROLE_DEFAULT_PRIVILEGES);
	}
}

/*
 * ALTER DEFAULT PRIVILEGES also accepts types, which the service's GRANT does
 * not.
 */
static void
check_default_privileges(AlterDefaultPrivilegesStmt *stmt)
{
	ListCell   *lc;

	foreach(lc, stmt->options)
	{
		DefElem    *option = lfirst_node(DefElem, lc);

		if (strcmp(option->defname, "roles") == 0)
			check_default_privileges_of((List *) option->arg);
	}
	check_later_privileges(stmt->action);
	switch (stmt->action->objtype)
	{
		case OBJECT_LARGEOBJECT:	/* of 18 */
			dsql_refuse(RULE_VERSION_SYNTAX, "LARGE");
			break;
		case OBJECT_FUNCTION:
		case OBJECT_SEQUENCE:
		case OBJECT_TABLE:
		case OBJECT_TYPE:
			break;
		default:
			dsql_refuse(RULE_ROLE_GRANT);
			break;
	}
}

static void
check_grant_role(GrantRoleStmt *stmt)
{
	ListCell   *lc;

	foreach(lc, stmt->granted_roles)
		check_granted_role(lfirst_node(AccessPriv, lc)->priv_name);
}

void
dsql_dialect_check_role(ParseState *pstate, Node *stmt)
{
	switch (nodeTag(stmt))
	{
		case T_CreateRoleStmt:
			check_create_role((CreateRoleStmt *) stmt);
			break;
		case T_AlterRoleStmt:
			check_alter_role((AlterRoleStmt *) stmt);
			break;
		case T_AlterRoleSetStmt:
			check_alter_role_set(pstate, (AlterRoleSetStmt *) stmt);
			break;
		case T_DropRoleStmt:
			check_roles(((DropRoleStmt *) stmt)->roles);
			break;
		case T_GrantStmt:
			check_grant((GrantStmt *) stmt);
			break;
		case T_GrantRoleStmt:
			check_grant_role((GrantRoleStmt *) stmt);
			break;
		case T_AlterDefaultPrivilegesStmt:
			check_default_privileges((AlterDefaultPrivilegesStmt *) stmt);
			break;
		default:
			elog(ERROR, "unexpected statement: %d", (int) nodeTag(stmt));
	}
}
