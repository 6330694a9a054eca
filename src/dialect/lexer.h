/*
 * lexer.h
 *		Where the words of an SQL text are.
 */
#ifndef DSQL_LEXER_H
#define DSQL_LEXER_H

typedef enum DsqlLexerTokenKind
{
	DSQL_LEXER_END,				/* end of the text; empty */
	DSQL_LEXER_WORD,			/* a keyword or an unquoted identifier */
	DSQL_LEXER_NAME,			/* a quoted identifier */
	DSQL_LEXER_STRING,			/* a character string, dollar quotes included */
	DSQL_LEXER_OTHER,			/* number, parameter, operator, punctuation */
	DSQL_LEXER_BROKEN			/* unterminated quotes or comment, up to the
								 * end */
} DsqlLexerTokenKind;

typedef struct DsqlLexerToken
{
	DsqlLexerTokenKind kind;
	const char *start;			/* in the text that was read */
	const char *end;			/* behind its last byte */
} DsqlLexerToken;

/*
 * Where one is in a text of statements, after some of its tokens.  It begins
 * with "at_start".
 */
typedef struct DsqlLexerPlace
{
	bool		at_start;		/* no token of the statement read yet */
	bool		in_create;		/* the statement begins with CREATE */
	bool		after_begin;	/* the last token was BEGIN */
	int			parentheses;	/* open ones */
	int			atomic_body;	/* BEGIN ATOMIC and the CASEs in it */
} DsqlLexerPlace;

/*
 * The first token at or after "text", without white space and comments.  The
 * text must not begin within a token.  The tokens are those of PostgreSQL's
 * scanner, with two differences that do not matter for finding words: text
 * that the scanner refuses may be any token here, and operators may be split
 * otherwise.  Raises and reports nothing, allocates nothing.
 */
extern DsqlLexerToken dsql_lexer_next(const char *text);

/* Is the token this keyword?  The word is given in lower case. */
extern bool dsql_lexer_is_word(const DsqlLexerToken *token, const char *word);

/* Is the token this one character? */
extern bool dsql_lexer_is_char(const DsqlLexerToken *token, char c);

/*
 * Take note of the next token.  Statements do not begin within parentheses
 * (CREATE RULE) and not in the body of a function (BEGIN ATOMIC).
 */
extern void dsql_lexer_note(DsqlLexerPlace *place, const DsqlLexerToken *token);

#endif							/* DSQL_LEXER_H */
