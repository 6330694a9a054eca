/*
 * rule.c
 *		The rules of the service: what it refuses, and in which words.
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/formatting.h"

#include "finding.h"
#include "rule.h"
#include "settings.h"

#define DSQL_RULE(name, kind, matches, sqlstate, message, evidence, source, since) \
	{#name, kind, matches, sqlstate, message, evidence, source, since},
const DsqlRule dsql_rules[] = {
#include "rulelist.h"
};
#undef DSQL_RULE

StaticAssertDecl(lengthof(dsql_rules) == NUM_DSQL_RULES,
				 "one row for each rule");

static const char *const evidence_names[] = {
	[RECORDED] = "recorded",
	[DOCUMENTED] = "documented",
	[INFERRED] = "inferred",
};

const char *
dsql_evidence_name(DsqlEvidence evidence)
{
	return evidence_names[evidence];
}

void
dsql_refuse(DsqlRuleId id,...)
{
	const DsqlRule *rule = &dsql_rules[id];
	StringInfoData message;
	char	   *detail;

	initStringInfo(&message);
	for (;;)
	{
		va_list		args;
		int			needed;

		va_start(args, id);
		needed = appendStringInfoVA(&message, rule->message, args);
		va_end(args);
		if (needed == 0)
			break;
		enlargeStringInfo(&message, needed);
	}

	detail = strchr(message.data, '\n');
	if (detail != NULL)
		*detail++ = '\0';

	if (dsql_mode == DSQL_MODE_REPORT)
		dsql_finding_add(id, message.data);

	ereport(dsql_mode == DSQL_MODE_REPORT ? WARNING : ERROR,
			(errcode(rule->sqlstate),
			 errmsg_internal("%s", message.data),
			 detail ? errdetail_internal("%s", detail) : 0));
	pfree(message.data);
}

void
dsql_fail(DsqlRuleId id)
{
	const DsqlRule *rule = &dsql_rules[id];

	ereport(ERROR,
			(errcode(rule->sqlstate),
			 errmsg_internal("%s", rule->message)));
	pg_unreachable();
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
		const DsqlRule *rule = &dsql_rules[i];
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
