/*
 * session.h
 *		Is this session emulated?
 */
#ifndef DSQL_SESSION_H
#define DSQL_SESSION_H

/*
 * True in a client backend whose database has the extension, unless
 * dsql_emu.mode is off or an extension's script is running.
 */
extern bool dsql_session_emulated(void);

/*
 * The same, and what is refused has to be refused: dsql_emu.mode is enforce.
 */
extern bool dsql_session_enforced(void);

/*
 * Is the extension created in this database?  The answer is kept, and looked
 * up again after the catalog changed.  Looking needs a valid transaction:
 * outside one, an aborted block included, the last answer stands.
 */
extern bool dsql_session_has_extension(void);

#endif							/* DSQL_SESSION_H */
