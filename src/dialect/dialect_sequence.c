/*
 * dialect_sequence.c
 *		What the service's sequences and identity columns can do.
 *
 * The service gives its sessions ranges of a sequence.  The statement must
 * tell how long they are: one value, or many.
 */
#include "postgres.h"

#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "commands/defrem.h"
#include "parser/parse_type.h"
#include "utils/builtins.h"

#include "base/refuse.h"
#include "dialect/dialect.h"

static DefElem *
option_named(List *options, const char *name)
{
	ListCell   *lc;

	foreach(lc, options)
	{
		DefElem    *option = lfirst_node(DefElem, lc);

		if (strcmp(option->defname, name) == 0)
			return option;
	}
	return NULL;
}

static void
check_cache(List *options)
{
	DefElem    *cache = option_named(options, "cache");

	if (cache != NULL)
	{
		int64		size = defGetInt64(cache);

		if (size != 1 && size < 65536)
			dsql_refuse(RULE_SEQUENCE_CACHE, (long long) size);
	}
}

static void
check_sequence_type(ParseState *pstate, List *options)
{
	DefElem    *as = option_named(options, "as");

	if (as != NULL)
	{
		Oid			type = LookupTypeNameOid(pstate, defGetTypeName(as), true);

		if (OidIsValid(type) && type != INT8OID)
			dsql_refuse(RULE_SEQUENCE_TYPE);
	}
}

void
dsql_dialect_check_create_sequence(ParseState *pstate, CreateSeqStmt *stmt)
{
	if (dsql_dialect_is_temporary(stmt->sequence))
		dsql_refuse(RULE_SEQUENCE_PERSISTENCE, "TEMPORARY or TEMP");
	else if (stmt->sequence->relpersistence == RELPERSISTENCE_UNLOGGED)
		dsql_refuse(RULE_SEQUENCE_PERSISTENCE, "UNLOGGED");

	if (option_named(stmt->options, "cache") == NULL)
		dsql_refuse(RULE_SEQUENCE_NO_CACHE);
	check_sequence_type(pstate, stmt->options);
	check_cache(stmt->options);
}

void
dsql_dialect_check_alter_sequence(ParseState *pstate, AlterSeqStmt *stmt)
{
	check_sequence_type(pstate, stmt->options);
	check_cache(stmt->options);
}

/*
 * The options with which a column becomes an identity column.
 */
void
dsql_dialect_check_identity(ParseState *pstate, TypeName *type, List *options)
{
	Oid			oid;

	if (option_named(options, "cache") == NULL)
		dsql_refuse(RULE_IDENTITY_NO_CACHE);

	oid = LookupTypeNameOid(pstate, type, true);
	if (OidIsValid(oid) && oid != INT8OID)
		dsql_refuse(RULE_IDENTITY_TYPE, format_type_be(oid));
	check_cache(options);
}

/* Changes of an existing identity column by ALTER TABLE. */
void
dsql_dialect_check_set_identity(ParseState *pstate, List *options)
{
	check_sequence_type(pstate, options);
	check_cache(options);
}
