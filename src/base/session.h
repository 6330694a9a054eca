/*
 * session.h
 *		Is this session emulated?
 */
#ifndef DSQL_SESSION_H
#define DSQL_SESSION_H

#include "access/parallel.h"
#include "commands/extension.h"
#include "miscadmin.h"

#include "base/settings.h"

/* What version() answers. */
#define DSQL_VERSION_STRING "PostgreSQL 16"

/*
 * True if the library has nothing to do: the database does not have the
 * extension, and the session keeps no state of it.  Decided at the end of a
 * transaction; false until then.  A part that has something to do at the end
 * of a transaction in such a session sets it to false.
 */
extern PGDLLIMPORT bool dsql_session_plain;

/*
 * For the functions below: the cached answer, and the function that looks it
 * up.
 */
extern PGDLLIMPORT bool dsql_session_extension_seen;
extern bool dsql_session_look_for_extension(void);

/*
 * Called at the end of a transaction, by the caller that knows whether the
 * session keeps anything that an emulated session needs.
 */
extern void dsql_session_end_transaction(bool anything_left);

/*
 * For dsql_session_checked(): is this process, which is not a session's own, at
 * work for a user?  The function that is set here is called once in a parallel
 * worker, and finds out whether its leader is an emulated session.
 */
extern bool dsql_session_works_for_user(void);
extern void dsql_session_set_leader_finder(bool (*finder) (void));

/*
 * Is the extension created in this database?  The answer is kept, and looked
 * up again after the catalog changed.  Looking needs a valid transaction:
 * outside one, an aborted block included, the last answer stands.
 */
static inline bool
dsql_session_has_extension(void)
{
	return likely(dsql_session_extension_seen) ||
		dsql_session_look_for_extension();
}

/*
 * True in a client backend whose database has the extension, unless
 * dsql_emu.mode is off or an extension's script is running.
 */
static inline bool
dsql_session_emulated(void)
{
	return dsql_settings_mode != DSQL_MODE_OFF && MyBackendType == B_BACKEND &&
		!creating_extension && dsql_session_has_extension();
}

/* The same, and dsql_emu.mode is enforce. */
static inline bool
dsql_session_enforced(void)
{
	return dsql_settings_mode == DSQL_MODE_ENFORCE && dsql_session_emulated();
}

/*
 * The same by the last answer: for callbacks of invalidations, where nothing
 * can be looked up.
 */
extern bool dsql_session_last_enforced(void);

/*
 * Can what a user has written be executed here?  True in an emulated session,
 * in its parallel workers, and in any other process while it is in a
 * security-restricted operation: a job's worker or autovacuum evaluates
 * expressions then.  The lists of the dialect and the borders of clusters hold
 * in all of them; transactions are only the sessions' own business.
 */
static inline bool
dsql_session_checked(void)
{
	return dsql_settings_mode != DSQL_MODE_OFF && !creating_extension &&
		(MyBackendType == B_BACKEND || dsql_session_works_for_user()) &&
		dsql_session_has_extension();
}

/* The same, and dsql_emu.mode is enforce. */
static inline bool
dsql_session_checked_enforced(void)
{
	return dsql_settings_mode == DSQL_MODE_ENFORCE && dsql_session_checked();
}

/* The same as dsql_session_checked(), and no session takes part. */
static inline bool
dsql_session_in_background(void)
{
	return unlikely(MyBackendType != B_BACKEND) && !IsParallelWorker() &&
		dsql_session_checked();
}

#endif							/* DSQL_SESSION_H */
