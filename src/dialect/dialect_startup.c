/*
 * dialect_startup.c
 *		What a client sets when it connects.
 *
 * A start-up packet has parameters of its own and one called "options", which
 * holds a command line for the server.  Most of the server's switches set
 * something, and several can be written as one word.  So the words are read as
 * the server reads them, by getopt() with the server's own list.
 */
#include "postgres.h"

#include "libpq/libpq-be.h"
#include "pg_getopt.h"
#include "tcop/tcopprot.h"
#include "utils/guc.h"

#include "base/compat.h"
#include "base/refuse.h"
#include "dialect/dialect.h"

/* The switches of a backend: process_postgres_switches(). */
#define SERVER_SWITCHES "B:bC:c:D:d:EeFf:h:ijk:lN:nOPp:r:S:sTt:v:W:-:"

/* What each sets that is not about a name in its argument. */
static const struct
{
	char		letter;
	const char *setting;
}			switch_settings[] = {
	{'B', "shared_buffers"},
	{'d', "log_min_messages"},
	{'e', "datestyle"},
	{'F', "fsync"},
	{'h', "listen_addresses"},
	{'i', "listen_addresses"},
	{'k', "unix_socket_directories"},
	{'l', "ssl"},
	{'N', "max_connections"},
	{'O', "allow_system_table_mods"},
	{'P', "ignore_system_indexes"},
	{'p', "port"},
	{'S', "work_mem"},
	{'s', "log_statement_stats"},
	{'W', "post_auth_delay"},
};

/* What -f sets, by its argument. */
static const struct
{
	const char *argument;
	const char *setting;
}			plan_settings[] = {
	{"b", "enable_bitmapscan"},
	{"h", "enable_hashjoin"},
	{"i", "enable_indexscan"},
	{"m", "enable_mergejoin"},
	{"n", "enable_nestloop"},
	{"o", "enable_indexonlyscan"},
	{"s", "enable_seqscan"},
	{"t", "enable_tidscan"},
};

/*
 * What a switch sets; NULL if it sets nothing.
 */
static const char *
switch_setting(int letter, const char *argument)
{
	char	   *name;
	char	   *value;

	switch (letter)
	{
		case 'c':
		case '-':
			ParseLongOption(argument, &name, &value);
			return name;
		case 'f':
			for (int i = 0; i < lengthof(plan_settings); i++)
				if (strcmp(plan_settings[i].argument, argument) == 0)
					return plan_settings[i].setting;
			return NULL;
		case 't':
			return get_stats_option_name(argument);
		default:
			for (int i = 0; i < lengthof(switch_settings); i++)
				if (switch_settings[i].letter == letter)
					return switch_settings[i].setting;
			return NULL;
	}
}

/*
 * Split a command line into words, and begin to read them.
 */
static int
split_command_line(const char *options, char ***words)
{
	int			count = 0;

	*words = palloc((3 + strlen(options) / 2) * sizeof(char *));
	(*words)[count++] = "postgres";
	pg_split_opts(*words, &count, options);
	(*words)[count] = NULL;
	optind = 1;
	opterr = 0;
	return count;
}

/*
 * The settings that a command line is about.  A switch that sets nothing counts
 * as a setting of its own name, which none has.  What the server does not take
 * for a switch ends the list, and the session, in the server's own words.
 */
static List *
command_line_settings(const char *options)
{
	char	  **words;
	int			count = split_command_line(options, &words);
	int			letter;
	List	   *settings = NIL;

	while ((letter = getopt(count, words, SERVER_SWITCHES)) != -1)
	{
		const char *name = switch_setting(letter, optarg);

		if (letter != '?')
			settings = lappend(settings,
							   name ? pstrdup(name) : psprintf("-%c", letter));
	}
	/* The server will read them, too. */
	optind = 1;
	return settings;
}

static List *
startup_settings(const Port *port)
{
	List	   *settings = NIL;

	for (int i = 0; i < list_length(port->guc_options); i += 2)
		settings = lappend(settings, list_nth(port->guc_options, i));
	if (port->cmdline_options != NULL)
		settings = list_concat(settings,
							   command_line_settings(port->cmdline_options));
	return settings;
}

void
dsql_dialect_check_startup(const Port *port, bool in_any_mode)
{
	ListCell   *cell;

	foreach(cell, startup_settings(port))
	{
		const char *name = lfirst(cell);

		if (dsql_dialect_setting_allowed(name))
			continue;
		if (in_any_mode)
			dsql_refuse_in_any_mode(RULE_SETTING, name);
		dsql_refuse(RULE_SETTING, name);
	}
}

/*
 * The value that a command line gives to a setting, or NULL.
 */
static char *
command_line_value(const char *options, const char *setting)
{
	char	  **words;
	int			count = split_command_line(options, &words);
	int			letter;
	char	   *result = NULL;

	while ((letter = getopt(count, words, SERVER_SWITCHES)) != -1)
	{
		char	   *name;
		char	   *value;

		if (letter != 'c' && letter != '-')
			continue;
		ParseLongOption(optarg, &name, &value);
		if (strcmp(name, setting) == 0 && value != NULL)
			result = value;
	}
	optind = 1;
	return result;
}

char *
dsql_dialect_startup_value(const Port *port, const char *setting)
{
	for (int i = 0; i + 1 < list_length(port->guc_options); i += 2)
		if (strcmp(list_nth(port->guc_options, i), setting) == 0)
			return list_nth(port->guc_options, i + 1);
	return port->cmdline_options == NULL ? NULL :
		command_line_value(port->cmdline_options, setting);
}
