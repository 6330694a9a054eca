/*
 * dialect_function.c
 *		What the service's functions and views can do.
 */
#include "postgres.h"

#include "parser/parse_type.h"
#include "utils/formatting.h"

#include "base/refuse.h"
#include "dialect/dialect.h"

/*
 * Types that no column can have are refused only if expressions cannot use
 * them either: a function may well take an array. %TYPE refers to a column;
 * looking it up here would send its notice twice.
 */
static void
check_function_type(ParseState *pstate, const TypeName *type)
{
	Oid			oid = InvalidOid;

	if (!type->pct_type)
		oid = LookupTypeNameOid(pstate, type, true);
	if (OidIsValid(oid))
		dsql_dialect_check_expression_type(oid);
}

static void
check_function_option(ParseState *pstate, const DefElem *option)
{
	static const char *const allowed[] = {
		"as", "cost", "language", "leakproof", "parallel", "rows", "security",
		"strict", "transform", "volatility"
	};

	if (strcmp(option->defname, "set") == 0)
	{
		dsql_dialect_check_set(pstate, castNode(VariableSetStmt, option->arg));
		return;
	}
	for (int i = 0; i < lengthof(allowed); i++)
		if (strcmp(option->defname, allowed[i]) == 0)
			return;
	dsql_refuse(RULE_FUNCTION_CLAUSE,
				asc_toupper(option->defname, strlen(option->defname)));
}

void
dsql_dialect_check_create_function(ParseState *pstate, CreateFunctionStmt *stmt)
{
	ListCell   *lc;

	if (stmt->is_procedure)
	{
		dsql_refuse(RULE_PROCEDURE);
		return;
	}

	foreach(lc, stmt->options)
	{
		DefElem    *option = lfirst_node(DefElem, lc);

		if (strcmp(option->defname, "language") == 0 &&
			strcmp(strVal(option->arg), "sql") != 0)
			dsql_refuse(RULE_FUNCTION_LANGUAGE, strVal(option->arg));
	}
	foreach(lc, stmt->options)
		check_function_option(pstate, lfirst_node(DefElem, lc));

	foreach(lc, stmt->parameters)
		check_function_type(pstate, lfirst_node(FunctionParameter, lc)->argType);
	if (stmt->returnType != NULL)
		check_function_type(pstate, stmt->returnType);
}

/* The name, owner and schema of a function are changed by other statements. */
void
dsql_dialect_check_alter_function(ParseState *pstate, AlterFunctionStmt *stmt)
{
	if (stmt->objtype == OBJECT_PROCEDURE)
		dsql_refuse(RULE_PROCEDURE);
	else
		dsql_refuse(RULE_ALTER_FUNCTION);
}

void
dsql_dialect_check_view(ParseState *pstate, ViewStmt *stmt)
{
	if (dsql_dialect_is_temporary(stmt->view))
		dsql_refuse(RULE_VIEW_TEMPORARY);
}
