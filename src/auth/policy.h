/*
 * policy.h
 *		What a cluster's resource policy says to a connection.
 */
#ifndef DSQL_POLICY_H
#define DSQL_POLICY_H

#include "nodes/pg_list.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"

#include "base/identifier.h"

/* Who wants to do what, and from where. */
typedef struct DsqlPolicyRequest
{
	const char *action;			/* as "dsql:DbConnect" */
	const char *resource;		/* the ARN of the cluster */
	const char *arn;			/* of the caller ... */
	const DsqlIamArn *caller;	/* ... taken apart */
	const char *source_ip;
	Jsonb	   *resource_tags;
	const char *region;
	TimestampTz now;
} DsqlPolicyRequest;

typedef enum DsqlPolicyVerdict
{
	DSQL_POLICY_SILENT,			/* no statement is about the request */
	DSQL_POLICY_ALLOWS,
	DSQL_POLICY_DENIES			/* goes before whatever allows it */
} DsqlPolicyVerdict;

/* The policy is one that could be put. */
extern DsqlPolicyVerdict dsql_policy_evaluate(const char *policy,
											  const DsqlPolicyRequest *request);

/* Is there an action of the service that the pattern matches? */
extern bool dsql_policy_action_known(const char *pattern);

/* Does the string match a pattern with * and ? */
extern bool dsql_policy_match(const char *pattern, const char *string,
							  bool ignore_case);

/* Does it match one of the patterns that are a setting's list? */
extern bool dsql_policy_match_list(const char *list, const char *string,
								   bool ignore_case);

/*
 * policy_condition.c
 */

/* Does a condition hold? */
extern bool dsql_policy_condition_holds(JsonbContainer *condition,
										const DsqlPolicyRequest *request);

/*
 * Why one line of a condition is not understood, for people; NULL if it is.
 */
extern const char *dsql_policy_condition_problem(const char *operator,
												 const char *key,
												 const JsonbValue *value);

/*
 * The strings of a value that is one, or an array of them; NIL if it is
 * anything else.
 */
extern List *dsql_policy_strings(const JsonbValue *value);

#endif							/* DSQL_POLICY_H */
