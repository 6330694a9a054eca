/*
 * control_permission.c
 *		May the holder of an access key call an operation?
 *
 * The action is called like the operation; some members of its input need
 * others beside it.  The policy of a cluster is about the cluster and what is
 * asked of it, but not about its streams.
 */
#include "postgres.h"

#include "auth/access_key.h"
#include "auth/permission.h"
#include "auth/policy.h"
#include "base/clock.h"
#include "base/identifier.h"
#include "base/json.h"
#include "cluster/cluster_catalog.h"
#include "control/control_error.h"
#include "control/control_operation.h"
#include "control/control_permission.h"

/* What else is needed for an operation, if its input has the member. */
static const struct
{
	const char *operation;
	const char *member;			/* NULL for any input */
	const char *action;
}			further_actions[] =

{
	{"CreateCluster", "tags", "TagResource"},
	{"CreateCluster", "policy", "PutClusterPolicy"},
	{"CreateCluster", "policy", "DeleteClusterPolicy"},
	{"CreateCluster", "multiRegionProperties", "PutMultiRegionProperties"},
	{"CreateCluster", "multiRegionProperties", "AddPeerCluster"},
	{"CreateCluster", "multiRegionProperties", "PutWitnessRegion"},
	{"CreateStream", "tags", "TagResource"},
	{"PutClusterPolicy", NULL, "DeleteClusterPolicy"},
	{"UpdateCluster", NULL, "GetCluster"},
	{"UpdateCluster", "multiRegionProperties", "PutMultiRegionProperties"},
	{"UpdateCluster", "multiRegionProperties", "AddPeerCluster"},
	{"UpdateCluster", "multiRegionProperties", "RemovePeerCluster"},
	{"UpdateCluster", "multiRegionProperties", "PutWitnessRegion"},
};

/* What a call is about. */
typedef struct Target
{
	char	   *arn;			/* or a pattern of ARNs */
	Cluster    *cluster;		/* NULL unless its policy has a say */
} Target;

/*
 * The resource that the members name.  The operation will find what is wrong
 * with them.
 */
static Target
find_target(const char *operation, Jsonb *input, const char *region,
			const char *account)
{
	char	   *cluster = dsql_json_member_string(&input->root, "identifier");
	char	   *stream = dsql_json_member_string(&input->root,
												 "streamIdentifier");
	char	   *arn = dsql_json_member_string(&input->root, "resourceArn");
	DsqlArn		parsed;
	Target		target = {0};

	if (cluster == NULL)
		cluster = dsql_json_member_string(&input->root, "clusterIdentifier");
	if (arn != NULL && dsql_identifier_arn_parse(arn, &parsed))
	{
		cluster = parsed.cluster;
		stream = parsed.stream;
	}

	if (arn != NULL)
		target.arn = arn;
	else if (stream != NULL && cluster != NULL)
		target.arn = dsql_identifier_stream_arn(region, account, cluster,
												stream);
	else if (strcmp(operation, "ListClusters") == 0)
		target.arn = "*";
	else
		target.arn = dsql_identifier_cluster_arn(region, account,
												 cluster ? cluster : "*");

	if (cluster != NULL && stream == NULL)
		target.cluster = dsql_cluster_catalog_cluster(cluster);
	if (target.cluster != NULL &&
		(strcmp(target.cluster->region, region) != 0 ||
		 strcmp(target.cluster->account, account) != 0))
		target.cluster = NULL;
	return target;
}

static void
check_action(const DsqlAccessKey *key, const Cluster *cluster,
			 DsqlPolicyRequest *request, const char *action)
{
	const char *problem;

	request->action = psprintf("dsql:%s", action);
	problem = dsql_permission_problem(key, cluster ? cluster->policy : NULL,
									  request);
	if (problem != NULL)
		dsql_control_error_access_denied(problem);
}

void
dsql_control_permission_check(const DsqlAccessKey *key, const char *source_ip,
							  const char *operation, Jsonb *input,
							  const char *region, const char *account)
{
	Target		target;
	DsqlIamArn	caller;
	DsqlPolicyRequest request = {
		.arn = key->arn,
		.caller = &caller,
		.source_ip = source_ip,
		.region = region,
		.now = dsql_clock_now(),
	};

	if (!dsql_identifier_iam_arn_parse(key->arn, &caller))
		elog(ERROR, "access key \"%s\" has a malformed ARN", key->id);
	if (!JB_ROOT_IS_OBJECT(input))
		input = dsql_control_empty_tags();
	target = find_target(operation, input, region, account);
	request.resource = target.arn;
	request.resource_tags = target.cluster ? target.cluster->tags :
		dsql_control_empty_tags();

	check_action(key, target.cluster, &request, operation);
	for (int i = 0; i < lengthof(further_actions); i++)
		if (strcmp(further_actions[i].operation, operation) == 0 &&
			(further_actions[i].member == NULL ||
			 dsql_json_member(&input->root, further_actions[i].member) != NULL))
			check_action(key, target.cluster, &request,
						 further_actions[i].action);
}
