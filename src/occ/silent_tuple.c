/*
 * silent_tuple.c
 *		Tuples that logical decoding is not told of.
 *
 * An update of indexed columns makes a tuple at once, with its entries in the
 * indexes, and the version before it is deleted at COMMIT.  Decoded, that would
 * be an INSERT and, after it, a DELETE of what may be the same key.  So where
 * changes are decoded, what happens to that tuple before COMMIT is logged in a
 * way that the decoder passes over.  At COMMIT heap_update() makes the version
 * that everybody is told of, and takes the silent one's place.
 *
 * This costs one more version of each such row, with wal_level = logical only.
 */
#include "postgres.h"

#include "access/generic_xlog.h"
#include "access/heapam.h"
#include "access/heaptoast.h"
#include "access/htup_details.h"
#include "access/xact.h"
#include "pgstat.h"
#include "storage/bufmgr.h"
#include "utils/rel.h"

#include "base/compat.h"
#include "occ/silent_tuple.h"

/*
 * A tuple that is locked has been locked by this transaction itself.
 */
static bool
is_live(TM_Result result)
{
	return result == TM_Ok || result == TM_BeingModified;
}

void
dsql_silent_tuple_insert(Relation rel, HeapTuple tuple, CommandId cid)
{
	heap_insert(rel, tuple, cid, HEAP_INSERT_NO_LOGICAL, NULL);
}

/*
 * Lock the page of a tuple and look at the tuple there.
 */
static Buffer
lock_tuple(Relation rel, ItemPointer tid, HeapTuple tuple, int mode)
{
	Buffer		buffer = ReadBuffer(rel, ItemPointerGetBlockNumber(tid));
	Page		page;
	ItemId		item;

	LockBuffer(buffer, mode);
	page = BufferGetPage(buffer);
	item = PageGetItemId(page, ItemPointerGetOffsetNumber(tid));
	Assert(ItemIdIsNormal(item));
	tuple->t_self = *tid;
	tuple->t_tableOid = RelationGetRelid(rel);
	tuple->t_data = (HeapTupleHeader) PageGetItem(page, item);
	tuple->t_len = ItemIdGetLength(item);
	return buffer;
}

/*
 * As heap_delete() does it, but that only its page is logged.  Nobody else
 * can have to do with the tuple.
 */
static void
end_tuple(Relation rel, Buffer buffer, HeapTuple tuple, ItemPointer next,
		  CommandId cid)
{
	TransactionId xid = GetCurrentTransactionId();
	GenericXLogState *state;
	HeapTupleHeader header;
	Page		page;
	bool		combined;

	HeapTupleHeaderAdjustCmax(tuple->t_data, &cid, &combined);
	state = GenericXLogStart(rel);
	page = GenericXLogRegisterBuffer(state, buffer, 0);
	header = (HeapTupleHeader) PageGetItem(page,
										   PageGetItemId(page,
														 ItemPointerGetOffsetNumber(&tuple->t_self)));

	PageSetPrunable(page, xid);
	header->t_infomask &= ~(HEAP_XMAX_BITS | HEAP_MOVED);
	header->t_infomask2 |= HEAP_KEYS_UPDATED;
	HeapTupleHeaderClearHotUpdated(header);
	HeapTupleHeaderSetXmax(header, xid);
	HeapTupleHeaderSetCmax(header, cid, combined);
	header->t_ctid = *next;
	GenericXLogFinish(state);
	pgstat_count_heap_delete(rel);
}

void
dsql_silent_tuple_end(Relation rel, ItemPointer tid, ItemPointer replacement,
					  CommandId cid)
{
	HeapTupleData tuple;
	Buffer		buffer = lock_tuple(rel, tid, &tuple, BUFFER_LOCK_EXCLUSIVE);

	end_tuple(rel, buffer, &tuple, replacement, cid);
	LockBuffer(buffer, BUFFER_LOCK_UNLOCK);
	if (HeapTupleHasExternal(&tuple))
		heap_toast_delete(rel, &tuple, false);
	ReleaseBuffer(buffer);
}

/*
 * The tuple that was replaced was locked.  Applications tell by that what
 * INSERT ... ON CONFLICT has inserted.
 */
static void
take_lock_along(Relation rel, HeapTuple replacement)
{
	HeapTupleData locked = {.t_self = replacement->t_self};
	TM_FailureData tmfd;
	Buffer		buffer;

	if (heap_lock_tuple(rel, &locked, InvalidCommandId, LockTupleExclusive,
						LockWaitBlock, false, &buffer, &tmfd) == TM_Ok)
	{
		replacement->t_data->t_infomask = locked.t_data->t_infomask;
		HeapTupleHeaderSetXmax(replacement->t_data,
							   HeapTupleHeaderGetRawXmax(locked.t_data));
	}
	ReleaseBuffer(buffer);
}

TM_Result
dsql_silent_tuple_change(Relation rel, ItemPointer tid, HeapTuple replacement,
						 CommandId cid, TM_FailureData *tmfd)
{
	HeapTupleData tuple;
	Buffer		buffer = lock_tuple(rel, tid, &tuple, BUFFER_LOCK_SHARE);
	TM_Result	result = HeapTupleSatisfiesUpdate(&tuple, cid, buffer);

	if (result == TM_SelfModified)
	{
		tmfd->ctid = tuple.t_data->t_ctid;
		tmfd->xmax = HeapTupleHeaderGetUpdateXid(tuple.t_data);
		tmfd->cmax = HeapTupleHeaderGetCmax(tuple.t_data);
	}
	UnlockReleaseBuffer(buffer);
	if (!is_live(result))
		return result;

	if (replacement != NULL)
	{
		dsql_silent_tuple_insert(rel, replacement, cid);
		if (result == TM_BeingModified)
			take_lock_along(rel, replacement);
	}
	dsql_silent_tuple_end(rel, tid, replacement ? &replacement->t_self : tid,
						  cid);
	return TM_Ok;
}

HeapTuple
dsql_silent_tuple_last(Relation rel, ItemPointer tid)
{
	for (;;)
	{
		HeapTupleData tuple;
		Buffer		buffer = lock_tuple(rel, tid, &tuple, BUFFER_LOCK_SHARE);
		TM_Result	result = HeapTupleSatisfiesUpdate(&tuple,
													  InvalidCommandId, buffer);
		ItemPointerData next = tuple.t_data->t_ctid;
		HeapTuple	copy = is_live(result) ? heap_copytuple(&tuple) : NULL;

		UnlockReleaseBuffer(buffer);
		if (copy != NULL)
			return copy;
		if (ItemPointerEquals(&next, tid))
			return NULL;
		*tid = next;
	}
}
