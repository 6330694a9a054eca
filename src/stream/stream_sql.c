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
#include "base/current_cluster.h"
#include "stream/stream_disorder.h"
#include "stream/stream_outbox.h"
#include "stream/stream_position.h"
#include "stream/stream_watch.h"

/* What is read at a time, in bytes, at most. */
#define MAX_BYTES ((Size) 64 * 1024 * 1024)

static bool
may_see(const Cluster *cluster)
{
	return superuser() ||
		strcmp(dsql_stream_watch_home(cluster),
			   dsql_current_cluster_home()) == 0;
}

static StreamDelivery *
find_delivery(const char *cluster_id, const char *stream_id, Cluster **cluster)
{
	StreamDelivery *delivery = NULL;

	*cluster = dsql_cluster_catalog_cluster(cluster_id);
	if (*cluster != NULL && may_see(*cluster) &&
		dsql_cluster_catalog_stream(cluster_id, stream_id) != NULL)
		delivery = dsql_stream_outbox_delivery(stream_id);
	if (delivery == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("cluster \"%s\" has no stream \"%s\"", cluster_id,
						stream_id),
				 errhint("The view dsql.streams lists the streams.")));
	return delivery;
}

PG_FUNCTION_INFO_V1(dsql_stream_records);
Datum
dsql_stream_records(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	char	   *cluster_id = text_to_cstring(PG_GETARG_TEXT_PP(0));
	int64		after = PG_GETARG_INT64(2);
	int			max = PG_GETARG_INT32(3);
	Cluster    *cluster;
	StreamDelivery *delivery = find_delivery(cluster_id,
											 text_to_cstring(PG_GETARG_TEXT_PP(1)),
											 &cluster);
	List	   *records;
	ListCell   *lc;

	records = dsql_stream_outbox_read(dsql_stream_watch_home(cluster),
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

static void
put_stream(ReturnSetInfo *rsinfo, const char *home, const Stream *stream)
{
	StreamDelivery *delivery = dsql_stream_outbox_delivery(stream->identifier);
	TimestampTz now = dsql_clock_now();
	TimestampTz first = now;
	Interval	lag = {0};
	char	   *error;
	Datum		values[8];
	bool		nulls[8] = {false};

	if (delivery == NULL)
		return;
	values[0] = CStringGetTextDatum(stream->cluster);
	values[1] = CStringGetTextDatum(stream->identifier);
	values[2] = CStringGetTextDatum(dsql_cluster_stream_status_name(stream->status));
	values[3] = Int64GetDatum(dsql_stream_outbox_count(home, delivery->position,
													   &first));
	values[4] = Int64GetDatum(delivery->sent);
	values[5] = Int64GetDatum(delivery->lost);
	lag.time = Max(now - first, 0);
	values[6] = IntervalPGetDatum(&lag);
	error = error_text(stream->error, delivery->problem);
	nulls[7] = error == NULL;
	values[7] = nulls[7] ? (Datum) 0 : CStringGetTextDatum(error);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

PG_FUNCTION_INFO_V1(dsql_stream_rows);
Datum
dsql_stream_rows(PG_FUNCTION_ARGS)
{
	ListCell   *lc;
	ListCell   *lc2;

	InitMaterializedSRF(fcinfo, 0);
	foreach(lc, dsql_cluster_catalog_all_clusters())
	{
		Cluster    *cluster = lfirst(lc);

		if (!may_see(cluster))
			continue;
		foreach(lc2, dsql_cluster_catalog_streams(cluster->identifier, -1))
			put_stream((ReturnSetInfo *) fcinfo->resultinfo,
					   dsql_stream_watch_home(cluster), lfirst(lc2));
	}
	return (Datum) 0;
}
