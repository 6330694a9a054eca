/*
 * stream_sender.c
 *		Sends the records of a database's change streams to Kinesis.
 *
 * Records are read in one transaction, sent outside any, and what became of
 * them is noted in another: how far a stream has got is known after a crash,
 * but what was sent since then is sent again.
 *
 * A record that the sink does not take is tried again, after longer and longer
 * pauses, while others go on; a sink that takes none at all gets no others.
 * Such records are remembered by their positions, and only in this process:
 * the stored position is before the first of them.
 */
#include "postgres.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "mb/pg_wchar.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "base/clock.h"
#include "base/identifier.h"
#include "stream/kinesis.h"
#include "stream/stream_disorder.h"
#include "stream/stream_outbox.h"
#include "stream/stream_position.h"
#include "stream/stream_sender.h"
#include "stream/stream_watch.h"

/* How many records a stream can have that were sent in vain. */
#define MAX_FAILED DSQL_KINESIS_MAX_RECORDS

/* How much of them is read at a time, in bytes. */
#define MAX_RETRIED ((Size) 64 * 1024 * 1024)

/* Pauses before they are tried again, in ms. */
#define FIRST_PAUSE 100
#define LAST_PAUSE 5000

/*
 * How often in a row a sink can be too slow, or out of order, before that
 * counts: the lag has grown by then.
 */
#define PATIENCE 3

/* How often to see whether a stream has been created, in ms. */
#define CREATING_PAUSE 100

typedef struct Sender
{
	char		stream[DSQL_IDENTIFIER_LEN + 1];
	int64		ahead;			/* all up to here have been sent, but these */
	int64		failed[MAX_FAILED];
	int			nfailed;
	bool		is_down;		/* the sink takes none */
	int			attempts;		/* in a row, in vain */
	TimestampTz retry_at;
	bool		is_there;		/* the stream was seen in this round */
} Sender;

/* What a stream has to send in a round. */
typedef struct Parcel
{
	Sender	   *sender;
	char	   *cluster;
	KinesisTarget target;
	char	   *role;
	StreamDelivery *delivery;
	int			nretried;		/* so many of those that have failed are in it */
	bool		is_full;		/* there may be more of the others */
	int64		last;			/* position of the last one, or 0 */
	List	   *records;		/* of OutboxRecord */
	KinesisOutcome outcome;
	char	   *problem;
} Parcel;

static List *senders = NIL;

/* ------------------------------------------------------------------------
 * What there is to send
 * ------------------------------------------------------------------------
 */

static bool
gets_records(const Stream *stream)
{
	return stream->status == STREAM_ACTIVE || stream->status == STREAM_IMPAIRED;
}

static bool
has_waiting(const char *home, const Stream *stream)
{
	StreamDelivery *delivery = dsql_stream_outbox_delivery(stream);

	return delivery != NULL && dsql_stream_outbox_any(home, delivery->position);
}

bool
dsql_stream_sender_wanted(void)
{
	ListCell   *lc;

	if (!dsql_kinesis_is_there())
		return false;
	foreach(lc, dsql_stream_watch_list())
	{
		WatchedStream *watched = lfirst(lc);

		if (watched->home != NULL &&
			dsql_stream_watch_status(watched->stream->status) &&
			has_waiting(watched->home, watched->stream))
			return true;
	}
	return false;
}

static Sender *
find_sender(const StreamDelivery *delivery)
{
	Sender	   *sender;
	MemoryContext old;
	ListCell   *lc;

	foreach(lc, senders)
	{
		sender = lfirst(lc);
		if (strcmp(sender->stream, delivery->stream) == 0)
			return sender;
	}
	old = MemoryContextSwitchTo(TopMemoryContext);
	sender = palloc0(sizeof(Sender));
	strlcpy(sender->stream, delivery->stream, sizeof(sender->stream));
	sender->ahead = delivery->position;
	senders = lappend(senders, sender);
	MemoryContextSwitchTo(old);
	return sender;
}

/*
 * Records may have been deleted before they were sent.
 */
static void
catch_up(Sender *sender, int64 position)
{
	int			n = 0;

	sender->ahead = Max(sender->ahead, position);
	for (int i = 0; i < sender->nfailed; i++)
		if (sender->failed[i] > position)
			sender->failed[n++] = sender->failed[i];
	sender->nfailed = n;
}

static void
read_failed(Parcel *parcel, const char *home)
{
	const Sender *sender = parcel->sender;
	Size		size = 0;

	while (parcel->nretried < sender->nfailed && size < MAX_RETRIED)
	{
		int64		position = sender->failed[parcel->nretried++];
		List	   *found = dsql_stream_outbox_read(home, position - 1, 1, 0);

		parcel->records = list_concat(parcel->records, found);
		if (found != NIL)
			size += strlen(((OutboxRecord *) linitial(found))->record.head);
	}
}

static void
read_others(Parcel *parcel, const char *home)
{
	int			max = MAX_FAILED - parcel->sender->nfailed;
	List	   *records;

	if (parcel->sender->is_down || max == 0)
		return;
	records = dsql_stream_outbox_read(home, parcel->sender->ahead, max,
									  DSQL_KINESIS_MAX_BYTES);
	if (records == NIL)
		return;
	parcel->last = ((OutboxRecord *) llast(records))->position;
	parcel->is_full = dsql_stream_outbox_any(home, parcel->last);
	parcel->records = list_concat(parcel->records, records);
}

/*
 * What a stream has to send now; NULL if that is nothing.
 */
static Parcel *
make_parcel(const char *home, const Stream *stream)
{
	StreamDelivery *delivery = dsql_stream_outbox_delivery(stream);
	Parcel	   *parcel = palloc0(sizeof(Parcel));
	Sender	   *sender;

	if (delivery == NULL ||
		!dsql_kinesis_read_target(stream->target, &parcel->target,
								  &parcel->role))
		return NULL;
	sender = find_sender(delivery);
	sender->is_there = true;
	catch_up(sender, delivery->position);
	parcel->sender = sender;
	parcel->cluster = stream->cluster;
	parcel->delivery = delivery;
	if (sender->nfailed == 0)
		sender->is_down = false;
	else if (sender->retry_at <= GetCurrentTimestamp())
		read_failed(parcel, home);
	read_others(parcel, home);
	return parcel->records == NIL ? NULL : parcel;
}

static List *
make_parcels(TimestampTz *next)
{
	List	   *parcels = NIL;
	ListCell   *lc;

	foreach(lc, dsql_stream_watch_list())
	{
		WatchedStream *watched = lfirst(lc);
		Stream	   *stream = watched->stream;
		Parcel	   *parcel;

		if (watched->home == NULL)
			continue;
		parcel = gets_records(stream) ?
			make_parcel(watched->home, stream) : NULL;
		if (parcel != NULL)
			parcels = lappend(parcels, parcel);
		if (stream->status == STREAM_CREATING &&
			has_waiting(watched->home, stream))
			*next = TimestampTzPlusMilliseconds(GetCurrentTimestamp(),
												CREATING_PAUSE);
	}
	return parcels;
}

/* ------------------------------------------------------------------------
 * Sending it
 * ------------------------------------------------------------------------
 */

/*
 * Send records in one request; if it is too large for the sink, in two.
 */
static void
put_records(Parcel *parcel, KinesisRecord **records, int n, KinesisGoOn go_on)
{
	StringInfoData body;
	StringInfoData answer;
	KinesisOutcome outcome = KINESIS_UNREACHABLE;
	char	   *problem = NULL;
	int			status;

	initStringInfo(&body);
	initStringInfo(&answer);
	dsql_kinesis_put_body(&body, &parcel->target, records, n);
	status = dsql_kinesis_post(parcel->target.region, "PutRecords", &body,
							   go_on, &answer);
	pfree(body.data);
	if (status == 0)
		problem = answer.data;
	else
		outcome = dsql_kinesis_read_answer(status, answer.data, records, n,
										   &problem);
	if (status == 0)
		for (int i = 0; i < n; i++)
			records[i]->outcome = outcome;
	if (outcome == KINESIS_OVERSIZE && n > 1)
	{
		put_records(parcel, records, n / 2, go_on);
		put_records(parcel, records + n / 2, n - n / 2, go_on);
		return;
	}
	if (outcome > parcel->outcome)
	{
		parcel->outcome = outcome;
		parcel->problem = problem;
	}
}

static KinesisRecord *
finish_record(const Parcel *parcel, const OutboxRecord *record)
{
	KinesisRecord *finished = palloc0(sizeof(KinesisRecord));
	int64		now = dsql_stream_position_time(dsql_stream_position_now());
	char	   *text = dsql_stream_record_finish(&record->record,
												 parcel->cluster, now);

	finished->key = dsql_stream_outbox_partition_key(record);
	finished->data = pg_server_to_any(text, strlen(text), PG_UTF8);
	finished->size = strlen(finished->key) + strlen(finished->data);
	finished->outcome = KINESIS_UNREACHABLE;
	return finished;
}

static int
compare_positions(const void *a, const void *b)
{
	int64		left = *(const int64 *) a;
	int64		right = *(const int64 *) b;

	return left < right ? -1 : left > right;
}

/*
 * What has failed now, beside what was not tried.
 */
static void
note_failed(Parcel *parcel, const List *sent, KinesisRecord **records)
{
	Sender	   *sender = parcel->sender;
	int64	   *failed = palloc(sizeof(int64) *
								(sender->nfailed + list_length(sent)));
	int			n = 0;
	ListCell   *lc;

	for (int i = parcel->nretried; i < sender->nfailed; i++)
		failed[n++] = sender->failed[i];
	foreach(lc, sent)
		if (records[foreach_current_index(lc)]->outcome != KINESIS_SENT)
		failed[n++] = ((OutboxRecord *) lfirst(lc))->position;
	if (n > 1)
		qsort(failed, n, sizeof(int64), compare_positions);

	sender->nfailed = 0;
	for (int i = 0; i < n; i++)
		if (i == 0 || failed[i] != failed[i - 1])
		{
			Assert(sender->nfailed < MAX_FAILED);
			sender->failed[sender->nfailed++] = failed[i];
		}
}

static void
plan_retry(Parcel *parcel, int nsent)
{
	Sender	   *sender = parcel->sender;

	sender->is_down = nsent == 0 && parcel->outcome != KINESIS_OVERSIZE;
	if (sender->nfailed == 0)
		sender->attempts = 0;
	else if (parcel->outcome != KINESIS_SENT)
	{
		int			pause = FIRST_PAUSE << Min(sender->attempts, 10);

		sender->attempts++;
		sender->retry_at = TimestampTzPlusMilliseconds(GetCurrentTimestamp(),
													   Min(pause, LAST_PAUSE));
	}
}

static void
send_parcel(Parcel *parcel, KinesisGoOn go_on)
{
	List	   *list = dsql_stream_disorder(parcel->records);
	int			n = list_length(list);
	KinesisRecord **records = palloc(sizeof(KinesisRecord *) * n);
	int			total = parcel->sender->nfailed - parcel->nretried +
	list_length(parcel->records);
	int			first = 0;

	for (int i = 0; i < n; i++)
		records[i] = finish_record(parcel, list_nth(list, i));
	if (!dsql_kinesis_role_allowed(parcel->role))
	{
		parcel->outcome = KINESIS_ROLE_DENIED;
		parcel->problem = psprintf("dsql_emu.stream_roles does not name %s",
								   parcel->role);
	}
	while (parcel->outcome != KINESIS_ROLE_DENIED && first < n && go_on())
	{
		Size		size = records[first]->size;
		int			last = first + 1;

		while (last < n && last - first < DSQL_KINESIS_MAX_RECORDS &&
			   size + records[last]->size <= DSQL_KINESIS_MAX_BYTES)
			size += records[last++]->size;
		put_records(parcel, records + first, last - first, go_on);
		first = last;
	}
	/* What was not tried has not failed, but has to be. */
	if (first < n)
		parcel->outcome = Max(parcel->outcome, KINESIS_UNREACHABLE);
	note_failed(parcel, list, records);
	parcel->delivery->sent += total - parcel->sender->nfailed;
	parcel->sender->ahead = Max(parcel->sender->ahead, parcel->last);
	plan_retry(parcel, total - parcel->sender->nfailed);
}

/* ------------------------------------------------------------------------
 * What became of it
 * ------------------------------------------------------------------------
 */

/*
 * The status that the stream should have; false if it is to stay.
 */
static bool
next_status(const Parcel *parcel, StreamStatus *status)
{
	switch (parcel->outcome)
	{
		case KINESIS_SENT:
			*status = STREAM_ACTIVE;
			return parcel->sender->nfailed == 0;
		case KINESIS_UNREACHABLE:
			return false;
		case KINESIS_FAULT:
		case KINESIS_THROTTLED:
			*status = STREAM_IMPAIRED;
			return parcel->sender->attempts >= PATIENCE;
		case KINESIS_NOT_FOUND:
			*status = STREAM_FAILED;
			return true;
		default:
			*status = STREAM_IMPAIRED;
			return true;
	}
}

static bool
differs(const Stream *stream, StreamStatus status, const char *error)
{
	return stream->status != status ||
		(error != NULL && strcmp(stream->error ? stream->error : "", error) != 0);
}

static void
store_status(const Parcel *parcel)
{
	const char *error = dsql_kinesis_error(parcel->outcome);
	StreamStatus status;
	Stream	   *stream;

	if (!next_status(parcel, &status))
		return;
	stream = dsql_cluster_catalog_stream(parcel->cluster,
										 parcel->sender->stream);
	if (stream == NULL || !gets_records(stream) ||
		!differs(stream, status, error))
		return;

	/* It may have changed while we waited. */
	dsql_cluster_catalog_lock_streams();
	stream = dsql_cluster_catalog_stream(parcel->cluster,
										 parcel->sender->stream);
	if (stream == NULL || !gets_records(stream))
		return;
	dsql_cluster_catalog_set_stream_status(stream, status, error);
}

static bool
is_same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static void
store_outcome(Parcel *parcel)
{
	Sender	   *sender = parcel->sender;
	StreamDelivery *delivery = parcel->delivery;
	char	   *problem = sender->nfailed == 0 ? NULL : parcel->problem;

	if (problem == NULL && sender->nfailed > 0)
		problem = delivery->problem;
	if (problem != NULL && !is_same_text(problem, delivery->problem))
		ereport(LOG,
				(errmsg("records of change stream \"%s\" could not be sent: %s",
						sender->stream, problem)));
	delivery->problem = problem;
	delivery->position = sender->nfailed > 0 ? sender->failed[0] - 1 :
		sender->ahead;
	dsql_stream_outbox_update_delivery(delivery);
	store_status(parcel);
}

/*
 * Forget streams that are not there any more, or get nothing.
 */
static void
forget_others(void)
{
	ListCell   *lc;

	foreach(lc, senders)
	{
		Sender	   *sender = lfirst(lc);

		if (!sender->is_there)
		{
			senders = foreach_delete_current(senders, lc);
			pfree(sender);
		}
	}
}

/*
 * When there is something to send again.
 */
static TimestampTz
next_round(const List *parcels)
{
	TimestampTz next = DT_NOEND;
	ListCell   *lc;

	foreach(lc, senders)
	{
		Sender	   *sender = lfirst(lc);

		if (sender->nfailed > 0)
			next = Min(next, sender->retry_at);
	}
	foreach(lc, parcels)
	{
		Parcel	   *parcel = lfirst(lc);

		if (parcel->is_full && !parcel->sender->is_down &&
			parcel->sender->nfailed < MAX_FAILED)
			next = GetCurrentTimestamp();
	}
	return next;
}

TimestampTz
dsql_stream_sender_round(KinesisGoOn go_on)
{
	MemoryContext context = CurrentMemoryContext;
	TimestampTz next = DT_NOEND;
	List	   *parcels = NIL;
	ListCell   *lc;

	foreach(lc, senders)
		((Sender *) lfirst(lc))->is_there = false;
	StartTransactionCommand();
	PushActiveSnapshot(GetTransactionSnapshot());
	MemoryContextSwitchTo(context);
	if (dsql_kinesis_is_there())
		parcels = make_parcels(&next);
	PopActiveSnapshot();
	CommitTransactionCommand();
	MemoryContextSwitchTo(context);
	forget_others();

	foreach(lc, parcels)
		send_parcel(lfirst(lc), go_on);
	if (parcels != NIL)
	{
		StartTransactionCommand();
		PushActiveSnapshot(GetTransactionSnapshot());
		foreach(lc, parcels)
			store_outcome(lfirst(lc));
		PopActiveSnapshot();
		CommitTransactionCommand();
		MemoryContextSwitchTo(context);
	}
	return Min(next, next_round(parcels));
}
