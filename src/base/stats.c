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
#include "miscadmin.h"
#include "port/pg_bitutils.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "base/cluster_counters.h"
#include "base/compat.h"
#include "base/json.h"
#include "base/session.h"
#include "base/stats.h"

int64		dsql_stats_pending[NUM_DSQL_STATS];

/* A bit for each of them that may not be 0. */
uint32		dsql_stats_pending_set = 0;

StaticAssertDecl(NUM_DSQL_STATS <= 32, "a set of counters has a bit for each");

/* Has the current transaction met a conflict? */
static bool met_conflict = false;

/*
 * How many of the session's transactions have failed because of a conflict,
 * one after the other and without another one between them.
 */
static uint64 run_of_failures = 0;

void
dsql_stats_count_conflict(DsqlStatsCounter counter)
{
	dsql_stats_count(counter, 1);
	met_conflict = true;
}

void
dsql_stats_count_refusal(DsqlRuleId rule)
{
	if (OidIsValid(MyDatabaseId) && IsUnderPostmaster)
		pg_atomic_fetch_add_u32(&dsql_cluster_counters_mine()->refusals[rule], 1);
}

static void
raise_longest_run(uint64 length)
{
	pg_atomic_uint64 *longest = &dsql_cluster_counters_mine()->longest_run;
	uint64		seen = pg_atomic_read_u64(longest);

	while (seen < length &&
		   !pg_atomic_compare_exchange_u64(longest, &seen, length))
		;
}

/*
 * A transaction that commits after such failures is taken for their retry.
 */
static void
follow_retries(bool commit, bool looked)
{
	if (!commit && met_conflict)
		run_of_failures++;
	else if (looked)
	{
		if (commit && run_of_failures > 0)
		{
			dsql_stats_count(DSQL_STATS_RETRIED_COMMITS, 1);
			raise_longest_run(run_of_failures);
		}
		run_of_failures = 0;
	}
	met_conflict = false;
}

/* Those of the rows, which count only if the transaction commits. */
static const DsqlStatsCounter of_rows[] = {
	DSQL_STATS_ROWS_WRITTEN, DSQL_STATS_BYTES_WRITTEN,
	DSQL_STATS_ROWS_INSERTED, DSQL_STATS_ROWS_UPDATED,
	DSQL_STATS_ROWS_DELETED, DSQL_STATS_ROWS_LOCKED
};

void
dsql_stats_end(bool commit, bool looked)
{
	pg_atomic_uint64 *counters;

	if (dsql_session_emulated())
	{
		dsql_stats_count(DSQL_STATS_TRANSACTIONS, 1);
		if (commit)
			dsql_stats_count(DSQL_STATS_COMMITS, 1);
		follow_retries(commit, looked);
	}
	if (dsql_stats_pending_set == 0)
		return;

	if (!commit)
		for (int i = 0; i < lengthof(of_rows); i++)
			dsql_stats_pending[of_rows[i]] = 0;
	counters = dsql_cluster_counters_mine()->stats[dsql_my_process_number() %
												   DSQL_STATS_SETS].counters;
	while (dsql_stats_pending_set != 0)
	{
		int			i = pg_rightmost_one_pos32(dsql_stats_pending_set);

		pg_atomic_fetch_add_u64(&counters[i], dsql_stats_pending[i]);
		dsql_stats_pending[i] = 0;
		dsql_stats_pending_set &= dsql_stats_pending_set - 1;
	}
}

int64
dsql_stats_sum(DsqlStatsCounter counter)
{
	DsqlClusterCounters *database = dsql_cluster_counters_mine();
	int64		sum = 0;

	for (int i = 0; i < DSQL_STATS_SETS; i++)
		sum += pg_atomic_read_u64(&database->stats[i].counters[counter]);
	return sum;
}

/* The counters that 1.0 had, which are the first ones. */
#define NUM_OLD_STATS (DSQL_STATS_ROWS_WRITTEN + 1)

/* Those of dsql.stats today; what follows is of dsql.dpu. */
#define NUM_STATS_OF_TRANSACTIONS (DSQL_STATS_ROWS_LOCKED + 1)

/*
 * Fill in the oldest counters, the time since when they count, and others.
 */
static void
fill_in(DsqlClusterCounters *database, Datum *values, int ncounters)
{
	for (int i = 0; i < ncounters; i++)
		values[i < NUM_OLD_STATS ? i : i + 1] =
			Int64GetDatum(dsql_stats_sum(i));
	values[NUM_OLD_STATS] =
		TimestampTzGetDatum(pg_atomic_read_u64(&database->stats_since));
}

/*
 * How often each rule has refused something, those left out that have not.
 */
static Jsonb *
collect_refusals(DsqlClusterCounters *database)
{
	JsonBuilder builder;

	dsql_json_begin(&builder);
	for (int i = 0; i < NUM_DSQL_RULES; i++)
	{
		uint32		count = pg_atomic_read_u32(&database->refusals[i]);

		if (count > 0)
			dsql_json_int(&builder, dsql_rule_id(&dsql_rule_table[i]), count);
	}
	return dsql_json_end(&builder);
}

static Datum
make_row(FunctionCallInfo fcinfo, Datum *values, bool *nulls)
{
	TupleDesc	desc;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values,
											 nulls));
}

/*
 * The row of dsql.stats in version 1.0, and that of today.
 */
PG_FUNCTION_INFO_V1(dsql_stats_row);
Datum
dsql_stats_row(PG_FUNCTION_ARGS)
{
	Datum		values[NUM_OLD_STATS + 1];
	bool		nulls[NUM_OLD_STATS + 1] = {0};

	fill_in(dsql_cluster_counters_mine(), values, NUM_OLD_STATS);
	PG_RETURN_DATUM(make_row(fcinfo, values, nulls));
}

PG_FUNCTION_INFO_V1(dsql_stats_counters);
Datum
dsql_stats_counters(PG_FUNCTION_ARGS)
{
	DsqlClusterCounters *database = dsql_cluster_counters_mine();
	Datum		values[NUM_STATS_OF_TRANSACTIONS + 3];
	bool		nulls[NUM_STATS_OF_TRANSACTIONS + 3] = {0};

	fill_in(database, values, NUM_STATS_OF_TRANSACTIONS);
	values[NUM_STATS_OF_TRANSACTIONS + 1] =
		Int64GetDatum(pg_atomic_read_u64(&database->longest_run));
	values[NUM_STATS_OF_TRANSACTIONS + 2] = JsonbPGetDatum(collect_refusals(database));
	PG_RETURN_DATUM(make_row(fcinfo, values, nulls));
}

PG_FUNCTION_INFO_V1(dsql_reset_stats);
Datum
dsql_reset_stats(PG_FUNCTION_ARGS)
{
	DsqlClusterCounters *database = dsql_cluster_counters_mine();

	for (int i = 0; i < DSQL_STATS_SETS; i++)
		for (int j = 0; j < NUM_DSQL_STATS; j++)
			pg_atomic_write_u64(&database->stats[i].counters[j], 0);
	for (int i = 0; i < NUM_DSQL_RULES; i++)
		pg_atomic_write_u32(&database->refusals[i], 0);
	pg_atomic_write_u64(&database->longest_run, 0);
	pg_atomic_write_u64(&database->stats_since, GetCurrentTimestamp());
	PG_RETURN_VOID();
}
