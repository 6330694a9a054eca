/*
 * cluster_role.c
 *		Roles of a cluster that has a database of its own.
 *
 * Roles are the whole server's.  In the server, the name of such a cluster's
 * role ends with an at sign and the name of the cluster's database.  Its sessions
 * know it without that: names are translated in statements, when it connects,
 * and where the server shows them (cluster_view.c).  The role admin is the same
 * in all clusters, and what it holds is kept in each database.
 *
 * PostgreSQL looks the user's name up in the start-up packet, where there is no
 * room for a longer one.  So a session of such a role begins as the "door", a
 * role that may do nothing, and becomes the other role before its client's first
 * message is read.
 */
#include "postgres.h"

#include <ctype.h>

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_db_role_setting.h"
#include "commands/dbcommands.h"
#include "commands/user.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "parser/parse_node.h"
#include "storage/proc.h"
#include "tcop/tcopprot.h"
#include "utils/acl.h"
#include "utils/backend_status.h"
#include "utils/builtins.h"
#include "utils/guc_tables.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/resowner.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"
#include "utils/varlena.h"

#include "base/compat.h"
#include "base/session.h"
#include "cluster/cluster_role.h"
#include "dialect/dialect.h"

#define SUFFIX_LEN (DSQL_CLUSTER_DATABASE_NAME_LEN + 1)

/* What the names end with in this session's database, once that is known. */
static char suffix[SUFFIX_LEN + 1] = "";

static emit_log_hook_type prev_emit_log_hook = NULL;

static void
make_suffix(const DsqlClusterDatabase *database, char *result)
{
	snprintf(result, SUFFIX_LEN + 1, "@%s", database->identifiers[0]);
}

const char *
dsql_cluster_role_suffix(void)
{
	const DsqlClusterDatabase *own;

	if (!dsql_session_emulated() &&
		!(IsParallelWorker() && dsql_session_works_for_user()))
		return NULL;
	own = dsql_cluster_database_own();
	if (own == NULL)
		return NULL;
	if (suffix[0] == '\0')
		make_suffix(own, suffix);
	return suffix;
}

/*
 * Is it a name that means the same in all clusters?
 */
static bool
is_shared(const char *name)
{
	return strcmp(name, "admin") == 0 || strcmp(name, "public") == 0 ||
		strcmp(name, "none") == 0 || strncmp(name, "pg_", 3) == 0;
}

static char *
add_suffix(const char *name, const char *ending)
{
	if (strlen(name) + SUFFIX_LEN >= NAMEDATALEN)
		ereport(ERROR,
				(errcode(ERRCODE_NAME_TOO_LONG),
				 errmsg("role name \"%s\" is too long", name),
				 errhint("In a cluster with a database of its own, it can have %d bytes.",
						 NAMEDATALEN - 1 - SUFFIX_LEN)));
	return psprintf("%s%s", name, ending);
}

/*
 * A role that does not exist keeps its name, so that the error has it.
 */
char *
dsql_cluster_role_real(const char *name)
{
	const char *ending = dsql_cluster_role_suffix();
	char	   *real;

	if (ending == NULL || is_shared(name))
		return pstrdup(name);
	if (strlen(name) + SUFFIX_LEN >= NAMEDATALEN &&
		!OidIsValid(get_role_oid(name, true)))
		return pstrdup(name);
	real = add_suffix(name, ending);
	return OidIsValid(get_role_oid(real, true)) ||
		OidIsValid(get_role_oid(name, true)) ? real : pstrdup(name);
}

char *
dsql_cluster_role_real_quoted(const char *string)
{
	List	   *names = NIL;

	if (string[0] == '-' || isdigit((unsigned char) string[0]) ||
		!SplitIdentifierString(pstrdup(string), '.', &names) ||
		list_length(names) != 1)
		return pstrdup(string);
	return pstrdup(quote_identifier(dsql_cluster_role_real(linitial(names))));
}

bool
dsql_cluster_role_is_elsewhere(const char *name)
{
	DsqlClusterDatabase database;
	size_t		length = strlen(name);

	if (length <= SUFFIX_LEN || name[length - SUFFIX_LEN] != '@')
		return false;
	return dsql_cluster_database_find_name(name + length -
										   DSQL_CLUSTER_DATABASE_NAME_LEN,
										   &database) &&
		database.database != MyDatabaseId;
}

void
dsql_cluster_role_show(char *text)
{
	char	   *found = text;

	if (suffix[0] == '\0' || text == NULL)
		return;
	while ((found = strstr(found, suffix)) != NULL)
		memmove(found, found + SUFFIX_LEN, strlen(found + SUFFIX_LEN) + 1);
}

/*
 * The database's own name is as long as the service's for it.  It is also the
 * beginning of an identifier, which stays.
 */
static void
show_database(char *text)
{
	const char *name = suffix + 1;

	for (char *found = text; (found = strstr(found, name)) != NULL; found++)
		if ((found == text ||!isalnum((unsigned char) found[-1])) &&
			!isalnum((unsigned char) found[DSQL_CLUSTER_DATABASE_NAME_LEN]))
			memcpy(found, DSQL_SERVICE_DATABASE, DSQL_CLUSTER_DATABASE_NAME_LEN);
}

/*
 * What a message says is what its reader knows.
 */
static void
show_all(char *text)
{
	if (text == NULL)
		return;
	dsql_cluster_role_show(text);
	show_database(text);
}

/*
 * Errors name roles as their user does.
 */
static void
show_in_error(ErrorData *error)
{
	if (prev_emit_log_hook)
		prev_emit_log_hook(error);
	if (likely(suffix[0] == '\0'))
		return;
	show_all(error->message);
	show_all(error->detail);
	show_all(error->hint);
}

/*
 * A notice that does not go to the log is seen by no hook.  But its context is
 * asked for.
 */
static void
show_in_message(void *arg)
{
	MemoryContext context = CurrentMemoryContext;
	ErrorData  *error;

	if (likely(suffix[0] == '\0') || MessageContext == NULL)
		return;
	MemoryContextSwitchTo(MessageContext);
	error = CopyErrorData();
	MemoryContextSwitchTo(context);
	if (error->message != NULL && strstr(error->message, suffix + 1) != NULL)
	{
		show_all(error->message);
		errmsg_internal("%s", error->message);
	}
	if (error->detail != NULL && strstr(error->detail, suffix + 1) != NULL)
	{
		show_all(error->detail);
		errdetail_internal("%s", error->detail);
	}
	FreeErrorData(error);
}

/*
 * Be the last one that is asked.  Each error that comes to the main loop empties
 * the list.
 */
static void
watch_messages(void)
{
	static ErrorContextCallback callback = {.callback = show_in_message};
	ErrorContextCallback **last = &error_context_stack;

	while (*last != NULL && *last != &callback)
		last = &(*last)->previous;
	*last = &callback;
}

/* ------------------------------------------------------------------------
 * Connections
 * ------------------------------------------------------------------------
 */

Oid
dsql_cluster_role_for_login(const DsqlClusterDatabase *database,
							const char *user, bool *shared)
{
	char		ending[SUFFIX_LEN + 1];

	*shared = is_shared(user);
	if (*shared)
		return get_role_oid(user, true);
	if (strlen(user) + SUFFIX_LEN >= NAMEDATALEN)
		return InvalidOid;
	make_suffix(database, ending);
	return get_role_oid(add_suffix(user, ending), true);
}

/*
 * The settings that the role has in this database.
 */
static void
apply_settings(Oid role)
{
	Relation	rel = table_open(DbRoleSettingRelationId, AccessShareLock);
	Snapshot	snapshot =
	RegisterSnapshot(GetCatalogSnapshot(DbRoleSettingRelationId));

	ApplySetting(snapshot, MyDatabaseId, role, rel, PGC_S_DATABASE_USER);
	ApplySetting(snapshot, InvalidOid, role, rel, PGC_S_USER);
	UnregisterSnapshot(snapshot);
	table_close(rel, AccessShareLock);
}

/*
 * The setting session_authorization, and what it is reset to.  Its value is what
 * the client is told.  What the server has noted beside it begins with the role,
 * and the new one is no superuser, as the door is none (variable.c).
 */
static void
set_session_authorization(Oid role, const char *shown)
{
	struct config_string *setting = (struct config_string *)
	dsql_find_option("session_authorization");
	char	   *value = dsql_setting_replace(NULL, shown);

	if (value == NULL)
		ereport(FATAL,
				(errcode(ERRCODE_OUT_OF_MEMORY),
				 errmsg("out of memory")));
	*setting->variable = value;
	setting->reset_val = value;
	if (setting->gen.extra != NULL)
		*(Oid *) setting->gen.extra = role;
	if (setting->reset_extra != NULL)
		*(Oid *) setting->reset_extra = role;
}

void
dsql_cluster_role_enter(Oid role, const char *shown)
{
	SetSessionAuthorization(role, false);
	MyProc->roleId = role;
	if (MyBEEntry != NULL)
	{
		PGSTAT_BEGIN_WRITE_ACTIVITY(MyBEEntry);
		MyBEEntry->st_userid = role;
		PGSTAT_END_WRITE_ACTIVITY(MyBEEntry);
	}
	set_session_authorization(role, shown);
	apply_settings(role);
}

/* ------------------------------------------------------------------------
 * Statements
 * ------------------------------------------------------------------------
 */

static void
translate_spec(RoleSpec *role)
{
	if (role != NULL && role->roletype == ROLESPEC_CSTRING)
		role->rolename = dsql_cluster_role_real(role->rolename);
}

static void
translate_specs(List *roles)
{
	ListCell   *lc;

	foreach(lc, roles)
		translate_spec(lfirst_node(RoleSpec, lc));
}

/*
 * Options of statements whose arguments are roles.
 */
static void
translate_options(List *options)
{
	ListCell   *lc;

	foreach(lc, options)
	{
		DefElem    *option = lfirst_node(DefElem, lc);

		if (strcmp(option->defname, "addroleto") == 0 ||
			strcmp(option->defname, "rolemembers") == 0 ||
			strcmp(option->defname, "adminmembers") == 0 ||
			strcmp(option->defname, "roles") == 0)
			translate_specs((List *) option->arg);
	}
}

static char *
new_name(const char *name)
{
	return is_shared(name) ? pstrdup(name) :
		add_suffix(name, dsql_cluster_role_suffix());
}

static void
translate_granted(List *roles)
{
	ListCell   *lc;

	foreach(lc, roles)
	{
		AccessPriv *role = lfirst_node(AccessPriv, lc);

		if (role->priv_name != NULL)
			role->priv_name = dsql_cluster_role_real(role->priv_name);
	}
}

static void
translate_grant(GrantStmt *stmt)
{
	if (stmt == NULL)
		return;
	translate_specs(stmt->grantees);
	translate_spec(stmt->grantor);
}

static void
translate_alter_table(AlterTableStmt *stmt)
{
	ListCell   *lc;

	foreach(lc, stmt->cmds)
		translate_spec(lfirst_node(AlterTableCmd, lc)->newowner);
}

/*
 * The schema has the role's name as its user knows it.
 */
static void
translate_create_schema(CreateSchemaStmt *stmt)
{
	if (stmt->authrole == NULL)
		return;
	translate_spec(stmt->authrole);
	if (stmt->schemaname == NULL)
	{
		stmt->schemaname = get_rolespec_name(stmt->authrole);
		dsql_cluster_role_show(stmt->schemaname);
	}
}

/*
 * What a role has set is set in the cluster's database, because admin is in
 * others, too.
 */
static void
translate_role_set(AlterRoleSetStmt *stmt)
{
	translate_spec(stmt->role);
	if (stmt->role != NULL && stmt->database == NULL)
		stmt->database = get_database_name(MyDatabaseId);
}

static void
translate_set(VariableSetStmt *stmt)
{
	A_Const    *value;

	if (stmt->kind != VAR_SET_VALUE ||
		(strcmp(stmt->name, "role") != 0 &&
		 strcmp(stmt->name, "session_authorization") != 0))
		return;
	value = linitial(stmt->args);
	if (IsA(value, A_Const) && !value->isnull && IsA(&value->val, String))
		value->val.sval.sval = dsql_cluster_role_real(strVal(&value->val));
}

static void
translate_rename(RenameStmt *stmt)
{
	if (stmt->renameType != OBJECT_ROLE)
		return;
	stmt->subname = dsql_cluster_role_real(stmt->subname);
	stmt->newname = new_name(stmt->newname);
}

static void
translate_statement(Node *stmt)
{
	switch (nodeTag(stmt))
	{
		case T_CreateRoleStmt:
			((CreateRoleStmt *) stmt)->role =
				new_name(((CreateRoleStmt *) stmt)->role);
			translate_options(((CreateRoleStmt *) stmt)->options);
			break;
		case T_AlterRoleStmt:
			translate_spec(((AlterRoleStmt *) stmt)->role);
			translate_options(((AlterRoleStmt *) stmt)->options);
			break;
		case T_AlterRoleSetStmt:
			translate_role_set((AlterRoleSetStmt *) stmt);
			break;
		case T_DropRoleStmt:
			translate_specs(((DropRoleStmt *) stmt)->roles);
			break;
		case T_GrantRoleStmt:
			translate_granted(((GrantRoleStmt *) stmt)->granted_roles);
			translate_specs(((GrantRoleStmt *) stmt)->grantee_roles);
			translate_spec(((GrantRoleStmt *) stmt)->grantor);
			break;
		case T_GrantStmt:
			translate_grant((GrantStmt *) stmt);
			break;
		case T_AlterDefaultPrivilegesStmt:
			translate_options(((AlterDefaultPrivilegesStmt *) stmt)->options);
			translate_grant(((AlterDefaultPrivilegesStmt *) stmt)->action);
			break;
		case T_AlterOwnerStmt:
			translate_spec(((AlterOwnerStmt *) stmt)->newowner);
			break;
		case T_AlterTableStmt:
			translate_alter_table((AlterTableStmt *) stmt);
			break;
		case T_CreateSchemaStmt:
			translate_create_schema((CreateSchemaStmt *) stmt);
			break;
		case T_ReassignOwnedStmt:
			translate_specs(((ReassignOwnedStmt *) stmt)->roles);
			translate_spec(((ReassignOwnedStmt *) stmt)->newrole);
			break;
		case T_DropOwnedStmt:
			translate_specs(((DropOwnedStmt *) stmt)->roles);
			break;
		case T_RenameStmt:
			translate_rename((RenameStmt *) stmt);
			break;
		case T_CommentStmt:
			if (((CommentStmt *) stmt)->objtype == OBJECT_ROLE)
				((CommentStmt *) stmt)->object = (Node *)
					makeString(dsql_cluster_role_real(strVal(((CommentStmt *) stmt)->object)));
			break;
		case T_VariableSetStmt:
			translate_set((VariableSetStmt *) stmt);
			break;
		default:
			break;
	}
}

bool
dsql_cluster_role_is_statement(Node *stmt)
{
	switch (nodeTag(stmt))
	{
		case T_CreateRoleStmt:
		case T_AlterRoleStmt:
		case T_AlterRoleSetStmt:
		case T_DropRoleStmt:
		case T_GrantRoleStmt:
		case T_RenameStmt:
		case T_CommentStmt:
			return true;
		default:
			return false;
	}
}

/*
 * Can another statement name a role?
 */
static bool
can_name_role(Node *stmt)
{
	switch (nodeTag(stmt))
	{
		case T_GrantStmt:
		case T_AlterDefaultPrivilegesStmt:
		case T_AlterOwnerStmt:
		case T_AlterTableStmt:
		case T_CreateSchemaStmt:
		case T_ReassignOwnedStmt:
		case T_DropOwnedStmt:
		case T_VariableSetStmt:
			return true;
		default:
			return false;
	}
}

PlannedStmt *
dsql_cluster_role_translate(PlannedStmt *pstmt, ProcessUtilityContext context)
{
	PlannedStmt *copy;

	if (context == PROCESS_UTILITY_SUBCOMMAND ||
		!(dsql_cluster_role_is_statement(pstmt->utilityStmt) ||
		  can_name_role(pstmt->utilityStmt)) || !IsTransactionState() ||
		dsql_cluster_role_suffix() == NULL)
		return pstmt;
	watch_messages();
	copy = copyObject(pstmt);
	translate_statement(copy->utilityStmt);
	return copy;
}

/* ------------------------------------------------------------------------
 * The control plane
 * ------------------------------------------------------------------------
 */

static RoleSpec *
make_spec(const char *name)
{
	RoleSpec   *role = makeNode(RoleSpec);

	role->roletype = ROLESPEC_CSTRING;
	role->rolename = pstrdup(name);
	role->location = -1;
	return role;
}

List *
dsql_cluster_role_list(const char *identifier)
{
	DsqlClusterDatabase database = {0};
	char		ending[SUFFIX_LEN + 1];
	Relation	rel = table_open(AuthIdRelationId, AccessShareLock);
	SysScanDesc scan = systable_beginscan(rel, InvalidOid, false, NULL, 0,
										  NULL);
	HeapTuple	tuple;
	List	   *result = NIL;

	strlcpy(database.identifiers[0], identifier,
			sizeof(database.identifiers[0]));
	make_suffix(&database, ending);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		const char *name = NameStr(((Form_pg_authid) GETSTRUCT(tuple))->rolname);
		size_t		length = strlen(name);

		if (length > SUFFIX_LEN &&
			strcmp(name + length - SUFFIX_LEN, ending) == 0)
			result = lappend(result, pstrdup(name));
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return result;
}

/*
 * An administrator may have given rights in another database to the role.
 */
static void
drop(const char *name)
{
	DropRoleStmt *stmt = makeNode(DropRoleStmt);
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;

	stmt->roles = list_make1(make_spec(name));
	BeginInternalSubTransaction(NULL);
	PG_TRY();
	{
		DropRole(stmt);
		ReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(context);
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		if (error->sqlerrcode != ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST)
			PG_RE_THROW();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(context);
		ereport(WARNING,
				(errcode(error->sqlerrcode),
				 errmsg("role \"%s\" of a deleted cluster stays, because some objects depend on it",
						name),
				 errdetail_internal("%s", error->detail)));
	}
	PG_END_TRY();
	CurrentResourceOwner = owner;
}

void
dsql_cluster_role_drop_all(const char *identifier)
{
	ListCell   *cell;

	foreach(cell, dsql_cluster_role_list(identifier))
		drop(lfirst(cell));
}

void
dsql_cluster_role_make_door(void)
{
	CreateRoleStmt *stmt = makeNode(CreateRoleStmt);

	if (OidIsValid(get_role_oid(DSQL_CLUSTER_ROLE_DOOR, true)))
		return;
	stmt->stmt_type = ROLESTMT_USER;
	stmt->role = DSQL_CLUSTER_ROLE_DOOR;
	(void) CreateRole(make_parsestate(NULL), stmt);
}

void
dsql_cluster_role_install(void)
{
	prev_emit_log_hook = emit_log_hook;
	emit_log_hook = show_in_error;
	dsql_dialect_set_role_names(dsql_cluster_role_real);
}

void
dsql_cluster_role_grant(const char *privilege, ObjectType type,
						const char *object, const char *role)
{
	GrantStmt  *grant = makeNode(GrantStmt);
	AccessPriv *right = makeNode(AccessPriv);
	RoleSpec   *grantee = makeNode(RoleSpec);

	right->priv_name = pstrdup(privilege);
	grantee->roletype = role != NULL ? ROLESPEC_CSTRING : ROLESPEC_PUBLIC;
	grantee->rolename = role != NULL ? pstrdup(role) : NULL;
	grantee->location = -1;
	grant->is_grant = true;
	grant->targtype = ACL_TARGET_OBJECT;
	grant->objtype = type;
	grant->objects = list_make1(makeString(pstrdup(object)));
	grant->privileges = list_make1(right);
	grant->grantees = list_make1(grantee);
	ExecuteGrantStmt(grant);
}
