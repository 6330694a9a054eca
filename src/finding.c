/*
 * finding.c
 *		What report mode found: statements that the service would refuse.
 */
#include "postgres.h"

#include "finding.h"

Size
dsql_finding_shmem_size(void)
{
	return 0;
}

void
dsql_finding_shmem_init(void)
{
}

void
dsql_finding_set_statement(const char *query_string, int location, int length)
{
}

void
dsql_finding_add(DsqlRuleId rule, const char *message)
{
}
