/*
 * transaction_rules.h
 *		What the service allows in one transaction.
 */
#ifndef DSQL_TRANSACTION_RULES_H
#define DSQL_TRANSACTION_RULES_H

#include "access/xact.h"
#include "executor/execdesc.h"
#include "executor/instrument.h"
#include "tcop/utility.h"

#include "transaction/temp_space.h"

/*
 * For the hooks of executor and utility commands: they enclose a query or
 * command.  If entering raises an error, nothing was entered.  The abort of
 * the transaction or subtransaction cleans up after an error, but a caller
 * that catches errors around a command must leave it.
 */
typedef struct DsqlNesting
{
	int64		temp_blocks;	/* written before the outermost query */
	int			depth;			/* number of queries and commands around us */
	int			utility_depth;	/* the same in the innermost command */
	bool		in_ddl;			/* is one of the commands DDL? */
	bool		in_query;		/* is one of them a query? */
	bool		ageless;		/* kept for the end of the command */
} DsqlNesting;

extern PGDLLIMPORT DsqlNesting dsql_transaction_nesting;

extern void dsql_transaction_begin_query(QueryDesc *queryDesc, int eflags);

/* BEGIN, COMMIT or the like: nothing else is in it. */
extern void dsql_transaction_begin_short(PlannedStmt *pstmt,
										 const char *queryString);

extern DsqlNesting dsql_transaction_enter_utility(PlannedStmt *pstmt,
												  const char *queryString,
												  ProcessUtilityContext context);

/* The same for report mode: what a run of the executor did, or COPY. */
extern void dsql_transaction_report_rows(QueryDesc *queryDesc);
extern void dsql_transaction_report_copy(PlannedStmt *pstmt,
										 const char *queryString,
										 QueryCompletion *qc);

extern void dsql_transaction_leave_utility(DsqlNesting outer);

/*
 * Returns whether this is the outermost query.  Pass that on when leaving it.
 */
static inline bool
dsql_transaction_enter_query(void)
{
	DsqlNesting *nesting = &dsql_transaction_nesting;
	bool		outermost = !nesting->in_query;

	if (outermost)
		nesting->temp_blocks = pgBufferUsage.temp_blks_written;
	nesting->depth++;
	nesting->in_query = true;
	return outermost;
}

static inline void
dsql_transaction_leave_query(bool outermost)
{
	DsqlNesting *nesting = &dsql_transaction_nesting;

	nesting->depth--;
	if (!outermost)
		return;
	nesting->in_query = false;
	if (unlikely(pgBufferUsage.temp_blks_written != nesting->temp_blocks))
		dsql_temp_space_report(pgBufferUsage.temp_blks_written -
							   nesting->temp_blocks);
}

/* For the hooks of transactions.  A transaction ends by PREPARE as well. */
extern void dsql_transaction_pre_commit(void);
extern void dsql_transaction_end(bool commit);
extern void dsql_transaction_subxact(SubXactEvent event, SubTransactionId subid);

/*
 * To be called before anything is done for a statement of the service that
 * PostgreSQL does not know as data definition: CREATE INDEX ASYNC, AWS IAM
 * GRANT.
 */
extern void dsql_transaction_begin_ddl(void);

/*
 * Count rows that the current transaction changes or locks, or subtract rows
 * that it does not change after all.  Refuse the first row over the limit.
 * Only in emulated sessions.
 */
extern void dsql_transaction_count_rows(int rows);

/* The same for bytes.  An excess is refused at COMMIT. */
extern void dsql_transaction_count_bytes(int64 bytes);

/* The limit of age does not apply to the current transaction. */
extern void dsql_transaction_ignore_age(void);

#endif							/* DSQL_TRANSACTION_RULES_H */
