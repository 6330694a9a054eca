/*
 * job_submit.c
 *		CREATE INDEX ASYNC and ALTER TABLE ASYNC.
 *
 * Both answer with one row that holds the job's identifier: dsql.submit() does,
 * of which they become a CALL.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_constraint.h"
#include "commands/tablecmds.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "parser/parser.h"
#include "tcop/utility.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "base/compat.h"
#include "base/schema_owner.h"
#include "base/session.h"
#include "base/settings.h"
#include "dialect/definition_limits.h"
#include "dialect/dialect.h"
#include "dialect/utility_call.h"
#include "jobs/index_define.h"
#include "jobs/job_catalog.h"
#include "jobs/job_submit.h"
#include "transaction/transaction_rules.h"

void
dsql_job_submit_transform(ParseState *pstate, Query *query)
{
	dsql_utility_call_replace(pstate, query, "submit", query->utilityStmt);
}

/*
 * A relation's name as job details show it.
 */
static char *
qualified_name(Oid relation)
{
	return psprintf("%s.%s", get_namespace_name(get_rel_namespace(relation)),
					get_rel_name(relation));
}

/*
 * CREATE INDEX ASYNC.  With IF NOT EXISTS and an index of that name nothing is
 * done; what the service answers then is not known, here the row's job_id is
 * null.
 */
static char *
submit_index_build(IndexStmt *stmt, const char *query_string)
{
	Oid			index = dsql_index_define(copyObject(stmt), query_string);

	if (!OidIsValid(index))
		return NULL;
	return dsql_job_add(DSQL_JOB_INDEX_BUILD, index, qualified_name(index),
						NULL, dsql_settings_manual_jobs);
}

/*
 * Is there such a constraint that can be validated?  The same errors as when
 * PostgreSQL does it at once.
 */
static void
check_constraint(Oid table, const char *name)
{
	Oid			constraint = get_relation_constraint_oid(table, name, true);
	HeapTuple	tuple = SearchSysCache1(CONSTROID, ObjectIdGetDatum(constraint));
	char		type;

	if (!HeapTupleIsValid(tuple))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("constraint \"%s\" of relation \"%s\" does not exist",
						name, get_rel_name(table))));
	type = ((Form_pg_constraint) GETSTRUCT(tuple))->contype;
	ReleaseSysCache(tuple);
	if (type == CONSTRAINT_CHECK || type == CONSTRAINT_FOREIGN)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_WRONG_OBJECT_TYPE),
			 errmsg("constraint \"%s\" of relation \"%s\" is not a foreign key or check constraint",
					name, get_rel_name(table))));
}

static char *
submit_validation(AlterTableStmt *stmt)
{
	AlterTableCmd *cmd = linitial_node(AlterTableCmd, stmt->cmds);
	Oid			table = InvalidOid;

	if (list_length(stmt->cmds) != 1 || cmd->subtype != AT_ValidateConstraint)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("ALTER TABLE ASYNC can only validate a constraint")));

	/* What belongs to another cluster is not there. */
	if (!stmt->missing_ok ||
		OidIsValid(dsql_schema_owner_find_relation(stmt->relation)))
		table = RangeVarGetRelidExtended(stmt->relation, AccessShareLock,
										 stmt->missing_ok ? RVR_MISSING_OK : 0,
										 RangeVarCallbackOwnsRelation, NULL);
	if (!OidIsValid(table))
	{
		ereport(NOTICE,
				(errmsg("relation \"%s\" does not exist, skipping",
						stmt->relation->relname)));
		return NULL;
	}
	check_constraint(table, cmd->name);
	return dsql_job_add(DSQL_JOB_VALIDATE_CONSTRAINT, table,
						qualified_name(table), cmd->name,
						dsql_settings_manual_jobs);
}

static char *
submit(Node *stmt, const char *query_string)
{
	if (IsA(stmt, IndexStmt))
	{
		PreventCommandIfReadOnly("CREATE INDEX");
		dsql_transaction_begin_ddl();
		return submit_index_build((IndexStmt *) stmt, query_string);
	}
	PreventCommandIfReadOnly("ALTER TABLE");
	dsql_transaction_begin_ddl();
	return submit_validation(castNode(AlterTableStmt, stmt));
}

/*
 * The procedure that the statements are turned into.
 */
PG_FUNCTION_INFO_V1(dsql_submit);
Datum
dsql_submit(PG_FUNCTION_ARGS)
{
	DsqlUtilityCall call =
	dsql_utility_call_take("submit",
						   "Use CREATE INDEX ASYNC or ALTER TABLE ASYNC.");
	TupleDesc	tupdesc;
	Datum		values[1] = {0};
	bool		nulls[1] = {false};
	char	   *id;

	if (get_call_result_type(fcinfo, NULL, &tupdesc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	id = submit(call.stmt, call.query_string);
	if (id != NULL)
		values[0] = CStringGetTextDatum(id);
	else
		nulls[0] = true;
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(tupdesc),
													  values, nulls)));
}

/*
 * The one statement of this kind in a text, checked as it is when it is
 * written with ASYNC.
 */
static Node *
parse_one(const char *sql, NodeTag tag, const char *expected)
{
	List	   *statements = raw_parser(sql, RAW_PARSE_DEFAULT);
	Node	   *stmt = list_length(statements) == 1 ?
	linitial_node(RawStmt, statements)->stmt : NULL;

	/* Written with ASYNC here, the word is taken for the index's name. */
	if (stmt == NULL || nodeTag(stmt) != tag ||
		(tag == T_IndexStmt && ((IndexStmt *) stmt)->idxname != NULL &&
		 strcmp(((IndexStmt *) stmt)->idxname, "async") == 0))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument must be one %s statement, without ASYNC",
						expected)));
	return stmt;
}

PG_FUNCTION_INFO_V1(dsql_create_index_async);
Datum
dsql_create_index_async(PG_FUNCTION_ARGS)
{
	char	   *sql = text_to_cstring(PG_GETARG_TEXT_PP(0));
	Node	   *stmt = parse_one(sql, T_IndexStmt, "CREATE INDEX");
	char	   *id;

	if (dsql_session_emulated())
	{
		ParseState *pstate = make_parsestate(NULL);

		pstate->p_sourcetext = sql;
		dsql_dialect_check_create_index(pstate, (IndexStmt *) stmt, true);
		dsql_definition_limits_check_statement(pstate, stmt, 0, 0);
		free_parsestate(pstate);
	}
	id = submit(stmt, sql);
	if (id == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(id));
}

PG_FUNCTION_INFO_V1(dsql_alter_table_async);
Datum
dsql_alter_table_async(PG_FUNCTION_ARGS)
{
	char	   *sql = text_to_cstring(PG_GETARG_TEXT_PP(0));
	char	   *id = submit(parse_one(sql, T_AlterTableStmt, "ALTER TABLE"), sql);

	if (id == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(id));
}
