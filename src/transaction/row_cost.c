/*
 * row_cost.c
 *		Bytes that the service would charge for the rows of a statement.
 *
 * A write is charged for the row and for each entry of a secondary index that
 * comes or goes: the primary key is the row.  An insertion reads a key in each
 * index to see whether it is there.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "utils/datum.h"
#include "utils/rel.h"

#include "transaction/row_cost.h"

DsqlRowCost dsql_row_cost;

/* A row, as columns. */
typedef struct Row
{
	Datum	   *values;
	bool	   *nulls;
} Row;

static double
charged(double bytes)
{
	return Max(bytes, DSQL_ROW_COST_LEAST);
}

static Row
row_of_tuple(Relation rel, HeapTuple tuple)
{
	TupleDesc	desc = RelationGetDescr(rel);
	Row			row;

	row.values = palloc(sizeof(Datum) * desc->natts);
	row.nulls = palloc(sizeof(bool) * desc->natts);
	heap_deform_tuple(tuple, desc, row.values, row.nulls);
	return row;
}

static Size
value_size(Form_pg_attribute column, Datum value)
{
	if (column->attlen == -1)
		return VARSIZE_ANY_EXHDR(DatumGetPointer(value));
	return datumGetSize(value, column->attbyval, column->attlen);
}

static double
row_bytes(Relation rel, const Row *row)
{
	TupleDesc	desc = RelationGetDescr(rel);
	double		bytes = 0;

	for (int i = 0; i < desc->natts; i++)
		if (!row->nulls[i] && !TupleDescAttr(desc, i)->attisdropped)
			bytes += value_size(TupleDescAttr(desc, i), row->values[i]);
	return charged(bytes);
}

/*
 * Expressions are not computed again; an entry seldom has more than the least
 * number of bytes.
 */
static double
entry_bytes(Relation rel, Relation index, const Row *row)
{
	Form_pg_index form = index->rd_index;
	double		bytes = 0;

	for (int i = 0; i < form->indnatts; i++)
	{
		int			column = form->indkey.values[i] - 1;

		if (column >= 0 && !row->nulls[column])
			bytes += value_size(TupleDescAttr(RelationGetDescr(rel), column),
								row->values[column]);
	}
	return charged(bytes);
}

static bool
entry_changes(Relation rel, Relation index, const Row *old, const Row *new)
{
	Form_pg_index form = index->rd_index;

	for (int i = 0; i < form->indnatts; i++)
	{
		int			column = form->indkey.values[i] - 1;
		Form_pg_attribute attribute;

		if (column < 0)
			return true;
		attribute = TupleDescAttr(RelationGetDescr(rel), column);
		if (old->nulls[column] != new->nulls[column])
			return true;
		if (!old->nulls[column] &&
			!datum_image_eq(old->values[column], new->values[column],
							attribute->attbyval, attribute->attlen))
			return true;
	}
	return false;
}

static void
add_entries(Relation rel, const Row *old, const Row *new)
{
	List	   *indexes = RelationGetIndexList(rel);
	ListCell   *lc;

	foreach(lc, indexes)
	{
		Relation	index = index_open(lfirst_oid(lc), AccessShareLock);

		if (old == NULL)
			dsql_row_cost.checked += DSQL_ROW_COST_LEAST;
		if (!index->rd_index->indisprimary &&
			(old == NULL || new == NULL ||
			 entry_changes(rel, index, old, new)))
		{
			if (old != NULL)
				dsql_row_cost.written += entry_bytes(rel, index, old);
			if (new != NULL)
				dsql_row_cost.written += entry_bytes(rel, index, new);
		}
		index_close(index, AccessShareLock);
	}
	list_free(indexes);
}

void
dsql_row_cost_add(Relation rel, TupleTableSlot *slot, HeapTuple old)
{
	Row			old_row;
	Row			new_row;

	if (old != NULL)
		old_row = row_of_tuple(rel, old);
	if (slot != NULL)
	{
		slot_getallattrs(slot);
		new_row.values = slot->tts_values;
		new_row.nulls = slot->tts_isnull;
	}
	dsql_row_cost.written += slot != NULL ? row_bytes(rel, &new_row) :
		DSQL_ROW_COST_LEAST;
	add_entries(rel, old != NULL ? &old_row : NULL,
				slot != NULL ? &new_row : NULL);
}
