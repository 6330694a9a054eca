/*
 * schema_version.c
 *		Transactions that a change of the schema overtakes.
 *
 * Each cluster has a schema version: a counter that goes up when a transaction
 * with data definition, GRANT or REVOKE has committed.  A transaction works
 * with the version that BEGIN or its first statement found.  If there is a
 * newer one, it fails with OC001 at its next statement or at COMMIT, whatever
 * has changed.
 *
 * On the service that also happens when a background job has changed the
 * catalogs, and when a session's copy of the catalogs is behind.  There
 * neither can be predicted.  Here both happen every time, but only in strict
 * mode.
 *
 * Statements that read no table never fail here: they begin and end
 * transactions, or concern settings.  A single CALL or ANALYZE is not
 * overtaken, because it may take long and wait for jobs that change the
 * schema.
 */
#include "postgres.h"

#include "access/xact.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "parser/analyze.h"
#include "tcop/tcopprot.h"
#include "tcop/utility.h"
#include "utils/snapmgr.h"

#include "base/cluster_counters.h"
#include "base/compat.h"
#include "base/refuse.h"
#include "base/session.h"
#include "base/settings.h"
#include "transaction/conflict_log.h"
#include "transaction/schema_version.h"
#include "transaction/unseen_relation.h"

uint64		dsql_schema_version_seen = 0;

/* The transaction has given its locks to a change of the schema. */
static bool overtaken = false;

static bool raise_at_commit = false;
static bool raise_for_job_at_commit = false;
static bool not_overtaken = false;

/*
 * In strict mode, the version that the session's last transaction worked with,
 * as far as it is known; else 0.
 */
static uint64 heard_of = 0;

void
dsql_schema_version_raise(void)
{
	Assert(IsTransactionState());
	raise_at_commit = true;
}

void
dsql_schema_version_raise_for_job(void)
{
	Assert(IsTransactionState());
	raise_for_job_at_commit = true;
}

void
dsql_schema_version_be_overtaken(void)
{
	overtaken = true;
	/* It is no longer any. */
	dsql_schema_version_seen = PG_UINT64_MAX;
}

void
dsql_schema_version_forget(void)
{
	dsql_schema_version_seen = 0;
	heard_of = 0;
}

static pg_noinline void
fail_stale(void)
{
	DsqlConflictCause cause = {0};

	if (!overtaken &&
		(not_overtaken ||
		 dsql_settings_schema_conflicts == DSQL_SCHEMA_CONFLICTS_OFF))
		return;

	dsql_conflict_log_add_schema(&cause);
	/* Whatever has been set since: its locks are gone. */
	if (overtaken)
		dsql_refuse_in_any_mode(RULE_CONFLICT_SCHEMA);
	/* In report mode this returns, and reports only once. */
	dsql_schema_version_seen = heard_of = dsql_schema_version_current();
	dsql_refuse(RULE_CONFLICT_SCHEMA);
}

static inline void
fail_if_stale(void)
{
	if (unlikely(dsql_schema_version_is_stale()))
		fail_stale();
}

void
dsql_schema_version_fail_if_overtaken(void)
{
	if (overtaken)
		fail_if_stale();
}

/*
 * The transaction's first look at the schema.  In strict mode a session that
 * has not heard of the newest version yet fails once.
 */
static void
see_version(void)
{
	dsql_schema_version_seen = dsql_schema_version_current();
	if (likely(dsql_settings_schema_conflicts != DSQL_SCHEMA_CONFLICTS_STRICT))
		heard_of = 0;
	else if (heard_of != 0 && heard_of != dsql_schema_version_seen)
		fail_stale();
	else
		heard_of = dsql_schema_version_seen;
}

void
dsql_schema_version_begin_statement(void)
{
	if (!dsql_session_emulated())
		return;
	fail_if_stale();
	if (dsql_schema_version_seen == 0)
		see_version();
}

void
dsql_schema_version_begin_block(void)
{
	if (!IsolationUsesXactSnapshot() || !dsql_session_emulated())
		return;

	/* The order matters: no change can come between the two unnoticed. */
	dsql_schema_version_begin_statement();
	(void) GetTransactionSnapshot();
}

/*
 * Is this word the first of the text, and does it begin a statement that looks
 * names up before any hook is called?
 */
static bool
begins_statement(const char *word, size_t len)
{
	static const char *const words[] = {
		"delete", "explain", "insert", "merge", "select", "table", "update",
		"values", "with"
	};
	const char *text = debug_query_string;

	if (text == NULL)
		return false;
	text	  +=strspn(text, " \t\r\n\f(");

	if (pg_strncasecmp(text, word, len) != 0)
		return false;
	for (int i = 0; i < lengthof(words); i++)
		if (strlen(words[i]) == len && pg_strncasecmp(words[i], word, len) == 0)
			return true;
	return false;
}

void
dsql_schema_version_check_word(const char *word, size_t len)
{
	static bool checking = false;

	/* The check parses the message again. */
	if (checking || !IsTransactionState() || !dsql_session_emulated() ||
		!begins_statement(word, len))
		return;
	dsql_leave_pipeline_block();
	if (!overtaken && IsTransactionBlock() && dsql_session_enforced() &&
		dsql_settings_schema_conflicts != DSQL_SCHEMA_CONFLICTS_OFF)
	{
		checking = true;
		PG_TRY();
		{
			dsql_unseen_relation_check(debug_query_string);
		}
		PG_FINALLY();
		{
			checking = false;
		}
		PG_END_TRY();
	}
	if (dsql_schema_version_is_stale())
		dsql_conflict_log_note_statement(debug_query_string, 0, 0);
	fail_if_stale();
}

/*
 * Does the command look at the schema?
 */
static bool
is_overtaken(Node *stmt)
{
	return !(IsA(stmt, TransactionStmt) || IsA(stmt, VariableSetStmt) ||
			 IsA(stmt, VariableShowStmt) || IsA(stmt, DeallocateStmt) ||
			 IsA(stmt, DiscardStmt));
}

void
dsql_schema_version_begin_utility(Node *stmt)
{
	if (is_overtaken(stmt))
		dsql_schema_version_begin_statement();
	if ((IsA(stmt, CallStmt) || IsA(stmt, VacuumStmt)) &&
		!IsTransactionBlock())
		not_overtaken = true;
	if (GetCommandLogLevel(stmt) == LOGSTMT_DDL)
		dsql_schema_version_raise();
}

/*
 * Did a statement fail because another transaction had changed the same rows of
 * a catalog?  PostgreSQL waits for that one, and has messages of its own.
 */
static bool
is_catalog_conflict(const ErrorData *error)
{
	if (error->sqlerrcode == ERRCODE_UNIQUE_VIOLATION)
		return error->schema_name != NULL &&
			strcmp(error->schema_name, "pg_catalog") == 0;
	return strcmp(error->message, "tuple concurrently updated") == 0 ||
		strcmp(error->message, "tuple concurrently deleted") == 0;
}

void
dsql_schema_version_rethrow(void)
{
	ErrorData  *error;
	DsqlConflictCause cause = {0};

	if ((geterrcode() != ERRCODE_UNIQUE_VIOLATION &&
		 geterrcode() != ERRCODE_INTERNAL_ERROR) ||
		dsql_settings_schema_conflicts == DSQL_SCHEMA_CONFLICTS_OFF)
		PG_RE_THROW();

	MemoryContextSwitchTo(TopTransactionContext);
	error = CopyErrorData();
	FlushErrorState();
	if (is_catalog_conflict(error))
	{
		dsql_conflict_log_add_schema(&cause);
		dsql_refuse_instead(error, RULE_CONFLICT_SCHEMA);
	}
	ReThrowError(error);
}

void
dsql_schema_version_pre_commit(void)
{
	fail_if_stale();
	/* It cannot be found out later. */
	raise_at_commit &= dsql_session_has_extension();
}

/*
 * The version goes up only when the change is visible.  So a transaction that
 * fails and begins again is not overtaken by the same change.
 */
void
dsql_schema_version_end(bool commit)
{
	if (unlikely(raise_at_commit && commit))
	{
		pg_atomic_fetch_add_u64(&dsql_cluster_counters_mine()->schema_version,
								1);
		/* One's own change is no news. */
		if (heard_of != 0)
			heard_of++;
	}
	if (unlikely(raise_for_job_at_commit && commit))
		pg_atomic_fetch_add_u64(&dsql_cluster_counters_mine()->job_schema_version,
								1);
	dsql_schema_version_seen = 0;
	overtaken = false;
	raise_at_commit = raise_for_job_at_commit = false;
	not_overtaken = false;
}
