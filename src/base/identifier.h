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

/*
 * The 16 bytes of which an identifier was made.  False if it was made
 * otherwise.
 */
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
 * Split the ARN of a cluster or a stream into its parts.  False if it is
 * neither.  "stream" is NULL for a cluster.
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
 * Split the ARN of somebody who can have permissions: a user, a role, the
 * account's root, or the session of an assumed role.  False if it is none of
 * these.  "principal" is the ARN itself, or for a session the ARN of its role.
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
 * A pagination token that tells after which item of which list to continue.
 * "list" is any text that distinguishes the list from others.
 */
extern char *dsql_identifier_page_token(const char *list, int64 position);
extern bool dsql_identifier_page_token_parse(const char *token,
											 const char *list,
											 int64 *position);

#endif							/* DSQL_IDENTIFIER_H */
