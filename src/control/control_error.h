/*
 * control_error.h
 *		The exceptions of the control plane, with their members; control.h
 *		describes the form they take.
 */
#ifndef DSQL_CONTROL_ERROR_H
#define DSQL_CONTROL_ERROR_H

#include "nodes/pg_list.h"

#include "base/compat.h"

#define DSQL_ERRCODE_VALIDATION		MAKE_SQLSTATE('Q','0','4','0','0')
#define DSQL_ERRCODE_QUOTA			MAKE_SQLSTATE('Q','0','4','0','2')
#define DSQL_ERRCODE_ACCESS_DENIED	MAKE_SQLSTATE('Q','0','4','0','3')
#define DSQL_ERRCODE_NOT_FOUND		MAKE_SQLSTATE('Q','0','4','0','4')
#define DSQL_ERRCODE_CONFLICT		MAKE_SQLSTATE('Q','0','4','0','9')
#define DSQL_ERRCODE_THROTTLING		MAKE_SQLSTATE('Q','0','4','2','9')
#define DSQL_ERRCODE_INTERNAL		MAKE_SQLSTATE('Q','0','5','0','0')

/* ValidationException; the reason is one of the service's. */
pg_noreturn extern void dsql_control_error_invalid(const char *reason,
												   const char *format,...)
			pg_attribute_printf(2, 3);

/*
 * ValidationException about members: collect what is wrong with each, then
 * raise it if anything is.
 */
typedef struct FieldError
{
	const char *name;
	const char *message;
} FieldError;

extern List *dsql_control_error_add_field(List *errors, const char *name,
										  const char *format,...)
			pg_attribute_printf(3, 4);
extern void dsql_control_error_fields(List *errors);

/* AccessDeniedException. */
pg_noreturn extern void dsql_control_error_access_denied(const char *message);

/* The resource types are "cluster", "stream" and "clusterPolicy". */
pg_noreturn extern void dsql_control_error_not_found(const char *type,
													 const char *identifier);
pg_noreturn extern void dsql_control_error_conflict(const char *type,
													const char *identifier,
													const char *format,...)
			pg_attribute_printf(3, 4);
pg_noreturn extern void dsql_control_error_quota(const char *type,
												 const char *identifier,
												 const char *message);

#endif							/* DSQL_CONTROL_ERROR_H */
