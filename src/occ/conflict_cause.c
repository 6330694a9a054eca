/*
 * conflict_cause.c
 *		What is known of a conflict of rows: which row, and who won.
 *
 * The key is that of the primary key; a row of a table without one, or whose
 * key the loser's role may not read, has none.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/index.h"
#include "storage/bufmgr.h"
#include "utils/rel.h"

#include "base/compat.h"
#include "occ/committer.h"
#include "occ/conflict_cause.h"

/*
 * The tuple's primary key as PostgreSQL shows it in errors, such as
 * "(id)=(1)", or NULL.
 */
static char *
describe_key(Relation rel, HeapTuple tuple)
{
	Relation	index;
	Datum		values[INDEX_MAX_KEYS];
	bool		isnull[INDEX_MAX_KEYS];
	char	   *result;

	/* The list has to be made first. */
	list_free(RelationGetIndexList(rel));
	if (!OidIsValid(rel->rd_pkindex))
		return NULL;
	index = index_open(rel->rd_pkindex, AccessShareLock);
	for (int i = 0; i < IndexRelationGetNumberOfKeyAttributes(index); i++)
		values[i] = heap_getattr(tuple, index->rd_index->indkey.values[i],
								 RelationGetDescr(rel), &isnull[i]);
	result = BuildIndexValueDescription(index, values, isnull);
	index_close(index, NoLock);
	return result;
}

static void
find_key(DsqlConflictCause *cause, Oid relid, ItemPointer tid)
{
	Relation	rel = try_table_open(relid, NoLock);
	HeapTupleData tuple = {.t_self = *tid};
	Buffer		buffer;

	if (rel == NULL)
		return;
	cause->relation = relid;
	if (heap_fetch(rel, SnapshotAny, &tuple, &buffer, false))
	{
		char	   *key = describe_key(rel, &tuple);

		if (key != NULL)
			dsql_conflict_log_cut(cause->key, key, sizeof(cause->key));
		ReleaseBuffer(buffer);
	}
	table_close(rel, NoLock);
}

void
dsql_conflict_cause_find(DsqlConflictCause *cause, Oid relid, ItemPointer tid,
						 TransactionId winner)
{
	memset(cause, 0, sizeof(DsqlConflictCause));
	if (OidIsValid(relid))
		find_key(cause, relid, tid);
	cause->winner = winner;
	if (TransactionIdIsValid(winner))
		dsql_committer_describe(winner, &cause->winner_pid,
								cause->winner_application_name);
}
