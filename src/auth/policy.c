/*
 * policy.c
 *		What a cluster's resource policy says to a connection.
 *
 * A statement is about a request if its principal, action, resource and
 * condition all are.  One that denies goes before all that allow.
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/varlena.h"

#include "auth/policy.h"
#include "base/identifier.h"
#include "base/json.h"

/* The actions of the service. */
static const char *const actions[] = {
	"CreateCluster", "GetCluster", "UpdateCluster", "DeleteCluster",
	"ListClusters", "GetVpcEndpointServiceName", "TagResource",
	"UntagResource", "ListTagsForResource", "PutClusterPolicy",
	"GetClusterPolicy", "DeleteClusterPolicy", "CreateStream", "GetStream",
	"ListStreams", "DeleteStream", "UpdateStream", "DbConnect",
	"DbConnectAdmin", "StartBackupJob", "StopBackupJob", "GetBackupJob",
	"StartRestoreJob", "StopRestoreJob", "GetRestoreJob", "AddPeerCluster",
	"RemovePeerCluster", "PutMultiRegionProperties", "PutWitnessRegion",
	"InjectError",
};

/* Is one string of a policy about the request? */
typedef bool (*Covers) (const char *string, const DsqlPolicyRequest *request);

static inline char
fold(char c, bool ignore_case)
{
	return ignore_case ? pg_ascii_tolower((unsigned char) c) : c;
}

bool
dsql_policy_match(const char *pattern, const char *string, bool ignore_case)
{
	const char *star = NULL;	/* the last one met, and ... */
	const char *resume = NULL;	/* ... what it does not cover yet */

	while (*string)
	{
		if (*pattern == '*')
		{
			star = pattern++;
			resume = string;
		}
		else if (*pattern == '?' ||
				 fold(*pattern, ignore_case) == fold(*string, ignore_case))
		{
			pattern++;
			string++;
		}
		else if (star != NULL)
		{
			pattern = star + 1;
			string = ++resume;
		}
		else
			return false;
	}
	return pattern[strspn(pattern, "*")] == '\0';
}

bool
dsql_policy_match_list(const char *list, const char *string, bool ignore_case)
{
	List	   *patterns;
	ListCell   *cell;

	(void) SplitGUCList(pstrdup(list), ',', &patterns);
	foreach(cell, patterns)
		if (dsql_policy_match(lfirst(cell), string, ignore_case))
		return true;
	return false;
}

bool
dsql_policy_action_known(const char *pattern)
{
	for (int i = 0; i < lengthof(actions); i++)
		if (dsql_policy_match(pattern, psprintf("dsql:%s", actions[i]), true))
			return true;
	return false;
}

static bool
covers_action(const char *string, const DsqlPolicyRequest *request)
{
	return dsql_policy_match(string, request->action, true);
}

static bool
covers_resource(const char *string, const DsqlPolicyRequest *request)
{
	return dsql_policy_match(string, request->resource, false);
}

/*
 * Everybody, an account by its number or its root, a user or role, or the
 * session of one.
 */
static bool
covers_principal(const char *string, const DsqlPolicyRequest *request)
{
	DsqlIamArn	arn;

	if (strcmp(string, "*") == 0 ||
		strcmp(string, request->caller->account) == 0 ||
		strcmp(string, request->arn) == 0 ||
		strcmp(string, request->caller->principal) == 0)
		return true;
	return dsql_identifier_iam_arn_parse(string, &arn) && arn.is_root &&
		strcmp(arn.account, request->caller->account) == 0;
}

static bool
any_covers(const JsonbValue *value, Covers covers,
		   const DsqlPolicyRequest *request)
{
	ListCell   *cell;

	foreach(cell, dsql_policy_strings(value))
		if (covers(lfirst(cell), request))
		return true;
	return false;
}

/*
 * Look at an element of a statement or at its negation, whichever is there.
 */
static bool
element_covers(JsonbContainer *statement, const char *name, Covers covers,
			   const DsqlPolicyRequest *request)
{
	JsonbValue *value = dsql_json_member(statement, name);
	bool		negated = value == NULL;

	if (negated)
		value = dsql_json_member(statement, psprintf("Not%s", name));

	/* Only a resource can be left out: it is the policy's own. */
	if (value == NULL)
		return true;
	if (dsql_json_is_object(value))
	{
		value = dsql_json_member(value->val.binary.data, "AWS");
		if (value == NULL)
			return negated;
	}
	return any_covers(value, covers, request) != negated;
}

static DsqlPolicyVerdict
evaluate_statement(JsonbContainer *statement, const DsqlPolicyRequest *request)
{
	JsonbValue *condition = dsql_json_member(statement, "Condition");

	if (!element_covers(statement, "Principal", covers_principal, request) ||
		!element_covers(statement, "Action", covers_action, request) ||
		!element_covers(statement, "Resource", covers_resource, request) ||
		(condition != NULL &&
		 !dsql_policy_condition_holds(condition->val.binary.data, request)))
		return DSQL_POLICY_SILENT;
	return strcmp(dsql_json_member_string(statement, "Effect"), "Allow") == 0 ?
		DSQL_POLICY_ALLOWS : DSQL_POLICY_DENIES;
}

DsqlPolicyVerdict
dsql_policy_evaluate(const char *policy, const DsqlPolicyRequest *request)
{
	Jsonb	   *document =
	DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(policy)));
	JsonbValue *statements = dsql_json_member(&document->root, "Statement");
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue	item;
	DsqlPolicyVerdict verdict = DSQL_POLICY_SILENT;

	if (dsql_json_is_object(statements))
		return evaluate_statement(statements->val.binary.data, request);
	iterator = JsonbIteratorInit(statements->val.binary.data);
	while ((token = JsonbIteratorNext(&iterator, &item, true)) != WJB_DONE)
		if (token == WJB_ELEM)
			verdict = Max(verdict,
						  evaluate_statement(item.val.binary.data, request));
	return verdict;
}
