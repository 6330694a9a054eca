/*
 * schema_owner.c
 *		To which cluster a schema belongs.
 *
 * The schema carries that as a security label of the provider "dsql_emu".  The
 * label follows its schema through ALTER SCHEMA RENAME, DROP, pg_dump and
 * restore.  It is the identifier of the cluster; of a linked pair, that of the
 * older one.  A schema without a label belongs to the default cluster, as do
 * all schemas from before the extension.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/transam.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_database.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_seclabel.h"
#include "commands/seclabel.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "base/identifier.h"
#include "base/schema_owner.h"
#include "base/session.h"

/*
 * What is known of a schema.  All of it is forgotten when any schema changes.
 */
typedef struct KnownSchema
{
	Oid			schema;
	bool		system;
	char		owner[DSQL_IDENTIFIER_LEN + 1];
} KnownSchema;

static HTAB *known_schemas = NULL;
static bool known_schemas_valid = false;

/* Is there a schema that does not belong to the default cluster? */
static bool any_owned = false;
static bool any_owned_known = false;

/* Have schemas changed since the last look for one began? */
static bool schemas_changed = false;

int			dsql_schema_owner_managing = 0;
bool	   *dsql_schema_owner_kept_out = NULL;

static void
forget_schemas(Datum arg, int cacheid, uint32 hashvalue)
{
	known_schemas_valid = false;
	any_owned_known = false;
	schemas_changed = true;
}

static void
hear_of_schemas(void)
{
	static bool callback_registered = false;

	if (!callback_registered)
		CacheRegisterSyscacheCallback(NAMESPACEOID, forget_schemas, (Datum) 0);
	callback_registered = true;
}

static void
reset_known_schemas(void)
{
	HASHCTL		control = {
		.keysize = sizeof(Oid),
		.entrysize = sizeof(KnownSchema),
		.hcxt = TopMemoryContext,
	};

	hear_of_schemas();
	if (known_schemas != NULL)
		hash_destroy(known_schemas);
	known_schemas = hash_create("schemas of clusters", 64, &control,
								HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	known_schemas_valid = true;
}

static bool
find_system(Oid schema)
{
	if (schema < FirstNormalObjectId)
		return schema != PG_PUBLIC_NAMESPACE;
	return schema == get_namespace_oid("dsql", true) ||
		schema == get_namespace_oid("sys", true) ||
		isAnyTempNamespace(schema);
}

static const KnownSchema *
know_schema(Oid schema)
{
	KnownSchema *known = NULL;
	ObjectAddress address;
	char	   *label;
	bool		system;

	/* A look-up can invalidate what is known. */
	if (likely(known_schemas_valid))
		known = hash_search(known_schemas, &schema, HASH_FIND, NULL);
	if (likely(known != NULL))
		return known;

	ObjectAddressSet(address, NamespaceRelationId, schema);
	label = GetSecurityLabel(&address, DSQL_SCHEMA_OWNER_PROVIDER);
	system = find_system(schema);

	if (!known_schemas_valid)
		reset_known_schemas();
	known = hash_search(known_schemas, &schema, HASH_ENTER, NULL);
	known->system = system;
	strlcpy(known->owner, label ? label : "", sizeof(known->owner));
	return known;
}

const char *
dsql_schema_owner(Oid schema)
{
	return know_schema(schema)->owner;
}

static bool
find_any_owned(void)
{
	Relation	labels = table_open(SecLabelRelationId, AccessShareLock);
	ScanKeyData keys[2];
	SysScanDesc scan;
	bool		result;

	ScanKeyInit(&keys[0], Anum_pg_seclabel_classoid, BTEqualStrategyNumber,
				F_OIDEQ, ObjectIdGetDatum(NamespaceRelationId));
	ScanKeyInit(&keys[1], Anum_pg_seclabel_provider, BTEqualStrategyNumber,
				F_TEXTEQ, CStringGetTextDatum(DSQL_SCHEMA_OWNER_PROVIDER));
	scan = systable_beginscan(labels, InvalidOid, false, NULL, lengthof(keys),
							  keys);
	result = HeapTupleIsValid(systable_getnext(scan));
	systable_endscan(scan);
	table_close(labels, AccessShareLock);
	return result;
}

bool
dsql_schema_owner_any(void)
{
	if (likely(any_owned_known))
		return any_owned;

	/* The look-up itself may process an invalidation, or fail. */
	hear_of_schemas();
	schemas_changed = false;
	any_owned = find_any_owned();
	any_owned_known = !schemas_changed;
	return any_owned;
}

bool
dsql_schema_owner_is_system(Oid schema)
{
	return know_schema(schema)->system;
}

void
dsql_schema_owner_set(Oid schema, const char *identifier)
{
	ObjectAddress address;

	ObjectAddressSet(address, NamespaceRelationId, schema);
	SetSecurityLabel(&address, DSQL_SCHEMA_OWNER_PROVIDER, identifier);
	known_schemas_valid = false;
	any_owned = any_owned_known = true;
}

/*
 * The schemas that belong to a cluster, as addresses.  If the cluster is NULL:
 * all schemas with a label of the provider; their labels are then deleted.
 */
static ObjectAddresses *
scan_labels(const char *identifier)
{
	ObjectAddresses *schemas = new_object_addresses();
	Relation	pg_seclabel = table_open(SecLabelRelationId, RowExclusiveLock);
	SysScanDesc scan = systable_beginscan(pg_seclabel, InvalidOid, false, NULL,
										  0, NULL);
	HeapTuple	tuple;

	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		FormData_pg_seclabel *form = (FormData_pg_seclabel *) GETSTRUCT(tuple);
		bool		isnull;
		Datum		provider = heap_getattr(tuple, Anum_pg_seclabel_provider,
											RelationGetDescr(pg_seclabel),
											&isnull);
		Datum		label = heap_getattr(tuple, Anum_pg_seclabel_label,
										 RelationGetDescr(pg_seclabel),
										 &isnull);
		ObjectAddress schema;

		if (form->classoid != NamespaceRelationId ||
			strcmp(TextDatumGetCString(provider), DSQL_SCHEMA_OWNER_PROVIDER) != 0)
			continue;
		if (identifier == NULL)
			CatalogTupleDelete(pg_seclabel, &tuple->t_self);
		else if (strcmp(TextDatumGetCString(label), identifier) == 0)
		{
			ObjectAddressSet(schema, NamespaceRelationId, form->objoid);
			add_exact_object_address(&schema, schemas);
		}
	}
	systable_endscan(scan);
	table_close(pg_seclabel, RowExclusiveLock);
	return schemas;
}

ObjectAddresses *
dsql_schema_owner_list(const char *identifier)
{
	Assert(identifier != NULL);
	return scan_labels(identifier);
}

Oid
dsql_schema_owner_find_relation(const RangeVar *relation)
{
	bool	   *outer = dsql_schema_owner_kept_out;
	bool		kept_out = false;
	Oid			relid;

	PG_TRY();
	{
		dsql_schema_owner_kept_out = &kept_out;
		relid = RangeVarGetRelid(relation, NoLock, true);
	}
	PG_FINALLY();
	{
		dsql_schema_owner_kept_out = outer;
	}
	PG_END_TRY();
	return kept_out ? InvalidOid : relid;
}

void
dsql_schema_owner_forget(void)
{
	free_object_addresses(scan_labels(NULL));
	known_schemas_valid = false;
}

/* pg_restore restores labels with SECURITY LABEL. */
static void
check_label(const ObjectAddress *object, const char *label)
{
	/* pg_upgrade keeps the OIDs that these labels have. */
	if (object->classId == DatabaseRelationId && IsBinaryUpgrade)
		return;
	if ((object->classId != NamespaceRelationId &&
		 object->classId != AuthIdRelationId) || object->objectSubId != 0)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("only schemas and roles belong to clusters")));
	if (!superuser())
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("must be superuser to assign an object to a cluster")));
	if (object->classId == AuthIdRelationId)
	{
		if (label != NULL && strcmp(label, DSQL_SCHEMA_OWNER_ROLE_LABEL) != 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_NAME),
					 errmsg("the label of a role must be \"%s\"",
							DSQL_SCHEMA_OWNER_ROLE_LABEL),
					 errhint("It lets admin manage the role.")));
		return;
	}
	if (label != NULL && !dsql_identifier_valid(label))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_NAME),
				 errmsg("\"%s\" is not the identifier of a cluster", label)));
	CacheInvalidateCatalog(NamespaceRelationId);
}

/*
 * Only if the extension exists, or if the provider is named, as pg_restore
 * does before it creates the extension.  Otherwise SECURITY LABEL must answer
 * as if there were no such provider.
 */
void
dsql_schema_owner_provide_labels(const char *provider)
{
	static bool registered = false;

	if (provider != NULL && IsBinaryUpgrade &&
		strncmp(provider, DSQL_STREAM_PROVIDER_PREFIX,
				strlen(DSQL_STREAM_PROVIDER_PREFIX)) == 0)
		register_label_provider(provider, check_label);
	if (!registered &&
		(dsql_session_has_extension() ||
		 (provider != NULL && strcmp(provider, DSQL_SCHEMA_OWNER_PROVIDER) == 0)))
	{
		register_label_provider(DSQL_SCHEMA_OWNER_PROVIDER, check_label);
		registered = true;
	}
}
