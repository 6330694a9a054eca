/*
 * kinesis_post.h
 *		Signed HTTP requests to dsql_emu.kinesis_endpoint, with libcurl.
 */
#ifndef DSQL_KINESIS_POST_H
#define DSQL_KINESIS_POST_H

#include "lib/stringinfo.h"

/*
 * Asked several times a second while a request lasts: shall it go on?
 */
typedef bool (*KinesisGoOn) (void);

/*
 * Post a request for an operation in a Region.  Returns HTTP's status, and the
 * answer's body; or 0, and why there was no answer.
 */
extern int	dsql_kinesis_post(const char *region, const char *operation,
							  const StringInfoData *request, KinesisGoOn go_on,
							  StringInfo answer);

#endif							/* DSQL_KINESIS_POST_H */
