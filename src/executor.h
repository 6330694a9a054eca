/*
 * executor.h
 *		What the executor must do otherwise beside noted changes.
 */
#ifndef DSQL_EXECUTOR_H
#define DSQL_EXECUTOR_H

extern void dsql_executor_install_hooks(void);

#endif							/* DSQL_EXECUTOR_H */
