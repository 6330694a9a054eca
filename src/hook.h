/*
 * hook.h
 *		PostgreSQL's hooks, and what has its turn in each.
 */
#ifndef DSQL_HOOK_H
#define DSQL_HOOK_H

extern void dsql_hook_install(void);

#endif							/* DSQL_HOOK_H */
