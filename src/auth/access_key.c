/*
 * access_key.c
 *		Access keys: whom a signature stands for.
 *
 * Keys are rows of dsql.access_key, which only superusers can read.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "auth/access_key.h"
#include "auth/policy.h"
#include "auth/sigv4.h"
#include "auth/token.h"
#include "base/catalog.h"
#include "base/clock.h"
#include "base/identifier.h"
#include "base/settings.h"

#define ID_RANDOM_LEN 16
#define SECRET_LEN 40

static const char id_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
static const char secret_alphabet[] =
"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/*
 * A random string; the alphabet's length is a power of two.
 */
static char *
random_string(const char *alphabet, int length)
{
	char	   *result = palloc(length + 1);

	if (!pg_strong_random(result, length))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not generate random values")));
	for (int i = 0; i < length; i++)
		result[i] = alphabet[(unsigned char) result[i] % strlen(alphabet)];
	result[length] = '\0';
	return result;
}

/*
 * The patterns of actions in an array; they can leave out the service's prefix.
 */
static List *
read_actions(ArrayType *array)
{
	List	   *actions = NIL;
	Datum	   *names;
	bool	   *nulls;
	int			count;

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &names, &nulls,
					  &count);
	for (int i = 0; i < count; i++)
	{
		char	   *name = nulls[i] ? "NULL" : TextDatumGetCString(names[i]);

		if (strchr(name, ':') == NULL && strcmp(name, "*") != 0)
			name = psprintf("dsql:%s", name);
		actions = lappend(actions, name);
	}
	return actions;
}

static DsqlAccessKey *
read_key(const DsqlCatalogScan *scan)
{
	DsqlAccessKey *key = palloc0(sizeof(DsqlAccessKey));

	key->id = dsql_catalog_text(scan, "id");
	key->secret = dsql_catalog_text(scan, "secret");
	key->session_token = dsql_catalog_text(scan, "session_token");
	key->arn = dsql_catalog_text(scan, "arn");
	key->actions =
		read_actions(DatumGetArrayTypePCopy(dsql_catalog_value(scan,
															   "actions")));
	return key;
}

/*
 * Find a key, and delete it if that is wanted.
 */
static DsqlAccessKey *
look_up(const char *id, bool delete)
{
	DsqlCatalogScan scan;
	DsqlAccessKey *key = NULL;

	dsql_catalog_open(&scan, "access_key",
					  delete ? RowExclusiveLock : AccessShareLock);
	dsql_catalog_key_text(&scan, "id", id);

	/* There are few keys: to open the index would cost a connection more. */
	dsql_catalog_begin(&scan, NULL);
	if (dsql_catalog_next(&scan))
	{
		key = read_key(&scan);
		if (delete)
			dsql_catalog_delete(&scan);
	}
	dsql_catalog_close(&scan);
	return key;
}

DsqlAccessKey *
dsql_access_key_find(const char *id)
{
	return look_up(id, false);
}

bool
dsql_access_key_allows(const DsqlAccessKey *key, const char *action)
{
	ListCell   *cell;

	foreach(cell, key->actions)
		if (dsql_policy_match(lfirst(cell), action, true))
		return true;
	return false;
}

const char *
dsql_access_key_problem(const char *id, const char *session_token,
						DsqlAccessKey **key)
{
	static const char invalid[] =
	"The security token included in the request is invalid.";

	*key = dsql_access_key_find(id);
	if (*key == NULL)
		return invalid;

	/* A temporary key is worth nothing without its session token. */
	if ((session_token != NULL) != ((*key)->session_token != NULL))
		return invalid;
	if (session_token != NULL &&
		!dsql_sigv4_equal(session_token, (*key)->session_token))
		return invalid;
	return NULL;
}

const char	dsql_access_key_wrong_signature[] =
"The request signature we calculated does not match the signature you provided.";

const char *
dsql_access_key_token_problem(const DsqlAuthToken *token, TimestampTz now,
							  DsqlAccessKey **key)
{
	const char *problem =
	dsql_access_key_problem(token->credential.access_key,
							token->session_token, key);

	if (problem != NULL)
		return problem;
	if (!dsql_token_signed_with(token, (*key)->secret))
		return dsql_access_key_wrong_signature;
	return dsql_token_time_problem(token, now);
}

static void
check_new_key(const DsqlAccessKey *key)
{
	DsqlIamArn	arn;
	ListCell   *cell;

	if (!dsql_identifier_iam_arn_parse(key->arn, &arn))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"%s\" is not the ARN of a user, a role or a session",
						key->arn),
				 errhint("It looks like \"arn:aws:iam::123456789012:user/name\".")));
	if (strspn(key->id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			   "0123456789_") != strlen(key->id) ||
		strlen(key->id) < 1 || strlen(key->id) > 128)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"%s\" is not the identifier of an access key", key->id),
				 errhint("It has 1 to 128 letters, digits and underscores.")));
	if (key->secret[0] == '\0')
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the secret access key is empty")));
	foreach(cell, key->actions)
		if (!dsql_policy_action_known(lfirst(cell)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown action: \"%s\"", (char *) lfirst(cell)),
				 errhint("Actions are those of IAM, such as dsql:DbConnect, dsql:CreateCluster and dsql:Get*.")));
	if (dsql_access_key_find(key->id) != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_OBJECT),
				 errmsg("access key \"%s\" already exists", key->id)));
}

static char *
optional_text(FunctionCallInfo fcinfo, int n)
{
	return PG_ARGISNULL(n) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(n));
}

PG_FUNCTION_INFO_V1(dsql_create_access_key);
Datum
dsql_create_access_key(PG_FUNCTION_ARGS)
{
	DsqlAccessKey key = {0};
	DsqlCatalogScan scan;
	DsqlCatalogRow row;
	TupleDesc	desc;
	Datum		values[3];
	bool		nulls[3] = {0};

	if (PG_ARGISNULL(4))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("the actions of an access key must not be null")));
	key.arn = optional_text(fcinfo, 0);
	if (key.arn == NULL)
		key.arn = psprintf("arn:aws:iam::%s:user/admin",
						   dsql_settings_account);
	key.id = optional_text(fcinfo, 1);
	key.secret = optional_text(fcinfo, 2);
	key.session_token = optional_text(fcinfo, 3);
	key.actions = read_actions(PG_GETARG_ARRAYTYPE_P(4));
	if (key.id == NULL)
		key.id = psprintf("%s%s", key.session_token ? "ASIA" : "AKIA",
						  random_string(id_alphabet, ID_RANDOM_LEN));
	if (key.secret == NULL)
		key.secret = random_string(secret_alphabet, SECRET_LEN);
	check_new_key(&key);

	dsql_catalog_open(&scan, "access_key", RowExclusiveLock);
	dsql_catalog_row_init(&row, &scan);
	dsql_catalog_set_text(&row, &scan, "id", key.id);
	dsql_catalog_set_text(&row, &scan, "secret", key.secret);
	dsql_catalog_set_text(&row, &scan, "session_token", key.session_token);
	dsql_catalog_set_text(&row, &scan, "arn", key.arn);
	dsql_catalog_set(&row, &scan, "actions", PG_GETARG_DATUM(4));
	dsql_catalog_set(&row, &scan, "created",
					 TimestampTzGetDatum(dsql_clock_now()));
	dsql_catalog_insert(&scan, &row);
	dsql_catalog_close(&scan);

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	values[0] = CStringGetTextDatum(key.id);
	values[1] = CStringGetTextDatum(key.secret);
	nulls[2] = key.session_token == NULL;
	if (key.session_token != NULL)
		values[2] = CStringGetTextDatum(key.session_token);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc),
													  values, nulls)));
}

PG_FUNCTION_INFO_V1(dsql_delete_access_key);
Datum
dsql_delete_access_key(PG_FUNCTION_ARGS)
{
	char	   *id = text_to_cstring(PG_GETARG_TEXT_PP(0));

	if (look_up(id, true) == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("access key \"%s\" does not exist", id)));
	PG_RETURN_VOID();
}
