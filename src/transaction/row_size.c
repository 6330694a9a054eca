/*
 * row_size.c
 *		What a row may hold, and what writing it costs.
 *
 * 1. A value has a limit of size, and a row has one.  What is compressed
 *	  counts as compressed.
 * 2. The columns of a key share a budget; in an index, the columns of the
 *	  primary key share it as well.
 * 3. A transaction's size is that of its rows as they are in the end, something
 *	  for each row, and the index entries.  A short row counts as it is stored,
 *	  with the few bytes that PostgreSQL adds to values.
 *
 * Nothing is measured that no limit asks for.
 *
 * Rows come here from the table access method.  Keys are known as they are
 * handed to an index: each index of a table that is written gets a function of
 * ours in front of B-tree's own, in the relation cache's copy of the access
 * method's routine.
 */
#include "postgres.h"

#include "access/amapi.h"
#include "access/detoast.h"
#include "access/genam.h"
#include "access/htup_details.h"
#include "access/toast_compression.h"
#include "access/toast_internals.h"
#include "catalog/pg_am.h"
#include "catalog/pg_type.h"
#include "nodes/execnodes.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "base/limit.h"
#include "base/refuse.h"
#include "base/session.h"
#include "transaction/row_size.h"
#include "transaction/transaction_rules.h"

/*
 * What a row and an index entry add to the size of a transaction, beside their
 * values.  On a cluster, 500 rows of together 9.93 MiB could be written to a
 * table without secondary indexes, and of 9.11 MiB with four indexes on texts
 * of 100 bytes; these figures make it so.
 */
#define ROW_OVERHEAD 146
#define INDEX_ENTRY_OVERHEAD 330

/* What each further column takes from the budget of a key. */
#define KEY_COLUMN_OVERHEAD 7

/* Values up to this size are not worth compressing. */
#define COMPRESSION_THRESHOLD 2048

/*
 * A row's values, of which those that were compressed to see their size are
 * kept: they need not be compressed again to be stored.
 */
typedef struct RowValues
{
	TupleDesc	desc;
	Datum	   *values;
	bool	   *nulls;
	Datum	   *compressed;		/* copy of "values", with what was compressed
								 * in it; NULL if nothing was */
} RowValues;

/* The service's own method, if this server knows it. */
#ifdef USE_LZ4
#define COMPRESSION_METHOD TOAST_LZ4_COMPRESSION
#else
#define COMPRESSION_METHOD TOAST_PGLZ_COMPRESSION
#endif

/* The primary key of the row whose index entries are being inserted. */
static struct
{
	Oid			table;
	ItemPointerData tid;
	int			ncolumns;
	AttrNumber	columns[INDEX_MAX_KEYS];
	int64		sizes[INDEX_MAX_KEYS];
}			primary_key;

/*
 * Tables whose indexes have our function, by their OID modulo the size, and
 * how many changes of relations this session had heard of then.
 */
static struct
{
	Oid			table;
	uint64		changes;
}			watched[64];
static uint64 relation_changes = 1;

static aminsert_function btree_insert = NULL;

/*
 * Does any limit ask for the size of values, and of keys?
 */
static inline bool
values_matter(void)
{
	return dsql_limit_is_on(limit_transaction_size) ||
		dsql_limit_is_on(limit_row_size) ||
		dsql_limit_is_on(limit_column_size) ||
		dsql_limit_is_on(limit_varchar_size);
}

static inline bool
keys_matter(void)
{
	return dsql_limit_is_on(limit_transaction_size) ||
		dsql_limit_is_on(limit_key_size);
}

/*
 * Does the service compress a column?
 */
static bool
is_compressed(Form_pg_attribute att)
{
	if (att->attstorage != TYPSTORAGE_EXTENDED &&
		att->attstorage != TYPSTORAGE_MAIN)
		return false;

	switch (getBaseType(att->atttypid))
	{
		case TEXTOID:
		case VARCHAROID:
		case BPCHAROID:
		case JSONOID:
		case JSONBOID:
			return true;
		default:
			return false;
	}
}

/*
 * The size of a value as it is, without any header.
 */
static int64
raw_size(Form_pg_attribute att, Datum value)
{
	if (att->attlen > 0)
		return att->attlen;
	if (att->attlen == -2)
		return strlen(DatumGetCString(value));
	return toast_raw_datum_size(value) - VARHDRSZ;
}

static void
keep_compressed(RowValues *row, int i, Datum compressed)
{
	int			natts = row->desc->natts;

	if (row->compressed == NULL)
	{
		row->compressed = palloc(natts * sizeof(Datum));
		memcpy(row->compressed, row->values, natts * sizeof(Datum));
	}
	row->compressed[i] = compressed;
}

static void
free_compressed(RowValues *row)
{
	if (row->compressed == NULL)
		return;
	for (int i = 0; i < row->desc->natts; i++)
		if (row->compressed[i] != row->values[i])
			pfree(DatumGetPointer(row->compressed[i]));
	pfree(row->compressed);
	row->compressed = NULL;
}

/*
 * The size of a row's value as it is stored.
 */
static int64
stored_size(RowValues *row, int i)
{
	Form_pg_attribute att = TupleDescAttr(row->desc, i);
	Datum		value = row->values[i];
	int64		size = raw_size(att, value);
	struct varlena *stored = (struct varlena *) DatumGetPointer(value);
	Datum		compressed;

	if (att->attlen != -1 || size <= COMPRESSION_THRESHOLD ||
		!is_compressed(att))
		return size;

	if (VARATT_IS_EXTERNAL_ONDISK(stored))
	{
		struct varatt_external pointer;

		VARATT_EXTERNAL_GET_POINTER(pointer, stored);
		return VARATT_EXTERNAL_GET_EXTSIZE(pointer);
	}
	if (VARATT_IS_EXTERNAL(stored))
		return size;
	if (VARATT_IS_COMPRESSED(stored))
		return VARSIZE(stored) - VARHDRSZ_COMPRESSED;

	compressed = toast_compress_datum(value, COMPRESSION_METHOD);
	if (DatumGetPointer(compressed) == NULL)
		return size;
	keep_compressed(row, i, compressed);
	return VARSIZE(DatumGetPointer(compressed)) - VARHDRSZ_COMPRESSED;
}

static void
refuse_column(Form_pg_attribute att, int limit)
{
	Oid			type = getBaseType(att->atttypid);
	HeapTuple	tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(type));
	char	   *name;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for type %u", type);
	name = pstrdup(NameStr(((Form_pg_type) GETSTRUCT(tuple))->typname));
	ReleaseSysCache(tuple);
	dsql_refuse(RULE_LIMIT_COLUMN_SIZE, limit, name);
	pfree(name);
}

/*
 * The size of a row, with its values checked if they are new.
 */
static int64
row_size(RowValues *row, bool is_new)
{
	int			limit = dsql_limit(limit_column_size);
	int			varchar_limit = dsql_limit(limit_varchar_size);
	int64		total = 0;

	for (int i = 0; i < row->desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(row->desc, i);
		int64		size;

		if (row->nulls[i] || att->attisdropped)
			continue;
		size = stored_size(row, i);
		if (is_new && size > varchar_limit &&
			getBaseType(att->atttypid) == VARCHAROID)
			refuse_column(att, varchar_limit);
		if (is_new && size > limit)
			refuse_column(att, limit);
		total += size;
	}
	return total;
}

/*
 * Is a tuple so short that no limit of values or rows can be met, and nothing
 * in it would be compressed?
 */
static inline bool
is_short(HeapTuple tuple)
{
	return tuple->t_len <= COMPRESSION_THRESHOLD &&
		tuple->t_len <= (uint32) dsql_limit(limit_column_size) &&
		tuple->t_len <= (uint32) dsql_limit(limit_varchar_size) &&
		tuple->t_len <= (uint32) dsql_limit(limit_row_size) &&
		!HeapTupleHasExternal(tuple);
}

static inline int64
short_size(HeapTuple tuple)
{
	return tuple->t_len - tuple->t_data->t_hoff;
}

static int64
tuple_size(Relation rel, HeapTuple tuple)
{
	RowValues	row = {RelationGetDescr(rel)};
	int64		size;

	if (is_short(tuple))
		return short_size(tuple);
	row.values = palloc(row.desc->natts * sizeof(Datum));
	row.nulls = palloc(row.desc->natts * sizeof(bool));
	heap_deform_tuple(tuple, row.desc, row.values, row.nulls);
	size = row_size(&row, false);
	free_compressed(&row);
	pfree(row.values);
	pfree(row.nulls);
	return size;
}

/*
 * The tuple that a slot holds, or NULL if it holds values.
 */
static inline HeapTuple
slot_tuple(TupleTableSlot *slot)
{
	if (!TTS_IS_HEAPTUPLE(slot) && !TTS_IS_BUFFERTUPLE(slot))
		return NULL;
	return ((HeapTupleTableSlot *) slot)->tuple;
}

/*
 * The size of a new row, which meets the limits.  If it is not in the table
 * yet, it has what was compressed afterwards.
 */
static int64
new_row_size(Relation rel, TupleTableSlot *slot, bool is_stored)
{
	RowValues	row = {RelationGetDescr(rel)};
	int64		size;

	slot_getallattrs(slot);
	row.values = slot->tts_values;
	row.nulls = slot->tts_isnull;
	size = row_size(&row, true);
	if (size > dsql_limit(limit_row_size))
		dsql_refuse(RULE_LIMIT_ROW_SIZE);

	if (row.compressed != NULL && !is_stored)
	{
		MemoryContext old = MemoryContextSwitchTo(slot->tts_mcxt);
		HeapTuple	tuple = heap_form_tuple(row.desc, row.compressed, row.nulls);

		MemoryContextSwitchTo(old);
		free_compressed(&row);
		ExecForceStoreHeapTuple(tuple, slot, true);
	}
	else
		free_compressed(&row);
	return size;
}

/*
 * The size of each key column of an index entry; returns their sum.
 */
static int64
key_sizes(TupleDesc desc, int columns, Datum *values, bool *nulls,
		  int64 *sizes)
{
	int64		total = 0;

	for (int i = 0; i < columns; i++)
	{
		sizes[i] = nulls[i] ? 0 : raw_size(TupleDescAttr(desc, i), values[i]);
		total += sizes[i];
	}
	return total;
}

/*
 * Is the table's column one of these?
 */
static inline bool
is_among(AttrNumber column, const AttrNumber *columns, int count)
{
	for (int i = 0; i < count; i++)
		if (columns[i] == column)
			return true;
	return false;
}

/*
 * Check an index entry, and count it unless it is the row itself, which the
 * primary key is.  The primary key comes first, it is the oldest index.
 */
static void
check_entry(Relation index, Datum *values, bool *nulls, Oid table,
			ItemPointer tid)
{
	Form_pg_index form = index->rd_index;
	TupleDesc	desc = RelationGetDescr(index);
	int			columns = form->indnkeyatts;
	int64		sizes[INDEX_MAX_KEYS];
	int64		key;

	if (form->indisprimary)
	{
		key = key_sizes(desc, columns, values, nulls, primary_key.sizes);
		primary_key.table = table;
		primary_key.tid = *tid;
		primary_key.ncolumns = columns;
		for (int i = 0; i < columns; i++)
			primary_key.columns[i] = form->indkey.values[i];
	}
	else
	{
		int64		included = 0;

		key = key_sizes(desc, columns, values, nulls, sizes);
		for (int i = columns; i < desc->natts; i++)
			if (!nulls[i])
				included += raw_size(TupleDescAttr(desc, i), values[i]);
		dsql_transaction_count_bytes(INDEX_ENTRY_OVERHEAD + key + included);

		if (primary_key.table == table &&
			ItemPointerEquals(&primary_key.tid, tid))
			for (int i = 0; i < primary_key.ncolumns; i++)
				if (!is_among(primary_key.columns[i], form->indkey.values,
							  form->indnkeyatts))
				{
					key += primary_key.sizes[i];
					columns++;
				}
	}

	if (key + (columns - 1) * KEY_COLUMN_OVERHEAD > dsql_limit(limit_key_size))
		dsql_refuse(RULE_LIMIT_KEY_SIZE);
}

static bool
row_aminsert(Relation index, Datum *values, bool *nulls, ItemPointer tid,
			 Relation table, IndexUniqueCheck check, bool unchanged,
			 IndexInfo *info)
{
	if (keys_matter() && check != UNIQUE_CHECK_EXISTING &&
		(!unchanged || index->rd_index->indisprimary) &&
		dsql_session_emulated())
		check_entry(index, values, nulls, RelationGetRelid(table), tid);
	return btree_insert(index, values, nulls, tid, table, check, unchanged,
						info);
}

static void
forget_watched(Datum arg, Oid relid)
{
	relation_changes++;
}

/*
 * Put our function in front of the indexes' own.  An index that the executor
 * has open for the rows to come keeps it; any other loses it together with its
 * place in the relation cache, of which we hear.
 */
static void
watch_indexes(Relation rel)
{
	static bool callback_registered = false;
	uint64		changes = relation_changes;
	List	   *indexes = RelationGetIndexList(rel);
	ListCell   *lc;

	if (!callback_registered)
	{
		CacheRegisterRelcacheCallback(forget_watched, (Datum) 0);
		callback_registered = true;
	}

	foreach(lc, indexes)
	{
		Relation	index = index_open(lfirst_oid(lc), RowExclusiveLock);

		if (index->rd_rel->relam == BTREE_AM_OID &&
			index->rd_indam->aminsert != row_aminsert)
		{
			btree_insert = index->rd_indam->aminsert;
			index->rd_indam->aminsert = row_aminsert;
		}
		index_close(index, NoLock);
	}
	list_free(indexes);

	watched[RelationGetRelid(rel) % lengthof(watched)].table = RelationGetRelid(rel);
	watched[RelationGetRelid(rel) % lengthof(watched)].changes = changes;
}

void
dsql_row_size_write(Relation rel, TupleTableSlot *slot, HeapTuple replaced)
{
	Oid			oid = RelationGetRelid(rel);
	HeapTuple	tuple;
	int64		size;

	if (keys_matter() &&
		(watched[oid % lengthof(watched)].table != oid ||
		 watched[oid % lengthof(watched)].changes != relation_changes))
		watch_indexes(rel);
	if (!values_matter())
		return;

	tuple = slot_tuple(slot);
	if (tuple != NULL && is_short(tuple))
		size = short_size(tuple);
	else
		size = new_row_size(rel, slot, replaced != NULL);

	if (!dsql_limit_is_on(limit_transaction_size))
		return;
	if (replaced != NULL)
		size -= tuple_size(rel, replaced);
	else
		size += ROW_OVERHEAD;
	dsql_transaction_count_bytes(size);
}

void
dsql_row_size_delete(Relation rel, HeapTuple replaced)
{
	if (!dsql_limit_is_on(limit_transaction_size))
		return;
	if (replaced != NULL)
		dsql_transaction_count_bytes(-tuple_size(rel, replaced));
	else
		dsql_transaction_count_bytes(ROW_OVERHEAD);
}
