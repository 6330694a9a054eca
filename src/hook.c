/*
 * hook.c
 *		PostgreSQL's hooks, and what has its turn in each.
 *
 * There is one function of ours for each hook, so that the order of the parts
 * stands in one place and a statement pays for each hook once.  The first test
 * in each is whether the session is plain: then the library has nothing to do.
 * What a part does is in its own file; nothing is decided here.
 */
#include "postgres.h"

#include "access/parallel.h"
#include "access/xact.h"
#include "catalog/objectaccess.h"
#include "commands/explain.h"
#include "executor/executor.h"
#include "jit/jit.h"
#include "nodes/parsenodes.h"
#include "optimizer/paths.h"
#include "optimizer/plancat.h"
#include "optimizer/planner.h"
#include "parser/analyze.h"
#include "tcop/utility.h"

#include "auth/authentication.h"
#include "auth/iam.h"
#include "auth/injected_refusal.h"
#include "base/compat.h"
#include "base/session.h"
#include "base/settings.h"
#include "base/stats.h"
#include "cluster/absent.h"
#include "cluster/cluster_isolation.h"
#include "cluster/cluster_maker.h"
#include "cluster/cluster_role.h"
#include "cluster/cluster_schema.h"
#include "cluster/cluster_view.h"
#include "cluster/connection_limits.h"
#include "cluster/role_statement.h"
#include "dialect/definition_limits.h"
#include "dialect/dialect.h"
#include "dialect/utility_call.h"
#include "environment.h"
#include "explain/copy_query.h"
#include "explain/dpu_track.h"
#include "explain/explain_query.h"
#include "explain/key_order.h"
#include "explain/plan_cost.h"
#include "explain/plan_join.h"
#include "hook.h"
#include "jobs/implied_jobs.h"
#include "jobs/job_catalog.h"
#include "jobs/job_submit.h"
#include "jobs/job_yield.h"
#include "occ/adoption.h"
#include "occ/commit.h"
#include "occ/committer.h"
#include "occ/executor.h"
#include "occ/new_rows.h"
#include "occ/write_set.h"
#include "statement.h"
#include "stream/stream_capture.h"
#include "stream/stream_position.h"
#include "stream/stream_worker.h"
#include "transaction/conflict_log.h"
#include "transaction/ddl_preempt.h"
#include "transaction/injection.h"
#include "transaction/schema_version.h"
#include "transaction/temp_space.h"
#include "transaction/touched_tables.h"
#include "transaction/transaction_rules.h"

static post_parse_analyze_hook_type prev_post_parse_analyze_hook = NULL;
static ExplainOneQuery_hook_type prev_ExplainOneQuery_hook = NULL;
static get_relation_info_hook_type prev_get_relation_info_hook = NULL;
static set_rel_pathlist_hook_type prev_set_rel_pathlist_hook = NULL;
static set_join_pathlist_hook_type prev_set_join_pathlist_hook = NULL;
static planner_hook_type prev_planner_hook = NULL;
static ExecutorStart_hook_type prev_ExecutorStart_hook = NULL;
static ExecutorRun_hook_type prev_ExecutorRun_hook = NULL;
static ExecutorFinish_hook_type prev_ExecutorFinish_hook = NULL;
static ExecutorCheckPerms_hook_type prev_ExecutorCheckPerms_hook = NULL;
static ProcessUtility_hook_type prev_ProcessUtility_hook = NULL;
static object_access_hook_type prev_object_access_hook = NULL;

/* ------------------------------------------------------------------------
 * Statements
 * ------------------------------------------------------------------------
 */

/*
 * A statement of the client is looked at, or begins.
 */
static inline void
note_statement(const char *query_string, int location, int length)
{
	if (dsql_transaction_nesting.depth == 0)
		dsql_conflict_log_note_statement(query_string, location, length);
}

static void
hook_post_parse_analyze(ParseState *pstate, Query *query, JumbleState *jstate)
{
	if (prev_post_parse_analyze_hook)
		prev_post_parse_analyze_hook(pstate, query, jstate);
	if (likely(dsql_session_plain))
		return;

	dsql_environment_sync();
	if (!dsql_session_emulated())
	{
		if (dsql_session_checked())
			dsql_statement_check_elsewhere(pstate, query);
		return;
	}
	if (query->utilityStmt == NULL ||
		!IsA(query->utilityStmt, TransactionStmt))
		note_statement(pstate->p_sourcetext, query->stmt_location,
					   query->stmt_len);
	dsql_dialect_watch_lookups();
	dsql_statement_check(pstate, query);
	if (query->commandType != CMD_UTILITY)
		dsql_schema_version_begin_statement();
}

static PlannedStmt *
hook_planner(Query *parse, const char *query_string, int cursorOptions,
			 ParamListInfo boundParams)
{
	if (unlikely(!dsql_session_plain))
		parse = dsql_cluster_view_query(parse);
	return prev_planner_hook != NULL ?
		prev_planner_hook(parse, query_string, cursorOptions, boundParams) :
		standard_planner(parse, query_string, cursorOptions, boundParams);
}

static inline void
next_ExecutorStart(QueryDesc *queryDesc, int eflags)
{
	if (prev_ExecutorStart_hook)
		prev_ExecutorStart_hook(queryDesc, eflags);
	else
		standard_ExecutorStart(queryDesc, eflags);
}

static void
hook_ExecutorStart(QueryDesc *queryDesc, int eflags)
{
	if (likely(dsql_session_plain))
	{
		next_ExecutorStart(queryDesc, eflags);
		return;
	}

	if (unlikely(IsParallelWorker()))
		dsql_environment_enter_parallel_worker();
	note_statement(queryDesc->sourceText, queryDesc->plannedstmt->stmt_location,
				   queryDesc->plannedstmt->stmt_len);
	dsql_schema_version_begin_statement();
	if (dsql_injection_any())
		dsql_injection_begin_query(queryDesc);
	/* Compiled, expressions would call the functions that ours stand for. */
	if (unlikely(queryDesc->plannedstmt->jitFlags != PGJIT_NONE) &&
		dsql_session_checked())
		queryDesc->plannedstmt->jitFlags = PGJIT_NONE;
	if (dsql_session_in_background())
	{
		dsql_dialect_check_background_query(queryDesc);
		dsql_executor_forbid_parallel(queryDesc);
	}
	if (unlikely(queryDesc->crosscheck_snapshot != InvalidSnapshot ||
				 dsql_write_set_any()))
		dsql_executor_before_start(queryDesc);
	dsql_transaction_begin_query(queryDesc, eflags);
	next_ExecutorStart(queryDesc, eflags);
	if (unlikely(dsql_write_set_any()))
		dsql_executor_after_start(queryDesc);
	if (unlikely(dsql_settings_track_dpu || dsql_row_cost.counting))
		dsql_dpu_track_begin(queryDesc, eflags);
}

static inline void
next_ExecutorRun(DSQL_EXECUTOR_RUN_PARAMS)
{
	if (prev_ExecutorRun_hook)
		prev_ExecutorRun_hook(DSQL_EXECUTOR_RUN_ARGS);
	else
		standard_ExecutorRun(DSQL_EXECUTOR_RUN_ARGS);
}

static void
hook_ExecutorRun(DSQL_EXECUTOR_RUN_PARAMS)
{
	bool		outermost;

	if (likely(dsql_session_plain))
	{
		next_ExecutorRun(DSQL_EXECUTOR_RUN_ARGS);
		return;
	}

	dsql_leave_pipeline_block();
	outermost = dsql_transaction_enter_query();
	PG_TRY();
	{
		next_ExecutorRun(DSQL_EXECUTOR_RUN_ARGS);
	}
	PG_CATCH();
	{
		dsql_temp_space_rethrow();
	}
	PG_END_TRY();
	if (unlikely(dsql_settings_mode == DSQL_MODE_REPORT))
		dsql_transaction_report_rows(queryDesc);
	dsql_transaction_leave_query(outermost);
}

static inline void
next_ExecutorFinish(QueryDesc *queryDesc)
{
	if (prev_ExecutorFinish_hook)
		prev_ExecutorFinish_hook(queryDesc);
	else
		standard_ExecutorFinish(queryDesc);
}

static void
hook_ExecutorFinish(QueryDesc *queryDesc)
{
	bool		outermost;

	/* Triggers, and the rest of what changes data, are all that can run. */
	if (likely(dsql_session_plain) ||
		(queryDesc->operation == CMD_SELECT &&
		 !queryDesc->plannedstmt->hasModifyingCTE))
	{
		next_ExecutorFinish(queryDesc);
		if (unlikely(dsql_dpu_tracked == queryDesc))
			dsql_dpu_track_end();
		return;
	}

	outermost = dsql_transaction_enter_query();
	if (dsql_session_enforced())
		dsql_with_restrict_of_16(next_ExecutorFinish, queryDesc);
	else
		next_ExecutorFinish(queryDesc);
	dsql_transaction_leave_query(outermost);
	if (unlikely(dsql_dpu_tracked == queryDesc))
		dsql_dpu_track_end();
}

static bool
hook_ExecutorCheckPerms(DSQL_CHECK_PERMS_PARAMS)
{
	if (unlikely(!dsql_session_plain))
		dsql_cluster_isolation_check_tables(rangeTable);
	return prev_ExecutorCheckPerms_hook == NULL ||
		prev_ExecutorCheckPerms_hook(DSQL_CHECK_PERMS_ARGS);
}

static inline void
next_ProcessUtility(PlannedStmt *pstmt, const char *queryString,
					bool readOnlyTree, ProcessUtilityContext context,
					ParamListInfo params, QueryEnvironment *queryEnv,
					DestReceiver *dest, QueryCompletion *qc)
{
	if (prev_ProcessUtility_hook)
		prev_ProcessUtility_hook(pstmt, queryString, readOnlyTree, context,
								 params, queryEnv, dest, qc);
	else
		standard_ProcessUtility(pstmt, queryString, readOnlyTree, context,
								params, queryEnv, dest, qc);
}

/*
 * A definition that has lost to another one fails as the service's does.
 */
static void
run_definition(PlannedStmt *pstmt, const char *queryString, bool readOnlyTree,
			   ProcessUtilityContext context, ParamListInfo params,
			   QueryEnvironment *queryEnv, DestReceiver *dest,
			   QueryCompletion *qc)
{
	/* Nothing can be looked up after an error. */
	bool		enforced = dsql_session_enforced();

	PG_TRY();
	{
		next_ProcessUtility(pstmt, queryString, readOnlyTree, context, params,
							queryEnv, dest, qc);
	}
	PG_CATCH();
	{
		if (enforced)
			dsql_schema_version_rethrow();
		PG_RE_THROW();
	}
	PG_END_TRY();
}

static void
run_utility(PlannedStmt *pstmt, const char *queryString, bool readOnlyTree,
			ProcessUtilityContext context, ParamListInfo params,
			QueryEnvironment *queryEnv, DestReceiver *dest,
			QueryCompletion *qc)
{
	Node	   *stmt = pstmt->utilityStmt;
	DsqlNesting outer;
	DsqlUtilityCall outer_call;
	bool		outer_storing;
	bool		overtaking;
	bool		tracked_copy;
	DsqlRoleStatement role = {0};

	note_statement(queryString, pstmt->stmt_location, pstmt->stmt_len);
	dsql_schema_version_begin_utility(stmt);
	if (dsql_injection_any() && context != PROCESS_UTILITY_SUBCOMMAND)
		dsql_injection_begin_utility(pstmt, queryString);
	outer = dsql_transaction_enter_utility(pstmt, queryString, context);
	outer_call = dsql_utility_call_begin(stmt, queryString);
	outer_storing = dsql_dialect_set_storing(IsA(stmt, ViewStmt) ||
											 IsA(stmt, CreateFunctionStmt));
	overtaking = dsql_ddl_preempt_begin(stmt);
	PG_TRY();
	{
		pstmt = dsql_adoption_begin_utility(pstmt, &readOnlyTree);
		dsql_statement_check_execution(stmt);
		dsql_job_yield_begin(stmt, queryString);
		pstmt = dsql_role_statement_begin(pstmt, context, &role);
		tracked_copy = unlikely(dsql_settings_track_dpu) &&
			IsA(stmt, CopyStmt) && dsql_dpu_track_begin_copy();
		if (tracked_copy)
			pstmt = dsql_copy_query(pstmt);
		run_definition(pstmt, queryString, readOnlyTree, context, params,
					   queryEnv, dest, qc);
		if (tracked_copy)
			dsql_dpu_track_end();
		dsql_role_statement_end(&role);
		dsql_role_statement_label(stmt);
		dsql_job_yield_end(stmt);
		dsql_cluster_maker_end_utility(stmt);
		dsql_iam_set_tag(stmt, qc);
		/* Workers do nothing while the version does not fit. */
		if (IsA(stmt, AlterExtensionStmt))
			dsql_job_announce();
		if (dsql_settings_mode == DSQL_MODE_REPORT)
			dsql_transaction_report_copy(pstmt, queryString, qc);

		/* What a statement is made of is checked with the statement. */
		if (context != PROCESS_UTILITY_SUBCOMMAND)
			dsql_definition_limits_check_objects();
		/* It may have been SET dsql_emu.mode or DROP EXTENSION dsql_emu. */
		dsql_environment_sync();
	}
	PG_FINALLY();
	{
		dsql_role_statement_end(&role);
		dsql_ddl_preempt_end(overtaking);
		dsql_utility_call_end(outer_call);
		dsql_dialect_set_storing(outer_storing);
		dsql_transaction_leave_utility(outer);
	}
	PG_END_TRY();
}

/*
 * Can the statement be about other databases, or come before CREATE EXTENSION?
 * Then it concerns plain sessions as well.
 */
static inline bool
is_for_plain_sessions(Node *stmt)
{
	switch (nodeTag(stmt))
	{
		case T_AlterDatabaseStmt:
		case T_CreatedbStmt:
		case T_DropdbStmt:
		case T_RenameStmt:
		case T_SecLabelStmt:
			return true;
		default:
			return false;
	}
}

static void
after_transaction_statement(TransactionStmtKind kind)
{
	switch (kind)
	{
		case TRANS_STMT_BEGIN:
		case TRANS_STMT_START:
			dsql_schema_version_begin_block();
			break;
		case TRANS_STMT_COMMIT:
		case TRANS_STMT_PREPARE:

			/*
			 * What is done next are deferred triggers, whose tables are not
			 * locked any more.  The block has ended: an error rolls it back.
			 */
			dsql_schema_version_fail_if_overtaken();
			break;
		default:
			break;
	}
}

static void
hook_ProcessUtility(PlannedStmt *pstmt, const char *queryString,
					bool readOnlyTree, ProcessUtilityContext context,
					ParamListInfo params, QueryEnvironment *queryEnv,
					DestReceiver *dest, QueryCompletion *qc)
{
	Node	   *stmt;

	if (unlikely(!dsql_session_plain))
	{
		if (dsql_session_emulated())
			dsql_dialect_watch_lookups();
		pstmt = dsql_cluster_role_translate(pstmt, context);
	}
	stmt = pstmt->utilityStmt;
	if (likely(dsql_session_plain) && !is_for_plain_sessions(stmt))
	{
		next_ProcessUtility(pstmt, queryString, readOnlyTree, context, params,
							queryEnv, dest, qc);
		/* It may have been CREATE EXTENSION dsql_emu. */
		if (unlikely(!dsql_session_plain))
			dsql_environment_sync();
		return;
	}

	dsql_leave_pipeline_block();
	if (IsA(stmt, TransactionStmt))
	{
		/* No statement is in it, and what it asks for is done later. */
		if (dsql_injection_any())
			dsql_injection_begin_utility(pstmt, queryString);
		dsql_transaction_begin_short(pstmt, queryString);
		next_ProcessUtility(pstmt, queryString, readOnlyTree, context, params,
							queryEnv, dest, qc);
		after_transaction_statement(((TransactionStmt *) stmt)->kind);
	}
	else
	{
		/* Nothing may be left of it for this session. */
		pstmt = dsql_absent_begin_utility(pstmt);
		if (pstmt != NULL)
			run_utility(pstmt, queryString, readOnlyTree, context, params,
						queryEnv, dest, qc);
	}
}

/* ------------------------------------------------------------------------
 * Plans
 * ------------------------------------------------------------------------
 */

static void
hook_get_relation_info(PlannerInfo *root, Oid relid, bool inhparent,
					   RelOptInfo *rel)
{
	if (prev_get_relation_info_hook)
		prev_get_relation_info_hook(root, relid, inhparent, rel);
	if (likely(dsql_session_plain))
		return;

	if (dsql_plan_active())
		dsql_plan_cost_relation(root, relid, inhparent, rel);
}

/*
 * The relations that concern us have been marked when they were looked up.
 */
static void
hook_set_rel_pathlist(PlannerInfo *root, RelOptInfo *rel, Index rti,
					  RangeTblEntry *rte)
{
	if (!dsql_session_plain)
	{
		if (dsql_plan_active())
			dsql_plan_cost_paths(root, rel, rte);
		else
			dsql_key_order_paths(root, rel, rte);
	}
	if (prev_set_rel_pathlist_hook)
		prev_set_rel_pathlist_hook(root, rel, rti, rte);
}

static void
hook_set_join_pathlist(PlannerInfo *root, RelOptInfo *joinrel,
					   RelOptInfo *outerrel, RelOptInfo *innerrel,
					   JoinType jointype, JoinPathExtraData *extra)
{
	if (likely(!dsql_session_plain))
		dsql_plan_join_paths(root, joinrel, outerrel, innerrel, jointype,
							 extra);
	if (prev_set_join_pathlist_hook)
		prev_set_join_pathlist_hook(root, joinrel, outerrel, innerrel,
									jointype, extra);
}

static void
hook_ExplainOneQuery(Query *query, int cursorOptions, IntoClause *into,
					 ExplainState *es, const char *queryString,
					 ParamListInfo params, QueryEnvironment *queryEnv)
{
	/* CREATE TABLE AS is not the service's. */
	if (likely(!dsql_session_plain) && into == NULL &&
		dsql_plan_explains())
		dsql_explain_query(query, cursorOptions, es, queryString, params,
						   queryEnv);
	else if (prev_ExplainOneQuery_hook)
		prev_ExplainOneQuery_hook(query, cursorOptions, into, es, queryString,
								  params, queryEnv);
	else
		dsql_standard_explain(query, cursorOptions, into, es, queryString,
							  params, queryEnv);
}

/* ------------------------------------------------------------------------
 * Objects
 * ------------------------------------------------------------------------
 */

static void
hook_object_access(ObjectAccessType access, Oid classId, Oid objectId,
				   int subId, void *arg)
{
	if (prev_object_access_hook)
		prev_object_access_hook(access, classId, objectId, subId, arg);
	if (likely(dsql_session_plain))
		return;

	if (likely(access == OAT_FUNCTION_EXECUTE))
	{
		dsql_dialect_check_function_call(objectId);
		dsql_cluster_isolation_check_function_call(objectId);
		return;
	}

	switch (access)
	{
		case OAT_POST_CREATE:
			dsql_definition_limits_note_created(classId, objectId);
			if (dsql_session_emulated())
				dsql_dialect_check_created(classId, objectId, subId);
			break;
		case OAT_DROP:
			dsql_implied_jobs_note_drop(classId, objectId, subId,
										((ObjectAccessDrop *) arg)->dropflags);
			break;
		default:
			break;
	}
	dsql_cluster_isolation_object_access(access, classId, objectId, arg);
	if (access == OAT_DROP)
		dsql_iam_note_drop(classId, objectId);
}

/* ------------------------------------------------------------------------
 * Transactions
 * ------------------------------------------------------------------------
 */

static void
before_commit(void)
{
	/*
	 * Without its locks a transaction must not touch its tables again, not
	 * even to find out what else is wrong with it.
	 */
	dsql_schema_version_fail_if_overtaken();
	if (dsql_injection_any())
		dsql_injection_pre_commit();
	dsql_connection_begin_commit();
	if (unlikely(dsql_committer_begun()))
		dsql_commit_pre_commit();
	if (unlikely(dsql_stream_capture_due()))
		dsql_stream_capture_pre_commit();

	/*
	 * InitPostgres() ends with the commit of a transaction in which the
	 * database is open and all of the session's own settings are known, and
	 * only then does the server report parameters and take statements.
	 */
	if (unlikely(!IsNormalProcessingMode()))
	{
		dsql_authentication_opened();
		dsql_environment_opened();
		dsql_injected_refusal_opened();
	}
	dsql_schema_version_pre_commit();
	if (unlikely(!IsNormalProcessingMode()))
		dsql_connection_opened();
	dsql_transaction_pre_commit();
	/* What no utility command made is checked only now. */
	dsql_definition_limits_check_objects();
	dsql_implied_jobs_pre_commit();
	if (unlikely(dsql_committer_begun()))
		dsql_commit_decide();
}

/*
 * The transaction has ended.
 */
static void
end_transaction(XactEvent event)
{
	bool		commit = event == XACT_EVENT_COMMIT;
	bool		looked = dsql_schema_version_seen != 0;

	dsql_injection_end(commit);
	dsql_touched_tables_end();
	dsql_connection_end_transaction();
	dsql_schema_version_end(event != XACT_EVENT_ABORT);
	dsql_transaction_end(event != XACT_EVENT_ABORT);
	dsql_cluster_schema_end(commit);
	dsql_cluster_maker_end(commit);
	if (event == XACT_EVENT_ABORT)
		dsql_definition_limits_abort();
	dsql_job_end_transaction(commit);
	dsql_job_yield_end_transaction();
	dsql_implied_jobs_end(commit);
	if (event != XACT_EVENT_PREPARE)
		dsql_stats_end(commit, looked);
	dsql_conflict_log_end();
	dsql_dpu_track_forget();
	dsql_commit_end(commit);
	dsql_new_rows_end();
	if (unlikely(dsql_stream_position_end()))
		dsql_stream_worker_wake(commit);
	dsql_dialect_watch_lookups();
	dsql_session_end_transaction(dsql_environment_applied() ||
								 dsql_temp_space_applied());
}

static void
hook_xact(XactEvent event, void *arg)
{
	if (likely(dsql_session_plain))
		return;

	switch (event)
	{
		case XACT_EVENT_PRE_COMMIT:
			before_commit();
			break;
		case XACT_EVENT_PRE_PREPARE:
			dsql_commit_pre_prepare();
			break;
		case XACT_EVENT_COMMIT:
		case XACT_EVENT_ABORT:
		case XACT_EVENT_PREPARE:
			end_transaction(event);
			break;
		default:
			break;
	}
}

static void
hook_subxact(SubXactEvent event, SubTransactionId subid,
			 SubTransactionId parent, void *arg)
{
	if (likely(dsql_session_plain))
		return;

	if (event == SUBXACT_EVENT_ABORT_SUB)
	{
		dsql_write_set_undo(subid);
		dsql_dpu_track_forget();
	}
	dsql_transaction_subxact(event, subid);
	if (event == SUBXACT_EVENT_ABORT_SUB)
		dsql_implied_jobs_abort_sub();
}

void
dsql_hook_install(void)
{
	prev_post_parse_analyze_hook = post_parse_analyze_hook;
	post_parse_analyze_hook = hook_post_parse_analyze;
	prev_ExplainOneQuery_hook = ExplainOneQuery_hook;
	ExplainOneQuery_hook = hook_ExplainOneQuery;
	prev_get_relation_info_hook = get_relation_info_hook;
	get_relation_info_hook = hook_get_relation_info;
	prev_set_rel_pathlist_hook = set_rel_pathlist_hook;
	set_rel_pathlist_hook = hook_set_rel_pathlist;
	prev_set_join_pathlist_hook = set_join_pathlist_hook;
	set_join_pathlist_hook = hook_set_join_pathlist;
	prev_planner_hook = planner_hook;
	planner_hook = hook_planner;
	prev_ExecutorStart_hook = ExecutorStart_hook;
	ExecutorStart_hook = hook_ExecutorStart;
	prev_ExecutorRun_hook = ExecutorRun_hook;
	ExecutorRun_hook = hook_ExecutorRun;
	prev_ExecutorFinish_hook = ExecutorFinish_hook;
	ExecutorFinish_hook = hook_ExecutorFinish;
	prev_ExecutorCheckPerms_hook = ExecutorCheckPerms_hook;
	ExecutorCheckPerms_hook = hook_ExecutorCheckPerms;
	prev_ProcessUtility_hook = ProcessUtility_hook;
	ProcessUtility_hook = hook_ProcessUtility;
	prev_object_access_hook = object_access_hook;
	object_access_hook = hook_object_access;

	RegisterXactCallback(hook_xact, NULL);
	RegisterSubXactCallback(hook_subxact, NULL);
}
