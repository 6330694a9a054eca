/*
 * control_input.h
 *		What clients ask of the control plane: the members of each operation's
 *		input, their types and constraints.
 */
#ifndef DSQL_CONTROL_INPUT_H
#define DSQL_CONTROL_INPUT_H

#include "utils/jsonb.h"

typedef enum MemberType
{
	MEMBER_STRING,
	MEMBER_BOOLEAN,
	MEMBER_INTEGER,
	MEMBER_TAGS,				/* object of strings */
	MEMBER_TAG_KEYS,			/* array of strings */
	MEMBER_MULTI_REGION,		/* {witnessRegion, clusters} */
	MEMBER_TARGET				/* {kinesis: {streamArn, roleArn}} */
} MemberType;

/*
 * What the server checks of a member before it looks at anything else.
 */
typedef struct InputMember
{
	const char *name;			/* NULL ends a list */
	MemberType	type;
	bool		required;
	int			min;			/* of its length, or of an integer */
	int			max;
	const char *pattern;		/* of the whole string, or NULL */
	const char *choice;			/* the only value there is, or NULL */
} InputMember;

/*
 * Raise a ValidationException unless the input has the members that it needs,
 * all of the right type and within their constraints.
 */
extern void dsql_control_input_check(Jsonb *input, const InputMember *members);

/* Members of an input that was checked: NULL, or the default, if not there. */
extern char *dsql_control_input_string(Jsonb *input, const char *name);
extern bool dsql_control_input_bool(Jsonb *input, const char *name,
									bool otherwise);
extern int	dsql_control_input_int(Jsonb *input, const char *name,
								   int otherwise);
extern Jsonb *dsql_control_input_jsonb(Jsonb *input, const char *name);

#endif							/* DSQL_CONTROL_INPUT_H */
