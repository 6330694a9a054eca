/*
 * transaction.h
 *		What the service allows in one transaction.
 */
#ifndef DSQL_TRANSACTION_H
#define DSQL_TRANSACTION_H

extern void dsql_transaction_install_hooks(void);

/*
 * Whoever carries out a statement of the service that PostgreSQL does not
 * know for a definition of data (CREATE INDEX ASYNC, AWS IAM GRANT) calls
 * this before anything is done.
 */
extern void dsql_transaction_begin_ddl(void);

/*
 * Count rows that the current transaction changes or locks, or no longer does
 * after all, and refuse the one too many.  To be called in emulated sessions
 * only.
 */
extern void dsql_transaction_count_rows(int rows);

/* The same for bytes; what is too much is refused at COMMIT. */
extern void dsql_transaction_count_bytes(int64 bytes);

/* The limit of age does not hold for the current transaction. */
extern void dsql_transaction_ignore_age(void);

#endif							/* DSQL_TRANSACTION_H */
