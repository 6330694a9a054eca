/*
 * stats.c
 *		What transactions did, counted for each database.
 *
 * A backend adds what its transaction did to the shared counters once, when
 * the transaction ends.
 */
#include "postgres.h"

#include "access/xact.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "base/cluster_counters.h"
#include "base/compat.h"
#include "base/session.h"
#include "base/stats.h"

int64		dsql_stats_pending[NUM_DSQL_STATS];
bool		dsql_stats_any_pending = false;

void
dsql_stats_end(bool commit)
{
	pg_atomic_uint64 *counters;

	if (dsql_session_emulated())
	{
		dsql_stats_count(DSQL_STATS_TRANSACTIONS, 1);
		if (commit)
			dsql_stats_count(DSQL_STATS_COMMITS, 1);
	}
	if (!dsql_stats_any_pending)
		return;

	/* Rows of a transaction that failed were not written. */
	if (!commit)
		dsql_stats_pending[DSQL_STATS_ROWS_WRITTEN] = 0;
	counters = dsql_cluster_counters_mine()->stats[dsql_my_process_number() %
												   DSQL_STATS_SETS].counters;
	for (int i = 0; i < NUM_DSQL_STATS; i++)
	{
		if (dsql_stats_pending[i] != 0)
			pg_atomic_fetch_add_u64(&counters[i], dsql_stats_pending[i]);
		dsql_stats_pending[i] = 0;
	}
	dsql_stats_any_pending = false;
}

static int64
sum_counter(DsqlClusterCounters *database, DsqlStatsCounter counter)
{
	int64		sum = 0;

	for (int i = 0; i < DSQL_STATS_SETS; i++)
		sum += pg_atomic_read_u64(&database->stats[i].counters[counter]);
	return sum;
}

/* The counters that 1.0 had, which are the first ones. */
#define NUM_OLD_STATS (DSQL_STATS_ROWS_WRITTEN + 1)

/*
 * A row of the oldest counters, the time since when they count, and the others.
 */
static Datum
make_row(FunctionCallInfo fcinfo, int ncounters)
{
	DsqlClusterCounters *database = dsql_cluster_counters_mine();
	TupleDesc	desc;
	Datum		values[NUM_DSQL_STATS + 1];
	bool		nulls[NUM_DSQL_STATS + 1] = {0};

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	for (int i = 0; i < ncounters; i++)
		values[i < NUM_OLD_STATS ? i : i + 1] =
			Int64GetDatum(sum_counter(database, i));
	values[NUM_OLD_STATS] =
		TimestampTzGetDatum(pg_atomic_read_u64(&database->stats_since));
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc),
											 values, nulls));
}

/*
 * The row of dsql.stats in version 1.0, and that of today.
 */
PG_FUNCTION_INFO_V1(dsql_stats_row);
Datum
dsql_stats_row(PG_FUNCTION_ARGS)
{
	PG_RETURN_DATUM(make_row(fcinfo, NUM_OLD_STATS));
}

PG_FUNCTION_INFO_V1(dsql_stats_counters);
Datum
dsql_stats_counters(PG_FUNCTION_ARGS)
{
	PG_RETURN_DATUM(make_row(fcinfo, NUM_DSQL_STATS));
}

PG_FUNCTION_INFO_V1(dsql_reset_stats);
Datum
dsql_reset_stats(PG_FUNCTION_ARGS)
{
	DsqlClusterCounters *database = dsql_cluster_counters_mine();

	for (int i = 0; i < DSQL_STATS_SETS; i++)
		for (int j = 0; j < NUM_DSQL_STATS; j++)
			pg_atomic_write_u64(&database->stats[i].counters[j], 0);
	pg_atomic_write_u64(&database->stats_since, GetCurrentTimestamp());
	PG_RETURN_VOID();
}
