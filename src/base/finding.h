/*
 * finding.h
 *		What report mode found: statements that the service would refuse.
 */
#ifndef DSQL_FINDING_H
#define DSQL_FINDING_H

#include "base/settings.h"

extern void dsql_finding_shmem_request(void);
extern void dsql_finding_shmem_init(void);

extern void dsql_finding_note_statement(const char *query_string,
										int location, int length);

/*
 * Set the statement that the next findings are about.  Called when it is
 * analysed and when it is executed.  The statement is the part of query_string
 * that location and length give, as in a Query or PlannedStmt.
 */
static inline void
dsql_finding_set_statement(const char *query_string, int location, int length)
{
	if (unlikely(dsql_settings_mode == DSQL_MODE_REPORT))
		dsql_finding_note_statement(query_string, location, length);
}

/*
 * Count one finding of the current statement: the rule's name, the SQLSTATE and
 * the message that the service would send.
 */
extern void dsql_finding_add(const char *rule, int sqlstate,
							 const char *message);

#endif							/* DSQL_FINDING_H */
