/*
 * sigv4.c
 *		AWS Signature Version 4: what was signed, and with which key.
 *
 * A request is brought into a canonical form.  Its hash is part of a string,
 * which is signed with a key derived from the secret.  We decode what arrived
 * and encode it again, so that different spellings of one request have the same
 * canonical form.
 */
#include "postgres.h"

#include "common/cryptohash.h"
#include "common/hmac.h"
#include "common/sha2.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/timestamp.h"

#include "auth/sigv4.h"
#include "base/percent.h"

static const char algorithm[] = "AWS4-HMAC-SHA256";

/* How far the times of client and server may be apart. */
#define MAX_SKEW (15 * SECS_PER_MINUTE * USECS_PER_SEC)

bool
dsql_sigv4_parse_credential(const char *string, DsqlCredential *credential)
{
	char	   *parts[5];
	char	   *rest = pstrdup(string);

	for (int i = 0; i < lengthof(parts); i++)
	{
		parts[i] = strsep(&rest, "/");
		if (parts[i] == NULL || parts[i][0] == '\0')
			return false;
	}
	if (rest != NULL || strcmp(parts[3], "dsql") != 0 ||
		strcmp(parts[4], "aws4_request") != 0)
		return false;

	credential->access_key = parts[0];
	credential->date = parts[1];
	credential->region = parts[2];
	credential->service = parts[3];
	return true;
}

/*
 * A number of a fixed count of digits.
 */
static int
fixed_number(const char *digits, int count)
{
	int			number = 0;

	for (int i = 0; i < count; i++)
		number = number * 10 + digits[i] - '0';
	return number;
}

bool
dsql_sigv4_parse_time(const char *string, TimestampTz *time)
{
	static const char format[] = "99999999T999999Z";
	struct pg_tm tm = {0};

	if (strlen(string) != DSQL_SIGV4_TIME_LEN)
		return false;
	for (int i = 0; i < DSQL_SIGV4_TIME_LEN; i++)
		if (format[i] == '9' ? !isdigit((unsigned char) string[i]) :
			string[i] != format[i])
			return false;

	tm.tm_year = fixed_number(string, 4);
	tm.tm_mon = fixed_number(string + 4, 2);
	tm.tm_mday = fixed_number(string + 6, 2);
	tm.tm_hour = fixed_number(string + 9, 2);
	tm.tm_min = fixed_number(string + 11, 2);
	tm.tm_sec = fixed_number(string + 13, 2);
	if (tm.tm_year < 1 || tm.tm_mon < 1 || tm.tm_mon > MONTHS_PER_YEAR ||
		tm.tm_mday < 1 ||
		tm.tm_mday > day_tab[isleap(tm.tm_year)][tm.tm_mon - 1] ||
		tm.tm_hour >= HOURS_PER_DAY || tm.tm_min >= MINS_PER_HOUR ||
		tm.tm_sec >= SECS_PER_MINUTE)
		return false;
	return tm2timestamp(&tm, 0, NULL, time) == 0;
}

char *
dsql_sigv4_format_time(TimestampTz time)
{
	struct pg_tm tm;
	fsec_t		fsec;

	if (timestamp2tm(time, NULL, &tm, &fsec, NULL, NULL) != 0)
		elog(ERROR, "timestamp out of range");
	return psprintf("%04d%02d%02dT%02d%02d%02dZ", tm.tm_year, tm.tm_mon,
					tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/*
 * Append a string as AWS encodes it: all but what RFC 3986 calls unreserved,
 * and another character, if one is given.
 */
static void
append_encoded(StringInfo out, const char *string, char also_plain)
{
	for (; *string; string++)
	{
		unsigned char c = *string;

		if ((c < 0x80 && isalnum(c)) || strchr("-_.~", c) != NULL ||
			c == also_plain)
			appendStringInfoChar(out, c);
		else
			appendStringInfo(out, "%%%02X", c);
	}
}

bool
dsql_sigv4_parse_query(const char *query, List **parameters)
{
	*parameters = NIL;
	while (*query)
	{
		const char *end = query + strcspn(query, "&");
		const char *equals = memchr(query, '=', end - query);
		DsqlParameter *parameter = palloc(sizeof(DsqlParameter));
		const char *value;

		if (equals == NULL)
			equals = end;
		value = Min(equals + 1, end);
		parameter->name = dsql_percent_decode(query, equals - query);
		parameter->value = dsql_percent_decode(value, end - value);
		if (parameter->name == NULL || parameter->value == NULL)
			return false;
		if (end > query)
			*parameters = lappend(*parameters, parameter);
		query = *end ? end + 1 : end;
	}
	return true;
}

static int
compare_encoded(const ListCell *a, const ListCell *b)
{
	const DsqlParameter *left = lfirst(a);
	const DsqlParameter *right = lfirst(b);
	int			result = strcmp(left->name, right->name);

	return result != 0 ? result : strcmp(left->value, right->value);
}

static char *
encode(const char *string)
{
	StringInfoData out;

	initStringInfo(&out);
	append_encoded(&out, string, '\0');
	return out.data;
}

char *
dsql_sigv4_canonical_query(List *parameters, const char *without)
{
	StringInfoData out;
	List	   *encoded = NIL;
	ListCell   *cell;

	foreach(cell, parameters)
	{
		DsqlParameter *parameter = lfirst(cell);
		DsqlParameter *copy;

		if (without != NULL && strcmp(parameter->name, without) == 0)
			continue;
		copy = palloc(sizeof(DsqlParameter));
		copy->name = encode(parameter->name);
		copy->value = encode(parameter->value);
		encoded = lappend(encoded, copy);
	}
	list_sort(encoded, compare_encoded);

	initStringInfo(&out);
	foreach(cell, encoded)
	{
		DsqlParameter *parameter = lfirst(cell);

		appendStringInfo(&out, "%s%s=%s", out.len > 0 ? "&" : "",
						 parameter->name, parameter->value);
	}
	return out.data;
}

static char *
to_hex(const uint8 *bytes)
{
	char	   *hex = palloc(DSQL_SIGV4_HEX_LEN + 1);

	hex_encode((const char *) bytes, PG_SHA256_DIGEST_LENGTH, hex);
	hex[DSQL_SIGV4_HEX_LEN] = '\0';
	return hex;
}

char *
dsql_sigv4_hash(const char *data, size_t length)
{
	pg_cryptohash_ctx *context = pg_cryptohash_create(PG_SHA256);
	uint8		hash[PG_SHA256_DIGEST_LENGTH];

	if (context == NULL || pg_cryptohash_init(context) < 0 ||
		pg_cryptohash_update(context, (const uint8 *) data, length) < 0 ||
		pg_cryptohash_final(context, hash, sizeof(hash)) < 0)
		elog(ERROR, "could not compute SHA-256 hash");
	pg_cryptohash_free(context);
	return to_hex(hash);
}

static void
hmac(const uint8 *key, size_t key_length, const char *data, uint8 *result)
{
	pg_hmac_ctx *context = pg_hmac_create(PG_SHA256);

	if (context == NULL || pg_hmac_init(context, key, key_length) < 0 ||
		pg_hmac_update(context, (const uint8 *) data, strlen(data)) < 0 ||
		pg_hmac_final(context, result, PG_SHA256_DIGEST_LENGTH) < 0)
		elog(ERROR, "could not compute HMAC");
	pg_hmac_free(context);
}

char *
dsql_sigv4_sign(const char *secret, const DsqlCredential *credential,
				const char *time, const char *canonical_request)
{
	char	   *seed = psprintf("AWS4%s", secret);
	uint8		key[PG_SHA256_DIGEST_LENGTH];
	char	   *string_to_sign;

	hmac((uint8 *) seed, strlen(seed), credential->date, key);
	hmac(key, sizeof(key), credential->region, key);
	hmac(key, sizeof(key), credential->service, key);
	hmac(key, sizeof(key), "aws4_request", key);

	string_to_sign = psprintf("%s\n%s\n%s/%s/%s/aws4_request\n%s",
							  algorithm, time, credential->date,
							  credential->region, credential->service,
							  dsql_sigv4_hash(canonical_request,
											  strlen(canonical_request)));
	hmac(key, sizeof(key), string_to_sign, key);

	explicit_bzero(seed, strlen(seed));
	return to_hex(key);
}

bool
dsql_sigv4_equal(const char *a, const char *b)
{
	size_t		length = strlen(a);
	unsigned char difference = 0;

	if (strlen(b) != length)
		return false;
	for (size_t i = 0; i < length; i++)
		difference |= a[i] ^ b[i];
	return difference == 0;
}

/*
 * The value of a header as it is signed: without spaces around it, with one
 * where there are several, and those of equal names after each other.  NULL if
 * there is none.
 */
static char *
canonical_header(const DsqlSignedRequest *request, const char *name)
{
	StringInfoData out;
	bool		found = false;

	initStringInfo(&out);
	for (int i = 0; i < request->nheaders; i++)
	{
		const char *value = request->headers[i].value;
		bool		at_start = true;

		if (pg_strcasecmp(request->headers[i].name, name) != 0)
			continue;
		if (found)
			appendStringInfoChar(&out, ',');
		found = true;
		while (*value)
		{
			size_t		spaces = strspn(value, " \t");

			value += spaces;
			if (*value == '\0')
				break;
			if (spaces > 0 && !at_start)
				appendStringInfoChar(&out, ' ');
			at_start = false;
			appendBinaryStringInfo(&out, value, strcspn(value, " \t"));
			value += strcspn(value, " \t");
		}
	}
	return found ? out.data : NULL;
}

/*
 * The value of "name=" in an Authorization header; NULL if it is not there.
 */
static char *
authorization_part(const char *header, const char *name)
{
	size_t		length = strlen(name);

	for (;;)
	{
		header += strspn(header, " \t,");
		if (*header == '\0')
			return NULL;
		if (strncmp(header, name, length) == 0 && header[length] == '=')
			return pnstrdup(header + length + 1,
							strcspn(header + length + 1, ", \t"));
		header += strcspn(header, ",");
	}
}

static bool
is_signed_header(const char *signed_headers, const char *name)
{
	char	   *rest = pstrdup(signed_headers);
	char	   *item;

	while ((item = strsep(&rest, ";")) != NULL)
		if (strcmp(item, name) == 0)
			return true;
	return false;
}

DsqlRequestVerdict
dsql_sigv4_read_request(const DsqlSignedRequest *request,
						DsqlRequestSignature *signature)
{
	char	   *header = canonical_header(request, "authorization");
	char	   *credential;

	if (header == NULL)
		return DSQL_REQUEST_UNSIGNED;
	if (strncmp(header, algorithm, strlen(algorithm)) != 0 ||
		header[strlen(algorithm)] != ' ')
		return DSQL_REQUEST_INCOMPLETE;
	header += strlen(algorithm);

	credential = authorization_part(header, "Credential");
	signature->signed_headers = authorization_part(header, "SignedHeaders");
	signature->signature = authorization_part(header, "Signature");
	signature->time = canonical_header(request, "x-amz-date");
	signature->session_token = canonical_header(request,
												"x-amz-security-token");
	if (credential == NULL || signature->signed_headers == NULL ||
		signature->signature == NULL || signature->time == NULL ||
		!dsql_sigv4_parse_credential(credential, &signature->credential) ||
		!dsql_sigv4_parse_time(signature->time, &signature->signed_at) ||
		strlen(signature->credential.date) != 8 ||
		strncmp(signature->credential.date, signature->time, 8) != 0 ||
		!is_signed_header(signature->signed_headers, "host") ||
		!is_signed_header(signature->signed_headers, "x-amz-date"))
		return DSQL_REQUEST_INCOMPLETE;
	return DSQL_REQUEST_SIGNED;
}

/*
 * The hash of the body as it is signed; NULL if the request gives another one.
 */
static char *
payload_hash(const DsqlSignedRequest *request)
{
	char	   *stated = canonical_header(request, "x-amz-content-sha256");
	char	   *actual;

	if (stated != NULL && strcmp(stated, "UNSIGNED-PAYLOAD") == 0)
		return stated;
	actual = dsql_sigv4_hash(request->body, request->body_length);
	return stated == NULL || strcmp(stated, actual) == 0 ? actual : NULL;
}

/*
 * The canonical form of a request; NULL if it has none.  The path is encoded
 * once more, as everywhere but in S3.
 */
static char *
canonical_request(const DsqlSignedRequest *request, const char *signed_headers)
{
	char	   *path = pnstrdup(request->target, strcspn(request->target, "?"));
	const char *query = request->target + strlen(path);
	char	   *hash = payload_hash(request);
	char	   *rest = pstrdup(signed_headers);
	char	   *name;
	List	   *parameters;
	StringInfoData out;

	if (hash == NULL ||
		!dsql_sigv4_parse_query(*query ? query + 1 : query, &parameters))
		return NULL;

	initStringInfo(&out);
	appendStringInfo(&out, "%s\n", request->method);
	append_encoded(&out, path, '/');
	appendStringInfo(&out, "\n%s\n",
					 dsql_sigv4_canonical_query(parameters, NULL));
	while ((name = strsep(&rest, ";")) != NULL)
	{
		char	   *value = canonical_header(request, name);

		if (value == NULL)
			return NULL;
		appendStringInfo(&out, "%s:%s\n", name, value);
	}
	appendStringInfo(&out, "\n%s\n%s", signed_headers, hash);
	return out.data;
}

DsqlRequestVerdict
dsql_sigv4_check_request(const DsqlSignedRequest *request,
						 const DsqlRequestSignature *signature,
						 const char *secret, TimestampTz now)
{
	char	   *canonical = canonical_request(request,
											  signature->signed_headers);
	char	   *expected;

	if (canonical == NULL)
		return DSQL_REQUEST_MISMATCH;
	expected = dsql_sigv4_sign(secret, &signature->credential,
							   signature->time, canonical);
	if (!dsql_sigv4_equal(expected, signature->signature))
		return DSQL_REQUEST_MISMATCH;
	if (signature->signed_at < now - MAX_SKEW)
		return DSQL_REQUEST_TOO_OLD;
	if (signature->signed_at > now + MAX_SKEW)
		return DSQL_REQUEST_TOO_NEW;
	return DSQL_REQUEST_SIGNED;
}
