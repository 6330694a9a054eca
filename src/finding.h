/*
 * finding.h
 *		What report mode found: statements that the service would refuse.
 */
#ifndef DSQL_FINDING_H
#define DSQL_FINDING_H

#include "rule.h"

extern void dsql_finding_shmem_request(void);
extern void dsql_finding_shmem_init(void);

/*
 * Name the statement that the next findings are about, when it is analysed and
 * when it is executed: the part of query_string that location and length give,
 * as in a Query or PlannedStmt.
 */
extern void dsql_finding_set_statement(const char *query_string,
									   int location, int length);

/* Count one finding of the current statement. */
extern void dsql_finding_add(DsqlRuleId rule, const char *message);

#endif							/* DSQL_FINDING_H */
