/*
 * explain_query.c
 *		EXPLAIN as the service does it.
 *
 * This is PostgreSQL's ExplainOnePlan(), with a printer of our own for the plan
 * and what the service adds at the end.  Options that show buffers and WAL are
 * accepted and show nothing, because the service has none.
 */
#include "postgres.h"

#include "access/xact.h"
#include "executor/executor.h"
#include "portability/instr_time.h"
#include "tcop/tcopprot.h"
#include "utils/snapmgr.h"

#include "base/compat.h"
#include "explain/dpu.h"
#include "explain/dpu_track.h"
#include "explain/explain_print.h"
#include "explain/explain_query.h"
#include "explain/plan_cost.h"
#include "explain/query_identifier.h"

static double
milliseconds_since(instr_time start)
{
	instr_time	now;

	INSTR_TIME_SET_CURRENT(now);
	INSTR_TIME_SUBTRACT(now, start);
	return INSTR_TIME_GET_MILLISEC(now);
}

/*
 * Plan the query so that scans ask for no more columns than are needed.
 */
static PlannedStmt *
plan_query(Query *query, int cursor_options, const char *query_string,
		   ParamListInfo params, double *milliseconds)
{
	PlannedStmt *stmt;
	bool		outer = dsql_plan_for_explain;
	instr_time	start;

	INSTR_TIME_SET_CURRENT(start);
	dsql_plan_for_explain = true;
	PG_TRY();
	{
		stmt = pg_plan_query(query, query_string,
							 cursor_options & ~CURSOR_OPT_PARALLEL_OK, params);
	}
	PG_FINALLY();
	{
		dsql_plan_for_explain = outer;
	}
	PG_END_TRY();
	*milliseconds = milliseconds_since(start);
	return stmt;
}

static QueryDesc *
start_query(PlannedStmt *stmt, ExplainState *es, const char *query_string,
			ParamListInfo params, QueryEnvironment *query_env)
{
	QueryDesc  *queryDesc;
	int			instrument = 0;
	bool		paused;

	if (es->analyze)
		instrument = es->timing ? INSTRUMENT_TIMER : INSTRUMENT_ROWS;
	PushCopiedSnapshot(GetActiveSnapshot());
	UpdateActiveSnapshotCommandId();
	queryDesc = CreateQueryDesc(stmt, query_string, GetActiveSnapshot(),
								InvalidSnapshot, None_Receiver, params,
								query_env, instrument);
	paused = dsql_dpu_track_pause(true);
	PG_TRY();
	{
		ExecutorStart(queryDesc, es->analyze ? 0 : EXEC_FLAG_EXPLAIN_ONLY);
	}
	PG_FINALLY();
	{
		dsql_dpu_track_pause(paused);
	}
	PG_END_TRY();
	return queryDesc;
}

static void
end_query(QueryDesc *queryDesc, ExplainState *es)
{
	ExecutorEnd(queryDesc);
	FreeQueryDesc(queryDesc);
	PopActiveSnapshot();
	if (es->analyze)
		CommandCounterIncrement();
}

/*
 * Run the query to its end, and count.
 */
static void
run_query(QueryDesc *queryDesc, DsqlDpuCount *count, DsqlDpu *dpu)
{
	dsql_dpu_begin(count, queryDesc);
	PG_TRY();
	{
		dsql_executor_run(queryDesc, ForwardScanDirection);
		ExecutorFinish(queryDesc);
	}
	PG_CATCH();
	{
		dsql_dpu_abandon(count);
		PG_RE_THROW();
	}
	PG_END_TRY();
	dsql_dpu_end(count, dpu);
}

static void
print_query_id(uint64 query_id, ExplainState *es)
{
	char text[	DSQL_QUERY_IDENTIFIER_LEN + 1];

	if (!es->verbose || query_id == 0)
		return;
	dsql_query_identifier(query_id, text);
	ExplainPropertyText("Query Identifier", text, es);
}

void
dsql_explain_query(Query *query, int cursor_options, ExplainState *es,
				   const char *query_string, ParamListInfo params,
				   QueryEnvironment *query_env)
{
	PlannedStmt *stmt;
	QueryDesc  *queryDesc;
	DsqlDpuCount count = {0};
	DsqlDpu		dpu;
	double		planning;
	double		execution = 0;
	instr_time	start;

	es->buffers = false;
	es->wal = false;
	stmt = plan_query(query, cursor_options, query_string, params, &planning);

	INSTR_TIME_SET_CURRENT(start);
	queryDesc = start_query(stmt, es, query_string, params, query_env);
	if (es->analyze)
	{
		run_query(queryDesc, &count, &dpu);
		execution = milliseconds_since(start);
	}

	ExplainOpenGroup("Query", NULL, true, es);
	dsql_explain_print_plan(es, queryDesc, count.scans);
	print_query_id(stmt->queryId, es);
	if (es->summary)
		ExplainPropertyFloat("Planning Time", "ms", planning, 3, es);
	if (es->analyze)
		ExplainPrintTriggers(es, queryDesc);

	INSTR_TIME_SET_CURRENT(start);
	end_query(queryDesc, es);
	execution += milliseconds_since(start);
	if (es->summary && es->analyze)
		ExplainPropertyFloat("Execution Time", "ms", execution, 3, es);
	if (es->analyze)
	{
		dsql_dpu_add_time(&dpu, planning + execution);
		if (es->verbose)
			dsql_dpu_print(&dpu, es);
		if (dsql_settings_track_dpu)
			dsql_dpu_track_add(&dpu);
	}
	ExplainCloseGroup("Query", NULL, true, es);
}
