/*
 * scan_count.h
 *		Rows and bytes that scans read, counted while they run.
 */
#ifndef DSQL_SCAN_COUNT_H
#define DSQL_SCAN_COUNT_H

#include "executor/execdesc.h"
#include "nodes/execnodes.h"

typedef struct DsqlScanCount
{
	ScanState  *scan;
	ExprState  *storage;
	ExprState  *lookup;
	ExprState  *processor;
	ExprState  *join;
	double		matched;		/* rows that meet the conditions of the index */
	double		kept;			/* and the filters of storage */
	double		looked_up;		/* and those after the look-up */
	double		returned;		/* and those of the query processor */
	double		scanned_bytes;
	double		looked_up_bytes;
	bool		looks_up;
} DsqlScanCount;

/* Begin to count in a query that has been started.  A list of counts. */
extern List *dsql_scan_count_begin(QueryDesc *queryDesc);

/* Has the scan been asked for a row? */
extern bool dsql_scan_count_began(const DsqlScanCount *count);

extern DsqlScanCount *dsql_scan_count_find(List *counts, PlanState *state);

#endif							/* DSQL_SCAN_COUNT_H */
