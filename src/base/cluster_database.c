/*
 * cluster_database.c
 *		Databases that are a cluster of their own.
 *
 * A label is a line of words:
 *
 *		cluster CONTROL VERSION ACCOUNT IDENTIFIER REGION [IDENTIFIER REGION]
 *		template VERSION
 *		planned OID
 *
 * CONTROL is the OID of the database whose control plane has made it, VERSION that
 * of the extension.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_database.h"
#include "catalog/pg_shseclabel.h"
#include "commands/seclabel.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/rel.h"

#include "base/cluster_database.h"
#include "base/schema_owner.h"

static const char template_word[] = "template ";
static const char planned_word[] = "planned ";

bool		dsql_cluster_database_is_own = false;

static DsqlClusterDatabase own;
static bool own_known = false;
static char own_identifier[DSQL_IDENTIFIER_LEN + 1] = "";

static bool
parse_label(const char *label, Oid database, DsqlClusterDatabase *result)
{
	int			fields;

	memset(result, 0, sizeof(*result));
	fields = sscanf(label, "cluster %u %20s %12s %26s %20s %26s %20s",
					&result->control, result->version, result->account,
					result->identifiers[0], result->regions[0],
					result->identifiers[1], result->regions[1]);
	result->database = database;
	result->count = (fields - 3) / 2;
	return fields == 5 || fields == 7;
}

/*
 * The next label of a database that has this text in it.
 */
static bool
next_label(Relation labels, SysScanDesc scan, const char *part,
		   DsqlClusterDatabase *result)
{
	HeapTuple	tuple;

	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_shseclabel form = (Form_pg_shseclabel) GETSTRUCT(tuple);
		bool		isnull;
		Datum		value;
		char	   *label;

		if (form->classoid != DatabaseRelationId)
			continue;
		value = heap_getattr(tuple, Anum_pg_shseclabel_provider,
							 RelationGetDescr(labels), &isnull);
		if (strcmp(TextDatumGetCString(value), DSQL_SCHEMA_OWNER_PROVIDER) != 0)
			continue;
		value = heap_getattr(tuple, Anum_pg_shseclabel_label,
							 RelationGetDescr(labels), &isnull);
		label = TextDatumGetCString(value);
		if (strstr(label, part) != NULL &&
			parse_label(label, form->objoid, result))
			return true;
	}
	return false;
}

bool
dsql_cluster_database_find(const char *identifier, DsqlClusterDatabase *result)
{
	Relation	labels = table_open(SharedSecLabelRelationId, AccessShareLock);
	SysScanDesc scan = systable_beginscan(labels, InvalidOid, false, NULL, 0,
										  NULL);
	bool		found = false;

	while (!found && next_label(labels, scan, identifier, result))
		for (int i = 0; i < result->count && !found; i++)
			found = strcmp(result->identifiers[i], identifier) == 0;
	systable_endscan(scan);
	table_close(labels, AccessShareLock);
	return found;
}

bool
dsql_cluster_database_find_name(const char *name, DsqlClusterDatabase *result)
{
	Relation	labels = table_open(SharedSecLabelRelationId, AccessShareLock);
	SysScanDesc scan = systable_beginscan(labels, InvalidOid, false, NULL, 0,
										  NULL);
	bool		found = false;

	while (!found && next_label(labels, scan, name, result))
		found = strncmp(result->identifiers[0], name,
						DSQL_CLUSTER_DATABASE_NAME_LEN) == 0;
	systable_endscan(scan);
	table_close(labels, AccessShareLock);
	return found;
}

static int
compare_names(const ListCell *a, const ListCell *b)
{
	return strcmp(((DsqlClusterDatabase *) lfirst(a))->identifiers[0],
				  ((DsqlClusterDatabase *) lfirst(b))->identifiers[0]);
}

List *
dsql_cluster_database_list(Oid control)
{
	Relation	labels = table_open(SharedSecLabelRelationId, AccessShareLock);
	SysScanDesc scan = systable_beginscan(labels, InvalidOid, false, NULL, 0,
										  NULL);
	DsqlClusterDatabase database;
	List	   *result = NIL;

	while (next_label(labels, scan, "", &database))
		if (database.control == control)
		{
			DsqlClusterDatabase *copy = palloc(sizeof(database));

			*copy = database;
			result = lappend(result, copy);
		}
	systable_endscan(scan);
	table_close(labels, AccessShareLock);
	list_sort(result, compare_names);
	return result;
}

static char *
get_label(Oid database)
{
	ObjectAddress address;

	ObjectAddressSet(address, DatabaseRelationId, database);
	return GetSecurityLabel(&address, DSQL_SCHEMA_OWNER_PROVIDER);
}

static void
set_label(Oid database, const char *label)
{
	ObjectAddress address;

	ObjectAddressSet(address, DatabaseRelationId, database);
	SetSecurityLabel(&address, DSQL_SCHEMA_OWNER_PROVIDER, label);
}

bool
dsql_cluster_database_get(Oid database, DsqlClusterDatabase *result)
{
	char	   *label = get_label(database);

	return label != NULL && parse_label(label, database, result);
}

bool
dsql_cluster_database_is_ours(Oid database)
{
	DsqlClusterDatabase described;

	return OidIsValid(database) &&
		dsql_cluster_database_get(database, &described) &&
		described.control == MyDatabaseId;
}

void
dsql_cluster_database_set(const DsqlClusterDatabase *described)
{
	StringInfoData label;

	initStringInfo(&label);
	appendStringInfo(&label, "cluster %u %s %s", described->control,
					 described->version, described->account);
	for (int i = 0; i < described->count; i++)
		appendStringInfo(&label, " %s %s", described->identifiers[i],
						 described->regions[i]);
	set_label(described->database, label.data);
}

const DsqlClusterDatabase *
dsql_cluster_database_own(void)
{
	if (!own_known && IsTransactionState() && OidIsValid(MyDatabaseId))
	{
		dsql_cluster_database_is_own = dsql_cluster_database_get(MyDatabaseId, &own);
		if (dsql_cluster_database_is_own && own_identifier[0] == '\0')
			strlcpy(own_identifier, own.identifiers[0], sizeof(own_identifier));
		own_known = true;
	}
	return dsql_cluster_database_is_own ? &own : NULL;
}

const char *
dsql_cluster_database_identifier(void)
{
	return dsql_cluster_database_own() == NULL ? NULL : own_identifier;
}

const char *
dsql_cluster_database_wanted(void)
{
	return own_identifier;
}

void
dsql_cluster_database_set_identifier(const char *identifier)
{
	strlcpy(own_identifier, identifier, sizeof(own_identifier));
}

char *
dsql_cluster_database_template_version(Oid database)
{
	char	   *label = get_label(database);

	if (label == NULL ||
		strncmp(label, template_word, strlen(template_word)) != 0)
		return NULL;
	return label + strlen(template_word);
}

void
dsql_cluster_database_set_template(Oid database, const char *version)
{
	set_label(database, psprintf("%s%s", template_word, version));
}

Oid
dsql_cluster_database_planned(Oid control)
{
	char	   *label = get_label(control);

	if (label == NULL ||
		strncmp(label, planned_word, strlen(planned_word)) != 0)
		return InvalidOid;
	return atooid(label + strlen(planned_word));
}

void
dsql_cluster_database_plan(Oid control, Oid planned)
{
	set_label(control, OidIsValid(planned) ?
			  psprintf("%s%u", planned_word, planned) : NULL);
}

char *
dsql_cluster_database_name(const char *identifier)
{
	return pnstrdup(identifier, DSQL_CLUSTER_DATABASE_NAME_LEN);
}
