/*
 * control_cluster.c
 *		Operations on clusters: make, describe, list, change, link, delete.
 *
 * States of a cluster:
 *
 *		CREATING -> ACTIVE -> UPDATING -> ACTIVE -> DELETING -> gone
 *
 * and of one of a multi-Region pair:
 *
 *		PENDING_SETUP -> CREATING -> ACTIVE ...		when each names the other
 *		ACTIVE -> PENDING_DELETE -> DELETING -> gone	when both are deleted
 *
 * IDLE, INACTIVE and FAILED come only from dsql.set_cluster_status(); a
 * connection makes an IDLE or INACTIVE cluster ACTIVE (cluster.c).
 */
#include "postgres.h"

#include "commands/dbcommands.h"
#include "common/hashfn.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "base/clock.h"
#include "base/cluster_database.h"
#include "base/compat.h"
#include "base/identifier.h"
#include "base/json.h"
#include "base/settings.h"
#include "cluster/cluster_catalog.h"
#include "cluster/cluster_maker.h"
#include "cluster/cluster_schema.h"
#include "cluster/cluster_sessions.h"
#include "control/control_error.h"
#include "control/control_input.h"
#include "control/control_operation.h"

pg_noreturn static void invalid_field(const char *name, const char *message);

#define DEFAULT_PAGE 100
#define OWNED_KMS_KEY "AWS_OWNED_KMS_KEY"

static char *
cluster_arn(const Cluster *cluster)
{
	return dsql_identifier_cluster_arn(cluster->region, cluster->account,
									   cluster->identifier);
}

static const char *
encryption_status(const Cluster *cluster)
{
	if (cluster->kms_inaccessible)
		return "KMS_KEY_INACCESSIBLE";
	return dsql_clock_now() < cluster->kms_until ? "UPDATING" : "ENABLED";
}

/*
 * The members that every answer about one cluster has.
 */
static void
put_summary(ControlCall *call, const Cluster *cluster, ClusterStatus status)
{
	dsql_json_string(&call->output, "identifier", cluster->identifier);
	dsql_json_string(&call->output, "arn", cluster_arn(cluster));
	dsql_json_string(&call->output, "status", dsql_cluster_status_name(status));
	dsql_json_time(&call->output, "creationTime", cluster->created);
}

/*
 * The members that CreateCluster and GetCluster add.
 */
static void
put_details(ControlCall *call, const Cluster *cluster)
{
	JsonBuilder *json = &call->output;

	dsql_json_bool(json, "deletionProtectionEnabled",
				   cluster->deletion_protection);
	if (cluster->witness != NULL)
	{
		dsql_json_begin_object(json, "multiRegionProperties");
		dsql_json_string(json, "witnessRegion", cluster->witness);
		dsql_json_begin_array(json, "clusters");
		dsql_json_string(json, NULL, cluster_arn(cluster));
		dsql_json_string(json, NULL, cluster->peer);
		dsql_json_end_array(json);
		dsql_json_end_object(json);
	}
	dsql_json_begin_object(json, "encryptionDetails");
	dsql_json_string(json, "encryptionType", cluster->kms_key == NULL ?
					 OWNED_KMS_KEY : "CUSTOMER_MANAGED_KMS_KEY");
	dsql_json_string(json, "kmsKeyArn", cluster->kms_key);
	dsql_json_string(json, "encryptionStatus", encryption_status(cluster));
	dsql_json_end_object(json);
	dsql_json_string(json, "endpoint",
					 dsql_identifier_cluster_endpoint(cluster->region,
													  cluster->identifier));
}

/*
 * The ARN of the key that is meant by an ARN, an alias or an identifier; NULL
 * for the service's own.  Nobody looks whether there is such a key; an alias
 * always stands for the same one.
 */
static char *
resolve_kms_key(ControlCall *call, const char *key)
{
	const char *alias = strstr(key, "alias/");

	if (strcmp(key, OWNED_KMS_KEY) == 0)
		return NULL;
	if (alias != NULL)
	{
		uint64		high = hash_bytes_extended((const unsigned char *) alias,
											   strlen(alias), 0);
		uint64		low = hash_bytes_extended((const unsigned char *) alias,
											  strlen(alias), 1);

		key = psprintf("%08x-%04x-4%03x-8%03x-%04x%08x",
					   (uint32) (high >> 32), (uint32) (high >> 16) & 0xffff,
					   (uint32) high & 0xfff, (uint32) (low >> 48) & 0xfff,
					   (uint32) (low >> 32) & 0xffff, (uint32) low);
	}
	else if (strncmp(key, "arn:", strlen("arn:")) == 0)
		return pstrdup(key);
	return psprintf("arn:aws:kms:%s:%s:key/%s", call->region, call->account,
					key);
}

static void
invalid_field(const char *name, const char *message)
{
	dsql_control_error_fields(dsql_control_error_add_field(NIL, name, "%s",
														   message));
	pg_unreachable();
}

/*
 * The ARN of the other cluster in a list of clusters that may name the cluster
 * itself, too; NULL if the list is empty or not there.
 */
static char *
peer_arn(Jsonb *multi_region, const char *own_arn)
{
	JsonbValue *list = dsql_json_member(&multi_region->root, "clusters");
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue	item;
	char	   *peer = NULL;

	if (list == NULL)
		return NULL;
	iterator = JsonbIteratorInit(list->val.binary.data);
	while ((token = JsonbIteratorNext(&iterator, &item, true)) != WJB_DONE)
	{
		char	   *arn;

		if (token != WJB_ELEM)
			continue;
		arn = dsql_json_cstring(&item);
		if (own_arn != NULL && strcmp(arn, own_arn) == 0)
			continue;
		if (peer != NULL && strcmp(arn, peer) != 0)
			invalid_field("multiRegionProperties.clusters",
						  "must name one other cluster");
		peer = arn;
	}
	return peer;
}

static Cluster *
find_by_arn(const char *string)
{
	DsqlArn		arn;
	Cluster    *cluster;

	if (string == NULL || !dsql_identifier_arn_parse(string, &arn) ||
		arn.stream != NULL)
		return NULL;
	cluster = dsql_cluster_catalog_cluster(arn.cluster);
	if (cluster == NULL || strcmp(cluster->region, arn.region) != 0 ||
		strcmp(cluster->account, arn.account) != 0)
		return NULL;
	return cluster;
}

/*
 * The cluster that another one is to be linked with, if that is possible.
 */
static Cluster *
find_peer(const Cluster *cluster, const char *arn)
{
	Cluster    *peer = find_by_arn(arn);
	bool		names_other = peer != NULL && peer->peer != NULL &&
	strcmp(peer->peer, cluster_arn(cluster)) != 0;

	if (peer == NULL || strcmp(peer->account, cluster->account) != 0 ||
		!dsql_control_reaches(peer))
		dsql_control_error_invalid("other",
								   "The peer cluster %s was not found.", arn);
	if (strcmp(peer->region, cluster->region) == 0)
		dsql_control_error_invalid("other",
								   "The peer cluster must be in another Region.");
	if (peer->witness == NULL)
		dsql_control_error_invalid("other",
								   "The peer cluster is a single-Region cluster.");
	if (strcmp(peer->witness, cluster->witness) != 0)
		dsql_control_error_invalid("other",
								   "The peer cluster has another witness Region.");
	if (peer->status != CLUSTER_PENDING_SETUP || names_other)
		dsql_control_error_invalid("other",
								   "The peer cluster is linked or not waiting for setup.");
	return peer;
}

/*
 * When is a cluster that is CREATING now ACTIVE?  A database has to be made
 * before, which tells (cluster_maker.c).
 */
static TimestampTz
end_of_creation(const Cluster *cluster)
{
	if (!cluster->own_database)
		return dsql_control_after(dsql_settings_create_delay);
	dsql_cluster_maker_ask_later();
	return DT_NOEND;
}

/*
 * The two clusters name each other: they become one database, which is the
 * older one's schema or database.  Nobody could connect to either so far.
 */
static void
link_clusters(Cluster *one, Cluster *two)
{
	Cluster    *older = one->position < two->position ? one : two;
	Cluster    *younger = older == one ? two : one;

	if (!younger->own_database)
		dsql_cluster_schema_drop_empty(younger->schema);
	younger->own_database = older->own_database;
	younger->schema = older->schema;
	younger->home = older->home;

	one->status = two->status = CLUSTER_CREATING;
	one->status_until =
		two->status_until = end_of_creation(older);
	dsql_cluster_catalog_update_cluster(two);
}

static void
check_quota(ControlCall *call, const Cluster *cluster)
{
	List	   *clusters = dsql_cluster_catalog_clusters(call->region,
														 call->account,
														 DEFAULT_CLUSTER_POSITION);
	int			limit = cluster->witness != NULL ?
	dsql_settings_max_multi_region_clusters :
	dsql_settings_max_single_region_clusters;
	int			count = 0;
	ListCell   *cell;

	foreach(cell, clusters)
	{
		Cluster    *other = lfirst(cell);

		if ((other->witness != NULL) == (cluster->witness != NULL))
			count++;
	}
	if (count >= limit)
		dsql_control_error_quota("cluster", cluster->identifier,
								 "You have reached the cluster limit.");
}

/*
 * The first characters of an identifier are its database's name, which no other
 * database has.
 */
static char *
new_identifier(bool own_database)
{
	char	   *identifier;

	do
		identifier = dsql_identifier_new();
	while (own_database &&
		   OidIsValid(get_database_oid(dsql_cluster_database_name(identifier),
									   true)));
	return identifier;
}

static void
give_schema(Cluster *cluster, const char *name)
{
	if (cluster->own_database)
	{
		if (name != NULL)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("a cluster with a database of its own has no other schema than \"public\""),
					 errhint("Leave out schema_name, or kind.")));
		cluster->schema = "public";
		return;
	}
	cluster->schema = pstrdup(name ? name : cluster->identifier);
	dsql_cluster_schema_make(cluster->schema, cluster->identifier);
}

void
dsql_control_create_cluster(ControlCall *call)
{
	Jsonb	   *multi_region = dsql_control_input_jsonb(call->input,
														"multiRegionProperties");
	char	   *kms_key = dsql_control_input_string(call->input,
													"kmsEncryptionKey");
	Cluster    *cluster = palloc0(sizeof(Cluster));

	cluster->own_database = call->caller->own_database;
	cluster->identifier = new_identifier(cluster->own_database);
	cluster->region = pstrdup(call->region);
	cluster->account = pstrdup(call->account);
	cluster->home = cluster->identifier;
	cluster->status_until = cluster->gone_at = DT_NOEND;
	cluster->created = dsql_clock_now();
	cluster->kms_until = cluster->created;
	cluster->deletion_protection =
		dsql_control_input_bool(call->input, "deletionProtectionEnabled",
								true);
	if (kms_key != NULL)
		cluster->kms_key = resolve_kms_key(call, kms_key);

	if (multi_region != NULL)
	{
		char	   *peer = peer_arn(multi_region, NULL);

		cluster->witness =
			dsql_json_member_string(&multi_region->root, "witnessRegion");
		if (cluster->witness == NULL || cluster->witness[0] == '\0')
			invalid_field("multiRegionProperties.witnessRegion",
						  "must not be missing");
		if (strcmp(cluster->witness, cluster->region) == 0)
			invalid_field("multiRegionProperties.witnessRegion",
						  "must be another Region than the cluster's");
		if (peer != NULL)
			cluster->peer = cluster_arn(find_peer(cluster, peer));
		cluster->status = CLUSTER_PENDING_SETUP;
	}
	else
	{
		cluster->status = CLUSTER_CREATING;
		cluster->status_until = end_of_creation(cluster);
	}

	cluster->policy = dsql_control_input_string(call->input, "policy");
	if (cluster->policy != NULL)
	{
		dsql_control_policy_check(cluster->policy,
								  dsql_control_input_bool(call->input,
														  "bypassPolicyLockoutSafetyCheck",
														  false));
		cluster->policy_version = 1;
	}

	cluster->tags = dsql_control_input_jsonb(call->input, "tags");
	if (cluster->tags == NULL)
		cluster->tags = dsql_control_empty_tags();
	check_quota(call, cluster);
	dsql_control_tags_check_count(cluster->tags, "cluster",
								  cluster->identifier);

	dsql_cluster_schema_purge();
	give_schema(cluster, call->caller->schema_name);
	cluster->position = dsql_cluster_catalog_next_cluster_position();
	dsql_cluster_catalog_insert_cluster(cluster);

	put_summary(call, cluster, cluster->status);
	put_details(call, cluster);
}

void
dsql_control_get_cluster(ControlCall *call)
{
	Cluster    *cluster = dsql_control_call_cluster(call, "identifier");

	put_summary(call, cluster, cluster->status);
	put_details(call, cluster);
	dsql_json_jsonb(&call->output, "tags", cluster->tags);
}

void
dsql_control_list_clusters(ControlCall *call)
{
	char	   *list = psprintf("clusters %s %s", call->account, call->region);
	int			size = dsql_control_page_size(call, DEFAULT_PAGE);
	int64		after = dsql_control_page_start(call, list);
	List	   *clusters;
	ListCell   *cell;

	if (call->caller->is_http)
		after = Max(after, DEFAULT_CLUSTER_POSITION);
	clusters = dsql_cluster_catalog_clusters(call->region, call->account,
											 after);
	foreach(cell, clusters)
	{
		if (!dsql_control_reaches(lfirst(cell)))
			clusters = foreach_delete_current(clusters, cell);
	}
	dsql_json_begin_array(&call->output, "clusters");
	for (int i = 0; i < list_length(clusters) && i < size; i++)
	{
		Cluster    *cluster = list_nth(clusters, i);

		dsql_json_begin_object(&call->output, NULL);
		dsql_json_string(&call->output, "identifier", cluster->identifier);
		dsql_json_string(&call->output, "arn", cluster_arn(cluster));
		dsql_json_end_object(&call->output);
	}
	dsql_json_end_array(&call->output);
	if (list_length(clusters) > size)
	{
		Cluster    *last = list_nth(clusters, size - 1);

		dsql_json_string(&call->output, "nextToken",
						 dsql_identifier_page_token(list, last->position));
	}
}

/*
 * Change which other cluster a cluster is linked with.
 */
static void
update_multi_region(Cluster *cluster, Jsonb *multi_region)
{
	char	   *witness = dsql_json_member_string(&multi_region->root,
												  "witnessRegion");
	char	   *arn = peer_arn(multi_region, cluster_arn(cluster));
	Cluster    *peer;

	if (cluster->witness == NULL)
		dsql_control_error_invalid("other",
								   "A single-Region cluster cannot become a multi-Region cluster.");
	if (witness != NULL && strcmp(witness, cluster->witness) != 0)
		dsql_control_error_invalid("other",
								   "The witness Region of a cluster cannot be changed.");
	if (arn == NULL || (cluster->peer != NULL && strcmp(arn, cluster->peer) == 0 &&
						cluster->status != CLUSTER_PENDING_SETUP))
		return;
	if (cluster->status != CLUSTER_PENDING_SETUP)
		dsql_control_error_invalid("other",
								   "The clusters of a multi-Region cluster cannot be changed.");

	peer = find_peer(cluster, arn);
	cluster->peer = cluster_arn(peer);
	if (peer->peer != NULL)
		link_clusters(cluster, peer);
}

/*
 * The cluster that a call changes or deletes.  The default cluster is the
 * database itself, and for clients of the HTTP API it is not among those that
 * they have made: a script that deletes what it finds must not meet it.
 */
static Cluster *
cluster_to_change(ControlCall *call)
{
	Cluster    *cluster = dsql_control_call_cluster(call, "identifier");

	if (call->caller->is_http && cluster->position == DEFAULT_CLUSTER_POSITION)
		dsql_control_error_not_found("cluster", cluster->identifier);
	return cluster;
}

void
dsql_control_update_cluster(ControlCall *call)
{
	Cluster    *cluster = cluster_to_change(call);
	Jsonb	   *multi_region = dsql_control_input_jsonb(call->input,
														"multiRegionProperties");
	char	   *kms_key = dsql_control_input_string(call->input,
													"kmsEncryptionKey");
	bool		protect = dsql_control_input_bool(call->input,
												  "deletionProtectionEnabled",
												  cluster->deletion_protection);
	bool		changed = protect != cluster->deletion_protection;
	ClusterStatus answer;

	if (cluster->status == CLUSTER_CREATING ||
		cluster->status == CLUSTER_DELETING ||
		cluster->status == CLUSTER_PENDING_DELETE ||
		cluster->status == CLUSTER_FAILED)
		dsql_control_error_conflict("cluster", cluster->identifier,
									"The cluster cannot be updated while it is %s.",
									dsql_cluster_status_name(cluster->status));

	cluster->deletion_protection = protect;
	if (kms_key != NULL)
	{
		kms_key = resolve_kms_key(call, kms_key);
		if (kms_key == NULL ? cluster->kms_key != NULL :
			cluster->kms_key == NULL || strcmp(kms_key, cluster->kms_key) != 0)
		{
			cluster->kms_key = kms_key;
			cluster->kms_until =
				dsql_control_after(dsql_settings_update_delay);
			changed = true;
		}
	}
	if (changed && cluster->status == CLUSTER_ACTIVE)
	{
		cluster->status = CLUSTER_UPDATING;
		cluster->status_until = dsql_control_after(dsql_settings_update_delay);
	}

	answer = cluster->status;
	if (multi_region != NULL)
	{
		update_multi_region(cluster, multi_region);
		answer = CLUSTER_UPDATING;
	}
	dsql_cluster_catalog_update_cluster(cluster);
	put_summary(call, cluster, answer);
}

/*
 * A linked cluster waits until its peer is deleted, too; then both go.
 */
static void
delete_linked(Cluster *cluster, Cluster *peer)
{
	cluster->status = CLUSTER_PENDING_DELETE;
	cluster->status_until = DT_NOEND;
	if (peer->status != CLUSTER_PENDING_DELETE)
		return;
	cluster->status_until =
		dsql_control_after(dsql_settings_pending_delete_delay);
	cluster->gone_at = cluster->status_until +
		dsql_settings_delete_delay * INT64CONST(1000);
	peer->status_until = cluster->status_until;
	peer->gone_at = cluster->gone_at;
	dsql_cluster_catalog_update_cluster(peer);
}

void
dsql_control_delete_cluster(ControlCall *call)
{
	Cluster    *cluster = cluster_to_change(call);

	if (cluster->position == DEFAULT_CLUSTER_POSITION)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the default cluster cannot be deleted"),
				 errdetail("It is the database itself."),
				 errhint("DROP EXTENSION dsql_emu makes the database no cluster any more.")));
	if (cluster->status == CLUSTER_CREATING)
		dsql_control_error_conflict("cluster", cluster->identifier,
									"The cluster cannot be deleted while it is CREATING.");
	if (cluster->status != CLUSTER_DELETING &&
		cluster->status != CLUSTER_PENDING_DELETE)
	{
		Cluster    *peer = find_by_arn(cluster->peer);

		if (cluster->deletion_protection)
			dsql_control_error_invalid("deletionProtectionEnabled",
									   "The cluster %s has deletion protection enabled.",
									   cluster->identifier);
		if (peer != NULL && strcmp(peer->home, cluster->home) == 0)
			delete_linked(cluster, peer);
		else
		{
			cluster->status = CLUSTER_DELETING;
			cluster->status_until = cluster->gone_at =
				dsql_control_after(dsql_settings_delete_delay);
		}
		dsql_cluster_catalog_update_cluster(cluster);
		dsql_cluster_schema_purge();
		dsql_cluster_schema_clean_up_later();
	}
	put_summary(call, cluster, cluster->status);
}

void
dsql_control_get_vpc_endpoint_service_name(ControlCall *call)
{
	Cluster    *cluster = dsql_control_call_cluster(call, "identifier");

	dsql_json_string(&call->output, "serviceName",
					 dsql_identifier_vpc_service_name(cluster->region));
	dsql_json_string(&call->output, "clusterVpcEndpoint",
					 dsql_identifier_vpc_cluster_endpoint(cluster->region,
														  cluster->identifier));
}

/*
 * Put a cluster into a state that it would otherwise take time, or a fault of
 * the service, to come to.  It stays until something changes it.
 */
PG_FUNCTION_INFO_V1(dsql_set_cluster_status);
Datum
dsql_set_cluster_status(PG_FUNCTION_ARGS)
{
	char	   *identifier = text_to_cstring(PG_GETARG_TEXT_PP(0));
	char	   *name = text_to_cstring(PG_GETARG_TEXT_PP(1));
	bool		kms_inaccessible = PG_GETARG_BOOL(2);
	Cluster    *cluster;
	ClusterStatus status;

	PreventCommandIfReadOnly("dsql.set_cluster_status()");
	if (!dsql_cluster_status_parse(name, &status) ||
		status == CLUSTER_DELETING || status == CLUSTER_DELETED ||
		status == CLUSTER_PENDING_SETUP || status == CLUSTER_PENDING_DELETE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cluster status \"%s\" cannot be set", name),
				 errhint("Statuses that can be set are CREATING, ACTIVE, IDLE, INACTIVE, UPDATING and FAILED.")));

	dsql_cluster_catalog_lock();
	cluster = dsql_cluster_catalog_cluster(identifier);
	if (cluster == NULL || !dsql_control_reaches(cluster))
		dsql_control_error_not_found("cluster", identifier);
	if (dsql_cluster_maker_is_unmade(cluster))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the database of cluster \"%s\" is not made yet",
						identifier),
				 errhint("Wait until the cluster is ACTIVE.")));
	cluster->status = status;
	cluster->status_until = DT_NOEND;
	cluster->gone_at = DT_NOEND;
	cluster->kms_inaccessible = kms_inaccessible;
	dsql_cluster_sessions_forget_wake(identifier);
	dsql_cluster_catalog_update_cluster(cluster);
	PG_RETURN_VOID();
}
