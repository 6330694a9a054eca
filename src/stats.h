/*
 * stats.h
 *		What transactions did, counted for each database.
 */
#ifndef DSQL_STATS_H
#define DSQL_STATS_H

typedef enum DsqlStatsCounter
{
	DSQL_STATS_TRANSACTIONS,
	DSQL_STATS_COMMITS,
	DSQL_STATS_ROW_CONFLICTS,
	DSQL_STATS_SCHEMA_CONFLICTS,
	DSQL_STATS_ROWS_WRITTEN,
	NUM_DSQL_STATS
} DsqlStatsCounter;

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
