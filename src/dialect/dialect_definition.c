/*
 * dialect_definition.c
 *		How the definitions of indexes and primary keys read.
 *
 * The service's access method for indexes is btree_index, and the index of a
 * primary key includes all other columns.  Here indexes are PostgreSQL's, which
 * is as good for what they do.  In emulated sessions, pg_get_indexdef() and
 * pg_get_constraintdef() describe them as the service does.  pg_dump runs in
 * mode off, and gets what can be restored.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/transam.h"
#include "catalog/pg_am.h"
#include "catalog/pg_class.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_index.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "base/server_patch.h"
#include "base/session.h"
#include "dialect/dialect.h"

#define OUR_METHOD " USING btree ("
#define THEIR_METHOD " USING btree_index ("

static PGFunction indexdef;
static PGFunction indexdef_column;
static PGFunction constraintdef;
static PGFunction constraintdef_pretty;

static bool
is_in_key(AttrNumber attno, const int2vector *key, int nkeys)
{
	for (int i = 0; i < nkeys; i++)
	{
		if (key->values[i] == attno)
			return true;
	}
	return false;
}

/*
 * The columns of a table that are not in its primary key.
 */
static List *
other_columns(Oid table, const int2vector *key, int nkeys)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(table));
	List	   *names = NIL;
	int			natts;

	if (!HeapTupleIsValid(tuple))
		return NIL;
	natts = ((Form_pg_class) GETSTRUCT(tuple))->relnatts;
	ReleaseSysCache(tuple);

	for (AttrNumber attno = 1; attno <= natts; attno++)
	{
		if (is_in_key(attno, key, nkeys))
			continue;
		/* Not found if it has been dropped. */
		tuple = SearchSysCacheAttNum(table, attno);
		if (!HeapTupleIsValid(tuple))
			continue;
		names = lappend(names,
						pstrdup(NameStr(((Form_pg_attribute) GETSTRUCT(tuple))->attname)));
		ReleaseSysCache(tuple);
	}
	return names;
}

/*
 * What a user's index on a key includes on the service: all other columns if it
 * is that of a primary key.  *nkeys is the number of columns of the key.
 */
static List *
included_columns(Oid index, int *nkeys)
{
	HeapTuple	tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(index));
	Form_pg_index form;
	List	   *result = NIL;

	*nkeys = 0;
	if (!HeapTupleIsValid(tuple))
		return NIL;
	form = (Form_pg_index) GETSTRUCT(tuple);
	if (form->indisprimary)
		result = other_columns(form->indrelid, &form->indkey,
							   form->indnkeyatts);
	*nkeys = form->indnkeyatts;
	ReleaseSysCache(tuple);
	return result;
}

/*
 * Is it for an emulated session, and about a user's B-tree?
 */
static bool
is_adapted(Oid index)
{
	HeapTuple	tuple;
	bool		result;

	if (dsql_session_plain || !dsql_session_enforced() ||
		index < FirstNormalObjectId)
		return false;
	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(index));
	if (!HeapTupleIsValid(tuple))
		return false;
	result = ((Form_pg_class) GETSTRUCT(tuple))->relam == BTREE_AM_OID;
	ReleaseSysCache(tuple);
	return result;
}

/*
 * The place of a string in a definition, not in a quoted name; NULL if it is
 * not there.
 */
static const char *
find_unquoted(const char *definition, const char *string)
{
	bool		quoted = false;

	for (const char *s = definition; *s != '\0'; s++)
	{
		if (*s == '"')
			quoted = !quoted;
		else if (!quoted && strncmp(s, string, strlen(string)) == 0)
			return s;
	}
	return NULL;
}

static void
append_included(StringInfo result, List *columns)
{
	ListCell   *lc;

	foreach(lc, columns)
		appendStringInfo(result, "%s%s",
						 foreach_current_index(lc) == 0 ? " INCLUDE (" : ", ",
						 quote_identifier(lfirst(lc)));
	appendStringInfoChar(result, ')');
}

/*
 * Append a list in parentheses and what it includes, and what is behind that.
 * "key" begins in the list; that of a primary key has names only.
 */
static void
append_key(StringInfo result, const char *key, List *columns)
{
	const char *end = find_unquoted(key, ")");
	const char *include;

	if (columns == NIL || end == NULL)
	{
		appendStringInfoString(result, key);
		return;
	}
	appendBinaryStringInfo(result, key, end + 1 - key);
	append_included(result, columns);
	include = end + 1;
	if (strncmp(include, " INCLUDE (", strlen(" INCLUDE (")) == 0 &&
		(end = find_unquoted(include, ")")) != NULL)
		include = end + 1;
	appendStringInfoString(result, include);
}

static Datum
adapt_index(Oid index, Datum original)
{
	const char *definition = TextDatumGetCString(original);
	const char *method = find_unquoted(definition, OUR_METHOD);
	StringInfoData result;
	int			nkeys;

	if (method == NULL)
		return original;
	initStringInfo(&result);
	appendBinaryStringInfo(&result, definition, method - definition);
	appendStringInfoString(&result, THEIR_METHOD);
	append_key(&result, method + strlen(OUR_METHOD),
			   included_columns(index, &nkeys));
	return CStringGetTextDatum(result.data);
}

PG_FUNCTION_INFO_V1(dsql_dialect_index);
Datum
dsql_dialect_index(PG_FUNCTION_ARGS)
{
	Oid			index = PG_GETARG_OID(0);
	Datum		result = indexdef(fcinfo);

	if (fcinfo->isnull || !is_adapted(index))
		return result;
	return adapt_index(index, result);
}

/*
 * The same, or one column, by its number.
 */
PG_FUNCTION_INFO_V1(dsql_dialect_index_column);
Datum
dsql_dialect_index_column(PG_FUNCTION_ARGS)
{
	Oid			index = PG_GETARG_OID(0);
	int			column = PG_GETARG_INT32(1);
	Datum		result = indexdef_column(fcinfo);
	List	   *included;
	int			nkeys;

	if (fcinfo->isnull || !is_adapted(index))
		return result;
	if (column == 0)
		return adapt_index(index, result);
	included = included_columns(index, &nkeys);
	if (column > nkeys && column - nkeys <= list_length(included))
		return CStringGetTextDatum(quote_identifier(list_nth(included,
															 column - nkeys - 1)));
	return result;
}

static Datum
adapt_constraint(Oid constraint, Datum original)
{
	HeapTuple	tuple = SearchSysCache1(CONSTROID, ObjectIdGetDatum(constraint));
	Form_pg_constraint form;
	StringInfoData result;
	Oid			index = InvalidOid;
	int			nkeys;

	if (!HeapTupleIsValid(tuple))
		return original;
	form = (Form_pg_constraint) GETSTRUCT(tuple);
	if (form->contype == CONSTRAINT_PRIMARY)
		index = form->conindid;
	ReleaseSysCache(tuple);
	if (!is_adapted(index))
		return original;
	initStringInfo(&result);
	append_key(&result, TextDatumGetCString(original),
			   included_columns(index, &nkeys));
	return CStringGetTextDatum(result.data);
}

PG_FUNCTION_INFO_V1(dsql_dialect_constraint);
Datum
dsql_dialect_constraint(PG_FUNCTION_ARGS)
{
	Oid			constraint = PG_GETARG_OID(0);
	Datum		result = constraintdef(fcinfo);

	return fcinfo->isnull ? result : adapt_constraint(constraint, result);
}

PG_FUNCTION_INFO_V1(dsql_dialect_constraint_pretty);
Datum
dsql_dialect_constraint_pretty(PG_FUNCTION_ARGS)
{
	Oid			constraint = PG_GETARG_OID(0);
	Datum		result = constraintdef_pretty(fcinfo);

	return fcinfo->isnull ? result : adapt_constraint(constraint, result);
}

void
dsql_dialect_definition_install(void)
{
	if (!dsql_server_patch_function(F_PG_GET_INDEXDEF_OID, dsql_dialect_index,
									&indexdef) ||
		!dsql_server_patch_function(F_PG_GET_INDEXDEF_OID_INT4_BOOL,
									dsql_dialect_index_column, &indexdef_column) ||
		!dsql_server_patch_function(F_PG_GET_CONSTRAINTDEF_OID,
									dsql_dialect_constraint, &constraintdef) ||
		!dsql_server_patch_function(F_PG_GET_CONSTRAINTDEF_OID_BOOL,
									dsql_dialect_constraint_pretty,
									&constraintdef_pretty))
		ereport(WARNING,
				(errcode(ERRCODE_SYSTEM_ERROR),
				 errmsg("could not change the list of functions: %m"),
				 errdetail("On this server the definitions of indexes and primary keys read like PostgreSQL's.")));
}
