/*
 * predicate_layer.c
 *		Which part of the service evaluates a predicate.
 *
 * The service evaluates predicates as conditions of an index, in storage, or in
 * the query processor.  Only few cases are known, and each other one follows
 * the nearest that is known.  The two tables here are all that is decided about
 * this, and say of each decision what it rests on.
 */
#include "postgres.h"

#include "catalog/pg_operator_d.h"
#include "catalog/pg_type_d.h"
#include "access/stratnum.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/clauses.h"
#include "optimizer/optimizer.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#include "base/compat.h"
#include "explain/predicate_layer.h"

typedef enum Evidence
{
	RECORDED,					/* a plan of a cluster shows it */
	DOCUMENTED,					/* AWS's documentation says so */
	INFERRED					/* nothing is known */
} Evidence;

typedef enum Kind
{
	KIND_COMPARISON,
	KIND_INTEGER_COMPARISON,
	KIND_MIXED_COMPARISON,
	KIND_INEQUALITY,
	KIND_BOOLEAN,
	KIND_NOT_BOOLEAN,
	KIND_BOOLEAN_TEST,
	KIND_NULL,
	KIND_NOT_NULL,
	KIND_LIST,
	KIND_ROW,
	KIND_PATTERN,
	KIND_OR,
	KIND_OTHER
} Kind;

typedef struct KindOfPredicate
{
	Kind		kind;
	const char *form;
	bool		fits_index;
	Evidence	index_evidence;
	DsqlLayer	layer;
	Evidence	layer_evidence;
} KindOfPredicate;

static const KindOfPredicate kinds[] = {
	{KIND_COMPARISON, "column = value, <, >, <=, >=, of one type",
	true, RECORDED, DSQL_LAYER_STORAGE, RECORDED},
	{KIND_INTEGER_COMPARISON, "the same, of smallint, integer and bigint",
	true, DOCUMENTED, DSQL_LAYER_STORAGE, INFERRED},
	{KIND_MIXED_COMPARISON, "the same, of two other types",
	false, DOCUMENTED, DSQL_LAYER_PROCESSOR, INFERRED},
	{KIND_INEQUALITY, "column <> value",
	false, INFERRED, DSQL_LAYER_STORAGE, INFERRED},
	{KIND_BOOLEAN, "column",
	true, INFERRED, DSQL_LAYER_STORAGE, RECORDED},
	{KIND_NOT_BOOLEAN, "NOT column",
	true, INFERRED, DSQL_LAYER_STORAGE, INFERRED},
	{KIND_BOOLEAN_TEST, "column IS TRUE, IS UNKNOWN, ...",
	true, INFERRED, DSQL_LAYER_STORAGE, INFERRED},
	{KIND_NULL, "column IS NULL",
	true, INFERRED, DSQL_LAYER_STORAGE, INFERRED},
	{KIND_NOT_NULL, "column IS NOT NULL",
	true, INFERRED, DSQL_LAYER_STORAGE, RECORDED},
	{KIND_LIST, "column = ANY (values)",
	true, INFERRED, DSQL_LAYER_STORAGE, INFERRED},
	{KIND_ROW, "(column, column) > (value, value)",
	false, RECORDED, DSQL_LAYER_PROCESSOR, RECORDED},
	{KIND_PATTERN, "column LIKE value",
	true, INFERRED, DSQL_LAYER_PROCESSOR, DOCUMENTED},
	{KIND_OR, "... OR ...",
	true, INFERRED, DSQL_LAYER_PROCESSOR, INFERRED},
	{KIND_OTHER, "functions, casts, CASE, operators, subqueries",
	true, INFERRED, DSQL_LAYER_PROCESSOR, INFERRED},
};

/*
 * The types whose comparisons storage knows, by the name of their operator
 * class.  A type that is not listed is compared by the query processor.
 */
typedef struct ClassOfOperators
{
	Oid			type;
	const char *name;
	Evidence	evidence;
} ClassOfOperators;

static const ClassOfOperators classes[] = {
	{INT4OID, "int4_ops", RECORDED},
	{TEXTOID, "text_ops", RECORDED},	/* and varchar */
	{NUMERICOID, "numeric_ops", RECORDED},
	{TIMESTAMPOID, "timestamp_ops", RECORDED},
	{TIMESTAMPTZOID, "timestamptz_ops", RECORDED},
	{DATEOID, "date_ops", RECORDED},
	{UUIDOID, "uuid_ops", RECORDED},
	{INT2OID, "int2_ops", INFERRED},
	{INT8OID, "int8_ops", INFERRED},
	{BPCHAROID, "bpchar_ops", INFERRED},
	{BOOLOID, "bool_ops", INFERRED},
	{BYTEAOID, "bytea_ops", INFERRED},
	{FLOAT4OID, "float4_ops", INFERRED},
	{FLOAT8OID, "float8_ops", INFERRED},
	{TIMEOID, "time_ops", INFERRED},
	{TIMETZOID, "timetz_ops", INFERRED},
	{INTERVALOID, "interval_ops", INFERRED},
};

/* What is no strategy of a B-tree. */
#define NOT_EQUAL_STRATEGY (BTMaxStrategyNumber + 1)

static bool
is_known_to_storage(Oid type)
{
	for (int i = 0; i < lengthof(classes); i++)
		if (classes[i].type == type)
			return true;
	return false;
}

static bool
is_integer(Oid type)
{
	return type == INT2OID || type == INT4OID || type == INT8OID;
}

static bool
has_column(Node *node, Index *varno)
{
	if (node == NULL)
		return false;
	if (IsA(node, Var))
		return ((Var *) node)->varno == *varno;
	return expression_tree_walker(node, has_column, varno);
}

static Node *
without_relabel(Node *node)
{
	while (node != NULL && IsA(node, RelabelType))
		node = (Node *) ((RelabelType *) node)->arg;
	return node;
}

static bool
is_column(Node *node, Index varno)
{
	node = without_relabel(node);
	return node != NULL && IsA(node, Var) &&
		((Var *) node)->varno == varno && ((Var *) node)->varattno > 0;
}

/*
 * Is it a column, or something that is the same for all rows of the scan?
 */
static bool
is_operand(Node *node, Index varno)
{
	return is_column(node, varno) ||
		(!has_column(node, &varno) && !contain_subplans(node) &&
		 !contain_volatile_functions(node));
}

/*
 * The comparison that an operator stands for, by the operator class of its left
 * type: 0 if it is none, and NOT_EQUAL_STRATEGY if it is "<>".
 */
static int
comparison(Oid opno, Oid left)
{
	Oid			family = lookup_type_cache(left,
										   TYPECACHE_BTREE_OPFAMILY)->btree_opf;
	int			strategy;
	Oid			negator;

	if (!OidIsValid(family))
		return 0;
	strategy = get_op_opfamily_strategy(opno, family);
	if (strategy != 0)
		return strategy;
	negator = get_negator(opno);
	if (OidIsValid(negator) &&
		get_op_opfamily_strategy(negator, family) == BTEqualStrategyNumber)
		return NOT_EQUAL_STRATEGY;
	return 0;
}

static bool
is_pattern(Oid opno)
{
	RegProcedure restriction = get_oprrest(opno);

	return restriction == F_LIKESEL || restriction == F_ICLIKESEL ||
		restriction == F_NLIKESEL || restriction == F_ICNLIKESEL;
}

static Kind
kind_of_operator(OpExpr *op, Index varno)
{
	Oid			left;
	Oid			right;
	int			strategy;

	if (is_pattern(op->opno))
		return KIND_PATTERN;
	if (list_length(op->args) != 2 ||
		!is_operand(linitial(op->args), varno) ||
		!is_operand(lsecond(op->args), varno))
		return KIND_OTHER;
	op_input_types(op->opno, &left, &right);
	strategy = comparison(op->opno, left);
	if (strategy == 0 || (left == right && !is_known_to_storage(left)))
		return KIND_OTHER;
	if (strategy == NOT_EQUAL_STRATEGY)
		return left == right ? KIND_INEQUALITY : KIND_MIXED_COMPARISON;
	if (left == right)
		return KIND_COMPARISON;
	return is_integer(left) && is_integer(right) ? KIND_INTEGER_COMPARISON :
		KIND_MIXED_COMPARISON;
}

static Kind
kind_of_list(ScalarArrayOpExpr *list, Index varno)
{
	Oid			left;
	Oid			right;

	op_input_types(list->opno, &left, &right);
	if (list->useOr && left == right && is_known_to_storage(left) &&
		comparison(list->opno, left) == BTEqualStrategyNumber &&
		is_column(linitial(list->args), varno) &&
		is_operand(lsecond(list->args), varno))
		return KIND_LIST;
	return KIND_OTHER;
}

static Kind
kind_of(Node *clause, Index varno)
{
	switch (nodeTag(clause))
	{
		case T_Var:
			return is_column(clause, varno) ? KIND_BOOLEAN : KIND_OTHER;
		case T_OpExpr:
			return kind_of_operator((OpExpr *) clause, varno);
		case T_ScalarArrayOpExpr:
			return kind_of_list((ScalarArrayOpExpr *) clause, varno);
		case T_RowCompareExpr:
			return KIND_ROW;
		case T_NullTest:
			if (((NullTest *) clause)->argisrow ||
				!is_column((Node *) ((NullTest *) clause)->arg, varno))
				return KIND_OTHER;
			return ((NullTest *) clause)->nulltesttype == IS_NULL ?
				KIND_NULL : KIND_NOT_NULL;
		case T_BooleanTest:
			return is_column((Node *) ((BooleanTest *) clause)->arg, varno) ?
				KIND_BOOLEAN_TEST : KIND_OTHER;
		case T_BoolExpr:
			if (is_orclause(clause))
				return KIND_OR;
			if (is_notclause(clause) &&
				is_column((Node *) get_notclausearg(clause), varno))
				return KIND_NOT_BOOLEAN;
			return KIND_OTHER;
		default:
			return KIND_OTHER;
	}
}

static const KindOfPredicate *
look_up(Node *clause, Index varno)
{
	Kind		kind = kind_of(clause, varno);

	Assert(kinds[kind].kind == kind);
	return &kinds[kind];
}

DsqlLayer
dsql_predicate_layer(Node *clause, Index varno)
{
	return look_up(clause, varno)->layer;
}

/*
 * An expression index compares no column, so that types are all that counts.
 */
bool
dsql_predicate_fits_index(Node *clause, Index varno)
{
	Oid			left;
	Oid			right;

	if (IsA(clause, OpExpr))
	{
		op_input_types(((OpExpr *) clause)->opno, &left, &right);
		if (comparison(((OpExpr *) clause)->opno, left) != 0)
			return left == right ||
				(is_integer(left) && is_integer(right)) ||
				kinds[KIND_MIXED_COMPARISON].fits_index;
	}
	return look_up(clause, varno)->fits_index;
}
