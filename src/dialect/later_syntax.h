/*
 * later_syntax.h
 *		What the parser of a server newer than PostgreSQL 16 understands.
 *
 * The service speaks 16.  Each function looks at a node of the parser's, and
 * says where, or at what, 16 would have given up: NULL if nowhere.
 */
#ifndef DSQL_LATER_SYNTAX_H
#define DSQL_LATER_SYNTAX_H

#include "catalog/pg_attribute.h"
#include "nodes/parsenodes.h"
#include "nodes/primnodes.h"
#include "utils/timestamp.h"

/*
 * RETURNING old.* and new.* came with 18 (commit 80feb727c).  NULL for any
 * other reference to a column.
 */
static inline const char *
dsql_returning_alias(Var *var)
{
#if PG_VERSION_NUM >= 180000
	if (var->varreturningtype == VAR_RETURNING_OLD)
		return "old";
	if (var->varreturningtype == VAR_RETURNING_NEW)
		return "new";
#endif
	return NULL;
}

/*
 * The functions with a syntax of their own that came with 17 (commits
 * 03734a7fe, 6185c9737): what 16 takes one for, or NULL.
 */
static inline const char *
dsql_later_function(Node *node)
{
#if PG_VERSION_NUM >= 170000
	if (IsA(node, JsonExpr))
	{
		switch (((JsonExpr *) node)->op)
		{
			case JSON_EXISTS_OP:
				return "json_exists(jsonb, unknown)";
			case JSON_QUERY_OP:
				return "json_query(jsonb, unknown)";
			case JSON_VALUE_OP:
				return "json_value(jsonb, unknown)";
			case JSON_TABLE_OP:
				return NULL;
		}
	}
	if (IsA(node, JsonConstructorExpr))
	{
		JsonConstructorType type = ((JsonConstructorExpr *) node)->type;

		if (type == JSCTOR_JSON_SCALAR)
			return "json_scalar(unknown)";
		if (type == JSCTOR_JSON_SERIALIZE)
			return "json_serialize(unknown)";
	}
#endif
	return NULL;
}

/*
 * JSON_TABLE and JSON(... WITH UNIQUE) came with 17 (commits de3600452 and
 * 03734a7fe): the word that 16 stumbles over, or NULL.
 */
static inline const char *
dsql_later_syntax(Node *node)
{
#if PG_VERSION_NUM >= 170000
	if (IsA(node, TableFunc) &&
		((TableFunc *) node)->functype == TFT_JSON_TABLE)
		return "COLUMNS";
	if (IsA(node, JsonConstructorExpr) &&
		((JsonConstructorExpr *) node)->type == JSCTOR_JSON_PARSE &&
		((JsonConstructorExpr *) node)->unique)
		return "WITH";
#endif
	return NULL;
}

/*
 * Is this keyword of the server's grammar newer than 16?  OBJECTS is left out,
 * because 16 stumbles over the word before it.
 */
static inline bool
dsql_is_later_keyword(const char *keyword)
{
#if PG_VERSION_NUM >= 170000
	static const char *const later[] = {
		/* 17 */
		"conditional", "empty", "error", "json_exists", "json_query",
		"json_scalar", "json_serialize", "json_table", "json_value", "keep",
		"merge_action", "nested", "omit", "path", "period", "plan", "quotes",
		"source", "string", "target", "unconditional",
		/* 18 */
		"enforced", "virtual"
	};

	for (int i = 0; i < lengthof(later); i++)
	{
		if (strcmp(keyword, later[i]) == 0)
			return true;
	}
#endif
	return false;
}

/*
 * RETURNING WITH (OLD AS name) came with 18.  Without it, the names are "old"
 * and "new", or NULL where a table has that name.
 */
static inline bool
dsql_returning_with(const Query *query)
{
#if PG_VERSION_NUM >= 180000
	return (query->returningOldAlias != NULL &&
			strcmp(query->returningOldAlias, "old") != 0) ||
		(query->returningNewAlias != NULL &&
		 strcmp(query->returningNewAlias, "new") != 0);
#else
	return false;
#endif
}

/*
 * The word at which PostgreSQL 16 would not understand an action of ALTER TABLE,
 * or NULL.
 */
static inline const char *
dsql_later_action(const AlterTableCmd *cmd)
{
#if PG_VERSION_NUM >= 170000
	if ((cmd->subtype == AT_SetStatistics && cmd->def == NULL) ||
		(cmd->subtype == AT_SetAccessMethod && cmd->name == NULL))
		return "DEFAULT";
#endif
	return NULL;
}

/*
 * The word at which PostgreSQL 16 would not understand this constraint, or
 * NULL.
 */
static inline const char *
dsql_later_constraint(const Constraint *constraint)
{
#if PG_VERSION_NUM >= 180000
	if ((constraint->contype == CONSTR_CHECK ||
		 constraint->contype == CONSTR_FOREIGN) && !constraint->is_enforced)
		return "ENFORCED";
	if (constraint->contype == CONSTR_GENERATED &&
		constraint->generated_kind == ATTRIBUTE_GENERATED_VIRTUAL)
		return "VIRTUAL";
	if (constraint->contype == CONSTR_NOTNULL && constraint->keys != NIL)
		return "NOT";
	if (constraint->contype == CONSTR_NOTNULL && constraint->is_no_inherit)
		return "NO";
	if (constraint->without_overlaps)
		return "WITHOUT";
	if (constraint->fk_with_period || constraint->pk_with_period)
		return "PERIOD";
#endif
	return NULL;
}

/*
 * The word at which PostgreSQL 16 would not understand what becomes of a
 * constraint, or NULL.
 */
static inline const char *
dsql_later_alter_constraint(Node *def)
{
#if PG_VERSION_NUM >= 180000
	if (castNode(ATAlterConstraint, def)->alterEnforceability)
		return "ENFORCED";
	if (castNode(ATAlterConstraint, def)->alterInheritability)
		return "INHERIT";
#endif
	return NULL;
}

/*
 * How an infinite interval is written, which came with 17 (commit 519fc1bd9),
 * or NULL.
 */
static inline const char *
dsql_interval_infinity(const Interval *interval)
{
#if PG_VERSION_NUM >= 170000
	if (INTERVAL_IS_NOBEGIN(interval))
		return "-infinity";
	if (INTERVAL_IS_NOEND(interval))
		return "infinity";
#endif
	return NULL;
}

/*
 * These got an optional argument in 18 (commit 4603903d29), and with it another
 * name here.
 */
#define DSQL_F_JSON_STRIP_NULLS 3261
#define DSQL_F_JSONB_STRIP_NULLS 3262

#endif							/* DSQL_LATER_SYNTAX_H */
