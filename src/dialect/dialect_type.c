/*
 * dialect_type.c
 *		Which data types the service stores, and its domains.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "parser/parse_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "base/refuse.h"
#include "base/session.h"
#include "dialect/dialect.h"

/* The type modifier of numeric(18,6), as numerictypmodin() makes it. */
#define NUMERIC_18_6	(((18 << 16) | 6) + VARHDRSZ)

/*
 * How much the service supports a type.  Each value includes those before it.
 */
typedef enum TypeUse
{
	USE_NEVER,
	USE_IN_EXPRESSION,
	USE_AS_COLUMN,
	USE_AS_KEY
} TypeUse;

/*
 * The type is no domain.  An array is as usable as its elements in
 * expressions, and not at all in columns.
 */
static TypeUse
type_use(Oid type)
{
	Oid			element;

	switch (type)
	{
		case BOOLOID:
		case BPCHAROID:
		case DATEOID:
		case FLOAT4OID:
		case FLOAT8OID:
		case INT2OID:
		case INT4OID:
		case INT8OID:
		case NUMERICOID:
		case TEXTOID:
		case TIMEOID:
		case TIMESTAMPOID:
		case TIMESTAMPTZOID:
		case UUIDOID:
		case VARCHAROID:
			return USE_AS_KEY;

		case BYTEAOID:
		case INTERVALOID:
		case JSONBOID:
		case JSONOID:
		case TIMETZOID:
			return USE_AS_COLUMN;

		case BITOID:
		case BOXOID:
		case CIDROID:
		case CIRCLEOID:
		case LINEOID:
		case LSEGOID:
		case MACADDR8OID:
		case MACADDROID:
		case MONEYOID:
		case PATHOID:
		case POINTOID:
		case POLYGONOID:
		case VARBITOID:
		case XMLOID:
			return USE_NEVER;
	}

	if (type_is_range(type) || type_is_multirange(type))
		return USE_NEVER;
	element = get_element_type(type);
	if (OidIsValid(element) && type_use(getBaseType(element)) == USE_NEVER)
		return USE_NEVER;
	return USE_IN_EXPRESSION;
}

/*
 * Has a real cluster refused a column of this type?  (Most arrays have not
 * been tried.)
 */
static bool
is_recorded(Oid type)
{
	switch (type)
	{
		case INETOID:
		case PG_LSNOID:
		case TSQUERYOID:
		case TSVECTOROID:
			return true;
		case MACADDR8OID:
			return false;
	}
	return type_use(type) == USE_NEVER || OidIsValid(get_element_type(type));
}

void
dsql_dialect_check_stored_type(Oid type)
{
	Oid			base = getBaseType(type);

	if (type_use(base) < USE_AS_COLUMN)
		dsql_refuse_chosen(is_recorded(base) ? RULE_TYPE_COLUMN :
						   RULE_TYPE_COLUMN_OTHER, format_type_be(base));
}

void
dsql_dialect_check_key_type(Oid type)
{
	Oid			base = getBaseType(type);

	if (type_use(base) == USE_AS_COLUMN)
		dsql_refuse(RULE_TYPE_IN_KEY, format_type_be(base));
	else if (type_use(base) < USE_AS_COLUMN)
		dsql_refuse(RULE_TYPE_IN_KEY_OTHER, format_type_be(base));
}

void
dsql_dialect_check_expression_type(Oid type)
{
	Oid			base = getBaseType(type);

	if (type_use(base) < USE_IN_EXPRESSION)
		dsql_refuse(RULE_TYPE_FUNCTION, format_type_be(base));
}

/*
 * To PostgreSQL these are not types, but words for a column with a sequence.
 * The service does not know them.
 */
static bool
is_serial(const TypeName *type)
{
	static const char *const names[] = {
		"bigserial", "serial", "serial2", "serial4", "serial8", "smallserial"
	};

	if (list_length(type->names) != 1 || type->pct_type)
		return false;
	for (int i = 0; i < lengthof(names); i++)
		if (strcmp(strVal(linitial(type->names)), names[i]) == 0)
			return true;
	return false;
}

/*
 * The type of a column or domain.  What the service stores for numeric without
 * precision and scale is numeric(18,6).
 */
void
dsql_dialect_check_column_type(ParseState *pstate, TypeName *type)
{
	Oid			oid;

	if (is_serial(type))
	{
		dsql_refuse(RULE_TYPE_SERIAL, TypeNameToString(type));
		return;
	}

	/* A type that does not exist is PostgreSQL's error. */
	oid = LookupTypeNameOid(pstate, type, true);
	if (!OidIsValid(oid))
		return;
	dsql_dialect_check_stored_type(oid);

	if (oid == NUMERICOID && type->typmods == NIL && type->typemod < 0 &&
		dsql_session_enforced())
		type->typemod = NUMERIC_18_6;
}

void
dsql_dialect_check_create_domain(ParseState *pstate, CreateDomainStmt *stmt)
{
	if (stmt->collClause != NULL)
		dsql_refuse(RULE_COLLATE);
	dsql_dialect_check_column_type(pstate, stmt->typeName);
}

void
dsql_dialect_check_alter_domain(ParseState *pstate, AlterDomainStmt *stmt)
{
	switch (stmt->subtype)
	{
		case 'T':				/* SET DEFAULT, DROP DEFAULT */
		case 'N':				/* DROP NOT NULL */
		case 'X':				/* DROP CONSTRAINT */
			break;
		case 'O':
			dsql_refuse(RULE_ALTER_DOMAIN, "SET NOT NULL");
			break;
		case 'C':
			dsql_refuse(RULE_ALTER_DOMAIN, "ADD CONSTRAINT");
			break;
		case 'V':
			dsql_refuse(RULE_ALTER_DOMAIN, "VALIDATE CONSTRAINT");
			break;
		default:
			elog(ERROR, "unrecognized kind of ALTER DOMAIN: %d",
				 (int) stmt->subtype);
	}
}
