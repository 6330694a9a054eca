/*
 * rowkey.c
 *		What identifies a row, whichever version of it one looks at.
 *
 * Transactions that meet at a row have to find each other by something that an
 * update of other columns leaves alone.  That is the primary key, or else the
 * first unique index none of whose columns is null in this row.
 *
 * What we know of a table's indexes is kept in its relation cache entry, in
 * the place that is there for table access methods, and goes away with it.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/sysattr.h"
#include "access/table.h"
#include "common/hashfn.h"
#include "utils/datum.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/typcache.h"

#include "compat.h"
#include "rowkey.h"

/* What is at stake in an update of a column. */
#define COLUMN_INDEXED	0x01	/* an index has it, in any way */
#define COLUMN_KEY		0x02	/* a unique index could be referenced by it */

typedef struct KeyColumn
{
	AttrNumber	attno;
	bool		last;			/* of its key */
	Oid			collation;
	FmgrInfo	hash;
} KeyColumn;

/*
 * The columns of all keys, one key after the other.  If one of them is null in
 * a row, the next key is tried.
 */
typedef struct TableKeys
{
	int			nkeys;			/* 0 if nothing identifies a row */
	int			columns_at;		/* where the columns' flags begin */
	KeyColumn	keys[FLEXIBLE_ARRAY_MEMBER];
} TableKeys;

/* COLUMN_*, by attno - 1 */
static inline uint8 *
get_columns(TableKeys *keys)
{
	return (uint8 *) keys + keys->columns_at;
}

/*
 * Flag the columns of one of the relation cache's sets, whose members are
 * shifted so that system columns fit.
 */
static void
flag_columns(uint8 *columns, int natts, Bitmapset *attrs, uint8 flag)
{
	int			i = -1;

	while ((i = bms_next_member(attrs, i)) >= 0)
	{
		AttrNumber	attno = i + FirstLowInvalidHeapAttributeNumber;

		if (attno > 0)
			columns[attno - 1] |= flag;
		else if (attno == 0)
		{
			/* an expression on the whole row */
			for (int j = 0; j < natts; j++)
				columns[j] |= flag;
		}
	}
	bms_free(attrs);
}

/*
 * Add these columns as a key, unless their types cannot be hashed.
 */
static TableKeys *
add_key(TableKeys *keys, TupleDesc desc, const AttrNumber *attnos, int n)
{
	int			first = keys->nkeys;

	keys = repalloc(keys, offsetof(TableKeys, keys) +
					(first + n) * sizeof(KeyColumn));
	for (int i = 0; i < n; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, attnos[i] - 1);
		TypeCacheEntry *type = lookup_type_cache(att->atttypid,
												 TYPECACHE_HASH_EXTENDED_PROC);
		KeyColumn  *key = &keys->keys[first + i];

		if (!OidIsValid(type->hash_extended_proc))
			return keys;
		key->attno = attnos[i];
		key->last = i == n - 1;
		key->collation = att->attcollation;
		fmgr_info_cxt(type->hash_extended_proc, &key->hash, CacheMemoryContext);
	}
	keys->nkeys = first + n;
	return keys;
}

/*
 * Could the index identify rows: is there one row at most for each value?
 */
static bool
identifies_rows(Relation index)
{
	Form_pg_index form = index->rd_index;

	return form->indisunique && form->indimmediate && form->indisvalid &&
		RelationGetIndexExpressions(index) == NIL &&
		RelationGetIndexPredicate(index) == NIL;
}

static TableKeys *
find_keys(Relation rel)
{
	TableKeys  *keys = palloc0(offsetof(TableKeys, keys));
	Oid			primary;
	List	   *indexes = RelationGetIndexList(rel);
	ListCell   *lc;

	/* The list has been made by now, and with it this. */
	primary = rel->rd_pkindex;
	foreach(lc, indexes)
	{
		Relation	index;
		Form_pg_index form;

		if (OidIsValid(primary) && lfirst_oid(lc) != primary)
			continue;
		index = index_open(lfirst_oid(lc), AccessShareLock);
		form = index->rd_index;
		if (form->indisprimary || identifies_rows(index))
			keys = add_key(keys, RelationGetDescr(rel), form->indkey.values,
						   form->indnkeyatts);
		index_close(index, NoLock);
	}
	list_free(indexes);
	return keys;
}

/*
 * The result is good until the next look into a catalog.
 */
static TableKeys *
get_keys(Relation rel)
{
	int			natts = RelationGetNumberOfAttributes(rel);
	Size		size;
	TableKeys  *keys;

	if (likely(rel->rd_amcache != NULL))
		return rel->rd_amcache;

	keys = find_keys(rel);
	keys->columns_at = offsetof(TableKeys, keys) +
		keys->nkeys * sizeof(KeyColumn);
	size = keys->columns_at + natts;
	keys = repalloc(keys, size);
	memset(get_columns(keys), 0, natts);
	flag_columns(get_columns(keys), natts, dsql_indexed_attrs(rel),
				 COLUMN_INDEXED);
	flag_columns(get_columns(keys), natts,
				 RelationGetIndexAttrBitmap(rel, INDEX_ATTR_BITMAP_KEY),
				 COLUMN_KEY);

	/* Only now: the looks into the catalogs may have reset the cache. */
	rel->rd_amcache = MemoryContextAlloc(CacheMemoryContext, size);
	memcpy(rel->rd_amcache, keys, size);
	pfree(keys);
	return rel->rd_amcache;
}

/*
 * The tuple's hash by the key that begins with this column.  False if a value
 * is null; *column becomes the next key's first one in any case.
 */
static bool
hash_key(Relation rel, HeapTuple tuple, int *column, uint64 *hash)
{
	bool		complete = true;
	KeyColumn	key;

	*hash = 0;
	do
	{
		bool		isnull;
		Datum		value;

		/* A copy: a hash function may look into catalogs. */
		key = get_keys(rel)->keys[(*column)++];
		value = heap_getattr(tuple, key.attno, RelationGetDescr(rel), &isnull);
		if (isnull)
			complete = false;
		else if (complete)
			*hash = hash_combine64(hash_combine64(*hash, key.attno),
								   DatumGetUInt64(FunctionCall2Coll(&key.hash,
																	key.collation,
																	value,
																	UInt64GetDatum(0))));
	} while (!key.last);
	return complete;
}

uint64
dsql_rowkey_hash(Relation rel, HeapTuple tuple)
{
	int			nkeys = get_keys(rel)->nkeys;
	int			column = 0;
	uint64		hash;

	while (column < nkeys)
		if (hash_key(rel, tuple, &column, &hash))
			return hash;
	return hash_bytes_extended((unsigned char *) &tuple->t_self,
							   sizeof(ItemPointerData), 0);
}

LockTupleMode
dsql_rowkey_compare(Relation rel, HeapTuple oldtuple, TupleTableSlot *newslot,
					bool *indexed)
{
	uint8	   *columns = get_columns(get_keys(rel));
	TupleDesc	desc = RelationGetDescr(rel);
	LockTupleMode mode = LockTupleNoKeyExclusive;

	*indexed = false;
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);
		Datum		oldvalue;
		Datum		newvalue;
		bool		oldnull;
		bool		newnull;

		if (columns[i] == 0 || att->attisdropped)
			continue;

		oldvalue = heap_getattr(oldtuple, i + 1, desc, &oldnull);
		newvalue = slot_getattr(newslot, i + 1, &newnull);
		if (oldnull == newnull &&
			(oldnull || datumIsEqual(oldvalue, newvalue, att->attbyval,
									 att->attlen)))
			continue;

		*indexed = true;
		if (columns[i] & COLUMN_KEY)
			mode = LockTupleExclusive;
	}
	return mode;
}
