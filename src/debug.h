/*
 * debug.h
 *		Points at which a test can hold a process.
 */
#ifndef DSQL_DEBUG_H
#define DSQL_DEBUG_H

#include "settings.h"

/*
 * If dsql_emu.debug_pause_point names this point, wait until nobody holds the
 * advisory lock DSQL_DEBUG_LOCK of this database in exclusive mode.  Only in a
 * transaction.
 */
#define DSQL_DEBUG_LOCK 20250527

extern void dsql_debug_wait(const char *point);

static inline void
dsql_debug_pause(const char *point)
{
	if (unlikely(dsql_debug_pause_point != NULL &&
				 dsql_debug_pause_point[0] != '\0'))
		dsql_debug_wait(point);
}

#endif							/* DSQL_DEBUG_H */
