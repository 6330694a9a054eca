/*
 * refuse.h
 *		How the service's errors are raised: in its words, or as a finding.
 */
#ifndef DSQL_REFUSE_H
#define DSQL_REFUSE_H

#include "base/compat.h"
#include "base/rule.h"

/*
 * The message of each rule as a constant, so that the compiler checks the
 * values that are given for it.
 */
#define DSQL_RULE(name, kind, matches, sqlstate, message, evidence, source, since) \
	static const char RULE_##name##_FORMAT[] pg_attribute_unused() = message;
#include "base/rulelist.h"
#undef DSQL_RULE

/*
 * Refuse the current statement.  In enforce mode this raises the service's
 * error and does not return.  In report mode it notes a finding, sends the
 * message as a WARNING and returns; the caller then goes on as PostgreSQL
 * does.  The values that follow fill in the rule's message.
 */
#define dsql_refuse(rule, ...) \
	dsql_refuse_rule(rule, rule##_FORMAT, ##__VA_ARGS__)

/*
 * The same for a rule that is chosen at run time, whose message has no value,
 * or a string.
 */
extern void dsql_refuse_chosen(DsqlRuleId rule, const char *value);

/*
 * Raise the rule's error in any mode, because PostgreSQL could not go on
 * correctly.
 */
#define dsql_refuse_in_any_mode(rule, ...) \
	dsql_refuse_rule_in_any_mode(rule, rule##_FORMAT, ##__VA_ARGS__)

/*
 * Refuse to let a session into a cluster, in any mode.  The reason, a hint, may
 * be NULL; the DETAIL is the identifier that the session would have had.
 */
pg_noreturn extern void dsql_refuse_connection(DsqlRuleId rule,
											   const char *reason);

/*
 * Replace an error that PostgreSQL has raised, and that was caught, by the rule's,
 * in any mode.
 */
#define dsql_refuse_instead(error, rule, ...) \
	dsql_refuse_rule_instead(error, rule, rule##_FORMAT, ##__VA_ARGS__)

/* What the macros call. */
extern void dsql_refuse_rule(DsqlRuleId rule, const char *format,...)
			pg_attribute_printf(2, 3);
pg_noreturn extern void dsql_refuse_rule_in_any_mode(DsqlRuleId rule,
													 const char *format,...)
			pg_attribute_printf(2, 3);
extern void dsql_refuse_rule_instead(ErrorData *error, DsqlRuleId rule,
									 const char *format,...)
			pg_attribute_printf(3, 4);

#endif							/* DSQL_REFUSE_H */
