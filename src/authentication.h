/*
 * authentication.h
 *		Who may connect: TLS, server names, tokens.
 */
#ifndef DSQL_AUTHENTICATION_H
#define DSQL_AUTHENTICATION_H

extern void dsql_authentication_install(void);

#endif							/* DSQL_AUTHENTICATION_H */
