/*
 * adoption.h
 *		Which tables have the access method btree_table.
 */
#ifndef DSQL_ADOPTION_H
#define DSQL_ADOPTION_H

extern void dsql_adoption_install_hooks(void);

#endif							/* DSQL_ADOPTION_H */
