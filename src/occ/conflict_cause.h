/*
 * conflict_cause.h
 *		What is known of a conflict of rows: which row, and who won.
 */
#ifndef DSQL_CONFLICT_CAUSE_H
#define DSQL_CONFLICT_CAUSE_H

#include "storage/itemptr.h"

#include "transaction/conflict_log.h"

/*
 * The row that a version belongs to, and the winner; what is not known is
 * invalid or NULL.
 */
extern void dsql_conflict_cause_find(DsqlConflictCause *cause, Oid relid,
									 ItemPointer tid, TransactionId winner);

#endif							/* DSQL_CONFLICT_CAUSE_H */
