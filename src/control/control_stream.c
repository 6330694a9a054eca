/*
 * control_stream.c
 *		Operations on the change streams of clusters.
 *
 * A stream is CREATING, then ACTIVE, and DELETING until it is gone.  IMPAIRED
 * and FAILED come from stream_sender.c, or dsql.set_stream_status().
 */
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "base/clock.h"
#include "base/cluster_database.h"
#include "base/identifier.h"
#include "base/json.h"
#include "base/settings.h"
#include "cluster/cluster_catalog.h"
#include "control/control_error.h"
#include "control/control_input.h"
#include "control/control_operation.h"
#include "stream/kinesis.h"
#include "stream/stream_outbox.h"

#define DEFAULT_PAGE 10

static void
put_stream(JsonBuilder *json, const Cluster *cluster, const Stream *stream)
{
	dsql_json_string(json, "clusterIdentifier", stream->cluster);
	dsql_json_string(json, "streamIdentifier", stream->identifier);
	dsql_json_string(json, "arn",
					 dsql_identifier_stream_arn(cluster->region,
												cluster->account,
												stream->cluster, stream->identifier));
	dsql_json_string(json, "status",
					 dsql_cluster_stream_status_name(stream->status));
	dsql_json_time(json, "creationTime", stream->created);
}

static Stream *
call_stream(ControlCall *call)
{
	char	   *identifier = dsql_control_input_string(call->input,
													   "streamIdentifier");
	Cluster    *cluster = dsql_control_call_cluster(call, "clusterIdentifier");
	Stream	   *stream = dsql_cluster_catalog_stream(cluster->identifier,
													 identifier);

	if (stream == NULL)
		dsql_control_error_not_found("stream", identifier);
	return stream;
}

/*
 * All is in one account, and in one Region.
 */
static void
check_target(const Cluster *cluster, Jsonb *definition)
{
	KinesisTarget target;
	DsqlIamArn	owner;
	char	   *role;

	if (!dsql_kinesis_read_target(definition, &target, &role) ||
		strcmp(target.region, cluster->region) != 0 ||
		strcmp(target.account, cluster->account) != 0)
		dsql_control_error_invalid("other",
								   "The Kinesis stream must be in the cluster's Region and account.");
	if (!dsql_identifier_iam_arn_parse(role, &owner) ||
		strcmp(owner.account, cluster->account) != 0)
		dsql_control_error_invalid("other",
								   "The role must be in the cluster's account.");
	if (!dsql_kinesis_role_allowed(role))
		dsql_control_error_invalid("other",
								   "Aurora DSQL can't access the specified IAM role.");
}

void
dsql_control_create_stream(ControlCall *call)
{
	Cluster    *cluster = dsql_control_call_cluster(call, "clusterIdentifier");
	Stream	   *stream = palloc0(sizeof(Stream));

	if (cluster->status != CLUSTER_ACTIVE)
		dsql_control_error_invalid("other", "The cluster %s is not ACTIVE.",
								   cluster->identifier);
	check_target(cluster,
				 dsql_control_input_jsonb(call->input, "targetDefinition"));

	stream->identifier = dsql_identifier_new();
	stream->cluster = cluster->identifier;
	stream->status = STREAM_CREATING;
	stream->status_until = dsql_control_after(dsql_settings_create_delay);
	stream->gone_at = DT_NOEND;
	stream->created = dsql_clock_now();
	stream->ordering = dsql_control_input_string(call->input, "ordering");
	stream->format = dsql_control_input_string(call->input, "format");
	stream->target = dsql_control_input_jsonb(call->input, "targetDefinition");
	stream->tags = dsql_control_input_jsonb(call->input, "tags");
	if (stream->tags == NULL)
		stream->tags = dsql_control_empty_tags();

	if (list_length(dsql_cluster_catalog_streams(cluster->identifier, -1)) >=
		dsql_settings_max_streams)
		dsql_control_error_quota("stream", cluster->identifier,
								 "You have reached the stream limit.");
	dsql_control_tags_check_count(stream->tags, "stream", stream->identifier);

	dsql_stream_outbox_begin_delivery(stream,
									  !dsql_cluster_database_is_ours(cluster->database));
	dsql_cluster_catalog_insert_stream(stream);

	put_stream(&call->output, cluster, stream);
	dsql_json_string(&call->output, "ordering", stream->ordering);
	dsql_json_string(&call->output, "format", stream->format);
}

void
dsql_control_get_stream(ControlCall *call)
{
	Stream	   *stream = call_stream(call);

	put_stream(&call->output, dsql_control_call_cluster(call,
														"clusterIdentifier"),
			   stream);
	dsql_json_string(&call->output, "ordering", stream->ordering);
	dsql_json_string(&call->output, "format", stream->format);
	dsql_json_jsonb(&call->output, "targetDefinition", stream->target);
	if (stream->error != NULL)
	{
		dsql_json_begin_object(&call->output, "statusReason");
		dsql_json_string(&call->output, "error", stream->error);
		dsql_json_time(&call->output, "updatedAt", stream->error_at);
		dsql_json_end_object(&call->output);
	}
	dsql_json_jsonb(&call->output, "tags", stream->tags);
}

void
dsql_control_list_streams(ControlCall *call)
{
	Cluster    *cluster = dsql_control_call_cluster(call, "clusterIdentifier");
	char	   *list = psprintf("streams %s", cluster->identifier);
	int			size = dsql_control_page_size(call, DEFAULT_PAGE);
	List	   *streams = dsql_cluster_catalog_streams(cluster->identifier,
													   dsql_control_page_start(call,
																			   list));

	dsql_json_begin_array(&call->output, "streams");
	for (int i = 0; i < list_length(streams) && i < size; i++)
	{
		dsql_json_begin_object(&call->output, NULL);
		put_stream(&call->output, cluster, list_nth(streams, i));
		dsql_json_end_object(&call->output);
	}
	dsql_json_end_array(&call->output);
	if (list_length(streams) > size)
	{
		Stream	   *last = list_nth(streams, size - 1);

		dsql_json_string(&call->output, "nextToken",
						 dsql_identifier_page_token(list, last->position));
	}
}

void
dsql_control_delete_stream(ControlCall *call)
{
	Stream	   *stream = call_stream(call);

	if (stream->status == STREAM_CREATING)
		dsql_control_error_conflict("stream", stream->identifier,
									"The stream cannot be deleted while it is CREATING.");
	if (stream->status != STREAM_DELETING)
	{
		stream->status = STREAM_DELETING;
		stream->status_until =
			stream->gone_at =
			dsql_control_after(dsql_settings_delete_delay);
		dsql_cluster_catalog_update_stream(stream);
	}
	put_stream(&call->output, dsql_control_call_cluster(call,
														"clusterIdentifier"),
			   stream);
}

/* What can go wrong with a stream. */
static const char *const stream_errors[] = {
	"KINESIS_THROUGHPUT_EXCEEDED", "KINESIS_STREAM_NOT_FOUND",
	"ROLE_ACCESS_DENIED", "KINESIS_ACCESS_DENIED",
	"KINESIS_KMS_ACCESS_DENIED", "KINESIS_OVERSIZE_RECORD",
	"CLUSTER_CMK_INACCESSIBLE", "INTERNAL_ERROR",
};

static void
check_stream_error(const char *error)
{
	for (int i = 0; i < lengthof(stream_errors); i++)
		if (strcmp(stream_errors[i], error) == 0)
			return;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown stream error \"%s\"", error)));
}

/*
 * Put a stream into a state that only trouble would bring it to.
 */
PG_FUNCTION_INFO_V1(dsql_set_stream_status);
Datum
dsql_set_stream_status(PG_FUNCTION_ARGS)
{
	char	   *cluster;
	char	   *identifier;
	char	   *name;
	char	   *error;
	bool		troubled;
	Stream	   *stream;
	StreamStatus status;

	/* As a strict function, but for the error. */
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2))
		PG_RETURN_NULL();
	cluster = text_to_cstring(PG_GETARG_TEXT_PP(0));
	identifier = text_to_cstring(PG_GETARG_TEXT_PP(1));
	name = text_to_cstring(PG_GETARG_TEXT_PP(2));
	error = PG_ARGISNULL(3) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(3));

	PreventCommandIfReadOnly("dsql.set_stream_status()");
	if (!dsql_cluster_stream_status_parse(name, &status) ||
		status == STREAM_DELETING || status == STREAM_DELETED)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("stream status \"%s\" cannot be set", name),
				 errhint("Statuses that can be set are CREATING, ACTIVE, IMPAIRED and FAILED.")));
	troubled = status == STREAM_IMPAIRED || status == STREAM_FAILED;
	if (troubled != (error != NULL))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("an error must be given for IMPAIRED and FAILED, and only for them")));
	if (error != NULL)
		check_stream_error(error);

	dsql_cluster_catalog_lock();
	dsql_control_check_reach(cluster);
	stream = dsql_cluster_catalog_stream(cluster, identifier);
	if (stream == NULL)
		dsql_control_error_not_found("stream", identifier);
	dsql_cluster_catalog_set_stream_status(stream, status, error);
	PG_RETURN_VOID();
}
