/*
 * explain_trim.h
 *		What PostgreSQL prints of a plan and the service does not.
 */
#ifndef DSQL_EXPLAIN_TRIM_H
#define DSQL_EXPLAIN_TRIM_H

#include "commands/explain.h"

/* Trim what has been printed from "start" on. */
extern void dsql_explain_trim(struct ExplainState *es, int start);

#endif							/* DSQL_EXPLAIN_TRIM_H */
