/*
 * readable_catalogs.c
 *		Catalogs that admin may read on the service, and here superusers only.
 *
 * A query of admin reads these functions in their place (dialect_catalog.c).
 * What pg_statistic knows of another cluster's tables is left out, and of the
 * system's and the extension's what the role could not read in the tables
 * themselves: the hashes of passwords, for example.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_statistic.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/tuplestore.h"

#include "base/schema_owner.h"
#include "cluster/cluster_isolation.h"

static bool
is_readable(Oid relid)
{
	Oid			schema = get_rel_namespace(relid);

	if (!OidIsValid(schema) || dsql_cluster_isolation_keeps_out(schema))
		return false;
	return !dsql_schema_owner_is_system(schema) ||
		pg_class_aclcheck(relid, GetUserId(), ACL_SELECT) == ACLCHECK_OK;
}

/*
 * dsql.statistic_rows()
 */
PG_FUNCTION_INFO_V1(dsql_statistic_rows);
Datum
dsql_statistic_rows(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Relation	catalog;
	SysScanDesc scan;
	HeapTuple	tuple;

	InitMaterializedSRF(fcinfo, 0);
	catalog = table_open(StatisticRelationId, AccessShareLock);
	scan = systable_beginscan(catalog, InvalidOid, false, NULL, 0, NULL);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		if (is_readable(((Form_pg_statistic) GETSTRUCT(tuple))->starelid))
			tuplestore_puttuple(result->setResult, tuple);
	}
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	return (Datum) 0;
}

/*
 * dsql.shmem_allocation_rows(), dsql.memory_context_rows()
 */
PG_FUNCTION_INFO_V1(dsql_shmem_allocation_rows);
Datum
dsql_shmem_allocation_rows(PG_FUNCTION_ARGS)
{
	return pg_get_shmem_allocations(fcinfo);
}

PG_FUNCTION_INFO_V1(dsql_memory_context_rows);
Datum
dsql_memory_context_rows(PG_FUNCTION_ARGS)
{
	return pg_get_backend_memory_contexts(fcinfo);
}
