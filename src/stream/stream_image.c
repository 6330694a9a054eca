/*
 * stream_image.c
 *		The JSON of a table's rows, as change records have it.
 */
#include "postgres.h"

#include "access/sysattr.h"
#include "utils/json.h"
#include "utils/rel.h"

#include "stream/stream_image.h"
#include "stream/stream_value.h"

typedef struct ImageColumn
{
	AttrNumber	attnum;
	bool		in_key;
	char	   *name;			/* as it is written: "name": */
	int			name_length;
	StreamValueType type;
} ImageColumn;

struct StreamImage
{
	bool		has_key;
	int			ncolumns;
	ImageColumn columns[FLEXIBLE_ARRAY_MEMBER];
};

static void
prepare_column(ImageColumn *column, Form_pg_attribute att, Bitmapset *key)
{
	StringInfoData name;

	initStringInfo(&name);
	escape_json(&name, NameStr(att->attname));
	appendStringInfoChar(&name, ':');
	column->attnum = att->attnum;
	column->in_key = bms_is_member(att->attnum - FirstLowInvalidHeapAttributeNumber,
								   key);
	column->name = name.data;
	column->name_length = name.len;
	dsql_stream_value_init(&column->type, att->atttypid);
}

StreamImage *
dsql_stream_image_prepare(Relation rel)
{
	TupleDesc	desc = RelationGetDescr(rel);
	StreamImage *image = palloc0(offsetof(StreamImage, columns) +
								 desc->natts * sizeof(ImageColumn));
	Bitmapset  *key = RelationGetIndexAttrBitmap(rel, INDEX_ATTR_BITMAP_PRIMARY_KEY);

	image->has_key = !bms_is_empty(key);
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		if (!att->attisdropped)
			prepare_column(&image->columns[image->ncolumns++], att, key);
	}
	bms_free(key);
	return image;
}

bool
dsql_stream_image_has_key(const StreamImage *image)
{
	return image->has_key;
}

void
dsql_stream_image_append(StringInfo json, StreamImage *image,
						 TupleTableSlot *slot, bool only_key)
{
	char		before = '{';

	for (int i = 0; i < image->ncolumns; i++)
	{
		ImageColumn *column = &image->columns[i];
		bool		isnull;
		Datum		value;

		if (only_key && !column->in_key)
			continue;
		appendStringInfoChar(json, before);
		before = ',';
		appendBinaryStringInfo(json, column->name, column->name_length);
		value = slot_getattr(slot, column->attnum, &isnull);
		if (isnull)
			appendBinaryStringInfo(json, "null", 4);
		else
			dsql_stream_value_append(json, &column->type, value);
	}
	if (before == '{')
		appendStringInfoChar(json, '{');
	appendStringInfoChar(json, '}');
}
