/*
 * stream_sender.h
 *		Sends the records of a database's change streams to Kinesis.
 */
#ifndef DSQL_STREAM_SENDER_H
#define DSQL_STREAM_SENDER_H

#include "datatype/timestamp.h"

#include "stream/kinesis_post.h"

/* In a transaction: is there anything that is to be sent? */
extern bool dsql_stream_sender_wanted(void);

/*
 * Outside a transaction: send some of what is there.  Returns when to be called
 * again at the latest, by the server's clock: DT_NOEND when all is sent.
 */
extern TimestampTz dsql_stream_sender_round(KinesisGoOn go_on);

#endif							/* DSQL_STREAM_SENDER_H */
