/*
 * judge.c
 *		Whether a connection with a token is let into a cluster, by what the
 *		control plane's database knows.
 */
#include "postgres.h"

#include "auth/access_key.h"
#include "auth/judge.h"
#include "auth/permission.h"
#include "auth/policy.h"
#include "base/clock.h"
#include "base/identifier.h"
#include "base/refuse.h"
#include "base/settings.h"

pg_noreturn static void refuse(const char *reason);

static void
refuse(const char *reason)
{
	dsql_refuse_connection(RULE_CONNECTION_REFUSED, reason);
}

/*
 * The cluster's identifier in a host name, which is its first label; NULL if
 * it is none.
 */
char *
dsql_judge_host_cluster(const char *host)
{
	char	   *label = pnstrdup(host, strcspn(host, "."));

	return dsql_identifier_valid(label) && host[strlen(label)] == '.' ?
		label : NULL;
}

/*
 * Is it a host name of the cluster, public or that of a VPC endpoint?
 */
static bool
is_host_of(const char *host, const Cluster *cluster)
{
	char	   *id = dsql_judge_host_cluster(host);
	const char *suffix;

	if (id == NULL || strcmp(id, cluster->identifier) != 0)
		return false;
	host += strlen(id);
	if (strncmp(host, ".dsql", strlen(".dsql")) != 0)
		return false;
	suffix = strchr(host + 1, '.');
	return suffix != NULL &&
		strcmp(suffix, psprintf(".%s.on.aws", cluster->region)) == 0;
}

bool
dsql_judge_is_local_host(const char *host)
{
	return strcmp(host, "localhost") == 0 || strcmp(host, "127.0.0.1") == 0 ||
		strcmp(host, "[::1]") == 0;
}

/*
 * Does what was signed concern this cluster?
 */
static void
check_target(const DsqlAuthToken *token, const Cluster *cluster)
{
	if (!is_host_of(token->host, cluster) &&
		!(dsql_settings_accept_localhost && dsql_judge_is_local_host(token->host) &&
		  cluster->position == DEFAULT_CLUSTER_POSITION))
		refuse(psprintf("The token is for the host %s, not for cluster %s.",
						token->host, cluster->identifier));
	if (strcmp(token->credential.region, cluster->region) != 0)
		refuse(psprintf("Credential should be scoped to a valid Region, not '%s'.",
						token->credential.region));
}

static void
check_permission(const DsqlAccessKey *key, const DsqlIamArn *caller,
				 const Cluster *cluster, DsqlTokenAction action,
				 const SockAddr *address)
{
	DsqlPolicyRequest request;
	const char *problem;

	if (strcmp(caller->account, cluster->account) != 0)
		refuse(psprintf("User: %s is not authorized to access this resource",
						key->arn));

	request.action = psprintf("dsql:%s", dsql_token_action_name(action));
	request.resource = dsql_identifier_cluster_arn(cluster->region,
												   cluster->account,
												   cluster->identifier);
	request.arn = key->arn;
	request.caller = caller;
	request.source_ip = dsql_permission_source_ip(address);
	request.resource_tags = cluster->tags;
	request.region = cluster->region;
	request.now = dsql_clock_now();
	problem = dsql_permission_problem(key, cluster->policy, &request);
	if (problem != NULL)
		refuse(problem);
}

char *
dsql_judge_token(const DsqlAuthToken *token, const Cluster *cluster,
				 const SockAddr *address)
{
	DsqlAccessKey *key;
	DsqlIamArn	caller;
	const char *problem;

	check_target(token, cluster);
	if (dsql_settings_auth != DSQL_AUTH_VERIFY)
	{
		problem = dsql_token_time_problem(token, dsql_clock_now());
		if (problem != NULL)
			refuse(problem);
		return NULL;
	}

	problem = dsql_access_key_token_problem(token, dsql_clock_now(), &key);
	if (problem != NULL)
		refuse(problem);
	if (!dsql_identifier_iam_arn_parse(key->arn, &caller))
		elog(ERROR, "access key \"%s\" has a malformed ARN", key->id);
	check_permission(key, &caller, cluster, token->action, address);
	return key->arn;
}
