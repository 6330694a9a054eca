/*
 * schema_version.h
 *		Transactions that a change of the schema overtakes.
 */
#ifndef DSQL_SCHEMA_VERSION_H
#define DSQL_SCHEMA_VERSION_H

#include "nodes/nodes.h"

#include "base/cluster_counters.h"
#include "base/settings.h"

/*
 * For the hooks: a query, or a utility command, begins that looks at the
 * schema.  It fails if the transaction was overtaken.
 */
extern void dsql_schema_version_begin_statement(void);
extern void dsql_schema_version_begin_utility(Node *stmt);

/*
 * BEGIN or START TRANSACTION was executed.  On the service the transaction
 * sees the schema and the rows as they are at that moment.
 */
extern void dsql_schema_version_begin_block(void);

/* The same for the end of the transaction, which may be PREPARE. */
extern void dsql_schema_version_pre_commit(void);
extern void dsql_schema_version_end(bool commit);

/*
 * The current transaction changes the schema.  When it has committed, other
 * open transactions of this database fail.  Statements that are data
 * definition do not need this call.
 */
extern void dsql_schema_version_raise(void);

/*
 * The same for a background job.  PostgreSQL's locks keep other sessions
 * correct, so that only sessions with schema_conflicts = strict fail.
 */
extern void dsql_schema_version_raise_for_job(void);

/* What the current transaction works with; 0 if it has seen nothing yet. */
extern PGDLLIMPORT uint64 dsql_schema_version_seen;

static inline uint64
dsql_schema_version_current(void)
{
	DsqlClusterCounters *counters = dsql_cluster_counters_mine();
	uint64		version = pg_atomic_read_u64(&counters->schema_version);

	if (unlikely(dsql_settings_schema_conflicts ==
				 DSQL_SCHEMA_CONFLICTS_STRICT))
		version += pg_atomic_read_u64(&counters->job_schema_version);
	return version;
}

/*
 * Is there a newer version of the schema than the one that the current
 * transaction works with?
 */
static inline bool
dsql_schema_version_is_stale(void)
{
	return dsql_schema_version_seen != 0 &&
		dsql_schema_version_seen != dsql_schema_version_current();
}

/*
 * The current transaction has released its locks for a change of the schema.
 * It can only fail with OC001 now, even if the change rolls back.
 */
extern void dsql_schema_version_be_overtaken(void);
extern void dsql_schema_version_fail_if_overtaken(void);

/*
 * In PG_CATCH() of an enforced session's definition: go on with the error, which is OC001 if the
 * definition has lost to another one.
 */
extern void dsql_schema_version_rethrow(void);

/*
 * The raw parser reads this word of a client's message, and the version is
 * stale.  If the statement must fail, it fails now, because the names that it
 * looks up next may be gone.
 */
extern void dsql_schema_version_check_word(const char *word, size_t len);

/*
 * The session changes to another cluster.  Its transaction has seen nothing of
 * the new cluster's schema.
 */
extern void dsql_schema_version_forget(void);

#endif							/* DSQL_SCHEMA_VERSION_H */
