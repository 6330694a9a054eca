/*
 * kinesis.c
 *		Requests to Amazon Kinesis Data Streams: PutRecords.
 */
#include "postgres.h"

#include "common/base64.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/json.h"

#include "auth/policy.h"
#include "base/identifier.h"
#include "base/json.h"
#include "stream/kinesis.h"

static bool
parse_arn(const char *arn, KinesisTarget *target)
{
	char	   *rest = pstrdup(arn);
	char	   *parts[6];

	for (int i = 0; i < lengthof(parts); i++)
	{
		parts[i] = i < lengthof(parts) - 1 ? strsep(&rest, ":") : rest;
		if (parts[i] == NULL || parts[i][0] == '\0')
			return false;
	}
	target->arn = pstrdup(arn);
	target->region = parts[3];
	target->account = parts[4];
	target->name = parts[5] + strlen("stream/");
	return strcmp(parts[0], "arn") == 0 && strcmp(parts[2], "kinesis") == 0 &&
		dsql_identifier_region_valid(target->region) &&
		dsql_identifier_account_valid(target->account) &&
		strncmp(parts[5], "stream/", strlen("stream/")) == 0 &&
		target->name[0] != '\0';
}

bool
dsql_kinesis_read_target(Jsonb *definition, KinesisTarget *target,
						 char **role)
{
	JsonbValue *kinesis = dsql_json_member(&definition->root, "kinesis");
	char	   *arn;

	if (kinesis == NULL || !dsql_json_is_object(kinesis))
		return false;
	arn = dsql_json_member_string(kinesis->val.binary.data, "streamArn");
	*role = dsql_json_member_string(kinesis->val.binary.data, "roleArn");
	return arn != NULL && *role != NULL && parse_arn(arn, target);
}

bool
dsql_kinesis_role_allowed(const char *arn)
{
	return dsql_policy_match_list(dsql_settings_stream_roles, arn, false);
}

const char *
dsql_kinesis_error(KinesisOutcome outcome)
{
	switch (outcome)
	{
		case KINESIS_SENT:
		case KINESIS_UNREACHABLE:
			return NULL;
		case KINESIS_FAULT:
			return "INTERNAL_ERROR";
		case KINESIS_THROTTLED:
			return "KINESIS_THROUGHPUT_EXCEEDED";
		case KINESIS_OVERSIZE:
			return "KINESIS_OVERSIZE_RECORD";
		case KINESIS_KMS_DENIED:
			return "KINESIS_KMS_ACCESS_DENIED";
		case KINESIS_DENIED:
			return "KINESIS_ACCESS_DENIED";
		case KINESIS_ROLE_DENIED:
			return "ROLE_ACCESS_DENIED";
		case KINESIS_NOT_FOUND:
			return "KINESIS_STREAM_NOT_FOUND";
	}
	return NULL;
}

/* ------------------------------------------------------------------------
 * Request
 * ------------------------------------------------------------------------
 */

static void
append_base64(StringInfo body, const char *data)
{
	int			length = strlen(data);
	int			size = pg_b64_enc_len(length);
	int			written;

	enlargeStringInfo(body, size + 1);
	written = pg_b64_encode((const void *) data, length,
							body->data + body->len, size);
	if (written < 0)
		elog(ERROR, "could not encode a change record");
	body->len += written;
	body->data[body->len] = '\0';
}

void
dsql_kinesis_put_body(StringInfo body, const KinesisTarget *target,
					  KinesisRecord **records, int n)
{
	appendStringInfoString(body, "{\"StreamName\":");
	escape_json(body, target->name);
	appendStringInfoString(body, ",\"StreamARN\":");
	escape_json(body, target->arn);
	appendStringInfoString(body, ",\"Records\":[");
	for (int i = 0; i < n; i++)
	{
		appendStringInfo(body, "%s{\"Data\":\"", i > 0 ? "," : "");
		append_base64(body, records[i]->data);
		appendStringInfo(body, "\",\"PartitionKey\":\"%s\"}",
						 records[i]->key);
	}
	appendStringInfoString(body, "]}");
}

/* ------------------------------------------------------------------------
 * Answer
 * ------------------------------------------------------------------------
 */

/*
 * What AWS or another has answered is somebody else's text: NULL if it is no
 * JSON object.
 */
static Jsonb *
parse_object(const char *text)
{
	Jsonb	   *jsonb = dsql_json_parse(text, strlen(text));

	return jsonb != NULL && JB_ROOT_IS_OBJECT(jsonb) ? jsonb : NULL;
}

static const struct
{
	const char *name;
	KinesisOutcome outcome;
}			exceptions[] =

{
	{"ResourceNotFoundException", KINESIS_NOT_FOUND},
	{"ProvisionedThroughputExceededException", KINESIS_THROTTLED},
	{"KMSThrottlingException", KINESIS_THROTTLED},
	{"LimitExceededException", KINESIS_THROTTLED},
	{"ThrottlingException", KINESIS_THROTTLED},
	{"AccessDeniedException", KINESIS_DENIED},
	{"UnrecognizedClientException", KINESIS_DENIED},
	{"MissingAuthenticationTokenException", KINESIS_DENIED},
	{"IncompleteSignatureException", KINESIS_DENIED},
	{"InvalidSignatureException", KINESIS_DENIED},
	{"InvalidClientTokenId", KINESIS_DENIED},
	{"ExpiredTokenException", KINESIS_DENIED},
};

/*
 * An exception that tells of data that are too long has no name of its own.
 */
static bool
is_about_size(const char *name, const char *message)
{
	return (strcmp(name, "ValidationException") == 0 ||
			strcmp(name, "InvalidArgumentException") == 0) &&
		(strstr(message, "less than or equal to") != NULL ||
		 strstr(message, "exceed") != NULL ||
		 strstr(message, "larger than") != NULL ||
		 strstr(message, "too large") != NULL);
}

static KinesisOutcome
outcome_of(const char *name, const char *message)
{
	for (int i = 0; i < lengthof(exceptions); i++)
		if (strcmp(name, exceptions[i].name) == 0)
			return exceptions[i].outcome;
	if (strncmp(name, "KMS", 3) == 0)
		return KINESIS_KMS_DENIED;
	if (is_about_size(name, message))
		return KINESIS_OVERSIZE;
	return KINESIS_FAULT;
}

static KinesisOutcome
set_all(KinesisRecord **records, int n, KinesisOutcome outcome)
{
	for (int i = 0; i < n; i++)
		records[i]->outcome = outcome;
	return outcome;
}

static KinesisOutcome
read_exception(int status, Jsonb *answer, KinesisRecord **records, int n,
			   char **problem)
{
	char	   *name = NULL;
	char	   *message = NULL;

	if (status == 413)
	{
		*problem = pstrdup("HTTP status 413");
		return set_all(records, n, KINESIS_OVERSIZE);
	}
	if (answer != NULL)
	{
		name = dsql_json_member_string(&answer->root, "__type");
		message = dsql_json_member_string(&answer->root, "message");
		if (message == NULL)
			message = dsql_json_member_string(&answer->root, "Message");
	}
	if (name == NULL)
	{
		*problem = psprintf("HTTP status %d", status);
		return set_all(records, n, status == 403 ? KINESIS_DENIED : KINESIS_FAULT);
	}
	if (strrchr(name, '#') != NULL)
		name = strrchr(name, '#') + 1;
	*problem = message == NULL ? name : psprintf("%s: %s", name, message);
	return set_all(records, n, outcome_of(name, message ? message : ""));
}

/*
 * The record's part of the answer: it names an error, or a shard.
 */
static KinesisOutcome
read_record(JsonbValue *element, char **problem)
{
	char	   *name;
	char	   *message;

	if (!dsql_json_is_object(element))
		return KINESIS_FAULT;
	name = dsql_json_member_string(element->val.binary.data, "ErrorCode");
	if (name == NULL)
		return KINESIS_SENT;
	message = dsql_json_member_string(element->val.binary.data,
									  "ErrorMessage");
	*problem = message == NULL ? name : psprintf("%s: %s", name, message);
	return outcome_of(name, message ? message : "");
}

KinesisOutcome
dsql_kinesis_read_answer(int status, const char *body,
						 KinesisRecord **records, int n, char **problem)
{
	Jsonb	   *answer = parse_object(body);
	JsonbValue *list;
	KinesisOutcome worst = KINESIS_SENT;

	if (status != 200)
		return read_exception(status, answer, records, n, problem);
	list = answer == NULL ? NULL : dsql_json_member(&answer->root, "Records");
	if (list == NULL || !dsql_json_is_array(list) ||
		JsonContainerSize(list->val.binary.data) != n)
	{
		*problem = pstrdup("the answer to PutRecords was not understood");
		return set_all(records, n, KINESIS_FAULT);
	}
	for (int i = 0; i < n; i++)
	{
		JsonbValue *element = getIthJsonbValueFromContainer(list->val.binary.data, i);

		records[i]->outcome = read_record(element, problem);
		worst = Max(worst, records[i]->outcome);
	}
	return worst;
}
