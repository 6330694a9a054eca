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
 * The current time of the emulator's clock.  May be called anywhere, signal
 * handlers included.
 */
extern TimestampTz dsql_clock_now(void);

/*
 * What the emulator's clock showed, or would have shown, when the server's
 * clock showed this time.
 */
extern TimestampTz dsql_clock_at(TimestampTz server_time);

/*
 * Advance the clock by microseconds, or set it to the server's clock again.
 * cluster/clock_change.c informs all parts that depend on the clock.
 */
extern void dsql_clock_advance(int64 distance);
extern void dsql_clock_reset(void);

#endif							/* DSQL_CLOCK_H */
