/*
 * rulelist.h
 *		The rules, one row each.
 *
 * DSQL_RULE(name, kind, matches, sqlstate, message, evidence, source, since)
 *
 * There is deliberately no include guard here: whoever includes this file
 * defines DSQL_RULE first.  The sources are named as in doc/sources.md.  Where
 * a text is not known, it follows the pattern of its group, and the evidence
 * is INFERRED.
 */

/* Statements that the service does not have. */
DSQL_RULE(STATEMENT_TRUNCATE, "statement", "TRUNCATE",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "unsupported statement: Truncate",
		  RECORDED, "cluster", "2026-09-18")
DSQL_RULE(STATEMENT_OTHER, "statement", "any statement that no other rule names",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "unsupported statement: %s",
		  INFERRED, "pattern", "2026-09-18")

/* Settings of a session. */
DSQL_RULE(SETTING, "setting", "SET, RESET, set_config() or start-up parameter, not in the list",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "setting configuration parameter \"%s\" not supported",
		  RECORDED, "cluster", "2026-09-18")

/* What one transaction may do. */
DSQL_RULE(TRANSACTION_TWO_DDL, "transaction", "a second DDL statement in a transaction",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "multiple ddl statements not supported in a transaction",
		  RECORDED, "cluster", "2026-09-18")
DSQL_RULE(TRANSACTION_DDL_AND_DML, "transaction", "DDL and a change of data in a transaction, in either order",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "ddl and dml are not supported in the same transaction",
		  RECORDED, "cluster", "2026-09-18")

/* Limits; their values are in limitlist.h. */
DSQL_RULE(LIMIT_TRANSACTION_ROWS, "limit", "more rows changed or locked in a transaction",
		  ERRCODE_PROGRAM_LIMIT_EXCEEDED, "transaction row limit exceeded",
		  RECORDED, "cluster", "2026-09-18")
DSQL_RULE(LIMIT_TRANSACTION_SIZE, "limit", "more data written in a transaction",
		  ERRCODE_PROGRAM_LIMIT_EXCEEDED,
		  "transaction size limit %dmb exceeded\n"
		  "Current transaction size %dmb > %dmb",
		  RECORDED, "agent-plugins", "2026-10-01")
DSQL_RULE(LIMIT_TRANSACTION_AGE, "limit", "an older transaction",
		  ERRCODE_PROGRAM_LIMIT_EXCEEDED,
		  "transaction age limit of %ds exceeded\n"
		  "Current transaction age %ds exceeds %ds",
		  RECORDED, "agent-plugins", "2026-10-01")
DSQL_RULE(LIMIT_QUERY_TEMP_SPACE, "limit", "more temporary space used by a query",
		  ERRCODE_PROGRAM_LIMIT_EXCEEDED,
		  "query requires more than allowed temp space of %d KB to execute",
		  RECORDED, "agent-plugins", "2026-10-01")
DSQL_RULE(LIMIT_ROW_SIZE, "limit", "a larger row",
		  ERRCODE_PROGRAM_LIMIT_EXCEEDED, "maximum row size exceeded",
		  RECORDED, "agent-plugins", "2026-10-01")
DSQL_RULE(LIMIT_COLUMN_SIZE, "limit", "a larger value, after compression",
		  ERRCODE_PROGRAM_LIMIT_EXCEEDED,
		  "datatype limit greater than %d bytes not supported for %s",
		  RECORDED, "agent-plugins", "2026-10-01")
DSQL_RULE(LIMIT_KEY_SIZE, "limit", "a larger key, the columns of the primary key included",
		  ERRCODE_PROGRAM_LIMIT_EXCEEDED, "key size too large",
		  RECORDED, "agent-plugins", "2026-10-01")
DSQL_RULE(LIMIT_CHAR_LENGTH, "limit", "a longer char(n)",
		  ERRCODE_PROGRAM_LIMIT_EXCEEDED,
		  "Datatype limit greater than %d bytes not supported for char",
		  RECORDED, "agent-plugins", "2026-10-01")
DSQL_RULE(LIMIT_VARCHAR_LENGTH, "limit", "a longer varchar(n)",
		  ERRCODE_PROGRAM_LIMIT_EXCEEDED,
		  "Datatype limit greater than %d bytes not supported for varchar",
		  RECORDED, "agent-plugins", "2026-10-01")
DSQL_RULE(LIMIT_DECLARED_KEY_SIZE, "limit", "key columns of larger declared lengths",
		  ERRCODE_PROGRAM_LIMIT_EXCEEDED,
		  "key size greater than %d bytes not supported",
		  RECORDED, "agent-plugins", "2026-10-01")
DSQL_RULE(LIMIT_KEY_COLUMNS, "limit", "more columns in a key",
		  ERRCODE_TOO_MANY_COLUMNS,
		  "more than %d column keys in an index are not supported",
		  RECORDED, "agent-plugins", "2026-10-01")
DSQL_RULE(LIMIT_TABLE_COLUMNS, "limit", "more columns in a table without primary key",
		  ERRCODE_TOO_MANY_COLUMNS, "tables can have at most %d columns",
		  RECORDED, "agent-plugins", "2026-10-01")
DSQL_RULE(LIMIT_PRIMARY_KEY_COLUMNS, "limit", "more columns in a table with primary key",
		  ERRCODE_TOO_MANY_COLUMNS,
		  "cannot use more than %d columns in an index",
		  RECORDED, "agent-plugins", "2026-10-01")
DSQL_RULE(LIMIT_TABLE_INDEXES, "limit", "more indexes of a table",
		  ERRCODE_PROGRAM_LIMIT_EXCEEDED,
		  "more than %d indexes per table are not allowed",
		  RECORDED, "agent-plugins", "2026-10-01")
DSQL_RULE(LIMIT_TABLE_STATISTICS, "limit", "more extended statistics of a table",
		  ERRCODE_PROGRAM_LIMIT_EXCEEDED,
		  "more than %d extended statistics per table are not allowed",
		  RECORDED, "agent-plugins", "2026-10-01")
DSQL_RULE(LIMIT_STATISTICS_TARGET, "limit", "a larger target of extended statistics",
		  ERRCODE_INVALID_PARAMETER_VALUE,
		  "statistics target %d exceeds maximum allowed value of %d",
		  RECORDED, "agent-plugins", "2026-10-01")
DSQL_RULE(LIMIT_VIEW_SIZE, "limit", "a larger definition of a view",
		  ERRCODE_PROGRAM_LIMIT_EXCEEDED, "view definition too large",
		  RECORDED, "agent-plugins", "2026-10-01")
DSQL_RULE(LIMIT_SCHEMAS, "limit", "more schemas",
		  ERRCODE_PROGRAM_LIMIT_EXCEEDED,
		  "more than %d schemas not allowed",
		  RECORDED, "agent-plugins", "2026-10-01")
DSQL_RULE(LIMIT_TABLES, "limit", "more tables",
		  ERRCODE_PROGRAM_LIMIT_EXCEEDED,
		  "creating more than %d tables not allowed",
		  DOCUMENTED, "CHAP_quotas", "2026-08-27")
DSQL_RULE(LIMIT_VIEWS, "limit", "more views",
		  ERRCODE_PROGRAM_LIMIT_EXCEEDED,
		  "creating more than %d views not allowed",
		  DOCUMENTED, "CHAP_quotas", "2026-08-27")
DSQL_RULE(LIMIT_SEQUENCES, "limit", "more sequences",
		  ERRCODE_PROGRAM_LIMIT_EXCEEDED,
		  "creating more than %d sequences is not allowed",
		  DOCUMENTED, "CHAP_quotas", "2026-08-27")
