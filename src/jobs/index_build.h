/*
 * index_build.h
 *		Indexes that are built in the background.
 */
#ifndef DSQL_INDEX_BUILD_H
#define DSQL_INDEX_BUILD_H

#include "jobs/job_catalog.h"

/* For a worker: build the index of an INDEX_BUILD job, and end the job. */
extern void dsql_index_build(const DsqlJob *job);

#endif							/* DSQL_INDEX_BUILD_H */
