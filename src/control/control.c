/*
 * control.c
 *		The control plane: the service's sixteen operations on clusters.
 *
 * This file knows which operations there are and what happens to each call:
 * its input is checked, a repeated client token is answered as before, the
 * operation runs.
 */
#include "postgres.h"

#include "commands/dbcommands.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "tcop/utility.h"
#include "utils/builtins.h"

#include "base/clock.h"
#include "base/cluster_database.h"
#include "base/current_cluster.h"
#include "base/identifier.h"
#include "base/json.h"
#include "base/session.h"
#include "base/settings.h"
#include "cluster/cluster.h"
#include "cluster/cluster_catalog.h"
#include "control/control.h"
#include "control/control_error.h"
#include "control/control_input.h"
#include "control/control_operation.h"

#define ID_PATTERN "[a-z0-9]{26}"
#define MAX_TOKEN 1000			/* of a page token of ours: far less */

#define IDENTIFIER {"identifier", MEMBER_STRING, true, 0, 128, ID_PATTERN}
#define CLUSTER_IDENTIFIER \
	{"clusterIdentifier", MEMBER_STRING, true, 0, 128, ID_PATTERN}
#define STREAM_IDENTIFIER \
	{"streamIdentifier", MEMBER_STRING, true, 0, 128, ID_PATTERN}
#define RESOURCE_ARN {"resourceArn", MEMBER_STRING, true, 1, 1011, "arn:.+"}
#define CLIENT_TOKEN {"clientToken", MEMBER_STRING, false, 1, 128, "[!-~]+"}
#define KMS_KEY \
	{"kmsEncryptionKey", MEMBER_STRING, false, 1, 2048, "[a-zA-Z0-9:/_-]+"}
#define MAX_RESULTS {"maxResults", MEMBER_INTEGER, false, 1, 100}
#define NEXT_TOKEN {"nextToken", MEMBER_STRING, false, 0, MAX_TOKEN}
#define BYPASS {"bypassPolicyLockoutSafetyCheck", MEMBER_BOOLEAN}
#define EXPECTED_VERSION \
	{"expectedPolicyVersion", MEMBER_STRING, false, 0, 128}
#define TAGS(required) {"tags", MEMBER_TAGS, required}

static const InputMember create_cluster_members[] = {
	{"deletionProtectionEnabled", MEMBER_BOOLEAN},
	KMS_KEY,
	TAGS(false),
	CLIENT_TOKEN,
	{"multiRegionProperties", MEMBER_MULTI_REGION},
	{"policy", MEMBER_STRING, false, 1, 20480},
	BYPASS,
	{NULL}
};
static const InputMember update_cluster_members[] = {
	IDENTIFIER,
	{"deletionProtectionEnabled", MEMBER_BOOLEAN},
	KMS_KEY,
	CLIENT_TOKEN,
	{"multiRegionProperties", MEMBER_MULTI_REGION},
	{NULL}
};
static const InputMember get_cluster_members[] = {
	IDENTIFIER,
	{NULL}
};
static const InputMember delete_cluster_members[] = {
	IDENTIFIER,
	CLIENT_TOKEN,
	{NULL}
};
static const InputMember list_clusters_members[] = {
	MAX_RESULTS,
	NEXT_TOKEN,
	{NULL}
};
static const InputMember put_policy_members[] = {
	IDENTIFIER,
	{"policy", MEMBER_STRING, true, 1, 20480},
	BYPASS,
	EXPECTED_VERSION,
	CLIENT_TOKEN,
	{NULL}
};
static const InputMember delete_policy_members[] = {
	IDENTIFIER,
	EXPECTED_VERSION,
	CLIENT_TOKEN,
	{NULL}
};
static const InputMember create_stream_members[] = {
	CLUSTER_IDENTIFIER,
	{"targetDefinition", MEMBER_TARGET, true},
	{"ordering", MEMBER_STRING, true, 0, 128, NULL, "UNORDERED"},
	{"format", MEMBER_STRING, true, 0, 128, NULL, "JSON"},
	TAGS(false),
	CLIENT_TOKEN,
	{NULL}
};
static const InputMember get_stream_members[] = {
	CLUSTER_IDENTIFIER,
	STREAM_IDENTIFIER,
	{NULL}
};
static const InputMember delete_stream_members[] = {
	CLUSTER_IDENTIFIER,
	STREAM_IDENTIFIER,
	CLIENT_TOKEN,
	{NULL}
};
static const InputMember list_streams_members[] = {
	CLUSTER_IDENTIFIER,
	MAX_RESULTS,
	NEXT_TOKEN,
	{NULL}
};
static const InputMember tag_members[] = {
	RESOURCE_ARN,
	TAGS(true),
	{NULL}
};
static const InputMember untag_members[] = {
	RESOURCE_ARN,
	{"tagKeys", MEMBER_TAG_KEYS, true},
	{NULL}
};
static const InputMember list_tags_members[] = {
	RESOURCE_ARN,
	{NULL}
};

typedef struct ControlOperation
{
	const char *name;
	bool		changes;		/* anything, that is: it needs the lock */
	const InputMember *members;
	void		(*run) (ControlCall *call);
} ControlOperation;

static const ControlOperation operations[] = {
	{"CreateCluster", true, create_cluster_members,
	dsql_control_create_cluster},
	{"CreateStream", true, create_stream_members, dsql_control_create_stream},
	{"DeleteCluster", true, delete_cluster_members,
	dsql_control_delete_cluster},
	{"DeleteClusterPolicy", true, delete_policy_members,
	dsql_control_delete_cluster_policy},
	{"DeleteStream", true, delete_stream_members, dsql_control_delete_stream},
	{"GetCluster", false, get_cluster_members, dsql_control_get_cluster},
	{"GetClusterPolicy", false, get_cluster_members,
	dsql_control_get_cluster_policy},
	{"GetStream", false, get_stream_members, dsql_control_get_stream},
	{"GetVpcEndpointServiceName", false, get_cluster_members,
	dsql_control_get_vpc_endpoint_service_name},
	{"ListClusters", false, list_clusters_members, dsql_control_list_clusters},
	{"ListStreams", false, list_streams_members, dsql_control_list_streams},
	{"ListTagsForResource", false, list_tags_members,
	dsql_control_list_tags_for_resource},
	{"PutClusterPolicy", true, put_policy_members,
	dsql_control_put_cluster_policy},
	{"TagResource", true, tag_members, dsql_control_tag_resource},
	{"UntagResource", true, untag_members, dsql_control_untag_resource},
	{"UpdateCluster", true, update_cluster_members,
	dsql_control_update_cluster},
};

static const ControlOperation *
find_operation(const char *name)
{
	for (int i = 0; i < lengthof(operations); i++)
		if (strcmp(operations[i].name, name) == 0)
			return &operations[i];
	dsql_control_error_invalid("unknownOperation", "There is no operation %s.",
							   name);
}

TimestampTz
dsql_control_after(int milliseconds)
{
	return dsql_clock_now() + milliseconds * INT64CONST(1000);
}

Cluster *
dsql_control_call_cluster(ControlCall *call, const char *member)
{
	char	   *identifier = dsql_control_input_string(call->input, member);
	Cluster    *cluster = dsql_cluster_catalog_cluster(identifier);

	if (cluster == NULL || strcmp(cluster->region, call->region) != 0 ||
		strcmp(cluster->account, call->account) != 0)
		dsql_control_error_not_found("cluster", identifier);
	return cluster;
}

bool
dsql_control_reaches(const Cluster *cluster)
{
	return !dsql_session_emulated() || dsql_cluster_bound() == NULL ||
		strcmp(cluster->home, dsql_current_cluster_home()) == 0;
}

void
dsql_control_check_reach(const char *identifier)
{
	Cluster    *cluster = dsql_cluster_catalog_cluster(identifier);

	if (cluster != NULL && !dsql_control_reaches(cluster))
		dsql_control_error_not_found("cluster", identifier);
}

/*
 * A bound session does not get at another cluster, nor at the answer to a
 * client token of one.
 */
static void
check_reach_of_input(Jsonb *input)
{
	static const char *const members[] = {"identifier", "clusterIdentifier"};
	char	   *arn = dsql_control_input_string(input, "resourceArn");
	DsqlArn		parsed;

	for (int i = 0; i < lengthof(members); i++)
	{
		char	   *identifier = dsql_control_input_string(input, members[i]);

		if (identifier != NULL)
			dsql_control_check_reach(identifier);
	}
	if (arn != NULL && dsql_identifier_arn_parse(arn, &parsed))
		dsql_control_check_reach(parsed.cluster);
}

int64
dsql_control_page_start(ControlCall *call, const char *list)
{
	char	   *token = dsql_control_input_string(call->input, "nextToken");
	int64		position = -1;

	if (token != NULL && !dsql_identifier_page_token_parse(token, list,
														   &position))
		dsql_control_error_invalid("other",
								   "The pagination token is not valid.");
	return position;
}

int
dsql_control_page_size(ControlCall *call, int otherwise)
{
	return dsql_control_input_int(call->input, "maxResults", otherwise);
}

/*
 * What a client token is about: the resource that the request names, if any.
 */
static char *
token_resource(Jsonb *input)
{
	char	   *cluster = dsql_control_input_string(input, "identifier");
	char	   *stream = dsql_control_input_string(input, "streamIdentifier");

	if (cluster == NULL)
		cluster = dsql_control_input_string(input, "clusterIdentifier");
	if (stream != NULL)
		return psprintf("%s/%s", cluster, stream);
	return cluster == NULL ? "" : cluster;
}

/*
 * A request with a client token has an effect only once; it is answered as
 * the first time when it is repeated, even if what it made is gone by now.
 */
static Jsonb *
run_once(const ControlOperation *operation, ControlCall *call)
{
	char	   *token = dsql_control_input_string(call->input, "clientToken");
	ClientToken key = {
		call->account, call->region, operation->name,
		token_resource(call->input), token
	};
	Jsonb	   *request;
	Jsonb	   *response;

	if (token != NULL)
	{
		response = dsql_cluster_catalog_token(&key, &request);
		if (response != NULL)
		{
			if (compareJsonbContainers(&request->root, &call->input->root) != 0)
				dsql_control_error_conflict(NULL, NULL,
											"The client token was used for a different request.");
			return response;
		}
	}

	dsql_json_begin(&call->output);
	operation->run(call);
	response = dsql_json_end(&call->output);

	if (token != NULL && operation->changes)
		dsql_cluster_catalog_insert_token(&key, call->input, response);
	return response;
}

Jsonb *
dsql_control_call(const char *name, Jsonb *input, const char *region,
				  const char *account, const DsqlControlCaller *caller)
{
	const ControlOperation *operation = find_operation(name);
	ControlCall call = {
		.input = input,
		.region = region,
		.account = account,
		.caller = caller,
	};

	if (dsql_cluster_database_own() != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("database \"%s\" has no control plane",
						get_database_name(MyDatabaseId)),
				 errdetail("It is a cluster that another database's control plane has made."),
				 errhint("Connect to that database.")));
	dsql_control_input_check(input, operation->members);
	check_reach_of_input(input);
	if (operation->changes)
	{
		PreventCommandIfReadOnly(operation->name);
		PreventCommandIfParallelMode(operation->name);
		PreventCommandDuringRecovery(operation->name);
		dsql_cluster_catalog_lock();
	}
	return run_once(operation, &call);
}

PG_FUNCTION_INFO_V1(dsql_api);
Datum
dsql_api(PG_FUNCTION_ARGS)
{
	static const DsqlControlCaller caller = {0};
	char	   *region = dsql_settings_region;
	char	   *account = dsql_settings_account;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("operation and input must not be null")));
	if (!PG_ARGISNULL(2))
		region = text_to_cstring(PG_GETARG_TEXT_PP(2));
	if (!PG_ARGISNULL(3))
		account = text_to_cstring(PG_GETARG_TEXT_PP(3));

	if (!dsql_identifier_region_valid(region) ||
		!dsql_identifier_account_valid(account))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid Region \"%s\" or account \"%s\"",
						region, account)));

	PG_RETURN_JSONB_P(dsql_control_call(text_to_cstring(PG_GETARG_TEXT_PP(0)),
										PG_GETARG_JSONB_P(1), region, account,
										&caller));
}
