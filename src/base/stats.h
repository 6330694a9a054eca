/*
 * stats.h
 *		What transactions did, counted for each database.
 */
#ifndef DSQL_STATS_H
#define DSQL_STATS_H

#include "base/cluster_counters.h"

/* Of the current transaction; they show when it ends. */
extern PGDLLIMPORT int64 dsql_stats_pending[NUM_DSQL_STATS];
extern PGDLLIMPORT bool dsql_stats_any_pending;

static inline void
dsql_stats_count(DsqlStatsCounter counter, int64 n)
{
	dsql_stats_pending[counter] += n;
	dsql_stats_any_pending = true;
}

/* A transaction ended, but not by PREPARE. */
extern void dsql_stats_end(bool commit);

#endif							/* DSQL_STATS_H */
