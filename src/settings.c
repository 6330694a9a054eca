/*
 * settings.c
 *		Every setting of the extension.
 *
 * The settings of the emulator are named dsql_emu.*, because the service has
 * parameters of its own under "dsql.".  Each default is the behaviour of the
 * service.
 */
#include "postgres.h"

#include "utils/guc.h"

#include "limit.h"
#include "settings.h"

/*
 * Administrators choose with this whether emulated databases refuse what the
 * service refuses, let it pass and note it as a finding, or are plain
 * PostgreSQL.
 */
int			dsql_mode = DSQL_MODE_ENFORCE;

/*
 * Administrators choose with this how many findings of report mode the server
 * can hold: one costs about 2 kB of shared memory.
 */
int			dsql_max_findings = 1000;

/*
 * The service's own parameters.  The first guards synchronous index builds,
 * the second is accepted and has no effect here: the join method it switches
 * does not exist in PostgreSQL.
 */
bool		dsql_disable_sync_create_index = true;
bool		dsql_enable_batched_nestloop = true;

static const struct config_enum_entry mode_options[] = {
	{"enforce", DSQL_MODE_ENFORCE, false},
	{"report", DSQL_MODE_REPORT, false},
	{"off", DSQL_MODE_OFF, false},
	{NULL, 0, false}
};

void
dsql_settings_define(void)
{
	DefineCustomEnumVariable("dsql_emu.mode",
							 "Sets what happens to statements that the service would refuse.",
							 "\"enforce\" refuses them, \"report\" lets them pass with a warning "
							 "and notes them in dsql.findings, \"off\" leaves plain PostgreSQL.",
							 &dsql_mode,
							 DSQL_MODE_ENFORCE,
							 mode_options,
							 PGC_SUSET,
							 0,
							 NULL, NULL, NULL);

	DefineCustomIntVariable("dsql_emu.max_findings",
							"Sets the maximum number of findings that report mode can hold.",
							NULL,
							&dsql_max_findings,
							1000,	/* boot value */
							10, 1000000,	/* min, max */
							PGC_POSTMASTER,
							0,
							NULL, NULL, NULL);

	DefineCustomBoolVariable("disable_sync_create_index",
							 "Refuses CREATE INDEX without ASYNC.",
							 "A parameter of the service. When off, an index can be built "
							 "synchronously on an empty table.",
							 &dsql_disable_sync_create_index,
							 true,
							 PGC_USERSET,
							 0,
							 NULL, NULL, NULL);

	DefineCustomBoolVariable("dsql.enable_batched_nestloop",
							 "Accepted because the service has this parameter; has no effect.",
							 NULL,
							 &dsql_enable_batched_nestloop,
							 true,
							 PGC_USERSET,
							 0,
							 NULL, NULL, NULL);

	dsql_limit_define_settings();

	MarkGUCPrefixReserved("dsql_emu");
}
