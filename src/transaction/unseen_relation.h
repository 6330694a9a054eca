/*
 * unseen_relation.h
 *		Relations that are newer than the transaction's snapshot.
 */
#ifndef DSQL_UNSEEN_RELATION_H
#define DSQL_UNSEEN_RELATION_H

/*
 * Raise PostgreSQL's own error, 42P01, if a query of the client's message
 * names a relation that another session has made since the transaction took
 * its snapshot.  On the service the transaction does not see it (a recorded
 * answer).  PostgreSQL itself always looks up names in the newest catalogs.
 *
 * This parses the message, so it is only called for transactions that are
 * known to be older than a change of the schema.  Only in a transaction.
 */
extern void dsql_unseen_relation_check(const char *message);

#endif							/* DSQL_UNSEEN_RELATION_H */
