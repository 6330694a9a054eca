/*
 * control_error.c
 *		The exceptions of the control plane, with their members.
 */
#include "postgres.h"

#include "utils/jsonb.h"

#include "base/compat.h"
#include "base/json.h"
#include "cluster/cluster_catalog.h"
#include "control/control_error.h"

pg_noreturn static void throw_error(int sqlstate, const char *message, Jsonb *members);

/*
 * The service numbers its quotas; which number is which is not published.
 */
#define QUOTA_CODE "L-00000000"
#define SERVICE_CODE "dsql"

static char *format_message(const char *format, va_list args)
			pg_attribute_printf(1, 0);

static char *
format_message(const char *format, va_list args)
{
	char		buffer[1024];

	vsnprintf(buffer, sizeof(buffer), format, args);
	return pstrdup(buffer);
}

/* The message of a function that takes a format and its arguments. */
#define GET_MESSAGE(message, format) \
	do { \
		va_list		args; \
		va_start(args, format); \
		message = format_message(format, args); \
		va_end(args); \
	} while (0)

static void
throw_error(int sqlstate, const char *message, Jsonb *members)
{
	ereport(ERROR,
			(errcode(sqlstate),
			 errmsg_internal("%s", message),
			 errdetail_internal("%s",
								JsonbToCString(NULL, &members->root,
											   VARSIZE(members)))));
}

void
dsql_control_error_invalid(const char *reason, const char *format,...)
{
	JsonBuilder json;
	char	   *message;

	GET_MESSAGE(message, format);

	dsql_json_begin(&json);
	dsql_json_string(&json, "reason", reason);
	throw_error(DSQL_ERRCODE_VALIDATION, message, dsql_json_end(&json));
}

List *
dsql_control_error_add_field(List *errors, const char *name,
							 const char *format,...)
{
	FieldError *error = palloc(sizeof(FieldError));

	GET_MESSAGE(error->message, format);
	error->name = pstrdup(name);
	return lappend(errors, error);
}

void
dsql_control_error_fields(List *errors)
{
	FieldError *first;
	char	   *message;
	JsonBuilder json;
	ListCell   *cell;

	if (errors == NIL)
		return;

	dsql_json_begin(&json);
	dsql_json_string(&json, "reason", "fieldValidationFailed");
	dsql_json_begin_array(&json, "fieldList");
	foreach(cell, errors)
	{
		FieldError *error = lfirst(cell);

		dsql_json_begin_object(&json, NULL);
		dsql_json_string(&json, "name", error->name);
		dsql_json_string(&json, "message", error->message);
		dsql_json_end_object(&json);
	}
	dsql_json_end_array(&json);

	/* The one such message that was seen of the service is about these. */
	first = linitial(errors);
	if (strcmp(first->name, "identifier") == 0 ||
		strcmp(first->name, "clusterIdentifier") == 0)
		message = "invalid Cluster Id";
	else
		message = psprintf("Value of %s %s.", first->name, first->message);
	throw_error(DSQL_ERRCODE_VALIDATION, message, dsql_json_end(&json));
}

void
dsql_control_error_access_denied(const char *message)
{
	JsonBuilder json;

	dsql_json_begin(&json);
	throw_error(DSQL_ERRCODE_ACCESS_DENIED, message, dsql_json_end(&json));
}

void
dsql_control_error_not_found(const char *type, const char *identifier)
{
	JsonBuilder json;

	dsql_json_begin(&json);
	dsql_json_string(&json, "resourceId", identifier);
	dsql_json_string(&json, "resourceType", type);
	throw_error(DSQL_ERRCODE_NOT_FOUND,
				psprintf("Resource %s of type %s was not found.", identifier, type),
				dsql_json_end(&json));
}

void
dsql_control_error_conflict(const char *type, const char *identifier,
							const char *format,...)
{
	JsonBuilder json;
	char	   *message;

	GET_MESSAGE(message, format);

	dsql_json_begin(&json);
	dsql_json_string(&json, "resourceId", identifier);
	dsql_json_string(&json, "resourceType", type);
	throw_error(DSQL_ERRCODE_CONFLICT, message, dsql_json_end(&json));
}

void
dsql_control_error_quota(const char *type, const char *identifier,
						 const char *message)
{
	JsonBuilder json;

	dsql_json_begin(&json);
	dsql_json_string(&json, "resourceId", identifier);
	dsql_json_string(&json, "resourceType", type);
	dsql_json_string(&json, "serviceCode", SERVICE_CODE);
	dsql_json_string(&json, "quotaCode", QUOTA_CODE);
	throw_error(DSQL_ERRCODE_QUOTA, message, dsql_json_end(&json));
}
