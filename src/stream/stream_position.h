/*
 * stream_position.h
 *		The order of the records of change streams.
 *
 * Positions grow with time, across restarts of the server as well: they are
 * nanoseconds since 1970, moved on where that is needed to keep them apart.  A
 * transaction takes its positions shortly before it commits.
 */
#ifndef DSQL_STREAM_POSITION_H
#define DSQL_STREAM_POSITION_H

extern void dsql_stream_position_shmem_request(void);
extern void dsql_stream_position_shmem_init(void);

/*
 * Take a number of positions in a row, the first of which is returned; the
 * transaction that takes them ends with the second, which tells whether it has
 * taken any.
 */
extern int64 dsql_stream_position_take(int count);
extern bool dsql_stream_position_end(void);

/* A position that is greater than all that are taken so far. */
extern int64 dsql_stream_position_now(void);

/*
 * All positions before this one are of transactions that have ended: their
 * records are there in any snapshot that is taken afterwards, or never.
 */
extern int64 dsql_stream_position_horizon(void);

/* The emulator's time of a position, in nanoseconds since 1970. */
extern int64 dsql_stream_position_time(int64 position);

#endif							/* DSQL_STREAM_POSITION_H */
