/*
 * authentication.h
 *		Who may connect: TLS, server names, tokens.
 */
#ifndef DSQL_AUTHENTICATION_H
#define DSQL_AUTHENTICATION_H

extern void dsql_authentication_install(void);

/*
 * A connection's database is open, in a transaction: an error there refuses the
 * connection.
 */
extern void dsql_authentication_opened(void);

#endif							/* DSQL_AUTHENTICATION_H */
