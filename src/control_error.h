/*
 * control_error.h
 *		The exceptions of the control plane, with their members; control.h
 *		describes the form they take.
 */
#ifndef DSQL_CONTROL_ERROR_H
#define DSQL_CONTROL_ERROR_H

#include "nodes/pg_list.h"

#include "compat.h"

/* ValidationException; the reason is one of the service's. */
pg_noreturn extern void dsql_error_invalid(const char *reason, const char *format,...)
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

extern List *dsql_error_add_field(List *errors, const char *name,
								  const char *format,...)
			pg_attribute_printf(3, 4);
extern void dsql_error_fields(List *errors);

/* The resource types are "cluster", "stream" and "clusterPolicy". */
pg_noreturn extern void dsql_error_not_found(const char *type, const char *identifier);
pg_noreturn extern void dsql_error_conflict(const char *type, const char *identifier,
											const char *format,...)
			pg_attribute_printf(3, 4);
pg_noreturn extern void dsql_error_quota(const char *type, const char *identifier,
										 const char *message);

#endif							/* DSQL_CONTROL_ERROR_H */
