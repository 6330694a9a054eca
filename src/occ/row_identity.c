/*
 * row_identity.c
 *		What identifies a row, whichever version of it one looks at.
 *
 * Transactions that meet at a row have to find each other by something that an
 * update of other columns leaves alone.  That is the primary key, or else the
 * first unique index none of whose columns is null in this row.
 *
 * Values are compared by their images, as heap does it.  A value that is replaced
 * by an equal one that looks different has changed, and the row's key with it:
 * whoever has found the row before will meet the change itself.
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

#include "base/compat.h"
#include "occ/row_identity.h"

/* What is at stake in an update of a column. */
#define COLUMN_INDEXED	0x01	/* an index has it, in any way */
#define COLUMN_KEY		0x02	/* a unique index could be referenced by it */

typedef struct KeyColumn
{
	AttrNumber	attno;
	bool		last;			/* of its key */
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

static TableKeys *
add_key(TableKeys *keys, const AttrNumber *attnos, int n)
{
	int			first = keys->nkeys;

	keys = repalloc(keys, offsetof(TableKeys, keys) +
					(first + n) * sizeof(KeyColumn));
	for (int i = 0; i < n; i++)
	{
		keys->keys[first + i].attno = attnos[i];
		keys->keys[first + i].last = i == n - 1;
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
			keys = add_key(keys, form->indkey.values, form->indnkeyatts);
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

static uint64
hash_image(Datum value, Form_pg_attribute att)
{
	struct varlena *varlena;
	uint64		hash;

	if (att->attbyval)
		return hash_bytes_extended((unsigned char *) &value, sizeof(Datum), 0);
	if (att->attlen > 0)
		return hash_bytes_extended((unsigned char *) DatumGetPointer(value),
								   att->attlen, 0);
	if (att->attlen == -2)
		return hash_bytes_extended((unsigned char *) DatumGetCString(value),
								   strlen(DatumGetCString(value)), 0);

	/* The same value may be stored in more than one way. */
	varlena = PG_DETOAST_DATUM_PACKED(value);
	hash = hash_bytes_extended((unsigned char *) VARDATA_ANY(varlena),
							   VARSIZE_ANY_EXHDR(varlena), 0);
	if ((Pointer) varlena != DatumGetPointer(value))
		pfree(varlena);
	return hash;
}

/*
 * The tuple's hash by the key that begins with this column.  False if a value
 * is null; *column becomes the next key's first one in any case.
 */
static bool
hash_key(Relation rel, HeapTuple tuple, int *column, uint64 *hash)
{
	TupleDesc	desc = RelationGetDescr(rel);
	bool		complete = true;
	KeyColumn	key = {0};

	*hash = 0;
	while (!key.last)
	{
		TableKeys  *keys = get_keys(rel);	/* to detoast may have reset it */
		bool		isnull;
		Datum		value;

		if (*column >= keys->nkeys)
			return false;
		key = keys->keys[(*column)++];
		value = heap_getattr(tuple, key.attno, desc, &isnull);
		if (isnull)
			complete = false;
		else if (complete)
			*hash = hash_combine64(hash_combine64(*hash, key.attno),
								   hash_image(value, TupleDescAttr(desc, key.attno - 1)));
	}
	return complete;
}

uint64
dsql_row_identity_hash(Relation rel, HeapTuple tuple, bool *of_version)
{
	int			column = 0;
	uint64		hash;

	*of_version = false;
	while (column < get_keys(rel)->nkeys)
		if (hash_key(rel, tuple, &column, &hash))
			return hash;
	*of_version = true;
	return dsql_row_identity_hash_version(&tuple->t_self);
}

uint64
dsql_row_identity_hash_version(ItemPointer tid)
{
	return hash_bytes_extended((unsigned char *) tid, sizeof(ItemPointerData), 0);
}

LockTupleMode
dsql_row_identity_compare(Relation rel, HeapTuple oldtuple, HeapTuple newtuple,
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
		newvalue = heap_getattr(newtuple, i + 1, desc, &newnull);
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
