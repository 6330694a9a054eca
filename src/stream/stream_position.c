/*
 * stream_position.c
 *		The order of the records of change streams.
 */
#include "postgres.h"

#include <time.h>

#include "miscadmin.h"
#include "storage/lwlock.h"
#include "storage/proc.h"
#include "storage/shmem.h"
#include "utils/timestamp.h"

#include "base/clock.h"
#include "base/compat.h"
#include "stream/stream_position.h"

typedef struct StreamPositions
{
	int64		next;
	int64		taken[FLEXIBLE_ARRAY_MEMBER];	/* the first one of each
												 * process's transaction, or 0 */
} StreamPositions;

static StreamPositions *positions = NULL;
static LWLock *lock = NULL;
static bool has_taken = false;

static Size
positions_size(void)
{
	/* Auxiliary processes and prepared transactions take none. */
	return add_size(offsetof(StreamPositions, taken),
					mul_size(MaxBackends, sizeof(int64)));
}

void
dsql_stream_position_shmem_request(void)
{
	RequestAddinShmemSpace(positions_size());
	RequestNamedLWLockTranche("dsql_emu stream positions", 1);
}

void
dsql_stream_position_shmem_init(void)
{
	bool		found;

	positions = ShmemInitStruct("dsql_emu stream positions", positions_size(),
								&found);
	lock = &GetNamedLWLockTranche("dsql_emu stream positions")->lock;
	if (!found)
		memset(positions, 0, positions_size());
}

static int64
real_time(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * INT64CONST(1000000000) + now.tv_nsec;
}

static int64
advance(int count)
{
	int64		first = Max(positions->next, real_time());

	Assert(LWLockHeldByMeInMode(lock, LW_EXCLUSIVE));
	positions->next = first + count;
	return first;
}

int64
dsql_stream_position_take(int count)
{
	int64		first;

	Assert(count > 0);
	Assert(dsql_my_process_number() < MaxBackends);
	LWLockAcquire(lock, LW_EXCLUSIVE);
	first = advance(count);
	positions->taken[dsql_my_process_number()] = first;
	has_taken = true;
	LWLockRelease(lock);
	return first;
}

bool
dsql_stream_position_end(void)
{
	if (likely(!has_taken))
		return false;
	LWLockAcquire(lock, LW_EXCLUSIVE);
	positions->taken[dsql_my_process_number()] = 0;
	has_taken = false;
	LWLockRelease(lock);
	return true;
}

int64
dsql_stream_position_now(void)
{
	int64		result;

	LWLockAcquire(lock, LW_EXCLUSIVE);
	result = advance(1);
	LWLockRelease(lock);
	return result;
}

int64
dsql_stream_position_horizon(void)
{
	int64		horizon;

	LWLockAcquire(lock, LW_EXCLUSIVE);
	horizon = advance(1);
	for (int i = 0; i < MaxBackends; i++)
		if (positions->taken[i] != 0)
			horizon = Min(horizon, positions->taken[i]);
	LWLockRelease(lock);
	return horizon;
}

int64
dsql_stream_position_time(int64 position)
{
	TimestampTz now = GetCurrentTimestamp();

	return position + (dsql_clock_at(now) - now) * 1000;
}
