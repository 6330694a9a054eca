/*
 * percent.c
 *		Percent-encoding, as in URIs.
 */
#include "postgres.h"

#include <ctype.h>

#include "utils/builtins.h"

#include "base/percent.h"

char *
dsql_percent_decode(const char *string, size_t length)
{
	const char *end = string + length;
	char	   *result = palloc(length + 1);
	char	   *next = result;

	while (string < end)
	{
		if (*string != '%')
			*next = *string++;
		else if (end - string < 3 || !isxdigit((unsigned char) string[1]) ||
				 !isxdigit((unsigned char) string[2]))
			return NULL;
		else
		{
			hex_decode(string + 1, 2, next);
			string += 3;
		}
		if (*next++ == '\0')
			return NULL;
	}
	*next = '\0';
	return result;
}
