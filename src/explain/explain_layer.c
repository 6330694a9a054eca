/*
 * explain_layer.c
 *		The lines that the service prints below a scan.
 */
#include "postgres.h"

#include "explain/explain_layer.h"

static void
set_layer(DsqlScanLayer *layer, const char *name, const DsqlScanShape *shape,
		  bool of_table, double rows, double actual_rows)
{
	memset(layer, 0, sizeof(DsqlScanLayer));
	layer->name = name;
	layer->is_index = !of_table && OidIsValid(shape->index);
	layer->relation = layer->is_index ? shape->index : shape->table;
	layer->rows = rows;
	layer->actual_rows = actual_rows;
	layer->below = -1;
}

int
dsql_explain_layers(const DsqlScanShape *shape, const DsqlScanCount *count,
					DsqlScanLayer *layers)
{
	static const DsqlScanCount none;
	const DsqlPlanEstimate *rows = &shape->rows;

	if (count == NULL)
		count = &none;
	set_layer(&layers[0], "Storage Scan", shape, false, rows->kept,
			  count->kept);
	layers[0].columns = shape->scanned_columns;
	layers[0].filters = shape->storage;
	layers[0].filtered_rows = count->matched - count->kept;

	set_layer(&layers[1], "B-Tree Scan", shape, false, rows->matched,
			  count->matched);
	layers[1].conds = shape->conds;
	layers[1].below = 0;
	if (shape->kind != DSQL_SCAN_INDEX)
		return 2;

	set_layer(&layers[2], "Storage Lookup", shape, true, rows->looked_up,
			  count->looked_up);
	layers[2].columns = shape->looked_up_columns;
	layers[2].filters = shape->lookup;
	layers[2].filtered_rows = count->kept - count->looked_up;

	set_layer(&layers[3], "B-Tree Lookup", shape, true, rows->kept,
			  count->kept);
	layers[3].below = 2;
	return 4;
}
