/*
 * control.h
 *		The control plane: the service's sixteen operations on clusters.
 *
 * One layer serves SQL and HTTP.  It takes the name of an operation as the
 * service spells it ("CreateCluster") and the operation's members as one jsonb
 * object, wherever they travel in a request (path, query or body), under the
 * service's names in camel case ("maxResults", not "max-results").  It gives
 * back the members of the response, or raises an error.  Callers in SQL use
 *
 *		dsql.api(operation text, input jsonb, region text, account text)
 *			RETURNS jsonb
 *
 * whose region and account, when NULL, are dsql_emu.region and
 * dsql_emu.account.  The contract:
 *
 * - JSON types are the service's.  Times in answers are numbers, seconds since
 *	 1970 with a fraction.  Integers may also come as strings of digits, as a
 *	 query carries them.
 * - null members and members that the operation does not have are ignored.
 * - An answer without members is {}: the service's empty body.
 * - Each exception of the service has an SQLSTATE, whose last three digits are
 *	 its HTTP status; the error's message is the exception's, and DETAIL is a
 *	 jsonb object of its other members ({} if there are none):
 *
 *		Q0400	ValidationException				reason, fieldList
 *		Q0402	ServiceQuotaExceededException	resourceId, resourceType,
 *												serviceCode, quotaCode
 *		Q0403	AccessDeniedException
 *		Q0404	ResourceNotFoundException		resourceId, resourceType
 *		Q0409	ConflictException				resourceId, resourceType
 *		Q0429	ThrottlingException				serviceCode, quotaCode
 *		Q0500	InternalServerException
 *
 *	 Any other SQLSTATE is a fault of the emulator or the machine, which a
 *	 client of the service would see as an InternalServerException.
 * - What is wrong is found in this order: unknown operation, malformed input,
 *	 wrong values of members (all of them are listed), existence, state, quota.
 * - Operations see what other transactions committed before they were called,
 *	 whatever snapshot the calling transaction uses; those that change anything
 *	 run one after the other, and what they did is undone if the calling
 *	 transaction is rolled back.
 * - Nothing is asked of the caller's role here: who may call what is a matter
 *	 of the privileges on the SQL functions.
 */
#ifndef DSQL_CONTROL_H
#define DSQL_CONTROL_H

#include "utils/jsonb.h"
#include "utils/timestamp.h"

#include "control/control_operation.h"

/* Call an operation. */
extern Jsonb *dsql_control_call(const char *operation, Jsonb *input,
								const char *region, const char *account,
								const DsqlControlCaller *caller);

#endif							/* DSQL_CONTROL_H */
