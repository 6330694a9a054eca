/*
 * catalog.c
 *		The rows of the extension's own tables, in the schema "dsql".
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/pg_collation.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "base/catalog.h"
#include "base/extension_version.h"

Oid
dsql_catalog_relid(const char *name)
{
	Oid			schema = get_namespace_oid("dsql", true);

	return OidIsValid(schema) ? get_relname_relid(name, schema) : InvalidOid;
}

bool
dsql_catalog_try_open(DsqlCatalogScan *scan, const char *table, LOCKMODE lockmode)
{
	Oid			relid = dsql_catalog_relid(table);
	int			natts;

	memset(scan, 0, sizeof(*scan));
	if (!OidIsValid(relid))
		return false;
	dsql_extension_version_require();
	scan->relation = try_table_open(relid, lockmode);
	if (scan->relation == NULL)
		return false;
	scan->lockmode = lockmode;
	natts = RelationGetNumberOfAttributes(scan->relation);
	scan->values = palloc(natts * sizeof(Datum));
	scan->nulls = palloc(natts * sizeof(bool));
	return true;
}

void
dsql_catalog_open(DsqlCatalogScan *scan, const char *table, LOCKMODE lockmode)
{
	if (!dsql_catalog_try_open(scan, table, lockmode))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation \"dsql.%s\" does not exist", table),
				 errhint("Run CREATE EXTENSION dsql_emu.")));
}

void
dsql_catalog_close(DsqlCatalogScan *scan)
{
	if (scan->scan != NULL && scan->index != NULL)
		systable_endscan_ordered(scan->scan);
	else if (scan->scan != NULL)
		systable_endscan(scan->scan);
	if (scan->snapshot != NULL)
		UnregisterSnapshot(scan->snapshot);
	if (scan->index != NULL)
		index_close(scan->index, AccessShareLock);
	if (scan->indexes != NULL)
	{
		CatalogCloseIndexes(scan->indexes);
		CommandCounterIncrement();
	}
	table_close(scan->relation,
				scan->lockmode == AccessShareLock ? AccessShareLock : NoLock);
	pfree(scan->values);
	pfree(scan->nulls);
}

/*
 * The table's column of this name.
 */
static AttrNumber
column_number(const DsqlCatalogScan *scan, const char *column)
{
	TupleDesc	desc = RelationGetDescr(scan->relation);

	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		if (!att->attisdropped && strcmp(NameStr(att->attname), column) == 0)
			return att->attnum;
	}
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_COLUMN),
			 errmsg("table \"dsql.%s\" has no column \"%s\"",
					RelationGetRelationName(scan->relation), column),
			 errhint("Run ALTER EXTENSION dsql_emu UPDATE.")));
}

void
dsql_catalog_key(DsqlCatalogScan *scan, const char *column,
				 StrategyNumber strategy, Oid function, Datum value)
{
	AttrNumber	attnum = column_number(scan, column);

	Assert(scan->scan == NULL);
	Assert(scan->nkeys < DSQL_CATALOG_MAX_KEYS);
	ScanKeyEntryInitialize(&scan->keys[scan->nkeys++], 0, attnum, strategy,
						   InvalidOid,
						   TupleDescAttr(RelationGetDescr(scan->relation),
										 attnum - 1)->attcollation,
						   function, value);
}

void
dsql_catalog_key_text(DsqlCatalogScan *scan, const char *column,
					  const char *value)
{
	dsql_catalog_key(scan, column, BTEqualStrategyNumber, F_TEXTEQ,
					 CStringGetTextDatum(value));
}

/*
 * No new snapshot can be taken where workers share the session's: CREATE TABLE
 * AS writes rows of a parallel query.
 */
static Snapshot
latest_snapshot(void)
{
	return RegisterSnapshot(IsInParallelMode() ? GetActiveSnapshot() :
							GetLatestSnapshot());
}

static void
begin_scan(DsqlCatalogScan *scan, const char *index, ScanDirection direction)
{
	Assert(scan->scan == NULL);
	scan->direction = direction;
	scan->snapshot = latest_snapshot();
	if (index == NULL)
	{
		scan->scan = systable_beginscan(scan->relation, InvalidOid, false,
										scan->snapshot, scan->nkeys,
										scan->keys);
		return;
	}
	scan->index = index_open(dsql_catalog_relid(index), AccessShareLock);
	scan->scan = systable_beginscan_ordered(scan->relation, scan->index,
											scan->snapshot, scan->nkeys,
											scan->keys);
}

void
dsql_catalog_begin(DsqlCatalogScan *scan, const char *index)
{
	begin_scan(scan, index, ForwardScanDirection);
}

void
dsql_catalog_begin_backward(DsqlCatalogScan *scan, const char *index)
{
	Assert(index != NULL);
	begin_scan(scan, index, BackwardScanDirection);
}

bool
dsql_catalog_next(DsqlCatalogScan *scan)
{
	Assert(scan->scan != NULL);
	scan->tuple = scan->index == NULL ? systable_getnext(scan->scan) :
		systable_getnext_ordered(scan->scan, scan->direction);
	if (!HeapTupleIsValid(scan->tuple))
		return false;
	heap_deform_tuple(scan->tuple, RelationGetDescr(scan->relation),
					  scan->values, scan->nulls);
	return true;
}

bool
dsql_catalog_is_null(const DsqlCatalogScan *scan, const char *column)
{
	Assert(scan->tuple != NULL);
	return scan->nulls[column_number(scan, column) - 1];
}

Datum
dsql_catalog_value(const DsqlCatalogScan *scan, const char *column)
{
	AttrNumber	attnum = column_number(scan, column);

	Assert(scan->tuple != NULL);
	if (scan->nulls[attnum - 1])
		elog(ERROR, "null in column \"%s\" of table \"dsql.%s\"", column,
			 RelationGetRelationName(scan->relation));
	return scan->values[attnum - 1];
}

char *
dsql_catalog_text(const DsqlCatalogScan *scan, const char *column)
{
	return dsql_catalog_is_null(scan, column) ? NULL :
		TextDatumGetCString(dsql_catalog_value(scan, column));
}

Jsonb *
dsql_catalog_jsonb(const DsqlCatalogScan *scan, const char *column)
{
	return dsql_catalog_is_null(scan, column) ? NULL :
		DatumGetJsonbPCopy(dsql_catalog_value(scan, column));
}

TimestampTz
dsql_catalog_time(const DsqlCatalogScan *scan, const char *column)
{
	return DatumGetTimestampTz(dsql_catalog_value(scan, column));
}

int64
dsql_catalog_int64(const DsqlCatalogScan *scan, const char *column)
{
	return DatumGetInt64(dsql_catalog_value(scan, column));
}

bool
dsql_catalog_bool(const DsqlCatalogScan *scan, const char *column)
{
	return DatumGetBool(dsql_catalog_value(scan, column));
}

void
dsql_catalog_row_init(DsqlCatalogRow *row, const DsqlCatalogScan *scan)
{
	int			natts = RelationGetNumberOfAttributes(scan->relation);

	row->values = palloc0(natts * sizeof(Datum));
	row->nulls = palloc(natts * sizeof(bool));
	row->is_set = palloc0(natts * sizeof(bool));
	memset(row->nulls, true, natts * sizeof(bool));
}

void
dsql_catalog_set(DsqlCatalogRow *row, const DsqlCatalogScan *scan,
				 const char *column, Datum value)
{
	AttrNumber	attnum = column_number(scan, column);

	row->values[attnum - 1] = value;
	row->nulls[attnum - 1] = false;
	row->is_set[attnum - 1] = true;
}

void
dsql_catalog_set_text(DsqlCatalogRow *row, const DsqlCatalogScan *scan,
					  const char *column, const char *value)
{
	if (value != NULL)
		dsql_catalog_set(row, scan, column, CStringGetTextDatum(value));
	else
		row->is_set[column_number(scan, column) - 1] = true;
}

static HeapTuple
form_tuple(DsqlCatalogScan *scan, DsqlCatalogRow *row)
{
	Assert(scan->lockmode > AccessShareLock);

	/* The heap insists on one, as a value could be toasted. */
	if (scan->snapshot == NULL)
		scan->snapshot = latest_snapshot();
	return heap_form_tuple(RelationGetDescr(scan->relation), row->values,
						   row->nulls);
}

void
dsql_catalog_insert(DsqlCatalogScan *scan, DsqlCatalogRow *row)
{
	HeapTuple	tuple = form_tuple(scan, row);

	CatalogTupleInsert(scan->relation, tuple);
	heap_freetuple(tuple);
	CommandCounterIncrement();
}

void
dsql_catalog_append(DsqlCatalogScan *scan, DsqlCatalogRow *row)
{
	HeapTuple	tuple = form_tuple(scan, row);

	if (scan->indexes == NULL)
		scan->indexes = CatalogOpenIndexes(scan->relation);
	CatalogTupleInsertWithInfo(scan->relation, tuple, scan->indexes);
	heap_freetuple(tuple);
}

void
dsql_catalog_update(DsqlCatalogScan *scan, DsqlCatalogRow *row)
{
	HeapTuple	tuple = heap_modify_tuple(scan->tuple,
										  RelationGetDescr(scan->relation),
										  row->values, row->nulls,
										  row->is_set);

	Assert(scan->lockmode > AccessShareLock);
	CatalogTupleUpdate(scan->relation, &scan->tuple->t_self, tuple);
	heap_freetuple(tuple);
	CommandCounterIncrement();
}

void
dsql_catalog_delete(DsqlCatalogScan *scan)
{
	Assert(scan->lockmode > AccessShareLock);
	CatalogTupleDelete(scan->relation, &scan->tuple->t_self);
	CommandCounterIncrement();
}
