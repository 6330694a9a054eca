/*
 * limit.c
 *		The limits of the service.
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/guc.h"

#include "base/limit.h"
#include "base/rule.h"

typedef enum LimitUnit
{
	LIMIT_NUMBER,
	LIMIT_BYTE,
	LIMIT_KB,
	LIMIT_MB,
	LIMIT_S
} LimitUnit;

static const struct
{
	const char *name;
	int			guc_flag;
}			units[] = {
	[LIMIT_NUMBER] = {NULL, 0},
	[LIMIT_BYTE] = {"B", GUC_UNIT_BYTE},
	[LIMIT_KB] = {"kB", GUC_UNIT_KB},
	[LIMIT_MB] = {"MB", GUC_UNIT_MB},
	[LIMIT_S] = {"s", GUC_UNIT_S},
};

typedef struct DsqlLimit
{
	const char *name;
	const char *setting;
	int			value;			/* the service's */
	LimitUnit	unit;
	GucContext	context;
	DsqlRuleId	rule;			/* what refuses to exceed it */
	const char *checked;		/* at which moment, for people */
	const char *description;
} DsqlLimit;

#define DSQL_LIMIT(name, value, unit, context, rule, checked, description) \
	{#name, "dsql_emu.max_" #name, value, unit, context, RULE_##rule, checked, \
	 "Sets the maximum " description "."},
static const DsqlLimit limits[] = {
#include "base/limitlist.h"
};
#undef DSQL_LIMIT

int			dsql_limit_settings[NUM_DSQL_LIMITS];

void
dsql_limit_define_settings(void)
{
	for (int i = 0; i < NUM_DSQL_LIMITS; i++)
	{
		const DsqlLimit *limit = &limits[i];

		DefineCustomIntVariable(limit->setting,
								limit->description,
								"The default is the service's value; "
								"0 or -1 turns the limit off.",
								&dsql_limit_settings[i],
								limit->value,	/* boot value */
								-1, INT_MAX,	/* min, max */
								limit->context,
								units[limit->unit].guc_flag,
								NULL, NULL, NULL);
	}
}

/*
 * The message of a limit, as dsql.limits shows it: the last number in it is
 * the service's value, and placeholders stand for the other values.
 */
static char *
shown_message(const char *format, int value)
{
	StringInfoData message;

	initStringInfo(&message);
	for (const char *c = format; *c != '\0' && *c != '\n'; c++)
	{
		const char *next = strstr(c + 1, "%d");
		const char *end = c + strcspn(c, "\n");

		if (strncmp(c, "%s", 2) == 0)
			appendStringInfoString(&message, "...");
		else if (strncmp(c, "%d", 2) != 0)
		{
			appendStringInfoChar(&message, *c);
			continue;
		}
		else if (next != NULL && next < end)
			appendStringInfoString(&message, "N");
		else
			appendStringInfo(&message, "%d", value);
		c++;
	}
	return message.data;
}

/*
 * The rows of dsql.limits.
 */
PG_FUNCTION_INFO_V1(dsql_limit_rows);
Datum
dsql_limit_rows(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < NUM_DSQL_LIMITS; i++)
	{
		const DsqlLimit *limit = &limits[i];
		const DsqlRule *rule = &dsql_rule_table[limit->rule];
		Datum		values[9];
		bool		nulls[9] = {0};

		values[0] = CStringGetTextDatum(limit->name);
		values[1] = CStringGetTextDatum(limit->setting);
		values[2] = Int32GetDatum(dsql_limit_settings[i]);
		nulls[2] = dsql_limit_settings[i] <= 0;
		values[3] = Int32GetDatum(limit->value);
		if (units[limit->unit].name)
			values[4] = CStringGetTextDatum(units[limit->unit].name);
		else
			nulls[4] = true;
		values[5] = CStringGetTextDatum(unpack_sql_state(rule->sqlstate));
		values[6] = CStringGetTextDatum(shown_message(rule->message, limit->value));
		values[7] = CStringGetTextDatum(limit->checked);
		values[8] =
			CStringGetTextDatum(dsql_rule_evidence_name(rule->evidence));
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}
