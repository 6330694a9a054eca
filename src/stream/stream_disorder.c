/*
 * stream_disorder.c
 *		Records out of order and more than once, as the service may send them.
 *
 * What is done to the record at some place depends on the place and the seed
 * alone: a test that begins anew, with other times, sees the same.
 */
#include "postgres.h"

#include "common/hashfn.h"

#include "base/settings.h"
#include "stream/stream_disorder.h"

/* How far a record can come too late, in records; which part comes twice. */
#define WINDOW 16
#define REPEATED 10

typedef struct PlacedRecord
{
	void	   *record;
	uint32		place;
	uint32		number;
} PlacedRecord;

static int
compare_places(const void *a, const void *b)
{
	const PlacedRecord *left = a;
	const PlacedRecord *right = b;

	if (left->place != right->place)
		return left->place < right->place ? -1 : 1;
	return left->number < right->number ? -1 : left->number > right->number;
}

static uint32
random_number(uint32 number, uint32 what)
{
	return hash_combine(hash_combine(hash_bytes_uint32(number),
									 hash_bytes_uint32(what)),
						hash_bytes_uint32(dsql_settings_stream_disorder));
}

List *
dsql_stream_disorder(List *records)
{
	PlacedRecord *placed;
	List	   *result = NIL;
	ListCell   *lc;
	uint32		number = 0;
	int			n = 0;

	if (dsql_settings_stream_disorder == 0 || records == NIL)
		return records;

	placed = palloc(2 * list_length(records) * sizeof(PlacedRecord));
	foreach(lc, records)
	{
		bool		twice = random_number(number, 0) % REPEATED == 0;

		for (uint32 copy = 1; copy <= (twice ? 2 : 1); copy++)
		{
			placed[n].record = lfirst(lc);
			placed[n].place = number + random_number(number, copy) % WINDOW;
			placed[n].number = n;
			n++;
		}
		number++;
	}
	qsort(placed, n, sizeof(PlacedRecord), compare_places);
	for (int i = 0; i < n; i++)
		result = lappend(result, placed[i].record);
	return result;
}
