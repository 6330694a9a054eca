/*
 * limitlist.h
 *		The limits of the service, one row each.
 *
 * DSQL_LIMIT(name, value, unit, context, rule, checked, description)
 *
 * The setting of a limit is dsql_emu.max_<name>, and its default the value of
 * the service.  The rule in rulelist.h has SQLSTATE, message and evidence.
 *
 * There is deliberately no include guard here: whoever includes this file
 * defines DSQL_LIMIT first.
 */

/* What one transaction may do. */
DSQL_LIMIT(transaction_rows, 3000, LIMIT_NUMBER, PGC_SUSET, LIMIT_TRANSACTION_ROWS,
		   "statement that crosses it",
		   "rows that a transaction can change")
DSQL_LIMIT(transaction_size, 10, LIMIT_MB, PGC_SUSET, LIMIT_TRANSACTION_SIZE,
		   "COMMIT",
		   "size of what a transaction can write")
DSQL_LIMIT(transaction_age, 300, LIMIT_S, PGC_SUSET, LIMIT_TRANSACTION_AGE,
		   "next statement, COMMIT",
		   "age of a transaction")
DSQL_LIMIT(query_temp_space, 131072, LIMIT_KB, PGC_SUSET, LIMIT_QUERY_TEMP_SPACE,
		   "execution",
		   "temporary space that a query can use")

/* What one row may hold. */
DSQL_LIMIT(row_size, 2097152, LIMIT_BYTE, PGC_SUSET, LIMIT_ROW_SIZE,
		   "write",
		   "size of a row")
DSQL_LIMIT(column_size, 1048576, LIMIT_BYTE, PGC_SUSET, LIMIT_COLUMN_SIZE,
		   "write",
		   "size of a value that is not in a key")
DSQL_LIMIT(varchar_size, 65535, LIMIT_BYTE, PGC_SUSET, LIMIT_COLUMN_SIZE,
		   "write",
		   "size of a value in a varchar column")
DSQL_LIMIT(key_size, 1981, LIMIT_BYTE, PGC_SUSET, LIMIT_KEY_SIZE,
		   "write",
		   "size of a key of one column")

/* What may be declared. */
DSQL_LIMIT(char_length, 4096, LIMIT_NUMBER, PGC_SUSET, LIMIT_CHAR_LENGTH,
		   "DDL",
		   "declared length of a char column")
DSQL_LIMIT(varchar_length, 65535, LIMIT_NUMBER, PGC_SUSET, LIMIT_VARCHAR_LENGTH,
		   "DDL",
		   "declared length of a varchar column")
DSQL_LIMIT(declared_key_size, 2000, LIMIT_BYTE, PGC_SUSET, LIMIT_DECLARED_KEY_SIZE,
		   "DDL",
		   "sum of the declared lengths of a key's columns")
DSQL_LIMIT(key_columns, 8, LIMIT_NUMBER, PGC_SUSET, LIMIT_KEY_COLUMNS,
		   "DDL",
		   "columns of a primary key or index")
DSQL_LIMIT(table_columns, 256, LIMIT_NUMBER, PGC_SUSET, LIMIT_TABLE_COLUMNS,
		   "DDL",
		   "columns of a table")
DSQL_LIMIT(table_indexes, 24, LIMIT_NUMBER, PGC_SUSET, LIMIT_TABLE_INDEXES,
		   "DDL",
		   "indexes of a table, its primary key and those being built included")
DSQL_LIMIT(table_statistics, 5, LIMIT_NUMBER, PGC_SUSET, LIMIT_TABLE_STATISTICS,
		   "DDL",
		   "extended statistics of a table")
DSQL_LIMIT(statistics_target, 100, LIMIT_NUMBER, PGC_SUSET, LIMIT_STATISTICS_TARGET,
		   "DDL",
		   "target of extended statistics")
DSQL_LIMIT(view_size, 524288, LIMIT_BYTE, PGC_SUSET, LIMIT_VIEW_SIZE,
		   "DDL",
		   "size of a view's definition")

/* Who may connect. */
DSQL_LIMIT(connections, 10000, LIMIT_NUMBER, PGC_SIGHUP, LIMIT_CONNECTIONS,
		   "connection",
		   "open connections")
DSQL_LIMIT(connection_rate, 100, LIMIT_NUMBER, PGC_SIGHUP, LIMIT_CONNECTION_RATE,
		   "connection",
		   "new connections per second in the long run")
DSQL_LIMIT(connection_burst, 1000, LIMIT_NUMBER, PGC_SIGHUP, LIMIT_CONNECTION_RATE,
		   "connection",
		   "new connections at once")
DSQL_LIMIT(connection_lifetime, 3600, LIMIT_S, PGC_SUSET, LIMIT_CONNECTION_LIFETIME,
		   "any time but during a commit",
		   "lifetime of a connection")

/* What a cluster may hold. */
DSQL_LIMIT(schemas, 10, LIMIT_NUMBER, PGC_SUSET, LIMIT_SCHEMAS,
		   "DDL",
		   "schemas besides \"public\" and \"sys\"")
DSQL_LIMIT(tables, 1000, LIMIT_NUMBER, PGC_SUSET, LIMIT_TABLES,
		   "DDL",
		   "tables")
DSQL_LIMIT(views, 5000, LIMIT_NUMBER, PGC_SUSET, LIMIT_VIEWS,
		   "DDL",
		   "views")
DSQL_LIMIT(sequences, 5000, LIMIT_NUMBER, PGC_SUSET, LIMIT_SEQUENCES,
		   "DDL",
		   "sequences, those of identity columns included")
