/*
 * stream_outbox.c
 *		The rows of dsql.stream_outbox and dsql.stream_delivery.
 *
 * All streams of a cluster share its records.  A row has some records of one
 * transaction, whose positions follow each other; it has the last one's.  They
 * are read in the order of their positions, and only up to where no transaction
 * is about to add one.
 */
#include "postgres.h"

#include <inttypes.h>

#include "access/detoast.h"
#include "access/htup_details.h"
#include "access/transam.h"
#include "access/xact.h"
#include "access/xlog.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"

#include "base/catalog.h"
#include "stream/stream_outbox.h"
#include "stream/stream_pack.h"
#include "stream/stream_position.h"

/* How many records are deleted in one transaction. */
#define TRIM_BATCH 10000

Size
dsql_stream_outbox_insert(List *bodies, int64 position, TimestampTz committed)
{
	DsqlCatalogScan scan;
	Size		bytes = 0;
	ListCell   *lc;

	dsql_catalog_open(&scan, "stream_outbox", RowExclusiveLock);
	foreach(lc, bodies)
	{
		StreamBody *body = lfirst(lc);
		DsqlCatalogRow row;

		if (body->count == 0)
			continue;
		position += body->count;
		dsql_catalog_row_init(&row, &scan);
		dsql_catalog_set_text(&row, &scan, "cluster", body->home);
		dsql_catalog_set(&row, &scan, "position", Int64GetDatum(position - 1));
		dsql_catalog_set(&row, &scan, "committed",
						 TimestampTzGetDatum(committed));
		dsql_catalog_set(&row, &scan, "records", Int32GetDatum(body->count));
		dsql_catalog_set(&row, &scan, "body",
						 PointerGetDatum(cstring_to_text_with_len(body->data.data,
																  body->data.len)));
		dsql_catalog_append(&scan, &row);
		bytes += body->data.len;
	}
	dsql_catalog_close(&scan);
	return bytes;
}

/*
 * Begin a scan of a cluster's records, in order, before the horizon.
 */
static void
begin_records(DsqlCatalogScan *scan, LOCKMODE lockmode, const char *home,
			  int64 after)
{
	int64		horizon = dsql_stream_position_horizon();

	/* The scan's snapshot has to be newer than the horizon. */
	dsql_catalog_open(scan, "stream_outbox", lockmode);
	dsql_catalog_key_text(scan, "cluster", home);
	dsql_catalog_key(scan, "position", BTGreaterStrategyNumber, F_INT8GT,
					 Int64GetDatum(after));
	dsql_catalog_key(scan, "position", BTLessStrategyNumber, F_INT8LT,
					 Int64GetDatum(horizon));
	dsql_catalog_begin(scan, "stream_outbox_pkey");
}

/*
 * Up to where does WAL have to be on disk for a row to survive a crash?  One
 * sees what a transaction that does not wait for that has committed.
 */
static XLogRecPtr
durable_at(HeapTuple tuple)
{
	TransactionId xid = HeapTupleHeaderGetXmin(tuple->t_data);

	if (RecoveryInProgress() || TransactionIdIsCurrentTransactionId(xid))
		return InvalidXLogRecPtr;
	return TransactionIdGetCommitLSN(xid);
}

/*
 * The position of the first record of the row that the scan is at.
 */
static int64
first_position(const DsqlCatalogScan *scan)
{
	return dsql_catalog_int64(scan, "position") + 1 -
		DatumGetInt32(dsql_catalog_value(scan, "records"));
}

/*
 * How many records of that row are after a position.
 */
static int64
count_after(const DsqlCatalogScan *scan, int64 after)
{
	return dsql_catalog_int64(scan, "position") + 1 -
		Max(first_position(scan), after + 1);
}

/* What is read, and how much of it at most. */
typedef struct Reading
{
	int64		after;
	int			max;
	Size		max_bytes;
	List	   *records;
	Size		bytes;
} Reading;

/*
 * Read the row's records that are wanted.  False if there is enough.
 */
static bool
read_row(DsqlCatalogScan *scan, Reading *reading)
{
	bytea	   *body = DatumGetByteaPP(dsql_catalog_value(scan, "body"));
	int64		last = dsql_catalog_int64(scan, "position");
	TimestampTz committed = dsql_catalog_time(scan, "committed");
	StreamUnpack unpack;

	dsql_stream_unpack(&unpack, VARDATA_ANY(body), VARSIZE_ANY_EXHDR(body));
	for (int64 position = first_position(scan); position <= last; position++)
	{
		OutboxRecord *record;

		if (position <= reading->after)
		{
			dsql_stream_unpack_skip(&unpack);
			continue;
		}
		if (list_length(reading->records) >= reading->max)
			return false;
		record = palloc(sizeof(OutboxRecord));
		record->position = position;
		record->committed = committed;
		dsql_stream_unpack_next(&unpack, &record->record);
		reading->bytes += strlen(record->record.head);
		if (reading->records != NIL && reading->bytes > reading->max_bytes)
			return false;
		reading->records = lappend(reading->records, record);
	}
	return list_length(reading->records) < reading->max;
}

List *
dsql_stream_outbox_read(const char *home, int64 after, int max,
						Size max_bytes)
{
	DsqlCatalogScan scan;
	Reading		reading = {.after = after,.max = max,.max_bytes = max_bytes};
	XLogRecPtr	durable = InvalidXLogRecPtr;
	bool		more = max > 0;

	begin_records(&scan, AccessShareLock, home, after);
	while (more && dsql_catalog_next(&scan))
	{
		durable = Max(durable, durable_at(scan.tuple));
		more = read_row(&scan, &reading);
	}
	dsql_catalog_close(&scan);
	if (!XLogRecPtrIsInvalid(durable))
		XLogFlush(durable);
	return reading.records;
}

char *
dsql_stream_outbox_partition_key(const OutboxRecord *record)
{
	uint64		high = hash_bytes_extended((const void *) &record->position,
										   sizeof(int64), 1);
	uint64		low = hash_bytes_extended((const void *) &record->position,
										  sizeof(int64), 2);

	return psprintf("%08x-%04x-%04x-%04x-%012" PRIx64,
					(uint32) (high >> 32), (uint32) (high >> 16) & 0xffff,
					(uint32) (high & 0x0fff) | 0x4000,
					(uint32) (low >> 48 & 0x3fff) | 0x8000,
					low & UINT64CONST(0xffffffffffff));
}

bool
dsql_stream_outbox_any(const char *home, int64 after)
{
	DsqlCatalogScan scan;
	bool		found;

	begin_records(&scan, AccessShareLock, home, after);
	found = dsql_catalog_next(&scan);
	dsql_catalog_close(&scan);
	return found;
}

int64
dsql_stream_outbox_count(const char *home, int64 after, TimestampTz *first)
{
	DsqlCatalogScan scan;
	int64		count = 0;

	begin_records(&scan, AccessShareLock, home, after);
	while (dsql_catalog_next(&scan))
	{
		if (count == 0)
			*first = dsql_catalog_time(&scan, "committed");
		count += count_after(&scan, after);
	}
	dsql_catalog_close(&scan);
	return count;
}

/*
 * What the row that the scan is at takes: as it is stored.
 */
static int64
stored_size(DsqlCatalogScan *scan)
{
	int64		size = scan->tuple->t_len;
	Datum		body = dsql_catalog_value(scan, "body");

	/* What is in the tuple itself is counted. */
	if (VARATT_IS_EXTERNAL(DatumGetPointer(body)))
		size += toast_datum_size(body);
	return size;
}

int64
dsql_stream_outbox_size(const char *home)
{
	DsqlCatalogScan scan;
	int64		size = 0;

	begin_records(&scan, AccessShareLock, home, 0);
	while (dsql_catalog_next(&scan))
	{
		CHECK_FOR_INTERRUPTS();
		size += stored_size(&scan);
	}
	dsql_catalog_close(&scan);
	return size;
}

/*
 * The first record of the first cluster after this one; NULL if there is none.
 */
static OutboxHome *
next_home(const char *after)
{
	DsqlCatalogScan scan;
	OutboxHome *home = NULL;

	dsql_catalog_open(&scan, "stream_outbox", AccessShareLock);
	if (after != NULL)
		dsql_catalog_key(&scan, "cluster", BTGreaterStrategyNumber, F_TEXT_GT,
						 CStringGetTextDatum(after));
	dsql_catalog_begin(&scan, "stream_outbox_pkey");
	if (dsql_catalog_next(&scan))
	{
		home = palloc(sizeof(OutboxHome));
		home->home = dsql_catalog_text(&scan, "cluster");
		home->position = dsql_catalog_int64(&scan, "position");
		home->committed = dsql_catalog_time(&scan, "committed");
	}
	dsql_catalog_close(&scan);
	return home;
}

List *
dsql_stream_outbox_homes(void)
{
	List	   *homes = NIL;
	OutboxHome *home = NULL;

	while ((home = next_home(home ? home->home : NULL)) != NULL)
		homes = lappend(homes, home);
	return homes;
}

/*
 * The row's records go before those who wait for them have got them.
 */
static void
count_loss(List *deliveries, const DsqlCatalogScan *scan, int64 position)
{
	ListCell   *lc;

	foreach(lc, deliveries)
	{
		StreamDelivery *delivery = lfirst(lc);

		if (position > delivery->position)
		{
			delivery->lost += count_after(scan, delivery->position);
			delivery->position = position;
		}
	}
}

bool
dsql_stream_outbox_trim(OutboxTrim *trim)
{
	DsqlCatalogScan scan;
	int			count = 0;

	begin_records(&scan, RowExclusiveLock, trim->home, 0);
	while (count < TRIM_BATCH && dsql_catalog_next(&scan))
	{
		int64		position = dsql_catalog_int64(&scan, "position");

		CHECK_FOR_INTERRUPTS();
		if ((position > trim->upto ||
			 dsql_catalog_time(&scan, "committed") > trim->before) &&
			trim->excess <= 0)
			break;
		trim->excess -= stored_size(&scan);
		count_loss(trim->deliveries, &scan, position);
		dsql_catalog_delete(&scan);
		count++;
	}
	dsql_catalog_close(&scan);
	return count == TRIM_BATCH;
}

static void
set_delivery(DsqlCatalogRow *row, DsqlCatalogScan *scan,
			 const StreamDelivery *delivery)
{
	dsql_catalog_row_init(row, scan);
	dsql_catalog_set_text(row, scan, "stream", delivery->stream);
	dsql_catalog_set(row, scan, "started", Int64GetDatum(delivery->started));
	dsql_catalog_set(row, scan, "position", Int64GetDatum(delivery->position));
	dsql_catalog_set(row, scan, "sent", Int64GetDatum(delivery->sent));
	dsql_catalog_set(row, scan, "lost", Int64GetDatum(delivery->lost));
	dsql_catalog_set_text(row, scan, "problem", delivery->problem);
}

static void
insert_delivery(const StreamDelivery *delivery)
{
	DsqlCatalogScan scan;
	DsqlCatalogRow row;

	dsql_catalog_open(&scan, "stream_delivery", RowExclusiveLock);
	set_delivery(&row, &scan, delivery);
	dsql_catalog_insert(&scan, &row);
	dsql_catalog_close(&scan);
}

static StreamDelivery *
new_delivery(const Stream *stream)
{
	StreamDelivery *delivery = palloc0(sizeof(StreamDelivery));

	delivery->stream = stream->identifier;
	delivery->started = delivery->position = stream->started;
	return delivery;
}

void
dsql_stream_outbox_begin_delivery(Stream *stream, bool here)
{
	stream->started = dsql_stream_position_now();
	if (here)
		insert_delivery(new_delivery(stream));
}

static bool
find_delivery(DsqlCatalogScan *scan, const char *stream, LOCKMODE lockmode)
{
	dsql_catalog_open(scan, "stream_delivery", lockmode);
	dsql_catalog_key_text(scan, "stream", stream);
	dsql_catalog_begin(scan, "stream_delivery_pkey");
	return dsql_catalog_next(scan);
}

static StreamDelivery *
make_delivery(DsqlCatalogScan *scan)
{
	StreamDelivery *delivery = palloc(sizeof(StreamDelivery));

	delivery->stream = dsql_catalog_text(scan, "stream");
	delivery->started = dsql_catalog_int64(scan, "started");
	delivery->position = dsql_catalog_int64(scan, "position");
	delivery->sent = dsql_catalog_int64(scan, "sent");
	delivery->lost = dsql_catalog_int64(scan, "lost");
	delivery->problem = dsql_catalog_text(scan, "problem");
	return delivery;
}

/*
 * A stream that was made in another database has none before it is stored for
 * the first time.
 */
StreamDelivery *
dsql_stream_outbox_delivery(const Stream *stream)
{
	DsqlCatalogScan scan;
	StreamDelivery *delivery = NULL;

	if (find_delivery(&scan, stream->identifier, AccessShareLock))
		delivery = make_delivery(&scan);
	dsql_catalog_close(&scan);
	if (delivery == NULL && stream->started != 0)
		delivery = new_delivery(stream);
	return delivery;
}

void
dsql_stream_outbox_update_delivery(const StreamDelivery *delivery)
{
	DsqlCatalogScan scan;
	DsqlCatalogRow row;
	bool		found;

	found = find_delivery(&scan, delivery->stream, RowExclusiveLock);
	if (found)
	{
		set_delivery(&row, &scan, delivery);
		dsql_catalog_update(&scan, &row);
	}
	dsql_catalog_close(&scan);
	if (!found)
		insert_delivery(delivery);
}

List *
dsql_stream_outbox_deliveries(void)
{
	DsqlCatalogScan scan;
	List	   *deliveries = NIL;

	dsql_catalog_open(&scan, "stream_delivery", AccessShareLock);
	dsql_catalog_begin(&scan, "stream_delivery_pkey");
	while (dsql_catalog_next(&scan))
		deliveries = lappend(deliveries, make_delivery(&scan));
	dsql_catalog_close(&scan);
	return deliveries;
}

void
dsql_stream_outbox_end_delivery(const char *stream)
{
	DsqlCatalogScan scan;

	if (find_delivery(&scan, stream, RowExclusiveLock))
		dsql_catalog_delete(&scan);
	dsql_catalog_close(&scan);
}
