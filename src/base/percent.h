/*
 * percent.h
 *		Percent-encoding, as in URIs.
 */
#ifndef DSQL_PERCENT_H
#define DSQL_PERCENT_H

/*
 * Undo the encoding of so many bytes.  NULL if it is malformed, or of a zero
 * byte; otherwise palloc'd.  A plus stands for itself.
 */
extern char *dsql_percent_decode(const char *string, size_t length);

#endif							/* DSQL_PERCENT_H */
