/*
 * refuse.c
 *		How the service's errors are raised: in its words, or as a finding.
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "base/finding.h"
#include "base/identifier.h"
#include "base/refuse.h"
#include "base/settings.h"

static char *format_message(const char *format, va_list values)
			pg_attribute_printf(1, 0);

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
	char	   *message = format_message(dsql_rule_table[id].message, values);

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
		dsql_finding_add(dsql_rule_id(&dsql_rule_table[id]),
						 dsql_rule_table[id].sqlstate, message);
	ereport(level,
			(errcode(dsql_rule_table[id].sqlstate),
			 errmsg_internal("%s", message),
			 detail ? errdetail_internal("%s", detail) : 0));
	pfree(message);
}

void
dsql_refuse(DsqlRuleId id,...)
{
	va_list		values;

	va_start(values, id);
	raise_rule(dsql_settings_mode == DSQL_MODE_REPORT ? WARNING : ERROR, id,
			   values);
	va_end(values);
}

void
dsql_refuse_in_any_mode(DsqlRuleId id,...)
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
			(errcode(dsql_rule_table[id].sqlstate),
			 errmsg_internal("%s", dsql_rule_table[id].message),
			 errdetail_internal("Session Id: %s", dsql_identifier_new()),
			 reason ? errhint("%s", reason) : 0));
	pg_unreachable();
}

void
dsql_refuse_instead(ErrorData *error, DsqlRuleId id,...)
{
	va_list		values;

	va_start(values, id);
	error->message = rule_message(id, values, &error->detail);
	va_end(values);
	error->sqlerrcode = dsql_rule_table[id].sqlstate;
	error->hint = NULL;
}
