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

#include "fmgr.h"
#include "port/atomics.h"
#include "storage/ipc.h"
#include "storage/shmem.h"
#include "utils/fmgrprotos.h"
#include "utils/timestamp.h"

#include "base/clock.h"

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

void
dsql_clock_advance(int64 distance)
{
	Assert(distance >= 0);
	pg_atomic_fetch_add_u64(&shared->offset, distance);
}

void
dsql_clock_reset(void)
{
	pg_atomic_write_u64(&shared->offset, 0);
}

PG_FUNCTION_INFO_V1(dsql_now);
Datum
dsql_now(PG_FUNCTION_ARGS)
{
	PG_RETURN_TIMESTAMPTZ(dsql_clock_now());
}
