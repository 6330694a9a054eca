/*
 * tableam_write.c
 *		Inserting, changing and locking rows of tables with access method
 *		btree_table.
 *
 * Inserts go to the heap at once, and so do changes of rows that the same
 * transaction inserted.  Changes and locks of rows that others can see are
 * noted.  All of them are counted, for statistics and limits.
 */
#include "postgres.h"

#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "storage/bufmgr.h"
#include "utils/rel.h"

#include "base/cluster_counters.h"
#include "base/compat.h"
#include "base/session.h"
#include "base/stats.h"
#include "occ/committer.h"
#include "occ/new_rows.h"
#include "occ/row_identity.h"
#include "occ/silent_tuple.h"
#include "occ/tableam_write.h"
#include "occ/write_set.h"
#include "transaction/row_cost.h"
#include "transaction/row_size.h"
#include "transaction/touched_tables.h"
#include "transaction/transaction_rules.h"

static inline const TableAmRoutine *
heap(void)
{
	return GetHeapamTableAmRoutine();
}

/*
 * The transaction writes or locks a row.
 */
static inline void
begin_change(Relation rel)
{
	dsql_committer_begin();
	dsql_touched_tables_note(RelationGetRelid(rel));
}

/*
 * Count a row that is written, for statistics and limits.
 */
static void
count_row(DsqlStatsCounter kind)
{
	dsql_stats_count(DSQL_STATS_ROWS_WRITTEN, 1);
	dsql_stats_count(kind, 1);
	if (dsql_session_emulated())
		dsql_transaction_count_rows(1);
}

/*
 * The same for its content.  "replaced" is a version that the same transaction
 * wrote before, or NULL; no slot stands for a deletion.
 */
static void
count_content(Relation rel, TupleTableSlot *slot, HeapTuple replaced)
{
	if (!dsql_session_emulated())
		return;
	if (slot != NULL)
		dsql_row_size_write(rel, slot, replaced);
	else
		dsql_row_size_delete(rel, replaced);
}

/* ------------------------------------------------------------------------
 * Inserting: heap's, and counted
 * ------------------------------------------------------------------------
 */

void
dsql_tableam_insert(Relation rel, TupleTableSlot *slot, CommandId cid,
					int options, BulkInsertState bistate)
{
	bool		should_free;
	HeapTuple	tuple;

	begin_change(rel);
	count_row(DSQL_STATS_ROWS_INSERTED);
	count_content(rel, slot, NULL);
	dsql_row_cost_note(rel, slot, NULL);

	tuple = ExecFetchSlotHeapTuple(slot, true, &should_free);
	slot->tts_tableOid = RelationGetRelid(rel);
	tuple->t_tableOid = slot->tts_tableOid;
	heap_insert(rel, tuple, cid, options, bistate);
	slot->tts_tid = tuple->t_self;
	dsql_new_rows_note(rel, &slot->tts_tid);

	if (should_free)
		pfree(tuple);
}

void
dsql_tableam_insert_speculative(Relation rel, TupleTableSlot *slot,
								CommandId cid, int options,
								BulkInsertState bistate, uint32 token)
{
	begin_change(rel);
	count_content(rel, slot, NULL);
	dsql_row_cost_note(rel, slot, NULL);
	heap()->tuple_insert_speculative(rel, slot, cid, options, bistate,
									 token);
}

void
dsql_tableam_complete_speculative(Relation rel, TupleTableSlot *slot,
								  uint32 token, bool succeeded)
{
	heap()->tuple_complete_speculative(rel, slot, token, succeeded);
	if (succeeded)
	{
		count_row(DSQL_STATS_ROWS_INSERTED);
		dsql_new_rows_note(rel, &slot->tts_tid);
	}
	else
	{
		bool		should_free;
		HeapTuple	tuple = ExecFetchSlotHeapTuple(slot, false, &should_free);

		count_content(rel, NULL, tuple);
		if (should_free)
			pfree(tuple);
	}
}

void
dsql_tableam_multi_insert(Relation rel, TupleTableSlot **slots, int nslots,
						  CommandId cid, int options, BulkInsertState bistate)
{
	begin_change(rel);
	for (int i = 0; i < nslots; i++)
	{
		count_row(DSQL_STATS_ROWS_INSERTED);
		count_content(rel, slots[i], NULL);
		dsql_row_cost_note(rel, slots[i], NULL);
	}
	heap()->multi_insert(rel, slots, nslots, cid, options, bistate);
	for (int i = 0; i < nslots; i++)
		dsql_new_rows_note(rel, &slots[i]->tts_tid);
}

/* ------------------------------------------------------------------------
 * Changing and locking
 * ------------------------------------------------------------------------
 */

/*
 * Did this transaction already do something to the version, that the command
 * cannot or must not see?  The answers are heap's.
 */
static TM_Result
check_own_changes(DsqlVersion *version, CommandId cid, TM_FailureData *tmfd)
{
	DsqlChange *draft = version->draft;
	DsqlRow    *row = version->row;
	DsqlChange *latest;

	if (row == NULL)
		return TM_Ok;
	if (row->applied)
		return row->latest < 0 ? TM_Ok : TM_Invisible;
	if (draft != NULL && draft->cid >= cid)
		return TM_Invisible;

	latest = dsql_write_set_before(row, InvalidCommandId);
	if (latest == draft)
		return TM_Ok;
	if (latest->cid < cid)
		return TM_Invisible;

	tmfd->ctid = version->tid;
	tmfd->xmax = GetCurrentTransactionId();
	tmfd->cmax = latest->cid;
	return TM_SelfModified;
}

/*
 * The version that a command is to change.
 */
typedef struct Target
{
	DsqlVersion version;
	HeapTuple	tuple;			/* its content */
	HeapTupleData storage;
	Buffer		buffer;			/* pinned, or invalid */
	bool		own;			/* inserted as a tuple by this transaction, so
								 * that it is for the heap alone */
} Target;

/*
 * Find the version, whatever became of it.
 */
static void
find_target(Relation rel, ItemPointer tid, Target *target)
{
	target->version = dsql_write_set_look_up(RelationGetRelid(rel), tid);
	target->buffer = InvalidBuffer;
	target->own = false;
	if (target->version.draft != NULL)
	{
		target->tuple = target->version.draft->draft;
		return;
	}

	target->tuple = &target->storage;
	target->tuple->t_self = *tid;
	if (!heap_fetch(rel, SnapshotAny, target->tuple, &target->buffer, false))
		elog(ERROR, "tuple (%u,%u) of table \"%s\" does not exist",
			 ItemPointerGetBlockNumber(tid), ItemPointerGetOffsetNumber(tid),
			 RelationGetRelationName(rel));
	target->own = TransactionIdIsCurrentTransactionId(HeapTupleHeaderGetXmin(target->tuple->t_data));
	Assert(target->own || target->version.moved_row == NULL);
}

static void
release_target(Target *target)
{
	if (BufferIsValid(target->buffer))
		ReleaseBuffer(target->buffer);
}

/*
 * The queries of referential integrity may find versions that are newer than
 * the transaction, where the referenced table is not ours.  Nothing that they
 * do to these can be committed.
 */
static void
check_crosscheck(Relation rel, Target *target, Snapshot crosscheck)
{
	bool		seen;

	if (crosscheck == InvalidSnapshot || !BufferIsValid(target->buffer))
		return;
	LockBuffer(target->buffer, BUFFER_LOCK_SHARE);
	seen = HeapTupleSatisfiesVisibility(target->tuple, crosscheck,
										target->buffer);
	LockBuffer(target->buffer, BUFFER_LOCK_UNLOCK);
	if (!seen)
		dsql_write_set_note_rival(RelationGetRelid(rel),
								  &target->tuple->t_self,
								  InvalidTransactionId);
}

static void
refuse_invisible(const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("attempted to %s invisible tuple", what)));
}

/*
 * Count a row that is changed, unless this transaction already did so, and its
 * new content, if any.
 */
static void
count_changed(Relation rel, Target *target, TupleTableSlot *slot)
{
	bool		again = target->version.draft != NULL;

	if (!again)
		count_row(slot != NULL ? DSQL_STATS_ROWS_UPDATED :
				  DSQL_STATS_ROWS_DELETED);
	count_content(rel, slot, again ? target->tuple : NULL);
}

TM_Result
dsql_tableam_delete(Relation rel, ItemPointer tid, CommandId cid,
					Snapshot snapshot, Snapshot crosscheck, bool wait,
					TM_FailureData *tmfd, bool changingPart)
{
	Target		target;
	TM_Result	result;

	find_target(rel, tid, &target);
	dsql_row_cost_note(rel, NULL, target.tuple);
	if (target.own)
	{
		if (target.version.moved_row != NULL)
			dsql_write_set_note_moved(target.version.moved_row,
									  LockTupleExclusive, cid, NULL);
		if (target.version.moved_row != NULL && dsql_silent_tuple_needed(rel))
			result = dsql_silent_tuple_change(rel, tid, NULL, cid, tmfd);
		else
			result = heap()->tuple_delete(rel, tid, cid, snapshot,
										  InvalidSnapshot, wait, tmfd,
										  changingPart);
		if (result == TM_Ok)
			count_content(rel, NULL, target.tuple);
		release_target(&target);
		if (result == TM_Invisible)
			refuse_invisible("delete");
		return result;
	}

	result = check_own_changes(&target.version, cid, tmfd);
	if (result == TM_Ok)
	{
		begin_change(rel);
		check_crosscheck(rel, &target, crosscheck);
		count_changed(rel, &target, NULL);
		dsql_write_set_note(rel, &target.version, target.tuple,
							DSQL_CHANGE_DELETE, LockTupleExclusive, cid, NULL);
	}
	release_target(&target);
	if (result == TM_Invisible)
		refuse_invisible("delete");
	return result;
}

/*
 * Note the new version in "slot" for a row that others can see.
 */
static void
note_update(Relation rel, Target *target, TupleTableSlot *slot, CommandId cid,
			TU_UpdateIndexes *update_indexes)
{
	bool		should_free;
	HeapTuple	newtuple;
	bool		indexed;
	LockTupleMode mode;

	count_changed(rel, target, slot);

	newtuple = ExecFetchSlotHeapTuple(slot, true, &should_free);
	mode = dsql_row_identity_compare(rel, target->tuple, newtuple, &indexed);
	slot->tts_tableOid = RelationGetRelid(rel);

	/* A tuple that has no chance to fit fails now, not at COMMIT. */
	if (!indexed && dsql_write_set_draft_fits(newtuple) &&
		(newtuple->t_len <= MaxHeapTupleSize ||
		 OidIsValid(rel->rd_rel->reltoastrelid)))
	{
		dsql_write_set_note(rel, &target->version, target->tuple,
							DSQL_CHANGE_DRAFT, mode, cid, newtuple);
		*update_indexes = TU_None;
	}
	else
	{
		newtuple->t_tableOid = slot->tts_tableOid;
		if (unlikely(dsql_silent_tuple_needed(rel)))
			dsql_silent_tuple_insert(rel, newtuple, cid);
		else
			heap_insert(rel, newtuple, cid, 0, NULL);
		dsql_write_set_note(rel, &target->version, target->tuple,
							DSQL_CHANGE_MOVE, mode, cid, newtuple);
		*update_indexes = TU_All;
	}
	slot->tts_tid = newtuple->t_self;
	if (should_free)
		pfree(newtuple);
}

static TM_Result
update_silent_tuple(Relation rel, Target *target, TupleTableSlot *slot,
					CommandId cid, TM_FailureData *tmfd,
					TU_UpdateIndexes *update_indexes)
{
	bool		should_free;
	HeapTuple	newtuple = ExecFetchSlotHeapTuple(slot, true, &should_free);
	TM_Result	result;

	slot->tts_tableOid = newtuple->t_tableOid = RelationGetRelid(rel);
	result = dsql_silent_tuple_change(rel, &target->version.tid, newtuple, cid,
									  tmfd);
	if (result == TM_Ok)
	{
		slot->tts_tid = newtuple->t_self;
		*update_indexes = TU_All;
	}
	if (should_free)
		pfree(newtuple);
	return result;
}

/*
 * Update a tuple that this transaction inserted.  It may be the new version of
 * a row that others can see.
 */
static TM_Result
update_own_tuple(Relation rel, Target *target, TupleTableSlot *slot,
				 CommandId cid, TM_FailureData *tmfd,
				 LockTupleMode *lockmode, TU_UpdateIndexes *update_indexes)
{
	DsqlRow    *moved_row = target->version.moved_row;
	LockTupleMode mode = LockTupleNoKeyExclusive;
	TM_Result	result;

	if (moved_row != NULL)
	{
		bool		should_free;
		HeapTuple	newtuple = ExecFetchSlotHeapTuple(slot, true, &should_free);
		bool		indexed;

		mode = dsql_row_identity_compare(rel, target->tuple, newtuple,
										 &indexed);
		if (should_free)
			pfree(newtuple);
	}
	/* Only this transaction itself can have locked it. */
	if (moved_row != NULL && dsql_silent_tuple_needed(rel))
		result = update_silent_tuple(rel, target, slot, cid, tmfd,
									 update_indexes);
	else
		result = heap()->tuple_update(rel, &target->version.tid, slot, cid,
									  InvalidSnapshot, InvalidSnapshot, true,
									  tmfd, lockmode, update_indexes);
	if (result == TM_Ok)
		count_content(rel, slot, target->tuple);
	if (moved_row != NULL && result == TM_Ok)
		dsql_write_set_note_moved(moved_row, mode, cid, &slot->tts_tid);
	else if (result == TM_Ok)
		dsql_new_rows_note(rel, &slot->tts_tid);
	return result;
}

TM_Result
dsql_tableam_update(Relation rel, ItemPointer otid, TupleTableSlot *slot,
					CommandId cid, Snapshot snapshot, Snapshot crosscheck,
					bool wait, TM_FailureData *tmfd,
					LockTupleMode *lockmode,
					TU_UpdateIndexes *update_indexes)
{
	Target		target;
	TM_Result	result;

	find_target(rel, otid, &target);
	dsql_row_cost_note(rel, slot, target.tuple);
	if (target.own)
	{
		result = update_own_tuple(rel, &target, slot, cid, tmfd, lockmode,
								  update_indexes);
		release_target(&target);
		if (result == TM_Invisible)
			refuse_invisible("update");
		return result;
	}

	*lockmode = LockTupleExclusive;
	*update_indexes = TU_None;
	result = check_own_changes(&target.version, cid, tmfd);
	if (result == TM_Ok)
	{
		begin_change(rel);
		check_crosscheck(rel, &target, crosscheck);
		note_update(rel, &target, slot, cid, update_indexes);
	}
	release_target(&target);
	if (result == TM_Invisible)
		refuse_invisible("update");
	return result;
}

TM_Result
dsql_tableam_lock(Relation rel, ItemPointer tid, Snapshot snapshot,
				  TupleTableSlot *slot, CommandId cid, LockTupleMode mode,
				  LockWaitPolicy wait_policy, uint8 flags,
				  TM_FailureData *tmfd)
{
	BufferHeapTupleTableSlot *bslot = (BufferHeapTupleTableSlot *) slot;
	DsqlVersion version;
	TM_Result	result;

	tmfd->traversed = false;
	if (!table_tuple_fetch_row_version(rel, tid, SnapshotAny, slot))
		elog(ERROR, "tuple (%u,%u) of table \"%s\" does not exist",
			 ItemPointerGetBlockNumber(tid), ItemPointerGetOffsetNumber(tid),
			 RelationGetRelationName(rel));

	version = dsql_write_set_look_up(RelationGetRelid(rel), tid);
	if (BufferIsValid(bslot->buffer) &&
		TransactionIdIsCurrentTransactionId(HeapTupleHeaderGetXmin(bslot->base.tuple->t_data)))
	{
		ExecClearTuple(slot);
		result = heap()->tuple_lock(rel, tid, snapshot, slot, cid, mode,
									wait_policy, flags, tmfd);
		if (result == TM_Ok && version.moved_row != NULL)
			dsql_write_set_note_moved(version.moved_row, mode, cid, NULL);
		return result;
	}

	result = check_own_changes(&version, cid, tmfd);
	if (result != TM_Ok)
		return result;

	begin_change(rel);
	dsql_stats_count(DSQL_STATS_ROWS_LOCKED, 1);
	dsql_write_set_note(rel, &version, bslot->base.tuple, DSQL_CHANGE_LOCK,
						mode, cid, NULL);
	return TM_Ok;
}
