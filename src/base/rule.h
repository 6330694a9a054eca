/*
 * rule.h
 *		The rules of the service: what it refuses, and in which words.
 *
 * The rows are in rulelist.h.  They feed the checks and dsql.rules.
 */
#ifndef DSQL_RULE_H
#define DSQL_RULE_H

typedef enum DsqlEvidence
{
	DSQL_EVIDENCE_RECORDED,		/* a real cluster's answer */
	DSQL_EVIDENCE_DOCUMENTED,	/* in the service's documentation */
	DSQL_EVIDENCE_INFERRED		/* ours, after the pattern of its group */
} DsqlEvidence;

#define DSQL_RULE(name, kind, matches, sqlstate, message, evidence, source, since) \
	RULE_##name,
typedef enum DsqlRuleId
{
#include "base/rulelist.h"
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

extern PGDLLIMPORT const DsqlRule dsql_rule_table[];

extern const char *dsql_rule_evidence_name(DsqlEvidence evidence);

/* A rule's identifier as people see it, palloc'd. */
extern char *dsql_rule_id(const DsqlRule *rule);

#endif							/* DSQL_RULE_H */
