/*
 * control_permission.h
 *		May the holder of an access key call an operation?
 */
#ifndef DSQL_CONTROL_PERMISSION_H
#define DSQL_CONTROL_PERMISSION_H

#include "utils/jsonb.h"

#include "auth/access_key.h"

/*
 * Raise an AccessDeniedException unless the key's own policy, or that of the
 * cluster, allows all that the call needs.  The input need not be checked yet.
 */
extern void dsql_control_permission_check(const DsqlAccessKey *key,
										  const char *source_ip,
										  const char *operation, Jsonb *input,
										  const char *region,
										  const char *account);

#endif							/* DSQL_CONTROL_PERMISSION_H */
