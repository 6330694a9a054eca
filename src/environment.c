/*
 * environment.c
 *		What an emulated session shows of its server: version, isolation level,
 *		time zone.
 */
#include "postgres.h"

#include "environment.h"

void
dsql_environment_assign_mode(int newval, void *extra)
{
}

void
dsql_environment_sync(void)
{
}

void
dsql_environment_install_hooks(void)
{
}
