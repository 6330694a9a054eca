/*
 * statement_rulelist.h
 *		The rules for statements that the service does not have.
 *
 * They are a part of rulelist.h, which says what a row is.
 */
DSQL_RULE(STATEMENT_ALTER_COLLATION, "statement", "ALTER COLLATION",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported statement: AlterCollation",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(STATEMENT_ALTER_DATABASE, "statement", "ALTER DATABASE",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported statement: AlterDatabase",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(STATEMENT_ALTER_DATABASE_REFRESH, "statement",
		  "ALTER DATABASE ... REFRESH COLLATION VERSION",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported statement: AlterDatabaseRefreshColl",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(STATEMENT_ALTER_DATABASE_SET, "statement",
		  "ALTER DATABASE ... SET, RESET",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported statement: AlterDatabaseSet",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(STATEMENT_ALTER_EVENT_TRIGGER, "statement", "ALTER EVENT TRIGGER",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported statement: AlterEventTrig",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(STATEMENT_ALTER_EXTENSION, "statement", "ALTER EXTENSION ... UPDATE",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported statement: AlterExtension",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(STATEMENT_ALTER_EXTENSION_CONTENTS, "statement",
		  "ALTER EXTENSION ... ADD, DROP",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported statement: AlterExtensionContents",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(STATEMENT_ALTER_FDW, "statement", "ALTER FOREIGN DATA WRAPPER",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "unsupported statement: AlterFdw",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(STATEMENT_ALTER_OBJECT_DEPENDS, "statement",
		  "ALTER ... DEPENDS ON EXTENSION",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported statement: AlterObjectDepends",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(STATEMENT_ALTER_OPERATOR, "statement", "ALTER OPERATOR",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported statement: AlterOperator",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(STATEMENT_ALTER_OPERATOR_FAMILY, "statement",
		  "ALTER OPERATOR FAMILY",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported statement: AlterOpFamily",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(STATEMENT_ALTER_POLICY, "statement", "ALTER POLICY",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "unsupported statement: AlterPolicy",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(STATEMENT_ALTER_PUBLICATION, "statement", "ALTER PUBLICATION",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported statement: AlterPublication",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(STATEMENT_ALTER_SERVER, "statement", "ALTER SERVER",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported statement: AlterForeignServer",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(STATEMENT_ALTER_SUBSCRIPTION, "statement", "ALTER SUBSCRIPTION",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported statement: AlterSubscription",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(STATEMENT_ALTER_SYSTEM, "statement", "ALTER SYSTEM",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "unsupported statement: AlterSystem",
		  RECORDED, "cluster", "2026-09-18")
DSQL_RULE(STATEMENT_ALTER_TABLESPACE, "statement", "ALTER TABLESPACE",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported statement: AlterTableSpaceOptions",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(STATEMENT_ALTER_TABLE_ALL, "statement",
		  "ALTER TABLE, INDEX ALL IN TABLESPACE",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported statement: AlterTableMoveAll",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(STATEMENT_ALTER_TS_CONFIGURATION, "statement",
		  "ALTER TEXT SEARCH CONFIGURATION",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported statement: AlterTSConfiguration",
		  RECORDED, "pistachio", "2026-10-10")
DSQL_RULE(STATEMENT_ALTER_TS_DICTIONARY, "statement",
		  "ALTER TEXT SEARCH DICTIONARY",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported statement: AlterTSDictionary",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(STATEMENT_ALTER_TYPE, "statement",
		  "ALTER TYPE ... ADD VALUE, RENAME VALUE, SET",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "ALTER TYPE not supported",
		  RECORDED, "cluster", "2026-09-18")
DSQL_RULE(STATEMENT_ALTER_USER_MAPPING, "statement", "ALTER USER MAPPING",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported statement: AlterUserMapping",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(STATEMENT_ANALYZE, "statement",
		  "ANALYZE of columns, or with options other than VERBOSE",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "unsupported ANALYZE statement",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(STATEMENT_ANALYZE_NOT_ONE, "statement",
		  "ANALYZE of all relations, or of several",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported ANALYZE statement: exactly one relation can be analyzed at a time",
		  RECORDED, "pgrest-lambda", "2026-08-28")
DSQL_RULE(STATEMENT_ANALYZE_IN_BLOCK, "statement",
		  "ANALYZE in a transaction block",
		  ERRCODE_ACTIVE_SQL_TRANSACTION,
		  "ANALYZE cannot run inside a transaction block",
		  INFERRED, "guide: working-with-systems-tables", "2026-08-27")
DSQL_RULE(STATEMENT_CALL, "statement",
		  "CALL of a procedure that is not the service's own",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "unsupported statement: Call",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(STATEMENT_CHECKPOINT, "statement", "CHECKPOINT",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "unsupported statement: CheckPoint",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(STATEMENT_CLOSE, "statement", "CLOSE",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "unsupported statement: ClosePortal",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(STATEMENT_CLUSTER, "statement", "CLUSTER",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "unsupported statement: Cluster",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(STATEMENT_COPY, "statement", "COPY from or to a file or program",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "unsupported COPY statement",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(STATEMENT_CREATE_ACCESS_METHOD, "statement", "CREATE ACCESS METHOD",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "unsupported statement: CreateAm",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(STATEMENT_CREATE_CAST, "statement", "CREATE CAST",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "unsupported statement: CreateCast",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(STATEMENT_CREATE_CONVERSION, "statement", "CREATE CONVERSION",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported statement: CreateConversion",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(STATEMENT_CREATE_DATABASE, "statement", "CREATE DATABASE",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "unsupported statement: Createdb",
		  RECORDED, "cluster", "2026-09-18")
DSQL_RULE(STATEMENT_CREATE_EVENT_TRIGGER, "statement", "CREATE EVENT TRIGGER",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported statement: CreateEventTrig",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(STATEMENT_CREATE_EXTENSION, "statement", "CREATE EXTENSION",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported statement: CreateExtension",
		  RECORDED, "cluster", "2026-09-18")
DSQL_RULE(STATEMENT_CREATE_FDW, "statement", "CREATE FOREIGN DATA WRAPPER",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "unsupported statement: CreateFdw",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(STATEMENT_CREATE_FOREIGN_TABLE, "statement", "CREATE FOREIGN TABLE",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported statement: CreateForeignTable",
		  RECORDED, "cluster", "2026-09-18")
DSQL_RULE(STATEMENT_CREATE_LANGUAGE, "statement", "CREATE LANGUAGE",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "unsupported statement: CreatePLang",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(STATEMENT_CREATE_OPERATOR_CLASS, "statement",
		  "CREATE OPERATOR CLASS",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported statement: CreateOpClass",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(STATEMENT_CREATE_OPERATOR_FAMILY, "statement",
		  "CREATE OPERATOR FAMILY",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported statement: CreateOpFamily",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(STATEMENT_CREATE_POLICY, "statement", "CREATE POLICY",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "unsupported statement: CreatePolicy",
		  RECORDED, "pistachio", "2026-10-10")
DSQL_RULE(STATEMENT_CREATE_PUBLICATION, "statement", "CREATE PUBLICATION",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported statement: CreatePublication",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(STATEMENT_CREATE_RULE, "statement", "CREATE RULE",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "unsupported statement: Rule",
		  RECORDED, "pistachio", "2026-10-10")
DSQL_RULE(STATEMENT_CREATE_SCHEMA_ELEMENT, "statement",
		  "CREATE SCHEMA with elements other than tables, views, sequences, grants",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported object in CREATE SCHEMA statement",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(STATEMENT_CREATE_SERVER, "statement", "CREATE SERVER",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported statement: CreateForeignServer",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(STATEMENT_CREATE_SUBSCRIPTION, "statement", "CREATE SUBSCRIPTION",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported statement: CreateSubscription",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(STATEMENT_CREATE_TABLESPACE, "statement", "CREATE TABLESPACE",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported statement: CreateTableSpace",
		  RECORDED, "cluster", "2026-09-18")
DSQL_RULE(STATEMENT_CREATE_TABLE_AS, "statement",
		  "CREATE TABLE AS, SELECT INTO, CREATE MATERIALIZED VIEW",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported statement: CreateTableAs",
		  RECORDED, "cluster", "2026-09-18")
DSQL_RULE(STATEMENT_CREATE_TRANSFORM, "statement", "CREATE TRANSFORM",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported statement: CreateTransform",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(STATEMENT_CREATE_TRIGGER, "statement", "CREATE TRIGGER",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "CREATE TRIGGER not supported",
		  RECORDED, "cluster", "2026-09-18")
DSQL_RULE(STATEMENT_CREATE_TYPE_COMPOSITE, "statement",
		  "CREATE TYPE ... AS (...)",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported statement: CompositeType",
		  RECORDED, "cluster", "2026-09-18")
/* Users saw "unsupported statement: CreateEnum" before and after that. */
DSQL_RULE(STATEMENT_CREATE_TYPE_ENUM, "statement", "CREATE TYPE ... AS ENUM",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "CREATE TYPE not supported",
		  RECORDED, "cluster", "2026-09-18")
DSQL_RULE(STATEMENT_CREATE_TYPE_RANGE, "statement", "CREATE TYPE ... AS RANGE",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "unsupported statement: CreateRange",
		  RECORDED, "cluster", "2026-09-18")
DSQL_RULE(STATEMENT_CREATE_USER_MAPPING, "statement", "CREATE USER MAPPING",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported statement: CreateUserMapping",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(STATEMENT_DEALLOCATE, "statement", "DEALLOCATE of one name",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "unsupported statement: Deallocate",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(STATEMENT_DECLARE, "statement", "DECLARE ... CURSOR",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported statement: DeclareCursor",
		  RECORDED, "orms", "2026-08-17")
DSQL_RULE(STATEMENT_DEFINE, "statement",
		  "CREATE AGGREGATE, COLLATION, OPERATOR, TEXT SEARCH ..., base or shell TYPE",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "unsupported statement: Define",
		  RECORDED, "pistachio", "2026-10-10")
DSQL_RULE(STATEMENT_DISCARD, "statement", "DISCARD",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "unsupported statement: Discard",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(STATEMENT_DO, "statement", "DO",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "unsupported statement: Do",
		  RECORDED, "starkeep", "2026-06-01")
DSQL_RULE(STATEMENT_DROP_DATABASE, "statement", "DROP DATABASE",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "unsupported statement: Dropdb",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(STATEMENT_DROP_OWNED, "statement", "DROP OWNED",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "unsupported statement: DropOwned",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(STATEMENT_DROP_SUBSCRIPTION, "statement", "DROP SUBSCRIPTION",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported statement: DropSubscription",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(STATEMENT_DROP_TABLESPACE, "statement", "DROP TABLESPACE",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported statement: DropTableSpace",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(STATEMENT_DROP_USER_MAPPING, "statement", "DROP USER MAPPING",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported statement: DropUserMapping",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(STATEMENT_EXECUTE, "statement", "EXECUTE",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "unsupported statement: Execute",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(STATEMENT_FETCH, "statement", "FETCH, MOVE",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "unsupported statement: Fetch",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(STATEMENT_IMPORT_FOREIGN_SCHEMA, "statement",
		  "IMPORT FOREIGN SCHEMA",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported statement: ImportForeignSchema",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(STATEMENT_LISTEN, "statement", "LISTEN",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "unsupported statement: Listen",
		  RECORDED, "cluster", "2026-09-18")
DSQL_RULE(STATEMENT_LOAD, "statement", "LOAD",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "unsupported statement: Load",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(STATEMENT_LOCK, "statement", "LOCK",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "unsupported statement: Lock",
		  RECORDED, "dsql-lint", "2026-08-07")
DSQL_RULE(STATEMENT_MERGE, "statement", "MERGE",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "unsupported statement type: MERGE",
		  RECORDED, "cluster", "2026-09-18")
DSQL_RULE(STATEMENT_NOTIFY, "statement", "NOTIFY",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "unsupported statement: Notify",
		  RECORDED, "cluster", "2026-09-18")
DSQL_RULE(STATEMENT_PREPARE, "statement", "PREPARE",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "unsupported statement: Prepare",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(STATEMENT_REASSIGN_OWNED, "statement", "REASSIGN OWNED",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported statement: ReassignOwned",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(STATEMENT_REFRESH, "statement", "REFRESH MATERIALIZED VIEW",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "unsupported statement: RefreshMatView",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(STATEMENT_REINDEX, "statement", "REINDEX",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "unsupported statement: Reindex",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(STATEMENT_SECURITY_LABEL, "statement", "SECURITY LABEL",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "unsupported statement: SecLabel",
		  INFERRED, "pattern", "2026-09-18")
DSQL_RULE(STATEMENT_TRUNCATE, "statement", "TRUNCATE",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "unsupported statement: Truncate",
		  RECORDED, "cluster", "2026-09-18")
DSQL_RULE(STATEMENT_UNLISTEN, "statement", "UNLISTEN",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "unsupported statement: Unlisten",
		  RECORDED, "cluster", "2026-09-18")
DSQL_RULE(STATEMENT_VACUUM, "statement", "VACUUM",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "unsupported VACUUM statement",
		  RECORDED, "cluster", "2026-09-18")
DSQL_RULE(STATEMENT_OTHER, "statement",
		  "any statement that no other rule names",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "unsupported statement: %s",
		  INFERRED, "pattern", "2026-09-18")
