/*
 * stats.h
 *		What transactions did, counted for each database.
 */
#ifndef DSQL_STATS_H
#define DSQL_STATS_H

#include "base/cluster_counters.h"

/* Of the current transaction; they show when it ends. */
extern PGDLLIMPORT int64 dsql_stats_pending[NUM_DSQL_STATS];
extern PGDLLIMPORT uint32 dsql_stats_pending_set;

static inline void
dsql_stats_count(DsqlStatsCounter counter, int64 n)
{
	dsql_stats_pending[counter] += n;
	dsql_stats_pending_set |= UINT32_C(1) << counter;
}

/* What has been counted in the cluster of the session. */
extern int64 dsql_stats_sum(DsqlStatsCounter counter);

/* The current transaction is about to fail because of a conflict. */
extern void dsql_stats_count_conflict(DsqlStatsCounter counter);

/* A statement or connection is refused. */
extern void dsql_stats_count_refusal(DsqlRuleId rule);

/*
 * A transaction ended, but not by PREPARE.  Was any statement in it that
 * looks at the schema?
 */
extern void dsql_stats_end(bool commit, bool looked);

#endif							/* DSQL_STATS_H */
