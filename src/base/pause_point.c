/*
 * pause_point.c
 *		Points at which a test can hold a process.
 *
 * A test that wants something to happen in the middle of something else takes
 * an advisory lock, lets the process run into it, sees it wait, does what it
 * wants to do, and gives the lock back.  Nothing has to be timed.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "storage/lock.h"

#include "base/pause_point.h"
#include "base/settings.h"

void
dsql_pause_point_hold(const char *point)
{
	LOCKTAG		tag;

	if (strcmp(dsql_settings_debug_pause_point, point) != 0)
		return;

	/* As pg_advisory_lock(bigint) takes it. */
	SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, 0, DSQL_DEBUG_LOCK, 1);
	(void) LockAcquire(&tag, ShareLock, false, false);
	LockRelease(&tag, ShareLock, false);
}
