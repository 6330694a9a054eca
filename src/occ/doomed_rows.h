/*
 * doomed_rows.h
 *		Rows of transactions that a definition has overtaken.
 */
#ifndef DSQL_DOOMED_ROWS_H
#define DSQL_DOOMED_ROWS_H

#include "access/tableam.h"
#include "nodes/execnodes.h"

/* The build of an index that leaves them out; zero if it is none. */
typedef struct DsqlIndexBuild
{
	Relation	table;
	IndexInfo  *info;
	bool		unique;
	int			client_min_messages;
	int			log_min_messages;
	IndexBuildCallback callback;
	void	   *state;
} DsqlIndexBuild;

/*
 * The scan of the table begins, with this callback and its argument, which are
 * exchanged; and it has ended, by an error, too.
 */
extern void dsql_doomed_rows_begin_build(DsqlIndexBuild *build, Relation table,
										 IndexInfo *info,
										 IndexBuildCallback *callback,
										 void **state);
extern void dsql_doomed_rows_end_build(DsqlIndexBuild *build);

#endif							/* DSQL_DOOMED_ROWS_H */
