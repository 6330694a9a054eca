/*
 * extension_version.h
 *		Whether the library and the extension's SQL objects fit each other.
 *
 * A new library may be installed before ALTER EXTENSION dsql_emu UPDATE is run
 * in a database, and an old one may find a database that was updated.
 */
#ifndef DSQL_EXTENSION_VERSION_H
#define DSQL_EXTENSION_VERSION_H

/*
 * Does this database have the version of the extension that the library
 * speaks?  The answer is looked up until it is yes.  Only in a transaction.
 */
extern bool dsql_extension_version_fits(void);

/* Raise an error, with a hint, if it does not. */
extern void dsql_extension_version_require(void);

#endif							/* DSQL_EXTENSION_VERSION_H */
