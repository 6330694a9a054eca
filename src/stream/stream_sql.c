/*
 * stream_sql.c
 *		Streams as SQL shows them: how they are, and their records.
 *
 * A stream's records are rows of its cluster's users.  They are shown to
 * sessions of that cluster, and to superusers.
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "base/clock.h"
#include "base/cluster_database.h"
#include "base/current_cluster.h"
#include "stream/stream_disorder.h"
#include "stream/stream_outbox.h"
#include "stream/stream_position.h"
#include "stream/stream_watch.h"

/* What is read at a time, in bytes, at most. */
#define MAX_BYTES ((Size) 64 * 1024 * 1024)

static bool
may_see(const WatchedStream *watched)
{
	return superuser() ||
		(watched->home != NULL &&
		 strcmp(watched->home, dsql_current_cluster_home()) == 0);
}

static WatchedStream *
find_stream(const char *cluster, const char *stream)
{
	ListCell   *lc;

	foreach(lc, dsql_stream_watch_list())
	{
		WatchedStream *watched = lfirst(lc);

		if (strcmp(watched->stream->cluster, cluster) == 0 &&
			strcmp(watched->stream->identifier, stream) == 0 &&
			may_see(watched))
			return watched;
	}
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_OBJECT),
			 errmsg("cluster \"%s\" has no stream \"%s\"", cluster, stream),
			 errhint("The view dsql.streams lists the streams.")));
}

PG_FUNCTION_INFO_V1(dsql_stream_records);
Datum
dsql_stream_records(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	char	   *cluster_id = text_to_cstring(PG_GETARG_TEXT_PP(0));
	int64		after = PG_GETARG_INT64(2);
	int			max = PG_GETARG_INT32(3);
	WatchedStream *watched = find_stream(cluster_id,
										 text_to_cstring(PG_GETARG_TEXT_PP(1)));
	StreamDelivery *delivery;
	List	   *records;
	ListCell   *lc;

	if (watched->home == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("cluster \"%s\" has a database of its own", cluster_id),
				 errdetail("The records of its streams are in that database."),
				 errhint("Connect to the cluster, or, as a superuser, to database \"%s\".",
						 dsql_cluster_database_name(dsql_cluster_catalog_cluster(cluster_id)->home))));
	delivery = dsql_stream_outbox_delivery(watched->stream);
	if (delivery == NULL)
		elog(ERROR, "stream \"%s\" has no delivery",
			 watched->stream->identifier);
	records = dsql_stream_outbox_read(watched->home,
									  Max(after, delivery->started), max,
									  MAX_BYTES);
	InitMaterializedSRF(fcinfo, 0);
	foreach(lc, dsql_stream_disorder(records))
	{
		OutboxRecord *record = lfirst(lc);
		int64		now = dsql_stream_position_time(dsql_stream_position_now());
		Datum		values[4];
		bool		nulls[4] = {false};

		values[0] = Int64GetDatum(record->position);
		values[1] = CStringGetTextDatum(dsql_stream_outbox_partition_key(record));
		values[2] = CStringGetTextDatum(dsql_stream_record_finish(&record->record,
																  cluster_id,
																  now));
		values[3] = TimestampTzGetDatum(record->committed);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/*
 * What is wrong with a stream, for people: the service's code, and what the
 * sink has said.
 */
static char *
error_text(char *code, char *problem)
{
	return code == NULL || problem == NULL ? (code ? code : problem) :
		psprintf("%s: %s", code, problem);
}

/*
 * How far a stream has come is known in the database that has its records.
 */
static void
fill_in_delivery(const WatchedStream *watched, const StreamDelivery *delivery,
				 Datum *values)
{
	TimestampTz now = dsql_clock_now();
	TimestampTz first = now;
	Interval   *lag = palloc0(sizeof(Interval));

	values[3] = Int64GetDatum(dsql_stream_outbox_count(watched->home,
													   delivery->position,
													   &first));
	values[4] = Int64GetDatum(delivery->sent);
	values[5] = Int64GetDatum(delivery->lost);
	lag->time = Max(now - first, 0);
	values[6] = IntervalPGetDatum(lag);
}

static void
put_stream(ReturnSetInfo *rsinfo, const WatchedStream *watched)
{
	const Stream *stream = watched->stream;
	StreamDelivery *delivery = watched->home == NULL ? NULL :
	dsql_stream_outbox_delivery(stream);
	char	   *error = error_text(stream->error,
								   delivery ? delivery->problem : NULL);
	Datum		values[8];
	bool		nulls[8] = {false};

	values[0] = CStringGetTextDatum(stream->cluster);
	values[1] = CStringGetTextDatum(stream->identifier);
	values[2] = CStringGetTextDatum(dsql_cluster_stream_status_name(stream->status));
	if (delivery != NULL)
		fill_in_delivery(watched, delivery, values);
	else
		memset(&nulls[3], true, 4);
	nulls[7] = error == NULL;
	values[7] = nulls[7] ? (Datum) 0 : CStringGetTextDatum(error);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

PG_FUNCTION_INFO_V1(dsql_stream_rows);
Datum
dsql_stream_rows(PG_FUNCTION_ARGS)
{
	ListCell   *lc;

	InitMaterializedSRF(fcinfo, 0);
	foreach(lc, dsql_stream_watch_list())
		if (may_see(lfirst(lc)))
		put_stream((ReturnSetInfo *) fcinfo->resultinfo, lfirst(lc));
	return (Datum) 0;
}
