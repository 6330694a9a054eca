/*
 * refuse.h
 *		How the service's errors are raised: in its words, or as a finding.
 */
#ifndef DSQL_REFUSE_H
#define DSQL_REFUSE_H

#include "base/compat.h"
#include "base/rule.h"

/*
 * Refuse the current statement.  In enforce mode this raises the service's
 * error and does not return.  In report mode it notes a finding, sends the
 * message as a WARNING and returns; the caller then goes on as PostgreSQL
 * does.  The values that follow fill in the rule's message.
 */
extern void dsql_refuse(DsqlRuleId rule,...);

/*
 * Raise the rule's error in any mode, because PostgreSQL could not go on
 * correctly.
 */
pg_noreturn extern void dsql_refuse_in_any_mode(DsqlRuleId rule,...);

/*
 * Refuse to let a session into a cluster, in any mode.  The reason, a hint, may
 * be NULL; the DETAIL is the identifier that the session would have had.
 */
pg_noreturn extern void dsql_refuse_connection(DsqlRuleId rule,
											   const char *reason);

/*
 * Replace an error that PostgreSQL has raised by the rule's, in any mode.  For
 * emit_log_hook, in ErrorContext.
 */
extern void dsql_refuse_instead(ErrorData *error, DsqlRuleId rule,...);

#endif							/* DSQL_REFUSE_H */
