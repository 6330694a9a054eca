/*
 * dialect_stored.c
 *		Expressions that a definition leaves in the catalogs.
 *
 * A query is checked after its analysis.  Column defaults, generated columns,
 * CHECK constraints and function bodies in SQL syntax are analysed while their
 * statement is executed, where no hook of the analysis is called.  They are
 * checked when their catalog row has been made.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_attrdef.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_proc.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "dialect/dialect.h"

static void
check_column(Oid catalog, Oid index, ScanKey keys, int nkeys, AttrNumber column)
{
	Relation	rel = table_open(catalog, AccessShareLock);
	SysScanDesc scan = systable_beginscan(rel, index, true, SnapshotSelf,
										  nkeys, keys);
	HeapTuple	tuple = systable_getnext(scan);

	if (HeapTupleIsValid(tuple))
	{
		bool		isnull;
		Datum		tree = heap_getattr(tuple, column, RelationGetDescr(rel),
										&isnull);

		if (!isnull)
			dsql_dialect_check_expression(stringToNode(TextDatumGetCString(tree)));
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
}

/*
 * The arguments are those of object_access_hook.
 */
void
dsql_dialect_check_created(Oid class_id, Oid object_id, int sub_id)
{
	ScanKeyData keys[2];

	switch (class_id)
	{
		case ProcedureRelationId:
			ScanKeyInit(&keys[0], Anum_pg_proc_oid, BTEqualStrategyNumber,
						F_OIDEQ, ObjectIdGetDatum(object_id));
			check_column(ProcedureRelationId, ProcedureOidIndexId, keys, 1,
						 Anum_pg_proc_prosqlbody);
			break;

		case ConstraintRelationId:
			ScanKeyInit(&keys[0], Anum_pg_constraint_oid, BTEqualStrategyNumber,
						F_OIDEQ, ObjectIdGetDatum(object_id));
			check_column(ConstraintRelationId, ConstraintOidIndexId, keys, 1,
						 Anum_pg_constraint_conbin);
			break;

			/* Here the object is the table, and the sub-object its column. */
		case AttrDefaultRelationId:
			ScanKeyInit(&keys[0], Anum_pg_attrdef_adrelid, BTEqualStrategyNumber,
						F_OIDEQ, ObjectIdGetDatum(object_id));
			ScanKeyInit(&keys[1], Anum_pg_attrdef_adnum, BTEqualStrategyNumber,
						F_INT2EQ, Int16GetDatum(sub_id));
			check_column(AttrDefaultRelationId, AttrDefaultIndexId, keys, 2,
						 Anum_pg_attrdef_adbin);
			break;

		default:
			break;
	}
}
