/*
 * cluster_maker.c
 *		How the databases of clusters come and go.
 *
 * A session only notes what it wants in dsql.cluster.  A worker in the same
 * database does the rest, because a database cannot be made within a
 * transaction that does anything else.
 *
 * A database is made in two transactions.  The first one notes its OID in the
 * cluster's row.  The second one copies the template, labels the copy, and
 * changes the row.  After a crash in between there may be files under that OID
 * that no database has; they are removed before the work begins again.
 *
 * The template is a database with the extension and nothing else.  It is made
 * when the first cluster needs it, and anew when it is of another version.
 *
 * ALTER EXTENSION UPDATE in the control plane's database is the order to update
 * the template and the clusters' databases, too.  The label of each has its
 * version, so that what has not been updated is found again after a crash.
 */
#include "postgres.h"

#include <sys/stat.h>

#include "access/genam.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/catalog.h"
#include "catalog/indexing.h"
#include "catalog/pg_database.h"
#include "catalog/pg_tablespace.h"
#include "commands/dbcommands.h"
#include "common/relpath.h"
#include "executor/spi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "parser/parse_node.h"
#include "storage/bufmgr.h"
#include "storage/copydir.h"
#include "storage/fd.h"
#include "storage/lmgr.h"
#include "storage/md.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

#include "base/background_worker.h"
#include "base/clock.h"
#include "base/cluster_database.h"
#include "base/compat.h"
#include "base/extension_version.h"
#include "base/pause_point.h"
#include "base/session.h"
#include "base/settings.h"
#include "base/wakeup.h"
#include "cluster/cluster_catalog.h"
#include "cluster/cluster_maker.h"
#include "cluster/cluster_role.h"
#include "jobs/task_worker.h"
#include "jobs/worker.h"
#include "jobs/worker_slots.h"

#define TEMPLATE_NAME "dsql_emu_template"

/* The version in the label of a template that is not ready yet. */
#define TEMPLATE_UNFINISHED "-"

/* How often a database is tried to be made before its cluster has FAILED. */
#define MAX_TRIES 3

static bool ask_at_commit = false;

static void
begin(void)
{
	SetCurrentStatementStartTimestamp();
	StartTransactionCommand();
	PushActiveSnapshot(GetTransactionSnapshot());
}

static void
end(void)
{
	PopActiveSnapshot();
	CommitTransactionCommand();
}

static bool
has_files(Oid database)
{
	struct stat st;

	return stat(GetDatabasePath(database, DEFAULTTABLESPACE_OID), &st) == 0;
}

static Oid
choose_oid(void)
{
	Relation	rel = table_open(DatabaseRelationId, AccessShareLock);
	Oid			database;

	do
		database = GetNewOidWithIndex(rel, DatabaseOidIndexId,
									  Anum_pg_database_oid);
	while (has_files(database));
	table_close(rel, AccessShareLock);
	return database;
}

static bool
exists(Oid database)
{
	return OidIsValid(database) &&
		SearchSysCacheExists1(DATABASEOID, ObjectIdGetDatum(database));
}

/*
 * Remove what a transaction has left that did not come to its end.
 */
static void
remove_files(Oid database)
{
	if (!OidIsValid(database) || exists(database) || !has_files(database))
		return;
	DropDatabaseBuffers(database);
	ForgetDatabaseSyncRequests(database);
	if (!rmtree(GetDatabasePath(database, DEFAULTTABLESPACE_OID), true))
		ereport(WARNING,
				(errmsg("some files of the database with OID %u could not be removed",
						database)));
}

static DefElem *
string_option(char *name, char *value)
{
	return makeDefElem(name, (Node *) makeString(value), -1);
}

static void
copy_database(char *name, char *template, Oid database, List *options)
{
	CreatedbStmt *stmt = makeNode(CreatedbStmt);

	stmt->dbname = name;
	stmt->options = lappend(options, string_option("template", template));
	stmt->options =
		lappend(stmt->options,
				makeDefElem("oid", (Node *) makeFloat(psprintf("%u", database)),
							-1));
	(void) createdb(make_parsestate(NULL), stmt);
	CommandCounterIncrement();
}

static void
drop_database(Oid database)
{
	char	   *name;

	LockSharedObject(DatabaseRelationId, database, 0, AccessExclusiveLock);
	name = get_database_name(database);
	if (name == NULL)			/* a superuser was faster */
		return;
	dsql_worker_slots_evacuate(database);
	dsql_task_worker_evacuate(database);
	dropdb(name, false, true);
	CommandCounterIncrement();
}

/* ------------------------------------------------------------------------
 * The template
 * ------------------------------------------------------------------------
 */

static void
execute(const char *sql)
{
	if (SPI_connect() != SPI_OK_CONNECT || SPI_execute(sql, false, 0) < 0)
		elog(ERROR, "could not execute \"%s\"", sql);
	SPI_finish();
}

/*
 * The task in the template itself.
 */
static void
prepare_template(void)
{
	begin();
	if (!dsql_session_has_extension())
		execute(psprintf("CREATE EXTENSION dsql_emu VERSION %s",
						 quote_literal_cstr(dsql_extension_version_of_library())));
	dsql_cluster_database_set_template(MyDatabaseId,
									   dsql_extension_version_of_library());
	end();
}

/*
 * The version of the template; NULL if there is none.
 */
static char *
template_version(Oid *database)
{
	char	   *version;

	*database = get_database_oid(TEMPLATE_NAME, true);
	if (!OidIsValid(*database))
		return NULL;
	version = dsql_cluster_database_template_version(*database);
	if (version == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_DATABASE),
				 errmsg("database \"%s\" is not the template of clusters",
						TEMPLATE_NAME),
				 errhint("Rename that database: dsql_emu needs the name.")));
	return version;
}

static bool
is_ready(const char *version)
{
	return version != NULL &&
		strcmp(version, dsql_extension_version_of_library()) == 0;
}

/*
 * Make the template, in transactions of its own.
 */
static void
make_template(void)
{
	Oid			database;
	char	   *version;

	begin();
	version = template_version(&database);
	if (version == NULL || strcmp(version, TEMPLATE_UNFINISHED) != 0)
	{
		if (version != NULL)
			drop_database(database);
		remove_files(dsql_cluster_database_planned(MyDatabaseId));
		database = choose_oid();
		dsql_cluster_database_plan(MyDatabaseId, database);
		end();

		begin();
		dsql_pause_point_wait("template_planned");
		copy_database(TEMPLATE_NAME, "template0", database,
					  list_make2(string_option("encoding", "UTF8"),
								 string_option("locale", "C")));
		dsql_cluster_database_set_template(database, TEMPLATE_UNFINISHED);
		dsql_cluster_database_plan(MyDatabaseId, InvalidOid);
		dsql_pause_point_wait("template_copied");
	}
	end();

	if (!dsql_task_worker_ask(DSQL_TASK_TEMPLATE, database))
		elog(ERROR, "there is no process that could prepare the template");
	dsql_task_worker_wait(DSQL_TASK_TEMPLATE, database);
}

static void
make_template_if_needed(void)
{
	Oid			database;
	bool		ready;

	begin();
	ready = is_ready(template_version(&database));
	end();
	if (ready)
		return;

	make_template();
	begin();
	if (!is_ready(template_version(&database)))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the template of clusters could not be prepared"),
				 errhint("The server's log tells why.")));
	execute("ALTER DATABASE " TEMPLATE_NAME " ALLOW_CONNECTIONS false");
	end();
}

/*
 * All control planes of the server have one template.  Only one of them looks
 * at it at a time, and makes it, for which it needs several transactions.
 */
static void
need_template(void)
{
	begin();
	LockSharedObjectForSession(DatabaseRelationId, InvalidOid, 0,
							   AccessExclusiveLock);
	end();
	PG_TRY();
	{
		make_template_if_needed();
	}
	PG_FINALLY();
	{
		UnlockSharedObjectForSession(DatabaseRelationId, InvalidOid, 0,
									 AccessExclusiveLock);
	}
	PG_END_TRY();
}

/* ------------------------------------------------------------------------
 * Clusters
 * ------------------------------------------------------------------------
 */

bool
dsql_cluster_maker_is_unmade(const Cluster *cluster)
{
	return cluster->own_database && cluster->status == CLUSTER_CREATING &&
		cluster->status_until == DT_NOEND && !dsql_cluster_database_is_ours(cluster->database);
}

/*
 * The database exists: the cluster, or both of a pair, will be ACTIVE.
 */
static void
finish_rows(DsqlClusterDatabase *described, const char *home)
{
	TimestampTz until;
	ListCell   *cell;

	dsql_cluster_catalog_lock();
	foreach(cell, dsql_cluster_catalog_all_clusters())
	{
		Cluster    *cluster = lfirst(cell);

		if (strcmp(cluster->home, home) != 0)
			continue;
		until = cluster->created +
			dsql_settings_create_delay * INT64CONST(1000);
		cluster->database = described->database;
		cluster->status_until = Max(until, dsql_clock_now());
		dsql_cluster_catalog_update_cluster(cluster);

		Assert(described->count < DSQL_CLUSTER_DATABASE_MAX);
		strlcpy(described->account, cluster->account,
				sizeof(described->account));
		strlcpy(described->identifiers[described->count], cluster->identifier,
				sizeof(described->identifiers[0]));
		strlcpy(described->regions[described->count], cluster->region,
				sizeof(described->regions[0]));
		described->count++;
	}
}

static void
make_cluster(const Cluster *cluster)
{
	DsqlClusterDatabase described = {.control = MyDatabaseId};
	char	   *name = dsql_cluster_database_name(cluster->home);
	Cluster    *row;

	need_template();

	begin();
	remove_files(cluster->database);
	described.database = choose_oid();
	dsql_cluster_role_make_door();
	dsql_cluster_catalog_lock();
	row = dsql_cluster_catalog_cluster(cluster->identifier);
	row->database = described.database;
	dsql_cluster_catalog_update_cluster(row);
	end();

	begin();
	dsql_pause_point_wait("cluster_planned");
	strlcpy(described.version, dsql_extension_version_of_library(),
			sizeof(described.version));
	copy_database(name, TEMPLATE_NAME, described.database, NIL);
	dsql_cluster_role_grant("create", OBJECT_DATABASE, name, "admin");
	dsql_pause_point_wait("cluster_copied");
	finish_rows(&described, cluster->home);
	Assert(described.count > 0);
	dsql_cluster_database_set(&described);
	end();
}

static void
drop_cluster(const Cluster *cluster)
{
	begin();
	if (strcmp(cluster->home, cluster->identifier) == 0)
	{
		if (dsql_cluster_database_is_ours(cluster->database))
			drop_database(cluster->database);
		else
			remove_files(cluster->database);
		dsql_cluster_role_drop_all(cluster->identifier);
	}
	dsql_pause_point_wait("cluster_dropped");
	dsql_cluster_catalog_lock();
	dsql_cluster_catalog_delete_streams(cluster);
	dsql_cluster_catalog_delete_cluster((Cluster *) cluster);
	end();
}

static void
fail_cluster(const Cluster *failed)
{
	Cluster    *cluster;

	begin();
	dsql_cluster_catalog_lock();
	cluster = dsql_cluster_catalog_cluster(failed->identifier);
	if (cluster != NULL)
	{
		cluster->status = CLUSTER_FAILED;
		dsql_cluster_catalog_update_cluster(cluster);
	}
	end();
}

/* ------------------------------------------------------------------------
 * Updates
 * ------------------------------------------------------------------------
 */

/* How long, in ms, an update waits for the locks of sessions. */
#define UPDATE_LOCK_TIMEOUT "10000"

/*
 * Label the database with the version of its extension.
 */
static void
label_version(void)
{
	DsqlClusterDatabase described;

	if (!dsql_cluster_database_get(MyDatabaseId, &described))
		return;
	strlcpy(described.version, dsql_extension_version_of_library(),
			sizeof(described.version));
	dsql_cluster_database_set(&described);
}

/*
 * The task in a cluster's database.
 */
static void
update_cluster(void)
{
	SetConfigOption("lock_timeout", UPDATE_LOCK_TIMEOUT, PGC_SUSET,
					PGC_S_OVERRIDE);
	begin();
	if (dsql_session_has_extension() && !dsql_extension_version_fits())
		execute(psprintf("ALTER EXTENSION dsql_emu UPDATE TO %s",
						 quote_literal_cstr(dsql_extension_version_of_library())));
	label_version();
	end();
}

static bool
can_work(void)
{
	return dsql_session_has_extension() && dsql_extension_version_fits();
}

static bool
is_outdated(const DsqlClusterDatabase *database)
{
	return strcmp(database->version, dsql_extension_version_of_library()) != 0;
}

static bool
any_outdated(void)
{
	ListCell   *cell;

	foreach(cell, dsql_cluster_database_list(MyDatabaseId))
		if (is_outdated(lfirst(cell)))
		return true;
	return false;
}

/*
 * Update what is outdated.  What fails is tried again when there is work the next
 * time; the log tells why.
 */
static void
update_all(MemoryContext context)
{
	Oid			template;
	char	   *version;
	List	   *databases;
	ListCell   *cell;

	begin();
	MemoryContextSwitchTo(context);
	databases = can_work() ? dsql_cluster_database_list(MyDatabaseId) : NIL;
	version = databases == NIL ? NULL : template_version(&template);
	end();
	MemoryContextSwitchTo(context);
	foreach(cell, databases)
	{
		DsqlClusterDatabase *database = lfirst(cell);

		if (is_outdated(database) &&
			dsql_task_worker_ask(DSQL_TASK_UPDATE, database->database))
			dsql_task_worker_wait(DSQL_TASK_UPDATE, database->database);
		dsql_worker_process_signals();
	}
	if (version != NULL)
		need_template();
}

/* ------------------------------------------------------------------------
 * The task
 * ------------------------------------------------------------------------
 */

/*
 * The next cluster whose database is to be made, or dropped.  So many of those
 * to be dropped are passed over.
 */
static Cluster *
find_work(bool *is_gone, int passed_over)
{
	ListCell   *cell;

	*is_gone = false;
	foreach(cell, dsql_cluster_catalog_all_clusters())
	{
		Cluster    *cluster = lfirst(cell);

		if (dsql_cluster_maker_is_unmade(cluster) &&
			strcmp(cluster->home, cluster->identifier) == 0)
			return cluster;
	}

	*is_gone = true;
	foreach(cell, dsql_cluster_catalog_gone_clusters())
	{
		Cluster    *cluster = lfirst(cell);

		if (cluster->own_database && passed_over-- == 0)
			return cluster;
	}
	return NULL;
}

/*
 * Do one cluster's work.  False if it has failed.
 */
static bool
try(Cluster *cluster, bool is_gone)
{
	MemoryContext context = CurrentMemoryContext;
	volatile bool done = false;

	PG_TRY();
	{
		if (is_gone)
			drop_cluster(cluster);
		else
			make_cluster(cluster);
		done = true;
	}
	PG_CATCH();
	{
		dsql_background_worker_report_error(context);
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	return done;
}

/*
 * Make and drop databases until there is none left.
 */
static void
make_and_drop(MemoryContext context)
{
	int			tries = 0;
	int			stuck = 0;

	for (;;)
	{
		Cluster    *cluster = NULL;
		bool		is_gone = false;

		dsql_worker_process_signals();
		MemoryContextReset(context);
		begin();
		MemoryContextSwitchTo(context);
		if (can_work())
			cluster = find_work(&is_gone, stuck);
		end();
		MemoryContextSwitchTo(context);
		if (cluster == NULL)
			break;

		if (try(cluster, is_gone))
			tries = 0;
		else if (++tries == MAX_TRIES)
		{
			tries = 0;
			if (is_gone)
				stuck++;
			else
				fail_cluster(cluster);
		}
		dsql_worker_slots_spread_news();
	}
}

/*
 * The task in the control plane's database.
 */
static void
run(void)
{
	MemoryContext context = AllocSetContextCreate(TopMemoryContext,
												  "dsql_emu cluster",
												  ALLOCSET_DEFAULT_SIZES);

	make_and_drop(context);
	MemoryContextReset(context);
	PG_TRY();
	{
		update_all(context);
	}
	PG_CATCH();
	{
		dsql_background_worker_report_error(context);
	}
	PG_END_TRY();
	MemoryContextSwitchTo(TopMemoryContext);
	MemoryContextDelete(context);
}

void
dsql_cluster_maker_ask_later(void)
{
	ask_at_commit = true;
}

bool
dsql_cluster_maker_ask_if_needed(void)
{
	static bool is_updated = false;
	bool		is_gone;

	if (find_work(&is_gone, 0) == NULL && (is_updated || !any_outdated()))
	{
		is_updated = true;
		return true;
	}
	return dsql_task_worker_ask(DSQL_TASK_CLUSTERS, MyDatabaseId);
}

void
dsql_cluster_maker_end(bool commit)
{
	if (commit && ask_at_commit &&
		!dsql_task_worker_ask(DSQL_TASK_CLUSTERS, MyDatabaseId))
		dsql_wakeup_announce(MyDatabaseId);
	ask_at_commit = false;
}

/*
 * The databases that a control plane leaves, one a line, and their roles.
 */
static char *
describe(List *databases)
{
	StringInfoData list;
	ListCell   *cell;
	ListCell   *role_cell;

	initStringInfo(&list);
	foreach(cell, databases)
	{
		DsqlClusterDatabase *database = lfirst(cell);
		const char *separator = " with roles ";

		appendStringInfo(&list, "%sdatabase %s", list.len > 0 ? "\n" : "",
						 quote_identifier(dsql_cluster_database_name(database->identifiers[0])));
		foreach(role_cell, dsql_cluster_role_list(database->identifiers[0]))
		{
			appendStringInfo(&list, "%s%s", separator,
							 quote_identifier(lfirst(role_cell)));
			separator = ", ";
		}
	}
	return list.data;
}

void
dsql_cluster_maker_end_utility(Node *stmt)
{
	List	   *databases;

	if (!dsql_extension_is_dropped(stmt))
		return;
	databases = dsql_cluster_database_list(MyDatabaseId);
	if (databases != NIL)
		ereport(WARNING,
				(errmsg_plural("the database of %d cluster stays",
							   "the databases of %d clusters stay",
							   list_length(databases), list_length(databases)),
				 errdetail_internal("%s", describe(databases)),
				 errhint("Nobody can connect to these clusters any more. Remove them with DROP DATABASE, then DROP ROLE.")));
}

void
dsql_cluster_maker_install(void)
{
	dsql_task_worker_set(DSQL_TASK_CLUSTERS, run);
	dsql_task_worker_set(DSQL_TASK_TEMPLATE, prepare_template);
	dsql_task_worker_set(DSQL_TASK_UPDATE, update_cluster);
}
