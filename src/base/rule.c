/*
 * rule.c
 *		The rules of the service: what it refuses, and in which words.
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/formatting.h"

#include "base/rule.h"

#define DSQL_RULE(name, kind, matches, sqlstate, message, evidence, source, since) \
	{#name, kind, matches, sqlstate, message, DSQL_EVIDENCE_##evidence, \
	 source, since},
const DsqlRule dsql_rule_table[] = {
#include "base/rulelist.h"
};
#undef DSQL_RULE

StaticAssertDecl(lengthof(dsql_rule_table) == NUM_DSQL_RULES,
				 "one row for each rule");

static const char *const evidence_names[] = {
	[DSQL_EVIDENCE_RECORDED] = "recorded",
	[DSQL_EVIDENCE_DOCUMENTED] = "documented",
	[DSQL_EVIDENCE_INFERRED] = "inferred",
};

const char *
dsql_rule_evidence_name(DsqlEvidence evidence)
{
	return evidence_names[evidence];
}

char *
dsql_rule_id(const DsqlRule *rule)
{
	return asc_tolower(rule->name, strlen(rule->name));
}

/*
 * The rows of dsql.rules.
 */
PG_FUNCTION_INFO_V1(dsql_rule_rows);
Datum
dsql_rule_rows(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < NUM_DSQL_RULES; i++)
	{
		const DsqlRule *rule = &dsql_rule_table[i];
		Datum		values[8];
		bool		nulls[8] = {0};

		values[0] = CStringGetTextDatum(dsql_rule_id(rule));
		values[1] = CStringGetTextDatum(rule->kind);
		values[2] = CStringGetTextDatum(rule->matches);
		values[3] = CStringGetTextDatum(unpack_sql_state(rule->sqlstate));
		values[4] = CStringGetTextDatum(rule->message);
		values[5] = CStringGetTextDatum(evidence_names[rule->evidence]);
		values[6] = CStringGetTextDatum(rule->source);
		values[7] = DirectFunctionCall1(date_in, CStringGetDatum(rule->since));
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}
