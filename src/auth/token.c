/*
 * token.c
 *		Database authentication tokens: a presigned URL without its scheme.
 *
 * Signers differ in the order of parameters, in the slash before the question
 * mark, and in what they make of the host name that they were given: some sign
 * it as it is, some in lower case and without the port of https.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/timestamp.h"

#include "auth/sigv4.h"
#include "auth/token.h"

/* A token holds for a week at most. */
#define MAX_EXPIRES (7 * SECS_PER_DAY)

/* More parameters than any signer has. */
#define MAX_PARAMETERS 32

/* How far a client's clock may be ahead of ours. */
#define MAX_AHEAD (5 * SECS_PER_MINUTE * USECS_PER_SEC)

static const char empty_payload_hash[] =
"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

static const char *const action_names[] = {
	[DSQL_TOKEN_DB_CONNECT] = "DbConnect",
	[DSQL_TOKEN_DB_CONNECT_ADMIN] = "DbConnectAdmin",
};

const char *
dsql_token_action_name(DsqlTokenAction action)
{
	return action_names[action];
}

/*
 * The value of a parameter; NULL if it is missing.
 */
static char *
find_parameter(List *parameters, const char *name)
{
	ListCell   *cell;

	foreach(cell, parameters)
	{
		DsqlParameter *parameter = lfirst(cell);

		if (strcmp(parameter->name, name) == 0)
			return parameter->value;
	}
	return NULL;
}

static bool
has_duplicates(List *parameters)
{
	for (int i = 0; i < list_length(parameters); i++)
	{
		DsqlParameter *parameter = list_nth(parameters, i);

		if (find_parameter(parameters, parameter->name) != parameter->value)
			return true;
	}
	return false;
}

static char *
lower(const char *string)
{
	char	   *result = pstrdup(string);

	for (char *c = result; *c; c++)
		*c = pg_ascii_tolower((unsigned char) *c);
	return result;
}

/*
 * The place of the port in a host name, colon included; its end if there is
 * none.
 */
static char *
find_port(char *host)
{
	char	   *colon = strrchr(host, ':');

	/* An IPv6 address has colons inside its brackets. */
	if (colon == NULL || strchr(colon, ']') != NULL)
		return host + strlen(host);
	return colon;
}

static bool
parse_host(const char *start, const char *end, DsqlAuthToken *token)
{
	if (end > start && end[-1] == '/')
		end--;
	token->signed_host = pnstrdup(start, end - start);
	if (end == start ||
		strspn(token->signed_host, "abcdefghijklmnopqrstuvwxyz"
			   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]") != end - start)
		return false;
	token->host = lower(token->signed_host);
	*find_port(token->host) = '\0';
	return true;
}

bool
dsql_token_parse_action(const char *name, DsqlTokenAction *action)
{
	for (int i = 0; i < lengthof(action_names); i++)
	{
		if (strcmp(name, action_names[i]) == 0)
		{
			*action = (DsqlTokenAction) i;
			return true;
		}
	}
	return false;
}

static bool
is_number(const char *string)
{
	size_t		digits = strspn(string, "0123456789");

	return digits > 0 && digits < 10 && string[digits] == '\0';
}

bool
dsql_token_parse(const char *string, DsqlAuthToken *token,
				 const char **problem)
{
	const char *question = strchr(string, '?');
	List	   *parameters;
	char	   *value;

	*problem = NULL;
	if (question == NULL || !parse_host(string, question, token))
		*problem = "The token does not begin with a host name and a question mark.";
	else if (!dsql_sigv4_parse_query(question + 1, &parameters) ||
			 list_length(parameters) > MAX_PARAMETERS ||
			 has_duplicates(parameters))
		*problem = "The token's parameters are malformed.";
	if (*problem != NULL)
		return false;

	value = find_parameter(parameters, "X-Amz-Algorithm");
	if (value == NULL || strcmp(value, "AWS4-HMAC-SHA256") != 0)
		*problem = "X-Amz-Algorithm must be AWS4-HMAC-SHA256";
	value = find_parameter(parameters, "X-Amz-SignedHeaders");
	if (value == NULL || strcmp(value, "host") != 0)
		*problem = "X-Amz-SignedHeaders must be host";
	value = find_parameter(parameters, "Action");
	if (value == NULL || !dsql_token_parse_action(value, &token->action))
		*problem = "Action must be DbConnect or DbConnectAdmin";

	token->time = find_parameter(parameters, "X-Amz-Date");
	if (token->time == NULL ||
		!dsql_sigv4_parse_time(token->time, &token->signed_at))
		*problem = "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"";
	value = find_parameter(parameters, "X-Amz-Credential");
	if (value == NULL ||
		!dsql_sigv4_parse_credential(value, &token->credential) ||
		token->time == NULL || strlen(token->credential.date) != 8 ||
		strncmp(token->credential.date, token->time, 8) != 0)
		*problem = "X-Amz-Credential must be <access key>/<date of X-Amz-Date>/<Region>/dsql/aws4_request";

	value = find_parameter(parameters, "X-Amz-Expires");
	if (value == NULL || !is_number(value))
		*problem = "X-Amz-Expires must be a number of seconds";
	else
	{
		token->expires = atoi(value);
		if (token->expires > MAX_EXPIRES)
			*problem = "X-Amz-Expires must be less than a week (in seconds)";
	}

	token->signature = find_parameter(parameters, "X-Amz-Signature");
	if (token->signature == NULL ||
		strlen(token->signature) != DSQL_SIGV4_HEX_LEN)
		*problem = "X-Amz-Signature must have 64 digits";
	token->session_token = find_parameter(parameters, "X-Amz-Security-Token");
	token->canonical_query = dsql_sigv4_canonical_query(parameters,
														"X-Amz-Signature");
	return *problem == NULL;
}

/*
 * The signature of a token with these parameters.
 */
static char *
sign(const char *host, const char *canonical_query, const char *secret,
	 const DsqlCredential *credential, const char *time)
{
	char	   *canonical = psprintf("GET\n/\n%s\nhost:%s\n\nhost\n%s",
									 canonical_query, host,
									 empty_payload_hash);

	return dsql_sigv4_sign(secret, credential, time, canonical);
}

static bool
signs_host(const DsqlAuthToken *token, const char *secret, const char *host)
{
	char	   *signature = sign(host, token->canonical_query, secret,
								 &token->credential, token->time);

	return dsql_sigv4_equal(signature, token->signature);
}

bool
dsql_token_signed_with(const DsqlAuthToken *token, const char *secret)
{
	char	   *lower_host = lower(token->signed_host);
	char	   *hosts[] = {token->signed_host, lower_host};

	for (int i = 0; i < lengthof(hosts); i++)
	{
		char	   *host = pstrdup(hosts[i]);
		char	   *port = find_port(host);

		if (signs_host(token, secret, host))
			return true;
		if (strcmp(port, ":443") != 0)
			continue;
		*port = '\0';
		if (signs_host(token, secret, host))
			return true;
	}
	return false;
}

static List *
add_parameter(List *parameters, char *name, char *value)
{
	DsqlParameter *parameter = palloc(sizeof(DsqlParameter));

	parameter->name = name;
	parameter->value = value;
	return lappend(parameters, parameter);
}

char *
dsql_token_create(const char *host, DsqlTokenAction action,
				  const DsqlCredential *credential, const char *secret,
				  const char *session_token, const char *time, int expires)
{
	List	   *parameters = NIL;
	char	   *query;

	parameters = add_parameter(parameters, "Action",
							   pstrdup(action_names[action]));
	parameters = add_parameter(parameters, "X-Amz-Algorithm",
							   "AWS4-HMAC-SHA256");
	parameters = add_parameter(parameters, "X-Amz-Credential",
							   psprintf("%s/%s/%s/%s/aws4_request",
										credential->access_key,
										credential->date, credential->region,
										credential->service));
	parameters = add_parameter(parameters, "X-Amz-Date", pstrdup(time));
	parameters = add_parameter(parameters, "X-Amz-Expires",
							   psprintf("%d", expires));
	if (session_token != NULL)
		parameters = add_parameter(parameters, "X-Amz-Security-Token",
								   pstrdup(session_token));
	parameters = add_parameter(parameters, "X-Amz-SignedHeaders", "host");
	query = dsql_sigv4_canonical_query(parameters, NULL);
	return psprintf("%s/?%s&X-Amz-Signature=%s", host, query,
					sign(host, query, secret, credential, time));
}

char *
dsql_token_expired(TimestampTz end, TimestampTz now)
{
	return psprintf("Signature expired: %s is now earlier than %s",
					dsql_sigv4_format_time(end), dsql_sigv4_format_time(now));
}

char *
dsql_token_early(TimestampTz signed_at, TimestampTz now)
{
	return psprintf("Signature not yet current: %s is still later than %s (%s + 5 min.)",
					dsql_sigv4_format_time(signed_at),
					dsql_sigv4_format_time(now + MAX_AHEAD),
					dsql_sigv4_format_time(now));
}

char *
dsql_token_wrong_action(const char *user, DsqlTokenAction action)
{
	return psprintf("Wrong user to action mapping. user: %s, action: %s",
					user, dsql_token_action_name(action));
}

const char *
dsql_token_time_problem(const DsqlAuthToken *token, TimestampTz now)
{
	TimestampTz end = token->signed_at + token->expires * USECS_PER_SEC;

	if (now > end)
		return dsql_token_expired(end, now);
	if (now + MAX_AHEAD < token->signed_at)
		return dsql_token_early(token->signed_at, now);
	return NULL;
}
