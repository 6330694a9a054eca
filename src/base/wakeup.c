/*
 * wakeup.c
 *		What any part may ask of the background processes of jobs/.
 */
#include "postgres.h"

#include "base/wakeup.h"

static const DsqlWakeupCallbacks *callbacks = NULL;

void
dsql_wakeup_set_callbacks(const DsqlWakeupCallbacks *new_callbacks)
{
	Assert(callbacks == NULL);
	callbacks = new_callbacks;
}

void
dsql_wakeup_announce(Oid database)
{
	callbacks->announce(database);
}

void
dsql_wakeup_launcher(void)
{
	callbacks->launcher();
}

void
dsql_wakeup_nudge_launcher(void)
{
	callbacks->nudge_launcher();
}

void
dsql_wakeup_make_way(Oid relation)
{
	callbacks->make_way(relation);
}

void
dsql_wakeup_make_way_for(int asker, int worker)
{
	callbacks->make_way_for(asker, worker);
}
