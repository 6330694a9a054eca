/*
 * explain_trim.c
 *		What PostgreSQL prints of a plan and the service does not.
 *
 * Nodes that are PostgreSQL's own, such as sorts and scans of catalogs, are
 * printed by PostgreSQL.  It tells of visits to the heap, and since 18 of nodes
 * that are switched off, searches, the place of intermediate results, windows,
 * and fractions of rows.  In each format a property is a line of its own.
 */
#include "postgres.h"

#include "base/compat.h"
#include "explain/explain_trim.h"

#define FRACTION ".00"

/* The line from "start" to "end" begins with these words, after spaces. */
static const char *
after_words(const char *start, const char *end, const char *words)
{
	Size		length = strlen(words);

	while (start < end && *start == ' ')
		start++;
	return end - start >= length && memcmp(start, words, length) == 0 ?
		start + length : NULL;
}

static bool
begins_with_any(const char *start, const char *end, const char *const *words)
{
	for (; *words != NULL; words++)
	{
		if (after_words(start, end, *words) != NULL)
			return true;
	}
	return false;
}

static bool
is_dropped(const char *start, const char *end)
{
	static const char *const dropped[] = {
		"Heap Fetches: ", "\"Heap Fetches\": ", "<Heap-Fetches>",
		"Disabled: ", "\"Disabled\": ", "<Disabled>",
		"Index Searches: ", "\"Index Searches\": ", "<Index-Searches>",
		"Storage: ", "\"Storage\": ", "<Storage>",
		"Maximum Storage: ", "\"Maximum Storage\": ", "<Maximum-Storage>",
		"Window: ", "\"Window\": ", "<Window>",
		NULL
	};

	return begins_with_any(start, end, dropped);
}

static const char *
skip_number(const char *at)
{
	while ((*at >= '0' && *at <= '9') || *at == '.')
		at++;
	return at;
}

/*
 * Where the numbers of the second group of a node's head begin in text: what is
 * measured is at the end of the line.  NULL if there are none.
 */
static const char *
measured(const char *start, const char *end)
{
	static const char begins[] = " (actual ";
	const char *at = NULL;

	for (const char *p = start; p + strlen(begins) < end; p++)
	{
		if (memcmp(p, begins, strlen(begins)) == 0)
			at = p + strlen(begins);
	}
	if (at != NULL && strncmp(at, "time=", 5) == 0)
		at = skip_number(at + 5) + 1;
	if (at == NULL || strncmp(at, "rows=", 5) != 0)
		return NULL;
	at += 5;
	if (strncmp(skip_number(at), " loops=", 7) != 0)
		return NULL;
	return skip_number(skip_number(at) + 7) + 1 == end ? at : NULL;
}

/*
 * The number of actual rows, or NULL if the line does not tell it.
 */
static const char *
actual_rows(const char *start, const char *end, ExplainFormat format)
{
	switch (format)
	{
		case EXPLAIN_FORMAT_TEXT:
			return measured(start, end);
		case EXPLAIN_FORMAT_JSON:
			return after_words(start, end, "\"Actual Rows\": ");
		case EXPLAIN_FORMAT_XML:
			return after_words(start, end, "<Actual-Rows>");
		default:
			return after_words(start, end, "Actual Rows: ");
	}
}

static void
trim_line(StringInfo to, const char *start, const char *end,
		  ExplainFormat format)
{
	const char *rows = actual_rows(start, end, format);
	const char *fraction = NULL;

	if (rows != NULL)
		fraction = skip_number(rows) - strlen(FRACTION);
	if (fraction == NULL || fraction <= rows ||
		memcmp(fraction, FRACTION, strlen(FRACTION)) != 0)
	{
		appendBinaryStringInfo(to, start, end - start);
		return;
	}
	appendBinaryStringInfo(to, start, fraction - start);
	fraction += strlen(FRACTION);
	appendBinaryStringInfo(to, fraction, end - fraction);
}

/*
 * The line before the last one of a group of JSON has a comma.
 */
static void
drop_line(StringInfo to, const char *end, ExplainFormat format)
{
	if (format == EXPLAIN_FORMAT_JSON && end[-1] != ',' && to->len > 1 &&
		to->data[to->len - 2] == ',')
	{
		to->len -= 2;
		appendStringInfoChar(to, '\n');
	}
}

void
dsql_explain_trim(ExplainState *es, int start)
{
	char	   *printed = pstrdup(es->str->data + start);
	char	   *line = printed;

	es->str->len = start;
	es->str->data[start] = '\0';
	while (*line != '\0')
	{
		char	   *end = line + strcspn(line, "\n");
		bool		last = *end == '\0';

		if (is_dropped(line, end))
			drop_line(es->str, end, es->format);
		else
		{
			trim_line(es->str, line, end, es->format);
			if (!last)
				appendStringInfoChar(es->str, '\n');
		}
		line = last ? end : end + 1;
	}
	pfree(printed);
}
