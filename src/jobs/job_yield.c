/*
 * job_yield.c
 *		What data definition means for background jobs.
 *
 * 1. On the service no statement ever waits for a build.  Here, if a statement
 *	  needs a lock that a worker holds for long, the worker rolls back.  It
 *	  begins again when the statement's transaction has ended.
 * 2. A database cannot be dropped, moved, renamed or copied while anybody is
 *	  connected to it.  So workers exit before that, and come back after the
 *	  transaction if the database is still there.
 * 3. Dropping an object queues a DROP job.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_database.h"
#include "catalog/pg_index.h"
#include "commands/dbcommands.h"
#include "commands/defrem.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "parser/parse_node.h"
#include "storage/lmgr.h"
#include "tcop/utility.h"
#include "utils/acl.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

#include "base/compat.h"
#include "base/session.h"
#include "jobs/implied_jobs.h"
#include "jobs/job_yield.h"
#include "jobs/task_worker.h"
#include "jobs/worker_slots.h"

/* Databases into which workers go when the current transaction has ended. */
static List *databases_to_visit = NIL;

/*
 * Who may not lock a relation shall not disturb its build.
 */
static void
make_way_for_relation(const RangeVar *relation)
{
	Oid			oid = RangeVarGetRelid(relation, NoLock, true);

	if (OidIsValid(oid) &&
		object_ownercheck(RelationRelationId, oid, GetUserId()))
		dsql_worker_slots_make_way(oid);
}

static void
make_way_for_names(List *names)
{
	ListCell   *lc;

	foreach(lc, names)
		make_way_for_relation(makeRangeVarFromNameList(lfirst_node(List, lc)));
}

/*
 * A foreign key locks the table that it refers to as well.
 */
static void
make_way_for_constraints(List *constraints)
{
	ListCell   *lc;

	foreach(lc, constraints)
	{
		Constraint *constraint = (Constraint *) lfirst(lc);

		if (IsA(constraint, ColumnDef))
			make_way_for_constraints(((ColumnDef *) constraint)->constraints);
		else if (IsA(constraint, Constraint) && constraint->pktable != NULL)
			make_way_for_relation(constraint->pktable);
	}
}

static void
make_way_for_alter_table(AlterTableStmt *stmt)
{
	ListCell   *lc;

	make_way_for_relation(stmt->relation);
	foreach(lc, stmt->cmds)
	{
		AlterTableCmd *cmd = lfirst_node(AlterTableCmd, lc);

		if (cmd->def != NULL)
			make_way_for_constraints(list_make1(cmd->def));
	}
}

/*
 * What locks tables that it does not name: those of a domain, a role, a schema.
 */
static void
make_way_for_drop(DropStmt *stmt)
{
	if (stmt->behavior == DROP_CASCADE || stmt->removeType == OBJECT_EXTENSION)
		dsql_worker_slots_make_way(InvalidOid);
	else if (stmt->removeType == OBJECT_TABLE ||
			 stmt->removeType == OBJECT_INDEX)
		make_way_for_names(stmt->objects);
}

/*
 * COMMENT ON TABLE, INDEX or COLUMN.
 */
static void
make_way_for_comment(CommentStmt *stmt)
{
	List	   *name;

	if (stmt->objtype != OBJECT_TABLE && stmt->objtype != OBJECT_INDEX &&
		stmt->objtype != OBJECT_COLUMN)
		return;
	name = castNode(List, stmt->object);
	if (stmt->objtype == OBJECT_COLUMN)
		name = list_copy_head(name, list_length(name) - 1);
	if (name != NIL)
		make_way_for_relation(makeRangeVarFromNameList(name));
}

/*
 * Does the statement lock a relation so that a worker would keep it waiting?
 */
static void
make_way(Node *stmt)
{
	ListCell   *lc;

	switch (nodeTag(stmt))
	{
		case T_AlterTableStmt:
			make_way_for_alter_table((AlterTableStmt *) stmt);
			break;
		case T_RenameStmt:
			if (((RenameStmt *) stmt)->relation != NULL)
				make_way_for_relation(((RenameStmt *) stmt)->relation);
			break;
		case T_AlterObjectSchemaStmt:
			if (((AlterObjectSchemaStmt *) stmt)->relation != NULL)
				make_way_for_relation(((AlterObjectSchemaStmt *) stmt)->relation);
			break;
		case T_DropStmt:
			make_way_for_drop((DropStmt *) stmt);
			break;
		case T_DropOwnedStmt:
		case T_ReassignOwnedStmt:
		case T_AlterDomainStmt:
			dsql_worker_slots_make_way(InvalidOid);
			break;
		case T_CreateStmt:
			make_way_for_constraints(((CreateStmt *) stmt)->tableElts);
			make_way_for_constraints(((CreateStmt *) stmt)->constraints);
			break;
		case T_CommentStmt:
			make_way_for_comment((CommentStmt *) stmt);
			break;
		case T_CreateStatsStmt:
			foreach(lc, ((CreateStatsStmt *) stmt)->relations)
				if (IsA(lfirst(lc), RangeVar))
				make_way_for_relation(lfirst(lc));
			break;
		case T_VacuumStmt:
			foreach(lc, ((VacuumStmt *) stmt)->rels)
				if (lfirst_node(VacuumRelation, lc)->relation != NULL)
				make_way_for_relation(lfirst_node(VacuumRelation, lc)->relation);
			break;
		default:
			break;
	}
}

/*
 * ALTER TABLE ... ADD CONSTRAINT ... USING INDEX of an index that is not valid
 * yet.  PostgreSQL says so too, but only after it has locked the table, which
 * would interrupt the build for nothing.
 */
static void
check_using_index(AlterTableStmt *stmt, const char *query_string)
{
	Oid			table = RangeVarGetRelid(stmt->relation, NoLock, true);
	ListCell   *lc;

	if (!OidIsValid(table) ||
		!object_ownercheck(RelationRelationId, table, GetUserId()))
		return;
	foreach(lc, stmt->cmds)
	{
		AlterTableCmd *cmd = lfirst_node(AlterTableCmd, lc);
		Constraint *constraint = (Constraint *) cmd->def;
		HeapTuple	tuple;
		bool		invalid;

		if (cmd->subtype != AT_AddConstraint || constraint->indexname == NULL)
			continue;
		tuple = SearchSysCache1(INDEXRELID,
								ObjectIdGetDatum(get_relname_relid(constraint->indexname,
																   get_rel_namespace(table))));
		if (!HeapTupleIsValid(tuple))
			continue;
		invalid = ((Form_pg_index) GETSTRUCT(tuple))->indrelid == table &&
			!((Form_pg_index) GETSTRUCT(tuple))->indisvalid;
		ReleaseSysCache(tuple);
		if (invalid)
		{
			ParseState *pstate = make_parsestate(NULL);

			pstate->p_sourcetext = query_string;
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("index \"%s\" is not valid", constraint->indexname),
					 parser_errposition(pstate, constraint->location)));
		}
	}
}

static void
visit_database(Oid database)
{
	MemoryContext oldcontext = MemoryContextSwitchTo(TopTransactionContext);

	databases_to_visit = list_append_unique_oid(databases_to_visit, database);
	MemoryContextSwitchTo(oldcontext);
	/* A plain session has to hear of the end of this one. */
	dsql_session_plain = false;
}

/*
 * The database that nobody may be connected to while the statement runs, or
 * NULL; and the lock that keeps others from connecting.
 */
static const char *
database_to_evacuate(Node *stmt, LOCKMODE *lockmode)
{
	ListCell   *lc;

	*lockmode = AccessExclusiveLock;
	switch (nodeTag(stmt))
	{
		case T_DropdbStmt:
			return ((DropdbStmt *) stmt)->dbname;
		case T_RenameStmt:
			if (((RenameStmt *) stmt)->renameType == OBJECT_DATABASE)
				return ((RenameStmt *) stmt)->subname;
			break;
		case T_AlterDatabaseStmt:
			foreach(lc, ((AlterDatabaseStmt *) stmt)->options)
				if (strcmp(lfirst_node(DefElem, lc)->defname, "tablespace") == 0)
				return ((AlterDatabaseStmt *) stmt)->dbname;
			break;
		case T_CreatedbStmt:
			*lockmode = ShareLock;
			foreach(lc, ((CreatedbStmt *) stmt)->options)
				if (strcmp(lfirst_node(DefElem, lc)->defname, "template") == 0 &&
					lfirst_node(DefElem, lc)->arg != NULL)
				return defGetString(lfirst_node(DefElem, lc));
			return "template1";
		default:
			break;
	}
	return NULL;
}

/*
 * Send the workers out of the database that the statement is about.
 */
static void
evacuate(Node *stmt)
{
	LOCKMODE	lockmode;
	const char *name = database_to_evacuate(stmt, &lockmode);
	Oid			database = name ? get_database_oid(name, true) : InvalidOid;

	if (!OidIsValid(database) ||
		(database == MyDatabaseId && !IsA(stmt, CreatedbStmt)) ||
		!object_ownercheck(DatabaseRelationId, database, GetUserId()))
		return;
	LockSharedObject(DatabaseRelationId, database, 0, lockmode);
	visit_database(database);
	dsql_worker_slots_evacuate(database);
	dsql_task_worker_evacuate(database);
}

void
dsql_job_yield_begin(Node *stmt, const char *query_string)
{
	if (IsA(stmt, AlterTableStmt) && dsql_session_emulated())
		check_using_index((AlterTableStmt *) stmt, query_string);
	if (dsql_worker_slots_anything_locked())
		make_way(stmt);
	evacuate(stmt);
}

/*
 * A database that was copied, or could not be connected to, may have jobs.
 */
void
dsql_job_yield_end(Node *stmt)
{
	dsql_implied_jobs_queue_drops();
	if (IsA(stmt, CreatedbStmt))
		visit_database(get_database_oid(((CreatedbStmt *) stmt)->dbname,
										false));
	else if (IsA(stmt, AlterDatabaseStmt))
		visit_database(get_database_oid(((AlterDatabaseStmt *) stmt)->dbname,
										false));
}

void
dsql_job_yield_end_transaction(void)
{
	ListCell   *lc;

	foreach(lc, databases_to_visit)
		dsql_worker_slots_announce(lfirst_oid(lc));
	databases_to_visit = NIL;
}
