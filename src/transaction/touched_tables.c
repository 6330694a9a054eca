/*
 * touched_tables.c
 *		The tables of which a transaction has written or locked rows.
 *
 * The write set does not know them all: rows that a transaction inserts are the
 * heap's.  A table stays touched when a subtransaction is rolled back.
 */
#include "postgres.h"

#include "nodes/pg_list.h"
#include "utils/memutils.h"

#include "transaction/touched_tables.h"

Oid			dsql_touched_tables_latest = InvalidOid;

static List *tables = NIL;		/* in the transaction's memory */

void
dsql_touched_tables_add(Oid relid)
{
	MemoryContext old = MemoryContextSwitchTo(TopTransactionContext);

	tables = list_append_unique_oid(tables, relid);
	dsql_touched_tables_latest = relid;
	MemoryContextSwitchTo(old);
}

bool
dsql_touched_tables_contain(Oid relid)
{
	return list_member_oid(tables, relid);
}

void
dsql_touched_tables_end(void)
{
	tables = NIL;
	dsql_touched_tables_latest = InvalidOid;
}
