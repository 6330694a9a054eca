/*
 * token.h
 *		Database authentication tokens: a presigned URL without its scheme.
 *
 * Bytes in, verdict out, as sigv4.h.
 */
#ifndef DSQL_TOKEN_H
#define DSQL_TOKEN_H

#include "auth/sigv4.h"

/* What a token permits. */
typedef enum DsqlTokenAction
{
	DSQL_TOKEN_DB_CONNECT,		/* connections of the users' own roles */
	DSQL_TOKEN_DB_CONNECT_ADMIN /* connections of the role admin */
} DsqlTokenAction;

typedef struct DsqlAuthToken
{
	char	   *signed_host;	/* as it was written */
	char	   *host;			/* in lower case, without the port */
	DsqlTokenAction action;
	DsqlCredential credential;
	char	   *time;
	TimestampTz signed_at;
	int			expires;		/* in seconds after that */
	char	   *session_token;	/* or NULL */
	char	   *signature;
	char	   *canonical_query;
} DsqlAuthToken;

extern const char *dsql_token_action_name(DsqlTokenAction action);

/*
 * Read a token.  False if it is no token that any secret could make valid;
 * *problem then says why, for people.
 */
extern bool dsql_token_parse(const char *string, DsqlAuthToken *token,
							 const char **problem);

/*
 * Make a token that allows an action at a host, signed with a key at a time,
 * and for this many seconds.
 */
extern char *dsql_token_create(const char *host, DsqlTokenAction action,
							   const DsqlCredential *credential,
							   const char *secret, const char *session_token,
							   const char *time, int expires);

/* The action of this name.  False if there is none. */
extern bool dsql_token_parse_action(const char *name, DsqlTokenAction *action);

/* Was the token signed with this secret? */
extern bool dsql_token_signed_with(const DsqlAuthToken *token,
								   const char *secret);

/* The words for it, palloc'd. */
extern char *dsql_token_expired(TimestampTz end, TimestampTz now);
extern char *dsql_token_early(TimestampTz signed_at, TimestampTz now);
extern char *dsql_token_wrong_action(const char *user, DsqlTokenAction action);

/* Why the token does not hold at this time, for people; NULL if it does. */
extern const char *dsql_token_time_problem(const DsqlAuthToken *token,
										   TimestampTz now);

#endif							/* DSQL_TOKEN_H */
