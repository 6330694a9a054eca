/*
 * query_identifier.c
 *		How the service writes the identifier of a query.
 *
 * In z-base-32: five bits at a time, from the highest on, the last ones filled
 * up with zero.
 */
#include "postgres.h"

#include "explain/query_identifier.h"

void
dsql_query_identifier(uint64 query_id, char text[DSQL_QUERY_IDENTIFIER_LEN + 1])
{
	static const char alphabet[] = "ybndrfg8ejkmcpqxot1uwisza345h769";

	for (int i = 0; i < DSQL_QUERY_IDENTIFIER_LEN; i++)
	{
		int			shift = 64 - 5 * (i + 1);

		text[		i] = alphabet[(shift >= 0 ? query_id >> shift :
								   query_id << -shift) & 31];
	}
	text[		DSQL_QUERY_IDENTIFIER_LEN] = '\0';
}
