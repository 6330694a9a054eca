/*
 * access_key.h
 *		Access keys: whom a signature stands for.
 */
#ifndef DSQL_ACCESS_KEY_H
#define DSQL_ACCESS_KEY_H

#include "nodes/pg_list.h"

#include "auth/token.h"

typedef struct DsqlAccessKey
{
	char	   *id;
	char	   *secret;
	char	   *session_token;	/* NULL unless the key is a temporary one */
	char	   *arn;			/* of the user, role or session */
	List	   *actions;		/* of patterns: what its own policy allows */
} DsqlAccessKey;

/*
 * The key of this identifier, palloc'd; NULL if there is none.  What is read
 * is what is committed now.
 */
extern DsqlAccessKey *dsql_access_key_find(const char *id);

/* Does the key's own policy allow an action, such as "dsql:DbConnect"? */
extern bool dsql_access_key_allows(const DsqlAccessKey *key,
								   const char *action);

/*
 * Why a signature with this key and this session token (or NULL) cannot be
 * one of ours, for people; NULL if it can.  *key is then whose it would be.
 */
extern const char *dsql_access_key_problem(const char *id,
										   const char *session_token,
										   DsqlAccessKey **key);

extern PGDLLIMPORT const char dsql_access_key_wrong_signature[];

/*
 * Why a token does not hold at this time, for people; NULL if it does.  *key
 * is then whose it is.
 */
extern const char *dsql_access_key_token_problem(const DsqlAuthToken *token,
												 TimestampTz now,
												 DsqlAccessKey **key);

#endif							/* DSQL_ACCESS_KEY_H */
