/*
 * rule.h
 *		The rules of the service: what it refuses, and in which words.
 *
 * The rows are in rulelist.h.  They feed the checks and dsql.rules.
 */
#ifndef DSQL_RULE_H
#define DSQL_RULE_H

#include "compat.h"

typedef enum DsqlEvidence
{
	RECORDED,					/* a real cluster's answer */
	DOCUMENTED,					/* in the service's documentation */
	INFERRED					/* ours, after the pattern of its group */
} DsqlEvidence;

#define DSQL_RULE(name, kind, matches, sqlstate, message, evidence, source, since) \
	RULE_##name,
typedef enum DsqlRuleId
{
#include "rulelist.h"
	NUM_DSQL_RULES
} DsqlRuleId;
#undef DSQL_RULE

typedef struct DsqlRule
{
	const char *name;			/* its identifier, in upper case */
	const char *kind;			/* its group */
	const char *matches;		/* what it refuses, for people */
	int			sqlstate;
	const char *message;		/* a format: %s and %d stand for values; what
								 * follows a line break is the DETAIL */
	DsqlEvidence evidence;
	const char *source;			/* where it was seen */
	const char *since;			/* the date since when it is known to hold */
} DsqlRule;

extern PGDLLIMPORT const DsqlRule dsql_rules[];

extern const char *dsql_evidence_name(DsqlEvidence evidence);

/*
 * Refuse what the current statement does: in enforce mode this raises the
 * service's error and does not return; in report mode it notes a finding,
 * sends the message as a WARNING and returns, and the caller goes on as
 * PostgreSQL does.  The values that follow fill in the rule's message.
 */
extern void dsql_refuse(DsqlRuleId rule,...);

/*
 * Raise the rule's error in any mode: going on would not be PostgreSQL's
 * behaviour, but wrong.
 */
pg_noreturn extern void dsql_fail(DsqlRuleId rule,...);

/*
 * Refuse to let a session into a cluster, in any mode.  The reason, a hint, may
 * be NULL; the DETAIL is the identifier that the session would have had.
 */
pg_noreturn extern void dsql_refuse_connection(DsqlRuleId rule,
											   const char *reason);

/*
 * Make an error that PostgreSQL has raised the rule's, in any mode.  For
 * emit_log_hook, in ErrorContext.
 */
extern void dsql_rule_replace(ErrorData *error, DsqlRuleId rule,...);

/* A rule's identifier as people see it, palloc'd. */
extern char *dsql_rule_id(const DsqlRule *rule);

#endif							/* DSQL_RULE_H */
