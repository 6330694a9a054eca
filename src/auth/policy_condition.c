/*
 * policy_condition.c
 *		Conditions of policies: operators, keys, values.
 *
 * Some keys are unknown here, such as the VPC of a connection.  They have no
 * value, as for a connection that comes from no VPC.
 */
#include "postgres.h"

#include <math.h>
#include <sys/socket.h>

#include "port.h"
#include "utils/builtins.h"
#include "utils/inet.h"
#include "utils/timestamp.h"

#include "auth/policy.h"
#include "auth/sigv4.h"
#include "base/json.h"

/* The kinds of values that operators compare. */
typedef enum ValueKind
{
	KIND_STRING,
	KIND_STRING_IGNORE_CASE,
	KIND_STRING_PATTERN,
	KIND_ARN,
	KIND_BOOL,
	KIND_IP,
	KIND_NUMBER,
	KIND_DATE,
	KIND_NULL
} ValueKind;

/* Which results of a comparison, -1, 0 or 1, an operator is content with. */
typedef struct ConditionOperator
{
	const char *name;
	ValueKind	kind;
	bool		less;
	bool		equal;
	bool		greater;
} ConditionOperator;

static const ConditionOperator operators[] = {
	{"ArnEquals", KIND_ARN, false, true, false},
	{"ArnLike", KIND_ARN, false, true, false},
	{"ArnNotEquals", KIND_ARN, true, false, true},
	{"ArnNotLike", KIND_ARN, true, false, true},
	{"Bool", KIND_BOOL, false, true, false},
	{"DateEquals", KIND_DATE, false, true, false},
	{"DateGreaterThan", KIND_DATE, false, false, true},
	{"DateGreaterThanEquals", KIND_DATE, false, true, true},
	{"DateLessThan", KIND_DATE, true, false, false},
	{"DateLessThanEquals", KIND_DATE, true, true, false},
	{"DateNotEquals", KIND_DATE, true, false, true},
	{"IpAddress", KIND_IP, false, true, false},
	{"NotIpAddress", KIND_IP, true, false, true},
	{"Null", KIND_NULL, false, true, false},
	{"NumericEquals", KIND_NUMBER, false, true, false},
	{"NumericGreaterThan", KIND_NUMBER, false, false, true},
	{"NumericGreaterThanEquals", KIND_NUMBER, false, true, true},
	{"NumericLessThan", KIND_NUMBER, true, false, false},
	{"NumericLessThanEquals", KIND_NUMBER, true, true, false},
	{"NumericNotEquals", KIND_NUMBER, true, false, true},
	{"StringEquals", KIND_STRING, false, true, false},
	{"StringEqualsIgnoreCase", KIND_STRING_IGNORE_CASE, false, true, false},
	{"StringLike", KIND_STRING_PATTERN, false, true, false},
	{"StringNotEquals", KIND_STRING, true, false, true},
	{"StringNotEqualsIgnoreCase", KIND_STRING_IGNORE_CASE, true, false, true},
	{"StringNotLike", KIND_STRING_PATTERN, true, false, true},
};

/* An operator with what can stand before and behind it. */
typedef struct ParsedOperator
{
	const ConditionOperator *base;
	bool		for_all;		/* ForAllValues: */
	bool		for_any;		/* ForAnyValue: */
	bool		if_exists;		/* ...IfExists */
} ParsedOperator;

List *
dsql_policy_strings(const JsonbValue *value)
{
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue	item;
	List	   *strings = NIL;

	switch (value->type)
	{
		case jbvString:
			return list_make1(dsql_json_cstring(value));
		case jbvBool:
			return list_make1(value->val.boolean ? "true" : "false");
		case jbvNumeric:
			return list_make1(DatumGetCString(DirectFunctionCall1(numeric_out,
																  NumericGetDatum(value->val.numeric))));
		default:
			break;
	}
	if (!dsql_json_is_array(value))
		return NIL;
	iterator = JsonbIteratorInit(value->val.binary.data);
	while ((token = JsonbIteratorNext(&iterator, &item, true)) != WJB_DONE)
	{
		List	   *string;

		if (token != WJB_ELEM)
			continue;
		string = item.type == jbvBinary ? NIL : dsql_policy_strings(&item);
		if (string == NIL)
			return NIL;
		strings = list_concat(strings, string);
	}
	return strings;
}

static bool
cut_prefix(const char **string, const char *prefix)
{
	if (strncmp(*string, prefix, strlen(prefix)) != 0)
		return false;
	*string += strlen(prefix);
	return true;
}

static bool
parse_operator(const char *name, ParsedOperator *operator)
{
	static const char suffix[] = "IfExists";
	size_t		length;

	operator->for_all = cut_prefix(&name, "ForAllValues:");
	operator->for_any = !operator->for_all &&
		cut_prefix(&name, "ForAnyValue:");
	length = strlen(name);
	operator->if_exists = length > strlen(suffix) &&
		strcmp(name + length - strlen(suffix), suffix) == 0;
	if (operator->if_exists)
		length -= strlen(suffix);

	for (int i = 0; i < lengthof(operators); i++)
	{
		operator->base = &operators[i];
		if (strlen(operators[i].name) == length &&
			strncmp(operators[i].name, name, length) == 0)
			return !operator->if_exists || operators[i].kind != KIND_NULL;
	}
	return false;
}

/*
 * An address, with the number of bits that count.
 */
typedef struct Address
{
	bool		is_v6;
	unsigned char bytes[16];
	int			bits;
} Address;

static bool
parse_address(const char *string, Address *address)
{
	address->is_v6 = strchr(string, ':') != NULL;
	address->bits = pg_inet_net_pton(address->is_v6 ? PGSQL_AF_INET6 :
									 PGSQL_AF_INET, string, address->bytes,
									 -1);
	return address->bits >= 0;
}

static bool
within_network(const Address *address, const Address *network)
{
	int			bytes = network->bits / 8;
	int			mask = 0xFF00 >> network->bits % 8;

	if (address->is_v6 != network->is_v6 ||
		memcmp(address->bytes, network->bytes, bytes) != 0)
		return false;
	return network->bits % 8 == 0 ||
		((address->bytes[bytes] ^ network->bytes[bytes]) & mask & 0xFF) == 0;
}

static bool
parse_number(const char *string, double *number)
{
	char	   *end;

	*number = strtod(string, &end);
	return *string != '\0' && *end == '\0' && !isnan(*number);
}

/*
 * A date as 2026-01-15T12:00:00Z, 2026-01-15, or the seconds since 1970.
 */
static bool
parse_date(const char *string, TimestampTz *date)
{
	char		compact[DSQL_SIGV4_TIME_LEN + 1] = "";
	int			length = 0;
	double		seconds;

	if (strchr(string, '-') == NULL)
	{
		if (!parse_number(string, &seconds) || fabs(seconds) > 1e11)
			return false;
		*date = time_t_to_timestamptz((pg_time_t) seconds);
		return true;
	}
	for (; *string; string++)
	{
		if (*string == '-' || *string == ':')
			continue;
		if (length == DSQL_SIGV4_TIME_LEN)
			return false;
		compact[length++] = *string;
	}
	if (length == 8)
		strlcat(compact, "T000000Z", sizeof(compact));
	return dsql_sigv4_parse_time(compact, date);
}

/*
 * Two ARNs match part by part: no wildcard goes beyond a colon, save in the
 * last part.
 */
static bool
match_arn(const char *pattern, const char *arn)
{
	for (int part = 0; part < 5; part++)
	{
		const char *pattern_end = strchr(pattern, ':');
		const char *arn_end = strchr(arn, ':');

		if (pattern_end == NULL || arn_end == NULL ||
			!dsql_policy_match(pnstrdup(pattern, pattern_end - pattern),
							   pnstrdup(arn, arn_end - arn), false))
			return false;
		pattern = pattern_end + 1;
		arn = arn_end + 1;
	}
	return dsql_policy_match(pattern, arn, false);
}

static bool
is_bool(const char *string)
{
	return pg_strcasecmp(string, "true") == 0 ||
		pg_strcasecmp(string, "false") == 0;
}

/*
 * Can the string be a value of this kind in a policy?
 */
static bool
is_valid(ValueKind kind, const char *string)
{
	Address		address;
	double		number;
	TimestampTz date;

	switch (kind)
	{
		case KIND_STRING:
		case KIND_STRING_IGNORE_CASE:
		case KIND_STRING_PATTERN:
		case KIND_ARN:
			return true;
		case KIND_BOOL:
		case KIND_NULL:
			return is_bool(string);
		case KIND_IP:
			return parse_address(string, &address);
		case KIND_NUMBER:
			return parse_number(string, &number);
		case KIND_DATE:
			return parse_date(string, &date);
	}
	return false;
}

/*
 * How a value compares to one in a policy.  Where there is no order, what is
 * not equal counts as greater.
 */
static int
compare(ValueKind kind, const char *value, const char *wanted)
{
	Address		address;
	Address		network;
	double		number;
	double		limit;
	TimestampTz date;
	TimestampTz deadline;

	switch (kind)
	{
		case KIND_STRING:
			return strcmp(value, wanted) != 0;
		case KIND_STRING_IGNORE_CASE:
		case KIND_BOOL:
		case KIND_NULL:
			return pg_strcasecmp(value, wanted) != 0;
		case KIND_STRING_PATTERN:
			return !dsql_policy_match(wanted, value, false);
		case KIND_ARN:
			return !match_arn(wanted, value);
		case KIND_IP:
			return !(parse_address(value, &address) &&
					 parse_address(wanted, &network) &&
					 within_network(&address, &network));
		case KIND_NUMBER:
			if (!parse_number(value, &number) || !parse_number(wanted, &limit))
				return 1;
			return (number > limit) - (number < limit);
		case KIND_DATE:
			if (!parse_date(value, &date) || !parse_date(wanted, &deadline))
				return 1;
			return (date > deadline) - (date < deadline);
	}
	return 1;
}

/*
 * The value that a key has for the request; NULL if it has none.
 */
static const char *
key_value(const char *key, const DsqlPolicyRequest *request)
{
	static const char tag_prefix[] = "aws:ResourceTag/";
	const char *last_part = strrchr(request->arn, '/');
	bool		is_user = strstr(request->arn, ":user/") != NULL;

	if (pg_strcasecmp(key, "aws:PrincipalArn") == 0)
		return request->caller->principal;
	if (pg_strcasecmp(key, "aws:PrincipalAccount") == 0 ||
		pg_strcasecmp(key, "aws:ResourceAccount") == 0)
		return request->caller->account;
	if (pg_strcasecmp(key, "aws:PrincipalType") == 0)
		return is_user ? "User" : "AssumedRole";
	if (pg_strcasecmp(key, "aws:username") == 0)
		return is_user && last_part ? last_part + 1 : NULL;
	if (pg_strcasecmp(key, "aws:RequestedRegion") == 0)
		return request->region;
	if (pg_strcasecmp(key, "aws:SourceIp") == 0)
		return request->source_ip;
	if (pg_strcasecmp(key, "aws:SecureTransport") == 0)
		return "true";
	if (pg_strcasecmp(key, "aws:PrincipalIsAWSService") == 0 ||
		pg_strcasecmp(key, "aws:ViaAWSService") == 0)
		return "false";
	if (pg_strcasecmp(key, "aws:CurrentTime") == 0 ||
		pg_strcasecmp(key, "aws:EpochTime") == 0)
		return psprintf(INT64_FORMAT,
						(int64) timestamptz_to_time_t(request->now));
	if (pg_strncasecmp(key, tag_prefix, strlen(tag_prefix)) == 0)
		return dsql_json_member_string(&request->resource_tags->root,
									   key + strlen(tag_prefix));
	return NULL;
}

/*
 * Does one line of a condition hold?
 */
static bool
line_holds(const char *name, const char *key, const JsonbValue *wanted,
		   const DsqlPolicyRequest *request)
{
	const char *value = key_value(key, request);
	ParsedOperator operator;
	ListCell   *cell;

	if (!parse_operator(name, &operator))
		return false;
	if (operator.base->kind == KIND_NULL)
		value = value == NULL ? "true" : "false";

	/* An operator that says "not" holds for what is not there. */
	if (value == NULL)
		return operator.if_exists || operator.for_all ||
			(!operator.for_any && operator.base->less &&
			 operator.base->greater);

	foreach(cell, dsql_policy_strings(wanted))
	{
		int			result = compare(operator.base->kind, value,
									 lfirst(cell));
		bool		content = result < 0 ? operator.base->less :
		result > 0 ? operator.base->greater : operator.base->equal;

		/* One value is enough, save where none must be met. */
		if (operator.base->less && operator.base->greater)
		{
			if (!content)
				return false;
		}
		else if (content)
			return true;
	}
	return operator.base->less && operator.base->greater;
}

bool
dsql_policy_condition_holds(JsonbContainer *condition,
							const DsqlPolicyRequest *request)
{
	JsonbIterator *iterator = JsonbIteratorInit(condition);
	JsonbIteratorToken token;
	JsonbValue	item;
	char	   *operator = NULL;
	char	   *key = NULL;
	int			depth = 0;

	/* Operators have objects of keys; the values of these are not entered. */
	while ((token = JsonbIteratorNext(&iterator, &item, depth == 2)) != WJB_DONE)
	{
		if (token == WJB_BEGIN_OBJECT)
			depth++;
		else if (token == WJB_END_OBJECT)
			depth--;
		else if (token == WJB_KEY && depth == 1)
			operator = dsql_json_cstring(&item);
		else if (token == WJB_KEY)
			key = dsql_json_cstring(&item);
		else if (!line_holds(operator, key, &item, request))
			return false;
	}
	return true;
}

/*
 * Keys are those of all services, or of this one.
 */
static bool
is_key(const char *key)
{
	if (pg_strncasecmp(key, "aws:", strlen("aws:")) == 0)
		key += strlen("aws:");
	else if (pg_strncasecmp(key, "dsql:", strlen("dsql:")) == 0)
		key += strlen("dsql:");
	else
		return false;
	return isalpha((unsigned char) *key);
}

const char *
dsql_policy_condition_problem(const char *operator, const char *key,
							  const JsonbValue *value)
{
	ParsedOperator parsed;
	List	   *strings = dsql_policy_strings(value);
	ListCell   *cell;

	if (!parse_operator(operator, &parsed))
		return "has a statement with an unknown operator in its condition";
	if (!is_key(key))
		return "has a statement with an unknown key in its condition";
	if (strings == NIL)
		return "has a statement with a malformed condition";
	foreach(cell, strings)
	{
		if (strstr(lfirst(cell), "${") != NULL)
			return "has a statement with a variable, which the emulator does not know";
		if (!is_valid(parsed.base->kind, lfirst(cell)))
			return "has a statement with a malformed value in its condition";
	}
	return NULL;
}
