/*
 * authentication.c
 *		Who may connect: TLS, server names, tokens.
 *
 * With dsql_emu.auth, connections through TCP that pg_hba.conf trusts are those
 * of the service's clients: they must use TLS, say by its server name which
 * cluster they mean, and give a token as password.  All others are what
 * pg_hba.conf makes of them.
 *
 * This is done in two steps.  The hook in ClientAuthentication() asks for the
 * token, and looks at what can be seen without the database's catalogs, which
 * are not open yet.  At the end of the transaction in which InitPostgres()
 * opens the database, before the client's first message is read, the token is
 * judged by what the database knows: clusters, access keys, mappings, policies.
 * Between the two, nothing but the server's own start of a session runs; a
 * session that was not judged does not get any further.
 */
#include "postgres.h"

#include <signal.h>

#include "access/htup_details.h"
#include "catalog/pg_authid.h"
#include "commands/dbcommands.h"
#include "libpq/auth.h"
#include "libpq/libpq.h"
#include "libpq/libpq-be.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "postmaster/postmaster.h"
#include "replication/walsender.h"
#include "storage/ipc.h"
#include "utils/acl.h"
#include "utils/memutils.h"
#include "utils/syscache.h"
#include "utils/timeout.h"
#include "utils/timestamp.h"

#include "auth/authentication.h"
#include "auth/iam.h"
#include "auth/judge.h"
#include "auth/judge_channel.h"
#include "auth/token.h"
#include "base/cluster_database.h"
#include "base/compat.h"
#include "base/identifier.h"
#include "base/refuse.h"
#include "base/session.h"
#include "base/settings.h"
#include "cluster/cluster.h"
#include "cluster/cluster_catalog.h"
#include "cluster/cluster_role.h"
#include "dialect/dialect.h"

pg_noreturn static void refuse(const char *reason);

/* The longest password message, as PostgreSQL's own for long tokens. */
#define MAX_PASSWORD_LEN 65535

static ClientAuthentication_hook_type prev_ClientAuthentication_hook = NULL;

/* The connection that is to be judged; its memory is the transaction's. */
static struct
{
	bool		pending;
	TimeoutId	timeout;
	char	   *server_name;	/* in lower case, or NULL */
	bool		judged;			/* all but the mapping */
	Oid			role;			/* of a cluster's own, as which the session
								 * goes on; InvalidOid if it need not */
	char	   *user;			/* how the client calls it */
	DsqlAuthToken token;
}			connection;

/* Who has signed the session's token; NULL if there is none, or nobody looked. */
static char *session_arn = NULL;

static void
refuse(const char *reason)
{
	dsql_refuse_connection(RULE_CONNECTION_REFUSED, reason);
}

/*
 * The TLS server name that the client asked for, in lower case, or NULL.
 */
static char *
get_server_name(Port *port)
{
	char	   *result = NULL;

#ifdef USE_OPENSSL
	const char *name = port->ssl == NULL ? NULL :
	SSL_get_servername(port->ssl, TLSEXT_NAMETYPE_host_name);

	if (name != NULL && name[0] != '\0')
	{
		result = pstrdup(name);
		for (char *c = result; *c; c++)
			*c = pg_ascii_tolower((unsigned char) *c);
	}
#endif
	return result;
}

/*
 * Read the password message; NULL if the client leaves, as psql does to ask
 * for a password.
 */
static char *
receive_password(void)
{
	StringInfoData message;
	int			type;

	pq_startmsgread();
	type = pq_getbyte();
	if (type == EOF)
		return NULL;
	if (type != 'p')
		ereport(FATAL,
				(errcode(ERRCODE_PROTOCOL_VIOLATION),
				 errmsg("expected password response, got message type %d",
						type)));
	initStringInfo(&message);
	if (pq_getmessage(&message, MAX_PASSWORD_LEN))
		return NULL;
	if (strlen(message.data) + 1 != message.len)
		ereport(FATAL,
				(errcode(ERRCODE_PROTOCOL_VIOLATION),
				 errmsg("invalid password packet size")));
	return message.data;
}

/*
 * What the role and the token's action say of each other.
 */
static void
check_role(const char *user, Oid role, DsqlTokenAction action)
{
	HeapTuple	tuple;
	bool		can_login;

	if ((strcmp(user, "admin") == 0) != (action == DSQL_TOKEN_DB_CONNECT_ADMIN))
		refuse(dsql_token_wrong_action(user, action));

	tuple = SearchSysCache1(AUTHOID, ObjectIdGetDatum(role));
	if (!HeapTupleIsValid(tuple))
		dsql_refuse_connection(RULE_CONNECTION_ROLE_UNKNOWN, NULL);
	can_login = ((Form_pg_authid) GETSTRUCT(tuple))->rolcanlogin;
	ReleaseSysCache(tuple);
	if (!can_login)
		dsql_refuse_connection(RULE_CONNECTION_ROLE_UNMAPPED, NULL);
}

/*
 * Is this a connection that must show a token?  One for physical replication
 * has no database that could judge it.
 */
static bool
needs_token(Port *port, int status)
{
	return status == STATUS_OK && dsql_settings_auth != DSQL_AUTH_OFF &&
		port->hba->auth_method == uaTrust &&
		port->raddr.addr.ss_family != AF_UNIX &&
		(!am_walsender || am_db_walsender);
}

/*
 * Whoever waits for a token to be judged, for a lock for instance, has been
 * asked who he is for as long as the server waits for that.
 */
static void
end_unjudged(void)
{
	(void) kill(MyProcPid, SIGTERM);
}

static void
limit_time(void)
{
	connection.timeout = RegisterTimeout(USER_TIMEOUT, end_unjudged);
	enable_timeout_at(connection.timeout,
					  TimestampTzPlusMilliseconds(MyStartTimestamp,
												  AuthenticationTimeout * 1000));
}

static char *
ask_for_token(Port *port, Oid role)
{
	char	   *password;
	const char *problem;

	if (!port->ssl_in_use)
		dsql_refuse_in_any_mode(RULE_CONNECTION_TLS);

	sendAuthRequest(port, AUTH_REQ_PASSWORD, NULL, 0);
	password = receive_password();
	if (password == NULL)
		proc_exit(0);

	if (!dsql_token_parse(password, &connection.token, &problem))
		refuse(problem);
	check_role(port->user_name, role, connection.token.action);

	/*
	 * What a client asks for when it connects takes effect before its token
	 * is judged: libraries are loaded, the session waits.  So whatever the
	 * service does not take is refused here, in any mode.
	 */
	dsql_dialect_check_startup(port, true);
	limit_time();
	connection.pending = true;
	return password;
}

/*
 * The database of the cluster that the connection is for, if it has one of its
 * own: false if it has not.
 */
static bool
find_database(Port *port, DsqlClusterDatabase *database)
{
	static const char *const settings[] = {
		"amzn_cluster_id", "dsql_emu.cluster"
	};
	const char *identifier = connection.server_name == NULL ? NULL :
	dsql_judge_host_cluster(connection.server_name);

	for (int i = 0; i < lengthof(settings) && identifier == NULL; i++)
		identifier = dsql_dialect_startup_value(port, settings[i]);
	if (identifier == NULL || !dsql_identifier_valid(identifier) ||
		!dsql_cluster_database_find(identifier, database))
		return false;
	dsql_cluster_database_set_identifier(identifier);
	return true;
}

/*
 * Let the session into another database than it has asked for: its name is
 * looked up after the hook, in this memory.
 */
static void
redirect(Port *port, const DsqlClusterDatabase *database)
{
	char	   *name = get_database_name(database->database);

	if (strcmp(port->database_name, DSQL_SERVICE_DATABASE) != 0)
		dsql_refuse_in_any_mode(RULE_CONNECTION_DATABASE, port->database_name);
	if (name == NULL || strlen(name) > strlen(DSQL_SERVICE_DATABASE))
		ereport(FATAL,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the database of the cluster was renamed"),
				 errhint("Its name must not have more than %d characters.",
						 (int) strlen(DSQL_SERVICE_DATABASE))));
	strcpy(port->database_name, name);
}

/*
 * Let the session begin as the door, if its role is one of the cluster's: that
 * name is no longer than any other.
 */
static void
use_door(Port *port, Oid role)
{
	connection.role = role;
	connection.user = MemoryContextStrdup(TopMemoryContext, port->user_name);
	strcpy(port->user_name, DSQL_CLUSTER_ROLE_DOOR);
}

/*
 * The session has begun: it becomes its role's.
 */
static void
leave_door(void)
{
	if (!OidIsValid(connection.role))
		return;
	strcpy(MyProcPort->user_name, connection.user);
	dsql_cluster_role_enter(connection.role, connection.user);
}

/*
 * The cluster's database cannot judge who may open it.
 */
static void
judge_elsewhere(Port *port, const DsqlClusterDatabase *database,
				const char *password)
{
	DsqlJudgeRequest request = {
		.control = database->control,
		.identifier = dsql_cluster_database_wanted(),
		.password = password,
		.address = &port->raddr,
	};

	session_arn = dsql_judge_channel_ask(&request);
	connection.judged = true;
}

static void
authentication_ClientAuthentication(Port *port, int status)
{
	char	   *password = NULL;
	DsqlClusterDatabase database;
	bool		has_database;
	bool		is_shared = true;
	Oid			role;

	if (prev_ClientAuthentication_hook)
		prev_ClientAuthentication_hook(port, status);

	connection.server_name = get_server_name(port);
	has_database = status == STATUS_OK && !am_walsender &&
		find_database(port, &database);
	role = has_database ?
		dsql_cluster_role_for_login(&database, port->user_name, &is_shared) :
		get_role_oid(port->user_name, true);
	if (needs_token(port, status))
		password = ask_for_token(port, role);
	else if (!has_database && connection.server_name != NULL &&
			 strstr(connection.server_name, ".dsql") != NULL &&
			 dsql_judge_host_cluster(connection.server_name) != NULL)
		dsql_cluster_request(dsql_judge_host_cluster(connection.server_name));

	if (has_database)
	{
		judge_elsewhere(port, &database, password);
		redirect(port, &database);
		if (!is_shared && OidIsValid(role))
			use_door(port, role);
	}
	if (password != NULL)
		explicit_bzero(password, strlen(password));
}

/*
 * Which cluster is the connection for?  What the server name says goes first.
 */
static Cluster *
find_cluster(void)
{
	const char *name = connection.server_name;
	const char *identifier = name ? dsql_judge_host_cluster(name) : NULL;
	Cluster    *cluster;

	if (identifier == NULL && dsql_settings_amzn_cluster_id[0] != '\0')
		identifier = dsql_settings_amzn_cluster_id;
	if (identifier == NULL && dsql_settings_cluster_option[0] != '\0')
		identifier = dsql_settings_cluster_option;
	if (identifier == NULL &&
		(!dsql_settings_accept_localhost || (name != NULL &&
											 !dsql_judge_is_local_host(name))))
	{
		if (name == NULL)
			dsql_refuse_connection(RULE_CONNECTION_SERVER_NAME, NULL);
		refuse(psprintf("No cluster has the host name %s.", name));
	}

	cluster = identifier == NULL ? dsql_cluster_catalog_default_cluster() :
		dsql_cluster_catalog_cluster(identifier);
	if (cluster == NULL)
		refuse(psprintf("Cluster not found: %s",
						identifier ? identifier : "localhost"));

	/* Judged for one cluster, the session is in no other one. */
	dsql_cluster_request(cluster->identifier);
	return cluster;
}

/*
 * The service says no more than that access is denied.  Its administrators look
 * into IAM; ours look into the log.
 */
static void
refuse_unmapped(const DsqlIamArn *caller)
{
	const char *role = GetUserNameFromId(GetSessionUserId(), false);

	ereport(LOG_SERVER_ONLY,
			(errmsg("role \"%s\" is not granted to \"%s\", who has signed the token",
					role, caller->principal),
			 errhint("AWS IAM GRANT %s TO '%s'; the account of access keys is \"dsql_emu.account\", unless they were made for another one.",
					 quote_identifier(role), caller->principal)));
	dsql_refuse_connection(RULE_CONNECTION_ROLE_UNMAPPED, NULL);
}

/*
 * Is the role mapped to whom the token stands for?
 */
static void
check_mapping(const char *home)
{
	DsqlIamArn	caller;

	if (session_arn == NULL || connection.token.action != DSQL_TOKEN_DB_CONNECT)
		return;
	if (!dsql_identifier_iam_arn_parse(session_arn, &caller))
		elog(ERROR, "malformed ARN: \"%s\"", session_arn);
	if (!dsql_iam_is_mapped(home, GetSessionUserId(), caller.principal))
		refuse_unmapped(&caller);
}

/*
 * Judge the token by what the database knows.
 */
static void
judge(void)
{
	Cluster    *cluster;
	char	   *arn;

	/* A database that is no cluster's has nobody who may connect like this. */
	if (!dsql_session_has_extension())
		refuse("The database is not emulated.");
	if (dsql_cluster_database_own() != NULL)
		refuse("The database can only be reached by the cluster's host name.");

	cluster = find_cluster();
	arn = dsql_judge_token(&connection.token, cluster, &MyProcPort->raddr);
	if (arn != NULL)
		session_arn = MemoryContextStrdup(TopMemoryContext, arn);
	check_mapping(cluster->home);
}

const char *
dsql_authentication_arn(void)
{
	return session_arn;
}

void
dsql_authentication_opened(void)
{
	leave_door();
	if (!connection.pending)
		return;
	if (connection.judged)
		check_mapping("");
	else
		judge();
	disable_timeout(connection.timeout, false);
	connection.pending = false;
}

void
dsql_authentication_install(void)
{
	prev_ClientAuthentication_hook = ClientAuthentication_hook;
	ClientAuthentication_hook = authentication_ClientAuthentication;
}
