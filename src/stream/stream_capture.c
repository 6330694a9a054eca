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
#include "stream/stream_image.h"
#include "stream/stream_outbox.h"
#include "stream/stream_pack.h"
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
	StreamImage *image;
	bool		need_keys;
	List	   *changes;		/* of KeyedChange, if keys are needed */
	StreamPack *pack;			/* where they go otherwise */
} TableChanges;

typedef struct KeyedChange
{
	StreamOperation op;
	char	   *key;			/* JSON of the primary key, or NULL */
	char	   *row;			/* JSON of the row; NULL if it is deleted */
} KeyedChange;

static KeyedChange *
add_change(TableChanges *table, StreamOperation op, char *key, char *row)
{
	KeyedChange *change = palloc(sizeof(KeyedChange));

	change->op = op;
	change->key = key;
	change->row = row;
	table->changes = lappend(table->changes, change);
	return change;
}

/*
 * The JSON of the row in the slot, or of its key; NULL if it has none.
 */
static char *
make_image(TableChanges *table, bool only_key)
{
	StringInfoData json;

	if (only_key && !dsql_stream_image_has_key(table->image))
		return NULL;
	initStringInfo(&json);
	dsql_stream_image_append(&json, table->image, table->slot, only_key);
	return json.data;
}

static char *
old_key(TableChanges *table, ItemPointer tid)
{
	if (!table_tuple_fetch_row_version(table->rel, tid, SnapshotAny,
									   table->slot))
		elog(ERROR, "tuple (%u,%u) of table \"%s\" does not exist",
			 ItemPointerGetBlockNumber(tid), ItemPointerGetOffsetNumber(tid),
			 RelationGetRelationName(table->rel));
	return make_image(table, true);
}

/*
 * Get the version that the transaction leaves.
 */
static bool
fetch_new(TableChanges *table, Effect *effect)
{
	if (OidIsValid(effect->filenode) &&
		effect->filenode != table->rel->rd_rel->relfilenode)
		return false;
	return table_tuple_fetch_row_version(table->rel, &effect->tid,
										 SnapshotSelf, table->slot);
}

static StreamOperation
operation(const Effect *effect)
{
	return effect->found ? STREAM_OP_UPDATE : STREAM_OP_CREATE;
}

/*
 * A row whose key has changed is a row deleted, and another one made.
 */
static void
add_effect(TableChanges *table, Effect *effect)
{
	char	   *row;
	char	   *key;
	char	   *before = NULL;

	if (effect->found &&
		(!ItemPointerIsValid(&effect->tid) || effect->key_may_differ))
		before = old_key(table, &effect->old);
	if (!ItemPointerIsValid(&effect->tid))
	{
		add_change(table, STREAM_OP_DELETE, before, NULL);
		return;
	}

	if (!fetch_new(table, effect))
		return;
	row = make_image(table, false);
	key = make_image(table, true);
	if (before != NULL && strcmp(before, key) != 0)
	{
		add_change(table, STREAM_OP_DELETE, before, NULL);
		add_change(table, STREAM_OP_CREATE, key, row);
	}
	else
		add_change(table, operation(effect), key, row);
}

/*
 * The same if no key has changed: the row is all there is to know.
 */
static void
pack_effect(TableChanges *table, Effect *effect)
{
	StringInfo	json;

	if (!fetch_new(table, effect))
		return;
	json = dsql_stream_pack_begin(table->pack, operation(effect));
	dsql_stream_image_append(json, table->image, table->slot, false);
	dsql_stream_pack_end(table->pack);
}

static int
compare_keys(const ListCell *a, const ListCell *b)
{
	const KeyedChange *left = lfirst(a);
	const KeyedChange *right = lfirst(b);
	int			result = strcmp(left->key, right->key);

	/* A deletion comes first. */
	return result != 0 ? result : (right->op == STREAM_OP_DELETE) -
		(left->op == STREAM_OP_DELETE);
}

/*
 * A row that was deleted, and made again with the same key, was updated: there
 * is one record for each key.
 */
static void
merge_keys(TableChanges *table)
{
	List	   *merged = NIL;
	KeyedChange *last = NULL;
	ListCell   *lc;

	list_sort(table->changes, compare_keys);
	foreach(lc, table->changes)
	{
		KeyedChange *change = lfirst(lc);

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

static void
pack_keyed(TableChanges *table)
{
	ListCell   *lc;

	if (table->changes != NIL && dsql_stream_image_has_key(table->image))
		merge_keys(table);
	foreach(lc, table->changes)
	{
		KeyedChange *change = lfirst(lc);
		char	   *image = change->op == STREAM_OP_DELETE ?
		change->key : change->row;
		StringInfo	json = dsql_stream_pack_begin(table->pack, change->op);

		if (image != NULL)
			appendStringInfoString(json, image);
		dsql_stream_pack_end(table->pack);
	}
}

static bool
is_same(const Effect *a, const Effect *b)
{
	return a->relid == b->relid &&
		ItemPointerIsValid((ItemPointer) &a->tid) &&
		ItemPointerIsValid((ItemPointer) &b->tid) &&
		ItemPointerEquals((ItemPointer) &a->tid, (ItemPointer) &b->tid);
}

static void
pack_table(StreamPack *pack, Relation rel, const char *home, Effect *effects,
		   int n)
{
	TableChanges table = {.rel = rel,.pack = pack};

	dsql_stream_pack_table(pack, home,
						   dsql_stream_watch_schema_name(RelationGetNamespace(rel)),
						   RelationGetRelationName(rel));
	table.slot = table_slot_create(rel, NULL);
	table.image = dsql_stream_image_prepare(rel);
	for (int i = 0; i < n; i++)
		if (!ItemPointerIsValid(&effects[i].tid) || effects[i].key_may_differ)
			table.need_keys = true;
	for (int i = 0; i < n; i++)
	{
		if (i > 0 && is_same(&effects[i - 1], &effects[i]))
			continue;
		if (table.need_keys)
			add_effect(&table, &effects[i]);
		else
			pack_effect(&table, &effects[i]);
	}
	ExecDropSingleTupleTableSlot(table.slot);
	pack_keyed(&table);
}

/*
 * The changes of one table, if anybody gets them.
 */
static void
pack_changes_of(StreamPack *pack, Oid relid, Effect *effects, int n)
{
	Relation	rel = RelationIdGetRelation(relid);
	const char *home;

	if (rel == NULL)
		return;
	if (rel->rd_rel->relkind == RELKIND_RELATION &&
		rel->rd_rel->relpersistence != RELPERSISTENCE_TEMP &&
		dsql_stream_watch_schema(RelationGetNamespace(rel), &home))
		pack_table(pack, rel, home, effects, n);
	RelationClose(rel);
}

static void
pack_all_changes(StreamPack *pack)
{
	Effect	   *effects = MemoryContextAllocHuge(CurrentMemoryContext,
												 sizeof(Effect) *
												 ((Size) dsql_write_set_nrows +
												  dsql_new_rows_count));
	int			n = collect_found(effects);
	int			last;

	n += collect_new(effects + n);
	if (n > 1)
		qsort(effects, n, sizeof(Effect), compare_effects);
	for (int i = 0; i < n; i = last)
	{
		for (last = i + 1; last < n && effects[last].relid == effects[i].relid;)
			last++;
		pack_changes_of(pack, effects[i].relid, effects + i, last - i);
	}
}

static void
leave_records(StreamPack *pack)
{
	int			count = dsql_stream_pack_count(pack);
	int64		position;
	int64		time;

	if (count == 0)
		return;
	position = dsql_stream_position_take(count);
	time = dsql_stream_position_time(position);
	dsql_stream_pack_seal(pack, time,
						  dsql_stream_record_transaction(time / 1000000));
	dsql_stream_worker_add(dsql_stream_outbox_insert(pack->bodies, position,
													 dsql_clock_now()));
}

void
dsql_stream_capture_pre_commit(void)
{
	StreamPack	pack = {0};
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
	pack_all_changes(&pack);
	leave_records(&pack);
	PopActiveSnapshot();
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
}
