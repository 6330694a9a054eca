/*
 * pause_point.h
 *		Points at which a test can hold a process.
 */
#ifndef DSQL_PAUSE_POINT_H
#define DSQL_PAUSE_POINT_H

#include "base/settings.h"

/*
 * If dsql_emu.debug_pause_point names this point, wait until nobody holds the
 * advisory lock DSQL_DEBUG_LOCK of this database in exclusive mode.  Only in a
 * transaction.
 */
#define DSQL_DEBUG_LOCK 20250527

extern void dsql_pause_point_hold(const char *point);

static inline void
dsql_pause_point_wait(const char *point)
{
	if (unlikely(dsql_settings_debug_pause_point != NULL &&
				 dsql_settings_debug_pause_point[0] != '\0'))
		dsql_pause_point_hold(point);
}

#endif							/* DSQL_PAUSE_POINT_H */
