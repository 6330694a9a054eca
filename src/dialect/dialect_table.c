/*
 * dialect_table.c
 *		What the service's CREATE TABLE and ALTER TABLE can do.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/relation.h"
#include "access/sysattr.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_constraint.h"
#include "nodes/makefuncs.h"
#include "parser/parse_type.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "base/compat.h"
#include "base/refuse.h"
#include "base/schema_owner.h"
#include "base/session.h"
#include "dialect/dialect.h"
#include "dialect/later_syntax.h"
#include "dialect/lexer.h"

/*
 * Does this name a temporary object?  There are three ways: TEMPORARY, the
 * schema, or a search_path in which the temporary schema is first.
 */
bool
dsql_dialect_is_temporary(const RangeVar *name)
{
	List	   *path;

	if (name->relpersistence == RELPERSISTENCE_TEMP)
		return true;
	if (name->schemaname != NULL)
		return strcmp(name->schemaname, "pg_temp") == 0 ||
			isTempNamespace(get_namespace_oid(name->schemaname, true));

	path = fetch_search_path(false);
	return path != NIL && isTempNamespace(linitial_oid(path));
}

/* NULL if there is no such relation.  PostgreSQL reports that error later. */
Relation
dsql_dialect_open_relation(const RangeVar *name)
{
	return relation_openrv_extended(name, AccessShareLock, true);
}

/*
 * UNIQUE or PRIMARY KEY.  Only a foreign key can be checked later.
 */
static void
check_key_constraint(const Constraint *constraint)
{
	if (constraint->deferrable || constraint->initdeferred)
		dsql_refuse(RULE_TABLE_CONSTRAINT_DEFERRABLE);
	if (constraint->options != NIL)
		dsql_refuse(RULE_TABLE_CLAUSE, "WITH");
}

/*
 * What stands behind GENERATED ALWAYS AS (...), where 16 wants STORED.
 */
static const char *
word_behind_generated(ParseState *pstate, const Constraint *constraint)
{
	DsqlLexerToken token;
	int			parentheses = 0;

	if (pstate->p_sourcetext == NULL || constraint->location < 0)
		return NULL;
	token = dsql_lexer_next(pstate->p_sourcetext + constraint->location);
	while (token.kind != DSQL_LEXER_END)
	{
		bool		closed = dsql_lexer_is_char(&token, ')') &&
		--parentheses == 0;

		if (dsql_lexer_is_char(&token, '('))
			parentheses++;
		token = dsql_lexer_next(token.end);
		if (closed)
			return pnstrdup(token.start, token.end - token.start);
	}
	return NULL;
}

/*
 * Syntax of releases after 16, which is looked at before anything else.
 */
static void
check_later_constraints(ParseState *pstate, List *elements)
{
	ListCell   *lc;

	foreach(lc, elements)
	{
		Node	   *element = lfirst(lc);
		const char *word;

		if (IsA(element, ColumnDef))
			check_later_constraints(pstate, ((ColumnDef *) element)->constraints);
		if (!IsA(element, Constraint))
			continue;
		word = dsql_later_constraint((Constraint *) element);
		if (word != NULL && ((Constraint *) element)->contype == CONSTR_GENERATED)
			word = word_behind_generated(pstate, (Constraint *) element);
		if (word != NULL && *word != '\0')
			dsql_refuse(RULE_VERSION_SYNTAX, word);
	}
}

static void
check_column_constraints(ParseState *pstate, ColumnDef *column)
{
	const Constraint *last = NULL;
	ListCell   *lc;

	foreach(lc, column->constraints)
	{
		Constraint *constraint = lfirst_node(Constraint, lc);

		switch (constraint->contype)
		{
			case CONSTR_NOTNULL:

				/*
				 * Before 18 it has no name, so that two may be given the
				 * same.
				 */
				if (dsql_session_checked_enforced())
					constraint->conname = NULL;
				last = constraint;
				break;

			case CONSTR_NULL:
			case CONSTR_DEFAULT:
			case CONSTR_GENERATED:
			case CONSTR_CHECK:
			case CONSTR_FOREIGN:
				last = constraint;
				break;

			case CONSTR_IDENTITY:
				last = constraint;
				if (column->typeName != NULL)
					dsql_dialect_check_identity(pstate, column->typeName,
												constraint->options);
				break;

			case CONSTR_PRIMARY:
			case CONSTR_UNIQUE:
				last = constraint;
				check_key_constraint(constraint);
				break;

				/* These are about the constraint before them. */
			case CONSTR_ATTR_DEFERRABLE:
			case CONSTR_ATTR_DEFERRED:
				if (last != NULL && (last->contype == CONSTR_PRIMARY ||
									 last->contype == CONSTR_UNIQUE))
					dsql_refuse(RULE_TABLE_CONSTRAINT_DEFERRABLE);
				break;
			case CONSTR_ATTR_NOT_DEFERRABLE:
			case CONSTR_ATTR_IMMEDIATE:
				break;

			default:			/* ENFORCED, NOT ENFORCED, of 18 */
				dsql_refuse(RULE_VERSION_SYNTAX, "ENFORCED");
				break;
		}
	}
}

/*
 * The part of a column definition before its constraints, in CREATE TABLE and
 * in ADD COLUMN.  PostgreSQL checks the name of a storage.
 */
static void
check_column_clauses(const ColumnDef *column)
{
	if (column->compression != NULL)
		dsql_refuse(RULE_COLUMN_CLAUSE, "COMPRESSION");
	if (column->fdwoptions != NIL)
		dsql_refuse(RULE_COLUMN_CLAUSE, "OPTIONS");
	if (column->collClause != NULL)
		dsql_refuse(RULE_COLLATE);
}

static void
check_column(ParseState *pstate, ColumnDef *column)
{
	check_column_clauses(column);

	/*
	 * The columns of typed tables and of partitions have no type of their
	 * own.
	 */
	if (column->typeName != NULL)
		dsql_dialect_check_column_type(pstate, column->typeName);
	check_column_constraints(pstate, column);
}

static void
check_table_constraint(const Constraint *constraint)
{
	switch (constraint->contype)
	{
		case CONSTR_CHECK:
		case CONSTR_FOREIGN:
			break;
		case CONSTR_PRIMARY:
		case CONSTR_UNIQUE:
			check_key_constraint(constraint);
			break;
		case CONSTR_EXCLUSION:
			dsql_refuse(RULE_TABLE_CONSTRAINT_EXCLUDE);
			break;
		default:				/* NOT NULL, of 18, which was refused */
			break;
	}
}

/*
 * The columns that LIKE will copy.  A table made on the emulated service has
 * allowed types only; a table from before the extension may have others.
 */
static void
check_like(const TableLikeClause *like)
{
	Relation	source = dsql_dialect_open_relation(like->relation);

	if (source == NULL)
		return;
	for (int i = 0; i < RelationGetNumberOfAttributes(source); i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(RelationGetDescr(source), i);

		if (!attribute->attisdropped)
			dsql_dialect_check_stored_type(attribute->atttypid);
	}
	relation_close(source, AccessShareLock);
}

/*
 * The type of a column of the table that the statement makes, or InvalidOid.
 */
static Oid
column_type(ParseState *pstate, const CreateStmt *stmt, const char *name)
{
	ListCell   *lc;

	foreach(lc, stmt->tableElts)
	{
		Node	   *element = (Node *) lfirst(lc);

		if (IsA(element, ColumnDef))
		{
			ColumnDef  *column = (ColumnDef *) element;

			if (strcmp(column->colname, name) == 0 && column->typeName != NULL)
				return LookupTypeNameOid(pstate, column->typeName, true);
		}
		else if (IsA(element, TableLikeClause))
		{
			Oid			source = dsql_schema_owner_find_relation(((TableLikeClause *) element)->relation);
			AttrNumber	attnum = get_attnum(source, name);

			if (attnum > 0)
				return get_atttype(source, attnum);
		}
	}
	return InvalidOid;
}

static void
check_key_column(ParseState *pstate, const CreateStmt *stmt, const char *name)
{
	Oid			type = column_type(pstate, stmt, name);

	if (OidIsValid(type))
		dsql_dialect_check_key_type(type);
}

static bool
is_key(const Constraint *constraint)
{
	return constraint->contype == CONSTR_PRIMARY ||
		constraint->contype == CONSTR_UNIQUE;
}

/*
 * The columns of PRIMARY KEY and UNIQUE, wherever they are written.
 */
static void
check_keys(ParseState *pstate, const CreateStmt *stmt)
{
	ListCell   *lc;
	ListCell   *lc2;

	foreach(lc, stmt->tableElts)
	{
		Node	   *element = (Node *) lfirst(lc);

		if (IsA(element, ColumnDef))
		{
			ColumnDef  *column = (ColumnDef *) element;

			foreach(lc2, column->constraints)
			{
				if (is_key(lfirst_node(Constraint, lc2)))
					check_key_column(pstate, stmt, column->colname);
			}
		}
		else if (IsA(element, Constraint) && is_key((Constraint *) element))
		{
			foreach(lc2, ((Constraint *) element)->keys)
				check_key_column(pstate, stmt, strVal(lfirst(lc2)));
		}
	}
}

/*
 * The clauses around the table's elements, in the order of the grammar.
 */
static void
check_table_clauses(const CreateStmt *stmt)
{
	if (dsql_dialect_is_temporary(stmt->relation))
		dsql_refuse(RULE_TABLE_TEMPORARY);
	else if (stmt->relation->relpersistence == RELPERSISTENCE_UNLOGGED)
		dsql_refuse(RULE_TABLE_UNLOGGED);

	if (stmt->ofTypename != NULL)
		dsql_refuse(RULE_TABLE_CLAUSE, "OF");
	if (stmt->partbound != NULL)
		dsql_refuse(RULE_TABLE_PARTITION_OF);
	else if (stmt->inhRelations != NIL)
		dsql_refuse(RULE_TABLE_CLAUSE, "INHERITS");
	if (stmt->partspec != NULL)
		dsql_refuse(RULE_TABLE_PARTITION_BY);
	if (stmt->accessMethod != NULL)
		dsql_refuse(RULE_TABLE_CLAUSE, "USING");
	if (stmt->options != NIL)
		dsql_refuse(RULE_TABLE_CLAUSE, "WITH");
	if (stmt->oncommit != ONCOMMIT_NOOP)
		dsql_refuse(RULE_TABLE_CLAUSE, "ON COMMIT");
	if (stmt->tablespacename != NULL)
		dsql_refuse(RULE_TABLE_CLAUSE, "TABLESPACE");
}

void
dsql_dialect_check_create_table(ParseState *pstate, CreateStmt *stmt)
{
	ListCell   *lc;

	check_later_constraints(pstate, stmt->tableElts);
	check_table_clauses(stmt);
	foreach(lc, stmt->tableElts)
	{
		Node	   *element = (Node *) lfirst(lc);

		if (IsA(element, ColumnDef))
			check_column(pstate, (ColumnDef *) element);
		else if (IsA(element, TableLikeClause))
			check_like((TableLikeClause *) element);
		else
			check_table_constraint(castNode(Constraint, element));
	}
	check_keys(pstate, stmt);
}

/* Does a column have a constraint other than NULL, which means nothing? */
static bool
is_constrained(const ColumnDef *column)
{
	ListCell   *lc;

	foreach(lc, column->constraints)
	{
		if (lfirst_node(Constraint, lc)->contype != CONSTR_NULL)
			return true;
	}
	return false;
}

/*
 * ADD COLUMN.  A constraint is refused before the type is looked at.
 */
static void
check_add_column(ParseState *pstate, ColumnDef *column)
{
	check_later_constraints(pstate, column->constraints);
	check_column_clauses(column);
	if (is_constrained(column))
		dsql_refuse(RULE_ALTER_TABLE_ADD_COLUMN);
	dsql_dialect_check_column_type(pstate, column->typeName);
}

/*
 * ALTER TABLE may only add what needs no look at the rows: a constraint for
 * new rows only, or one that uses an existing index.
 */
static void
check_add_constraint(const Constraint *constraint)
{
	const char *word = dsql_later_constraint(constraint);

	if (word != NULL)
	{
		dsql_refuse(RULE_VERSION_SYNTAX, word);
		return;
	}
	switch (constraint->contype)
	{
		case CONSTR_CHECK:
		case CONSTR_FOREIGN:
			if (!constraint->skip_validation)
				dsql_refuse(RULE_ALTER_TABLE_ADD_CONSTRAINT);
			break;
		case CONSTR_UNIQUE:
			if (constraint->deferrable || constraint->initdeferred)
				dsql_refuse(RULE_ALTER_TABLE_ADD_DEFERRABLE);
			else if (constraint->indexname == NULL)
				dsql_refuse(RULE_ALTER_TABLE_ADD_CONSTRAINT);
			else
				check_key_constraint(constraint);
			break;
		default:
			dsql_refuse(RULE_ALTER_TABLE_ADD_CONSTRAINT);
			break;
	}
}

static void
check_drop_column(Oid relid, const char *name)
{
	AttrNumber	attnum = get_attnum(relid, name);
	Oid			constraint;
	Bitmapset  *key;

	if (attnum == InvalidAttrNumber)
		return;
	key = get_primary_key_attnos(relid, true, &constraint);
	if (bms_is_member(attnum - FirstLowInvalidHeapAttributeNumber, key))
		dsql_refuse(RULE_ALTER_TABLE_DROP_KEY_COLUMN, name);
}

/* What NOT NULL is in pg_constraint since 18. */
#define CONSTRAINT_NOT_NULL_18 'n'

static void
check_drop_constraint(Oid relid, const char *name, bool missing_ok)
{
	Oid			oid = InvalidOid;
	HeapTuple	tuple;
	char		type;

	if (OidIsValid(relid))
		oid = get_relation_constraint_oid(relid, name, true);
	if (!OidIsValid(oid))
		return;

	tuple = SearchSysCache1(CONSTROID, ObjectIdGetDatum(oid));
	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for constraint %u", oid);
	type = ((Form_pg_constraint) GETSTRUCT(tuple))->contype;
	ReleaseSysCache(tuple);
	if (type == CONSTRAINT_PRIMARY)
		dsql_refuse(RULE_ALTER_TABLE_DROP_CONSTRAINT);
	if (type == CONSTRAINT_NOT_NULL_18 && !missing_ok)
		dsql_refuse(RULE_VERSION_CONSTRAINT, name, get_rel_name(relid));
}

static void
check_add_identity(ParseState *pstate, Oid relid, const AlterTableCmd *cmd)
{
	AttrNumber	attnum = get_attnum(relid, cmd->name);

	if (attnum > 0)
		dsql_dialect_check_identity(pstate,
									makeTypeNameFromOid(get_atttype(relid, attnum), -1),
									castNode(Constraint, cmd->def)->options);
}

static void
check_alter_constraint(const AlterTableCmd *cmd)
{
	const char *word = dsql_later_alter_constraint(cmd->def);

	if (word != NULL)
		dsql_refuse(RULE_VERSION_SYNTAX, word);
}

/*
 * The actions of PostgreSQL 16's commands, in the words of its own messages.
 * The next action is SET EXPRESSION, of 17.
 */
static const char *const action_names[] = {
	[AT_AddColumn] = "ADD COLUMN",
	[AT_ColumnDefault] = "ALTER COLUMN ... SET DEFAULT",
	[AT_DropNotNull] = "ALTER COLUMN ... DROP NOT NULL",
	[AT_SetNotNull] = "ALTER COLUMN ... SET NOT NULL",
	[AT_DropExpression] = "ALTER COLUMN ... DROP EXPRESSION",
	[AT_SetStatistics] = "ALTER COLUMN ... SET STATISTICS",
	[AT_SetOptions] = "ALTER COLUMN ... SET",
	[AT_ResetOptions] = "ALTER COLUMN ... RESET",
	[AT_SetStorage] = "ALTER COLUMN ... SET STORAGE",
	[AT_SetCompression] = "ALTER COLUMN ... SET COMPRESSION",
	[AT_DropColumn] = "DROP COLUMN",
	[AT_AddConstraint] = "ADD CONSTRAINT",
	[AT_AlterConstraint] = "ALTER CONSTRAINT",
	[AT_ValidateConstraint] = "VALIDATE CONSTRAINT",
	[AT_DropConstraint] = "DROP CONSTRAINT",
	[AT_AlterColumnType] = "ALTER COLUMN ... SET DATA TYPE",
	[AT_AlterColumnGenericOptions] = "ALTER COLUMN ... OPTIONS",
	[AT_ChangeOwner] = "OWNER TO",
	[AT_ClusterOn] = "CLUSTER ON",
	[AT_DropCluster] = "SET WITHOUT CLUSTER",
	[AT_SetAccessMethod] = "SET ACCESS METHOD",
	[AT_SetLogged] = "SET LOGGED",
	[AT_SetUnLogged] = "SET UNLOGGED",
	[AT_DropOids] = "SET WITHOUT OIDS",
	[AT_SetTableSpace] = "SET TABLESPACE",
	[AT_SetRelOptions] = "SET",
	[AT_ResetRelOptions] = "RESET",
	[AT_EnableTrig] = "ENABLE TRIGGER",
	[AT_EnableAlwaysTrig] = "ENABLE ALWAYS TRIGGER",
	[AT_EnableReplicaTrig] = "ENABLE REPLICA TRIGGER",
	[AT_DisableTrig] = "DISABLE TRIGGER",
	[AT_EnableTrigAll] = "ENABLE TRIGGER ALL",
	[AT_DisableTrigAll] = "DISABLE TRIGGER ALL",
	[AT_EnableTrigUser] = "ENABLE TRIGGER USER",
	[AT_DisableTrigUser] = "DISABLE TRIGGER USER",
	[AT_EnableRule] = "ENABLE RULE",
	[AT_EnableAlwaysRule] = "ENABLE ALWAYS RULE",
	[AT_EnableReplicaRule] = "ENABLE REPLICA RULE",
	[AT_DisableRule] = "DISABLE RULE",
	[AT_AddInherit] = "INHERIT",
	[AT_DropInherit] = "NO INHERIT",
	[AT_AddOf] = "OF",
	[AT_DropOf] = "NOT OF",
	[AT_ReplicaIdentity] = "REPLICA IDENTITY",
	[AT_EnableRowSecurity] = "ENABLE ROW SECURITY",
	[AT_DisableRowSecurity] = "DISABLE ROW SECURITY",
	[AT_ForceRowSecurity] = "FORCE ROW SECURITY",
	[AT_NoForceRowSecurity] = "NO FORCE ROW SECURITY",
	[AT_GenericOptions] = "OPTIONS",
	[AT_AttachPartition] = "ATTACH PARTITION",
	[AT_DetachPartition] = "DETACH PARTITION",
	[AT_DetachPartitionFinalize] = "DETACH PARTITION ... FINALIZE",
	[AT_AddIdentity] = "ALTER COLUMN ... ADD IDENTITY",
	[AT_SetIdentity] = "ALTER COLUMN ... SET",
	[AT_DropIdentity] = "ALTER COLUMN ... DROP IDENTITY",
};

static void
refuse_action(DsqlRuleId rule, AlterTableType action)
{
	const char *name = NULL;

	if (action < lengthof(action_names))
		name = action_names[action];
	if (name != NULL)
		dsql_refuse_chosen(rule, name);
	else
		dsql_refuse(RULE_VERSION_SYNTAX, "EXPRESSION");
}

/*
 * An action of ALTER TABLE.  The relation is given if it exists.
 */
static void
check_table_action(ParseState *pstate, Oid relid, AlterTableCmd *cmd)
{
	const char *word = dsql_later_action(cmd);

	if (word != NULL)
		dsql_refuse(RULE_VERSION_SYNTAX, word);
	switch (cmd->subtype)
	{
		case AT_AddColumn:
			check_add_column(pstate, castNode(ColumnDef, cmd->def));
			break;
		case AT_AddConstraint:
			check_add_constraint(castNode(Constraint, cmd->def));
			break;
		case AT_AddIdentity:
			check_add_identity(pstate, relid, cmd);
			break;
		case AT_SetIdentity:
			dsql_dialect_check_set_identity(pstate, (List *) cmd->def);
			break;
		case AT_DropColumn:
			check_drop_column(relid, cmd->name);
			break;
		case AT_DropConstraint:
			check_drop_constraint(relid, cmd->name, cmd->missing_ok);
			break;

		case AT_AlterConstraint:
			check_alter_constraint(cmd);
			break;

		case AT_ChangeOwner:
		case AT_ColumnDefault:
		case AT_DisableTrigAll:
		case AT_DisableTrigUser:
		case AT_DropExpression:
		case AT_DropIdentity:
		case AT_DropNotNull:
		case AT_EnableTrigAll:
		case AT_EnableTrigUser:
		case AT_SetStorage:
			break;

		case AT_AlterColumnType:
			dsql_refuse(RULE_ALTER_TABLE_SET_DATA_TYPE);
			break;
		case AT_EnableRowSecurity:
			dsql_refuse(RULE_ALTER_TABLE_ENABLE_ROW_SECURITY);
			break;
		case AT_SetNotNull:
			dsql_refuse(RULE_ALTER_TABLE_SET_NOT_NULL);
			break;
		case AT_SetStatistics:
			dsql_refuse(RULE_ALTER_TABLE_SET_STATISTICS);
			break;
		case AT_ValidateConstraint:
			dsql_refuse(RULE_ALTER_TABLE_VALIDATE_CONSTRAINT);
			break;

		default:
			refuse_action(RULE_ALTER_TABLE_ACTION, cmd->subtype);
			break;
	}
}

/*
 * An action of ALTER VIEW, which has all of PostgreSQL's, and which shares the
 * grammar of ALTER TABLE.
 */
static void
check_view_action(ParseState *pstate, Oid relid, AlterTableCmd *cmd)
{
	if (cmd->subtype != AT_SetRelOptions && cmd->subtype != AT_ResetRelOptions)
		check_table_action(pstate, relid, cmd);
}

static void
check_action(ParseState *pstate, ObjectType objtype, Oid relid,
			 AlterTableCmd *cmd)
{
	switch (objtype)
	{
		case OBJECT_TABLE:
		case OBJECT_SEQUENCE:
			check_table_action(pstate, relid, cmd);
			break;
		case OBJECT_VIEW:
			check_view_action(pstate, relid, cmd);
			break;
		case OBJECT_INDEX:
			refuse_action(RULE_ALTER_INDEX, cmd->subtype);
			break;
		case OBJECT_TYPE:
			dsql_refuse(RULE_STATEMENT_ALTER_TYPE);
			break;
		case OBJECT_FOREIGN_TABLE:
			dsql_refuse(RULE_ALTER_OTHER, "FOREIGN TABLE");
			break;
		default:
			dsql_refuse(RULE_ALTER_OTHER, "MATERIALIZED VIEW");
			break;
	}
}

/*
 * ALTER TABLE, and what PostgreSQL has the same node for.  With ASYNC the
 * first action is ADD CONSTRAINT, which is refused, or VALIDATE CONSTRAINT,
 * which must be the only one.
 */
void
dsql_dialect_check_alter_table(ParseState *pstate, AlterTableStmt *stmt,
							   bool async)
{
	Oid			relid = dsql_schema_owner_find_relation(stmt->relation);
	ListCell   *lc;

	if (async)
	{
		if (linitial_node(AlterTableCmd, stmt->cmds)->subtype ==
			AT_AddConstraint)
			dsql_refuse(RULE_ALTER_TABLE_ASYNC_ADD_CONSTRAINT);
		else if (list_length(stmt->cmds) > 1)
			dsql_refuse(RULE_ALTER_TABLE_ASYNC, ",");
		return;
	}
	foreach(lc, stmt->cmds)
		check_action(pstate, stmt->objtype, relid,
					 lfirst_node(AlterTableCmd, lc));
}
