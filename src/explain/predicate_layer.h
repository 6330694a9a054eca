/*
 * predicate_layer.h
 *		Which part of the service evaluates a predicate.
 */
#ifndef DSQL_PREDICATE_LAYER_H
#define DSQL_PREDICATE_LAYER_H

#include "nodes/nodes.h"
#include "nodes/primnodes.h"

typedef enum DsqlLayer
{
	DSQL_LAYER_STORAGE,			/* "Filters:" of a storage node */
	DSQL_LAYER_PROCESSOR		/* "Filter:" of the query processor */
} DsqlLayer;

/* The layer of a filter on the columns of relation "varno". */
extern DsqlLayer dsql_predicate_layer(Node *clause, Index varno);

/* Can it be a condition of an index, of which PostgreSQL says so? */
extern bool dsql_predicate_fits_index(Node *clause, Index varno);

#endif							/* DSQL_PREDICATE_LAYER_H */
