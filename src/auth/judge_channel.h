/*
 * judge_channel.h
 *		The way to a process that judges connections to clusters with databases
 *		of their own.
 */
#ifndef DSQL_JUDGE_CHANNEL_H
#define DSQL_JUDGE_CHANNEL_H

#include "libpq/pqcomm.h"

extern void dsql_judge_channel_shmem_request(void);
extern void dsql_judge_channel_shmem_init(void);

/* For use in _PG_init. */
extern void dsql_judge_channel_install(void);

typedef struct DsqlJudgeRequest
{
	Oid			control;		/* the database that judges */
	const char *identifier;		/* of the cluster */
	const char *password;		/* a token, or NULL if none is asked for */
	const SockAddr *address;
} DsqlJudgeRequest;

/*
 * Have a connection judged.  The result is the ARN of whose key has signed its
 * token, or NULL; a refusal is raised as an error.
 */
extern char *dsql_judge_channel_ask(const DsqlJudgeRequest *request);

#endif							/* DSQL_JUDGE_CHANNEL_H */
