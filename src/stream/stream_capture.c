/*
 * stream_capture.c
 *		What a committing transaction leaves for the change streams.
 *
 * Its effect on each row is read from the heap, once that has all changes.
 * For a row that was there before, the effect leads from the version that the
 * transaction found to the newest one.  A row that it inserted is any other
 * tuple of its own that is still there.  The records go into the outbox with
 * the transaction's own changes, and become visible or vanish with them.
 *
 * Outside emulated sessions a transaction can also rewrite a table.  What it
 * did to rows of that table before the rewrite leaves no records.
 */
#include "postgres.h"

#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/transam.h"
#include "access/xact.h"
#include "catalog/pg_class.h"
#include "storage/bufmgr.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "base/clock.h"
#include "base/compat.h"
#include "stream/stream_capture.h"
#include "stream/stream_outbox.h"
#include "stream/stream_position.h"
#include "stream/stream_record.h"
#include "stream/stream_watch.h"
#include "stream/stream_worker.h"

/* One row's, before it is known what became of it. */
typedef struct Effect
{
	Oid			relid;
	Oid			filenode;		/* of a tuple that was put there, or invalid */
	bool		found;			/* the transaction found it, and changed it */
	bool		key_may_differ;
	ItemPointerData tid;		/* the version now; invalid if it is gone */
	ItemPointerData old;		/* the version that was found */
} Effect;

void
dsql_stream_capture_install(void)
{
	dsql_stream_watch_install();
	dsql_new_rows_set_filter(dsql_stream_watch_any);
}

/* ------------------------------------------------------------------------
 * Collecting
 * ------------------------------------------------------------------------
 */

/*
 * Follow a version to the one that this transaction leaves.  False if that is
 * none.
 */
static bool
follow(Relation rel, ItemPointer tid)
{
	for (;;)
	{
		HeapTupleData tuple = {.t_self = *tid};
		ItemPointerData next;
		Buffer		buffer;
		bool		is_last;

		if (!heap_fetch(rel, SnapshotAny, &tuple, &buffer, false))
			return false;
		LockBuffer(buffer, BUFFER_LOCK_SHARE);
		is_last = HeapTupleSatisfiesVisibility(&tuple, SnapshotSelf, buffer);
		next = tuple.t_data->t_ctid;
		LockBuffer(buffer, BUFFER_LOCK_UNLOCK);
		ReleaseBuffer(buffer);
		if (is_last)
			return true;
		if (ItemPointerEquals(&next, tid))
			return false;
		*tid = next;
	}
}

/*
 * The row's last version.  A row that was moved, and deleted then, has one
 * version that leads to another, and that one is gone.
 */
static void
find_version(Relation rel, Effect *effect, const DsqlChange *change)
{
	effect->tid = change->kind == DSQL_CHANGE_MOVE ?
		change->moved_to : effect->old;
	if (change->kind == DSQL_CHANGE_DELETE || !follow(rel, &effect->tid))
		ItemPointerSetInvalid(&effect->tid);
}

static int
collect_found(Effect *effects)
{
	int			n = 0;

	for (int i = 0; i < dsql_write_set_nrows; i++)
	{
		DsqlRow    *row = &dsql_write_set_rows[i];
		DsqlChange *change = row->has_mode ?
		dsql_write_set_before(row, InvalidCommandId) : NULL;
		Effect	   *effect = &effects[n];
		Relation	rel;

		if (change == NULL || change->kind == DSQL_CHANGE_LOCK)
			continue;
		rel = RelationIdGetRelation(row->relid);
		/* Versions in a file that is gone cannot be followed. */
		if (rel == NULL || dsql_relation_rewritten(rel))
		{
			if (rel != NULL)
				RelationClose(rel);
			continue;
		}
		effect->relid = row->relid;
		effect->filenode = InvalidOid;
		effect->found = true;
		effect->key_may_differ = row->mode > LockTupleNoKeyExclusive;
		effect->old = row->tid;
		find_version(rel, effect, change);
		RelationClose(rel);
		n++;
	}
	return n;
}

static int
collect_new(Effect *effects)
{
	for (int i = 0; i < dsql_new_rows_count; i++)
	{
		effects[i].relid = dsql_new_rows[i].relid;
		effects[i].filenode = dsql_new_rows[i].filenode;
		effects[i].found = false;
		effects[i].key_may_differ = false;
		effects[i].tid = dsql_new_rows[i].tid;
	}
	return dsql_new_rows_count;
}

/*
 * By table and version, and of the same one what was found first.
 */
static int
compare_effects(const void *a, const void *b)
{
	const Effect *left = a;
	const Effect *right = b;
	int			result;

	if (left->relid != right->relid)
		return left->relid < right->relid ? -1 : 1;
	result = ItemPointerCompare((ItemPointer) &left->tid,
								(ItemPointer) &right->tid);
	if (result != 0)
		return result;
	if (left->found != right->found)
		return left->found ? -1 : 1;
	return left->found ? ItemPointerCompare((ItemPointer) &left->old,
											(ItemPointer) &right->old) : 0;
}

/* ------------------------------------------------------------------------
 * Making changes of a table's effects
 * ------------------------------------------------------------------------
 */

typedef struct TableChanges
{
	Relation	rel;
	TupleTableSlot *slot;
	bool		need_keys;
	const char *home;
	const char *schema;
	List	   *changes;
} TableChanges;

static void
add_change(TableChanges *table, StreamOperation op, char *key, char *row)
{
	StreamChange *change = palloc(sizeof(StreamChange));

	change->op = op;
	change->key = key;
	change->row = row;
	change->home = table->home;
	change->schema = table->schema;
	change->table = RelationGetRelationName(table->rel);
	table->changes = lappend(table->changes, change);
}

static char *
old_key(TableChanges *table, ItemPointer tid)
{
	if (!table_tuple_fetch_row_version(table->rel, tid, SnapshotAny,
									   table->slot))
		elog(ERROR, "tuple (%u,%u) of table \"%s\" does not exist",
			 ItemPointerGetBlockNumber(tid), ItemPointerGetOffsetNumber(tid),
			 RelationGetRelationName(table->rel));
	return dsql_stream_record_key(table->rel, table->slot);
}

/*
 * A row whose key has changed is a row deleted, and another one made.
 */
static void
add_effect(TableChanges *table, Effect *effect)
{
	char	   *row;
	char	   *key = NULL;
	char	   *before = NULL;

	if (effect->found &&
		(!ItemPointerIsValid(&effect->tid) || effect->key_may_differ))
		before = old_key(table, &effect->old);
	if (!ItemPointerIsValid(&effect->tid))
	{
		add_change(table, STREAM_OP_DELETE, before, NULL);
		return;
	}

	if (OidIsValid(effect->filenode) &&
		effect->filenode != table->rel->rd_rel->relfilenode)
		return;
	if (!table_tuple_fetch_row_version(table->rel, &effect->tid, SnapshotSelf,
									   table->slot))
		return;
	row = dsql_stream_record_row(table->rel, table->slot);
	if (table->need_keys)
		key = dsql_stream_record_key(table->rel, table->slot);
	if (before != NULL && strcmp(before, key) != 0)
	{
		add_change(table, STREAM_OP_DELETE, before, NULL);
		add_change(table, STREAM_OP_CREATE, key, row);
	}
	else
		add_change(table, effect->found ? STREAM_OP_UPDATE : STREAM_OP_CREATE,
				   key, row);
}

static int
compare_keys(const ListCell *a, const ListCell *b)
{
	const StreamChange *left = lfirst(a);
	const StreamChange *right = lfirst(b);
	int			result = strcmp(left->key, right->key);

	return result != 0 ? result : (int) right->op - (int) left->op;
}

/*
 * A row that was deleted, and made again with the same key, was updated: there
 * is one record for each key.
 */
static void
merge_keys(TableChanges *table)
{
	List	   *merged = NIL;
	StreamChange *last = NULL;
	ListCell   *lc;

	list_sort(table->changes, compare_keys);
	foreach(lc, table->changes)
	{
		StreamChange *change = lfirst(lc);

		if (last != NULL && last->op == STREAM_OP_DELETE &&
			strcmp(last->key, change->key) == 0)
		{
			last->op = STREAM_OP_UPDATE;
			last->row = change->row;
		}
		else
			merged = lappend(merged, last = change);
	}
	table->changes = merged;
}

static bool
is_same(const Effect *a, const Effect *b)
{
	return a->relid == b->relid &&
		ItemPointerIsValid((ItemPointer) &a->tid) &&
		ItemPointerIsValid((ItemPointer) &b->tid) &&
		ItemPointerEquals((ItemPointer) &a->tid, (ItemPointer) &b->tid);
}

static List *
table_changes(Relation rel, const char *home, Effect *effects, int n)
{
	TableChanges table = {.rel = rel,.home = home};

	table.schema = dsql_stream_watch_schema_name(RelationGetNamespace(rel));
	table.slot = table_slot_create(rel, NULL);
	for (int i = 0; i < n; i++)
		if (!ItemPointerIsValid(&effects[i].tid) || effects[i].key_may_differ)
			table.need_keys = true;
	for (int i = 0; i < n; i++)
		if (i == 0 || !is_same(&effects[i - 1], &effects[i]))
			add_effect(&table, &effects[i]);
	ExecDropSingleTupleTableSlot(table.slot);
	if (table.changes != NIL &&
		((StreamChange *) linitial(table.changes))->key != NULL)
		merge_keys(&table);
	return table.changes;
}

/*
 * The changes of one table, if anybody gets them.
 */
static List *
changes_of(Oid relid, Effect *effects, int n)
{
	Relation	rel = RelationIdGetRelation(relid);
	const char *home;
	List	   *changes = NIL;

	if (rel == NULL)
		return NIL;
	if (rel->rd_rel->relkind == RELKIND_RELATION &&
		rel->rd_rel->relpersistence != RELPERSISTENCE_TEMP &&
		dsql_stream_watch_schema(RelationGetNamespace(rel), &home))
		changes = table_changes(rel, home, effects, n);
	RelationClose(rel);
	return changes;
}

static List *
all_changes(void)
{
	Effect	   *effects = MemoryContextAllocHuge(CurrentMemoryContext,
												 sizeof(Effect) *
												 ((Size) dsql_write_set_nrows +
												  dsql_new_rows_count));
	List	   *changes = NIL;
	int			n = collect_found(effects);
	int			last;

	n += collect_new(effects + n);
	if (n > 1)
		qsort(effects, n, sizeof(Effect), compare_effects);
	for (int i = 0; i < n; i = last)
	{
		for (last = i + 1; last < n && effects[last].relid == effects[i].relid;)
			last++;
		changes = list_concat(changes,
							  changes_of(effects[i].relid, effects + i,
										 last - i));
	}
	return changes;
}

static void
leave_records(List *changes)
{
	int			count = 0;
	int64		position;
	int64		time;
	char	   *transaction;
	List	   *records = NIL;
	ListCell   *lc;

	foreach(lc, changes)
		count += dsql_stream_record_count(lfirst(lc));
	if (count == 0)
		return;
	position = dsql_stream_position_take(count);
	time = dsql_stream_position_time(position);
	transaction = dsql_stream_record_transaction(time / 1000000);
	foreach(lc, changes)
		records = list_concat(records,
							  dsql_stream_record_make(lfirst(lc), time,
													  transaction));
	Assert(list_length(records) == count);
	dsql_stream_worker_add(dsql_stream_outbox_insert(records, position,
													 dsql_clock_now()));
}

void
dsql_stream_capture_pre_commit(void)
{
	MemoryContext context;
	MemoryContext old;

	if (dsql_new_rows_state == DSQL_NEW_ROWS_IGNORED || !dsql_stream_watch_any())
		return;
	context = AllocSetContextCreate(CurrentMemoryContext,
									"dsql stream capture",
									ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(context);
	CommandCounterIncrement();
	PushActiveSnapshot(GetTransactionSnapshot());
	leave_records(all_changes());
	PopActiveSnapshot();
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
}
