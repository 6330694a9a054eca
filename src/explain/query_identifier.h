/*
 * query_identifier.h
 *		How the service writes the identifier of a query.
 */
#ifndef DSQL_QUERY_IDENTIFIER_H
#define DSQL_QUERY_IDENTIFIER_H

/* Thirteen characters and the end. */
#define DSQL_QUERY_IDENTIFIER_LEN 13

extern void dsql_query_identifier(uint64 query_id,
								  char text[DSQL_QUERY_IDENTIFIER_LEN + 1]);

#endif							/* DSQL_QUERY_IDENTIFIER_H */
