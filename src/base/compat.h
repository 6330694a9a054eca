/*
 * compat.h
 *		What differs between the PostgreSQL versions that dsql_emu builds on.
 *
 * This file and dialect/later_syntax.h are the only ones that look at
 * PG_VERSION_NUM.  The code is written for the newest version's interface; what
 * is here teaches the older ones.
 */
#ifndef DSQL_COMPAT_H
#define DSQL_COMPAT_H

#if PG_VERSION_NUM < 150000 || PG_VERSION_NUM >= 190000
#error "dsql_emu needs PostgreSQL 15, 16, 17 or 18"
#endif

/*
 * Before these minor releases, of November 2024, nobody could lock a row of
 * pg_class against updates in place (commit a07e03fd8).
 */
#if PG_VERSION_NUM < 150009 || \
	(PG_VERSION_NUM >= 160000 && PG_VERSION_NUM < 160005) || \
	(PG_VERSION_NUM >= 170000 && PG_VERSION_NUM < 170001)
#error "dsql_emu needs at least PostgreSQL 15.9, 16.5, 17.1 or 18.0"
#endif

#include "access/amapi.h"
#include "access/genam.h"
#include "access/heapam.h"
#include "access/xact.h"
#include "catalog/index.h"
#include "catalog/pg_attribute.h"
#include "commands/explain.h"
#include "common/jsonapi.h"
#include "executor/executor.h"
#include "nodes/execnodes.h"
#include "nodes/makefuncs.h"
#include "nodes/parsenodes.h"
#include "nodes/pathnodes.h"
#include "optimizer/cost.h"
#include "parser/scansup.h"
#include "parser/parse_relation.h"
#include "pgstat.h"
#include "portability/instr_time.h"
#include "storage/lock.h"
#include "storage/latch.h"
#include "storage/proc.h"
#include "storage/shmem.h"
#include "tcop/tcopprot.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/guc_tables.h"
#include "utils/jsonfuncs.h"
#include "utils/memutils.h"
#include "utils/relcache.h"
#include "utils/timestamp.h"

/*
 * The macros for values of variable length left postgres.h in 16 (commit
 * d952373a98).
 */
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

/*
 * queryjumble.h moved in 16 (commit 3db72ebcbe).
 */
#if PG_VERSION_NUM >= 160000
#include "nodes/queryjumble.h"
#else
#include "utils/queryjumble.h"
#endif

/*
 * find_option() became usable outside guc.c in 16 (commit 0a20ff54f).
 */
static inline struct config_generic *
dsql_find_option_if_known(const char *name)
{
#if PG_VERSION_NUM >= 160000
	return find_option(name, false, true, 0);
#else
	struct config_generic **all = get_guc_variables();

	for (int i = 0; i < GetNumConfigOptions(); i++)
		if (pg_strcasecmp(all[i]->name, name) == 0)
			return all[i];
	return NULL;
#endif
}

static inline struct config_generic *
dsql_find_option(const char *name)
{
	struct config_generic *option = dsql_find_option_if_known(name);

	if (option == NULL)
		elog(ERROR, "setting \"%s\" does not exist", name);
	return option;
}

/*
 * Memory of settings has allocators of its own since 16 (commit 407b50f2d4).
 * The old value is freed, and NULL comes back where there is no memory.
 */
static inline char *
dsql_setting_replace(char *old, const char *value)
{
	char	   *copy;

#if PG_VERSION_NUM >= 160000
	copy = guc_strdup(LOG, value);
	if (copy != NULL)
		guc_free(old);
#else
	copy = strdup(value);
	if (copy != NULL)
		free(old);
#endif
	return copy;
}

/*
 * The locks of a process are in lists of another kind since 16 (commit
 * 12605414a7).  The next of a partition's after this one, or the first after
 * NULL; NULL if there is none.
 */
static inline PROCLOCK *
dsql_next_lock_of_process(PGPROC *proc, int partition, PROCLOCK *lock)
{
#if PG_VERSION_NUM >= 160000
	dlist_head *list = &proc->myProcLocks[partition];

	if (lock == NULL)
		return dlist_is_empty(list) ? NULL :
			dlist_head_element(PROCLOCK, procLink, list);
	return dlist_has_next(list, &lock->procLink) ?
		dlist_container(PROCLOCK, procLink,
						dlist_next_node(list, &lock->procLink)) : NULL;
#else
	SHM_QUEUE  *list = &proc->myProcLocks[partition];

	return (PROCLOCK *) SHMQueueNext(list,
									 lock == NULL ? list : &lock->procLink,
									 offsetof(PROCLOCK, procLink));
#endif
}

/*
 * ExecutorCheckPerms_hook got an argument in 16 (commit a61b1f748).
 */
#if PG_VERSION_NUM >= 160000
#define DSQL_CHECK_PERMS_PARAMS \
	List *rangeTable, List *rteperminfos, bool ereport_on_violation
#define DSQL_CHECK_PERMS_ARGS \
	rangeTable, rteperminfos, ereport_on_violation
#else
#define DSQL_CHECK_PERMS_PARAMS \
	List *rangeTable, bool ereport_on_violation
#define DSQL_CHECK_PERMS_ARGS \
	rangeTable, ereport_on_violation
#endif

/*
 * Since 16 an update tells which kinds of index need a new entry, and indexes
 * that only summarize no longer prevent a HOT update (commit 19d8e2308b).
 */
static inline Bitmapset *
dsql_indexed_attrs(Relation rel)
{
#if PG_VERSION_NUM >= 160000
	return bms_join(RelationGetIndexAttrBitmap(rel, INDEX_ATTR_BITMAP_HOT_BLOCKING),
					RelationGetIndexAttrBitmap(rel, INDEX_ATTR_BITMAP_SUMMARIZED));
#else
	return RelationGetIndexAttrBitmap(rel, INDEX_ATTR_BITMAP_ALL);
#endif
}

#if PG_VERSION_NUM < 160000
typedef bool TU_UpdateIndexes;

#define TU_None false
#define TU_All true
#endif

static inline TM_Result
dsql_heap_update(Relation rel, ItemPointer tid, HeapTuple tuple,
				 CommandId cid, TM_FailureData *tmfd,
				 TU_UpdateIndexes *update_indexes)
{
	LockTupleMode mode;
	TM_Result	result;

#if PG_VERSION_NUM >= 160000
	result = heap_update(rel, tid, tuple, cid, InvalidSnapshot, false, tmfd,
						 &mode, update_indexes);
#else
	result = heap_update(rel, tid, tuple, cid, InvalidSnapshot, false, tmfd,
						 &mode);
	*update_indexes = result == TM_Ok && !HeapTupleIsHeapOnly(tuple);
#endif
	return result;
}

/*
 * index_insert() may leave something to do since 17 (commit c1ec02be1d).
 */
static inline void
dsql_index_insert_cleanup(Relation index, IndexInfo *info)
{
#if PG_VERSION_NUM >= 170000
	index_insert_cleanup(index, info);
#endif
}

/*
 * ExecCheckIndexConstraints() has to know the tuple itself since 18.
 */
static inline bool
dsql_check_index_constraints(ResultRelInfo *rri, TupleTableSlot *slot,
							 EState *estate, ItemPointer conflict,
							 List *indexes)
{
#if PG_VERSION_NUM >= 180000
	return ExecCheckIndexConstraints(rri, slot, estate, conflict, NULL,
									 indexes);
#else
	return ExecCheckIndexConstraints(rri, slot, estate, conflict, indexes);
#endif
}

/*
 * 18 joined the two callbacks for bitmap scans (commit 2b73a8cd33).
 */
#if PG_VERSION_NUM >= 180000
#define DSQL_BITMAP_NEXT_TUPLE_PARAMS \
	TupleTableSlot *slot, bool *recheck, uint64 *lossy, uint64 *exact
#define DSQL_BITMAP_NEXT_TUPLE_ARGS \
	slot, recheck, lossy, exact
#else
#define DSQL_BITMAP_NEXT_TUPLE_PARAMS \
	struct TBMIterateResult *result, TupleTableSlot *slot
#define DSQL_BITMAP_NEXT_TUPLE_ARGS \
	result, slot
#endif

/*
 * A bitmap scan that needs no column may believe the visibility map instead of
 * the table, until 18 (commit 459e7bf8e2).  The decision sits in the executor
 * up to 16, and in the table access method's scan in 17 (commit 04e72ed617).
 */
static inline void
dsql_bitmap_scan_fetch_all(BitmapHeapScanState *node)
{
#if PG_VERSION_NUM < 170000
	node->can_skip_fetch = false;
#endif
}

#if PG_VERSION_NUM >= 170000 && PG_VERSION_NUM < 180000
#define DSQL_SCAN_NEED_TUPLES SO_NEED_TUPLES
#else
#define DSQL_SCAN_NEED_TUPLES 0
#endif

/*
 * ExecutorRun_hook lost an argument in 18 (commit 3eea7a0c9).
 */
#if PG_VERSION_NUM >= 180000
#define DSQL_EXECUTOR_RUN_PARAMS \
	QueryDesc *queryDesc, ScanDirection direction, uint64 count
#define DSQL_EXECUTOR_RUN_ARGS \
	queryDesc, direction, count
#else
#define DSQL_EXECUTOR_RUN_PARAMS \
	QueryDesc *queryDesc, ScanDirection direction, uint64 count, \
	bool execute_once
#define DSQL_EXECUTOR_RUN_ARGS \
	queryDesc, direction, count, execute_once
#endif

/*
 * The target of ALTER STATISTICS became a node in 17 (commit 012460ee9).
 * DEFAULT is -1.
 */
static inline int
dsql_statistics_target(AlterStatsStmt *stmt)
{
#if PG_VERSION_NUM >= 170000
	return stmt->stxstattarget ? intVal(stmt->stxstattarget) : -1;
#else
	return stmt->stxstattarget;
#endif
}

/*
 * One function asks for the rights on any object since 16 (commits c727f511bd
 * and afbfc02983).
 */
#if PG_VERSION_NUM < 160000
#include "catalog/pg_class.h"
#include "catalog/pg_database.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_tablespace.h"

static inline AclResult
object_aclcheck(Oid class_id, Oid object, Oid role, AclMode mode)
{
	if (class_id == NamespaceRelationId)
		return pg_namespace_aclcheck(object, role, mode);
	if (class_id == ProcedureRelationId)
		return pg_proc_aclcheck(object, role, mode);
	Assert(class_id == TableSpaceRelationId);
	return pg_tablespace_aclcheck(object, role, mode);
}

static inline bool
object_ownercheck(Oid class_id, Oid object, Oid role)
{
	if (class_id == DatabaseRelationId)
		return pg_database_ownercheck(object, role);
	Assert(class_id == RelationRelationId);
	return pg_class_ownercheck(object, role);
}
#endif

/*
 * Whose rights on a table of a query are checked; InvalidOid is the user's.
 */
static inline Oid
dsql_rte_check_as_user(Query *query, RangeTblEntry *rte)
{
#if PG_VERSION_NUM >= 160000
	return getRTEPermissionInfo(query->rteperminfos, rte)->checkAsUser;
#else
	return rte->checkAsUser;
#endif
}

/*
 * The columns of a table that a query reads, numbered as its permissions number
 * them.
 */
static inline Bitmapset *
dsql_rte_selected_columns(Query *query, RangeTblEntry *rte)
{
#if PG_VERSION_NUM >= 160000
	if (rte->perminfoindex == 0)
		return NULL;
	return getRTEPermissionInfo(query->rteperminfos, rte)->selectedCols;
#else
	return rte->selectedCols;
#endif
}

/*
 * A table of a query becomes a subquery, as views do in the rewriter; the rights
 * that are checked are those on "readable".  Since 16 they stand in the query
 * (commit a61b1f748), where a subquery can have them only if it was a view.
 */
static inline void
dsql_rte_become_subquery(Query *query, RangeTblEntry *rte, Query *subquery,
						 Oid readable)
{
	rte->rtekind = RTE_SUBQUERY;
	rte->subquery = subquery;
	rte->security_barrier = false;
	rte->inh = false;
#if PG_VERSION_NUM >= 160000
	rte->relkind = RELKIND_VIEW;
	getRTEPermissionInfo(query->rteperminfos, rte)->relid = readable;
	rte->relid = readable;
#else
	rte->relid = InvalidOid;
	rte->relkind = 0;
	rte->rellockmode = 0;
	rte->requiredPerms = 0;
	rte->selectedCols = NULL;
#endif
}

/*
 * An index's description learned of summarizing access methods in 16 (commit
 * 19d8e2308b) and of WITHOUT OVERLAPS in 18 (commit fc0438b4e8).
 */
static inline IndexInfo *
dsql_make_index_info(int natts, int nkeys, Oid am, List *predicate, bool unique,
					 bool nulls_not_distinct, IndexAmRoutine *routine)
{
#if PG_VERSION_NUM >= 180000
	return makeIndexInfo(natts, nkeys, am, NIL, predicate, unique,
						 nulls_not_distinct, false, true,
						 routine->amsummarizing, false);
#elif PG_VERSION_NUM >= 160000
	return makeIndexInfo(natts, nkeys, am, NIL, predicate, unique,
						 nulls_not_distinct, false, true,
						 routine->amsummarizing);
#else
	return makeIndexInfo(natts, nkeys, am, NIL, predicate, unique,
						 nulls_not_distinct, false, true);
#endif
}

/*
 * index_create() takes the options of operator classes since 17; before,
 * they are a part of the index's description.
 */
static inline Oid
dsql_index_create(Relation table, const char *name, IndexInfo *info,
				  List *columns, Oid am, Oid tablespace, Oid *collations,
				  Oid *opclasses, Datum *opclass_options, int16 *options,
				  Datum reloptions, bits16 flags)
{
#if PG_VERSION_NUM >= 170000
	return index_create(table, name, InvalidOid, InvalidOid, InvalidOid,
						InvalidRelFileNumber, info, columns, am, tablespace,
						collations, opclasses, opclass_options, options, NULL,
						reloptions, flags, 0, false, false, NULL);
#else
	info->ii_OpclassOptions = opclass_options;
	return index_create(table, name, InvalidOid, InvalidOid, InvalidOid,
						InvalidOid, info, columns, am, tablespace, collations,
						opclasses, options, reloptions, flags, 0, false, false,
						NULL);
#endif
}

/*
 * The fields of PgStat_TableStatus lost their prefix in 16.
 */
static inline Oid
dsql_pgstat_table(const PgStat_TableStatus *status)
{
#if PG_VERSION_NUM >= 160000
	return status->id;
#else
	return status->t_id;
#endif
}

/*
 * A time limit that a background process has to be freed of came with 17
 * (commit 51efe38cb9).
 */
#if PG_VERSION_NUM >= 170000
#define DSQL_TRANSACTION_TIMEOUT "transaction_timeout"
#else
#define DSQL_TRANSACTION_TIMEOUT NULL
#endif

/*
 * Is the string JSON that jsonb can hold?  makeJsonLexContext() got an argument
 * in 17 (commit 1c99cde2f).
 */
static inline bool
dsql_is_json(const char *string)
{
#if PG_VERSION_NUM >= 170000
	JsonLexContext *lex = makeJsonLexContext(NULL, cstring_to_text(string), true);
#else
	JsonLexContext *lex = makeJsonLexContext(cstring_to_text(string), true);
#endif

	return pg_parse_json(lex, &nullSemAction) == JSON_SUCCESS;
}

/*
 * The number of this backend among all, from 0: 17 turned backend ids into
 * process numbers (commit ab355e3a88).
 */
static inline int
dsql_my_process_number(void)
{
#if PG_VERSION_NUM >= 170000
	return MyProcNumber;
#else
	return MyProc->pgprocno;
#endif
}

/*
 * The number of this backend's transaction moved in 17 (commit ab355e3a88).
 */
static inline LocalTransactionId
dsql_my_local_transaction_id(void)
{
#if PG_VERSION_NUM >= 170000
	return MyProc->vxid.lxid;
#else
	return MyProc->lxid;
#endif
}

/*
 * A function that never returns is declared so before its type since 18, and
 * after its arguments before that.
 */
#ifndef pg_noreturn
#define pg_noreturn __attribute__((noreturn))
#endif

/* For SendProcSignal(), if the caller knows only a process ID. */
#if PG_VERSION_NUM >= 170000
#define DSQL_UNKNOWN_PROC_NUMBER INVALID_PROC_NUMBER
#else
#define DSQL_UNKNOWN_PROC_NUMBER InvalidBackendId
#endif

/*
 * LockHeldByMe() got an argument in 17.
 */
static inline bool
dsql_lock_held_by_me(const LOCKTAG *tag, LOCKMODE mode)
{
#if PG_VERSION_NUM >= 170000
	return LockHeldByMe(tag, mode, false);
#else
	return LockHeldByMe(tag, mode);
#endif
}

/*
 * Did this transaction give the table a new file?  The field got another name
 * in 16 (commit b0a55e4329).
 */
static inline bool
dsql_relation_rewritten(Relation rel)
{
#if PG_VERSION_NUM >= 160000
	return rel->rd_newRelfilelocatorSubid != InvalidSubTransactionId;
#else
	return rel->rd_newRelfilenodeSubid != InvalidSubTransactionId;
#endif
}

/*
 * Sets of events belong to a resource owner, not to a memory context, since 17
 * (commit 50c67c2019).
 */
static inline WaitEventSet *
dsql_create_wait_set(int size)
{
#if PG_VERSION_NUM >= 170000
	return CreateWaitEventSet(NULL, size);
#else
	return CreateWaitEventSet(TopMemoryContext, size);
#endif
}

/*
 * Since 18, statements of the extended protocol are in an implicit transaction
 * block from the second one before Sync on (commit 3e5ea478cb), as those of one
 * query string are.  In 16 they are not, so CALL may end the transaction.  The
 * server begins the block again with the next message.
 */
static inline void
dsql_leave_pipeline_block(void)
{
#if PG_VERSION_NUM >= 180000
	if (MyXactFlags & XACT_FLAGS_PIPELINING)
		EndImplicitTransactionBlock();
#endif
}

/*
 * Since 18, the location of a statement is behind the comments before it
 * (commit 499edb0974).  Comments are what tells statements apart that are
 * otherwise the same.
 */
#if PG_VERSION_NUM >= 180000
static inline bool
dsql_is_blank(const char *from, const char *to)
{
	int			depth = 0;

	while (from < to)
	{
		if (from[0] == '/' && from[1] == '*')
		{
			depth++;
			from += 2;
		}
		else if (depth > 0 && from[0] == '*' && from[1] == '/')
		{
			depth--;
			from += 2;
		}
		else if (depth == 0 && from[0] == '-' && from[1] == '-')
			from += strcspn(from, "\r\n");
		else if (depth > 0 || scanner_isspace(*from))
			from++;
		else
			return false;
	}
	return true;
}
#endif

static inline int
dsql_statement_location(const char *query_string, int location)
{
#if PG_VERSION_NUM >= 180000
	if (location > 0 && dsql_is_blank(query_string, query_string + location))
		return 0;
	for (int i = location; i > 0; i--)
	{
		/* The end of the statement before this one, or a comment's semicolon. */
		if (query_string[i - 1] == ';' &&
			dsql_is_blank(query_string + i, query_string + location))
			location = i;
	}
#endif
	return location;
}

/*
 * Violations of ON DELETE RESTRICT have had a code and words of their own since
 * 18 (commit 086c84b23d).
 */
#if PG_VERSION_NUM >= 180000
static inline void
dsql_restrict_violation(void *arg)
{
	MemoryContext context;
	ErrorData  *error;
	const char *setting;

	if (geterrcode() != ERRCODE_RESTRICT_VIOLATION)
		return;
	context = MemoryContextSwitchTo(TopTransactionContext);
	error = CopyErrorData();
	MemoryContextSwitchTo(context);
	errcode(ERRCODE_FOREIGN_KEY_VIOLATION);
	setting = strstr(error->message, "RESTRICT setting of ");
	if (setting != NULL)
		errmsg_internal("%.*s%s", (int) (setting - error->message),
						error->message,
						setting + strlen("RESTRICT setting of "));
	setting = error->detail ? strstr(error->detail, " is referenced ") : NULL;
	if (setting != NULL)
		errdetail_internal("%.*s is still%s",
						   (int) (setting - error->detail), error->detail,
						   setting + strlen(" is"));
	FreeErrorData(error);
}
#endif

/*
 * Run what triggers foreign keys.
 */
static inline void
dsql_with_restrict_of_16(void (*run) (QueryDesc *), QueryDesc *queryDesc)
{
#if PG_VERSION_NUM >= 180000
	ErrorContextCallback callback = {
		.callback = dsql_restrict_violation,
		.previous = error_context_stack
	};

	error_context_stack = &callback;
	run(queryDesc);
	error_context_stack = callback.previous;
#else
	run(queryDesc);
#endif
}

/*
 * What is switched off is counted apart from the costs since 18 (commit
 * e22253467942).  These return what it adds to the costs.  A join's own count
 * is PostgreSQL's.
 */
static inline Cost
dsql_path_enable(Path *path, bool enabled)
{
#if PG_VERSION_NUM >= 180000
	path->disabled_nodes = enabled ? 0 : 1;
	return 0;
#else
	return enabled ? 0 : disable_cost;
#endif
}

static inline Cost
dsql_join_enable(bool enabled)
{
#if PG_VERSION_NUM >= 180000
	return 0;
#else
	return enabled ? 0 : disable_cost;
#endif
}

/*
 * Have it in the costs of a plan, as it is up to 17.
 */
static inline void
dsql_price_disabled(Plan *plan)
{
#if PG_VERSION_NUM >= 180000
	plan->startup_cost += disable_cost * plan->disabled_nodes;
	plan->total_cost += disable_cost * plan->disabled_nodes;
	plan->disabled_nodes = 0;
#endif
}

/*
 * A scan of a subquery that is no step of its own costs nothing since 16
 * (commit ec62ce55a8).
 */
#if PG_VERSION_NUM < 160000
static inline bool
dsql_is_trivial_subquery(RelOptInfo *rel, Path *subpath)
{
	ListCell   *lc;
	AttrNumber	column = 0;

	if (rel->baserestrictinfo != NIL ||
		list_length(rel->reltarget->exprs) !=
		list_length(subpath->pathtarget->exprs))
		return false;
	foreach(lc, rel->reltarget->exprs)
	{
		Var		   *var = lfirst(lc);

		if (!IsA(var, Var) || var->varattno != ++column)
			return false;
	}
	return true;
}
#endif

static inline void
dsql_price_trivial_subquery(RelOptInfo *rel)
{
#if PG_VERSION_NUM < 160000
	ListCell   *lc;

	if (rel->rtekind != RTE_SUBQUERY)
		return;
	foreach(lc, rel->pathlist)
	{
		SubqueryScanPath *path = lfirst(lc);

		if (IsA(path, SubqueryScanPath) && path->path.param_info == NULL &&
			dsql_is_trivial_subquery(rel, path->subpath))
		{
			path->path.startup_cost = path->subpath->startup_cost;
			path->path.total_cost = path->subpath->total_cost;
		}
	}
#endif
}

/*
 * Permissions left the range table in 16 (commit a61b1f748).
 */
static inline void
dsql_copy_permissions(Query *query, PlannedStmt *stmt)
{
#if PG_VERSION_NUM >= 160000
	query->rteperminfos = stmt->permInfos;
#endif
}

/*
 * Run a query to its end; see DSQL_EXECUTOR_RUN_PARAMS.
 */
static inline void
dsql_executor_run(QueryDesc *queryDesc, ScanDirection direction)
{
#if PG_VERSION_NUM >= 180000
	ExecutorRun(queryDesc, direction, 0);
#else
	ExecutorRun(queryDesc, direction, 0, true);
#endif
}

/*
 * Since 18, a sequential scan without a filter does not look for one that comes
 * later (commit b227b0bb4e).
 */
#if PG_VERSION_NUM >= 180000
#include "access/tableam.h"

static inline TupleTableSlot *
dsql_seq_next(ScanState *scan)
{
	EState	   *estate = scan->ps.state;

	if (scan->ss_currentScanDesc == NULL)
		scan->ss_currentScanDesc = table_beginscan(scan->ss_currentRelation,
												   estate->es_snapshot, 0, NULL);
	if (table_scan_getnextslot(scan->ss_currentScanDesc, estate->es_direction,
							   scan->ss_ScanTupleSlot))
		return scan->ss_ScanTupleSlot;
	return NULL;
}

static inline bool
dsql_seq_recheck(ScanState *scan, TupleTableSlot *slot)
{
	return true;
}

static inline TupleTableSlot *
dsql_exec_seq_scan(PlanState *state)
{
	return ExecScan((ScanState *) state, dsql_seq_next, dsql_seq_recheck);
}
#endif

static inline void
dsql_let_scan_filter(ScanState *scan)
{
#if PG_VERSION_NUM >= 180000
	if (IsA(scan, SeqScanState))
		ExecSetExecProcNode(&scan->ps, dsql_exec_seq_scan);
#endif
}

/*
 * What EXPLAIN prints with moved in 18.
 */
#if PG_VERSION_NUM >= 180000
#include "commands/explain_format.h"
#include "commands/explain_state.h"
#endif

/*
 * What EXPLAIN does where there is no hook became a function in 17 (commit
 * 5de890e361).
 */
static inline void
dsql_standard_explain(Query *query, int cursor_options, IntoClause *into,
					  struct ExplainState *es, const char *query_string,
					  ParamListInfo params, QueryEnvironment *query_env)
{
#if PG_VERSION_NUM >= 170000
	standard_ExplainOneQuery(query, cursor_options, into, es, query_string,
							 params, query_env);
#else
	BufferUsage before = pgBufferUsage;
	BufferUsage used = {0};
	instr_time	start;
	instr_time	duration;
	PlannedStmt *plan;

	INSTR_TIME_SET_CURRENT(start);
	plan = pg_plan_query(query, query_string, cursor_options, params);
	INSTR_TIME_SET_CURRENT(duration);
	INSTR_TIME_SUBTRACT(duration, start);
	BufferUsageAccumDiff(&used, &pgBufferUsage, &before);
	ExplainOnePlan(plan, into, es, query_string, params, query_env, &duration,
				   es->buffers ? &used : NULL);
#endif
}

#endif							/* DSQL_COMPAT_H */
