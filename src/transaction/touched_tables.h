/*
 * touched_tables.h
 *		The tables of which a transaction has written or locked rows.
 */
#ifndef DSQL_TOUCHED_TABLES_H
#define DSQL_TOUCHED_TABLES_H

extern PGDLLIMPORT Oid dsql_touched_tables_latest;

extern void dsql_touched_tables_add(Oid relid);

/* Rows are mostly those of the same table as the one before. */
static inline void
dsql_touched_tables_note(Oid relid)
{
	if (unlikely(relid != dsql_touched_tables_latest))
		dsql_touched_tables_add(relid);
}

/* Any at all? */
static inline bool
dsql_touched_tables_any(void)
{
	return OidIsValid(dsql_touched_tables_latest);
}

extern bool dsql_touched_tables_contain(Oid relid);

/* The transaction has ended. */
extern void dsql_touched_tables_end(void);

#endif							/* DSQL_TOUCHED_TABLES_H */
