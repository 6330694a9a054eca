/*
 * clock.h
 *		The emulator's clock.
 */
#ifndef DSQL_CLOCK_H
#define DSQL_CLOCK_H

#include "datatype/timestamp.h"

extern void dsql_clock_shmem_request(void);
extern void dsql_clock_shmem_init(void);

/*
 * The time by which the emulator measures what the service measures in time.
 * It may be called anywhere, signal handlers included.
 */
extern TimestampTz dsql_clock_now(void);

/* What it showed, or would have shown, when the server's clock showed this. */
extern TimestampTz dsql_clock_at(TimestampTz server_time);

/*
 * Let it go forward by microseconds, or make it equal to the server's clock
 * again.  cluster/clock_change.c tells everybody who has to know.
 */
extern void dsql_clock_advance(int64 distance);
extern void dsql_clock_reset(void);

#endif							/* DSQL_CLOCK_H */
