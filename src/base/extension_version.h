/*
 * extension_version.h
 *		Whether the library and the extension's SQL objects fit each other.
 *
 * A new library may be installed before ALTER EXTENSION dsql_emu UPDATE is run
 * in a database, and an old one may find a database that was updated.
 */
#ifndef DSQL_EXTENSION_VERSION_H
#define DSQL_EXTENSION_VERSION_H

#include "nodes/nodes.h"

/*
 * Does this database have the version of the extension that the library
 * speaks?  The answer is looked up until it is yes.  Only in a transaction.
 */
extern bool dsql_extension_version_fits(void);

/* The version that the library is. */
extern const char *dsql_extension_version_of_library(void);

/* Raise an error, with a hint, if it does not. */
extern void dsql_extension_version_require(void);

/* Is it DROP EXTENSION dsql_emu? */
extern bool dsql_extension_is_dropped(Node *stmt);

#endif							/* DSQL_EXTENSION_VERSION_H */
