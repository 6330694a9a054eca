/*
 * injected_refusal.c
 *		Connections that are refused because a test has ordered it.
 *
 * They are refused in the words for real reasons, as a client would meet them
 * that has shown a token for this cluster.
 */
#include "postgres.h"

#include "libpq/libpq-be.h"
#include "miscadmin.h"

#include "auth/access_key.h"
#include "auth/injected_refusal.h"
#include "auth/permission.h"
#include "auth/token.h"
#include "base/clock.h"
#include "base/identifier.h"
#include "base/refuse.h"
#include "cluster/cluster.h"
#include "cluster/cluster_catalog.h"
#include "transaction/injection.h"

/* How far the times of the token are from the current time. */
#define DISTANCE (20 * USECS_PER_MINUTE)

static DsqlTokenAction
right_action(void)
{
	return strcmp(MyProcPort->user_name, "admin") == 0 ?
		DSQL_TOKEN_DB_CONNECT_ADMIN : DSQL_TOKEN_DB_CONNECT;
}

static char *
policy_hint(void)
{
	Cluster    *cluster = dsql_cluster_bound() != NULL ?
	dsql_cluster_catalog_cluster(dsql_cluster_bound()) :
	dsql_cluster_catalog_default_cluster();

	return dsql_permission_denied(
								  psprintf("arn:aws:iam::%s:user/%s",
										   cluster->account,
										   MyProcPort->user_name),
								  psprintf("dsql:%s",
										   dsql_token_action_name(right_action())),
								  dsql_identifier_cluster_arn(cluster->region,
															  cluster->account,
															  cluster->identifier));
}

/*
 * The HINT of a refusal, or NULL.
 */
static const char *
hint_of(DsqlDenial denial)
{
	TimestampTz now = dsql_clock_now();

	switch (denial)
	{
		case DSQL_DENIAL_EXPIRED:
			return dsql_token_expired(now - DISTANCE, now);
		case DSQL_DENIAL_EARLY:
			return dsql_token_early(now + DISTANCE, now);
		case DSQL_DENIAL_SIGNATURE:
			return dsql_access_key_wrong_signature;
		case DSQL_DENIAL_ACTION:
			return dsql_token_wrong_action(MyProcPort->user_name,
										   right_action() == DSQL_TOKEN_DB_CONNECT ?
										   DSQL_TOKEN_DB_CONNECT_ADMIN :
										   DSQL_TOKEN_DB_CONNECT);
		case DSQL_DENIAL_POLICY:
			return policy_hint();
		case DSQL_DENIAL_UNKNOWN:
		case DSQL_DENIAL_UNMAPPED:
		case NUM_DSQL_DENIALS:
			break;
	}
	return NULL;
}

static void
refuse(const DsqlInjection *injection)
{
	switch (injection->fault)
	{
		case DSQL_FAULT_CONNECTIONS:
			dsql_refuse_in_any_mode(RULE_LIMIT_CONNECTIONS);
			break;
		case DSQL_FAULT_CONNECTION_RATE:
			dsql_refuse_in_any_mode(RULE_LIMIT_CONNECTION_RATE);
			break;
		case DSQL_FAULT_WAKING_UP:
			dsql_refuse_connection(RULE_CONNECTION_WAKING_UP, NULL);
			break;
		default:
			dsql_refuse_connection(injection->denial == DSQL_DENIAL_UNMAPPED ?
								   RULE_CONNECTION_ROLE_UNMAPPED :
								   RULE_CONNECTION_REFUSED,
								   hint_of(injection->denial));
			break;
	}
}

void
dsql_injected_refusal_opened(void)
{
	DsqlInjection injection;

	if (dsql_injection_take_at(DSQL_INJECTION_AT_CONNECTION, &injection))
		refuse(&injection);
}
