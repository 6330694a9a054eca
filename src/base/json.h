/*
 * json.h
 *		Build and take apart JSON objects, member by member.
 */
#ifndef DSQL_JSON_H
#define DSQL_JSON_H

#include "utils/jsonb.h"
#include "utils/timestamp.h"

/*
 * Parse so many bytes of JSON in UTF-8.  NULL if they are not valid.
 */
extern Jsonb *dsql_json_parse(const char *string, int length);

/*
 * An object under construction.  Members with a NULL value are left out.
 */
typedef struct JsonBuilder
{
	JsonbParseState *state;
	JsonbValue *result;
} JsonBuilder;

extern void dsql_json_begin(JsonBuilder *builder);
extern Jsonb *dsql_json_end(JsonBuilder *builder);

extern void dsql_json_string(JsonBuilder *builder, const char *name,
							 const char *value);
extern void dsql_json_bool(JsonBuilder *builder, const char *name, bool value);
extern void dsql_json_int(JsonBuilder *builder, const char *name, int64 value);
extern void dsql_json_jsonb(JsonBuilder *builder, const char *name,
							Jsonb *value);

/* A time as the service sends it: seconds since 1970, to the millisecond. */
extern void dsql_json_time(JsonBuilder *builder, const char *name,
						   TimestampTz value);

/*
 * Members that are added between begin and end belong to the inner object or
 * array.  With a NULL name, begin starts an object that is an element of an
 * array, and add appends an element.
 */
extern void dsql_json_begin_object(JsonBuilder *builder, const char *name);
extern void dsql_json_end_object(JsonBuilder *builder);
extern void dsql_json_begin_array(JsonBuilder *builder, const char *name);
extern void dsql_json_end_array(JsonBuilder *builder);

/* The member of an object; NULL if it is not there or null. */
extern JsonbValue *dsql_json_member(JsonbContainer *object, const char *name);

/* The same for a member that is a string; NULL if it is anything else. */
extern char *dsql_json_member_string(JsonbContainer *object, const char *name);

/* A string value as a C string, palloc'd. */
extern char *dsql_json_cstring(const JsonbValue *value);

extern bool dsql_json_is_object(const JsonbValue *value);
extern bool dsql_json_is_array(const JsonbValue *value);

#endif							/* DSQL_JSON_H */
