/*
 * syntax.c
 *		Spellings that PostgreSQL's grammar does not know.
 *
 * The service has three:
 *
 *		CREATE [UNIQUE] INDEX ASYNC ...
 *		ALTER TABLE ASYNC ... VALIDATE CONSTRAINT ...
 *		AWS IAM { GRANT role TO | REVOKE role FROM } 'arn'
 *
 * There is no hook before the raw parser.  But the scanner calls a function
 * through a pointer for each unquoted word: the hash function of the keyword
 * list.  We replace it by ours.  It gets the address of the word in the
 * scanner's own, writable copy of the text.  When the word opens one of the
 * spellings, we overwrite the part that the grammar does not know: ASYNC by
 * white space, and AWS IAM GRANT role TO 'arn' so that it reads SET IAM TO
 * role, 'arn'. Nothing moves, so error positions stay right.  The original
 * text still tells what was written.
 *
 * There are also words that only the grammar of a server newer than the service's
 * 16 knows.  In mode "enforce" they are ordinary names, wherever they stand, so
 * that the grammar complains as that of 16 does.
 *
 * The spellings are recognized only in what a client sends, in an emulated
 * session, at the beginning of a statement: not in function bodies, nor in
 * strings that are executed.  ASYNC right after CREATE INDEX is always the
 * keyword.  After ALTER TABLE it is the keyword only if the whole spelling
 * follows, because a table can have that name; AWS is one only if IAM follows.
 * Everywhere else the three words are ordinary names.
 *
 * Other code, such as quote_identifier(), calls the same hash function with
 * any string.  Then the bytes after the word must not be read, let alone
 * written.  Two facts together prove that the scanner is calling.  First,
 * PostgresMain() parses a client's text in the message's memory context or,
 * for an unnamed prepared statement, in a child of it.  Second, nothing else
 * calls the function between the arrival of a message and the end of its raw
 * parse.  So we go through the text word by word, in step with the calls of
 * one message.  A call is the scanner's as long as it asks about the next
 * word, at the address where that word has to be.  Later calls find no word
 * left.
 */
#include "postgres.h"

#include "access/xact.h"
#include "common/keywords.h"
#include "mb/pg_wchar.h"
#include "nodes/parsenodes.h"
#include "tcop/tcopprot.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "base/cluster_database.h"
#include "base/server_patch.h"
#include "base/session.h"
#include "dialect/later_syntax.h"
#include "dialect/lexer.h"
#include "dialect/syntax.h"
#include "transaction/schema_version.h"

/* PostgreSQL 18 has 494. */
#define MAX_KEYWORDS 1024

/* How far we have read a client's text along with the scanner. */
typedef struct Reading
{
	const char *query;			/* debug_query_string of the message */
	TimestampTz message;		/* when it arrived */
	const char *position;		/* in query: read up to here */
	const char *copy;			/* where the scanner has it; NULL: not known */
	bool		done;			/* no word left, or out of step */
	DsqlLexerPlace place;
} Reading;

static ScanKeywordHashFunc keyword_hash;
static Reading reading;

/* Which of the keywords are newer than 16. */
static bool later_keywords[MAX_KEYWORDS];

static inline bool
is_opening_word(const char *word, size_t len)
{
	const char *keyword;

	if (*word != 'a' && *word != 'c' && *word != 'A' && *word != 'C')
		return false;
	switch (len)
	{
		case 3:
			keyword = "aws";
			break;
		case 5:
			keyword = "alter";
			break;
		case 6:
			keyword = "create";
			break;
		default:
			return false;
	}

	/* Only the upper-case letter becomes this lower-case letter. */
	for (size_t i = 0; i < len; i++)
		if ((word[i] | 0x20) != keyword[i])
			return false;
	return true;
}

/* Can this be the raw parse of a client's text? */
static bool
in_message_context(void)
{
	return debug_query_string != NULL && MessageContext != NULL &&
		(CurrentMemoryContext == MessageContext ||
		 MemoryContextGetParent(CurrentMemoryContext) == MessageContext);
}

/*
 * Take one step for a call with this word, see the file's header.  True if it
 * is the scanner's and the word begins a statement; *opening is then the word
 * in the client's text.
 */
static bool
step_to_opening(const char *word, size_t len, DsqlLexerToken *opening)
{
	if (reading.query != debug_query_string ||
		reading.message != GetCurrentStatementStartTimestamp())
	{
		memset(&reading, 0, sizeof(reading));
		reading.query = reading.position = debug_query_string;
		reading.message = GetCurrentStatementStartTimestamp();
		reading.place.at_start = true;
	}

	while (!reading.done)
	{
		DsqlLexerToken token = dsql_lexer_next(reading.position);
		bool		at_start = reading.place.at_start;
		const char *copy;

		if (token.kind == DSQL_LEXER_END || token.kind == DSQL_LEXER_BROKEN)
			break;
		reading.position = token.end;
		dsql_lexer_note(&reading.place, &token);
		if (token.kind != DSQL_LEXER_WORD ||
			!is_opening_word(token.start, token.end - token.start))
			continue;

		copy = word - (token.start - reading.query);
		if (token.end - token.start != len ||
			memcmp(token.start, word, len) != 0 ||
			(reading.copy != NULL && reading.copy != copy))
			break;
		reading.copy = copy;
		*opening = token;
		return at_start;
	}

	reading.done = true;
	return false;
}

/*
 * Change a token in the scanner's copy.
 */
static void
overwrite(const DsqlLexerToken *token, const char *replacement)
{
	size_t		offset = token->start - reading.query;
	size_t		len = token->end - token->start;
	char	   *copy = unconstify(char *, reading.copy + offset);

	Assert(strlen(replacement) <= len);
	if (memcmp(copy, token->start, len) != 0)
		elog(ERROR, "this is not the scanner's copy of the client's text");

	memset(copy, ' ', len);
	memcpy(copy, replacement, strlen(replacement));
}

/*
 * The token after this one.  This one may be a name or string with Unicode
 * escapes, followed by a clause with the escape character.
 */
static DsqlLexerToken
next_behind(const DsqlLexerToken *token)
{
	DsqlLexerToken next = dsql_lexer_next(token->end);
	DsqlLexerToken escape;

	if (pg_strncasecmp(token->start, "u&", 2) == 0 &&
		dsql_lexer_is_word(&next, "uescape"))
	{
		escape = dsql_lexer_next(next.end);
		if (escape.kind == DSQL_LEXER_STRING)
			return dsql_lexer_next(escape.end);
	}
	return next;
}

static bool
is_name(const DsqlLexerToken *token)
{
	return token->kind == DSQL_LEXER_WORD || token->kind == DSQL_LEXER_NAME;
}

static bool
is_reserved(const DsqlLexerToken *token)
{
	int			keyword = keyword_hash(token->start,
									   token->end - token->start);

	return keyword >= 0 && keyword < ScanKeywords.num_keywords &&
		dsql_lexer_is_word(token, GetScanKeyword(keyword, &ScanKeywords)) &&
		ScanKeywordCategories[keyword] == RESERVED_KEYWORD;
}

/*
 * CREATE [UNIQUE] INDEX ASYNC
 */
static bool
find_async_index(const DsqlLexerToken *create, DsqlLexerToken *async)
{
	DsqlLexerToken token;

	if (!dsql_lexer_is_word(create, "create"))
		return false;
	token = dsql_lexer_next(create->end);
	if (dsql_lexer_is_word(&token, "unique"))
		token = dsql_lexer_next(token.end);
	if (!dsql_lexer_is_word(&token, "index"))
		return false;
	*async = dsql_lexer_next(token.end);
	return dsql_lexer_is_word(async, "async");
}

/*
 * ALTER TABLE ASYNC [IF EXISTS] [ONLY] name [*] VALIDATE CONSTRAINT
 */
static bool
find_async_table(const DsqlLexerToken *alter, DsqlLexerToken *async)
{
	DsqlLexerToken token;
	DsqlLexerToken next;
	bool		in_parentheses = false;

	if (!dsql_lexer_is_word(alter, "alter"))
		return false;
	token = dsql_lexer_next(alter->end);
	if (!dsql_lexer_is_word(&token, "table"))
		return false;
	*async = dsql_lexer_next(token.end);
	if (!dsql_lexer_is_word(async, "async"))
		return false;
	token = dsql_lexer_next(async->end);

	next = dsql_lexer_next(token.end);
	if (dsql_lexer_is_word(&token, "if") &&
		dsql_lexer_is_word(&next, "exists"))
		token = dsql_lexer_next(next.end);
	if (dsql_lexer_is_word(&token, "only"))
	{
		token = dsql_lexer_next(token.end);
		in_parentheses = dsql_lexer_is_char(&token, '(');
		if (in_parentheses)
			token = dsql_lexer_next(token.end);
	}

	for (;;)
	{
		if (!is_name(&token))
			return false;
		token = next_behind(&token);
		if (!dsql_lexer_is_char(&token, '.'))
			break;
		token = dsql_lexer_next(token.end);
	}
	if (dsql_lexer_is_char(&token, in_parentheses ? ')' : '*'))
		token = dsql_lexer_next(token.end);

	if (!dsql_lexer_is_word(&token, "validate") &&
		!dsql_lexer_is_word(&token, "add"))
		return false;
	token = dsql_lexer_next(token.end);
	return dsql_lexer_is_word(&token, "constraint");
}

/*
 * Is SET IAM TO role complete, or can it go on with the next value?
 */
static bool
may_follow_value(const DsqlLexerToken *token)
{
	return token->kind == DSQL_LEXER_END || dsql_lexer_is_char(token, ';') ||
		dsql_lexer_is_char(token, ',');
}

/*
 * Make SET IAM TO role, 'arn' of an AWS IAM statement.
 *
 * Where a token is wrong that SET would take, we make something of the tokens
 * before it that no statement goes on from with this one, so that the raw
 * parser complains about it: nothing goes on from END AND but NO and CHAIN.
 * Only for one more value there is no such thing.
 */
static void
rewrite_aws_iam(const DsqlLexerToken *aws)
{
	DsqlLexerToken iam;
	DsqlLexerToken verb;
	DsqlLexerToken role;
	DsqlLexerToken to;
	DsqlLexerToken arn;
	DsqlLexerToken rest;
	bool		is_revoke;

	if (!dsql_lexer_is_word(aws, "aws"))
		return;
	iam = dsql_lexer_next(aws->end);
	if (!dsql_lexer_is_word(&iam, "iam"))
		return;

	verb = dsql_lexer_next(iam.end);
	is_revoke = dsql_lexer_is_word(&verb, "revoke");
	if (!is_revoke && !dsql_lexer_is_word(&verb, "grant"))
	{
		if (dsql_lexer_is_word(&verb, "no") ||
			dsql_lexer_is_word(&verb, "chain"))
			overwrite(aws, "SET");
		else
		{
			overwrite(aws, "END");
			overwrite(&iam, "AND");
		}
		return;
	}

	role = dsql_lexer_next(verb.end);
	if (!is_name(&role) || is_reserved(&role))
	{
		overwrite(aws, "END");
		overwrite(&iam, "AND");
		overwrite(&verb, "");
		return;
	}
	overwrite(aws, "SET");

	to = next_behind(&role);
	if (!dsql_lexer_is_word(&to, is_revoke ? "from" : "to"))
	{
		overwrite(&verb, may_follow_value(&to) ? "." : "TO");
		return;
	}

	arn = dsql_lexer_next(to.end);
	if (arn.kind != DSQL_LEXER_STRING && arn.kind != DSQL_LEXER_BROKEN)
	{
		overwrite(&verb, may_follow_value(&arn) ? "." : "TO");
		overwrite(&to, "");
		return;
	}

	rest = next_behind(&arn);
	if (dsql_lexer_is_char(&rest, ','))
		ereport(ERROR,
				(errcode(ERRCODE_SYNTAX_ERROR),
				 errmsg("%s at or near \"%s\"", _("syntax error"), ","),
				 errposition(pg_mbstrlen_with_len(reading.query,
												  rest.start - reading.query) + 1)));

	overwrite(&verb, "TO");
	overwrite(&to, ",");
}

/* The hash function is called for a word that opens one of the spellings. */
static pg_noinline int
hash_opening_word(const char *word, size_t len)
{
	DsqlLexerToken opening;
	DsqlLexerToken async;

	if (in_message_context() && dsql_session_emulated() &&
		step_to_opening(word, len, &opening))
	{
		if (find_async_index(&opening, &async) ||
			find_async_table(&opening, &async))
			overwrite(&async, "");
		else
			rewrite_aws_iam(&opening);
	}
	return keyword_hash(word, len);
}

/*
 * Where a word can be in the list of keywords; nowhere, if 16 does not have it.
 */
static inline int
hash_known_word(const char *word, size_t len)
{
	int			keyword = keyword_hash(word, len);

	if (keyword >= 0 && keyword < MAX_KEYWORDS &&
		unlikely(later_keywords[keyword]) && dsql_session_enforced())
		return -1;
	return keyword;
}

/*
 * The schema has changed since the transaction began.
 */
static pg_noinline int
hash_stale_word(const char *word, size_t len)
{
	if (in_message_context())
		dsql_schema_version_check_word(word, len);
	return hash_known_word(word, len);
}

/* ------------------------------------------------------------------------
 * The database's name
 *
 * A cluster's own database is called postgres, and names may begin with that:
 * postgres.public.t.  PostgreSQL compares it with the database's real name, before
 * any hook is called.  So it is blanked out where two more names follow.  Such a
 * name cannot be one of a column in a schema of that name; there, the table's name
 * is enough to find it.
 * ------------------------------------------------------------------------
 */

static struct
{
	const char *query;			/* as in Reading: this message is done */
	TimestampTz message;
}			database_reading;

static bool
is_database_name(const DsqlLexerToken *token)
{
	return dsql_lexer_is_word(token, DSQL_SERVICE_DATABASE) ||
		(token->kind == DSQL_LEXER_NAME &&
		 token->end - token->start == strlen(DSQL_SERVICE_DATABASE) + 2 &&
		 strncmp(token->start + 1, DSQL_SERVICE_DATABASE,
				 strlen(DSQL_SERVICE_DATABASE)) == 0);
}

/*
 * Do a dot, a name, a dot and a name follow?
 */
static bool
is_qualifier(const DsqlLexerToken *token, DsqlLexerToken *dot)
{
	DsqlLexerToken next;

	*dot = dsql_lexer_next(token->end);
	if (!dsql_lexer_is_char(dot, '.'))
		return false;
	next = dsql_lexer_next(dot->end);
	if (!is_name(&next))
		return false;
	next = dsql_lexer_next(next.end);
	if (!dsql_lexer_is_char(&next, '.'))
		return false;
	next = dsql_lexer_next(next.end);
	return is_name(&next);
}

static void
blank(const char *copy, const DsqlLexerToken *token)
{
	memset(unconstify(char *, copy + (token->start - debug_query_string)), ' ',
		   token->end - token->start);
}

/*
 * Is the word, which the scanner has ended with a NUL for the moment, that of
 * the client's text?  Others that begin with it may be parsed for us.
 */
static bool
is_of_client(const char *word, size_t len, const DsqlLexerToken *token)
{
	return token->end - token->start == len &&
		memcmp(token->start, word, len) == 0 && *token->end != '\0' &&
		strcmp(token->end + 1, word + len + 1) == 0;
}

/*
 * The first word of a message is looked up: the rest is where the scanner will
 * come to.
 */
static pg_noinline void
blank_database_names(const char *word, size_t len)
{
	const char *text = debug_query_string;
	const char *copy = NULL;
	bool		after_dot = false;

	if (!in_message_context() ||
		(database_reading.query == text &&
		 database_reading.message == GetCurrentStatementStartTimestamp()))
		return;
	database_reading.query = text;

	database_reading.message = GetCurrentStatementStartTimestamp();
	if (!dsql_session_emulated() || strcasestr(text, DSQL_SERVICE_DATABASE) == NULL)
		return;
	for (;;)
	{
		DsqlLexerToken token = dsql_lexer_next(text);
		DsqlLexerToken dot;

		if (token.kind == DSQL_LEXER_END || token.kind == DSQL_LEXER_BROKEN)
			break;
		text = token.end;

		if (copy == NULL && token.kind == DSQL_LEXER_WORD)
		{
			if (!is_of_client(word, len, &token))
				break;
			copy = word - (token.start - debug_query_string);
		}
		if (copy != NULL && !after_dot && is_database_name(&token) &&
			is_qualifier(&token, &dot))
		{
			blank(copy, &token);
			blank(copy, &dot);
		}
		after_dot = dsql_lexer_is_char(&token, '.');
	}
}

/*
 * Replaces the keyword list's hash function; called for each word of each
 * text.
 */
static int
syntax_keyword_hash(const void *key, size_t keylen)
{
	if (unlikely(!dsql_session_plain))
	{
		if (unlikely(dsql_cluster_database_is_own))
			blank_database_names(key, keylen);
		if (unlikely(is_opening_word(key, keylen)))
			return hash_opening_word(key, keylen);
		if (unlikely(dsql_schema_version_is_stale()))
			return hash_stale_word(key, keylen);
		return hash_known_word(key, keylen);
	}
	return keyword_hash(key, keylen);
}

void
dsql_syntax_install(void)
{
	ScanKeywordHashFunc ours = syntax_keyword_hash;

	keyword_hash = ScanKeywords.hash;
	for (int i = 0; i < Min(ScanKeywords.num_keywords, MAX_KEYWORDS); i++)
		later_keywords[i] = dsql_is_later_keyword(GetScanKeyword(i, &ScanKeywords));
	if (!dsql_server_patch_constant(&ScanKeywords.hash, &ours, sizeof(ours)))
		ereport(WARNING,
				(errcode(ERRCODE_SYSTEM_ERROR),
				 errmsg("could not change the list of keywords: %m"),
				 errdetail("CREATE INDEX ASYNC, ALTER TABLE ASYNC and AWS IAM are syntax errors on this server.")));
}

DsqlSpelling
dsql_syntax_spelling(ParseState *pstate, Query *query)
{
	DsqlLexerToken opening;
	DsqlLexerToken async;

	if (query->commandType != CMD_UTILITY || pstate->p_sourcetext == NULL ||
		pstate->p_sourcetext != debug_query_string ||
		!(IsA(query->utilityStmt, IndexStmt) ||
		  IsA(query->utilityStmt, AlterTableStmt) ||
		  IsA(query->utilityStmt, VariableSetStmt)))
		return DSQL_SPELLING_STANDARD;

	opening = dsql_lexer_next(pstate->p_sourcetext +
							  Max(query->stmt_location, 0));
	if (IsA(query->utilityStmt, VariableSetStmt))
		return dsql_lexer_is_word(&opening, "aws") ? DSQL_SPELLING_AWS_IAM :
			DSQL_SPELLING_STANDARD;
	return find_async_index(&opening, &async) ||
		find_async_table(&opening, &async) ? DSQL_SPELLING_ASYNC :
		DSQL_SPELLING_STANDARD;
}

GrantRoleStmt *
dsql_syntax_aws_iam(ParseState *pstate, Query *query)
{
	VariableSetStmt *set = castNode(VariableSetStmt, query->utilityStmt);
	GrantRoleStmt *result = makeNode(GrantRoleStmt);
	AccessPriv *role = makeNode(AccessPriv);
	RoleSpec   *arn = makeNode(RoleSpec);
	DsqlLexerToken token;

	token = dsql_lexer_next(pstate->p_sourcetext +
							Max(query->stmt_location, 0));	/* AWS */
	token = dsql_lexer_next(token.end); /* IAM */
	token = dsql_lexer_next(token.end);
	Assert(dsql_lexer_is_word(&token, "grant") ||
		   dsql_lexer_is_word(&token, "revoke"));

	role->priv_name = strVal(&castNode(A_Const, linitial(set->args))->val);
	arn->roletype = ROLESPEC_CSTRING;
	arn->rolename = strVal(&castNode(A_Const, lsecond(set->args))->val);
	arn->location = -1;
	result->is_grant = dsql_lexer_is_word(&token, "grant");
	result->granted_roles = list_make1(role);
	result->grantee_roles = list_make1(arn);
	return result;
}
