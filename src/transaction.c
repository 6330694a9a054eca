/*
 * transaction.c
 *		What the service allows in one transaction.
 *
 * 1. One DDL statement; GRANT and REVOKE are DDL.
 * 2. No DDL beside a change of data, whichever comes first.  Reading is free.
 * 3. A number of rows changed or locked; the statement that crosses it fails.
 * 4. A size of what is written; COMMIT fails.
 * 5. An age; the next statement fails, and COMMIT.
 *
 * It makes no difference whether the transaction is a block, a query string of
 * several statements, what the extended protocol does up to Sync, or a single
 * statement.  Statements count where they are executed, and as the user wrote
 * them: the commands that PostgreSQL makes of CREATE TABLE or CREATE SCHEMA
 * are not DDL of their own, nor is what DDL itself writes a change of data.
 *
 * Rows and bytes are counted by the access method of the service's tables.  In
 * report mode, in which tables are made as heap, rows of a heap count as the
 * statements report them.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_am_d.h"
#include "executor/executor.h"
#include "executor/instrument.h"
#include "miscadmin.h"
#include "parser/parsetree.h"
#include "tcop/utility.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#include "clock.h"
#include "compat.h"
#include "finding.h"
#include "limit.h"
#include "rule.h"
#include "session.h"
#include "settings.h"
#include "tempspace.h"
#include "transaction.h"

/* What is taken back when a subtransaction aborts. */
typedef struct Deeds
{
	bool		ddl;
	bool		dml;
	int			rows;
	int64		bytes;
} Deeds;

typedef struct SavedDeeds
{
	struct SavedDeeds *outer;
	SubTransactionId subid;
	Deeds		deeds;
} SavedDeeds;

/* The state of the current transaction; all zero where there is none. */
static struct
{
	bool		started;		/* is "start" known? */
	bool		ageless;		/* the limit of age does not hold */
	TimestampTz start;			/* by the emulator's clock */
	Deeds		deeds;
	SavedDeeds *saved;			/* at the start of each subtransaction */
}			current;

/* How deep in executor runs and utility commands we are. */
static int	depth = 0;

/* Is one of them DDL, or an executor run? */
static bool in_ddl = false;
static bool in_query = false;

static ExecutorStart_hook_type prev_ExecutorStart_hook = NULL;
static ExecutorRun_hook_type prev_ExecutorRun_hook = NULL;
static ExecutorFinish_hook_type prev_ExecutorFinish_hook = NULL;
static ProcessUtility_hook_type prev_ProcessUtility_hook = NULL;

/*
 * Seconds since the transaction started, by the emulator's clock.
 */
static int64
transaction_age(void)
{
	if (!current.started)
	{
		/* Its first statement: the clock has not been moved since. */
		current.start = dsql_clock_now() -
			(GetCurrentTimestamp() - GetCurrentTransactionStartTimestamp());
		current.started = true;
	}
	return (dsql_clock_now() - current.start) / USECS_PER_SEC;
}

static void
check_age(void)
{
	int			limit = dsql_limit(limit_transaction_age);
	int64		age = transaction_age();

	if (age > limit && !current.ageless)
		dsql_refuse(RULE_LIMIT_TRANSACTION_AGE, limit, (int) age, limit);
}

void
dsql_transaction_ignore_age(void)
{
	current.ageless = true;
}

void
dsql_transaction_begin_ddl(void)
{
	if (current.deeds.ddl)
		dsql_refuse(RULE_TRANSACTION_TWO_DDL);
	else if (current.deeds.dml)
		dsql_refuse(RULE_TRANSACTION_DDL_AND_DML);
	current.deeds.ddl = true;
}

static void
begin_dml(void)
{
	if (current.deeds.ddl)
		dsql_refuse(RULE_TRANSACTION_DDL_AND_DML);
	current.deeds.dml = true;
}

void
dsql_transaction_count_rows(int rows)
{
	int			limit = dsql_limit(limit_transaction_rows);
	bool		crossed = current.deeds.rows > limit;

	current.deeds.rows += rows;
	if (current.deeds.rows > limit && !crossed)
		dsql_refuse(RULE_LIMIT_TRANSACTION_ROWS);
}

void
dsql_transaction_count_bytes(int64 bytes)
{
	current.deeds.bytes += bytes;
}

static void
check_size(void)
{
	int			limit = dsql_limit(limit_transaction_size);
	int64		megabytes = (current.deeds.bytes + 1024 * 1024 - 1) / (1024 * 1024);

	if (megabytes > limit)
		dsql_refuse(RULE_LIMIT_TRANSACTION_SIZE, limit, (int) megabytes, limit);
}

/*
 * Does the statement change data of the user's?  What the emulator itself
 * keeps in tables is not.
 */
static bool
changes_data(PlannedStmt *stmt)
{
	Oid			own_schema;
	ListCell   *lc;

	if (stmt->commandType == CMD_SELECT && !stmt->hasModifyingCTE)
		return false;

	own_schema = get_namespace_oid("dsql", true);
	foreach(lc, stmt->resultRelations)
	{
		RangeTblEntry *rte = rt_fetch(lfirst_int(lc), stmt->rtable);

		if (get_rel_namespace(rte->relid) != own_schema)
			return true;
	}
	return false;
}

/*
 * In report mode, count the rows that a run of the executor has changed in a
 * heap.
 */
static void
count_heap_rows(QueryDesc *queryDesc)
{
	List	   *relations = queryDesc->estate->es_opened_result_relations;
	ResultRelInfo *result;

	if (queryDesc->operation == CMD_SELECT || relations == NIL)
		return;
	result = linitial(relations);
	if (result->ri_RelationDesc->rd_rel->relam == HEAP_TABLE_AM_OID)
		dsql_transaction_count_rows(queryDesc->estate->es_processed);
}

/* The same for a table that COPY has filled. */
static void
count_copied_rows(CopyStmt *stmt, QueryCompletion *qc)
{
	Oid			table;
	HeapTuple	tuple;

	if (!stmt->is_from || stmt->relation == NULL || qc == NULL)
		return;
	table = RangeVarGetRelid(stmt->relation, NoLock, true);
	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(table));
	if (!HeapTupleIsValid(tuple))
		return;
	if (((Form_pg_class) GETSTRUCT(tuple))->relam == HEAP_TABLE_AM_OID)
		dsql_transaction_count_rows(qc->nprocessed);
	ReleaseSysCache(tuple);
}

static inline bool
is_reporting(void)
{
	return dsql_mode == DSQL_MODE_REPORT && dsql_session_emulated();
}

static void
transaction_ExecutorStart(QueryDesc *queryDesc, int eflags)
{
	if (depth == 0)
		dsql_temp_space_apply();

	if (dsql_session_emulated())
	{
		dsql_finding_set_statement(queryDesc->sourceText,
								   queryDesc->plannedstmt->stmt_location,
								   queryDesc->plannedstmt->stmt_len);
		if (depth == 0)
			check_age();
		if (!in_ddl && !(eflags & EXEC_FLAG_EXPLAIN_ONLY) &&
			(!current.deeds.dml || current.deeds.ddl) &&
			changes_data(queryDesc->plannedstmt))
			begin_dml();
	}

	if (prev_ExecutorStart_hook)
		prev_ExecutorStart_hook(queryDesc, eflags);
	else
		standard_ExecutorStart(queryDesc, eflags);
}

static void
transaction_ExecutorRun(DSQL_EXECUTOR_RUN_PARAMS)
{
	MemoryContext context = CurrentMemoryContext;
	int64		temp_blocks = pgBufferUsage.temp_blks_written;
	bool		outermost = !in_query;

	depth++;
	in_query = true;
	PG_TRY();
	{
		if (prev_ExecutorRun_hook)
			prev_ExecutorRun_hook(DSQL_EXECUTOR_RUN_ARGS);
		else
			standard_ExecutorRun(DSQL_EXECUTOR_RUN_ARGS);
	}
	PG_CATCH();
	{
		depth--;
		in_query = !outermost;
		dsql_temp_space_rethrow(context);
	}
	PG_END_TRY();
	depth--;
	in_query = !outermost;

	if (is_reporting())
		count_heap_rows(queryDesc);
	if (outermost)
		dsql_temp_space_report(pgBufferUsage.temp_blks_written - temp_blocks);
}

static void
transaction_ExecutorFinish(QueryDesc *queryDesc)
{
	MemoryContext context = CurrentMemoryContext;

	depth++;
	PG_TRY();
	{
		if (prev_ExecutorFinish_hook)
			prev_ExecutorFinish_hook(queryDesc);
		else
			standard_ExecutorFinish(queryDesc);
	}
	PG_CATCH();
	{
		depth--;
		dsql_temp_space_rethrow(context);
	}
	PG_END_TRY();
	depth--;
}

/*
 * ANALYZE, and CALL of a procedure that waits, may take as long as they need
 * if they are a transaction of their own.
 */
static bool
may_take_long(Node *stmt)
{
	return (IsA(stmt, VacuumStmt) || IsA(stmt, CallStmt)) &&
		!IsTransactionBlock();
}

/*
 * A utility command begins.  Returns whether it is DDL.
 */
static bool
begin_utility(Node *stmt)
{
	LogStmtLevel level;

	if (IsA(stmt, TransactionStmt))
	{
		/* COMMIT is checked when it commits, and one can always give up. */
		transaction_age();
		return false;
	}

	if (depth == 0)
	{
		current.ageless |= may_take_long(stmt);
		check_age();
	}

	if (in_ddl)
		return false;
	level = GetCommandLogLevel(stmt);
	if (level == LOGSTMT_DDL)
		dsql_transaction_begin_ddl();
	else if (IsA(stmt, CopyStmt) && level == LOGSTMT_MOD)
		begin_dml();
	return level == LOGSTMT_DDL;
}

static void
transaction_ProcessUtility(PlannedStmt *pstmt, const char *queryString,
						   bool readOnlyTree, ProcessUtilityContext context,
						   ParamListInfo params, QueryEnvironment *queryEnv,
						   DestReceiver *dest, QueryCompletion *qc)
{
	bool		outer_in_ddl = in_ddl;
	bool		ageless = false;

	if (depth == 0)
		dsql_temp_space_apply();

	if (context != PROCESS_UTILITY_SUBCOMMAND && dsql_session_emulated())
	{
		dsql_finding_set_statement(queryString, pstmt->stmt_location,
								   pstmt->stmt_len);
		in_ddl |= begin_utility(pstmt->utilityStmt);
		ageless = current.ageless;
	}

	depth++;
	PG_TRY();
	{
		if (prev_ProcessUtility_hook)
			prev_ProcessUtility_hook(pstmt, queryString, readOnlyTree, context,
									 params, queryEnv, dest, qc);
		else
			standard_ProcessUtility(pstmt, queryString, readOnlyTree, context,
									params, queryEnv, dest, qc);
	}
	PG_FINALLY();
	{
		depth--;
		in_ddl = outer_in_ddl;
	}
	PG_END_TRY();

	if (is_reporting() && IsA(pstmt->utilityStmt, CopyStmt))
	{
		/* Foreign keys ran statements of their own. */
		dsql_finding_set_statement(queryString, pstmt->stmt_location,
								   pstmt->stmt_len);
		count_copied_rows((CopyStmt *) pstmt->utilityStmt, qc);
	}

	/* The command may have ended one transaction and begun another. */
	current.ageless |= ageless && IsTransactionState();
}

static void
transaction_xact_callback(XactEvent event, void *arg)
{
	switch (event)
	{
		case XACT_EVENT_PRE_COMMIT:
			if (current.started && dsql_session_emulated())
			{
				check_age();
				check_size();
			}
			break;
		case XACT_EVENT_COMMIT:
		case XACT_EVENT_ABORT:
		case XACT_EVENT_PREPARE:
			memset(&current, 0, sizeof(current));
			break;
		default:
			break;
	}
}

static void
transaction_subxact_callback(SubXactEvent event, SubTransactionId subid,
							 SubTransactionId parent, void *arg)
{
	SavedDeeds *saved = current.saved;

	switch (event)
	{
		case SUBXACT_EVENT_START_SUB:
			saved = MemoryContextAlloc(TopTransactionContext, sizeof(SavedDeeds));
			saved->outer = current.saved;
			saved->subid = subid;
			saved->deeds = current.deeds;
			current.saved = saved;
			break;
		case SUBXACT_EVENT_ABORT_SUB:
		case SUBXACT_EVENT_COMMIT_SUB:
			/* It may have failed before it was ours to see. */
			if (saved == NULL || saved->subid != subid)
				break;
			if (event == SUBXACT_EVENT_ABORT_SUB)
				current.deeds = saved->deeds;
			current.saved = saved->outer;
			pfree(saved);
			break;
		default:
			break;
	}
}

void
dsql_transaction_install_hooks(void)
{
	prev_ExecutorStart_hook = ExecutorStart_hook;
	ExecutorStart_hook = transaction_ExecutorStart;
	prev_ExecutorRun_hook = ExecutorRun_hook;
	ExecutorRun_hook = transaction_ExecutorRun;
	prev_ExecutorFinish_hook = ExecutorFinish_hook;
	ExecutorFinish_hook = transaction_ExecutorFinish;
	prev_ProcessUtility_hook = ProcessUtility_hook;
	ProcessUtility_hook = transaction_ProcessUtility;

	RegisterXactCallback(transaction_xact_callback, NULL);
	RegisterSubXactCallback(transaction_subxact_callback, NULL);
}
