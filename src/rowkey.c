/*
 * rowkey.c
 *		What identifies a row, whichever version of it one looks at.
 *
 * Transactions that meet at a row have to find each other by something that an
 * update of other columns leaves alone.  That is the primary key, or else the
 * first unique index whose columns cannot be null.
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
	Oid			collation;
	FmgrInfo	hash;
} KeyColumn;

typedef struct TableKeys
{
	int			nkeys;			/* 0 if nothing identifies a row */
	KeyColumn	keys[INDEX_MAX_KEYS];
	uint8		columns[FLEXIBLE_ARRAY_MEMBER]; /* COLUMN_*, by attno - 1 */
} TableKeys;

/*
 * Flag the columns of one of the relation cache's sets, whose members are
 * shifted so that system columns fit.
 */
static void
flag_columns(TableKeys *keys, int natts, Bitmapset *attrs, uint8 flag)
{
	int			i = -1;

	while ((i = bms_next_member(attrs, i)) >= 0)
	{
		AttrNumber	attno = i + FirstLowInvalidHeapAttributeNumber;

		if (attno > 0)
			keys->columns[attno - 1] |= flag;
		else if (attno == 0)
		{
			/* an expression on the whole row */
			for (int j = 0; j < natts; j++)
				keys->columns[j] |= flag;
		}
	}
	bms_free(attrs);
}

/*
 * Take these columns for the key, unless their types cannot be hashed.
 */
static void
take_key(TableKeys *keys, TupleDesc desc, const AttrNumber *attnos, int n)
{
	for (int i = 0; i < n; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, attnos[i] - 1);
		TypeCacheEntry *type = lookup_type_cache(att->atttypid,
												 TYPECACHE_HASH_EXTENDED_PROC);

		if (!OidIsValid(type->hash_extended_proc))
		{
			keys->nkeys = 0;
			return;
		}
		keys->keys[i].attno = attnos[i];
		keys->keys[i].collation = att->attcollation;
		fmgr_info_cxt(type->hash_extended_proc, &keys->keys[i].hash,
					  CacheMemoryContext);
	}
	keys->nkeys = n;
}

/*
 * Could the index identify rows: is there one row at most for each value, and
 * one value for each row?
 */
static bool
identifies_rows(Relation index, TupleDesc desc)
{
	Form_pg_index form = index->rd_index;

	if (!form->indisunique || !form->indimmediate || !form->indisvalid ||
		RelationGetIndexExpressions(index) != NIL ||
		RelationGetIndexPredicate(index) != NIL)
		return false;
	for (int i = 0; i < form->indnkeyatts; i++)
		if (!TupleDescAttr(desc, form->indkey.values[i] - 1)->attnotnull)
			return false;
	return true;
}

static void
find_key(Relation rel, TableKeys *keys)
{
	List	   *indexes = RelationGetIndexList(rel);
	ListCell   *lc;

	foreach(lc, indexes)
	{
		Relation	index = index_open(lfirst_oid(lc), AccessShareLock);
		Form_pg_index form = index->rd_index;

		if (form->indisprimary ||
			(keys->nkeys == 0 && identifies_rows(index, RelationGetDescr(rel))))
			take_key(keys, RelationGetDescr(rel), form->indkey.values,
					 form->indnkeyatts);
		index_close(index, NoLock);
		if (form->indisprimary)
			break;
	}
	list_free(indexes);
}

/*
 * The result is good until the next look into a catalog.
 */
static TableKeys *
get_keys(Relation rel)
{
	int			natts = RelationGetNumberOfAttributes(rel);
	Size		size = offsetof(TableKeys, columns) + natts;
	TableKeys  *keys;

	if (likely(rel->rd_amcache != NULL))
		return rel->rd_amcache;

	keys = palloc0(size);
	find_key(rel, keys);
	flag_columns(keys, natts, dsql_indexed_attrs(rel), COLUMN_INDEXED);
	flag_columns(keys, natts,
				 RelationGetIndexAttrBitmap(rel, INDEX_ATTR_BITMAP_KEY),
				 COLUMN_KEY);

	/* Only now: the looks into the catalogs may have reset the cache. */
	rel->rd_amcache = MemoryContextAlloc(CacheMemoryContext, size);
	memcpy(rel->rd_amcache, keys, size);
	pfree(keys);
	return rel->rd_amcache;
}

uint64
dsql_rowkey_hash(Relation rel, HeapTuple tuple)
{
	TupleDesc	desc = RelationGetDescr(rel);
	int			nkeys = get_keys(rel)->nkeys;
	uint64		hash = 0;

	if (nkeys == 0)
		return hash_bytes_extended((unsigned char *) &tuple->t_self,
								   sizeof(ItemPointerData), 0);

	for (int i = 0; i < nkeys; i++)
	{
		/* A copy: a hash function may look into catalogs. */
		KeyColumn	key = get_keys(rel)->keys[i];
		bool		isnull;
		Datum		value = heap_getattr(tuple, key.attno, desc, &isnull);

		if (!isnull)
			value = FunctionCall2Coll(&key.hash, key.collation, value,
									  UInt64GetDatum(0));
		hash = hash_combine64(hash, isnull ? 0 : DatumGetUInt64(value));
	}
	return hash;
}

LockTupleMode
dsql_rowkey_compare(Relation rel, HeapTuple oldtuple, TupleTableSlot *newslot,
					bool *indexed)
{
	TableKeys  *keys = get_keys(rel);
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

		if (keys->columns[i] == 0 || att->attisdropped)
			continue;

		oldvalue = heap_getattr(oldtuple, i + 1, desc, &oldnull);
		newvalue = slot_getattr(newslot, i + 1, &newnull);
		if (oldnull == newnull &&
			(oldnull || datumIsEqual(oldvalue, newvalue, att->attbyval,
									 att->attlen)))
			continue;

		*indexed = true;
		if (keys->columns[i] & COLUMN_KEY)
			mode = LockTupleExclusive;
	}
	return mode;
}
