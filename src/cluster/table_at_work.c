/*
 * table_at_work.c
 *		The table that a security-restricted operation is about.
 *
 * Nothing in PostgreSQL tells a user's function in an index expression, or us,
 * which table is being analyzed.  But whoever works at a table has locked it
 * against its like, in ShareUpdateExclusiveLock or a stronger mode, which
 * queries and changes of rows never take.  Such locks are asked for.
 */
#include "postgres.h"

#include "access/transam.h"
#include "miscadmin.h"
#include "storage/lock.h"
#include "storage/lwlock.h"
#include "storage/proc.h"
#include "utils/lsyscache.h"

#include "base/compat.h"
#include "base/identifier.h"
#include "base/schema_owner.h"
#include "cluster/table_at_work.h"

/* More are not looked at: it is one, and its indexes. */
#define MAX_RELATIONS 64

/* ShareUpdateExclusiveLock and the stronger modes. */
#define WORK_MODES \
	(LOCKBIT_ON(MaxLockMode + 1) - LOCKBIT_ON(ShareUpdateExclusiveLock))

/*
 * The relations that this process has locked so.  Returns how many.
 */
static int
locked_relations(Oid relations[MAX_RELATIONS])
{
	int			count = 0;

	for (int i = 0; i < NUM_LOCK_PARTITIONS; i++)
	{
		LWLock	   *partition = LockHashPartitionLockByIndex(i);
		PROCLOCK   *held = NULL;

		LWLockAcquire(partition, LW_SHARED);
		while ((held = dsql_next_lock_of_process(MyProc, i, held)) != NULL)
		{
			const LOCKTAG *tag = &held->tag.myLock->tag;

			if ((held->holdMask & WORK_MODES) != 0 &&
				tag->locktag_type == LOCKTAG_RELATION &&
				tag->locktag_field1 == MyDatabaseId &&
				tag->locktag_field2 >= FirstNormalObjectId &&
				count < MAX_RELATIONS)
				relations[count++] = tag->locktag_field2;
		}
		LWLockRelease(partition);
	}
	return count;
}

const char *
dsql_table_at_work_home(void)
{
	static char home[DSQL_IDENTIFIER_LEN + 1];
	Oid			relations[MAX_RELATIONS];
	int			count = locked_relations(relations);

	/* CREATE INDEX ASYNC of an administrator looks before it locks. */
	if (count == 0 && MyBackendType == B_BACKEND)
		return NULL;

	home[0] = '\0';
	for (int i = 0; i < count; i++)
	{
		Oid			schema = get_rel_namespace(relations[i]);

		if (OidIsValid(schema) && !dsql_schema_owner_is_system(schema))
		{
			strlcpy(home, dsql_schema_owner(schema), sizeof(home));
			break;
		}
	}
	return home;
}
