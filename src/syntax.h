/*
 * syntax.h
 *		Spellings that PostgreSQL's grammar does not know.
 */
#ifndef DSQL_SYNTAX_H
#define DSQL_SYNTAX_H

extern void dsql_syntax_install(void);

#endif							/* DSQL_SYNTAX_H */
