/*
 * schema_version.c
 *		Transactions that a change of the schema overtakes.
 *
 * Each cluster has a version of its schema, a counter that is raised when a
 * transaction with data definition, GRANT or REVOKE has committed, or when a
 * background job has changed the catalogs.  A transaction works with the
 * version that its first statement found, and fails with OC001 at its next
 * statement, or at COMMIT, when there is another one.  It makes no difference
 * what has changed.
 *
 * Statements that see no table begin and end transactions, or concern settings;
 * they never fail here.  A single CALL or ANALYZE may take long and wait for
 * jobs that change the schema, and is not overtaken.
 */
#include "postgres.h"

#include "access/xact.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "parser/analyze.h"
#include "tcop/tcopprot.h"
#include "tcop/utility.h"

#include "base/cluster_counters.h"
#include "base/compat.h"
#include "base/refuse.h"
#include "base/session.h"
#include "base/settings.h"
#include "base/stats.h"
#include "transaction/schema_version.h"

uint64		dsql_schema_version_seen = 0;

/* The transaction has given its locks to a change of the schema. */
static bool overtaken = false;

static bool raise_at_commit = false;
static bool not_overtaken = false;

void
dsql_schema_version_raise(void)
{
	raise_at_commit = true;
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
}

static pg_noinline void
fail_stale(void)
{
	if (not_overtaken || !dsql_settings_schema_conflicts)
		return;

	dsql_stats_count(DSQL_STATS_SCHEMA_CONFLICTS, 1);
	/* In report mode this returns, and has been said once. */
	dsql_schema_version_seen = dsql_schema_version_current();
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

void
dsql_schema_version_begin_statement(void)
{
	if (!dsql_session_emulated())
		return;
	fail_if_stale();
	if (dsql_schema_version_seen == 0)
		dsql_schema_version_seen = dsql_schema_version_current();
}

/*
 * Does this word begin the text, and a statement that looks names up before
 * any hook is called?
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
	if (IsTransactionState() && dsql_session_emulated() &&
		begins_statement(word, len))
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

void
dsql_schema_version_pre_commit(void)
{
	fail_if_stale();
	/* It cannot be found out later. */
	raise_at_commit &= dsql_session_has_extension();
}

/*
 * The version is raised when the change can be seen: whoever finds it raised
 * and begins again will not be overtaken by the same one.
 */
void
dsql_schema_version_end(bool commit)
{
	if (raise_at_commit && commit)
		pg_atomic_fetch_add_u64(&dsql_cluster_counters_mine()->schema_version,
								1);
	dsql_schema_version_seen = 0;
	overtaken = false;
	raise_at_commit = false;
	not_overtaken = false;
}
