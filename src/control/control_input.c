/*
 * control_input.c
 *		What clients ask of the control plane: the members of each operation's
 *		input, their types and constraints.
 *
 * The service's clients check next to nothing before they send a request; the
 * server does, from the same tables as its interface description.
 */
#include "postgres.h"

#include "catalog/pg_collation.h"
#include "mb/pg_wchar.h"
#include "regex/regex.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

#include "base/compat.h"
#include "base/json.h"
#include "control/control_error.h"
#include "control/control_input.h"

pg_noreturn static void wrong_type(const char *name);

/* Nested constraints. */
#define TAG_PATTERN "[a-zA-Z0-9_.:/=+\\-@ ]*"
#define MAX_TAGS 200			/* in one request */
#define CLUSTER_ARN_PATTERN \
	"arn:aws(-[^:]+)?:dsql:[a-z0-9-]{1,20}:[0-9]{12}:cluster/[a-z0-9]{26}"

static const InputMember tag_key =
{"tags", MEMBER_STRING, true, 1, 128, TAG_PATTERN};
static const InputMember tag_value =
{"tags", MEMBER_STRING, true, 0, 256, TAG_PATTERN};
static const InputMember listed_key =
{"tagKeys", MEMBER_STRING, true, 1, 128, TAG_PATTERN};
static const InputMember peer_arn =
{"multiRegionProperties.clusters", MEMBER_STRING, true, 1, 1011, CLUSTER_ARN_PATTERN};

static const InputMember multi_region_members[] = {
	{"witnessRegion", MEMBER_STRING, false, 0, 50},
	{NULL}
};
static const InputMember kinesis_members[] = {
	{"streamArn", MEMBER_STRING, true, 1, 2048, "arn:aws.*:kinesis:.*:\\d{12}:stream/\\S+"},
	{"roleArn", MEMBER_STRING, true, 20, 2048, "arn:aws(-[^:]+)?:iam::[0-9]{12}:role(/[a-zA-Z0-9+=,.@_-]+)+"},
	{NULL}
};

static List *check_members(List *errors, const char *prefix,
						   JsonbContainer *object,
						   const InputMember *members);

static void
wrong_type(const char *name)
{
	dsql_control_error_invalid("cannotParse", "Value of %s has a wrong type.",
							   name);
}

static bool
matches(const char *string, const char *pattern)
{
	return RE_compile_and_execute(cstring_to_text(psprintf("^(?:%s)$", pattern)),
								  pstrdup(string), strlen(string),
								  REG_ADVANCED | REG_NOSUB, C_COLLATION_OID,
								  0, NULL);
}

static List *
check_string(List *errors, const char *name, const InputMember *member,
			 const JsonbValue *value)
{
	char	   *string;
	int			length;

	if (value->type != jbvString)
		wrong_type(name);
	string = dsql_json_cstring(value);
	length = pg_mbstrlen(string);

	if (length < member->min || length > member->max)
		return dsql_control_error_add_field(errors, name,
											"must have from %d to %d characters",
											member->min, member->max);
	if (member->pattern != NULL && !matches(string, member->pattern))
		return dsql_control_error_add_field(errors, name,
											"must match the pattern %s",
											member->pattern);
	if (member->choice != NULL && strcmp(string, member->choice) != 0)
		return dsql_control_error_add_field(errors, name, "must be %s",
											member->choice);
	return errors;
}

/*
 * The integer, which may be a string of digits: it travels in a query.
 */
static bool
integer_value(const JsonbValue *value, int *result)
{
	char	   *string;
	char	   *end;
	long		number;

	if (value->type == jbvString)
		string = dsql_json_cstring(value);
	else if (value->type == jbvNumeric)
		string = DatumGetCString(DirectFunctionCall1(numeric_out,
													 NumericGetDatum(value->val.numeric)));
	else
		return false;

	errno = 0;
	number = strtol(string, &end, 10);
	if (end == string || *end != '\0' || errno != 0 ||
		number < PG_INT32_MIN || number > PG_INT32_MAX)
		return false;
	*result = (int) number;
	return true;
}

static List *
check_integer(List *errors, const char *name, const InputMember *member,
			  const JsonbValue *value)
{
	int			number;

	if (!integer_value(value, &number))
		wrong_type(name);
	if (number < member->min || number > member->max)
		return dsql_control_error_add_field(errors, name,
											"must be from %d to %d",
											member->min, member->max);
	return errors;
}

/*
 * Step through the values of an object or an array.
 */
static bool
next_value(JsonbIterator **iterator, JsonbValue *key, JsonbValue *value)
{
	JsonbIteratorToken token;

	while ((token = JsonbIteratorNext(iterator, value, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
			*key = *value;
		else if (token == WJB_VALUE || token == WJB_ELEM)
			return true;
	}
	return false;
}

static List *
check_count(List *errors, const char *name, const JsonbValue *tags)
{
	if (JsonContainerSize(tags->val.binary.data) > MAX_TAGS)
		errors = dsql_control_error_add_field(errors, name,
											  "must have at most %d entries", MAX_TAGS);
	return errors;
}

static List *
check_tag_map(List *errors, const char *name, const JsonbValue *map)
{
	JsonbIterator *iterator;
	JsonbValue	key;
	JsonbValue	value;

	if (!dsql_json_is_object(map))
		wrong_type(name);
	errors = check_count(errors, name, map);
	iterator = JsonbIteratorInit(map->val.binary.data);
	while (next_value(&iterator, &key, &value))
	{
		errors = check_string(errors, name, &tag_key, &key);
		if (key.val.string.len >= strlen("aws:") &&
			pg_strncasecmp(key.val.string.val, "aws:", strlen("aws:")) == 0)
			errors = dsql_control_error_add_field(errors, name,
												  "must not have a key that begins with aws:");
		errors = check_string(errors, name, &tag_value, &value);
	}
	return errors;
}

static List *
check_tag_keys(List *errors, const char *name, const JsonbValue *keys)
{
	JsonbIterator *iterator;
	JsonbValue	key;
	JsonbValue	value;

	if (!dsql_json_is_array(keys))
		wrong_type(name);
	errors = check_count(errors, name, keys);
	iterator = JsonbIteratorInit(keys->val.binary.data);
	while (next_value(&iterator, &key, &value))
		errors = check_string(errors, name, &listed_key, &value);
	return errors;
}

static List *
check_multi_region(List *errors, const char *name, const JsonbValue *object)
{
	JsonbValue *clusters;
	JsonbIterator *iterator;
	JsonbValue	key;
	JsonbValue	value;

	if (!dsql_json_is_object(object))
		wrong_type(name);
	errors = check_members(errors, name, object->val.binary.data,
						   multi_region_members);

	clusters = dsql_json_member(object->val.binary.data, "clusters");
	if (clusters == NULL)
		return errors;
	if (!dsql_json_is_array(clusters))
		wrong_type(peer_arn.name);
	iterator = JsonbIteratorInit(clusters->val.binary.data);
	while (next_value(&iterator, &key, &value))
		errors = check_string(errors, peer_arn.name, &peer_arn, &value);
	return errors;
}

/*
 * A union, of which there is only one kind.
 */
static List *
check_target(List *errors, const char *name, const JsonbValue *object)
{
	JsonbValue *kinesis;

	if (!dsql_json_is_object(object))
		wrong_type(name);
	kinesis = dsql_json_member(object->val.binary.data, "kinesis");
	if (kinesis == NULL || JsonContainerSize(object->val.binary.data) != 1)
		return dsql_control_error_add_field(errors, name,
											"must have one member, kinesis");
	if (!dsql_json_is_object(kinesis))
		wrong_type(name);
	return check_members(errors, psprintf("%s.kinesis", name),
						 kinesis->val.binary.data, kinesis_members);
}

static List *
check_member(List *errors, const char *name, const InputMember *member,
			 const JsonbValue *value)
{
	switch (member->type)
	{
		case MEMBER_STRING:
			return check_string(errors, name, member, value);
		case MEMBER_BOOLEAN:
			if (value->type != jbvBool)
				wrong_type(name);
			return errors;
		case MEMBER_INTEGER:
			return check_integer(errors, name, member, value);
		case MEMBER_TAGS:
			return check_tag_map(errors, name, value);
		case MEMBER_TAG_KEYS:
			return check_tag_keys(errors, name, value);
		case MEMBER_MULTI_REGION:
			return check_multi_region(errors, name, value);
		case MEMBER_TARGET:
			return check_target(errors, name, value);
	}
	return errors;
}

static List *
check_members(List *errors, const char *prefix, JsonbContainer *object,
			  const InputMember *members)
{
	for (const InputMember *member = members; member->name != NULL; member++)
	{
		const char *name = prefix == NULL ? member->name :
		psprintf("%s.%s", prefix, member->name);
		JsonbValue *value = dsql_json_member(object, member->name);

		if (value != NULL)
			errors = check_member(errors, name, member, value);
		else if (member->required)
			errors = dsql_control_error_add_field(errors, name,
												  "must not be missing");
	}
	return errors;
}

void
dsql_control_input_check(Jsonb *input, const InputMember *members)
{
	if (!JB_ROOT_IS_OBJECT(input))
		dsql_control_error_invalid("cannotParse",
								   "The request is not a JSON object.");
	dsql_control_error_fields(check_members(NIL, NULL, &input->root, members));
}

char *
dsql_control_input_string(Jsonb *input, const char *name)
{
	return dsql_json_member_string(&input->root, name);
}

bool
dsql_control_input_bool(Jsonb *input, const char *name, bool otherwise)
{
	JsonbValue *value = dsql_json_member(&input->root, name);

	return value == NULL ? otherwise : value->val.boolean;
}

int
dsql_control_input_int(Jsonb *input, const char *name, int otherwise)
{
	JsonbValue *value = dsql_json_member(&input->root, name);
	int			number = otherwise;

	if (value != NULL)
		(void) integer_value(value, &number);
	return number;
}

Jsonb *
dsql_control_input_jsonb(Jsonb *input, const char *name)
{
	JsonbValue *value = dsql_json_member(&input->root, name);

	return value == NULL ? NULL : JsonbValueToJsonb(value);
}
