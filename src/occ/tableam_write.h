/*
 * tableam_write.h
 *		Inserting, changing and locking rows of tables with access method
 *		btree_table.
 */
#ifndef DSQL_TABLEAM_WRITE_H
#define DSQL_TABLEAM_WRITE_H

#include "access/tableam.h"

/* As TableAmRoutine wants them. */
extern void dsql_tableam_insert(Relation rel, TupleTableSlot *slot,
								CommandId cid, int options,
								BulkInsertState bistate);
extern void dsql_tableam_insert_speculative(Relation rel, TupleTableSlot *slot,
											CommandId cid, int options,
											BulkInsertState bistate,
											uint32 token);
extern void dsql_tableam_complete_speculative(Relation rel,
											  TupleTableSlot *slot,
											  uint32 token, bool succeeded);
extern void dsql_tableam_multi_insert(Relation rel, TupleTableSlot **slots,
									  int nslots, CommandId cid, int options,
									  BulkInsertState bistate);
extern TM_Result dsql_tableam_delete(Relation rel, ItemPointer tid,
									 CommandId cid, Snapshot snapshot,
									 Snapshot crosscheck, bool wait,
									 TM_FailureData *tmfd, bool changingPart);
extern TM_Result dsql_tableam_update(Relation rel, ItemPointer otid,
									 TupleTableSlot *slot, CommandId cid,
									 Snapshot snapshot, Snapshot crosscheck,
									 bool wait, TM_FailureData *tmfd,
									 LockTupleMode *lockmode,
									 TU_UpdateIndexes *update_indexes);
extern TM_Result dsql_tableam_lock(Relation rel, ItemPointer tid,
								   Snapshot snapshot, TupleTableSlot *slot,
								   CommandId cid, LockTupleMode mode,
								   LockWaitPolicy wait_policy, uint8 flags,
								   TM_FailureData *tmfd);

#endif							/* DSQL_TABLEAM_WRITE_H */
