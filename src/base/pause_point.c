/*
 * pause_point.c
 *		Points at which a test can hold a process.
 *
 * A test that needs something to happen in the middle of a commit, for
 * example, takes an advisory lock.  It lets the process run into the lock,
 * waits until the process waits, does its part, and releases the lock.  No
 * step depends on timing.
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
