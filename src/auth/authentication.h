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

/*
 * The ARN of the IAM user, role or session whose key has signed the session's
 * token; NULL if there is none, or nobody looked.
 */
extern const char *dsql_authentication_arn(void);

#endif							/* DSQL_AUTHENTICATION_H */
