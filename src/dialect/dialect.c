/*
 * dialect.c
 *		Which statements the service's dialect has.
 *
 * Each kind of utility statement is either named in check_utility(), which
 * hands it to the check of its details, or refused: with the rule that
 * refused_statements[] has for it, else with STATEMENT_OTHER.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "miscadmin.h"
#include "tcop/utility.h"
#include "utils/lsyscache.h"

#include "base/refuse.h"
#include "base/session.h"
#include "dialect/dialect.h"

static void check_utility(ParseState *pstate, Node *stmt, bool async);

/* Statements that are refused whatever their details are. */
static const struct
{
	NodeTag		tag;
	DsqlRuleId	rule;
}			refused_statements[] = {
	{T_AlterCollationStmt, RULE_STATEMENT_ALTER_COLLATION},
	{T_AlterDatabaseRefreshCollStmt, RULE_STATEMENT_ALTER_DATABASE_REFRESH},
	{T_AlterDatabaseSetStmt, RULE_STATEMENT_ALTER_DATABASE_SET},
	{T_AlterDatabaseStmt, RULE_STATEMENT_ALTER_DATABASE},
	{T_AlterEnumStmt, RULE_STATEMENT_ALTER_TYPE},
	{T_AlterEventTrigStmt, RULE_STATEMENT_ALTER_EVENT_TRIGGER},
	{T_AlterExtensionContentsStmt, RULE_STATEMENT_ALTER_EXTENSION_CONTENTS},
	{T_AlterExtensionStmt, RULE_STATEMENT_ALTER_EXTENSION},
	{T_AlterFdwStmt, RULE_STATEMENT_ALTER_FDW},
	{T_AlterForeignServerStmt, RULE_STATEMENT_ALTER_SERVER},
	{T_AlterObjectDependsStmt, RULE_STATEMENT_ALTER_OBJECT_DEPENDS},
	{T_AlterOpFamilyStmt, RULE_STATEMENT_ALTER_OPERATOR_FAMILY},
	{T_AlterOperatorStmt, RULE_STATEMENT_ALTER_OPERATOR},
	{T_AlterPolicyStmt, RULE_STATEMENT_ALTER_POLICY},
	{T_AlterPublicationStmt, RULE_STATEMENT_ALTER_PUBLICATION},
	{T_AlterSubscriptionStmt, RULE_STATEMENT_ALTER_SUBSCRIPTION},
	{T_AlterSystemStmt, RULE_STATEMENT_ALTER_SYSTEM},
	{T_AlterTSConfigurationStmt, RULE_STATEMENT_ALTER_TS_CONFIGURATION},
	{T_AlterTSDictionaryStmt, RULE_STATEMENT_ALTER_TS_DICTIONARY},
	{T_AlterTableMoveAllStmt, RULE_STATEMENT_ALTER_TABLE_ALL},
	{T_AlterTableSpaceOptionsStmt, RULE_STATEMENT_ALTER_TABLESPACE},
	{T_AlterTypeStmt, RULE_STATEMENT_ALTER_TYPE},
	{T_AlterUserMappingStmt, RULE_STATEMENT_ALTER_USER_MAPPING},
	{T_CheckPointStmt, RULE_STATEMENT_CHECKPOINT},
	{T_ClosePortalStmt, RULE_STATEMENT_CLOSE},
	{T_ClusterStmt, RULE_STATEMENT_CLUSTER},
	{T_CompositeTypeStmt, RULE_STATEMENT_CREATE_TYPE_COMPOSITE},
	{T_CreateAmStmt, RULE_STATEMENT_CREATE_ACCESS_METHOD},
	{T_CreateCastStmt, RULE_STATEMENT_CREATE_CAST},
	{T_CreateConversionStmt, RULE_STATEMENT_CREATE_CONVERSION},
	{T_CreateEnumStmt, RULE_STATEMENT_CREATE_TYPE_ENUM},
	{T_CreateEventTrigStmt, RULE_STATEMENT_CREATE_EVENT_TRIGGER},
	{T_CreateExtensionStmt, RULE_STATEMENT_CREATE_EXTENSION},
	{T_CreateFdwStmt, RULE_STATEMENT_CREATE_FDW},
	{T_CreateForeignServerStmt, RULE_STATEMENT_CREATE_SERVER},
	{T_CreateForeignTableStmt, RULE_STATEMENT_CREATE_FOREIGN_TABLE},
	{T_CreateOpClassStmt, RULE_STATEMENT_CREATE_OPERATOR_CLASS},
	{T_CreateOpFamilyStmt, RULE_STATEMENT_CREATE_OPERATOR_FAMILY},
	{T_CreatePLangStmt, RULE_STATEMENT_CREATE_LANGUAGE},
	{T_CreatePolicyStmt, RULE_STATEMENT_CREATE_POLICY},
	{T_CreatePublicationStmt, RULE_STATEMENT_CREATE_PUBLICATION},
	{T_CreateRangeStmt, RULE_STATEMENT_CREATE_TYPE_RANGE},
	{T_CreateSubscriptionStmt, RULE_STATEMENT_CREATE_SUBSCRIPTION},
	{T_CreateTableAsStmt, RULE_STATEMENT_CREATE_TABLE_AS},
	{T_CreateTableSpaceStmt, RULE_STATEMENT_CREATE_TABLESPACE},
	{T_CreateTransformStmt, RULE_STATEMENT_CREATE_TRANSFORM},
	{T_CreateTrigStmt, RULE_STATEMENT_CREATE_TRIGGER},
	{T_CreateUserMappingStmt, RULE_STATEMENT_CREATE_USER_MAPPING},
	{T_CreatedbStmt, RULE_STATEMENT_CREATE_DATABASE},
	{T_DeclareCursorStmt, RULE_STATEMENT_DECLARE},
	{T_DefineStmt, RULE_STATEMENT_DEFINE},
	{T_DiscardStmt, RULE_STATEMENT_DISCARD},
	{T_DoStmt, RULE_STATEMENT_DO},
	{T_DropOwnedStmt, RULE_STATEMENT_DROP_OWNED},
	{T_DropSubscriptionStmt, RULE_STATEMENT_DROP_SUBSCRIPTION},
	{T_DropTableSpaceStmt, RULE_STATEMENT_DROP_TABLESPACE},
	{T_DropUserMappingStmt, RULE_STATEMENT_DROP_USER_MAPPING},
	{T_DropdbStmt, RULE_STATEMENT_DROP_DATABASE},
	{T_ExecuteStmt, RULE_STATEMENT_EXECUTE},
	{T_FetchStmt, RULE_STATEMENT_FETCH},
	{T_ImportForeignSchemaStmt, RULE_STATEMENT_IMPORT_FOREIGN_SCHEMA},
	{T_ListenStmt, RULE_STATEMENT_LISTEN},
	{T_LoadStmt, RULE_STATEMENT_LOAD},
	{T_LockStmt, RULE_STATEMENT_LOCK},
	{T_NotifyStmt, RULE_STATEMENT_NOTIFY},
	{T_PrepareStmt, RULE_STATEMENT_PREPARE},
	{T_ReassignOwnedStmt, RULE_STATEMENT_REASSIGN_OWNED},
	{T_RefreshMatViewStmt, RULE_STATEMENT_REFRESH},
	{T_ReindexStmt, RULE_STATEMENT_REINDEX},
	{T_RuleStmt, RULE_STATEMENT_CREATE_RULE},
	{T_SecLabelStmt, RULE_STATEMENT_SECURITY_LABEL},
	{T_TruncateStmt, RULE_STATEMENT_TRUNCATE},
	{T_UnlistenStmt, RULE_STATEMENT_UNLISTEN},
};

static void
refuse_statement(Node *stmt)
{
	for (int i = 0; i < lengthof(refused_statements); i++)
	{
		if (refused_statements[i].tag == nodeTag(stmt))
		{
			dsql_refuse_chosen(refused_statements[i].rule, NULL);
			return;
		}
	}
	dsql_refuse(RULE_STATEMENT_OTHER, CreateCommandName(stmt));
}

/*
 * A superuser can still CREATE, ALTER and DROP the emulator's own extension.
 */
static bool
is_own_extension(Node *stmt)
{
	const char *name = NULL;

	if (IsA(stmt, CreateExtensionStmt))
		name = ((CreateExtensionStmt *) stmt)->extname;
	else if (IsA(stmt, AlterExtensionStmt))
		name = ((AlterExtensionStmt *) stmt)->extname;
	else if (IsA(stmt, DropStmt))
	{
		DropStmt   *drop = (DropStmt *) stmt;

		if (drop->removeType == OBJECT_EXTENSION &&
			list_length(drop->objects) == 1)
			name = strVal(linitial(drop->objects));
	}
	return name != NULL && strcmp(name, "dsql_emu") == 0 && superuser();
}

/*
 * The same for the emulator's own settings, for a database, a role or the
 * server.
 */
static bool
is_own_setting(Node *stmt)
{
	VariableSetStmt *set = NULL;

	if (IsA(stmt, AlterDatabaseSetStmt))
		set = ((AlterDatabaseSetStmt *) stmt)->setstmt;
	else if (IsA(stmt, AlterRoleSetStmt))
		set = ((AlterRoleSetStmt *) stmt)->setstmt;
	else if (IsA(stmt, AlterSystemStmt))
		set = ((AlterSystemStmt *) stmt)->setstmt;
	return set != NULL && set->name != NULL &&
		pg_strncasecmp(set->name, "dsql_emu.", strlen("dsql_emu.")) == 0 &&
		superuser();
}

/*
 * VACUUM is refused, ANALYZE takes the name of one table and nothing else.
 */
static void
check_vacuum(VacuumStmt *stmt)
{
	bool		supported = true;
	ListCell   *lc;

	foreach(lc, stmt->rels)
	{
		VacuumRelation *rel = lfirst_node(VacuumRelation, lc);

		if (rel->relation != NULL && !rel->relation->inh)
			dsql_refuse(RULE_VERSION_SYNTAX, "ONLY");
	}
	if (stmt->is_vacuumcmd)
	{
		dsql_refuse(RULE_STATEMENT_VACUUM);
		return;
	}

	foreach(lc, stmt->options)
	{
		if (strcmp(lfirst_node(DefElem, lc)->defname, "verbose") != 0)
			supported = false;
	}
	foreach(lc, stmt->rels)
	{
		if (lfirst_node(VacuumRelation, lc)->va_cols != NIL)
			supported = false;
	}
	if (!supported)
		dsql_refuse(RULE_STATEMENT_ANALYZE);
	else if (list_length(stmt->rels) != 1)
		dsql_refuse(RULE_STATEMENT_ANALYZE_NOT_ONE);
}

/*
 * The options of PostgreSQL 16, and data that travels over the connection.
 */
static void
check_copy(CopyStmt *stmt)
{
	ListCell   *lc;

	if (stmt->is_program || stmt->filename != NULL)
	{
		dsql_refuse(RULE_STATEMENT_COPY);
		return;
	}
	foreach(lc, stmt->options)
	{
		DefElem    *option = lfirst_node(DefElem, lc);
		const char *name = option->defname;

		if ((strcmp(name, "force_null") == 0 ||
			 strcmp(name, "force_not_null") == 0) &&
			option->arg != NULL && IsA(option->arg, A_Star))
			dsql_refuse(RULE_VERSION_COPY_COLUMNS, name);
		if (strcmp(name, "on_error") == 0 ||
			strcmp(name, "log_verbosity") == 0 ||
			strcmp(name, "reject_limit") == 0)
			dsql_refuse(RULE_VERSION_COPY_OPTION, name);
	}
}

/*
 * In report mode EXPLAIN itself sends its query through the hook again, and
 * one finding is enough.
 */
static void
check_explain(ParseState *pstate, ExplainStmt *stmt)
{
	ListCell   *lc;

	foreach(lc, stmt->options)
	{
		const char *name = lfirst_node(DefElem, lc)->defname;

		if (strcmp(name, "memory") == 0 || strcmp(name, "serialize") == 0)
			dsql_refuse(RULE_VERSION_EXPLAIN_OPTION, name);
	}
	if (dsql_session_checked_enforced())
		dsql_dialect_check(pstate, castNode(Query, stmt->query), false);
}

/*
 * Users of the service have no procedures except the service's own.  Some
 * statements are turned into calls of ours.
 */
static void
check_call(CallStmt *stmt)
{
	Oid			namespace = get_func_namespace(stmt->funcexpr->funcid);

	if (namespace != get_namespace_oid("sys", true) &&
		namespace != get_namespace_oid("dsql", true))
		dsql_refuse(RULE_STATEMENT_CALL);
	dsql_dialect_check_expression((Node *) stmt->funcexpr);
}

static void
check_create_schema(ParseState *pstate, CreateSchemaStmt *stmt)
{
	ListCell   *lc;

	foreach(lc, stmt->schemaElts)
	{
		Node	   *element = (Node *) lfirst(lc);

		if (IsA(element, CreateStmt) || IsA(element, ViewStmt) ||
			IsA(element, CreateSeqStmt) || IsA(element, GrantStmt))
			check_utility(pstate, element, false);
		else
			dsql_refuse(RULE_STATEMENT_CREATE_SCHEMA_ELEMENT);
	}
}

/*
 * Definitions: CREATE, ALTER, DROP, COMMENT, GRANT and REVOKE.  False for any
 * other statement.
 */
static bool
check_definition(ParseState *pstate, Node *stmt, bool async)
{
	switch (nodeTag(stmt))
	{
		case T_CreateStmt:
			dsql_dialect_check_create_table(pstate, (CreateStmt *) stmt);
			break;
		case T_AlterTableStmt:
			dsql_dialect_check_alter_table(pstate, (AlterTableStmt *) stmt,
										   async);
			break;
		case T_IndexStmt:
			dsql_dialect_check_create_index(pstate, (IndexStmt *) stmt, async);
			break;
		case T_CreateSeqStmt:
			dsql_dialect_check_create_sequence(pstate, (CreateSeqStmt *) stmt);
			break;
		case T_AlterSeqStmt:
			dsql_dialect_check_alter_sequence(pstate, (AlterSeqStmt *) stmt);
			break;
		case T_CreateDomainStmt:
			dsql_dialect_check_create_domain(pstate, (CreateDomainStmt *) stmt);
			break;
		case T_AlterDomainStmt:
			dsql_dialect_check_alter_domain(pstate, (AlterDomainStmt *) stmt);
			break;
		case T_CreateFunctionStmt:
			dsql_dialect_check_create_function(pstate, (CreateFunctionStmt *) stmt);
			break;
		case T_AlterFunctionStmt:
			dsql_dialect_check_alter_function(pstate, (AlterFunctionStmt *) stmt);
			break;
		case T_ViewStmt:
			dsql_dialect_check_view(pstate, (ViewStmt *) stmt);
			break;
		case T_CreateSchemaStmt:
			check_create_schema(pstate, (CreateSchemaStmt *) stmt);
			break;
		case T_CreateStatsStmt:
		case T_AlterStatsStmt:
			break;

		case T_DropStmt:
			dsql_dialect_check_drop((DropStmt *) stmt);
			break;
		case T_RenameStmt:
			dsql_dialect_check_rename((RenameStmt *) stmt);
			break;
		case T_AlterOwnerStmt:
			dsql_dialect_check_owner((AlterOwnerStmt *) stmt);
			break;
		case T_AlterObjectSchemaStmt:
			dsql_dialect_check_object_schema((AlterObjectSchemaStmt *) stmt);
			break;
		case T_CommentStmt:
			dsql_dialect_check_comment((CommentStmt *) stmt);
			break;

		case T_CreateRoleStmt:
		case T_AlterRoleStmt:
		case T_AlterRoleSetStmt:
		case T_DropRoleStmt:
		case T_GrantStmt:
		case T_GrantRoleStmt:
		case T_AlterDefaultPrivilegesStmt:
			dsql_dialect_check_role(pstate, stmt);
			break;

		default:
			return false;
	}
	return true;
}

static void
check_utility(ParseState *pstate, Node *stmt, bool async)
{
	if (is_own_extension(stmt) || is_own_setting(stmt))
		return;

	switch (nodeTag(stmt))
	{
		case T_TransactionStmt:
			dsql_dialect_check_transaction(pstate, (TransactionStmt *) stmt);
			break;
		case T_VariableSetStmt:
			dsql_dialect_check_set(pstate, (VariableSetStmt *) stmt);
			break;
		case T_VariableShowStmt:
			dsql_dialect_check_show(pstate, (VariableShowStmt *) stmt);
			break;
		case T_ConstraintsSetStmt:
			break;
		case T_CopyStmt:
			check_copy((CopyStmt *) stmt);
			break;
		case T_ExplainStmt:
			check_explain(pstate, (ExplainStmt *) stmt);
			break;
		case T_VacuumStmt:
			check_vacuum((VacuumStmt *) stmt);
			break;
		case T_CallStmt:
			check_call((CallStmt *) stmt);
			break;
		case T_DeallocateStmt:
			if (((DeallocateStmt *) stmt)->name != NULL)
				dsql_refuse(RULE_STATEMENT_DEALLOCATE);
			break;
		default:
			if (!check_definition(pstate, stmt, async))
				refuse_statement(stmt);
			break;
	}
}

void
dsql_dialect_check(ParseState *pstate, Query *query, bool async)
{
	if (query->commandType == CMD_UTILITY)
		check_utility(pstate, query->utilityStmt, async);
	else
		dsql_dialect_check_query(pstate, query);
}

/*
 * The check that depends on when a statement is executed: PostgreSQL would let
 * ANALYZE run in a transaction block.
 */
void
dsql_dialect_check_execution(Node *stmt)
{
	if (IsA(stmt, VacuumStmt) && !((VacuumStmt *) stmt)->is_vacuumcmd &&
		IsTransactionBlock())
		dsql_refuse(RULE_STATEMENT_ANALYZE_IN_BLOCK);
}
