/*
 * debug.h
 *		Points at which a test can hold a process.
 */
#ifndef DSQL_DEBUG_H
#define DSQL_DEBUG_H

/*
 * If dsql_emu.debug_pause_point names this point, wait until nobody holds the
 * advisory lock DSQL_DEBUG_LOCK of this database in exclusive mode.  Only in a
 * transaction.
 */
#define DSQL_DEBUG_LOCK 20250527

extern void dsql_debug_pause(const char *point);

#endif							/* DSQL_DEBUG_H */
