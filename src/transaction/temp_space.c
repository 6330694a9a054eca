/*
 * temp_space.c
 *		The temporary space that a query can use.
 *
 * Sorts, hashes and the like that exceed work_mem write temporary files, whose
 * size temp_file_limit limits.  In an enforced session that limit is the
 * service's, and its error is turned into the service's.  It is set as a
 * setting, because parallel workers inherit settings.
 */
#include "postgres.h"

#include "storage/fd.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"

#include "base/limit.h"
#include "base/refuse.h"
#include "base/session.h"
#include "base/settings.h"
#include "transaction/temp_space.h"

/* The limit that we have set, INT_MAX if none, and what was before. */
static int	applied = INT_MAX;
static int	before = -1;

static void
set_temp_file_limit(int value)
{
	char text[	12];

	/* The end of the transaction does not undo a value from this source. */
	pg_ltoa(value, text);
	SetConfigOption("temp_file_limit", text, PGC_SUSET, PGC_S_OVERRIDE);
}

void
dsql_temp_space_apply(void)
{
	int			limit = INT_MAX;

	if (dsql_session_enforced())
		limit = dsql_limit(limit_query_temp_space);
	if (likely(limit == applied))
		return;

	if (applied == INT_MAX)
		before = temp_file_limit;
	if (limit == INT_MAX)
		set_temp_file_limit(before);
	else
		set_temp_file_limit(before < 0 ? limit : Min(before, limit));
	applied = limit;
}

bool
dsql_temp_space_applied(void)
{
	return applied != INT_MAX;
}

void
dsql_temp_space_rethrow(void)
{
	ErrorData  *error;

	if (geterrcode() != ERRCODE_CONFIGURATION_LIMIT_EXCEEDED ||
		applied == INT_MAX || applied != temp_file_limit)
		PG_RE_THROW();

	/* It keeps its context: the function or process that it comes from. */
	MemoryContextSwitchTo(TopTransactionContext);
	error = CopyErrorData();
	FlushErrorState();
	if (error->filename != NULL && strcmp(error->filename, "fd.c") == 0)
		dsql_refuse_instead(error, RULE_LIMIT_QUERY_TEMP_SPACE, applied);
	ReThrowError(error);
}

void
dsql_temp_space_report(int64 blocks)
{
	int			limit = dsql_limit(limit_query_temp_space);

	if (blocks * (BLCKSZ / 1024) > limit &&
		dsql_settings_mode == DSQL_MODE_REPORT && dsql_session_emulated())
		dsql_refuse(RULE_LIMIT_QUERY_TEMP_SPACE, limit);
}
