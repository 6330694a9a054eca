/*
 * dpu.c
 *		What the service would estimate a statement at, in DPUs.
 *
 * The rates are those of AWS's documentation.  Compute is the time that the
 * statement takes here, on another machine.
 */
#include "postgres.h"

#include <math.h>

#include "base/cluster_database.h"
#include "base/compat.h"
#include "cluster/cluster.h"
#include "cluster/cluster_catalog.h"
#include "explain/dpu.h"
#include "explain/scan_count.h"

/* For each byte, and what a transaction pays at least. */
#define READ_DPU		0.00000183105
#define READ_LEAST		0.00375
#define WRITE_DPU		0.00004883
#define WRITE_LEAST		0.05

/* What recorded statements have beside their times, in seconds. */
#define COMPUTE_OVERHEAD	0.00015

static double
charged(double bytes)
{
	return Max(bytes, DSQL_ROW_COST_LEAST);
}

/*
 * Bytes that are filtered out later have been read.
 */
static double
scanned_bytes(List *scans)
{
	double		bytes = 0;
	ListCell   *lc;

	foreach(lc, scans)
	{
		DsqlScanCount *count = lfirst(lc);

		if (!dsql_scan_count_began(count))
			continue;
		bytes += charged(count->scanned_bytes);
		if (count->looks_up && count->kept > 0)
			bytes += charged(count->looked_up_bytes);
	}
	return bytes;
}

static bool
is_multi_region(void)
{
	const DsqlClusterDatabase *own = dsql_cluster_database_own();
	const char *bound;
	Cluster    *cluster;

	/* The rows of clusters are in another database. */
	if (own != NULL)
		return own->count > 1;
	bound = dsql_cluster_bound();
	cluster = bound != NULL ? dsql_cluster_catalog_cluster(bound) :
		dsql_cluster_catalog_default_cluster();
	return cluster != NULL && cluster->witness != NULL;
}

void
dsql_dpu_begin(DsqlDpuCount *count, QueryDesc *queryDesc)
{
	static const DsqlRowCost nothing = {.counting = true};
	static uint64 statements = 0;

	count->scans = queryDesc != NULL ? dsql_scan_count_begin(queryDesc) : NIL;
	count->outer = dsql_row_cost;
	dsql_row_cost = nothing;
	dsql_row_cost.statement = ++statements;
}

typedef struct NestedQuery
{
	MemoryContextCallback end;
	List	   *scans;
	uint64		statement;		/* that it is a part of */
} NestedQuery;

static void
end_nested(void *arg)
{
	NestedQuery *nested = arg;

	if (dsql_row_cost.counting && dsql_row_cost.statement == nested->statement)
		dsql_row_cost.nested += scanned_bytes(nested->scans);
}

/*
 * Checks of foreign keys do not call ExecutorFinish(), and there is no hook of
 * ours at the end: but then the query's memory goes.
 */
void
dsql_dpu_count_nested(QueryDesc *queryDesc)
{
	MemoryContext context = queryDesc->estate->es_query_cxt;
	NestedQuery *nested = MemoryContextAllocZero(context,
												 sizeof(NestedQuery));

	nested->scans = dsql_scan_count_begin(queryDesc);
	nested->statement = dsql_row_cost.statement;
	nested->end.func = end_nested;
	nested->end.arg = nested;
	MemoryContextRegisterResetCallback(context, &nested->end);
}

void
dsql_dpu_abandon(DsqlDpuCount *count)
{
	dsql_row_cost = count->outer;
}

void
dsql_dpu_end(DsqlDpuCount *count, DsqlDpu *dpu)
{
	double		read = scanned_bytes(count->scans) + dsql_row_cost.checked +
	dsql_row_cost.nested;

	memset(dpu, 0, sizeof(DsqlDpu));
	dpu->read = read * READ_DPU;
	dpu->write = dsql_row_cost.written * WRITE_DPU;
	dsql_row_cost = count->outer;
	if (dpu->write > 0 && is_multi_region())
		dpu->multi_region_write = dpu->write;
}

void
dsql_dpu_add_time(DsqlDpu *dpu, double milliseconds)
{
	dpu->compute = milliseconds / 1000 + COMPUTE_OVERHEAD;
}

static void
print_part(const char *label, double value, double least, ExplainState *es)
{
	if (es->format != EXPLAIN_FORMAT_TEXT)
	{
		ExplainPropertyFloat(label, "DPU", value, 5, es);
		return;
	}
	appendStringInfo(es->str, "  %s: %.5f DPU", label, value);
	if (value > 0 && value < least)
		appendStringInfo(es->str, " (Transaction minimum: %.5f)", least);
	appendStringInfoChar(es->str, '\n');
}

/*
 * The total is that of the parts as they are printed.
 */
static double
as_printed(double value)
{
	return rint(value * 100000) / 100000;
}

void
dsql_dpu_print(const DsqlDpu *dpu, ExplainState *es)
{
	double		total = as_printed(dpu->compute) + as_printed(dpu->read) +
	as_printed(dpu->write) + as_printed(dpu->multi_region_write);

	ExplainOpenGroup("Statement DPU Estimate", "Statement DPU Estimate", true,
					 es);
	if (es->format == EXPLAIN_FORMAT_TEXT)
		appendStringInfoString(es->str, "Statement DPU Estimate:\n");
	print_part("Compute", dpu->compute, 0, es);
	print_part("Read", dpu->read, READ_LEAST, es);
	print_part("Write", dpu->write, WRITE_LEAST, es);
	if (dpu->multi_region_write > 0)
		print_part("Multi-Region Write", dpu->multi_region_write, WRITE_LEAST,
				   es);
	print_part("Total", total, 0, es);
	ExplainCloseGroup("Statement DPU Estimate", "Statement DPU Estimate", true,
					  es);
}
