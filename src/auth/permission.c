/*
 * permission.c
 *		May the holder of an access key do this?
 *
 * Two policies decide: that of the key, which is a list of actions, and that of
 * the cluster.  If the cluster's denies, the answer is no.  Otherwise it is yes
 * if either allows it.  The root of an account may do everything.
 */
#include "postgres.h"

#include <netdb.h>

#include "common/ip.h"

#include "auth/access_key.h"
#include "auth/permission.h"
#include "auth/policy.h"

char *
dsql_permission_source_ip(const SockAddr *address)
{
	char		host[NI_MAXHOST];

	if (pg_getnameinfo_all(&address->addr, address->salen, host, sizeof(host),
						   NULL, 0, NI_NUMERICHOST) != 0)
		return "";
	host[strcspn(host, "%")] = '\0';
	return pstrdup(host);
}

char *
dsql_permission_denied(const char *arn, const char *action,
					   const char *resource)
{
	return psprintf("User: %s is not authorized to perform: %s on resource: %s because no identity-based policy allows the %s action",
					arn, action, resource, action);
}

const char *
dsql_permission_problem(const DsqlAccessKey *key, const char *policy,
						const DsqlPolicyRequest *request)
{
	DsqlPolicyVerdict verdict = DSQL_POLICY_SILENT;

	if (request->caller->is_root)
		return NULL;
	if (policy != NULL)
		verdict = dsql_policy_evaluate(policy, request);
	if (verdict == DSQL_POLICY_DENIES)
		return psprintf("User: %s is not authorized to perform: %s on resource: %s with an explicit deny in a resource-based policy",
						key->arn, request->action, request->resource);
	if (verdict != DSQL_POLICY_ALLOWS &&
		!dsql_access_key_allows(key, request->action))
		return dsql_permission_denied(key->arn, request->action,
									  request->resource);
	return NULL;
}
