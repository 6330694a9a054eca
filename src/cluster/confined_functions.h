/*
 * confined_functions.h
 *		Functions of the server that would lead out of a cluster.
 */
#ifndef DSQL_CONFINED_FUNCTIONS_H
#define DSQL_CONFINED_FUNCTIONS_H

extern void dsql_confined_functions_install(void);

#endif							/* DSQL_CONFINED_FUNCTIONS_H */
