/*
 * transaction_rules.c
 *		What the service allows in one transaction.
 *
 * 1. One DDL statement; GRANT and REVOKE are DDL.
 * 2. No DDL beside a change of data, whichever comes first.  Reading is free.
 * 3. A number of rows changed or locked; the statement that crosses it fails.
 * 4. A size of what is written; COMMIT fails.
 * 5. An age; the next statement fails, and COMMIT.
 *
 * The rules are the same for a block, a query string of several statements,
 * the messages up to Sync of the extended protocol, and a single statement.  A
 * statement counts when it is executed, and as the user wrote it: the commands
 * that PostgreSQL makes of CREATE TABLE or CREATE SCHEMA are not DDL of their
 * own, and what DDL itself writes is not a change of data.
 *
 * The access method of the service's tables counts rows and bytes.  In report
 * mode tables are heap tables; their rows are counted as the statements report
 * them.
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

#include "base/clock.h"
#include "base/compat.h"
#include "base/finding.h"
#include "base/limit.h"
#include "base/refuse.h"
#include "base/session.h"
#include "base/stats.h"
#include "transaction/temp_space.h"
#include "transaction/transaction_rules.h"

/* The part of the state that a subtransaction's abort undoes. */
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
	DsqlNesting nesting;
} SavedDeeds;

/* The state of the current transaction; all zero where there is none. */
static struct
{
	bool		started;		/* is "start" known? */
	bool		ageless;		/* the limit of age does not hold */
	TimestampTz start;			/* by the emulator's clock */
	TimestampTz message;		/* that the last statement was in */
	Deeds		deeds;
	SavedDeeds *saved;			/* at the start of each subtransaction */
}			current;

DsqlNesting dsql_transaction_nesting;
static DsqlNesting *const nesting = &dsql_transaction_nesting;

/*
 * Note when the transaction started, if that is not known yet.  Called for its
 * first statement, because the clock has not moved until then.
 */
static void
begin_age(void)
{
	if (current.started)
		return;
	current.start = dsql_clock_at(GetCurrentTransactionStartTimestamp());
	current.started = true;
}

static void
check_age(TimestampTz now)
{
	int			limit = dsql_limit(limit_transaction_age);
	int64		age = (now - current.start) / USECS_PER_SEC;

	if (unlikely(age > limit) && !current.ageless)
		dsql_refuse(RULE_LIMIT_TRANSACTION_AGE, limit, (int) age, limit);
}

/*
 * A statement of the client begins.  The first one of a message begins when
 * the message has arrived, or so close to it that the time need not be read
 * again.
 */
static void
check_age_of_statement(void)
{
	TimestampTz message = GetCurrentStatementStartTimestamp();

	begin_age();
	if (current.message != message)
		check_age(dsql_clock_at(message));
	else
		check_age(dsql_clock_now());
	current.message = message;
}

void
dsql_transaction_ignore_age(void)
{
	current.ageless = true;
}

void
dsql_transaction_begin_ddl(void)
{
	Assert(IsTransactionState());
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

	Assert(rows >= 0);
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
 * Does the statement change the user's data?  The emulator's own tables do not
 * count.
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
void
dsql_transaction_report_rows(QueryDesc *queryDesc)
{
	List	   *relations = queryDesc->estate->es_opened_result_relations;
	ResultRelInfo *result;

	if (queryDesc->operation == CMD_SELECT || relations == NIL ||
		!dsql_session_emulated())
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

void
dsql_transaction_begin_query(QueryDesc *queryDesc, int eflags)
{
	if (nesting->depth == 0)
		dsql_temp_space_apply();
	if (!dsql_session_emulated())
		return;

	dsql_finding_set_statement(queryDesc->sourceText,
							   queryDesc->plannedstmt->stmt_location,
							   queryDesc->plannedstmt->stmt_len);
	if (nesting->depth == 0)
		check_age_of_statement();
	if (!nesting->in_ddl && !(eflags & EXEC_FLAG_EXPLAIN_ONLY) &&
		(!current.deeds.dml || current.deeds.ddl) &&
		changes_data(queryDesc->plannedstmt))
		begin_dml();
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

	if (nesting->depth == 0)
	{
		current.ageless |= may_take_long(stmt);
		check_age_of_statement();
	}

	if (nesting->in_ddl)
		return false;
	level = GetCommandLogLevel(stmt);
	if (level == LOGSTMT_DDL)
		dsql_transaction_begin_ddl();
	else if (IsA(stmt, CopyStmt) && level == LOGSTMT_MOD)
		begin_dml();
	return level == LOGSTMT_DDL;
}

void
dsql_transaction_begin_short(PlannedStmt *pstmt, const char *queryString)
{
	if (nesting->depth == 0)
		dsql_temp_space_apply();
	if (!dsql_session_emulated())
		return;

	dsql_finding_set_statement(queryString, pstmt->stmt_location,
							   pstmt->stmt_len);

	/*
	 * COMMIT is checked later, when it commits.  ROLLBACK is always possible.
	 */
	begin_age();
}

DsqlNesting
dsql_transaction_enter_utility(PlannedStmt *pstmt, const char *queryString,
							   ProcessUtilityContext context)
{
	DsqlNesting outer = *nesting;
	bool		is_ddl = false;

	if (nesting->depth == 0)
		dsql_temp_space_apply();

	outer.ageless = false;
	if (context != PROCESS_UTILITY_SUBCOMMAND && dsql_session_emulated())
	{
		dsql_finding_set_statement(queryString, pstmt->stmt_location,
								   pstmt->stmt_len);
		is_ddl = begin_utility(pstmt->utilityStmt);
		outer.ageless = current.ageless;
	}

	nesting->depth++;
	nesting->utility_depth = nesting->depth;
	nesting->in_ddl |= is_ddl;
	return outer;
}

void
dsql_transaction_report_copy(PlannedStmt *pstmt, const char *queryString,
							 QueryCompletion *qc)
{
	if (!IsA(pstmt->utilityStmt, CopyStmt) || !dsql_session_emulated())
		return;
	/* The checks of foreign keys ran statements of their own. */
	dsql_finding_set_statement(queryString, pstmt->stmt_location,
							   pstmt->stmt_len);
	count_copied_rows((CopyStmt *) pstmt->utilityStmt, qc);
}

void
dsql_transaction_leave_utility(DsqlNesting outer)
{
	/* The command may have ended one transaction and begun another. */
	current.ageless |= outer.ageless && IsTransactionState();
	*nesting = outer;
}

void
dsql_transaction_pre_commit(void)
{
	if (current.started && dsql_session_emulated())
	{
		check_age(dsql_clock_now());
		check_size();
	}
}

void
dsql_transaction_end(bool commit)
{
	if (current.deeds.bytes > 0)
		dsql_stats_count(DSQL_STATS_BYTES_WRITTEN, current.deeds.bytes);
	memset(&current, 0, sizeof(current));

	/*
	 * After an error, only this function undoes what queries have entered.
	 * Otherwise the command may be a procedure that ended the transaction.
	 */
	if (!commit)
	{
		nesting->depth = nesting->utility_depth;
		nesting->in_query = nesting->in_ddl = false;
	}
}

void
dsql_transaction_subxact(SubXactEvent event, SubTransactionId subid)
{
	SavedDeeds *saved = current.saved;

	switch (event)
	{
		case SUBXACT_EVENT_START_SUB:
			saved = MemoryContextAlloc(TopTransactionContext, sizeof(SavedDeeds));
			saved->outer = current.saved;
			saved->subid = subid;
			saved->deeds = current.deeds;
			saved->nesting = *nesting;
			current.saved = saved;
			break;
		case SUBXACT_EVENT_ABORT_SUB:
		case SUBXACT_EVENT_COMMIT_SUB:
			/* The command may have failed before our hook was called. */
			if (saved == NULL || saved->subid != subid)
				break;
			if (event == SUBXACT_EVENT_ABORT_SUB)
			{
				current.deeds = saved->deeds;
				*nesting = saved->nesting;
			}
			current.saved = saved->outer;
			pfree(saved);
			break;
		default:
			break;
	}
}
