/*
 * explain_layer.h
 *		The lines that the service prints below a scan.
 */
#ifndef DSQL_EXPLAIN_LAYER_H
#define DSQL_EXPLAIN_LAYER_H

#include "explain/scan_count.h"
#include "explain/scan_shape.h"

/* One line, and its properties. */
typedef struct DsqlScanLayer
{
	const char *name;			/* "Storage Scan" and so on */
	Oid			relation;		/* an index or a table */
	bool		is_index;
	List	   *columns;
	List	   *filters;
	List	   *conds;
	double		rows;
	double		actual_rows;	/* in all loops */
	double		filtered_rows;
	int			below;			/* the layer that it is a part of, or -1 */
} DsqlScanLayer;

#define DSQL_MAX_SCAN_LAYERS 4

/* The number of layers. */
extern int	dsql_explain_layers(const DsqlScanShape *shape,
								const DsqlScanCount *count,
								DsqlScanLayer *layers);

#endif							/* DSQL_EXPLAIN_LAYER_H */
