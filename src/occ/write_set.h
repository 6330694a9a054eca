/*
 * write_set.h
 *		What this transaction does to rows that it has not made itself.
 */
#ifndef DSQL_WRITE_SET_H
#define DSQL_WRITE_SET_H

#include "access/htup.h"
#include "executor/tuptable.h"
#include "nodes/lockoptions.h"
#include "utils/relcache.h"
#include "utils/snapshot.h"

typedef enum DsqlChangeKind
{
	DSQL_CHANGE_LOCK,			/* only locked */
	DSQL_CHANGE_DRAFT,			/* a new version, which is in memory */
	DSQL_CHANGE_MOVE,			/* a new version, which is another tuple */
	DSQL_CHANGE_DELETE
} DsqlChangeKind;

/*
 * A row that was there when the transaction began.
 */
typedef struct DsqlRow
{
	Oid			relid;
	ItemPointerData tid;		/* of the version that the transaction found */
	bool		has_mode;		/* false when all was undone again */
	bool		is_locked;		/* its newest version is; only for show */
	bool		applied;		/* the heap has it, see commit.c */
	CommandId	applied_cid;	/* from after this command on */
	SubTransactionId applied_in;
	LockTupleMode mode;			/* the strongest thing done to it */
	int			latest;			/* its newest change, not a lock, or -1 */
	uint64		key;			/* what identifies the row */
	bool		of_version;		/* it identifies this version only */
	Snapshot	snapshot;		/* what the transaction found it with */
} DsqlRow;

typedef struct DsqlChange
{
	DsqlChangeKind kind;
	int			row;
	int			previous;		/* the row's change before this one, or -1 */
	bool		previous_has_mode;
	LockTupleMode previous_mode;
	CommandId	cid;			/* the command that did it */
	SubTransactionId subid;
	HeapTuple	draft;
	ItemPointerData moved_to;
	bool		silent;			/* as a silent tuple */
} DsqlChange;

/*
 * A tuple with a key that this transaction inserts as well, and that its
 * snapshot does not see.  Or one that it does not see, and has changed all the
 * same: then nobody is named.
 */
typedef struct DsqlRival
{
	Oid			relid;
	ItemPointerData tid;
	TransactionId xid;			/* who inserted it, or invalid */
	SubTransactionId subid;		/* where in this transaction it was met */
} DsqlRival;

extern PGDLLIMPORT int dsql_write_set_nrows;
extern PGDLLIMPORT DsqlRow *dsql_write_set_rows;
extern PGDLLIMPORT int dsql_write_set_nrivals;
extern PGDLLIMPORT DsqlRival *dsql_write_set_rivals;

/*
 * Is there any row that the heap and this transaction see differently, or that
 * it has locked?
 */
static inline bool
dsql_write_set_any(void)
{
	return dsql_write_set_nrows > 0;
}

/*
 * A draft has a tuple identifier, too, of a block that no table reaches.  NULL
 * for the identifier of a tuple.
 */
extern DsqlChange *dsql_write_set_of_draft(Oid relid, ItemPointer tid);

/*
 * What this transaction has to do with a version, which is a tuple or a draft.
 * It holds until the next change is noted.
 */
typedef struct DsqlVersion
{
	ItemPointerData tid;
	DsqlChange *draft;			/* it is this draft, or NULL */
	DsqlRow    *row;			/* noted as the row's, or NULL */
	DsqlRow    *moved_row;		/* it is a tuple that this row moved to, this
								 * transaction's own and the heap's to change,
								 * or NULL */
} DsqlVersion;

extern DsqlVersion dsql_write_set_look_up(Oid relid, ItemPointer tid);

/*
 * The heap changed a tuple that the row moved to, in this way, and maybe into
 * another one.
 */
extern void dsql_write_set_note_moved(DsqlRow *row, LockTupleMode mode,
									  CommandId cid, ItemPointer moved_to);

/* The row's change that was the last one to a command, or NULL. */
extern DsqlChange *dsql_write_set_before(DsqlRow *row, CommandId cid);

/*
 * The slot has a version that the heap shows to the snapshot.  Put in its
 * place what this transaction has made of it.  False if that is nothing.
 */
extern bool dsql_write_set_show(Relation rel, Snapshot snapshot,
								TupleTableSlot *slot);

extern void dsql_write_set_store_draft(DsqlChange *change,
									   TupleTableSlot *slot);

/* Would the snapshot see this version, which is a tuple or a draft? */
extern bool dsql_write_set_hides(Oid relid, ItemPointer tid,
								 Snapshot snapshot);

/*
 * Follow a version, which is a tuple or a draft, to the newest one that the
 * snapshot sees.  True if the result is a tuple, which the heap itself may
 * have changed further.
 */
extern bool dsql_write_set_follow(Oid relid, ItemPointer tid,
								  Snapshot snapshot);

/*
 * The transaction's snapshot, with everything that it has done itself up to
 * this moment.
 */
extern void dsql_write_set_snapshot_now(SnapshotData *now);

/*
 * Note a change.  The version is the one that is changed, the tuple
 * its content.  The new tuple of a draft gets its identifier and what else the
 * heap would give it; that of a move is in the heap already.
 */
extern void dsql_write_set_note(Relation rel, DsqlVersion *version,
								HeapTuple tuple, DsqlChangeKind kind,
								LockTupleMode mode, CommandId cid,
								HeapTuple new_tuple);

/* Is there room for one more draft? */
extern bool dsql_write_set_draft_fits(HeapTuple tuple);

extern void dsql_write_set_note_rival(Oid relid, ItemPointer tid,
									  TransactionId xid);

/* The heap has got the row's changes, by a command. */
extern void dsql_write_set_note_applied(DsqlRow *row, CommandId cid);

/* The decision is made: the snapshots of the rows are no longer needed. */
extern void dsql_write_set_release_snapshots(void);

extern void dsql_write_set_undo(SubTransactionId subid);
extern void dsql_write_set_forget(void);

#endif							/* DSQL_WRITE_SET_H */
