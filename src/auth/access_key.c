/*
 * access_key.c
 *		Access keys: whom a signature stands for.
 *
 * Keys are rows of dsql.access_key, which only superusers can read.  They are
 * read and written as in control_catalog.c.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "auth/access_key.h"
#include "auth/policy.h"
#include "auth/sigv4.h"
#include "auth/token.h"
#include "base/clock.h"
#include "base/identifier.h"
#include "base/settings.h"

/* The columns, as the extension's script makes them. */
enum
{
	Anum_access_key_id = 1,
	Anum_access_key_secret,
	Anum_access_key_session_token,
	Anum_access_key_arn,
	Anum_access_key_actions,
	Anum_access_key_created,
	Natts_access_key = Anum_access_key_created
};

#define ID_RANDOM_LEN 16
#define SECRET_LEN 40

static const char id_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
static const char secret_alphabet[] =
"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static Oid
our_relation(const char *name)
{
	return get_relname_relid(name, get_namespace_oid("dsql", false));
}

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
read_key(HeapTuple tuple, TupleDesc desc)
{
	DsqlAccessKey *key = palloc0(sizeof(DsqlAccessKey));
	Datum		values[Natts_access_key];
	bool		nulls[Natts_access_key];

	heap_deform_tuple(tuple, desc, values, nulls);
	key->id = TextDatumGetCString(values[Anum_access_key_id - 1]);
	key->secret = TextDatumGetCString(values[Anum_access_key_secret - 1]);
	if (!nulls[Anum_access_key_session_token - 1])
		key->session_token =
			TextDatumGetCString(values[Anum_access_key_session_token - 1]);
	key->arn = TextDatumGetCString(values[Anum_access_key_arn - 1]);
	key->actions =
		read_actions(DatumGetArrayTypeP(values[Anum_access_key_actions - 1]));
	return key;
}

/*
 * Find a key, and delete it if that is wanted.
 */
static DsqlAccessKey *
look_up(const char *id, bool delete)
{
	LOCKMODE	lockmode = delete ? RowExclusiveLock : AccessShareLock;
	Relation	relation = table_open(our_relation("access_key"), lockmode);
	Snapshot	snapshot = RegisterSnapshot(GetLatestSnapshot());
	DsqlAccessKey *key = NULL;
	ScanKeyData scan_key;
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&scan_key, Anum_access_key_id, BTEqualStrategyNumber,
				F_TEXTEQ, CStringGetTextDatum(id));

	/* There are few keys: to open the index would cost a connection more. */
	scan = systable_beginscan(relation, InvalidOid, false, snapshot, 1,
							  &scan_key);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
	{
		key = read_key(tuple, RelationGetDescr(relation));
		if (delete)
			CatalogTupleDelete(relation, &tuple->t_self);
	}
	systable_endscan(scan);
	UnregisterSnapshot(snapshot);
	table_close(relation, lockmode);
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
		return "The request signature we calculated does not match the signature you provided.";
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
	Datum		values[Natts_access_key];
	bool		nulls[Natts_access_key] = {0};
	Relation	relation;
	TupleDesc	desc;

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

	values[Anum_access_key_id - 1] = CStringGetTextDatum(key.id);
	values[Anum_access_key_secret - 1] = CStringGetTextDatum(key.secret);
	nulls[Anum_access_key_session_token - 1] = key.session_token == NULL;
	if (key.session_token != NULL)
		values[Anum_access_key_session_token - 1] =
			CStringGetTextDatum(key.session_token);
	values[Anum_access_key_arn - 1] = CStringGetTextDatum(key.arn);
	values[Anum_access_key_actions - 1] = PG_GETARG_DATUM(4);
	values[Anum_access_key_created - 1] = TimestampTzGetDatum(dsql_clock_now());

	relation = table_open(our_relation("access_key"), RowExclusiveLock);
	CatalogTupleInsert(relation,
					   heap_form_tuple(RelationGetDescr(relation), values, nulls));
	table_close(relation, RowExclusiveLock);

	/* The answer is the first three columns. */
	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
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
