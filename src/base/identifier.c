/*
 * identifier.c
 *		Names that the service gives: identifiers, ARNs, host names, tokens.
 *
 * An identifier is the 16 bytes of a UUID in base32, in lower case and without
 * padding.  All 26-character identifiers of the service that we have seen
 * decode that way.  An identifier that somebody else made is accepted as long
 * as it looks like one.
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "fmgr.h"
#include "port/pg_bswap.h"
#include "utils/fmgrprotos.h"
#include "utils/uuid.h"

#include "base/identifier.h"


/*
 * A pagination token: where the list continues, and a hash of the list's name.
 */
#define TOKEN_BYTES (sizeof(uint64) + sizeof(uint32))
#define BASE32_LEN(bytes) (((bytes) * 8 + 4) / 5)

static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";

static char *
base32_encode(const uint8 *bytes, int count)
{
	char	   *result = palloc(BASE32_LEN(count) + 1);
	char	   *out = result;
	uint32		buffer = 0;
	int			bits = 0;

	for (int i = 0; i < count; i++)
	{
		buffer = (buffer << 8) | bytes[i];
		for (bits += 8; bits >= 5; bits -= 5)
			*out++ = alphabet[(buffer >> (bits - 5)) & 31];
	}
	if (bits > 0)
		*out++ = alphabet[(buffer << (5 - bits)) & 31];
	*out = '\0';
	return result;
}

/*
 * Fill count bytes from exactly the string that base32_encode() makes of them.
 */
static bool
base32_decode(const char *string, uint8 *bytes, int count)
{
	uint32		buffer = 0;
	int			bits = 0;
	int			n = 0;

	if (strlen(string) != BASE32_LEN(count))
		return false;
	for (; *string; string++)
	{
		const char *at = strchr(alphabet, *string);

		if (at == NULL)
			return false;
		buffer = (buffer << 5) | (at - alphabet);
		bits += 5;
		if (bits >= 8)
		{
			bits -= 8;
			bytes[n++] = buffer >> bits;
		}
	}
	return (buffer & ((1 << bits) - 1)) == 0;
}

char *
dsql_identifier_from_uuid(const uint8 *uuid)
{
	return base32_encode(uuid, UUID_LEN);
}

char *
dsql_identifier_new(void)
{
	Datum		uuid = DirectFunctionCall1(gen_random_uuid, (Datum) 0);

	return dsql_identifier_from_uuid(DatumGetUUIDP(uuid)->data);
}

bool
dsql_identifier_to_uuid(const char *string, uint8 *uuid)
{
	return base32_decode(string, uuid, UUID_LEN);
}

bool
dsql_identifier_valid(const char *string)
{
	return strlen(string) == DSQL_IDENTIFIER_LEN &&
		strspn(string, "abcdefghijklmnopqrstuvwxyz0123456789") == DSQL_IDENTIFIER_LEN;
}

bool
dsql_identifier_region_valid(const char *string)
{
	size_t		length = strlen(string);

	return length >= 1 && length <= 20 &&
		strspn(string, "abcdefghijklmnopqrstuvwxyz0123456789-") == length;
}

bool
dsql_identifier_account_valid(const char *string)
{
	return strlen(string) == 12 && strspn(string, "0123456789") == 12;
}

char *
dsql_identifier_cluster_arn(const char *region, const char *account,
							const char *cluster)
{
	return psprintf("arn:aws:dsql:%s:%s:cluster/%s", region, account, cluster);
}

char *
dsql_identifier_stream_arn(const char *region, const char *account,
						   const char *cluster,
						   const char *stream)
{
	return psprintf("arn:aws:dsql:%s:%s:cluster/%s/stream/%s", region, account,
					cluster, stream);
}

/*
 * Cut off what precedes the separator; NULL if there is none.
 */
static char *
next_part(char **rest, char separator)
{
	char	   *part = *rest;
	char	   *end = part ? strchr(part, separator) : NULL;

	if (end == NULL)
		return NULL;
	*end = '\0';
	*rest = end + 1;
	return part;
}

bool
dsql_identifier_arn_parse(const char *string, DsqlArn *arn)
{
	char	   *rest = pstrdup(string);
	char	   *word = next_part(&rest, ':');
	char	   *partition = word ? next_part(&rest, ':') : NULL;
	char	   *service = partition ? next_part(&rest, ':') : NULL;

	if (service == NULL || strcmp(word, "arn") != 0 ||
		strncmp(partition, "aws", 3) != 0 ||
		(partition[3] != '\0' && (partition[3] != '-' || partition[4] == '\0')) ||
		strcmp(service, "dsql") != 0)
		return false;

	arn->region = next_part(&rest, ':');
	if (arn->region == NULL || !dsql_identifier_region_valid(arn->region))
		return false;
	arn->account = next_part(&rest, ':');
	if (arn->account == NULL || !dsql_identifier_account_valid(arn->account))
		return false;

	if (strncmp(rest, "cluster/", strlen("cluster/")) != 0)
		return false;
	rest += strlen("cluster/");
	arn->stream = NULL;
	arn->cluster = next_part(&rest, '/');
	if (arn->cluster == NULL)
		arn->cluster = rest;
	else
	{
		if (strncmp(rest, "stream/", strlen("stream/")) != 0)
			return false;
		arn->stream = rest + strlen("stream/");
	}
	return dsql_identifier_valid(arn->cluster) &&
		(arn->stream == NULL || dsql_identifier_valid(arn->stream));
}

bool
dsql_identifier_iam_arn_parse(const char *string, DsqlIamArn *arn)
{
	char	   *rest = pstrdup(string);
	char	   *word = next_part(&rest, ':');
	char	   *partition = word ? next_part(&rest, ':') : NULL;
	char	   *service = partition ? next_part(&rest, ':') : NULL;
	char	   *region = service ? next_part(&rest, ':') : NULL;
	bool		is_session = service && strcmp(service, "sts") == 0;
	char	   *role;

	arn->account = region ? next_part(&rest, ':') : NULL;
	if (arn->account == NULL || strcmp(word, "arn") != 0 ||
		strncmp(partition, "aws", 3) != 0 || region[0] != '\0' ||
		(!is_session && strcmp(service, "iam") != 0) ||
		!dsql_identifier_account_valid(arn->account) ||
		strspn(rest, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			   "0123456789+=,.@_/-") != strlen(rest))
		return false;

	arn->is_root = false;
	arn->principal = pstrdup(string);
	if (!is_session)
	{
		arn->is_root = strcmp(rest, "root") == 0;
		return arn->is_root ||
			(strncmp(rest, "user/", 5) == 0 && rest[5] != '\0') ||
			(strncmp(rest, "role/", 5) == 0 && rest[5] != '\0');
	}

	word = next_part(&rest, '/');
	role = next_part(&rest, '/');
	if (role == NULL || strcmp(word, "assumed-role") != 0 ||
		role[0] == '\0' || rest[0] == '\0' || strchr(rest, '/') != NULL)
		return false;
	arn->principal = psprintf("arn:%s:iam::%s:role/%s", partition,
							  arn->account, role);
	return true;
}

char *
dsql_identifier_cluster_endpoint(const char *region, const char *cluster)
{
	return psprintf("%s.dsql.%s.on.aws", cluster, region);
}

/*
 * The service has one such name for all clusters of a Region, with six
 * hexadecimal digits that mean nothing to clients.
 */
static char *
vpc_service_label(const char *region)
{
	uint32		hash = hash_bytes((const unsigned char *) region,
								  strlen(region));

	return psprintf("dsql-%06x", hash & 0xffffff);
}

char *
dsql_identifier_vpc_service_name(const char *region)
{
	return psprintf("com.amazonaws.%s.%s", region, vpc_service_label(region));
}

char *
dsql_identifier_vpc_cluster_endpoint(const char *region, const char *cluster)
{
	return psprintf("%s.%s.%s.on.aws", cluster, vpc_service_label(region),
					region);
}

static uint32
list_hash(const char *list)
{
	return pg_hton32(hash_bytes((const unsigned char *) list, strlen(list)));
}

char *
dsql_identifier_page_token(const char *list, int64 position)
{
	uint8		bytes[TOKEN_BYTES];
	uint64		number = pg_hton64((uint64) position);
	uint32		hash = list_hash(list);

	memcpy(bytes, &number, sizeof(number));
	memcpy(bytes + sizeof(number), &hash, sizeof(hash));
	return base32_encode(bytes, TOKEN_BYTES);
}

bool
dsql_identifier_page_token_parse(const char *token, const char *list,
								 int64 *position)
{
	uint8		bytes[TOKEN_BYTES];
	uint64		number;
	uint32		hash = list_hash(list);

	if (!base32_decode(token, bytes, TOKEN_BYTES) ||
		memcmp(bytes + sizeof(number), &hash, sizeof(hash)) != 0)
		return false;
	memcpy(&number, bytes, sizeof(number));
	*position = (int64) pg_ntoh64(number);
	return true;
}
