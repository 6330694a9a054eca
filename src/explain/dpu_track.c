/*
 * dpu_track.c
 *		What the statements of a cluster were estimated at, added up.
 *
 * Only outermost statements are tracked.  What those within them read and write
 * is counted as theirs.
 */
#include "postgres.h"

#include <math.h>

#include "executor/executor.h"
#include "fmgr.h"
#include "funcapi.h"
#include "portability/instr_time.h"
#include "utils/plancache.h"

#include "base/compat.h"
#include "base/session.h"
#include "base/stats.h"
#include "explain/dpu_track.h"

#define BILLION 1000000000.0

QueryDesc  *dsql_dpu_tracked = NULL;

static DsqlDpuCount tracked_count;
static instr_time tracked_since;
static bool paused = false;

static void
track(QueryDesc *query, QueryDesc *name)
{
	INSTR_TIME_SET_CURRENT(tracked_since);
	dsql_dpu_begin(&tracked_count, query);
	dsql_dpu_tracked = name;
}

void
dsql_dpu_track_begin(QueryDesc *queryDesc, int eflags)
{
	if (paused || (eflags & EXEC_FLAG_EXPLAIN_ONLY) ||
		!dsql_session_emulated())
		return;
	if (dsql_row_cost.counting)
		dsql_dpu_count_nested(queryDesc);
	else
		track(queryDesc, queryDesc);
}

bool
dsql_dpu_track_begin_copy(void)
{
	static QueryDesc copy;

	if (dsql_row_cost.counting || paused || !dsql_session_emulated())
		return false;
	track(NULL, &copy);
	return true;
}

void
dsql_dpu_track_end(void)
{
	DsqlDpu		dpu;
	instr_time	now;

	INSTR_TIME_SET_CURRENT(now);
	INSTR_TIME_SUBTRACT(now, tracked_since);
	dsql_dpu_tracked = NULL;
	dsql_dpu_end(&tracked_count, &dpu);
	dsql_dpu_add_time(&dpu, INSTR_TIME_GET_MILLISEC(now));
	dsql_dpu_track_add(&dpu);
}

void
dsql_dpu_track_forget(void)
{
	if (dsql_dpu_tracked != NULL)
		dsql_dpu_abandon(&tracked_count);
	dsql_dpu_tracked = NULL;
}

bool
dsql_dpu_track_pause(bool pause)
{
	bool		before = paused;

	paused = pause;
	return before;
}

static void
add(DsqlStatsCounter counter, double dpu)
{
	dsql_stats_count(counter, (int64) rint(dpu * BILLION));
}

void
dsql_dpu_track_add(const DsqlDpu *dpu)
{
	dsql_stats_count(DSQL_STATS_DPU_STATEMENTS, 1);
	add(DSQL_STATS_DPU_COMPUTE, dpu->compute);
	add(DSQL_STATS_DPU_READ, dpu->read);
	add(DSQL_STATS_DPU_WRITE, dpu->write);
	add(DSQL_STATS_DPU_MULTI_REGION_WRITE, dpu->multi_region_write);
}

/*
 * What is tracked is planned as EXPLAIN does it, and plans may be kept.
 */
static void
assign_track_dpu(bool newval, void *extra)
{
	if (newval != dsql_settings_track_dpu)
		ResetPlanCache();
}

void
dsql_dpu_track_install(void)
{
	((struct config_bool *) dsql_find_option("dsql_emu.track_dpu"))->assign_hook =
		assign_track_dpu;
}

/*
 * The row of dsql.dpu.
 */
PG_FUNCTION_INFO_V1(dsql_dpu_row);
Datum
dsql_dpu_row(PG_FUNCTION_ARGS)
{
	TupleDesc	desc;
	Datum		values[6];
	bool		nulls[6] = {0};
	double		total = 0;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	values[0] = Int64GetDatum(dsql_stats_sum(DSQL_STATS_DPU_STATEMENTS));
	for (int i = 1; i <= 4; i++)
	{
		double		part = dsql_stats_sum(DSQL_STATS_DPU_STATEMENTS + i) / BILLION;

		values[i] = Float8GetDatum(part);
		total += part;
	}
	values[5] = Float8GetDatum(total);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc),
													  values, nulls)));
}
