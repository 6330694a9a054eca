/*
 * definition_limits.h
 *		Limits on what can be declared and on what a cluster can hold.
 */
#ifndef DSQL_DEFINITION_LIMITS_H
#define DSQL_DEFINITION_LIMITS_H

#include "nodes/parsenodes.h"
#include "parser/parse_node.h"

/*
 * Check a utility statement by its parse tree and text, before it is executed.
 * Its text begins at "location" of the parse state's text, and has this
 * length; 0 means up to the end.
 */
extern void dsql_definition_limits_check_statement(ParseState *pstate,
												   Node *stmt,
												   int location, int length);

/*
 * Objects that were made: note one, and check all noted since the last check.
 * They must be checked before a transaction commits; an abort needs no check.
 */
extern PGDLLIMPORT List *dsql_definition_limits_created;
extern void dsql_definition_limits_check_created(void);
extern void dsql_definition_limits_note_created(Oid class, Oid oid);
static inline void
dsql_definition_limits_check_objects(void)
{
	if (unlikely(dsql_definition_limits_created != NIL))
		dsql_definition_limits_check_created();
}
extern void dsql_definition_limits_abort(void);

#endif							/* DSQL_DEFINITION_LIMITS_H */
