/*
 * environment.c
 *		What an emulated session shows of its server: version, isolation level,
 *		time zone.
 *
 * A session gets these values before its client hears of any: InitPostgres()
 * ends with the commit of a transaction in which the database is open and all
 * of the session's own settings are known, and only then does the server
 * report parameters and take statements.  A transaction callback is the hook
 * there.  This makes a connection's first transaction REPEATABLE READ and its
 * ParameterStatus messages the service's, and it is the place to refuse
 * start-up parameters.
 *
 * Later, dsql_environment_sync() follows what the session itself does: SET
 * dsql_emu.mode, CREATE EXTENSION, DROP EXTENSION.
 */
#include "postgres.h"

#include "access/parallel.h"
#include "access/xact.h"
#include "commands/extension.h"
#include "libpq/libpq-be.h"
#include "miscadmin.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "base/cluster_database.h"
#include "base/compat.h"
#include "base/refuse.h"
#include "base/session.h"
#include "cluster/cluster.h"
#include "dialect/dialect.h"
#include "environment.h"

/*
 * The values of the service, and of which rank they are: what overrides
 * anything that the session or its administrator set, and what is only
 * another default.
 */
typedef struct EnvironmentSetting
{
	const char *name;
	const char *value;
	GucContext	context;
	GucSource	source;
} EnvironmentSetting;

static const EnvironmentSetting environment[] = {
	{"server_version", "16.15", PGC_INTERNAL, PGC_S_OVERRIDE},
	{"server_version_num", "160015", PGC_INTERNAL, PGC_S_OVERRIDE},
	{"default_transaction_isolation", "repeatable read", PGC_SUSET, PGC_S_OVERRIDE},
	{"default_text_search_config", "pg_catalog.simple", PGC_SUSET, PGC_S_OVERRIDE},
	{"TimeZone", "UTC", PGC_SUSET, PGC_S_GLOBAL},

	/*
	 * It costs something, and may be switched off in the server's
	 * configuration.
	 */
	{"compute_query_id", "on", PGC_SUSET, PGC_S_DYNAMIC_DEFAULT},
};

/* Settings that went with PostgreSQL 16: neither SHOW ALL nor pg_settings has them. */
static const char *const hidden[] = {"lc_collate", "lc_ctype"};

/* What the session had before, to go back to; NULL while not applied. */
static char *saved[lengthof(environment)];
static bool applied = false;

/*
 * Where the server has them at all; SHOW by name is refused (dialect_setting.c).
 */
static void
hide_settings(bool hide)
{
	for (int i = 0; i < lengthof(hidden); i++)
	{
		struct config_generic *setting = dsql_find_option_if_known(hidden[i]);

		if (setting == NULL)
			continue;
		if (hide)
			setting->flags |= GUC_NO_SHOW_ALL;
		else
			setting->flags &= ~GUC_NO_SHOW_ALL;
	}
}

/*
 * The service says 20, however many it accepts.
 */
static const char *
show_max_connections(void)
{
	return applied ? "20" : psprintf("%d", MaxConnections);
}

static void
apply_environment(void)
{
	for (int i = 0; i < lengthof(environment); i++)
	{
		const EnvironmentSetting *s = &environment[i];

		saved[i] = MemoryContextStrdup(TopMemoryContext,
									   GetConfigOption(s->name, false, false));
		SetConfigOption(s->name, s->value, s->context, s->source);
	}
	applied = true;
	hide_settings(true);
	dsql_cluster_session_begins();

	/* The transaction that found out is emulated, too, if it still can be. */
	if (!FirstSnapshotSet && XactIsoLevel < XACT_REPEATABLE_READ)
		XactIsoLevel = XACT_REPEATABLE_READ;
}

static void
leave_environment(void)
{
	for (int i = 0; i < lengthof(environment); i++)
	{
		const EnvironmentSetting *s = &environment[i];

		SetConfigOption(s->name, saved[i], s->context, s->source);
		pfree(saved[i]);
		saved[i] = NULL;
	}
	applied = false;
	hide_settings(false);
	dsql_cluster_session_ends();
}

void
dsql_environment_sync(void)
{
	if (likely(dsql_session_emulated() == applied))
		return;

	/*
	 * Not when it cannot be known, and not for the time that another
	 * extension's script runs.
	 */
	if (!IsTransactionState() || creating_extension || IsParallelWorker())
		return;
	if (applied)
		leave_environment();
	else
		apply_environment();
}

void
dsql_environment_enter_parallel_worker(void)
{
	if (applied || dsql_settings_mode == DSQL_MODE_OFF ||
		!dsql_session_has_extension())
		return;
	for (int i = 0; i < lengthof(environment); i++)
	{
		const EnvironmentSetting *s = &environment[i];

		/* What this action changes is allowed in a parallel operation. */
		if (s->context == PGC_INTERNAL)
			(void) set_config_option(s->name, s->value, s->context, s->source,
									 GUC_ACTION_SAVE, true, 0, false);
	}
	hide_settings(true);
	applied = true;
}

void
dsql_environment_opened(void)
{
	if (dsql_session_emulated())
	{
		apply_environment();
		(void) dsql_cluster_database_own();
		dsql_dialect_check_startup(MyProcPort, false);
		dsql_cluster_bind_connection();
	}
}

bool
dsql_environment_applied(void)
{
	return applied;
}

void
dsql_environment_install(void)
{
	/*
	 * It has the same value as its bounds, which would refuse the service's.
	 * The structs are this process's own, and its children's.
	 */
	struct config_int *version_num = (struct config_int *)
	dsql_find_option("server_version_num");

	version_num->min = 0;
	version_num->max = INT_MAX;

	((struct config_int *) dsql_find_option("max_connections"))->show_hook =
		show_max_connections;
}
