/*
 * dpu.h
 *		What the service would estimate a statement at, in DPUs.
 */
#ifndef DSQL_DPU_H
#define DSQL_DPU_H

#include "commands/explain.h"
#include "executor/execdesc.h"

#include "transaction/row_cost.h"

/* What is counted of a statement while it runs. */
typedef struct DsqlDpuCount
{
	List	   *scans;			/* DsqlScanCount */
	DsqlRowCost outer;			/* of the statement around it */
} DsqlDpuCount;

/*
 * Begin to count in a statement that has been started, and end.  It has no
 * query if it is COPY.
 */
extern void dsql_dpu_begin(DsqlDpuCount *count, QueryDesc *queryDesc);

/*
 * What a statement reads that has been started within the one that counts is
 * read by that one: checks of foreign keys, functions, the query of a COPY.
 */
extern void dsql_dpu_count_nested(QueryDesc *queryDesc);

typedef struct DsqlDpu
{
	double		compute;
	double		read;
	double		write;
	double		multi_region_write;
} DsqlDpu;

extern void dsql_dpu_end(DsqlDpuCount *count, DsqlDpu *dpu);

/* After an error there is nothing to estimate. */
extern void dsql_dpu_abandon(DsqlDpuCount *count);

extern void dsql_dpu_add_time(DsqlDpu *dpu, double milliseconds);

/* The block at the end of EXPLAIN ANALYZE VERBOSE. */
extern void dsql_dpu_print(const DsqlDpu *dpu, struct ExplainState *es);

#endif							/* DSQL_DPU_H */
