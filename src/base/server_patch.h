/*
 * server_patch.h
 *		Change a constant of the server.
 */
#ifndef DSQL_SERVER_PATCH_H
#define DSQL_SERVER_PATCH_H

#include "fmgr.h"

/*
 * Write "size" bytes to where the server's executable has a constant, which is
 * usually in the part that is read-only once it is relocated.  While the
 * library is preloaded: all processes of the server inherit it.  False, with
 * errno, if that cannot be done.
 */
extern bool dsql_server_patch_constant(const void *constant, const void *value,
									   size_t size);

/*
 * Put a function of ours in the place of one of the server's own SQL functions,
 * which is left in *original.  Expressions that are compiled just in time call
 * the original by its name, so that no statement that ours is for may be.
 */
extern bool dsql_server_patch_function(Oid function, PGFunction ours,
									   PGFunction *original);

#endif							/* DSQL_SERVER_PATCH_H */
