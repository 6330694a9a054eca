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
#include "base/statement_rulelist.h"

/* Settings of a session. */
DSQL_RULE(SETTING, "setting", "SET, RESET, set_config() or start-up parameter, not in the list",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "setting configuration parameter \"%s\" not supported",
		  RECORDED, "cluster", "2026-09-18")
DSQL_RULE(SETTING_ABSENT, "setting",
		  "SHOW and current_setting() of lc_collate and lc_ctype",
		  ERRCODE_UNDEFINED_OBJECT,
		  "unrecognized configuration parameter \"%s\"",
		  RECORDED, "cluster", "2026-09-18")

/* Objects that cannot be dropped, renamed, commented on, given away or moved. */
DSQL_RULE(OBJECT_COMMENT, "object",
		  "COMMENT ON other than a table, column, view, sequence, index, schema, role, function or table constraint",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported object in COMMENT statement",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(OBJECT_DROP, "object",
		  "DROP of other than a table, view, index, sequence, schema, domain, function, statistics object or trigger",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported object in DROP statement",
		  RECORDED, "cluster", "2026-09-18")
DSQL_RULE(OBJECT_DROP_DOMAIN_CASCADE, "object", "DROP DOMAIN ... CASCADE",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "DROP DOMAIN with CASCADE unsupported",
		  RECORDED, "capabilities", "2026-10-03")
DSQL_RULE(OBJECT_DROP_INDEX_CONCURRENTLY, "object",
		  "DROP INDEX CONCURRENTLY of an index that exists",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "DROP INDEX CONCURRENTLY must be first action in transaction",
		  RECORDED, "pistachio", "2026-10-10")
DSQL_RULE(OBJECT_OWNER, "object",
		  "ALTER ... OWNER TO for other than a table, view, sequence, schema, domain, function or statistics object",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported object in OWNER TO statement",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(OBJECT_RENAME, "object",
		  "RENAME of other than a table, view, sequence, index, schema, role, domain, function or statistics object, or what is part of a table, view or domain",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported object in RENAME statement",
		  RECORDED, "cluster", "2026-09-18")
DSQL_RULE(OBJECT_SCHEMA, "object",
		  "ALTER ... SET SCHEMA for other than a table, view, sequence, domain, function or statistics object",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported object in SET SCHEMA statement",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(OBJECT_SYSTEM_SCHEMA, "object",
		  "DROP SCHEMA and ALTER SCHEMA of public and sys",
		  ERRCODE_INSUFFICIENT_PRIVILEGE, "must be owner of schema %s",
		  INFERRED, "pattern", "2026-09-18")

/* CREATE TABLE. */
DSQL_RULE(TABLE_TEMPORARY, "table", "CREATE TEMPORARY TABLE",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "TEMPORARY or TEMP table not supported for CREATE TABLE",
		  RECORDED, "cluster", "2026-09-18")
DSQL_RULE(TABLE_UNLOGGED, "table", "CREATE UNLOGGED TABLE",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "UNLOGGED table not supported for CREATE TABLE",
		  RECORDED, "cluster", "2026-09-18")
DSQL_RULE(TABLE_PARTITION_BY, "table", "CREATE TABLE ... PARTITION BY",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "PARTITION BY clause not supported for CREATE TABLE",
		  RECORDED, "pistachio", "2026-10-10")
DSQL_RULE(TABLE_PARTITION_OF, "table", "CREATE TABLE ... PARTITION OF",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "PARTITION OF clause not supported for CREATE TABLE",
		  RECORDED, "pistachio", "2026-10-10")
DSQL_RULE(TABLE_CLAUSE, "table",
		  "CREATE TABLE with OF, INHERITS, USING, WITH, ON COMMIT or TABLESPACE",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "%s clause not supported for CREATE TABLE",
		  INFERRED, "pattern", "2026-08-07")
DSQL_RULE(TABLE_CONSTRAINT_DEFERRABLE, "table",
		  "deferrable PRIMARY KEY or UNIQUE constraint in CREATE TABLE",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "DEFERRABLE constraint not supported",
		  INFERRED, "ministack", "2026-08-30")
DSQL_RULE(TABLE_CONSTRAINT_EXCLUDE, "table", "EXCLUDE",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "EXCLUDE constraint not supported",
		  INFERRED, "pattern", "2026-08-27")

/* ALTER TABLE, and what PostgreSQL has the same grammar for. */
DSQL_RULE(ALTER_TABLE_ADD_COLUMN, "alter table",
		  "ADD COLUMN with DEFAULT, NOT NULL, CHECK, UNIQUE, REFERENCES, GENERATED or any other constraint",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "ALTER TABLE ADD COLUMN with constraint not supported",
		  RECORDED, "cluster", "2026-09-18")
DSQL_RULE(ALTER_TABLE_ADD_CONSTRAINT, "alter table",
		  "ADD CONSTRAINT other than CHECK or FOREIGN KEY with NOT VALID and UNIQUE USING INDEX",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported ALTER TABLE ADD CONSTRAINT statement",
		  RECORDED, "cluster", "2026-09-18")
DSQL_RULE(ALTER_TABLE_ADD_DEFERRABLE, "alter table",
		  "ADD CONSTRAINT ... UNIQUE DEFERRABLE",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "ALTER TABLE / ADD CONSTRAINT UNIQUE / DEFERRED / INITIALLY DEFERRED not supported",
		  INFERRED, "ministack", "2026-08-30")
DSQL_RULE(ALTER_TABLE_DROP_CONSTRAINT, "alter table",
		  "DROP CONSTRAINT of a primary key",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported ALTER TABLE DROP CONSTRAINT statement",
		  RECORDED, "capabilities", "2026-10-03")
DSQL_RULE(ALTER_TABLE_DROP_KEY_COLUMN, "alter table",
		  "DROP COLUMN of a column of the primary key",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "cannot drop primary key column %s",
		  RECORDED, "cluster", "2026-09-18")
DSQL_RULE(ALTER_TABLE_ENABLE_ROW_SECURITY, "alter table",
		  "ENABLE ROW LEVEL SECURITY",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported ALTER TABLE ENABLE ROW SECURITY statement",
		  RECORDED, "capabilities", "2026-10-03")
DSQL_RULE(ALTER_TABLE_SET_DATA_TYPE, "alter table", "ALTER COLUMN ... TYPE",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported ALTER TABLE ALTER COLUMN ... SET DATA TYPE statement",
		  RECORDED, "cluster", "2026-09-18")
DSQL_RULE(ALTER_TABLE_SET_NOT_NULL, "alter table",
		  "ALTER COLUMN ... SET NOT NULL",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported ALTER TABLE ALTER COLUMN ... SET NOT NULL statement",
		  RECORDED, "capabilities", "2026-10-03")
DSQL_RULE(ALTER_TABLE_SET_STATISTICS, "alter table",
		  "ALTER COLUMN ... SET STATISTICS",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported ALTER TABLE ALTER COLUMN ... SET STATISTICS statement",
		  RECORDED, "capabilities", "2026-10-03")
DSQL_RULE(ALTER_TABLE_VALIDATE_CONSTRAINT, "alter table",
		  "VALIDATE CONSTRAINT without ASYNC",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported ALTER TABLE VALIDATE CONSTRAINT statement",
		  RECORDED, "cluster", "2026-09-18")
DSQL_RULE(ALTER_TABLE_ACTION, "alter table",
		  "any action that is not in the service's list",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported ALTER TABLE %s statement",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(ALTER_TABLE_ASYNC, "alter table",
		  "ALTER TABLE ASYNC with several actions",
		  ERRCODE_SYNTAX_ERROR, "syntax error at or near \"%s\"",
		  INFERRED, "guide: alter-table-syntax-support", "2026-08-27")
DSQL_RULE(ALTER_TABLE_ASYNC_ADD_CONSTRAINT, "alter table",
		  "ALTER TABLE ASYNC ... ADD CONSTRAINT",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported ALTER TABLE ADD CONSTRAINT statement",
		  INFERRED, "golang-migrate", "2026-09-18")
DSQL_RULE(ALTER_INDEX, "alter table", "ALTER INDEX other than RENAME",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported ALTER INDEX %s statement",
		  INFERRED, "pattern", "2026-10-03")
DSQL_RULE(ALTER_OTHER, "alter table",
		  "ALTER FOREIGN TABLE, ALTER MATERIALIZED VIEW",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "ALTER %s not supported",
		  INFERRED, "pattern", "2026-09-18")

/* CREATE INDEX. */
DSQL_RULE(INDEX_CONCURRENTLY, "index", "CREATE INDEX CONCURRENTLY",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "CONCURRENTLY not supported for CREATE INDEX",
		  RECORDED, "spike-de", "2026-09-23")
DSQL_RULE(INDEX_USING, "index", "USING other than btree_index",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "USING not supported for CREATE INDEX",
		  RECORDED, "spike-de", "2026-09-23")
DSQL_RULE(INDEX_CLAUSE, "index", "CREATE INDEX with WITH or TABLESPACE",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "%s not supported for CREATE INDEX",
		  INFERRED, "pattern", "2026-09-23")
DSQL_RULE(INDEX_MODE, "index",
		  "CREATE INDEX without ASYNC, unless disable_sync_create_index is off and the table is empty",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported mode. please use CREATE INDEX ASYNC.",
		  RECORDED, "cluster", "2026-09-16")
DSQL_RULE(INDEX_SORT_ORDER, "index", "ASC or DESC",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "specifying sort order not supported for index keys",
		  RECORDED, "spike-de", "2026-09-23")
DSQL_RULE(INDEX_OPCLASS, "index", "operator class",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "opclass not supported for index keys",
		  RECORDED, "spike-de", "2026-09-23")

/* Data types and domains. */
DSQL_RULE(TYPE_COLUMN, "type",
		  "column or domain of type money, xml, inet, cidr, macaddr, bit, bit varying, pg_lsn, tsvector, tsquery, of a geometric type, a range or an array",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "datatype %s not supported",
		  RECORDED, "cluster", "2026-09-18")
DSQL_RULE(TYPE_COLUMN_OTHER, "type",
		  "column or domain of any other type that is not in the service's list",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "datatype %s not supported",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(TYPE_FUNCTION, "type",
		  "function argument or result of type money, xml, cidr, macaddr, bit, bit varying, of a geometric type, a range, or an array of these",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "datatype %s not supported",
		  RECORDED, "pistachio", "2026-10-10")
DSQL_RULE(TYPE_IN_KEY, "type",
		  "bytea, json, jsonb, interval, timetz in PRIMARY KEY, UNIQUE or an index",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "datatype %s is not supported in a key",
		  RECORDED, "agent-plugins", "2026-10-01")
DSQL_RULE(TYPE_IN_KEY_OTHER, "type",
		  "expression of a type that no column has in an index",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "datatype %s is not supported in a key",
		  INFERRED, "pattern", "2026-10-01")
DSQL_RULE(TYPE_SERIAL, "type", "column of type serial, bigserial, smallserial",
		  ERRCODE_UNDEFINED_OBJECT, "type \"%s\" does not exist",
		  RECORDED, "cluster", "2026-09-18")
DSQL_RULE(COLLATE, "type", "COLLATE in a column or domain",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "COLLATE clause not supported",
		  RECORDED, "agent-plugins", "2026-10-01")
DSQL_RULE(COLUMN_CLAUSE, "type", "COMPRESSION or OPTIONS in a column",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "%s clause not supported",
		  INFERRED, "pattern", "2026-10-10")
DSQL_RULE(ALTER_DOMAIN, "type",
		  "ALTER DOMAIN SET NOT NULL, ADD CONSTRAINT, VALIDATE CONSTRAINT",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "unsupported ALTER DOMAIN %s statement",
		  INFERRED, "pattern", "2026-10-03")

/* Sequences and identity columns. */
DSQL_RULE(SEQUENCE_NO_CACHE, "sequence", "CREATE SEQUENCE without CACHE",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "CREATE SEQUENCE is not supported without an explicit cache size. please define CACHE greater than or equal to 65536 or equal to 1",
		  RECORDED, "cluster", "2026-09-18")
DSQL_RULE(SEQUENCE_CACHE, "sequence", "CACHE other than 1 and below 65536",
		  ERRCODE_INVALID_PARAMETER_VALUE,
		  "CACHE (%lld) must be greater than or equal to 65536 or equal to 1",
		  RECORDED, "migration-toolkit", "2026-08-20")
DSQL_RULE(SEQUENCE_TYPE, "sequence", "CREATE or ALTER SEQUENCE AS another type than bigint",
		  ERRCODE_INVALID_PARAMETER_VALUE, "sequence type must be bigint",
		  RECORDED, "migration-toolkit", "2026-08-20")
DSQL_RULE(SEQUENCE_PERSISTENCE, "sequence", "TEMPORARY or UNLOGGED sequence",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "%s sequence not supported for CREATE SEQUENCE",
		  INFERRED, "pattern", "2026-10-10")
DSQL_RULE(IDENTITY_NO_CACHE, "sequence", "identity column without CACHE",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "identity column is not supported without an explicit cache size. please define CACHE greater than or equal to 65536 or equal to 1",
		  RECORDED, "cluster", "2026-09-18")
DSQL_RULE(IDENTITY_TYPE, "sequence", "identity column of another type than bigint",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "datatype %s not supported, identity column type must be bigint",
		  RECORDED, "cluster", "2026-09-18")

/* Functions and views. */
DSQL_RULE(FUNCTION_CLAUSE, "function",
		  "CREATE FUNCTION with WINDOW, SUPPORT",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "%s not supported for CREATE FUNCTION",
		  INFERRED, "pattern", "2026-09-22")
DSQL_RULE(FUNCTION_LANGUAGE, "function",
		  "CREATE FUNCTION in another language than SQL",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "CREATE FUNCTION with language %s not supported",
		  RECORDED, "cluster", "2026-09-18")
DSQL_RULE(ALTER_FUNCTION, "function",
		  "ALTER FUNCTION other than RENAME, OWNER TO, SET SCHEMA",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "unsupported ALTER FUNCTION statement",
		  INFERRED, "pattern", "2026-09-22")
DSQL_RULE(PROCEDURE, "function", "CREATE PROCEDURE, ALTER PROCEDURE",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "PROCEDURE is not supported",
		  RECORDED, "agent-plugins", "2026-10-01")
DSQL_RULE(VIEW_TEMPORARY, "view", "CREATE TEMPORARY VIEW",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "TEMPORARY or TEMP view not supported for CREATE VIEW",
		  INFERRED, "pattern", "2026-08-27")

/* Roles and privileges. */
DSQL_RULE(ROLE_ADMIN, "role",
		  "CREATE, ALTER other than SET and RESET, DROP, GRANT, REVOKE of the role admin itself",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "feature not supported on system entity",
		  INFERRED, "pattern", "2026-10-10")
DSQL_RULE(ROLE_ALTER, "role", "ALTER ROLE with options other than INHERIT",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "%s not supported for ALTER ROLE",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(ROLE_ALTER_SET, "role",
		  "ALTER ROLE ALL SET, ALTER ROLE ... IN DATABASE ... SET",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "unsupported statement: AlterRoleSet",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(ROLE_CREATE, "role",
		  "CREATE ROLE with options other than LOGIN, INHERIT, IN ROLE, ROLE, ADMIN",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "%s not supported for CREATE ROLE",
		  INFERRED, "pattern", "2026-09-18")
/* The grammar of dsql-lint has neither, and nothing says that they work. */
DSQL_RULE(ROLE_CREATE_AS, "role", "CREATE USER, CREATE GROUP",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "CREATE %s not supported",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(ROLE_DEFAULT_PRIVILEGES, "role",
		  "ALTER DEFAULT PRIVILEGES FOR ROLE of a role that the user is no member of",
		  ERRCODE_INSUFFICIENT_PRIVILEGE,
		  "permission denied to change default privileges",
		  RECORDED, "site-builder", "2026-07-28")
DSQL_RULE(ROLE_GRANT, "role",
		  "GRANT, REVOKE on other than tables, sequences, schemas and functions",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "unsupported object type in GRANT",
		  RECORDED, "pistachio", "2026-10-10")
DSQL_RULE(ROLE_GRANT_SYSTEM_SCHEMA, "role",
		  "GRANT, REVOKE on public or a schema of the system",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "feature not supported on system entity",
		  RECORDED, "pistachio", "2026-10-10")
DSQL_RULE(ROLE_GRANT_SYSTEM_ROLE, "role",
		  "GRANT, REVOKE of a role of PostgreSQL's own, as pg_read_all_data; CREATE ROLE IN ROLE of one",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "feature not supported on system entity",
		  INFERRED, "pattern", "2026-10-10")
DSQL_RULE(ROLE_IAM_ARN, "role",
		  "AWS IAM GRANT, REVOKE with what is not the ARN of an IAM user or role",
		  ERRCODE_INVALID_PARAMETER_VALUE, "IAM role must look like an IAM ARN",
		  DOCUMENTED, "guide: troubleshooting", "2026-09-11")
DSQL_RULE(ROLE_IAM_DUPLICATE, "role", "AWS IAM GRANT that was done before",
		  ERRCODE_DUPLICATE_OBJECT, "IAM role %s already has trust with role %s",
		  INFERRED, "pattern", "2026-09-11")
DSQL_RULE(ROLE_IAM_LOGIN, "role", "AWS IAM GRANT of a role without LOGIN",
		  ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
		  "role %s must have the LOGIN attribute",
		  DOCUMENTED, "guide: troubleshooting", "2026-09-11")
DSQL_RULE(ROLE_IAM_MAPPED, "role", "DROP ROLE of one that AWS IAM GRANT was done for",
		  ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST,
		  "role \"%s\" cannot be dropped because some objects depend on it\n"
		  "IAM trust with %s",
		  DOCUMENTED, "guide: troubleshooting", "2026-09-11")
DSQL_RULE(ROLE_IAM_NOT_FOUND, "role", "AWS IAM GRANT, REVOKE of a role that does not exist",
		  ERRCODE_UNDEFINED_OBJECT, "Role %s does not exist",
		  DOCUMENTED, "guide: troubleshooting", "2026-09-11")
DSQL_RULE(ROLE_IAM_PERMISSION, "role", "AWS IAM GRANT, REVOKE by others than admin",
		  ERRCODE_INSUFFICIENT_PRIVILEGE,
		  "permission denied to grant IAM trust with role %s",
		  DOCUMENTED, "guide: troubleshooting", "2026-09-11")
DSQL_RULE(ROLE_IAM_PSEUDO, "role", "AWS IAM GRANT, REVOKE of a role of PostgreSQL's own, or PUBLIC",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "Role %s not supported",
		  DOCUMENTED, "guide: troubleshooting", "2026-09-11")
DSQL_RULE(ROLE_IAM_TRUST, "role", "AWS IAM GRANT, REVOKE of admin or a superuser",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "Cannot establish trust with role %s",
		  DOCUMENTED, "guide: troubleshooting", "2026-09-11")
DSQL_RULE(ROLE_IAM_UNMAPPED, "role", "AWS IAM REVOKE of what was not granted",
		  ERRCODE_UNDEFINED_OBJECT, "IAM role %s does not exist",
		  DOCUMENTED, "guide: troubleshooting", "2026-09-11")

/* Queries. */
DSQL_RULE(QUERY_FUNCTION, "query",
		  "functions for notifications, large objects, snapshots of other sessions, and pg_backend_pid()",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "function %s not supported",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(QUERY_FUNCTION_LOCK, "query", "functions for advisory locks",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "function %s not supported",
		  RECORDED, "pistachio", "2026-10-10")
DSQL_RULE(QUERY_SYSTEM_COLUMN, "query",
		  "system columns of a table, tableoid excepted",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "cannot retrieve a system column in this context",
		  RECORDED, "pgrest-lambda", "2026-08-28")
DSQL_RULE(QUERY_LOCKING, "query", "FOR SHARE, FOR NO KEY UPDATE",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "locking clauses other than FOR UPDATE/FOR KEY SHARE are not supported",
		  RECORDED, "cluster", "2026-09-18")
/* Only at run time, with a row, on the service. */
DSQL_RULE(QUERY_LATERAL, "query",
		  "LEFT JOIN LATERAL of a subquery of a table whose target list uses the outer row: a defect, see dsql_emu.lateral_defect",
		  ERRCODE_DATATYPE_MISMATCH, "attribute 1 of type %s has wrong type",
		  RECORDED, "cluster", "2026-09-18")
DSQL_RULE(QUERY_TABLESAMPLE, "query", "TABLESAMPLE",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "TABLESAMPLE clause not supported",
		  RECORDED, "cluster", "2026-09-18")
DSQL_RULE(QUERY_TEXT_SEARCH, "query",
		  "text search configurations other than simple",
		  ERRCODE_UNDEFINED_OBJECT,
		  "text search configuration \"%s\" does not exist",
		  RECORDED, "cluster", "2026-09-18")
DSQL_RULE(QUERY_TYPE, "query", "values of type line and circle in queries",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "datatype %s not supported",
		  RECORDED, "cluster", "2026-09-18")
DSQL_RULE(QUERY_TYPE_GEOMETRIC, "query",
		  "values of other geometric types in queries",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "datatype %s not supported",
		  INFERRED, "pattern", "2026-09-18")

/* What came after PostgreSQL 16, answered as 16 does. */
DSQL_RULE(VERSION_CAST, "version", "casts between integers and bytea",
		  ERRCODE_CANNOT_COERCE, "cannot cast type %s to %s",
		  INFERRED, "PostgreSQL 16", "2026-11-29")
DSQL_RULE(VERSION_COLLATION, "version",
		  "the collations pg_c_utf8 and pg_unicode_fast",
		  ERRCODE_UNDEFINED_OBJECT,
		  "collation \"%s\" for encoding \"UTF8\" does not exist",
		  INFERRED, "PostgreSQL 16", "2026-11-29")
DSQL_RULE(VERSION_COLUMN, "version", "columns of catalogs",
		  ERRCODE_UNDEFINED_COLUMN, "column \"%s\" does not exist",
		  INFERRED, "PostgreSQL 16", "2026-11-29")
DSQL_RULE(VERSION_CONSTRAINT, "version",
		  "DROP CONSTRAINT of NOT NULL, which has no name",
		  ERRCODE_UNDEFINED_OBJECT,
		  "constraint \"%s\" of relation \"%s\" does not exist",
		  INFERRED, "PostgreSQL 16", "2026-11-29")
DSQL_RULE(VERSION_COPY_COLUMNS, "version",
		  "FORCE_NULL * and FORCE_NOT_NULL * of COPY",
		  ERRCODE_INVALID_PARAMETER_VALUE,
		  "argument to option \"%s\" must be a list of column names",
		  INFERRED, "PostgreSQL 16", "2026-11-29")
DSQL_RULE(VERSION_COPY_OPTION, "version",
		  "the options ON_ERROR, LOG_VERBOSITY, REJECT_LIMIT of COPY",
		  ERRCODE_SYNTAX_ERROR, "option \"%s\" not recognized",
		  INFERRED, "PostgreSQL 16", "2026-09-18")
DSQL_RULE(VERSION_EXPLAIN_OPTION, "version",
		  "the options MEMORY and SERIALIZE of EXPLAIN",
		  ERRCODE_SYNTAX_ERROR, "unrecognized EXPLAIN option \"%s\"",
		  INFERRED, "PostgreSQL 16", "2026-09-18")
DSQL_RULE(VERSION_FUNCTION, "version", "built-in functions",
		  ERRCODE_UNDEFINED_FUNCTION, "function %s does not exist",
		  INFERRED, "PostgreSQL 16", "2026-09-18")
DSQL_RULE(VERSION_INTERVAL, "version", "infinite intervals",
		  ERRCODE_INVALID_DATETIME_FORMAT,
		  "invalid input syntax for type interval: \"%s\"",
		  INFERRED, "PostgreSQL 16", "2026-11-29")
DSQL_RULE(VERSION_INTERVAL_UNIT, "version", "the week of an interval",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unit \"%s\" not supported for type interval",
		  INFERRED, "PostgreSQL 16", "2026-11-29")
DSQL_RULE(VERSION_JSONPATH, "version",
		  "methods in a jsonpath: bigint, boolean, date, decimal, integer, number, string, time, time_tz, timestamp, timestamp_tz",
		  ERRCODE_SYNTAX_ERROR,
		  "syntax error at or near \"(\" of jsonpath input",
		  INFERRED, "PostgreSQL 16", "2026-11-29")
DSQL_RULE(VERSION_NUMBER_FORMAT, "version", "Roman numerals in to_number()",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "\"RN\" not supported for input",
		  INFERRED, "PostgreSQL 16", "2026-11-29")
DSQL_RULE(VERSION_PRIVILEGE, "version", "GRANT MAINTAIN",
		  ERRCODE_SYNTAX_ERROR, "unrecognized privilege type \"%s\"",
		  INFERRED, "PostgreSQL 16", "2026-11-29")
DSQL_RULE(VERSION_PRIVILEGE_NAME, "version",
		  "MAINTAIN in has_table_privilege()",
		  ERRCODE_INVALID_PARAMETER_VALUE,
		  "unrecognized privilege type: \"%s\"",
		  INFERRED, "PostgreSQL 16", "2026-11-29")
DSQL_RULE(VERSION_RELATION, "version", "system views",
		  ERRCODE_UNDEFINED_TABLE, "relation \"%s\" does not exist",
		  INFERRED, "PostgreSQL 16", "2026-11-29")
DSQL_RULE(VERSION_RETURNING, "version", "OLD and NEW in RETURNING",
		  ERRCODE_UNDEFINED_TABLE,
		  "missing FROM-clause entry for table \"%s\"",
		  INFERRED, "PostgreSQL 16", "2026-09-18")
DSQL_RULE(VERSION_SETTING, "version",
		  "SHOW and current_setting() of settings",
		  ERRCODE_UNDEFINED_OBJECT,
		  "unrecognized configuration parameter \"%s\"",
		  INFERRED, "PostgreSQL 16", "2026-11-29")
DSQL_RULE(VERSION_SYNTAX, "version",
		  "AT LOCAL, JSON_TABLE, RETURNING WITH, ALTER COLUMN ... SET EXPRESSION, constraints that are newer",
		  ERRCODE_SYNTAX_ERROR, "syntax error at or near \"%s\"",
		  INFERRED, "PostgreSQL 16", "2026-09-18")
DSQL_RULE(VERSION_TIME_FORMAT, "version",
		  "TZ and OF in to_timestamp() and to_date()",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "formatting field \"%s\" is only supported in to_char",
		  INFERRED, "PostgreSQL 16", "2026-11-29")

/* Transaction statements. */
DSQL_RULE(TRANSACTION_CHAIN, "transaction",
		  "COMMIT and ROLLBACK with AND CHAIN",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported transaction statement: %s AND CHAIN",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(TRANSACTION_DEFERRABLE, "transaction",
		  "the transaction modes DEFERRABLE and NOT DEFERRABLE",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported transaction mode: DEFERRABLE",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(TRANSACTION_ISOLATION, "transaction",
		  "the isolation levels READ COMMITTED and READ UNCOMMITTED",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "Unsupported isolation level: %s",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(TRANSACTION_ISOLATION_SERIALIZABLE, "transaction",
		  "the isolation level SERIALIZABLE",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "Unsupported isolation level: SERIALIZABLE",
		  RECORDED, "cluster", "2026-09-18")
DSQL_RULE(TRANSACTION_RELEASE, "transaction", "RELEASE SAVEPOINT",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported transaction statement: RELEASE",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(TRANSACTION_ROLLBACK_TO, "transaction", "ROLLBACK TO SAVEPOINT",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported transaction statement: ROLLBACK TO",
		  RECORDED, "cluster", "2026-09-18")
DSQL_RULE(TRANSACTION_SAVEPOINT, "transaction", "SAVEPOINT",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported transaction statement: SAVEPOINT",
		  RECORDED, "cluster", "2026-09-18")
DSQL_RULE(TRANSACTION_TWO_PHASE, "transaction",
		  "PREPARE TRANSACTION, COMMIT PREPARED, ROLLBACK PREPARED",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported transaction statement: %s",
		  INFERRED, "pattern", "2026-09-18")

/* Where transactions meet. */
DSQL_RULE(CONFLICT_ROW, "concurrency", "COMMIT after another transaction that changed or locked the same rows",
		  ERRCODE_T_R_SERIALIZATION_FAILURE,
		  "change conflicts with another transaction (OC000)",
		  RECORDED, "cluster", "2026-09-15")
DSQL_RULE(CONFLICT_SCHEMA, "concurrency", "going on after another transaction that changed the schema",
		  ERRCODE_T_R_SERIALIZATION_FAILURE,
		  "schema has been updated by another transaction (OC001)",
		  RECORDED, "cluster", "2026-09-17")

DSQL_RULE(SERVER_UNAVAILABLE, "availability", "any statement or COMMIT, now and then; the connection stays",
		  ERRCODE_INTERNAL_ERROR, "server unavailable",
		  DOCUMENTED, "guide: troubleshooting", "2026-09-08")

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
DSQL_RULE(LIMIT_TRANSACTION_ROWS, "limit", "more rows changed in a transaction",
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
		  DOCUMENTED, "guide: CHAP_quotas", "2026-08-27")
DSQL_RULE(LIMIT_VIEWS, "limit", "more views",
		  ERRCODE_PROGRAM_LIMIT_EXCEEDED,
		  "creating more than %d views not allowed",
		  DOCUMENTED, "guide: CHAP_quotas", "2026-08-27")
DSQL_RULE(LIMIT_SEQUENCES, "limit", "more sequences",
		  ERRCODE_PROGRAM_LIMIT_EXCEEDED,
		  "creating more than %d sequences is not allowed",
		  DOCUMENTED, "guide: CHAP_quotas", "2026-08-27")
DSQL_RULE(LIMIT_CONNECTIONS, "limit", "more open connections",
		  ERRCODE_TOO_MANY_CONNECTIONS,
		  "Unable to accept connection, too many open connections.",
		  DOCUMENTED, "guide: CHAP_quotas", "2026-08-27")
DSQL_RULE(LIMIT_CONNECTION_RATE, "limit", "connections opened faster",
		  ERRCODE_CONFIGURATION_LIMIT_EXCEEDED,
		  "Unable to accept connection, rate exceeded.",
		  DOCUMENTED, "guide: CHAP_quotas", "2026-08-27")
DSQL_RULE(LIMIT_CONNECTION_LIFETIME, "limit", "a connection open for longer",
		  ERRCODE_ADMIN_SHUTDOWN,
		  "terminating connection due to administrator command",
		  INFERRED, "pattern", "2026-08-27")

/* Background jobs. */
DSQL_RULE(JOB_ID_INVALID, "job", "sys.wait_for_job() of what is no identifier",
		  ERRCODE_INVALID_TEXT_REPRESENTATION, "Unable to convert text to UUID",
		  RECORDED, "cluster", "2026-09-18")
DSQL_RULE(JOB_UNKNOWN, "job", "sys.wait_for_job() of a job that does not exist",
		  ERRCODE_UNDEFINED_OBJECT, "job %s does not exist",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(JOB_WAIT_IN_TRANSACTION, "job", "sys.wait_for_job() in a transaction block",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "sys.wait_for_job cannot run inside a transaction block",
		  INFERRED, "golang-migrate", "2026-09-18")
DSQL_RULE(JOB_DUPLICATE_KEY, "job details", "a unique index over duplicates",
		  ERRCODE_UNIQUE_VIOLATION,
		  "found duplicate key(s) while validating index uniqueness",
		  RECORDED, "spike-jp", "2026-07-05")
DSQL_RULE(JOB_CHECK_VIOLATED, "job details", "validation of a CHECK constraint that a row violates",
		  ERRCODE_CHECK_VIOLATION,
		  "check constraint \"%s\" is violated by some row",
		  RECORDED, "capabilities", "2026-10-03")
DSQL_RULE(JOB_ANALYZE_TABLE_GONE, "job details", "ANALYZE of a table that was dropped meanwhile; the job is completed",
		  ERRCODE_UNDEFINED_TABLE, "Skipped job for nonexistent table.",
		  RECORDED, "cluster", "2026-09-18")
DSQL_RULE(JOB_RELATION_GONE, "job details", "build of an index that was dropped meanwhile; the job is completed",
		  ERRCODE_UNDEFINED_TABLE, "relation \"%s\" does not exist",
		  RECORDED, "cluster", "2026-09-18")

/* Connections. */
DSQL_RULE(CONNECTION_REFUSED, "connection", "connection with a token that does not hold, or to a cluster that is not there or not ACTIVE",
		  ERRCODE_CONNECTION_FAILURE, "unable to accept connection, access denied",
		  RECORDED, "cluster", "2026-09-18")
DSQL_RULE(CONNECTION_DATABASE, "connection", "connection to another database than postgres",
		  ERRCODE_UNDEFINED_DATABASE, "database \"%s\" does not exist",
		  INFERRED, "PostgreSQL 16", "2026-11-29")
DSQL_RULE(CONNECTION_ROLE_UNKNOWN, "connection", "connection of a role that does not exist",
		  ERRCODE_PROTOCOL_VIOLATION, "unable to accept connection, access denied",
		  INFERRED, "connectors", "2026-08-19")
DSQL_RULE(CONNECTION_ROLE_UNMAPPED, "connection", "connection of a role without AWS IAM GRANT to the token's user",
		  ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION,
		  "unable to accept connection, access denied",
		  RECORDED, "starkeep", "2026-06-01")
DSQL_RULE(CONNECTION_SERVER_NAME, "connection", "connection that names no cluster, in TLS or an option",
		  ERRCODE_CONNECTION_FAILURE,
		  "unable to accept connection, sni was not received",
		  DOCUMENTED, "guide: troubleshooting", "2026-09-11")
DSQL_RULE(CONNECTION_TLS, "connection", "connection without TLS",
		  ERRCODE_PROTOCOL_VIOLATION, "SSL is mandatory",
		  DOCUMENTED, "connectors", "2026-08-19")
DSQL_RULE(CONNECTION_WAKING_UP, "connection", "connection to an INACTIVE cluster",
		  ERRCODE_CONNECTION_FAILURE,
		  "unable to accept connection, waking up cluster, please retry later",
		  RECORDED, "cluster", "2026-09-18")
