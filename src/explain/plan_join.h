/*
 * plan_join.h
 *		Joins that the service does in batches.
 */
#ifndef DSQL_PLAN_JOIN_H
#define DSQL_PLAN_JOIN_H

#include "nodes/pathnodes.h"

extern void dsql_plan_join_paths(PlannerInfo *root, RelOptInfo *joinrel,
								 RelOptInfo *outerrel, RelOptInfo *innerrel,
								 JoinType jointype,
								 JoinPathExtraData *extra);

#endif							/* DSQL_PLAN_JOIN_H */
