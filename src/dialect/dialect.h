/*
 * dialect.h
 *		What the service's dialect lacks of PostgreSQL's.
 *
 * Each function here looks at a statement before anything is done for it, and
 * calls dsql_refuse() for what the service refuses.  They keep no state and
 * must go on as if nothing had happened where dsql_refuse() returns, which it
 * does in report mode.  Some also turn the statement into what the service
 * makes of it; they do so only when dsql_session_enforced().
 *
 * The lists are lists of what is allowed: what nobody thought of is refused.
 */
#ifndef DSQL_DIALECT_H
#define DSQL_DIALECT_H

#include "executor/execdesc.h"
#include "libpq/libpq-be.h"
#include "nodes/parsenodes.h"
#include "parser/parse_node.h"
#include "utils/relcache.h"

/*
 * dialect.c: any analysed statement; the others are called from here.  "async"
 * tells whether it is spelled with ASYNC.
 */
extern void dsql_dialect_check(ParseState *pstate, Query *query, bool async);
extern void dsql_dialect_check_execution(Node *stmt);

/* dialect_background.c: what is executed in processes without a session */
extern void dsql_dialect_check_background_query(const QueryDesc *queryDesc);
extern void dsql_dialect_check_background_utility(Node *stmt);

/* dialect_query.c: SELECT, INSERT, UPDATE, DELETE, MERGE, and expressions */
extern void dsql_dialect_check_query(ParseState *pstate, Query *query);
extern void dsql_dialect_check_expression(Node *expression);
extern void dsql_dialect_check_function_call(Oid funcid);

/* dialect_version.c: what is newer than 16 */
extern void dsql_dialect_check_call_version(FuncExpr *call);
extern void dsql_dialect_check_aggregate_version(Oid funcid, List *argtypes);
extern void dsql_dialect_check_constant_version(const Const *constant);
extern void dsql_dialect_check_node_version(Node *node);
extern void dsql_dialect_check_relations_version(Query *query);

/*
 * dialect_lookup.c: refuse what PostgreSQL looks up names for before it calls a
 * hook.  Called before each text of a client at the latest.
 */
extern void dsql_dialect_watch_lookups(void);

/* dialect_catalog.c: what the service's catalogs show */
extern void dsql_dialect_adapt_catalogs(Query *query, const Bitmapset *system_columns);
extern bool dsql_dialect_is_catalog_query(const Query *query);
extern bool dsql_dialect_set_storing(bool storing);

/* dialect_definition.c: how the definitions of indexes and keys read */
extern void dsql_dialect_definition_install(void);

/* dialect_table.c */
extern void dsql_dialect_check_create_table(ParseState *pstate, CreateStmt *stmt);
extern void dsql_dialect_check_alter_table(ParseState *pstate, AlterTableStmt *stmt, bool async);
extern bool dsql_dialect_is_temporary(const RangeVar *name);
extern Relation dsql_dialect_open_relation(const RangeVar *name);

/* dialect_index.c */
extern void dsql_dialect_check_create_index(ParseState *pstate, IndexStmt *stmt, bool async);

/* dialect_sequence.c: sequences and the options of identity columns */
extern void dsql_dialect_check_create_sequence(ParseState *pstate, CreateSeqStmt *stmt);
extern void dsql_dialect_check_alter_sequence(ParseState *pstate, AlterSeqStmt *stmt);
extern void dsql_dialect_check_identity(ParseState *pstate, TypeName *type, List *options);
extern void dsql_dialect_check_set_identity(ParseState *pstate, List *options);

/* dialect_stored.c: expressions in the catalogs */
extern void dsql_dialect_check_created(Oid class_id, Oid object_id, int sub_id);

/* dialect_type.c: data types and domains */
extern void dsql_dialect_check_column_type(ParseState *pstate, TypeName *type);
extern void dsql_dialect_check_create_domain(ParseState *pstate, CreateDomainStmt *stmt);
extern void dsql_dialect_check_alter_domain(ParseState *pstate, AlterDomainStmt *stmt);
extern void dsql_dialect_check_stored_type(Oid type);
extern void dsql_dialect_check_key_type(Oid type);
extern void dsql_dialect_check_expression_type(Oid type);

/* dialect_function.c: functions and views */
extern void dsql_dialect_check_create_function(ParseState *pstate, CreateFunctionStmt *stmt);
extern void dsql_dialect_check_alter_function(ParseState *pstate, AlterFunctionStmt *stmt);
extern void dsql_dialect_check_view(ParseState *pstate, ViewStmt *stmt);

/* dialect_role.c: roles and privileges */
extern void dsql_dialect_check_role(ParseState *pstate, Node *stmt);
extern void dsql_dialect_check_role_name(const char *name);

/* dialect_object.c: what can be done to any kind of object */
extern void dsql_dialect_check_drop(DropStmt *stmt);
extern void dsql_dialect_check_rename(RenameStmt *stmt);
extern void dsql_dialect_check_owner(AlterOwnerStmt *stmt);
extern void dsql_dialect_check_object_schema(AlterObjectSchemaStmt *stmt);
extern void dsql_dialect_check_comment(CommentStmt *stmt);

/*
 * The settings that came after 16, which are not shown.
 */
#define DSQL_LATER_SETTINGS \
	"allow_alter_system,autovacuum_vacuum_max_threshold," \
	"autovacuum_worker_slots,commit_timestamp_buffers," \
	"enable_distinct_reordering,enable_group_by_reordering," \
	"enable_self_join_elimination,event_triggers,extension_control_path," \
	"file_copy_method,file_extend_method,huge_pages_status," \
	"idle_replication_slot_timeout,io_combine_limit,io_max_combine_limit," \
	"io_max_concurrency,io_method,io_workers,log_lock_failures," \
	"max_active_replication_origins,max_notify_queue_pages," \
	"md5_password_warnings,multixact_member_buffers," \
	"multixact_offset_buffers,notify_buffers,num_os_semaphores," \
	"oauth_validator_libraries,serializable_buffers,ssl_groups," \
	"ssl_tls13_ciphers,subtransaction_buffers,summarize_wal," \
	"sync_replication_slots,synchronized_standby_slots," \
	"trace_connection_negotiation,track_cost_delay_timing," \
	"transaction_buffers,transaction_timeout," \
	"vacuum_max_eager_freeze_failure_rate,vacuum_truncate," \
	"wal_summary_keep_time"

/* dialect_setting.c: SET, RESET, SHOW, set_config() */
extern void dsql_dialect_check_set(ParseState *pstate, VariableSetStmt *stmt);
extern void dsql_dialect_check_set_config(const char *name, bool is_local);
extern void dsql_dialect_check_show(ParseState *pstate, VariableShowStmt *stmt);
extern void dsql_dialect_check_show_name(const char *name);
extern bool dsql_dialect_setting_allowed(const char *name);
extern void dsql_dialect_setting_install(void);

/*
 * dialect_startup.c: what a client sets when it connects; the value that it gives
 * to a setting, or NULL.
 */
extern void dsql_dialect_check_startup(const Port *port, bool in_any_mode);
extern char *dsql_dialect_startup_value(const Port *port, const char *setting);

/* dialect_transaction.c */
extern void dsql_dialect_check_transaction(ParseState *pstate, TransactionStmt *stmt);
extern void dsql_dialect_check_transaction_modes(List *modes);

/* For use in _PG_init: how a client's name of a role becomes the server's. */
extern void dsql_dialect_set_role_names(char *(*real) (const char *name));

#endif							/* DSQL_DIALECT_H */
