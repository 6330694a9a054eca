/*
 * doomed_rows.c
 *		Rows of transactions that a definition has overtaken.
 *
 * CREATE INDEX has a lock that no writer of the table can have.  If there is a
 * row nevertheless whose transaction has not ended, that one has given its lock
 * away (ddl_preempt.c), and can only fail.  PostgreSQL would wait for it if the
 * index is unique, though it may be idle for long, and warn if it is not.  Here
 * such rows are left out: nobody will ever see them.
 */
#include "postgres.h"

#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/xact.h"
#include "storage/bufmgr.h"
#include "storage/procarray.h"
#include "utils/guc.h"
#include "utils/rel.h"

#include "occ/doomed_rows.h"

/*
 * What heap gives us is the first tuple of a chain.  It is pinned.
 */
static bool
is_doomed(Relation table, ItemPointer tid)
{
	HeapTupleData tuple = {.t_self = *tid};
	Buffer		buffer;
	TransactionId xmin;
	bool		committed;

	if (!heap_fetch(table, SnapshotAny, &tuple, &buffer, false))
		return false;
	xmin = HeapTupleHeaderGetRawXmin(tuple.t_data);
	committed = HeapTupleHeaderXminCommitted(tuple.t_data);
	ReleaseBuffer(buffer);
	return !committed && !TransactionIdIsCurrentTransactionId(xmin) &&
		TransactionIdIsInProgress(xmin);
}

static void
add_unless_doomed(Relation index, ItemPointer tid, Datum *values, bool *isnull,
				  bool alive, void *state)
{
	DsqlIndexBuild *build = state;

	if (!is_doomed(build->table, tid))
		build->callback(index, tid, values, isnull, alive, build->state);
}

void
dsql_doomed_rows_begin_build(DsqlIndexBuild *build, Relation table,
							 IndexInfo *info, IndexBuildCallback *callback,
							 void **state)
{
	build->table = table;
	build->info = info;
	build->unique = info->ii_Unique;
	build->client_min_messages = client_min_messages;
	build->log_min_messages = log_min_messages;
	build->callback = *callback;
	build->state = *state;

	/* Duplicates are found later, among what is in the index. */
	info->ii_Unique = false;
	client_min_messages = log_min_messages = ERROR;
	*callback = add_unless_doomed;
	*state = build;
}

void
dsql_doomed_rows_end_build(DsqlIndexBuild *build)
{
	if (build->info == NULL)
		return;
	build->info->ii_Unique = build->unique;
	client_min_messages = build->client_min_messages;
	log_min_messages = build->log_min_messages;
}
