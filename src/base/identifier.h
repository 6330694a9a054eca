/*
 * identifier.h
 *		Names that the service gives: identifiers, ARNs, host names, tokens.
 *
 * Functions that return a string return it palloc'd.
 */
#ifndef DSQL_IDENTIFIER_H
#define DSQL_IDENTIFIER_H

/* Characters in the identifier of a cluster, a stream, a job, a session. */
#define DSQL_IDENTIFIER_LEN 26

/* The same 16 bytes always give the same identifier. */
extern char *dsql_identifier_from_uuid(const uint8 *uuid);

/* A new identifier, of a random UUID (version 4). */
extern char *dsql_identifier_new(void);

/* The 16 bytes of an identifier that was made of some.  False if it was not. */
extern bool dsql_identifier_to_uuid(const char *string, uint8 *uuid);

/* Could the string be an identifier, ours or the service's? */
extern bool dsql_identifier_valid(const char *string);

/* Could the string be the name of a Region, the number of an account? */
extern bool dsql_identifier_region_valid(const char *string);
extern bool dsql_identifier_account_valid(const char *string);

extern char *dsql_identifier_cluster_arn(const char *region,
										 const char *account,
										 const char *cluster);
extern char *dsql_identifier_stream_arn(const char *region,
										const char *account,
										const char *cluster, const char *stream);

/*
 * Take the ARN of a cluster or a stream apart.  False if it is neither.
 * "stream" is NULL for a cluster.
 */
typedef struct DsqlArn
{
	char	   *region;
	char	   *account;
	char	   *cluster;
	char	   *stream;
} DsqlArn;

extern bool dsql_identifier_arn_parse(const char *string, DsqlArn *arn);

/*
 * Take the ARN of somebody who can be given a permission apart: a user, a role,
 * the account's root, or the session of an assumed role.  False if it is of
 * none.  "principal" is the ARN, for a session that of its role.
 */
typedef struct DsqlIamArn
{
	char	   *account;
	char	   *principal;
	bool		is_root;
} DsqlIamArn;

extern bool dsql_identifier_iam_arn_parse(const char *string, DsqlIamArn *arn);

/* The host name under which clients reach a cluster. */
extern char *dsql_identifier_cluster_endpoint(const char *region,
											  const char *cluster);

/* The VPC endpoint service of a Region, and a cluster's host name in it. */
extern char *dsql_identifier_vpc_service_name(const char *region);
extern char *dsql_identifier_vpc_cluster_endpoint(const char *region,
												  const char *cluster);

/*
 * A pagination token that says after which item of which list to go on.  The
 * list is any text that tells it from others.
 */
extern char *dsql_identifier_page_token(const char *list, int64 position);
extern bool dsql_identifier_page_token_parse(const char *token,
											 const char *list,
											 int64 *position);

#endif							/* DSQL_IDENTIFIER_H */
