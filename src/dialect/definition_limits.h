/*
 * definition_limits.h
 *		Limits on what can be declared and on what a cluster can hold.
 */
#ifndef DSQL_DEFINITION_LIMITS_H
#define DSQL_DEFINITION_LIMITS_H

#include "nodes/parsenodes.h"
#include "parser/parse_node.h"

/*
 * Check what a utility statement alone shows, before anything is done for it.
 * Its text is in the parse state's from "location" on, of that length; 0 means
 * up to the end.
 */
extern void dsql_definition_limits_check_statement(ParseState *pstate,
												   Node *stmt,
												   int location, int length);

/*
 * An object was made; check those that were since the last call.  What is left
 * when the transaction commits has to be checked before, and is of no interest
 * when it aborts.
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
