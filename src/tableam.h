/*
 * tableam.h
 *		The table access method btree_table.
 */
#ifndef DSQL_TABLEAM_H
#define DSQL_TABLEAM_H

#include "utils/relcache.h"

extern bool dsql_tableam_is_ours(Relation rel);

#endif							/* DSQL_TABLEAM_H */
