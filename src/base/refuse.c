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
#include "base/stats.h"

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
 * Split a message off its DETAIL, which follows a line break; NULL if there is
 * none.
 */
static char *
split_detail(char *message)
{
	char	   *detail = strchr(message, '\n');

	if (detail != NULL)
		*detail++ = '\0';
	return detail;
}

static void
raise_rule(int level, DsqlRuleId id, char *message)
{
	char	   *detail = split_detail(message);

	if (level == WARNING)
		dsql_finding_add(dsql_rule_id(&dsql_rule_table[id]),
						 dsql_rule_table[id].sqlstate, message);
	else
		dsql_stats_count_refusal(id);
	ereport(level,
			(errcode(dsql_rule_table[id].sqlstate),
			 errmsg_internal("%s", message),
			 detail ? errdetail_internal("%s", detail) : 0));
	pfree(message);
}

static int
refusal_level(void)
{
	return dsql_settings_mode == DSQL_MODE_REPORT ? WARNING : ERROR;
}

void
dsql_refuse_rule(DsqlRuleId id, const char *format,...)
{
	va_list		values;
	char	   *message;

	va_start(values, format);
	message = format_message(format, values);
	va_end(values);
	raise_rule(refusal_level(), id, message);
}

void
dsql_refuse_rule_in_any_mode(DsqlRuleId id, const char *format,...)
{
	va_list		values;
	char	   *message;

	va_start(values, format);
	message = format_message(format, values);
	va_end(values);
	raise_rule(ERROR, id, message);
	pg_unreachable();
}

void
dsql_refuse_chosen(DsqlRuleId id, const char *value)
{
	const char *format = dsql_rule_table[id].message;
	const char *place = strchr(format, '%');

	Assert(place == NULL ||
		   (value != NULL && place[1] == 's' && strchr(place + 1, '%') == NULL));
	if (place == NULL)
		raise_rule(refusal_level(), id, pstrdup(format));
	else
		raise_rule(refusal_level(), id,
				   psprintf("%.*s%s%s", (int) (place - format), format, value,
							place + 2));
}

void
dsql_refuse_connection(DsqlRuleId id, const char *reason)
{
	dsql_stats_count_refusal(id);
	ereport(ERROR,
			(errcode(dsql_rule_table[id].sqlstate),
			 errmsg_internal("%s", dsql_rule_table[id].message),
			 errdetail_internal("Session Id: %s", dsql_identifier_new()),
			 reason ? errhint("%s", reason) : 0));
	pg_unreachable();
}

void
dsql_refuse_rule_instead(ErrorData *error, DsqlRuleId id, const char *format,...)
{
	va_list		values;

	dsql_stats_count_refusal(id);
	va_start(values, format);
	error->message = format_message(format, values);
	va_end(values);
	error->detail = split_detail(error->message);
	error->sqlerrcode = dsql_rule_table[id].sqlstate;
	error->hint = NULL;
}
