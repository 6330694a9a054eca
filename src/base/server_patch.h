/*
 * server_patch.h
 *		Change a constant of the server.
 */
#ifndef DSQL_SERVER_PATCH_H
#define DSQL_SERVER_PATCH_H

/*
 * Write "size" bytes to where the server's executable has a constant, which is
 * usually in the part that is read-only once it is relocated.  While the
 * library is preloaded: all processes of the server inherit it.  False, with
 * errno, if that cannot be done.
 */
extern bool dsql_server_patch_constant(const void *constant, const void *value,
									   size_t size);

#endif							/* DSQL_SERVER_PATCH_H */
