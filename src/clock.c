/*
 * clock.c
 *		The emulator's clock.
 *
 * Transaction age, connection lifetime, connection rate, job retention, states
 * of clusters, expiry of tokens and the like are measured by this clock, so
 * that a test can let an hour pass at once.  It runs ahead of the server's
 * clock by an offset that is shared by all processes and lasts until the
 * server restarts.  SQL's now() and its like do not see it.
 */
#include "postgres.h"

#include "access/xact.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "port/atomics.h"
#include "storage/ipc.h"
#include "storage/shmem.h"
#include "utils/fmgrprotos.h"
#include "utils/timestamp.h"

#include "clock.h"
#include "connection.h"
#include "roster.h"
#include "transaction.h"

typedef struct ClockShared
{
	/* Microseconds that the emulator's clock is ahead of the server's. */
	pg_atomic_uint64 offset;
} ClockShared;

static ClockShared *shared = NULL;

void
dsql_clock_shmem_request(void)
{
	RequestAddinShmemSpace(MAXALIGN(sizeof(ClockShared)));
}

void
dsql_clock_shmem_init(void)
{
	bool		found;

	shared = ShmemInitStruct("dsql_emu clock", sizeof(ClockShared), &found);
	if (!found)
		pg_atomic_init_u64(&shared->offset, 0);
}

TimestampTz
dsql_clock_at(TimestampTz server_time)
{
	return server_time + (int64) pg_atomic_read_u64(&shared->offset);
}

TimestampTz
dsql_clock_now(void)
{
	return dsql_clock_at(GetCurrentTimestamp());
}

PG_FUNCTION_INFO_V1(dsql_now);
Datum
dsql_now(PG_FUNCTION_ARGS)
{
	PG_RETURN_TIMESTAMPTZ(dsql_clock_now());
}

PG_FUNCTION_INFO_V1(dsql_advance_clock);
Datum
dsql_advance_clock(PG_FUNCTION_ARGS)
{
	TimestampTz now = dsql_clock_now();
	TimestampTz then;

	/* Raises an error if that is out of a timestamp's range. */
	then = DatumGetTimestampTz(DirectFunctionCall2(timestamptz_pl_interval,
												   TimestampTzGetDatum(now),
												   PG_GETARG_DATUM(0)));
	if (then < now)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the emulator's clock cannot be moved back"),
				 errhint("dsql.reset_clock() makes it equal to the server's clock.")));

	/* Alone in its transaction, the call does not make that one old. */
	if (!IsTransactionBlock())
		dsql_transaction_ignore_age();

	pg_atomic_fetch_add_u64(&shared->offset, then - now);
	dsql_connection_clock_advanced(then - now);

	/* The end of a cluster may have come. */
	dsql_roster_announce(MyDatabaseId);
	dsql_roster_wake_launcher();
	PG_RETURN_TIMESTAMPTZ(dsql_clock_now());
}

PG_FUNCTION_INFO_V1(dsql_reset_clock);
Datum
dsql_reset_clock(PG_FUNCTION_ARGS)
{
	pg_atomic_write_u64(&shared->offset, 0);
	dsql_connection_clock_reset();
	dsql_roster_wake_launcher();
	PG_RETURN_TIMESTAMPTZ(dsql_clock_now());
}
