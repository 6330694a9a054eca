/*
 * control_operation.h
 *		The sixteen operations, as control.c calls them.
 *
 * Each gets an input that was checked, adds the members of its answer to the
 * call's output, and raises the service's exceptions.  Where an operation
 * changes something, nobody else does at the same time.
 */
#ifndef DSQL_CONTROL_OPERATION_H
#define DSQL_CONTROL_OPERATION_H

#include "base/json.h"
#include "cluster/cluster_catalog.h"

/*
 * Who calls, and what CreateCluster makes for him: additions of ours.  HTTP
 * neither shows nor changes the default cluster.
 */
typedef struct DsqlControlCaller
{
	bool		is_http;
	bool		own_database;	/* the cluster gets a database, not a schema */
	const char *schema_name;	/* or NULL */
} DsqlControlCaller;

typedef struct ControlCall
{
	Jsonb	   *input;
	const char *region;
	const char *account;
	const DsqlControlCaller *caller;
	JsonBuilder output;
} ControlCall;

/* control_cluster.c */
extern void dsql_control_create_cluster(ControlCall *call);
extern void dsql_control_get_cluster(ControlCall *call);
extern void dsql_control_list_clusters(ControlCall *call);
extern void dsql_control_update_cluster(ControlCall *call);
extern void dsql_control_delete_cluster(ControlCall *call);
extern void dsql_control_get_vpc_endpoint_service_name(ControlCall *call);

/* control_policy.c */
extern void dsql_control_put_cluster_policy(ControlCall *call);
extern void dsql_control_get_cluster_policy(ControlCall *call);
extern void dsql_control_delete_cluster_policy(ControlCall *call);

/* control_stream.c */
extern void dsql_control_create_stream(ControlCall *call);
extern void dsql_control_get_stream(ControlCall *call);
extern void dsql_control_list_streams(ControlCall *call);
extern void dsql_control_delete_stream(ControlCall *call);

/* control_tag.c */
extern void dsql_control_tag_resource(ControlCall *call);
extern void dsql_control_untag_resource(ControlCall *call);
extern void dsql_control_list_tags_for_resource(ControlCall *call);

/*
 * What they share.
 */

/* The cluster that a member names; raises ResourceNotFoundException. */
extern Cluster *dsql_control_call_cluster(ControlCall *call,
										  const char *member);

/*
 * Is it the cluster of the session, or is the session in none?  The same for
 * an identifier; raises ResourceNotFoundException.
 */
extern bool dsql_control_reaches(const Cluster *cluster);
extern void dsql_control_check_reach(const char *identifier);

/* The position to go on from, and whether the page ends before an item. */
extern int64 dsql_control_page_start(ControlCall *call, const char *list);
extern int	dsql_control_page_size(ControlCall *call, int otherwise);

/* Refuse a policy that the service would not take. */
extern void dsql_control_policy_check(const char *policy,
									  bool bypass_lockout_check);

/* No tags; refuse more than a resource can have. */
extern Jsonb *dsql_control_empty_tags(void);
extern void dsql_control_tags_check_count(Jsonb *tags, const char *type,
										  const char *identifier);

/* A time from now by the emulator's clock, in milliseconds. */
extern TimestampTz dsql_control_after(int milliseconds);

#endif							/* DSQL_CONTROL_OPERATION_H */
