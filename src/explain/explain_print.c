/*
 * explain_print.c
 *		What the service prints of scans and batched joins.
 *
 * PostgreSQL calls print_node() when it comes to a node of ours.  It has then
 * written the node's head, as that of a custom scan, and its output columns.
 */
#include "postgres.h"

#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "parser/parsetree.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/ruleutils.h"

#include "base/compat.h"
#include "explain/explain_layer.h"
#include "explain/explain_print.h"
#include "explain/explain_tree.h"
#include "explain/explain_trim.h"
#include "explain/scan_count.h"

#define CUSTOM_SCAN "Custom Scan"

/* What is printed now. */
typedef struct Printing
{
	DsqlReplacedTree *tree;
	List	   *counts;
} Printing;

static Printing current;

static void print_node(CustomScanState *state, List *ancestors,
					   struct ExplainState *es);

/* ------------------------------------------------------------------------
 * The head
 * ------------------------------------------------------------------------
 */

static char *
last_occurrence(char *from, char *end, const char *what)
{
	Size		length = strlen(what);

	for (char *p = end - length; p >= from; p--)
	{
		if (memcmp(p, what, length) == 0)
			return p;
	}
	elog(ERROR, "head of a node not found");
	return NULL;
}

static void
put_text(StringInfo str, int at, int length, const char *by)
{
	char	   *rest = pstrdup(str->data + at + length);

	str->len = at;
	str->data[at] = '\0';
	appendStringInfoString(str, by);
	appendStringInfoString(str, rest);
	pfree(rest);
}

/*
 * Give the node its name.  Formats other than text have two lines for it: the
 * type, and the name of a custom scan, which goes.
 */
static void
name_head(const DsqlPrintedNode *node, const char *name, ExplainState *es)
{
	char	   *start = es->str->data;
	char	   *mark = last_occurrence(start, start + es->str->len, node->mark);
	char	   *head = last_occurrence(start, mark, CUSTOM_SCAN);

	if (es->format == EXPLAIN_FORMAT_TEXT)
	{
		put_text(es->str, head - start,
				 mark - head + strlen(node->mark) + strlen(")"), name);
		return;
	}
	while (mark > start && mark[-1] != '\n')
		mark--;
	put_text(es->str, mark - start, strcspn(mark, "\n") + 1, "");
	put_text(es->str, head - start, strlen(CUSTOM_SCAN), name);
}

static const char *
quoted_name(Oid relation)
{
	char	   *name = get_rel_name(relation);

	return name == NULL ? "?" : quote_identifier(name);
}

static void
name_scan(const DsqlPrintedNode *node, ExplainState *es)
{
	const DsqlScanShape *shape = node->shape;
	const char *name = shape->kind == DSQL_SCAN_INDEX ? "Index Scan" :
	"Index Only Scan";

	if (shape->kind == DSQL_SCAN_FULL)
		name_head(node, "Full Scan (btree-table)", es);
	else if (es->format == EXPLAIN_FORMAT_TEXT)
		name_head(node, psprintf("%s%s using %s", name,
								 shape->backward ? " Backward" : "",
								 quoted_name(shape->index)), es);
	else
	{
		name_head(node, name, es);
		ExplainPropertyText("Scan Direction",
							shape->backward ? "Backward" : "Forward", es);
		ExplainPropertyText("Index Name", get_rel_name(shape->index), es);
	}
}

/* ------------------------------------------------------------------------
 * Expressions
 * ------------------------------------------------------------------------
 */

/*
 * A batched join hides from PostgreSQL that it passes columns to its inner side.
 * Let both be there.
 */
static List *
with_joins(List *ancestors)
{
	List	   *result = NIL;
	ListCell   *lc;

	foreach(lc, ancestors)
	{
		Node	   *ancestor = lfirst(lc);
		ListCell   *cell;

		foreach(cell, current.tree->nodes)
		{
			DsqlPrintedNode *node = lfirst(cell);

			if (node->kind == DSQL_PRINTED_JOIN &&
				(Node *) node->state.ss.ps.plan == ancestor)
				result = lappend(result, node->original->plan);
		}
		result = lappend(result, ancestor);
	}
	return result;
}

static void
print_qual(const char *label, List *qual, Plan *plan, List *ancestors,
		   bool prefix, ExplainState *es)
{
	List	   *context;

	if (qual == NIL)
		return;
	context = set_deparse_context_plan(es->deparse_cxt, plan,
									   with_joins(ancestors));
	ExplainPropertyText(label,
						deparse_expression((Node *) make_ands_explicit(qual),
										   context, prefix, false),
						es);
}

static void
print_removed(const char *label, double rows, double loops, ExplainState *es)
{
	if (es->analyze && (rows > 0 || es->format != EXPLAIN_FORMAT_TEXT))
		ExplainPropertyFloat(label, NULL, loops > 0 ? rows / loops : 0, 0, es);
}

/* ------------------------------------------------------------------------
 * Scans
 * ------------------------------------------------------------------------
 */

/*
 * The rows that a LIMIT above the scan lets storage stop at, or 0.
 */
static int64
limit_above(const DsqlPrintedNode *node, List *ancestors)
{
	Limit	   *limit;
	int64		rows;

	if (node->shape->processor != NIL || node->shape->kind == DSQL_SCAN_INDEX ||
		ancestors == NIL || !IsA(linitial(ancestors), Limit))
		return 0;
	limit = linitial_node(Limit, ancestors);
	if (limit->limitOption != LIMIT_OPTION_COUNT || limit->limitCount == NULL ||
		!IsA(limit->limitCount, Const) ||
		((Const *) limit->limitCount)->constisnull)
		return 0;
	rows = DatumGetInt64(((Const *) limit->limitCount)->constvalue);
	if (limit->limitOffset == NULL)
		return rows;
	if (!IsA(limit->limitOffset, Const) ||
		((Const *) limit->limitOffset)->constisnull)
		return 0;
	return rows + DatumGetInt64(((Const *) limit->limitOffset)->constvalue);
}

static void
print_layer_properties(const DsqlScanLayer *layer, DsqlPrintedNode *scan,
					   List *ancestors, double loops, int64 limit,
					   ExplainState *es)
{
	Plan	   *plan = scan->state.ss.ps.plan;

	if (layer->columns != NIL)
		ExplainPropertyList("Projections", layer->columns, es);
	print_qual("Filters", layer->filters, plan, ancestors, es->verbose, es);
	if (layer->filters != NIL && es->analyze && loops > 0)
		ExplainPropertyFloat("Rows Filtered", NULL,
							 layer->filtered_rows / loops, 0, es);
	if (limit > 0 && es->analyze)
		ExplainPropertyInteger("Limit", NULL, limit, es);
	print_qual("Index Cond", layer->conds, plan, ancestors, es->verbose, es);
}

static void
print_layer_line(const DsqlScanLayer *layer, Plan *plan, double loops,
				 ExplainState *es)
{
	appendStringInfoSpaces(es->str, es->indent * 2);
	appendStringInfo(es->str, "-> %s on ", layer->name);
	if (es->verbose && !layer->is_index)
		appendStringInfo(es->str, "%s.",
						 quote_identifier(get_namespace_name_or_temp(get_rel_namespace(layer->relation))));
	appendStringInfoString(es->str, quoted_name(layer->relation));
	if (es->costs)
		appendStringInfo(es->str,
						 "  (cost=%.2f..%.2f rows=%.0f width=%d loops=1)",
						 plan->startup_cost, plan->total_cost, layer->rows,
						 plan->plan_width);
	if (es->analyze && loops > 0)
		appendStringInfo(es->str, " (actual rows=%.0f loops=%.0f)",
						 layer->actual_rows / loops, loops);
	else if (es->analyze)
		appendStringInfoString(es->str, " (never executed)");
	appendStringInfoChar(es->str, '\n');
}

static double
loops_of(const DsqlPrintedNode *node)
{
	Instrumentation *instrument = node->state.ss.ps.instrument;

	return instrument != NULL ? instrument->nloops : 0;
}

static void
print_layers_as_text(DsqlPrintedNode *node, const DsqlScanLayer *layers,
					 int count, List *ancestors, ExplainState *es)
{
	int			indent = es->indent;

	for (int i = 0; i < count; i++)
	{
		es->indent = indent + (layers[i].below >= 0 ? 2 : 0);
		print_layer_line(&layers[i], node->state.ss.ps.plan, loops_of(node),
						 es);
		es->indent += 2;
		print_layer_properties(&layers[i], node, ancestors, loops_of(node),
							   i == 0 ? limit_above(node, ancestors) : 0, es);
	}
	es->indent = indent;
}

/*
 * In the other formats, layers are nodes like any other, so that programs find
 * them as children.
 */
static DsqlPrintedNode *
layer_node(DsqlPrintedNode *scan, const DsqlScanLayer *layer)
{
	DsqlPrintedNode *node = dsql_explain_make_node(scan->original,
												   DSQL_PRINTED_LAYER,
												   print_node);
	PlanState  *state = &node->state.ss.ps;
	Plan	   *plan = state->plan;
	DsqlScanLayer *copy = palloc(sizeof(DsqlScanLayer));

	*copy = *layer;
	node->layer = copy;
	node->scan = scan;
	plan->targetlist = NIL;
	plan->initPlan = NIL;
	plan->plan_rows = layer->rows;
	state->initPlan = NIL;
	state->subPlan = NIL;
	if (state->instrument != NULL)
	{
		Instrumentation *measured = palloc0(sizeof(Instrumentation));

		measured->nloops = loops_of(scan);
		measured->ntuples = layer->actual_rows;
		state->instrument = measured;
	}
	return node;
}

static void
add_layers_as_children(DsqlPrintedNode *scan, const DsqlScanLayer *layers,
					   int count)
{
	DsqlPrintedNode *nodes[DSQL_MAX_SCAN_LAYERS];

	for (int i = 0; i < count; i++)
	{
		DsqlPrintedNode *parent = layers[i].below < 0 ? scan :
		nodes[layers[i].below];

		nodes[i] = layer_node(scan, &layers[i]);
		parent->state.custom_ps = lappend(parent->state.custom_ps, nodes[i]);
	}
}

static void
print_layer(DsqlPrintedNode *node, ExplainState *es)
{
	const DsqlScanLayer *layer = node->layer;

	name_head(node, layer->name, es);
	ExplainPropertyText(layer->is_index ? "Index Name" : "Relation Name",
						get_rel_name(layer->relation), es);
	print_layer_properties(layer, node->scan, node->scan->ancestors,
						   loops_of(node), 0, es);
}

static void
print_scan(DsqlPrintedNode *node, List *ancestors, ExplainState *es)
{
	const DsqlScanShape *shape = node->shape;
	DsqlScanLayer layers[DSQL_MAX_SCAN_LAYERS];
	DsqlScanCount *count = dsql_scan_count_find(current.counts, node->original);
	int			number = dsql_explain_layers(shape, count, layers);
	Plan	   *plan = node->state.ss.ps.plan;

	name_scan(node, es);
	print_qual("Index Cond", shape->conds, plan, ancestors, es->verbose, es);
	print_qual("Filter", shape->processor, plan, ancestors, es->verbose, es);
	if (shape->processor != NIL && count != NULL)
		print_removed("Rows Removed by Filter",
					  count->looked_up - count->returned, loops_of(node), es);
	node->ancestors = ancestors;
	if (es->format == EXPLAIN_FORMAT_TEXT)
		print_layers_as_text(node, layers, number, ancestors, es);
	else
		add_layers_as_children(node, layers, number);
}

/* ------------------------------------------------------------------------
 * Batched joins
 * ------------------------------------------------------------------------
 */

/*
 * The service writes the conditions of a batched join as those of its inner
 * scan: only the columns of the outer side have a prefix.  So they are printed
 * as if the outer columns were passed to the scan, all of them.
 */
typedef struct InnerContext
{
	NestLoop   *join;			/* passes the columns */
	Plan	   *inner;
	int			params;
} InnerContext;

static Node *
as_of_inner(Node *node, InnerContext *context)
{
	if (node == NULL)
		return NULL;
	if (IsA(node, Var) && ((Var *) node)->varno == INNER_VAR)
	{
		TargetEntry *column = get_tle_by_resno(context->inner->targetlist,
											   ((Var *) node)->varattno);

		return (Node *) copyObject(column->expr);
	}
	if (IsA(node, Var) && ((Var *) node)->varno == OUTER_VAR)
	{
		NestLoopParam *passed = makeNode(NestLoopParam);
		Param	   *param = makeNode(Param);

		passed->paramno = INT_MAX - context->params++;
		passed->paramval = copyObject((Var *) node);
		context->join->nestParams = lappend(context->join->nestParams, passed);
		param->paramkind = PARAM_EXEC;
		param->paramid = passed->paramno;
		param->paramtype = exprType(node);
		param->paramtypmod = exprTypmod(node);
		param->paramcollid = exprCollation(node);
		param->location = -1;
		return (Node *) param;
	}
	return expression_tree_mutator(node, as_of_inner, context);
}

static InnerContext
inner_context(DsqlPrintedNode *node)
{
	InnerContext context = {.inner = innerPlan(node->state.ss.ps.plan)};

	context.join = makeNode(NestLoop);
	*context.join = *(NestLoop *) node->original->plan;
	context.join->nestParams = list_copy(context.join->nestParams);
	return context;
}

static void
print_inner_qual(const char *label, List *qual, DsqlPrintedNode *node,
				 InnerContext *context, List *ancestors, ExplainState *es)
{
	print_qual(label, qual, context->inner,
			   lcons(context->join, lcons(node->state.ss.ps.plan, ancestors)),
			   es->verbose, es);
}

/*
 * What the inner scan is asked for.
 */
static List *
recheck_cond(NestLoop *join, DsqlScanShape *inner)
{
	List	   *result = NIL;
	ListCell   *lc;

	foreach(lc, inner->conds)
	{
		if (dsql_scan_is_passed(lfirst(lc), join))
			result = lappend(result, lfirst(lc));
	}
	return result;
}

static const char *
join_type(JoinType type)
{
	switch (type)
	{
		case JOIN_LEFT:
			return "Left";
		case JOIN_SEMI:
			return "Semi";
		case JOIN_ANTI:
			return "Anti";
		default:
			return "Inner";
	}
}

/*
 * PostgreSQL has let the inner scan do a part of it.
 */
static void
print_join_filter(DsqlPrintedNode *node, DsqlPrintedNode *inner,
				  List *ancestors, ExplainState *es)
{
	NestLoop   *join = (NestLoop *) node->original->plan;
	DsqlScanCount *count = dsql_scan_count_find(current.counts,
												inner->original);
	double		removed = 0;
	InnerContext context;
	List	   *filter = list_copy(inner->shape->join);

	context = inner_context(node);
	filter = list_concat(filter, (List *) as_of_inner((Node *) join->join.joinqual, &context));
	if (filter == NIL)
		return;
	print_inner_qual("Join Filter", filter, node, &context, ancestors, es);
	if (node->state.ss.ps.instrument != NULL)
		removed = node->state.ss.ps.instrument->nfiltered1;
	if (count != NULL)
		removed += count->returned - inner->state.ss.ps.instrument->ntuples;
	print_removed("Rows Removed by Join Filter", removed, loops_of(node), es);
}

/*
 * PostgreSQL has scanned the inner side for each row of the outer side.
 */
static void
measure_once(DsqlPrintedNode *inner)
{
	Instrumentation *once;
	DsqlScanCount *count = dsql_scan_count_find(current.counts,
												inner->original);

	if (count == NULL || loops_of(inner) == 0)
		return;
	once = palloc(sizeof(Instrumentation));
	*once = *inner->state.ss.ps.instrument;
	once->ntuples = count->returned;
	once->nloops = 1;
	inner->state.ss.ps.instrument = once;
}

static void
print_join(DsqlPrintedNode *node, List *ancestors, ExplainState *es)
{
	NestLoop   *join = (NestLoop *) node->original->plan;
	DsqlPrintedNode *inner =
	(DsqlPrintedNode *) innerPlanState(&node->state.ss.ps);
	Instrumentation *instrument = node->state.ss.ps.instrument;
	InnerContext context = inner_context(node);

	name_head(node, "Nested Loop (Batched Join)", es);
	print_inner_qual("Filter",
					 (List *) as_of_inner((Node *) join->join.plan.qual,
										  &context),
					 node, &context, ancestors, es);
	if (join->join.plan.qual != NIL && instrument != NULL)
		print_removed("Rows Removed by Filter", instrument->nfiltered2,
					  loops_of(node), es);
	if (join->join.jointype != JOIN_INNER ||
		es->format != EXPLAIN_FORMAT_TEXT)
		ExplainPropertyText("Join Type", join_type(join->join.jointype), es);
	print_qual("Recheck Cond", recheck_cond(join, inner->shape),
			   inner->state.ss.ps.plan,
			   lcons(node->state.ss.ps.plan, ancestors), es->verbose, es);
	print_join_filter(node, inner, ancestors, es);
	measure_once(inner);
}

/* ------------------------------------------------------------------------
 * All of them
 * ------------------------------------------------------------------------
 */

static void
print_node(CustomScanState *state, List *ancestors, struct ExplainState *es)
{
	DsqlPrintedNode *node = (DsqlPrintedNode *) state;

	switch (node->kind)
	{
		case DSQL_PRINTED_SCAN:
			print_scan(node, ancestors, es);
			break;
		case DSQL_PRINTED_JOIN:
			print_join(node, ancestors, es);
			break;
		case DSQL_PRINTED_LAYER:
			print_layer(node, es);
			break;
	}
}

void
dsql_explain_print_plan(ExplainState *es, QueryDesc *queryDesc, List *counts)
{
	Printing	outer = current;
	uint64		query_id = queryDesc->plannedstmt->queryId;
	int			start = es->str->len;

	/* From 16 on, PostgreSQL would print it here, as a number. */
	queryDesc->plannedstmt->queryId = 0;
	current.tree = dsql_explain_replace(queryDesc, print_node);
	current.counts = counts;
	PG_TRY();
	{
		ExplainPrintPlan(es, queryDesc);
		dsql_explain_trim(es, start);
	}
	PG_FINALLY();
	{
		dsql_explain_restore(current.tree);
		current = outer;
		queryDesc->plannedstmt->queryId = query_id;
	}
	PG_END_TRY();
}
