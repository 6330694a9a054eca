/*
 * dialect_background.c
 *		What a user's function can do in a process that is not a session's.
 *
 * Functions in index expressions, CHECK constraints and extended statistics
 * are called by workers of jobs and by autovacuum, too.  These have no part in
 * optimistic concurrency, and no client to which a row would matter: what such
 * a function does there besides reading is refused.
 */
#include "postgres.h"

#include "tcop/utility.h"

#include "base/session.h"
#include "dialect/dialect.h"

static void
refuse_in_background(CommandTag tag)
{
	ereport(ERROR,
			(errcode(ERRCODE_READ_ONLY_SQL_TRANSACTION),
			 errmsg("cannot execute %s in a background process",
					GetCommandTagName(tag)),
			 errhint("Functions in index expressions, CHECK constraints and statistics can only read.")));
}

void
dsql_dialect_check_background_query(const QueryDesc *queryDesc)
{
	const PlannedStmt *stmt = queryDesc->plannedstmt;

	if (stmt->commandType != CMD_SELECT || stmt->hasModifyingCTE)
		refuse_in_background(CreateCommandTag((Node *) stmt));
}

void
dsql_dialect_check_background_utility(Node *stmt)
{
	if (dsql_session_in_background())
		refuse_in_background(CreateCommandTag(stmt));
}
