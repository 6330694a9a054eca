/*
 * permission.h
 *		May the holder of an access key do this?
 */
#ifndef DSQL_PERMISSION_H
#define DSQL_PERMISSION_H

#include "libpq/pqcomm.h"

#include "auth/access_key.h"
#include "auth/policy.h"

/* The address of a client as policies know it, palloc'd; "" if it has none. */
extern char *dsql_permission_source_ip(const SockAddr *address);

/* The words for what no policy allows, palloc'd. */
extern char *dsql_permission_denied(const char *arn, const char *action,
									const char *resource);

/*
 * Why a request is not allowed, for people; NULL if it is.  The policy is that
 * of the cluster that the request is about, or NULL.
 */
extern const char *dsql_permission_problem(const DsqlAccessKey *key,
										   const char *policy,
										   const DsqlPolicyRequest *request);

#endif							/* DSQL_PERMISSION_H */
