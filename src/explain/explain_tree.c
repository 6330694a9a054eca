/*
 * explain_tree.c
 *		The nodes of a plan that the service prints otherwise.
 *
 * PostgreSQL prints plans, node by node, and cannot be told to print one
 * otherwise, unless it is a custom scan: then it asks.  So for the time of
 * printing, scans of our tables and batched joins are replaced by custom scans,
 * in the plan and in its state.  The replacements keep costs, target lists,
 * children, and what was measured.
 *
 * All nodes lose what the service does not show: the addresses of rows in a
 * heap, which changes and locks of rows ask for, fractions of rows, and the
 * separate count of nodes that are switched off.
 */
#include "postgres.h"

#include <math.h>

#include "access/sysattr.h"
#include "catalog/pg_type.h"
#include "parser/parsetree.h"

#include "base/compat.h"
#include "base/settings.h"
#include "explain/explain_tree.h"

DsqlPrintedNode *
dsql_explain_make_node(PlanState *original, DsqlPrintedKind kind,
					   DsqlPrintNode print)
{
	DsqlPrintedNode *node = palloc0(sizeof(DsqlPrintedNode));
	CustomScan *plan = makeNode(CustomScan);
	PlanState  *state = &node->state.ss.ps;

	plan->scan.plan = *original->plan;
	plan->scan.plan.type = T_CustomScan;
	plan->scan.plan.qual = NIL;
	plan->methods = &node->plan_methods;
	*state = *original;
	NodeSetTag(state, T_CustomScanState);
	state->plan = &plan->scan.plan;
	node->state.methods = &node->exec_methods;

	/* Two addresses: no client can know them, and write them itself. */
	snprintf(node->mark, sizeof(node->mark), "%p%d", (void *) node, (int) kind);
	node->plan_methods.CustomName = node->mark;
	node->exec_methods.CustomName = node->mark;
	node->exec_methods.ExplainCustomScan = print;
	node->kind = kind;
	node->original = original;
	return node;
}

static void
replace(DsqlReplacedTree *tree, void *slot, void *replacement)
{
	tree->slots = lappend(tree->slots, slot);
	tree->originals = lappend(tree->originals, *(void **) slot);
	*(void **) slot = replacement;
}

static DsqlPrintedNode *
scan_node(DsqlReplacedTree *tree, PlanState *state, NestLoop *batch)
{
	Plan	   *plan = state->plan;
	DsqlPrintedNode *node = dsql_explain_make_node(state, DSQL_PRINTED_SCAN,
												   tree->print);
	CustomScan *custom = (CustomScan *) node->state.ss.ps.plan;

	custom->scan.scanrelid = ((Scan *) plan)->scanrelid;
	custom->custom_relids = bms_make_singleton(custom->scan.scanrelid);
	if (IsA(plan, IndexOnlyScan))
		custom->custom_scan_tlist = ((IndexOnlyScan *) plan)->indextlist;
	node->shape = dsql_scan_shape(tree->root, plan, batch);
	return node;
}

/*
 * Is it the address of a row, or does it pass one on that a child has lost?
 */
static bool
is_row_address(DsqlReplacedTree *tree, Plan *plan, Node *expr)
{
	Var		   *var = (Var *) expr;
	Plan	   *child;

	if (!IsA(var, Var) || var->vartype != TIDOID)
		return false;
	if (!IS_SPECIAL_VARNO(var->varno))
		return var->varattno == SelfItemPointerAttributeNumber &&
			dsql_scan_is_of_ours(tree->stmt, var->varno);
	child = var->varno == INNER_VAR ? innerPlan(plan) : outerPlan(plan);
	return child != NULL && var->varno != INDEX_VAR &&
		get_tle_by_resno(child->targetlist, var->varattno) == NULL;
}

static void
hide_row_addresses(DsqlReplacedTree *tree, Plan *plan)
{
	List	   *columns = NIL;
	ListCell   *lc;

	foreach(lc, plan->targetlist)
	{
		TargetEntry *column = lfirst_node(TargetEntry, lc);

		if (!is_row_address(tree, plan, (Node *) column->expr))
			columns = lappend(columns, column);
	}
	if (list_length(columns) < list_length(plan->targetlist))
		replace(tree, &plan->targetlist, columns);
}

static void
round_rows(DsqlReplacedTree *tree, PlanState *state)
{
	Instrumentation *rounded;

	if (state->instrument == NULL)
		return;
	/* The last loop may not have come to its end. */
	InstrEndLoop(state->instrument);
	if (state->instrument->nloops == 0)
		return;
	rounded = palloc(sizeof(Instrumentation));
	*rounded = *state->instrument;
	rounded->ntuples = rint(rounded->ntuples / rounded->nloops) *
		rounded->nloops;
	replace(tree, &state->instrument, rounded);
}

static void replace_node(DsqlReplacedTree *tree, PlanState **state,
						 Plan **plan, NestLoop *batch);

/*
 * The address of the pointer to a plan in a list.
 */
static Plan **
slot_of(List *plans, Plan *plan)
{
	ListCell   *lc;

	foreach(lc, plans)
	{
		if (lfirst(lc) == plan)
			return (Plan **) &lfirst(lc);
	}
	elog(ERROR, "plan not found among its parent's");
	return NULL;
}

static void
replace_members(DsqlReplacedTree *tree, PlanState **states, int count,
				List *plans)
{
	for (int i = 0; i < count; i++)
		replace_node(tree, &states[i], slot_of(plans, states[i]->plan), NULL);
}

static void
replace_subplans(DsqlReplacedTree *tree, List *subplans)
{
	ListCell   *lc;

	foreach(lc, subplans)
	{
		SubPlanState *state = lfirst_node(SubPlanState, lc);

		replace_node(tree, &state->planstate,
					 (Plan **) &lfirst(list_nth_cell(tree->stmt->subplans,
													 state->subplan->plan_id - 1)),
					 NULL);
	}
}

static void
replace_children(DsqlReplacedTree *tree, PlanState *state)
{
	Plan	   *plan = state->plan;
	bool		batched = dsql_scan_is_batched(tree->stmt, plan);

	replace_subplans(tree, state->initPlan);
	if (outerPlanState(state))
		replace_node(tree, &outerPlanState(state), &outerPlan(plan), NULL);
	if (innerPlanState(state))
		replace_node(tree, &innerPlanState(state), &innerPlan(plan),
					 batched ? (NestLoop *) plan : NULL);
	switch (nodeTag(plan))
	{
		case T_Append:
			replace_members(tree, ((AppendState *) state)->appendplans,
							((AppendState *) state)->as_nplans,
							((Append *) plan)->appendplans);
			break;
		case T_MergeAppend:
			replace_members(tree, ((MergeAppendState *) state)->mergeplans,
							((MergeAppendState *) state)->ms_nplans,
							((MergeAppend *) plan)->mergeplans);
			break;
		case T_SubqueryScan:
			replace_node(tree, &((SubqueryScanState *) state)->subplan,
						 &((SubqueryScan *) plan)->subplan, NULL);
			break;
		default:
			break;
	}
	replace_subplans(tree, state->subPlan);
}

/*
 * A subplan can be met more than once.
 */
static DsqlPrintedNode *
find_replacement(DsqlReplacedTree *tree, PlanState *state)
{
	ListCell   *lc;

	foreach(lc, tree->nodes)
	{
		DsqlPrintedNode *node = lfirst(lc);

		if (node->original == state || &node->state.ss.ps == state)
			return node;
	}
	return NULL;
}

static void
replace_node(DsqlReplacedTree *tree, PlanState **state, Plan **plan,
			 NestLoop *batch)
{
	DsqlPrintedNode *node = find_replacement(tree, *state);

	check_stack_depth();
	if (node == NULL)
	{
		bool		batched = dsql_scan_is_batched(tree->stmt, *plan);

		replace_children(tree, *state);
		hide_row_addresses(tree, *plan);
		round_rows(tree, *state);
		dsql_price_disabled(*plan);
		if (batched)
			node = dsql_explain_make_node(*state, DSQL_PRINTED_JOIN,
										  tree->print);
		else if (dsql_scan_is_ours(tree->stmt, *plan))
			node = scan_node(tree, *state, batch);
		if (node == NULL)
			return;
		tree->nodes = lappend(tree->nodes, node);
	}
	replace(tree, state, node);
	replace(tree, plan, node->state.ss.ps.plan);
}

DsqlReplacedTree *
dsql_explain_replace(QueryDesc *queryDesc, DsqlPrintNode print)
{
	DsqlReplacedTree *tree = palloc0(sizeof(DsqlReplacedTree));

	tree->stmt = queryDesc->plannedstmt;
	tree->root = dsql_scan_planner(tree->stmt);
	tree->print = print;
	replace_node(tree, &queryDesc->planstate, &queryDesc->plannedstmt->planTree,
				 NULL);
	return tree;
}

void
dsql_explain_restore(DsqlReplacedTree *tree)
{
	for (int i = list_length(tree->slots) - 1; i >= 0; i--)
		*(void **) list_nth(tree->slots, i) = list_nth(tree->originals, i);
}
