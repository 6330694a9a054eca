/*
 * lexer.c
 *		Where the words of an SQL text are.
 *
 * PostgreSQL's own scanner knows this, too, but cannot be run twice: it warns
 * about each over-long identifier, each doubtful escape and each broken token.
 * The rules here are those of its scan.l.  In the encodings that a server can
 * have, no byte of a multibyte character looks like ASCII.
 */
#include "postgres.h"

#include "parser/parser.h"
#include "parser/scansup.h"

#include "dialect/lexer.h"

#define OPERATOR_CHARS "~!@#^&|`?+-*/%<>="

static inline bool
starts_comment(const char *s)
{
	return (s[0] == '-' && s[1] == '-') || (s[0] == '/' && s[1] == '*');
}

static inline bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool
starts_identifier(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
		IS_HIGHBIT_SET(c);
}

static inline bool
continues_identifier(char c)
{
	return starts_identifier(c) || is_digit(c) || c == '$';
}

static const char *
skip_line_comment(const char *s)
{
	return s + strcspn(s, "\n\r");
}

/* The end of a block comment, or NULL if it does not end. */
static const char *
skip_block_comment(const char *s)
{
	int			depth = 0;

	do
	{
		if (s[0] == '/' && s[1] == '*')
		{
			depth++;
			s += 2;
		}
		else if (s[0] == '*' && s[1] == '/')
		{
			depth--;
			s += 2;
		}
		else if (*s++ == '\0')
			return NULL;
	} while (depth > 0);
	return s;
}

/*
 * The first character after the opening quote of a string's next part, if
 * there is one: parts that only white space with a line break separates are
 * one string.
 */
static const char *
string_continues(const char *s)
{
	bool		newline = false;

	for (;;)
	{
		if (scanner_isspace(*s))
		{
			newline |= (*s == '\n' || *s == '\r');
			s++;
		}
		else if (s[0] == '-' && s[1] == '-')
			s = skip_line_comment(s);
		else
			break;
	}
	return newline && *s == '\'' ? s + 1 : NULL;
}

/*
 * The end of a string whose opening quote was read, or NULL if it does not
 * end.
 */
static const char *
skip_string(const char *s, bool escapes)
{
	for (;;)
	{
		if (*s == '\0')
			return NULL;
		if (*s == '\\' && escapes)
			s += s[1] != '\0' ? 2 : 1;
		else if (s[0] == '\'' && s[1] == '\'')
			s += 2;
		else if (*s++ == '\'')
		{
			const char *next = string_continues(s);

			if (next == NULL)
				return s;
			s = next;
		}
	}
}

/* The same for a quoted identifier. */
static const char *
skip_name(const char *s)
{
	for (;;)
	{
		if (*s == '\0')
			return NULL;
		if (s[0] == '"' && s[1] == '"')
			s += 2;
		else if (*s++ == '"')
			return s;
	}
}

/*
 * The end of the opening delimiter of a dollar-quoted string, or NULL if there
 * is none here.
 */
static const char *
dollar_delimiter(const char *s)
{
	s++;
	if (starts_identifier(*s))
		while (starts_identifier(*s) || is_digit(*s))
			s++;
	return *s == '$' ? s + 1 : NULL;
}

/* The end of a dollar-quoted string, or NULL if it does not end. */
static const char *
skip_dollar_string(const char *s, const char *body)
{
	size_t		len = body - s;

	while ((body = strchr(body, '$')) != NULL)
	{
		if (strncmp(body, s, len) == 0)
			return body + len;
		body++;
	}
	return NULL;
}

static const char *
skip_other(const char *s)
{
	if (*s == '$')
	{
		s++;
		while (is_digit(*s))
			s++;
		return s;
	}

	/*
	 * Accept all characters that can be in a number, even if they do not make
	 * a valid one.
	 */
	if (is_digit(*s) || (*s == '.' && is_digit(s[1])))
	{
		while (starts_identifier(*s) || is_digit(*s) || *s == '.')
			s++;
		return s;
	}

	if (strchr(OPERATOR_CHARS, *s) == NULL)
		return s + 1;
	while (*s != '\0' && strchr(OPERATOR_CHARS, *s) && !starts_comment(s))
		s++;
	return s;
}

DsqlLexerToken
dsql_lexer_next(const char *text)
{
	DsqlLexerToken token;
	const char *s = text;
	const char *end;
	const char *body;

	for (;;)
	{
		if (scanner_isspace(*s))
			s++;
		else if (s[0] == '-' && s[1] == '-')
			s = skip_line_comment(s);
		else if (s[0] == '/' && s[1] == '*' &&
				 (end = skip_block_comment(s)) != NULL)
			s = end;
		else
			break;
	}

	token.start = s;
	if (*s == '\0')
	{
		token.kind = DSQL_LEXER_END;
		end = s;
	}
	else if (starts_comment(s))
	{
		token.kind = DSQL_LEXER_BROKEN;
		end = NULL;
	}
	else if (*s == '"')
	{
		token.kind = DSQL_LEXER_NAME;
		end = skip_name(s + 1);
	}
	else if (pg_strncasecmp(s, "u&\"", 3) == 0)
	{
		token.kind = DSQL_LEXER_NAME;
		end = skip_name(s + 3);
	}
	else if (*s == '\'')
	{
		token.kind = DSQL_LEXER_STRING;
		end = skip_string(s + 1, !standard_conforming_strings);
	}
	else if (pg_strncasecmp(s, "e'", 2) == 0)
	{
		token.kind = DSQL_LEXER_STRING;
		end = skip_string(s + 2, true);
	}
	else if (pg_strncasecmp(s, "u&'", 3) == 0)
	{
		token.kind = DSQL_LEXER_STRING;
		end = skip_string(s + 3, false);
	}
	else if (pg_strncasecmp(s, "b'", 2) == 0 ||
			 pg_strncasecmp(s, "x'", 2) == 0)
	{
		token.kind = DSQL_LEXER_OTHER;
		end = skip_string(s + 2, false);
	}
	else if (*s == '$' && (body = dollar_delimiter(s)) != NULL)
	{
		token.kind = DSQL_LEXER_STRING;
		end = skip_dollar_string(s, body);
	}
	else if (starts_identifier(*s))
	{
		token.kind = DSQL_LEXER_WORD;
		for (end = s; continues_identifier(*end);)
			end++;
	}
	else
	{
		token.kind = DSQL_LEXER_OTHER;
		end = skip_other(s);
	}

	if (end == NULL)
	{
		token.kind = DSQL_LEXER_BROKEN;
		end = s + strlen(s);
	}
	token.end = end;
	return token;
}

bool
dsql_lexer_is_word(const DsqlLexerToken *token, const char *word)
{
	size_t		len = token->end - token->start;

	return token->kind == DSQL_LEXER_WORD && strlen(word) == len &&
		pg_strncasecmp(token->start, word, len) == 0;
}

bool
dsql_lexer_is_char(const DsqlLexerToken *token, char c)
{
	return token->kind == DSQL_LEXER_OTHER && *token->start == c &&
		token->end == token->start + 1;
}

void
dsql_lexer_note(DsqlLexerPlace *place, const DsqlLexerToken *token)
{
	bool		after_begin = false;

	if (place->at_start)
		place->in_create = dsql_lexer_is_word(token, "create");
	place->at_start = false;

	if (place->atomic_body > 0)
	{
		if (dsql_lexer_is_word(token, "case"))
			place->atomic_body++;
		else if (dsql_lexer_is_word(token, "end"))
			place->atomic_body--;
	}
	else if (place->in_create && dsql_lexer_is_word(token, "begin"))
		after_begin = true;
	else if (place->after_begin && dsql_lexer_is_word(token, "atomic"))
		place->atomic_body = 1;
	else if (dsql_lexer_is_char(token, '('))
		place->parentheses++;
	else if (dsql_lexer_is_char(token, ')'))
		place->parentheses--;
	else if (dsql_lexer_is_char(token, ';'))
		place->at_start = place->parentheses == 0;

	place->after_begin = after_begin;
}
