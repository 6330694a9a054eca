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
#include "identifier.h"
#include "rule.h"
#include "settings.h"

static char *format_message(const char *format, va_list values)
			pg_attribute_printf(1, 0);

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

static char *
format_message(const char *format, va_list values)
{
	StringInfoData message;

	initStringInfo(&message);
	for (;;)
	{
		va_list		copy;
		int			needed;

		va_copy(copy, values);
		needed = appendStringInfoVA(&message, format, copy);
		va_end(copy);
		if (needed == 0)
			return message.data;
		enlargeStringInfo(&message, needed);
	}
}

/*
 * The rule's message with these values; its DETAIL, or NULL, follows a line
 * break.
 */
static char *
rule_message(DsqlRuleId id, va_list values, char **detail)
{
	char	   *message = format_message(dsql_rules[id].message, values);

	*detail = strchr(message, '\n');
	if (*detail != NULL)
		*(*detail)++ = '\0';
	return message;
}

static void
raise_rule(int level, DsqlRuleId id, va_list values)
{
	char	   *detail;
	char	   *message = rule_message(id, values, &detail);

	if (level == WARNING)
		dsql_finding_add(id, message);
	ereport(level,
			(errcode(dsql_rules[id].sqlstate),
			 errmsg_internal("%s", message),
			 detail ? errdetail_internal("%s", detail) : 0));
	pfree(message);
}

void
dsql_refuse(DsqlRuleId id,...)
{
	va_list		values;

	va_start(values, id);
	raise_rule(dsql_mode == DSQL_MODE_REPORT ? WARNING : ERROR, id, values);
	va_end(values);
}

void
dsql_fail(DsqlRuleId id,...)
{
	va_list		values;

	va_start(values, id);
	raise_rule(ERROR, id, values);
	pg_unreachable();
}

void
dsql_refuse_connection(DsqlRuleId id, const char *reason)
{
	ereport(ERROR,
			(errcode(dsql_rules[id].sqlstate),
			 errmsg_internal("%s", dsql_rules[id].message),
			 errdetail_internal("Session Id: %s", dsql_identifier_new()),
			 reason ? errhint("%s", reason) : 0));
	pg_unreachable();
}

void
dsql_rule_replace(ErrorData *error, DsqlRuleId id,...)
{
	va_list		values;

	va_start(values, id);
	error->message = rule_message(id, values, &error->detail);
	va_end(values);
	error->sqlerrcode = dsql_rules[id].sqlstate;
	error->hint = NULL;
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
