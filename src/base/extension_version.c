/*
 * extension_version.c
 *		Whether the library and the extension's SQL objects fit each other.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/pg_extension.h"
#include "commands/extension.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "base/cluster_database.h"
#include "base/extension_version.h"
#include "base/settings.h"

/*
 * The installed version, or NULL if the extension is not there.
 */
static char *
installed_version(void)
{
	Relation	pg_extension = table_open(ExtensionRelationId, AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;
	char	   *result = NULL;

	ScanKeyInit(&key, Anum_pg_extension_extname, BTEqualStrategyNumber,
				F_NAMEEQ, CStringGetDatum("dsql_emu"));
	scan = systable_beginscan(pg_extension, ExtensionNameIndexId, true, NULL,
							  1, &key);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
	{
		bool		isnull;
		Datum		version = heap_getattr(tuple, Anum_pg_extension_extversion,
										   RelationGetDescr(pg_extension),
										   &isnull);

		Assert(!isnull);
		result = TextDatumGetCString(version);
	}
	systable_endscan(scan);
	table_close(pg_extension, AccessShareLock);
	return result;
}

/*
 * A test can have the library speak another version.
 */
const char *
dsql_extension_version_of_library(void)
{
	const char *pretended = dsql_settings_debug_library_version;

	return pretended != NULL && pretended[0] != '\0' ? pretended :
		DSQL_EXTENSION_VERSION;
}

bool
dsql_extension_version_fits(void)
{
	static char *fitting = NULL;
	char	   *installed;

	Assert(IsTransactionState());
	if (fitting != NULL && strcmp(fitting, dsql_extension_version_of_library()) == 0)
		return true;

	/* Its script makes the objects while it runs. */
	if (creating_extension)
		return true;
	installed = installed_version();
	if (installed == NULL || strcmp(installed, dsql_extension_version_of_library()) != 0)
		return false;
	fitting = MemoryContextStrdup(TopMemoryContext, installed);
	return true;
}

void
dsql_extension_version_require(void)
{
	char	   *installed;

	if (likely(dsql_extension_version_fits()))
		return;
	installed = installed_version();
	if (installed == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("extension \"%s\" does not exist", "dsql_emu"),
				 errhint("Run CREATE EXTENSION dsql_emu.")));
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("the library of dsql_emu is version %s, but the extension in this database is version %s",
					dsql_extension_version_of_library(), installed),
			 dsql_cluster_database_is_own ?
			 errhint("Run ALTER EXTENSION dsql_emu UPDATE in the database of the cluster's control plane, which updates its clusters, too.") :
			 errhint("Run ALTER EXTENSION dsql_emu UPDATE, or install the library of version %s.",
					 installed)));
}

bool
dsql_extension_is_dropped(Node *stmt)
{
	DropStmt   *drop = (DropStmt *) stmt;
	ListCell   *lc;

	if (!IsA(stmt, DropStmt) || drop->removeType != OBJECT_EXTENSION)
		return false;
	foreach(lc, drop->objects)
		if (strcmp(strVal(lfirst(lc)), "dsql_emu") == 0)
		return true;
	return false;
}
