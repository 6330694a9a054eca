/*
 * control_tag.c
 *		Operations on the tags of clusters and streams.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "base/identifier.h"
#include "base/json.h"
#include "base/settings.h"
#include "cluster/cluster_catalog.h"
#include "control/control_error.h"
#include "control/control_input.h"
#include "control/control_operation.h"

/*
 * What an ARN stands for: one of the two.
 */
typedef struct Resource
{
	Cluster    *cluster;
	Stream	   *stream;
} Resource;

static Resource
find_resource(ControlCall *call)
{
	char	   *string = dsql_control_input_string(call->input, "resourceArn");
	DsqlArn		arn;
	Resource	resource = {NULL, NULL};

	if (!dsql_identifier_arn_parse(string, &arn))
		dsql_control_error_not_found("cluster", string);
	if (strcmp(arn.region, call->region) == 0 &&
		strcmp(arn.account, call->account) == 0)
		resource.cluster = dsql_cluster_catalog_cluster(arn.cluster);
	if (resource.cluster != NULL &&
		(strcmp(resource.cluster->region, arn.region) != 0 ||
		 strcmp(resource.cluster->account, arn.account) != 0))
		resource.cluster = NULL;
	if (arn.stream == NULL)
	{
		if (resource.cluster == NULL)
			dsql_control_error_not_found("cluster", arn.cluster);
		return resource;
	}

	if (resource.cluster != NULL)
		resource.stream = dsql_cluster_catalog_stream(arn.cluster, arn.stream);
	if (resource.stream == NULL)
		dsql_control_error_not_found("stream", arn.stream);
	resource.cluster = NULL;
	return resource;
}

static Jsonb **
resource_tags(Resource *resource)
{
	return resource->stream ? &resource->stream->tags :
		&resource->cluster->tags;
}

static void
store_resource(Resource *resource)
{
	if (resource->stream)
		dsql_cluster_catalog_update_stream(resource->stream);
	else
		dsql_cluster_catalog_update_cluster(resource->cluster);
}

Jsonb *
dsql_control_empty_tags(void)
{
	JsonBuilder json;

	dsql_json_begin(&json);
	return dsql_json_end(&json);
}

void
dsql_control_tags_check_count(Jsonb *tags, const char *type,
							  const char *identifier)
{
	if (JB_ROOT_COUNT(tags) > dsql_settings_max_tags)
		dsql_control_error_quota(type, identifier,
								 "You have reached the tag limit.");
}

void
dsql_control_tag_resource(ControlCall *call)
{
	Resource	resource = find_resource(call);
	Jsonb	  **tags = resource_tags(&resource);
	Jsonb	   *added = dsql_control_input_jsonb(call->input, "tags");

	*tags = DatumGetJsonbP(DirectFunctionCall2(jsonb_concat,
											   JsonbPGetDatum(*tags),
											   JsonbPGetDatum(added)));
	dsql_control_tags_check_count(*tags,
								  resource.stream ? "stream" : "cluster",
								  resource.stream ? resource.stream->identifier :
								  resource.cluster->identifier);
	store_resource(&resource);
}

void
dsql_control_untag_resource(ControlCall *call)
{
	Resource	resource = find_resource(call);
	Jsonb	  **tags = resource_tags(&resource);
	Jsonb	   *keys = dsql_control_input_jsonb(call->input, "tagKeys");
	JsonbIterator *iterator = JsonbIteratorInit(&keys->root);
	JsonbIteratorToken token;
	JsonbValue	key;

	while ((token = JsonbIteratorNext(&iterator, &key, true)) != WJB_DONE)
		if (token == WJB_ELEM)
			*tags = DatumGetJsonbP(DirectFunctionCall2(jsonb_delete,
													   JsonbPGetDatum(*tags),
													   CStringGetTextDatum(dsql_json_cstring(&key))));
	store_resource(&resource);
}

void
dsql_control_list_tags_for_resource(ControlCall *call)
{
	Resource	resource = find_resource(call);

	dsql_json_jsonb(&call->output, "tags", *resource_tags(&resource));
}
