/*
 * injected_refusal.h
 *		Connections that are refused because a test has ordered it.
 */
#ifndef DSQL_INJECTED_REFUSAL_H
#define DSQL_INJECTED_REFUSAL_H

/* The database is open, and the session is bound to its cluster. */
extern void dsql_injected_refusal_opened(void);

#endif							/* DSQL_INJECTED_REFUSAL_H */
