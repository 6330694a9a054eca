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
 * Called in the transaction that has opened a connection's database.  An error
 * refuses the connection.
 */
extern void dsql_connection_opened(void);

/*
 * The first is called before a transaction of the session commits.  If the
 * transaction has a transaction id by then, the session is not ended during
 * the commit.  The second is called when a transaction has ended.
 */
extern void dsql_connection_begin_commit(void);
extern void dsql_connection_end_transaction(void);

/*
 * For the launcher: end the sessions whose time is over.  Returns when the
 * next one's time is over, by the server's clock; DT_NOEND if there is none.
 */
extern TimestampTz dsql_connection_end_expired(void);

/* The emulator's clock was moved by this session. */
extern void dsql_connection_clock_advanced(int64 microseconds);
extern void dsql_connection_clock_reset(void);

#endif							/* DSQL_CONNECTION_LIMITS_H */
