/*
 * sigv4.h
 *		AWS Signature Version 4: what was signed, and by which key.
 *
 * Bytes in, verdict out: no catalog, no socket, no clock.  Strings that are
 * returned are palloc'd.
 */
#ifndef DSQL_SIGV4_H
#define DSQL_SIGV4_H

#include "datatype/timestamp.h"
#include "nodes/pg_list.h"

/* Hexadecimal digits of a signature, and of the hash of a payload. */
#define DSQL_SIGV4_HEX_LEN 64

/* Characters of a time, as 20260115T120000Z; the date is the first eight. */
#define DSQL_SIGV4_TIME_LEN 16

/* access key/date/Region/service/aws4_request */
typedef struct DsqlCredential
{
	char	   *access_key;
	char	   *date;
	char	   *region;
	char	   *service;
} DsqlCredential;

/*
 * Take apart the value of "Credential".  False if it is malformed or about
 * another service than "dsql".
 */
extern bool dsql_sigv4_parse_credential(const char *string,
										DsqlCredential *credential);

extern bool dsql_sigv4_parse_time(const char *string, TimestampTz *time);
extern char *dsql_sigv4_format_time(TimestampTz time);

/*
 * The parameters of a query, percent-decoded, in their order.  False if the
 * query is malformed.
 */
typedef struct DsqlParameter
{
	char	   *name;
	char	   *value;
} DsqlParameter;

extern bool dsql_sigv4_parse_query(const char *query, List **parameters);

/* The canonical form of parameters, without the one named, if any. */
extern char *dsql_sigv4_canonical_query(List *parameters, const char *without);

/* SHA-256 in hexadecimal digits. */
extern char *dsql_sigv4_hash(const char *data, size_t length);

/* The signature of a canonical request, in hexadecimal digits. */
extern char *dsql_sigv4_sign(const char *secret,
							 const DsqlCredential *credential,
							 const char *time, const char *canonical_request);

/* Are two strings equal?  The time that takes does not tell where they differ. */
extern bool dsql_sigv4_equal(const char *a, const char *b);

/*
 * A signed HTTP request.
 */
typedef struct DsqlHeader
{
	const char *name;			/* in any case */
	const char *value;
} DsqlHeader;

typedef struct DsqlSignedRequest
{
	const char *method;
	const char *target;			/* path and query, as they came */
	const DsqlHeader *headers;
	int			nheaders;
	const char *body;
	size_t		body_length;
} DsqlSignedRequest;

/* What a request says of its signature. */
typedef struct DsqlRequestSignature
{
	DsqlCredential credential;
	char	   *signed_headers; /* names, separated by semicolons */
	char	   *signature;
	char	   *time;
	TimestampTz signed_at;
	char	   *session_token;	/* or NULL */
} DsqlRequestSignature;

/* Each is what the service has an exception of its own for. */
typedef enum DsqlRequestVerdict
{
	DSQL_REQUEST_SIGNED,
	DSQL_REQUEST_UNSIGNED,		/* MissingAuthenticationToken */
	DSQL_REQUEST_INCOMPLETE,	/* IncompleteSignature */
	DSQL_REQUEST_MISMATCH,		/* InvalidSignature: of something else */
	DSQL_REQUEST_TOO_OLD,		/* InvalidSignature: signed too long ago */
	DSQL_REQUEST_TOO_NEW		/* InvalidSignature: signed in the future */
} DsqlRequestVerdict;

/*
 * Read the signature that a request carries; only with DSQL_REQUEST_SIGNED it is
 * filled in.  Nothing is verified.
 */
extern DsqlRequestVerdict dsql_sigv4_read_request(const DsqlSignedRequest *request,
												  DsqlRequestSignature *signature);

/*
 * Was the request signed with this secret, at most 15 minutes before or after
 * now?
 */
extern DsqlRequestVerdict dsql_sigv4_check_request(const DsqlSignedRequest *request,
												   const DsqlRequestSignature *signature,
												   const char *secret,
												   TimestampTz now);

#endif							/* DSQL_SIGV4_H */
