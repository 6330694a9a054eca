/*
 * key_order.h
 *		Rows of a small table come in the order of its primary key.
 */
#ifndef DSQL_KEY_ORDER_H
#define DSQL_KEY_ORDER_H

#include "nodes/parsenodes.h"
#include "nodes/pathnodes.h"

/*
 * For the hook: PostgreSQL's paths for a relation are there.
 */
extern void dsql_key_order_paths(PlannerInfo *root, RelOptInfo *rel,
								 RangeTblEntry *rte);

#endif							/* DSQL_KEY_ORDER_H */
