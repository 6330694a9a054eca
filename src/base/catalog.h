/*
 * catalog.h
 *		The rows of the extension's own tables, in the schema "dsql".
 *
 * They are read and written without the executor, as PostgreSQL does with its
 * own catalogs.  So the emulator's own rows count toward no limit and cause no
 * conflict of the user's, and a session whose statements are refused can still
 * write them.  Reads see what is committed now and what this transaction has
 * done so far, whatever snapshot the transaction has.
 *
 * Columns are found by name.  A table may have columns that the library does
 * not know, because the extension's script may be newer; they keep their
 * values.  A column that the library asks for and that does not exist is an
 * error.
 *
 *		DsqlCatalogScan scan;
 *
 *		dsql_catalog_open(&scan, "cluster", AccessShareLock);
 *		dsql_catalog_key_text(&scan, "identifier", identifier);
 *		dsql_catalog_begin(&scan, "cluster_pkey");
 *		while (dsql_catalog_next(&scan))
 *			... dsql_catalog_text(&scan, "region") ...
 *		dsql_catalog_close(&scan);
 */
#ifndef DSQL_CATALOG_H
#define DSQL_CATALOG_H

#include "access/genam.h"
#include "access/stratnum.h"
#include "catalog/indexing.h"
#include "storage/lockdefs.h"
#include "utils/jsonb.h"
#include "utils/relcache.h"
#include "utils/snapshot.h"
#include "utils/timestamp.h"

#define DSQL_CATALOG_MAX_KEYS 5

typedef struct DsqlCatalogScan
{
	Relation	relation;
	LOCKMODE	lockmode;
	Relation	index;			/* NULL: none is used */
	Snapshot	snapshot;
	SysScanDesc scan;			/* NULL until it begins */
	ScanDirection direction;
	ScanKeyData keys[DSQL_CATALOG_MAX_KEYS];
	int			nkeys;
	CatalogIndexState indexes;	/* NULL until rows are appended */
	HeapTuple	tuple;			/* the row that it is at, or NULL */
	Datum	   *values;
	bool	   *nulls;
} DsqlCatalogScan;

/*
 * A row to write.  A column that is not set is NULL in a new row, and
 * unchanged in an existing one.
 */
typedef struct DsqlCatalogRow
{
	Datum	   *values;
	bool	   *nulls;
	bool	   *is_set;
} DsqlCatalogRow;

/* The OID of a table or index of ours; InvalidOid if it is not there. */
extern Oid	dsql_catalog_relid(const char *name);

/*
 * Open one of our tables.  If the extension was dropped, the first function
 * raises an error and the second returns false.  If the extension's version
 * does not fit the library, both raise an error.  A lock stronger than
 * AccessShareLock is kept until the transaction ends.
 */
extern void dsql_catalog_open(DsqlCatalogScan *scan, const char *table,
							  LOCKMODE lockmode);
extern bool dsql_catalog_try_open(DsqlCatalogScan *scan, const char *table,
								  LOCKMODE lockmode);
extern void dsql_catalog_close(DsqlCatalogScan *scan);

/* Called before a scan begins: which rows it finds. */
extern void dsql_catalog_key(DsqlCatalogScan *scan, const char *column,
							 StrategyNumber strategy, Oid function,
							 Datum value);
extern void dsql_catalog_key_text(DsqlCatalogScan *scan, const char *column,
								  const char *value);

/*
 * Begin a scan along an index, in its order or against it.  If the name is
 * NULL, scan the whole table.
 */
extern void dsql_catalog_begin(DsqlCatalogScan *scan, const char *index);
extern void dsql_catalog_begin_backward(DsqlCatalogScan *scan,
										const char *index);
extern bool dsql_catalog_next(DsqlCatalogScan *scan);

/*
 * Columns of the row that the scan is at.  Values with memory of their own are
 * copies.
 */
extern bool dsql_catalog_is_null(const DsqlCatalogScan *scan,
								 const char *column);
extern Datum dsql_catalog_value(const DsqlCatalogScan *scan,
								const char *column);
extern char *dsql_catalog_text(const DsqlCatalogScan *scan,
							   const char *column);
extern Jsonb *dsql_catalog_jsonb(const DsqlCatalogScan *scan,
								 const char *column);
extern TimestampTz dsql_catalog_time(const DsqlCatalogScan *scan,
									 const char *column);
extern int64 dsql_catalog_int64(const DsqlCatalogScan *scan,
								const char *column);
extern bool dsql_catalog_bool(const DsqlCatalogScan *scan,
							  const char *column);

/*
 * Write: a new row, or another version of the one that the scan is at.  Our own
 * transaction sees it from then on.
 */
extern void dsql_catalog_row_init(DsqlCatalogRow *row,
								  const DsqlCatalogScan *scan);
extern void dsql_catalog_set(DsqlCatalogRow *row, const DsqlCatalogScan *scan,
							 const char *column, Datum value);
extern void dsql_catalog_set_text(DsqlCatalogRow *row,
								  const DsqlCatalogScan *scan,
								  const char *column, const char *value);
extern void dsql_catalog_insert(DsqlCatalogScan *scan, DsqlCatalogRow *row);

/* The same for many rows, which are not seen before the scan is closed. */
extern void dsql_catalog_append(DsqlCatalogScan *scan, DsqlCatalogRow *row);
extern void dsql_catalog_update(DsqlCatalogScan *scan, DsqlCatalogRow *row);
extern void dsql_catalog_delete(DsqlCatalogScan *scan);

#endif							/* DSQL_CATALOG_H */
