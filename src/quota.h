/*
 * quota.h
 *		Limits on what can be declared and on what a cluster can hold.
 */
#ifndef DSQL_QUOTA_H
#define DSQL_QUOTA_H

#include "nodes/parsenodes.h"
#include "parser/parse_node.h"

extern void dsql_quota_install_hooks(void);

/* Check what the text of a statement alone shows. */
extern void dsql_quota_check_statement(ParseState *pstate, Query *query);

/* Check the objects that were made since the last call. */
extern void dsql_quota_check_objects(void);

#endif							/* DSQL_QUOTA_H */
