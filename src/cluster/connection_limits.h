/*
 * connection_limits.h
 *		How many connections the service accepts, how fast, and for how long.
 */
#ifndef DSQL_CONNECTION_LIMITS_H
#define DSQL_CONNECTION_LIMITS_H

#include "datatype/timestamp.h"

extern void dsql_connection_shmem_request(void);
extern void dsql_connection_shmem_init(void);

/*
 * A connection's database is open, in a transaction: an error there refuses the
 * connection.
 */
extern void dsql_connection_opened(void);

/*
 * A transaction of the session commits, before anything is done for it: if it
 * has a transaction id by now, the session will not be ended in the middle.
 * And one has ended.
 */
extern void dsql_connection_begin_commit(void);
extern void dsql_connection_end_transaction(void);

/*
 * For the launcher: end the sessions whose time is over, and tell when the next
 * one's will be, by the server's clock; DT_NOEND if there is none.
 */
extern TimestampTz dsql_connection_end_expired(void);

/* The emulator's clock was moved by this session. */
extern void dsql_connection_clock_advanced(int64 microseconds);
extern void dsql_connection_clock_reset(void);

#endif							/* DSQL_CONNECTION_LIMITS_H */
