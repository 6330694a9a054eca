/*
 * control_policy.c
 *		Operations on a cluster's resource policy, and what a policy must be.
 *
 * A policy is stored word for word.  It is refused if it does not follow the
 * language of IAM, if it would let everybody in, and, unless the caller says
 * otherwise, if it would forbid its own change.  policy.c evaluates policies;
 * whatever it could not evaluate is refused here.
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "auth/policy.h"
#include "base/compat.h"
#include "base/json.h"
#include "cluster/cluster_catalog.h"
#include "control/control_error.h"
#include "control/control_input.h"
#include "control/control_operation.h"

pg_noreturn static void malformed(const char *what);

/* Condition keys that keep the public out if they have fixed values. */
static const char *const trusted_keys[] = {
	"aws:PrincipalAccount", "aws:PrincipalArn", "aws:PrincipalOrgID",
	"aws:PrincipalOrgPaths", "aws:SourceAccount", "aws:SourceArn",
	"aws:SourceVpc", "aws:SourceVpce", "aws:UserId",
	"aws:PrincipalServiceName", "aws:PrincipalServiceNamesList",
	"aws:PrincipalIsAWSService", "aws:Ec2InstanceSourceVpc",
	"aws:SourceOrgID", "aws:SourceOrgPaths",
};

/* What a statement may consist of. */
static const char *const statement_keys[] = {
	"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction",
	"Resource", "NotResource", "Condition",
};

/* Objects and arrays inside each other in a policy: far fewer. */
#define MAX_NESTING 100

typedef bool (*StringTest) (const char *string);

static void
malformed(const char *what)
{
	dsql_control_error_fields(dsql_control_error_add_field(NIL, "policy", "%s",
														   what));
	pg_unreachable();
}

/*
 * Would the policy be too much for PostgreSQL's parser of JSON?
 */
static bool
is_nested_too_deeply(const char *policy)
{
	int			depth = 0;
	bool		in_string = false;

	for (; *policy != '\0' && depth <= MAX_NESTING; policy++)
	{
		if (in_string && *policy == '\\' && policy[1] != '\0')
			policy++;
		else if (*policy == '"')
			in_string = !in_string;
		else if (!in_string && strchr("[{", *policy) != NULL)
			depth++;
		else if (!in_string && strchr("]}", *policy) != NULL)
			depth--;
	}
	return depth > MAX_NESTING;
}

static bool
changes_policy(const char *pattern)
{
	return dsql_policy_match(pattern, "dsql:PutClusterPolicy", true) ||
		dsql_policy_match(pattern, "dsql:DeleteClusterPolicy", true);
}

static bool
is_everybody(const char *principal)
{
	return strcmp(principal, "*") == 0;
}

/* Whoever calls acts for the account, as far as can be told. */
static bool
covers_caller(const char *principal)
{
	size_t		length = strlen(principal);

	return is_everybody(principal) ||
		(length > strlen(":root") &&
		 strcmp(principal + length - strlen(":root"), ":root") == 0);
}

static bool
is_string(const char *string)
{
	return true;
}

static bool
is_resource(const char *string)
{
	return strstr(string, "${") == NULL &&
		(strcmp(string, "*") == 0 || strncmp(string, "arn:", 4) == 0);
}

static bool
is_only_wildcards(const char *string)
{
	return string[strspn(string, "*?")] == '\0';
}

/*
 * Count the strings in a value, which is one or an array of them, that pass
 * the test; -1 if it is anything else.
 */
static int
count_strings(const JsonbValue *value, StringTest test, int *total)
{
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue	item;
	int			count = 0;

	*total = 0;
	if (value->type == jbvString)
	{
		*total = 1;
		return test(dsql_json_cstring(value)) ? 1 : 0;
	}
	if (!dsql_json_is_array(value))
		return -1;

	iterator = JsonbIteratorInit(value->val.binary.data);
	while ((token = JsonbIteratorNext(&iterator, &item, true)) != WJB_DONE)
	{
		if (token != WJB_ELEM)
			continue;
		if (item.type != jbvString)
			return -1;
		(*total)++;
		if (test(dsql_json_cstring(&item)))
			count++;
	}
	return count;
}

static bool
any_string(const JsonbValue *value, StringTest test)
{
	int			total;

	return value != NULL && count_strings(value, test, &total) > 0;
}

/* Strings, at least one, all of which pass the test. */
static bool
all_strings(const JsonbValue *value, StringTest test)
{
	int			total;
	int			count = count_strings(value, test, &total);

	return total > 0 && count == total;
}

static bool
any_principal(JsonbContainer *statement, StringTest test)
{
	JsonbValue *principal = dsql_json_member(statement, "Principal");

	if (principal != NULL && dsql_json_is_object(principal))
		principal = dsql_json_member(principal->val.binary.data, "AWS");
	return any_string(principal, test);
}

static void
check_principal(JsonbContainer *statement)
{
	JsonbValue *principal = dsql_json_member(statement, "Principal");
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue	item;

	if (principal == NULL)
		principal = dsql_json_member(statement, "NotPrincipal");
	if (principal == NULL)
		malformed("has a statement without a principal");
	if (principal->type == jbvString)
	{
		if (!is_everybody(dsql_json_cstring(principal)))
			malformed("has a statement with a malformed principal");
		return;
	}
	if (!dsql_json_is_object(principal) ||
		JsonContainerSize(principal->val.binary.data) == 0)
		malformed("has a statement with a malformed principal");
	iterator = JsonbIteratorInit(principal->val.binary.data);
	while ((token = JsonbIteratorNext(&iterator, &item, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
		{
			char	   *kind = dsql_json_cstring(&item);

			if (strcmp(kind, "AWS") != 0 && strcmp(kind, "Service") != 0 &&
				strcmp(kind, "Federated") != 0)
				malformed("has a statement with an unknown kind of principal");
		}
		else if (token == WJB_VALUE && !all_strings(&item, is_string))
			malformed("has a statement with a malformed principal");
	}
}

/*
 * An element and its negation together mean nothing.
 */
static void
check_negations(JsonbContainer *statement)
{
	static const char *const names[] = {"Principal", "Action", "Resource"};

	for (int i = 0; i < lengthof(names); i++)
		if (dsql_json_member(statement, names[i]) != NULL &&
			dsql_json_member(statement, psprintf("Not%s", names[i])) != NULL)
			malformed("has a statement with an element and its negation");
}

/*
 * What a statement is about can be left out.
 */
static void
check_resources(JsonbContainer *statement)
{
	JsonbValue *resource = dsql_json_member(statement, "Resource");

	if (resource == NULL)
		resource = dsql_json_member(statement, "NotResource");
	if (resource != NULL && !all_strings(resource, is_resource))
		malformed("has a statement with a malformed resource");
}

static void
check_actions(JsonbContainer *statement)
{
	JsonbValue *action = dsql_json_member(statement, "Action");

	if (action == NULL)
		action = dsql_json_member(statement, "NotAction");
	if (action == NULL)
		malformed("has a statement without an action");
	if (!all_strings(action, is_string))
		malformed("has a statement with a malformed action");
	if (!all_strings(action, dsql_policy_action_known))
		malformed("has a statement with an unknown action");
}

/*
 * Is one key of a condition's operator trusted, and its value fixed?
 */
static bool
is_trusted(const char *operator, const char *key, const JsonbValue *value)
{
	if (strncmp(operator, "String", strlen("String")) != 0 &&
		strncmp(operator, "Arn", strlen("Arn")) != 0 &&
		strcmp(operator, "Bool") != 0)
		return false;
	if (strstr(operator, "Not") != NULL ||
		strstr(operator, "IfExists") != NULL)
		return false;
	for (int i = 0; i < lengthof(trusted_keys); i++)
		if (pg_strcasecmp(trusted_keys[i], key) == 0)
			return value->type == jbvBool ||
				!any_string(value, is_only_wildcards);
	return false;
}

/*
 * Look at the shape of a condition, and whether it lets in only some.
 */
static bool
check_condition(JsonbContainer *statement)
{
	JsonbValue *condition = dsql_json_member(statement, "Condition");
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue	item;
	char	   *operator = NULL;
	char	   *key = NULL;
	const char *problem;
	bool		trusted = false;
	int			depth = 0;

	if (condition == NULL)
		return false;
	if (!dsql_json_is_object(condition))
		malformed("has a statement with a malformed condition");
	iterator = JsonbIteratorInit(condition->val.binary.data);

	/* Operators have objects of keys; the values of these are not entered. */
	while ((token = JsonbIteratorNext(&iterator, &item, depth == 2)) != WJB_DONE)
	{
		switch (token)
		{
			case WJB_BEGIN_OBJECT:
				depth++;
				break;
			case WJB_END_OBJECT:
				depth--;
				break;
			case WJB_KEY:
				if (depth == 1)
					operator = dsql_json_cstring(&item);
				else
					key = dsql_json_cstring(&item);
				break;
			case WJB_VALUE:
				if (depth == 1)
					malformed("has a statement with a malformed condition");
				problem = dsql_policy_condition_problem(operator, key, &item);
				if (problem != NULL)
					malformed(problem);
				trusted = trusted || is_trusted(operator, key, &item);
				break;
			default:
				malformed("has a statement with a malformed condition");
		}
	}
	return trusted;
}

static void
check_statement(const JsonbValue *value, bool bypass_lockout_check)
{
	JsonbContainer *statement;
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue	item;
	char	   *effect;
	bool		trusted;

	if (!dsql_json_is_object(value))
		malformed("has a statement that is not an object");
	statement = value->val.binary.data;
	iterator = JsonbIteratorInit(statement);
	while ((token = JsonbIteratorNext(&iterator, &item, true)) != WJB_DONE)
	{
		bool		known = token != WJB_KEY;

		for (int i = 0; i < lengthof(statement_keys) && !known; i++)
			known = strcmp(statement_keys[i], dsql_json_cstring(&item)) == 0;
		if (!known)
			malformed("has a statement with an unknown element");
	}

	effect = dsql_json_member_string(statement, "Effect");
	if (effect == NULL ||
		(strcmp(effect, "Allow") != 0 && strcmp(effect, "Deny") != 0))
		malformed("has a statement whose effect is not Allow or Deny");
	check_negations(statement);
	check_principal(statement);
	check_actions(statement);
	check_resources(statement);
	trusted = check_condition(statement);

	if (strcmp(effect, "Allow") == 0)
	{
		if (!trusted && any_principal(statement, is_everybody))
			dsql_control_error_invalid("other",
									   "The policy grants public access.");
	}
	else if (!bypass_lockout_check &&
			 dsql_json_member(statement, "Condition") == NULL &&
			 any_principal(statement, covers_caller) &&
			 any_string(dsql_json_member(statement, "Action"), changes_policy))
		dsql_control_error_invalid("other",
								   "The policy would not let the caller change it later.");
}

void
dsql_control_policy_check(const char *policy, bool bypass_lockout_check)
{
	Jsonb	   *document;
	JsonbValue *statements;
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue	item;
	int			count = 0;

	if (is_nested_too_deeply(policy) || !dsql_is_json(policy))
		malformed("is not a JSON document");
	document = DatumGetJsonbP(DirectFunctionCall1(jsonb_in,
												  CStringGetDatum(policy)));
	statements = JB_ROOT_IS_OBJECT(document) ?
		dsql_json_member(&document->root, "Statement") : NULL;
	if (statements == NULL)
		malformed("has no statement");
	if (dsql_json_is_object(statements))
	{
		check_statement(statements, bypass_lockout_check);
		return;
	}
	if (!dsql_json_is_array(statements))
		malformed("has a statement that is not an object");
	iterator = JsonbIteratorInit(statements->val.binary.data);
	while ((token = JsonbIteratorNext(&iterator, &item, true)) != WJB_DONE)
		if (token == WJB_ELEM)
		{
			check_statement(&item, bypass_lockout_check);
			count++;
		}
	if (count == 0)
		malformed("has no statement");
}

static void
check_expected_version(ControlCall *call, const Cluster *cluster)
{
	char	   *expected = dsql_control_input_string(call->input,
													 "expectedPolicyVersion");
	char	   *current = cluster->policy == NULL ? "" :
	psprintf(INT64_FORMAT, cluster->policy_version);

	if (expected != NULL && strcmp(expected, current) != 0)
		dsql_control_error_conflict("clusterPolicy", cluster->identifier,
									"The policy does not have the expected version.");
}

static void
put_version(ControlCall *call, const Cluster *cluster)
{
	dsql_json_string(&call->output, "policyVersion",
					 psprintf(INT64_FORMAT, cluster->policy_version));
}

void
dsql_control_put_cluster_policy(ControlCall *call)
{
	Cluster    *cluster = dsql_control_call_cluster(call, "identifier");

	check_expected_version(call, cluster);
	cluster->policy = dsql_control_input_string(call->input, "policy");
	dsql_control_policy_check(cluster->policy,
							  dsql_control_input_bool(call->input,
													  "bypassPolicyLockoutSafetyCheck", false));
	cluster->policy_version++;
	dsql_cluster_catalog_update_cluster(cluster);
	put_version(call, cluster);
}

void
dsql_control_get_cluster_policy(ControlCall *call)
{
	Cluster    *cluster = dsql_control_call_cluster(call, "identifier");

	if (cluster->policy == NULL)
		dsql_control_error_not_found("clusterPolicy", cluster->identifier);
	dsql_json_string(&call->output, "policy", cluster->policy);
	put_version(call, cluster);
}

void
dsql_control_delete_cluster_policy(ControlCall *call)
{
	Cluster    *cluster = dsql_control_call_cluster(call, "identifier");

	check_expected_version(call, cluster);
	if (cluster->policy == NULL)
		dsql_control_error_not_found("clusterPolicy", cluster->identifier);
	put_version(call, cluster);
	cluster->policy = NULL;
	dsql_cluster_catalog_update_cluster(cluster);
}
