/*
 * kinesis.h
 *		Requests to Amazon Kinesis Data Streams, and to what speaks as it does:
 *		PutRecords.
 *
 * Bytes in, bytes out: no catalog, no socket.
 */
#ifndef DSQL_KINESIS_H
#define DSQL_KINESIS_H

#include "lib/stringinfo.h"
#include "utils/jsonb.h"

#include "base/settings.h"

/* Is there one to which records are sent?  Only with libcurl. */
static inline bool
dsql_kinesis_is_there(void)
{
#ifdef DSQL_WITH_LIBCURL
	return dsql_settings_kinesis_endpoint[0] != '\0';
#else
	return false;
#endif
}

/* Can this role be assumed?  dsql_emu.stream_roles says which can. */
extern bool dsql_kinesis_role_allowed(const char *arn);

/* What a request can have on all of them: AWS itself takes more bytes. */
#define DSQL_KINESIS_MAX_RECORDS 500
#define DSQL_KINESIS_MAX_BYTES ((Size) 9 * 1024 * 1024 / 2)

/* arn:aws:kinesis:Region:account:stream/name */
typedef struct KinesisTarget
{
	char	   *arn;
	char	   *region;
	char	   *account;
	char	   *name;
} KinesisTarget;

/*
 * The target of a change stream as CreateStream has it, and the role that is to
 * be assumed for it.  False if it is not a stream of Kinesis.
 */
extern bool dsql_kinesis_read_target(Jsonb *definition, KinesisTarget *target,
									 char **role);

/* What became of a record: from what is well to what is worst. */
typedef enum KinesisOutcome
{
	KINESIS_SENT,
	KINESIS_UNREACHABLE,		/* no answer: nothing that AWS would know */
	KINESIS_FAULT,				/* of the sink itself, or not understood */
	KINESIS_THROTTLED,
	KINESIS_OVERSIZE,
	KINESIS_KMS_DENIED,
	KINESIS_DENIED,
	KINESIS_ROLE_DENIED,		/* nothing is asked of the sink */
	KINESIS_NOT_FOUND
} KinesisOutcome;

/* The error that a stream shows, or NULL. */
extern const char *dsql_kinesis_error(KinesisOutcome outcome);

typedef struct KinesisRecord
{
	const char *key;			/* what it is spread over shards by */
	const char *data;			/* in UTF-8 */
	Size		size;			/* of both */
	KinesisOutcome outcome;
} KinesisRecord;

extern void dsql_kinesis_put_body(StringInfo body,
								  const KinesisTarget *target,
								  KinesisRecord **records, int n);

/*
 * Read the answer to a request and note what became of its records.  Returns
 * the worst of that; *problem then says more, for people.
 */
extern KinesisOutcome dsql_kinesis_read_answer(int status, const char *body,
											   KinesisRecord **records, int n,
											   char **problem);

#endif							/* DSQL_KINESIS_H */
