/*
 * dialect_lookup.c
 *		Refusals that come before PostgreSQL's errors about names.
 *
 * The service refuses a statement before it looks up a name in it.  PostgreSQL
 * analyses the query of CREATE TABLE AS, SELECT INTO, DECLARE and MERGE, and
 * the table of TABLESAMPLE, before any hook is called.  If that fails, because
 * a table or column does not exist, the client would be told of the name.
 *
 * What is called while an error is completed is the list of error context
 * callbacks.  Ours is at its end, so that it sees the error's position last.  If
 * the position is in a statement that is refused in any case, the callback
 * raises the refusal instead.  It reads the client's text with our own lexer,
 * because within an error nothing else may fail.
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "tcop/tcopprot.h"
#include "utils/memutils.h"

#include "base/refuse.h"
#include "base/session.h"
#include "dialect/dialect.h"
#include "dialect/lexer.h"

/* What the statement is that is being read. */
typedef enum StatementKind
{
	KIND_OTHER,
	KIND_CREATE_TABLE,
	KIND_SELECT
} StatementKind;

/*
 * Is it an error about a name or a type?  Syntax errors are of the same class,
 * and come before any refusal.
 */
static bool
is_lookup_failure(int sqlstate)
{
	return (ERRCODE_TO_CATEGORY(sqlstate) ==
			ERRCODE_TO_CATEGORY(ERRCODE_SYNTAX_ERROR_OR_ACCESS_RULE_VIOLATION) &&
			sqlstate != ERRCODE_SYNTAX_ERROR) ||
		sqlstate == ERRCODE_UNDEFINED_SCHEMA;
}

/*
 * The place of the n'th character of a text, from 1.
 */
static const char *
character_at(const char *text, int n)
{
	int			encoding = GetDatabaseEncoding();

	while (--n > 0 && *text !='\0')
		text	  +=pg_encoding_mblen(encoding, text);
	return text;
}

/*
 * Where the statement begins that this place is in.
 */
static const char *
statement_around(const char *text, const char *place)
{
	DsqlLexerPlace lexer_place = {.at_start = true};
	DsqlLexerToken token = dsql_lexer_next(text);
	const char *start = text;

	while (token.kind != DSQL_LEXER_END && token.start <= place)
	{
		dsql_lexer_note(&lexer_place, &token);
		if (lexer_place.at_start)
			start = token.end;
		token = dsql_lexer_next(token.end);
	}
	return start;
}

/*
 * The first token of the statement that is explained, or this one.
 */
static DsqlLexerToken
skip_explain(DsqlLexerToken token)
{
	if (!dsql_lexer_is_word(&token, "explain"))
		return token;

	token = dsql_lexer_next(token.end);
	if (dsql_lexer_is_char(&token, '('))
	{
		while (token.kind != DSQL_LEXER_END && !dsql_lexer_is_char(&token, ')'))
			token = dsql_lexer_next(token.end);
		return dsql_lexer_next(token.end);
	}
	while (dsql_lexer_is_word(&token, "analyze") ||
		   dsql_lexer_is_word(&token, "analyse") ||
		   dsql_lexer_is_word(&token, "verbose"))
		token = dsql_lexer_next(token.end);
	return token;
}

/*
 * CREATE TABLE and its like, whose AS makes the difference.
 */
static bool
creates_table(DsqlLexerToken token)
{
	do
		token = dsql_lexer_next(token.end);
	while (dsql_lexer_is_word(&token, "global") ||
		   dsql_lexer_is_word(&token, "local") ||
		   dsql_lexer_is_word(&token, "temp") ||
		   dsql_lexer_is_word(&token, "temporary") ||
		   dsql_lexer_is_word(&token, "unlogged"));
	return dsql_lexer_is_word(&token, "table") ||
		dsql_lexer_is_word(&token, "materialized");
}

static StatementKind
statement_kind(DsqlLexerToken token)
{
	if (dsql_lexer_is_word(&token, "create") && creates_table(token))
		return KIND_CREATE_TABLE;
	if (dsql_lexer_is_word(&token, "select") ||
		dsql_lexer_is_word(&token, "with") ||
		dsql_lexer_is_char(&token, '('))
		return KIND_SELECT;
	return KIND_OTHER;
}

/*
 * TABLESAMPLE method (...), where the word can also be a name
 */
static bool
is_tablesample(const DsqlLexerToken *token)
{
	DsqlLexerToken next;

	if (!dsql_lexer_is_word(token, "tablesample"))
		return false;
	next = dsql_lexer_next(token->end);
	if (next.kind != DSQL_LEXER_WORD && next.kind != DSQL_LEXER_NAME)
		return false;
	next = dsql_lexer_next(next.end);
	return dsql_lexer_is_char(&next, '(') || dsql_lexer_is_char(&next, '.');
}

/*
 * What a token says about its statement, given the one before it.
 */
static DsqlRuleId
token_rule(StatementKind kind, int parentheses, const DsqlLexerToken *before,
		   const DsqlLexerToken *token)
{
	/* There, keywords are names. */
	if (dsql_lexer_is_char(before, '.') || dsql_lexer_is_word(before, "as"))
		return NUM_DSQL_RULES;

	if (dsql_lexer_is_word(token, "into"))
	{
		if (dsql_lexer_is_word(before, "merge"))
			return RULE_STATEMENT_MERGE;
		if (kind == KIND_SELECT && !dsql_lexer_is_word(before, "insert"))
			return RULE_STATEMENT_CREATE_TABLE_AS;
	}
	if (kind == KIND_CREATE_TABLE && parentheses == 0 &&
		dsql_lexer_is_word(token, "as"))
		return RULE_STATEMENT_CREATE_TABLE_AS;
	return NUM_DSQL_RULES;
}

/*
 * The rule by which a statement of the text is refused for the form it has;
 * NUM_DSQL_RULES if there is none.
 */
static DsqlRuleId
statement_rule(const char *start)
{
	DsqlLexerPlace place = {.at_start = true};
	DsqlLexerToken token = skip_explain(dsql_lexer_next(start));
	StatementKind kind = statement_kind(token);
	DsqlRuleId	rule = NUM_DSQL_RULES;

	if (dsql_lexer_is_word(&token, "declare"))
		return RULE_STATEMENT_DECLARE;

	do
	{
		DsqlLexerToken before = token;
		DsqlRuleId	found;

		dsql_lexer_note(&place, &token);
		token = dsql_lexer_next(token.end);
		found = token_rule(kind, place.parentheses, &before, &token);
		if (found != NUM_DSQL_RULES)
			return found;
		if (is_tablesample(&token))
			rule = RULE_QUERY_TABLESAMPLE;
	} while (token.kind != DSQL_LEXER_END && !place.at_start);
	return rule;
}

static void
refuse_instead(void *arg)
{
	int			position = geterrposition();
	DsqlRuleId	rule;

	/* Nothing may be looked up here. */
	if (position <= 0 || getinternalerrposition() > 0 ||
		!is_lookup_failure(geterrcode()) || debug_query_string == NULL ||
		!dsql_session_extension_seen || !dsql_session_enforced())
		return;

	rule = statement_rule(statement_around(debug_query_string,
										   character_at(debug_query_string,
														position)));
	if (rule == NUM_DSQL_RULES)
		return;

	/* An error in an error resets the context that this is called in. */
	MemoryContextSwitchTo(MessageContext);
	dsql_refuse_chosen(rule, NULL);
}

void
dsql_dialect_watch_lookups(void)
{
	static ErrorContextCallback callback = {.callback = refuse_instead};

	/* Each error that comes to the main loop empties the list. */
	if (error_context_stack == NULL)
		error_context_stack = &callback;
}
