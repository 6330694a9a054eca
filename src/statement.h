/*
 * statement.h
 *		The life of a statement: the hooks between parser and executor.
 */
#ifndef DSQL_STATEMENT_H
#define DSQL_STATEMENT_H

extern void dsql_statement_install_hooks(void);

#endif							/* DSQL_STATEMENT_H */
