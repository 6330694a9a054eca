/*
 * sys_functions.c
 *		The functions that help in the service's schema "sys".
 *
 * Only their names have been recorded.  Arguments and results are inferred from
 * them, and six do nothing, because nobody knows what they do.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "storage/proc.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"
#include "utils/uuid.h"

#include "auth/authentication.h"
#include "base/clock.h"
#include "base/compat.h"
#include "base/identifier.h"
#include "base/refuse.h"
#include "stream/stream_record.h"

PG_FUNCTION_INFO_V1(dsql_uuid_to_base32_str);
Datum
dsql_uuid_to_base32_str(PG_FUNCTION_ARGS)
{
	pg_uuid_t  *uuid = PG_GETARG_UUID_P(0);

	PG_RETURN_TEXT_P(cstring_to_text(dsql_identifier_from_uuid(uuid->data)));
}

PG_FUNCTION_INFO_V1(dsql_base32_str_to_uuid);
Datum
dsql_base32_str_to_uuid(PG_FUNCTION_ARGS)
{
	char	   *string = text_to_cstring(PG_GETARG_TEXT_PP(0));
	pg_uuid_t  *uuid = palloc(sizeof(pg_uuid_t));

	if (!dsql_identifier_to_uuid(string, uuid->data))
		dsql_refuse_in_any_mode(RULE_JOB_ID_INVALID);
	PG_RETURN_UUID_P(uuid);
}

/*
 * The type that a domain is over, or the type itself.
 */
PG_FUNCTION_INFO_V1(dsql_base_type_oid);
Datum
dsql_base_type_oid(PG_FUNCTION_ARGS)
{
	Oid			type = PG_GETARG_OID(0);

	if (!SearchSysCacheExists1(TYPEOID, ObjectIdGetDatum(type)))
		PG_RETURN_NULL();
	PG_RETURN_OID(getBaseType(type));
}

PG_FUNCTION_INFO_V1(dsql_current_session_id);
Datum
dsql_current_session_id(PG_FUNCTION_ARGS)
{
	static char *id = NULL;

	if (id == NULL)
		id = MemoryContextStrdup(TopMemoryContext, dsql_identifier_new());
	PG_RETURN_TEXT_P(cstring_to_text(id));
}

/*
 * Of the form that the records of change streams have.
 */
PG_FUNCTION_INFO_V1(dsql_current_transaction_id);
Datum
dsql_current_transaction_id(PG_FUNCTION_ARGS)
{
	static LocalTransactionId transaction = InvalidLocalTransactionId;
	static char id[DSQL_IDENTIFIER_LEN + 1];

	if (transaction != dsql_my_local_transaction_id())
	{
		int64		milliseconds = (dsql_clock_now() -
									SetEpochTimestamp()) / 1000;

		strlcpy(id, dsql_stream_record_transaction(milliseconds), sizeof(id));
		transaction = dsql_my_local_transaction_id();
	}
	PG_RETURN_TEXT_P(cstring_to_text(id));
}

/*
 * The IAM user or role whose key has signed the session's token; NULL if the
 * session has none, or nobody looked who signed it.
 */
PG_FUNCTION_INFO_V1(dsql_iam_session_user);
Datum
dsql_iam_session_user(PG_FUNCTION_ARGS)
{
	const char *arn = dsql_authentication_arn();

	if (arn == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(arn));
}
