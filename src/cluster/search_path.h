/*
 * search_path.h
 *		The search path stays in the session's cluster.
 */
#ifndef DSQL_SEARCH_PATH_H
#define DSQL_SEARCH_PATH_H

extern void dsql_search_path_install(void);

#endif							/* DSQL_SEARCH_PATH_H */
