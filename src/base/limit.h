/*
 * limit.h
 *		The limits of the service.
 *
 * The rows are in limitlist.h.  They feed the settings, the checks and
 * dsql.limits.
 */
#ifndef DSQL_LIMIT_H
#define DSQL_LIMIT_H

#include <limits.h>

#define DSQL_LIMIT(name, value, unit, context, rule, checked, description) \
	limit_##name,
typedef enum DsqlLimitId
{
#include "base/limitlist.h"
	NUM_DSQL_LIMITS
} DsqlLimitId;
#undef DSQL_LIMIT

/*
 * The values of the settings.  A value that is not positive switches a limit
 * off.
 */
extern int	dsql_limit_settings[NUM_DSQL_LIMITS];

/* The largest value that a limit lets pass, in its unit. */
static inline int
dsql_limit(DsqlLimitId id)
{
	int			setting = dsql_limit_settings[id];

	return setting > 0 ? setting : INT_MAX;
}

/* Is the limit on? */
static inline bool
dsql_limit_is_on(DsqlLimitId id)
{
	return dsql_limit_settings[id] > 0;
}

extern void dsql_limit_define_settings(void);

#endif							/* DSQL_LIMIT_H */
