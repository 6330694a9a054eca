/*
 * quota.h
 *		Limits on what can be declared and on what a cluster can hold.
 */
#ifndef DSQL_QUOTA_H
#define DSQL_QUOTA_H

#include "nodes/parsenodes.h"
#include "parser/parse_node.h"

extern void dsql_quota_install_hooks(void);

/*
 * Check what a utility statement alone shows, before anything is done for it.
 * Its text is in the parse state's from "location" on, of that length; 0 means
 * up to the end.
 */
extern void dsql_quota_check_statement(ParseState *pstate, Node *stmt,
									   int location, int length);

/* Check the objects that were made since the last call. */
extern void dsql_quota_check_objects(void);

#endif							/* DSQL_QUOTA_H */
