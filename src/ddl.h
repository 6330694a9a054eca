/*
 * ddl.h
 *		What data definition means for background jobs.
 */
#ifndef DSQL_DDL_H
#define DSQL_DDL_H

extern void dsql_ddl_install_hooks(void);

#endif							/* DSQL_DDL_H */
