/*
 * conflict_log.h
 *		The last conflicts: who lost, about what, to whom.
 */
#ifndef DSQL_CONFLICT_LOG_H
#define DSQL_CONFLICT_LOG_H

#include "datatype/timestamp.h"

#include "base/identifier.h"

#define DSQL_CONFLICT_TEXT_LEN 255

/*
 * What the caller knows of a conflict; what it does not know is zero or empty.
 */
typedef struct DsqlConflictCause
{
	Oid			relation;
	char		key[DSQL_CONFLICT_TEXT_LEN + 1];
	TransactionId winner;
	int			winner_pid;
	char		winner_application_name[NAMEDATALEN];
	int			injection;		/* its id */
} DsqlConflictCause;

extern void dsql_conflict_log_shmem_request(void);
extern void dsql_conflict_log_shmem_init(void);

/*
 * A statement of the client begins: the part of the query string that location
 * and length give, as in a Query or PlannedStmt.
 */
extern void dsql_conflict_log_note_statement(const char *query_string,
											 int location, int length);

/* The current transaction loses, and is about to fail. */
extern void dsql_conflict_log_add_row(const DsqlConflictCause *cause);
extern void dsql_conflict_log_add_schema(const DsqlConflictCause *cause);

/* The transaction has ended. */
extern void dsql_conflict_log_end(void);

/* Copy a text, cut between characters. */
extern void dsql_conflict_log_cut(char *to, const char *from, int size);

#endif							/* DSQL_CONFLICT_LOG_H */
