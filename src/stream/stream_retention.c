/*
 * stream_retention.c
 *		How long the records of change streams are kept, and how many.
 *
 * A record can be read for dsql_emu.stream_retention.  If records are sent, it
 * is kept until all streams that can still get it have it.  But the records of
 * a cluster never take much more than dsql_emu.stream_max_size: the oldest ones
 * go, and a stream that has not got them is impaired.
 */
#include "postgres.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "base/clock.h"
#include "base/settings.h"
#include "stream/kinesis.h"
#include "stream/stream_outbox.h"
#include "stream/stream_retention.h"
#include "stream/stream_watch.h"

/* What happens to a stream that loses records: it is too slow. */
#define LOSS_ERROR "KINESIS_THROUGHPUT_EXCEEDED"

static int64
retention(void)
{
	return dsql_settings_stream_retention * USECS_PER_SEC;
}

TimestampTz
dsql_stream_retention_end(void)
{
	TimestampTz ahead = dsql_clock_now() - GetCurrentTimestamp();
	TimestampTz end = DT_NOEND;
	ListCell   *lc;

	foreach(lc, dsql_stream_outbox_homes())
	{
		OutboxHome *home = lfirst(lc);

		end = Min(end, home->committed + retention() - ahead);
	}
	return end;
}

/*
 * All streams of a cluster's records.
 */
static List *
streams_of(const char *home)
{
	List	   *streams = NIL;
	ListCell   *lc;

	foreach(lc, dsql_stream_watch_list())
	{
		WatchedStream *watched = lfirst(lc);

		if (watched->home != NULL && strcmp(watched->home, home) == 0)
			streams = lappend(streams, watched->stream);
	}
	return streams;
}

/*
 * How the records of those are delivered that wait for a sink.
 */
static List *
waiting_deliveries(List *streams)
{
	List	   *deliveries = NIL;
	ListCell   *lc;

	if (!dsql_kinesis_is_there())
		return NIL;
	foreach(lc, streams)
	{
		Stream	   *stream = lfirst(lc);
		StreamDelivery *delivery =
		dsql_stream_watch_status(stream->status) ?
		dsql_stream_outbox_delivery(stream) : NULL;

		if (delivery != NULL)
			deliveries = lappend(deliveries, delivery);
	}
	return deliveries;
}

/*
 * A stream has lost records.
 */
static void
impair(const char *identifier, List *streams)
{
	ListCell   *lc;

	foreach(lc, streams)
	{
		Stream	   *stream = lfirst(lc);

		if (strcmp(stream->identifier, identifier) != 0 ||
			stream->status != STREAM_ACTIVE)
			continue;
		dsql_cluster_catalog_lock_streams();
		stream = dsql_cluster_catalog_stream(stream->cluster, identifier);
		if (stream != NULL && stream->status == STREAM_ACTIVE)
			dsql_cluster_catalog_set_stream_status(stream, STREAM_IMPAIRED,
												   LOSS_ERROR);
	}
}

static void
store_losses(List *deliveries, const int64 *lost, List *streams)
{
	ListCell   *lc;

	foreach(lc, deliveries)
	{
		StreamDelivery *delivery = lfirst(lc);
		int64		count = delivery->lost - lost[foreach_current_index(lc)];

		if (count == 0)
			continue;
		ereport(LOG,
				(errmsg("change stream \"%s\" has lost " INT64_FORMAT " records that were not sent in time",
						delivery->stream, count),
				 errhint("Consider increasing the configuration parameter \"%s\".",
						 "dsql_emu.stream_max_size")));
		dsql_stream_outbox_update_delivery(delivery);
		impair(delivery->stream, streams);
	}
}

/*
 * Returns whether there is more to delete.
 */
static bool
trim_home(const char *home, bool check_size)
{
	List	   *streams = streams_of(home);
	OutboxTrim	trim = {.home = home,.upto = PG_INT64_MAX,.before = DT_NOEND};
	int64	   *lost;
	bool		more;
	ListCell   *lc;

	/* Nobody reads what no stream has. */
	if (streams != NIL)
		trim.before = dsql_clock_now() - retention();
	if (check_size)
		trim.excess = dsql_stream_outbox_size(home) -
			dsql_settings_stream_max_size * INT64CONST(1048576);
	trim.deliveries = waiting_deliveries(streams);
	lost = palloc(sizeof(int64) * (list_length(trim.deliveries) + 1));
	foreach(lc, trim.deliveries)
	{
		StreamDelivery *delivery = lfirst(lc);

		trim.upto = Min(trim.upto, delivery->position);
		lost[foreach_current_index(lc)] = delivery->lost;
	}
	more = dsql_stream_outbox_trim(&trim);
	store_losses(trim.deliveries, lost, streams);
	return more;
}

/*
 * Deliveries first: a stream that is new now has none of them.
 */
static void
end_deliveries(void)
{
	List	   *deliveries = dsql_stream_outbox_deliveries();
	List	   *streams = dsql_stream_watch_list();
	ListCell   *lc;
	ListCell   *lc2;

	foreach(lc, deliveries)
	{
		StreamDelivery *delivery = lfirst(lc);
		bool		found = false;

		foreach(lc2, streams)
			if (strcmp(((WatchedStream *) lfirst(lc2))->stream->identifier,
					   delivery->stream) == 0)
			found = true;
		if (!found)
			dsql_stream_outbox_end_delivery(delivery->stream);
	}
}

/*
 * One transaction.  Returns whether there is more to do.
 */
static bool
trim_some(bool check_size)
{
	MemoryContext context = CurrentMemoryContext;
	bool		more = false;
	ListCell   *lc;

	StartTransactionCommand();
	PushActiveSnapshot(GetTransactionSnapshot());
	end_deliveries();
	foreach(lc, dsql_stream_outbox_homes())
		if (trim_home(((OutboxHome *) lfirst(lc))->home, check_size))
		more = true;
	PopActiveSnapshot();
	CommitTransactionCommand();
	MemoryContextSwitchTo(context);
	return more;
}

void
dsql_stream_retention_trim(bool check_size)
{
	while (trim_some(check_size))
		CHECK_FOR_INTERRUPTS();
}
