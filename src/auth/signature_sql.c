/*
 * signature_sql.c
 *		Tokens made, and why a token or a signed request is not accepted: for
 *		people and tests.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "auth/access_key.h"
#include "auth/sigv4.h"
#include "auth/token.h"
#include "base/clock.h"
#include "base/identifier.h"
#include "cluster/cluster_catalog.h"

static TimestampTz
time_argument(FunctionCallInfo fcinfo, int n)
{
	return PG_ARGISNULL(n) ? dsql_clock_now() : PG_GETARG_TIMESTAMPTZ(n);
}

/*
 * What a token says, and why it does not hold.
 */
PG_FUNCTION_INFO_V1(dsql_check_token);
Datum
dsql_check_token(PG_FUNCTION_ARGS)
{
	DsqlAuthToken token;
	DsqlAccessKey *key;
	const char *problem;
	Datum		values[8];
	bool		nulls[8];
	TupleDesc	desc;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");

	memset(nulls, true, sizeof(nulls));
	if (dsql_token_parse(text_to_cstring(PG_GETARG_TEXT_PP(0)), &token, &problem))
	{
		problem = dsql_access_key_token_problem(&token, time_argument(fcinfo, 1),
												&key);
		memset(nulls, false, sizeof(nulls));
		values[1] = CStringGetTextDatum(token.host);
		values[2] = CStringGetTextDatum(token.credential.region);
		values[3] = CStringGetTextDatum(dsql_token_action_name(token.action));
		values[4] = CStringGetTextDatum(token.credential.access_key);
		nulls[5] = key == NULL;
		if (key != NULL)
			values[5] = CStringGetTextDatum(key->arn);
		values[6] = TimestampTzGetDatum(token.signed_at);
		values[7] = TimestampTzGetDatum(token.signed_at +
										token.expires * USECS_PER_SEC);
	}
	nulls[0] = problem == NULL;
	if (problem != NULL)
		values[0] = CStringGetTextDatum(problem);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc),
													  values, nulls)));
}

/*
 * Headers, each written as "Name: value".
 */
static void
read_headers(ArrayType *array, DsqlSignedRequest *request)
{
	DsqlHeader *headers;
	Datum	   *lines;
	bool	   *nulls;

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &lines, &nulls,
					  &request->nheaders);
	headers = palloc(request->nheaders * sizeof(DsqlHeader));
	for (int i = 0; i < request->nheaders; i++)
	{
		char	   *line = nulls[i] ? "" : TextDatumGetCString(lines[i]);
		char	   *colon = strchr(line, ':');

		if (colon == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("a header has no colon: \"%s\"", line)));
		*colon = '\0';
		headers[i].name = line;
		headers[i].value = colon + 1;
	}
	request->headers = headers;
}

static const char *
request_problem(const DsqlSignedRequest *request, TimestampTz now)
{
	DsqlRequestSignature signature;
	DsqlRequestVerdict verdict = dsql_sigv4_read_request(request, &signature);
	DsqlAccessKey *key;
	const char *problem = NULL;

	if (verdict == DSQL_REQUEST_SIGNED)
	{
		problem = dsql_access_key_problem(signature.credential.access_key,
										  signature.session_token, &key);
		if (problem == NULL)
			verdict = dsql_sigv4_check_request(request, &signature,
											   key->secret, now);
	}
	switch (verdict)
	{
		case DSQL_REQUEST_SIGNED:
			break;
		case DSQL_REQUEST_UNSIGNED:
			problem = "The request is not signed.";
			break;
		case DSQL_REQUEST_INCOMPLETE:
			problem = "The signature is incomplete.";
			break;
		case DSQL_REQUEST_MISMATCH:
			problem = "The request signature we calculated does not match the signature you provided.";
			break;
		case DSQL_REQUEST_TOO_OLD:
			problem = "The signature has expired.";
			break;
		case DSQL_REQUEST_TOO_NEW:
			problem = "The signature is not yet current.";
			break;
	}
	return problem;
}

PG_FUNCTION_INFO_V1(dsql_check_request);
Datum
dsql_check_request(PG_FUNCTION_ARGS)
{
	DsqlSignedRequest request = {0};
	const char *problem;

	for (int i = 0; i < 4; i++)
		if (PG_ARGISNULL(i))
			PG_RETURN_NULL();
	request.method = text_to_cstring(PG_GETARG_TEXT_PP(0));
	request.target = text_to_cstring(PG_GETARG_TEXT_PP(1));
	read_headers(PG_GETARG_ARRAYTYPE_P(2), &request);
	request.body = text_to_cstring(PG_GETARG_TEXT_PP(3));
	request.body_length = strlen(request.body);

	problem = request_problem(&request, time_argument(fcinfo, 4));
	if (problem == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(problem));
}

/*
 * The Region that a host name tells, else that of the default cluster.
 */
static char *
region_of(const char *host, const Cluster *cluster)
{
	const char *service = strstr(host, ".dsql");
	const char *region = service ? strchr(service + 1, '.') : NULL;

	if (region == NULL)
		return cluster->region;
	region++;
	return pnstrdup(region, strcspn(region, "."));
}

PG_FUNCTION_INFO_V1(dsql_create_token);
Datum
dsql_create_token(PG_FUNCTION_ARGS)
{
	Cluster    *cluster = dsql_cluster_catalog_default_cluster();
	char	   *time = dsql_sigv4_format_time(dsql_clock_now());
	char	   *action_name = text_to_cstring(PG_GETARG_TEXT_PP(1));
	DsqlCredential credential;
	DsqlTokenAction action;
	DsqlAccessKey *key;
	char	   *host;

	if (cluster == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("there is no default cluster")));
	if (!dsql_token_parse_action(action_name, &action))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown action: \"%s\"", action_name),
				 errhint("The actions are DbConnect and DbConnectAdmin.")));
	key = dsql_access_key_find(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	if (key == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("access key \"%s\" does not exist",
						text_to_cstring(PG_GETARG_TEXT_PP(0)))));

	host = text_to_cstring(PG_GETARG_TEXT_PP(2));
	if (host[0] == '\0')
		host = dsql_identifier_cluster_endpoint(cluster->region,
												cluster->identifier);
	credential.access_key = key->id;
	credential.date = pnstrdup(time, 8);
	credential.region = region_of(host, cluster);
	credential.service = "dsql";
	PG_RETURN_TEXT_P(cstring_to_text(dsql_token_create(host, action, &credential,
													   key->secret,
													   key->session_token,
													   time,
													   PG_GETARG_INT32(3))));
}
