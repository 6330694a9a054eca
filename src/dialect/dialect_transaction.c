/*
 * dialect_transaction.c
 *		BEGIN, COMMIT and their kin, and the modes of a transaction.
 */
#include "postgres.h"

#include "access/xact.h"
#include "nodes/value.h"
#include "utils/formatting.h"

#include "base/compat.h"
#include "base/refuse.h"
#include "base/session.h"
#include "dialect/dialect.h"

/*
 * The modes that BEGIN, SET TRANSACTION and SET SESSION CHARACTERISTICS take.
 * REPEATABLE READ is the one isolation level there is.
 */
void
dsql_dialect_check_transaction_modes(List *modes)
{
	ListCell   *lc;

	foreach(lc, modes)
	{
		DefElem    *mode = lfirst_node(DefElem, lc);

		if (strcmp(mode->defname, "transaction_isolation") == 0)
		{
			char	   *level = strVal(&castNode(A_Const, mode->arg)->val);

			if (strcmp(level, "serializable") == 0)
				dsql_refuse(RULE_TRANSACTION_ISOLATION_SERIALIZABLE);
			else if (strcmp(level, "repeatable read") != 0)
				dsql_refuse(RULE_TRANSACTION_ISOLATION,
							asc_toupper(level, strlen(level)));
		}
		else if (strcmp(mode->defname, "transaction_read_only") != 0)
			dsql_refuse(RULE_TRANSACTION_DEFERRABLE);
	}
}

/*
 * In a failed block, that error comes before any refusal.  PostgreSQL itself
 * raises it for other statements, but lets these two pass.
 */
static void
check_not_aborted(void)
{
	if (IsAbortedTransactionBlockState() && dsql_session_enforced())
		ereport(ERROR,
				(errcode(ERRCODE_IN_FAILED_SQL_TRANSACTION),
				 errmsg("current transaction is aborted, "
						"commands ignored until end of transaction block")));
}

void
dsql_dialect_check_transaction(ParseState *pstate, TransactionStmt *stmt)
{
	switch (stmt->kind)
	{
		case TRANS_STMT_BEGIN:
		case TRANS_STMT_START:
			dsql_dialect_check_transaction_modes(stmt->options);
			break;
		case TRANS_STMT_COMMIT:
			if (stmt->chain)
				dsql_refuse(RULE_TRANSACTION_CHAIN, "COMMIT");
			break;
		case TRANS_STMT_ROLLBACK:
			if (stmt->chain)
				dsql_refuse(RULE_TRANSACTION_CHAIN, "ROLLBACK");
			break;
		case TRANS_STMT_SAVEPOINT:
			dsql_refuse(RULE_TRANSACTION_SAVEPOINT);
			break;
		case TRANS_STMT_RELEASE:
			dsql_refuse(RULE_TRANSACTION_RELEASE);
			break;
		case TRANS_STMT_ROLLBACK_TO:
			check_not_aborted();
			dsql_refuse(RULE_TRANSACTION_ROLLBACK_TO);
			break;
		case TRANS_STMT_PREPARE:
			check_not_aborted();
			dsql_refuse(RULE_TRANSACTION_TWO_PHASE, "PREPARE TRANSACTION");
			break;
		case TRANS_STMT_COMMIT_PREPARED:
			dsql_refuse(RULE_TRANSACTION_TWO_PHASE, "COMMIT PREPARED");
			break;
		case TRANS_STMT_ROLLBACK_PREPARED:
			dsql_refuse(RULE_TRANSACTION_TWO_PHASE, "ROLLBACK PREPARED");
			break;
	}
}
