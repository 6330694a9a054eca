/*
 * injection.c
 *		Conflicts and faults that a test has ordered.
 *
 * An injection is a fault with an aim.  It is in shared memory, so that any
 * session can order it for any other one of its cluster, and it outlives
 * transactions.  The errors are raised as those are that they stand for: for
 * the client, nothing tells them apart.
 *
 * Whoever orders faults has to be able to look at them, and to take them back.
 * So a transaction that does this is never hit, nor is a statement that names
 * anything of the schema "dsql", which no statement for the service does.
 */
#include "postgres.h"

#include <ctype.h>
#include <sys/socket.h>

#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_collation.h"
#include "common/pg_prng.h"
#include "libpq/libpq-be.h"
#include "miscadmin.h"
#include "parser/parsetree.h"
#include "storage/latch.h"
#include "storage/lwlock.h"
#include "storage/shmem.h"
#include "tcop/dest.h"
#include "tcop/tcopprot.h"
#include "utils/fmgrprotos.h"
#include "utils/timestamp.h"

#include "base/compat.h"
#include "base/current_cluster.h"
#include "base/limit.h"
#include "base/refuse.h"
#include "base/session.h"
#include "base/stats.h"
#include "transaction/conflict_log.h"
#include "transaction/injection.h"
#include "transaction/schema_version.h"
#include "transaction/touched_tables.h"
#include "transaction/transaction_rules.h"

typedef struct InjectionShared
{
	pg_atomic_uint32 armed;		/* not used up; changed with the lock */
	LWLock	   *lock;			/* guards what follows */
	int			last_id;
	DsqlInjection injections[DSQL_INJECTIONS];
} InjectionShared;

static InjectionShared *shared = NULL;
pg_atomic_uint32 *dsql_injection_armed = NULL;

/* A statement that begins; the plan is NULL for a utility command. */
typedef struct Statement
{
	char	   *text;
	PlannedStmt *plan;
	Oid			copied_into;	/* by COPY */
	bool		is_commit;		/* whatever it meets, it meets later */
} Statement;

/* What this backend knows of the injection in each place. */
static struct
{
	int			id;				/* of which */
	bool		statement_fits; /* this transaction had such a statement */
	pg_prng_state random;
}			known[DSQL_INJECTIONS];

/* The current transaction's. */
static bool spared = false;
static bool hang_up_after = false;
static bool any_statement_fits = false;

void
dsql_injection_shmem_request(void)
{
	RequestAddinShmemSpace(MAXALIGN(sizeof(InjectionShared)));
	RequestNamedLWLockTranche("dsql_emu injection", 1);
}

void
dsql_injection_shmem_init(void)
{
	bool		found;

	shared = ShmemInitStruct("dsql_emu injection", sizeof(InjectionShared),
							 &found);
	dsql_injection_armed = &shared->armed;
	if (found)
		return;
	memset(shared, 0, sizeof(InjectionShared));
	pg_atomic_init_u32(&shared->armed, 0);
	shared->lock = &GetNamedLWLockTranche("dsql_emu injection")->lock;
}

/* ------------------------------------------------------------------------
 * The list
 * ------------------------------------------------------------------------
 */

bool
dsql_injection_used_up(const DsqlInjection *injection)
{
	return injection->times > 0 && injection->fired >= injection->times;
}

static bool
is_mine(const DsqlInjection *injection)
{
	return injection->id != 0 && injection->database == MyDatabaseId &&
		strcmp(injection->cluster, dsql_current_cluster_home()) == 0;
}

static void
remove_injection(DsqlInjection *injection)
{
	if (!dsql_injection_used_up(injection))
		pg_atomic_fetch_sub_u32(&shared->armed, 1);
	injection->id = 0;
}

/*
 * A free place, or the oldest that is used up; NULL if there is none.
 */
static DsqlInjection *
find_place(void)
{
	DsqlInjection *place = NULL;

	for (int i = 0; i < DSQL_INJECTIONS; i++)
	{
		DsqlInjection *injection = &shared->injections[i];

		if (injection->id == 0)
			return injection;
		if (dsql_injection_used_up(injection) &&
			(place == NULL || injection->id < place->id))
			place = injection;
	}
	return place;
}

int
dsql_injection_arm(DsqlInjection *injection)
{
	DsqlInjection *place;

	injection->database = MyDatabaseId;
	strlcpy(injection->cluster, dsql_current_cluster_home(),
			sizeof(injection->cluster));

	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	place = find_place();
	if (place != NULL)
	{
		injection->id = ++shared->last_id;
		*place = *injection;
		pg_atomic_fetch_add_u32(&shared->armed, 1);
	}
	LWLockRelease(shared->lock);

	if (place == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
				 errmsg("too many injections are armed"),
				 errdetail("There can be %d at a time, of all clusters of the server.",
						   DSQL_INJECTIONS),
				 errhint("Call dsql.clear_injections().")));
	return injection->id;
}

/*
 * Remove one injection of the cluster, or all if the id is 0.  Returns how
 * many these were.
 */
int
dsql_injection_clear(int id)
{
	int			count = 0;

	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	for (int i = 0; i < DSQL_INJECTIONS; i++)
	{
		DsqlInjection *injection = &shared->injections[i];

		if (is_mine(injection) && (id == 0 || injection->id == id))
		{
			remove_injection(injection);
			count++;
		}
	}
	LWLockRelease(shared->lock);
	return count;
}

static int
compare_ids(const void *a, const void *b)
{
	return ((const DsqlInjection *) a)->id - ((const DsqlInjection *) b)->id;
}

/*
 * Copy those of the cluster, in the order in which they were armed, into an
 * array that has room for all.
 */
int
dsql_injection_copy(DsqlInjection *copies)
{
	int			count = 0;

	LWLockAcquire(shared->lock, LW_SHARED);
	for (int i = 0; i < DSQL_INJECTIONS; i++)
		if (is_mine(&shared->injections[i]))
			copies[count++] = shared->injections[i];
	LWLockRelease(shared->lock);
	qsort(copies, count, sizeof(DsqlInjection), compare_ids);
	return count;
}

/*
 * Where an injection is now, or -1; the caller has the lock.
 */
static int
find_injection(int id)
{
	for (int i = 0; i < DSQL_INJECTIONS; i++)
		if (shared->injections[i].id == id)
			return i;
	return -1;
}

/* ------------------------------------------------------------------------
 * Aiming
 * ------------------------------------------------------------------------
 */

bool
dsql_injection_fits(const char *text, const char *pattern)
{
	return DatumGetBool(DirectFunctionCall2Coll(textlike, C_COLLATION_OID,
												CStringGetTextDatum(text),
												CStringGetTextDatum(pattern)));
}

/*
 * Is the statement about to change or lock rows of the table, or of any if
 * that is invalid?
 */
static bool
writes_to(const Statement *statement, Oid relid)
{
	ListCell   *lc;

	if (OidIsValid(statement->copied_into))
		return !OidIsValid(relid) || statement->copied_into == relid;
	if (statement->plan == NULL)
		return false;
	foreach(lc, statement->plan->resultRelations)
	{
		RangeTblEntry *rte = rt_fetch(lfirst_int(lc), statement->plan->rtable);

		if (!OidIsValid(relid) || rte->relid == relid)
			return true;
	}
	return false;
}

/*
 * Is this the session that is meant, and has its transaction to do with the
 * table?  "statement" is NULL at COMMIT.
 */
static bool
is_aimed_here(const DsqlInjection *injection, const Statement *statement)
{
	if (injection->session != 0 && injection->session != MyProcPid)
		return false;
	if (injection->role_name[0] != '\0' &&
		strcmp(injection->role_name, MyProcPort->user_name) != 0)
		return false;
	if (OidIsValid(injection->relation) &&
		!dsql_touched_tables_contain(injection->relation) &&
		!(statement != NULL && writes_to(statement, injection->relation)))
		return false;
	return injection->application_name[0] == '\0' ||
		dsql_injection_fits(application_name, injection->application_name);
}

/*
 * Faults that only a transaction meets that changes or locks rows.
 */
static bool
is_for_writers(const DsqlInjection *injection)
{
	switch (injection->fault)
	{
		case DSQL_FAULT_OC000:
		case DSQL_FAULT_SIZE:
		case DSQL_FAULT_DISCONNECT:
		case DSQL_FAULT_DISCONNECT_AFTER:
			return injection->moment == DSQL_INJECTION_AT_COMMIT;
		default:
			return false;
	}
}

/*
 * What this backend knows of the injection; the place is its index.
 */
static int
know(const DsqlInjection *injection, int place)
{
	if (known[place].id != injection->id)
	{
		known[place].id = injection->id;
		known[place].statement_fits = false;
		pg_prng_seed(&known[place].random, (uint64) injection->seed);
	}
	return place;
}

static bool
statement_fitted(const DsqlInjection *injection)
{
	for (int i = 0; i < DSQL_INJECTIONS; i++)
		if (known[i].id == injection->id)
			return known[i].statement_fits;
	return false;
}

/*
 * The injection has met what it is aimed at: is it to be fired this time?
 */
static bool
take(const DsqlInjection *injection)
{
	bool		result = false;
	int			place;

	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	place = find_injection(injection->id);
	if (place >= 0)
	{
		DsqlInjection *current = &shared->injections[place];
		bool		drawn = !current->at_random ||
		pg_prng_double(&known[know(current, place)].random) < current->probability;

		result = ++current->matched > current->skip && drawn &&
			!dsql_injection_used_up(current);
		if (result)
		{
			current->fired++;
			if (dsql_injection_used_up(current))
				pg_atomic_fetch_sub_u32(&shared->armed, 1);
		}
	}
	LWLockRelease(shared->lock);
	return result;
}

/* ------------------------------------------------------------------------
 * Firing
 * ------------------------------------------------------------------------
 */

/*
 * The client is to see nothing but the end of the connection.
 */
static void
hang_up(void)
{
	(void) shutdown(MyProcPort->sock, SHUT_RDWR);
}

static void
disconnect(const DsqlInjection *injection)
{
	hang_up();
	whereToSendOutput = DestNone;
	ereport(FATAL,
			(errcode(ERRCODE_CONNECTION_FAILURE),
			 errmsg("injection %d of dsql_emu ends the connection",
					injection->id)));
}

static void
wait_for(int64 microseconds)
{
	TimestampTz end = GetCurrentTimestamp() + microseconds;

	for (;;)
	{
		long		rest = TimestampDifferenceMilliseconds(GetCurrentTimestamp(),
														   end);

		if (rest <= 0)
			return;
		(void) WaitLatch(MyLatch,
						 WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
						 rest, PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
	}
}

/*
 * Returns only after a fault that lets the transaction go on.
 */
static void
fire(const DsqlInjection *injection)
{
	DsqlConflictCause cause = {
		.relation = injection->relation,.injection = injection->id
	};
	int			limit;

	dsql_stats_count(DSQL_STATS_INJECTED, 1);
	switch (injection->fault)
	{
		case DSQL_FAULT_OC000:
			dsql_conflict_log_add_row(&cause);
			dsql_refuse_in_any_mode(RULE_CONFLICT_ROW);
			break;
		case DSQL_FAULT_OC001:
			dsql_conflict_log_add_schema(&cause);
			dsql_refuse_in_any_mode(RULE_CONFLICT_SCHEMA);
			break;
		case DSQL_FAULT_UNAVAILABLE:
			dsql_refuse_in_any_mode(RULE_SERVER_UNAVAILABLE);
			break;
		case DSQL_FAULT_DISCONNECT:
			disconnect(injection);
			break;
		case DSQL_FAULT_DISCONNECT_AFTER:
			hang_up_after = true;
			break;
		case DSQL_FAULT_DELAY:
			wait_for(injection->delay);
			break;
		case DSQL_FAULT_ROWS:
			dsql_refuse_in_any_mode(RULE_LIMIT_TRANSACTION_ROWS);
			break;
		case DSQL_FAULT_SIZE:
			limit = dsql_limit(limit_transaction_size);
			dsql_refuse_in_any_mode(RULE_LIMIT_TRANSACTION_SIZE, limit,
									limit + 1, limit);
			break;
		case DSQL_FAULT_AGE:
			limit = dsql_limit(limit_transaction_age);
			dsql_refuse_in_any_mode(RULE_LIMIT_TRANSACTION_AGE, limit,
									limit + 1, limit);
			break;
		default:
			Assert(false);		/* not here: dsql_injection_take_at() */
			break;
	}
}

/* ------------------------------------------------------------------------
 * The moments
 * ------------------------------------------------------------------------
 */

static bool
may_be_hit(void)
{
	return !spared && dsql_session_emulated();
}

/*
 * Remember that the transaction had such a statement, for its commit, or that
 * it is COMMIT itself.
 */
static void
note_statement(const DsqlInjection *injection)
{
	int			place;

	LWLockAcquire(shared->lock, LW_SHARED);
	place = find_injection(injection->id);
	LWLockRelease(shared->lock);
	if (place >= 0)
	{
		known[know(injection, place)].statement_fits = true;
		any_statement_fits = true;
	}
}

static void
meet_statement(const DsqlInjection *injection, const Statement *statement)
{
	bool		fits = injection->statement[0] == '\0' ||
	dsql_injection_fits(statement->text, injection->statement);

	switch (injection->moment)
	{
		case DSQL_INJECTION_AT_STATEMENT:
			if (fits && statement->is_commit)
			{
				note_statement(injection);
				return;
			}
			break;
		case DSQL_INJECTION_AT_WRITE:
			fits = fits && writes_to(statement, InvalidOid);
			break;
		case DSQL_INJECTION_AT_COMMIT:
			if (fits && injection->statement[0] != '\0')
				note_statement(injection);
			return;
		case DSQL_INJECTION_AT_CONNECTION:
		case DSQL_INJECTION_AT_CONFLICT:
			return;
	}
	if (fits && is_aimed_here(injection, statement) && take(injection))
		fire(injection);
}

/*
 * Does the text name anything of the schema "dsql"?
 */
static bool
names_own_object(const char *text)
{
	static const char name[] = "dsql.";

	for (const char *place = strstr(text, name); place != NULL;
		 place = strstr(place + 1, name))
		if (place == text ||!(isalnum((unsigned char) place[-1]) ||
							  IS_HIGHBIT_SET(place[-1]) ||
							  strchr("_$.\"", place[-1]) != NULL))
			return true;
	return false;
}

/*
 * The statement is the part of the query string that location and length give,
 * as in a PlannedStmt.
 */
static void
begin_statement(Statement *statement, const char *query_string, int location,
				int length)
{
	DsqlInjection *injections;
	int			count;
	int			start = dsql_statement_location(query_string, location);

	if (length > 0)
		length += location - start;
	query_string = CleanQuerytext(query_string, &start, &length);
	statement->text = pnstrdup(query_string, length);
	if (names_own_object(statement->text))
	{
		spared = true;
		pfree(statement->text);
		return;
	}

	injections = palloc(sizeof(DsqlInjection) * DSQL_INJECTIONS);
	count = dsql_injection_copy(injections);
	for (int i = 0; i < count; i++)
		if (!dsql_injection_used_up(&injections[i]))
			meet_statement(&injections[i], statement);
	pfree(injections);
	pfree(statement->text);
}

void
dsql_injection_begin_query(QueryDesc *queryDesc)
{
	Statement	statement = {.plan = queryDesc->plannedstmt};

	if (dsql_transaction_nesting.depth == 0 && may_be_hit())
		begin_statement(&statement, queryDesc->sourceText,
						queryDesc->plannedstmt->stmt_location,
						queryDesc->plannedstmt->stmt_len);
}

/*
 * ROLLBACK always succeeds.
 */
static bool
is_rollback(Node *stmt)
{
	return IsA(stmt, TransactionStmt) &&
		((TransactionStmt *) stmt)->kind != TRANS_STMT_BEGIN &&
		((TransactionStmt *) stmt)->kind != TRANS_STMT_START &&
		((TransactionStmt *) stmt)->kind != TRANS_STMT_COMMIT;
}

void
dsql_injection_begin_utility(PlannedStmt *pstmt, const char *queryString)
{
	Node	   *stmt = pstmt->utilityStmt;
	Statement	statement = {0};

	if (dsql_transaction_nesting.depth > 0 || is_rollback(stmt) ||
		IsAbortedTransactionBlockState() || !may_be_hit())
		return;
	statement.is_commit = IsA(stmt, TransactionStmt) &&
		((TransactionStmt *) stmt)->kind == TRANS_STMT_COMMIT;
	if (IsA(stmt, CopyStmt) && ((CopyStmt *) stmt)->is_from &&
		((CopyStmt *) stmt)->relation != NULL)
		statement.copied_into = RangeVarGetRelid(((CopyStmt *) stmt)->relation,
												 NoLock, true);
	begin_statement(&statement, queryString, pstmt->stmt_location,
					pstmt->stmt_len);
}

static bool
is_for_commit(const DsqlInjection *injection)
{
	if (injection->moment == DSQL_INJECTION_AT_COMMIT &&
		injection->statement[0] == '\0')
		return true;
	return statement_fitted(injection);
}

void
dsql_injection_pre_commit(void)
{
	DsqlInjection *injections;
	int			count;

	/* A transaction that only sets a parameter, or nothing, does not count. */
	if (!IsNormalProcessingMode() || dsql_schema_version_seen == 0 ||
		!may_be_hit())
		return;

	injections = palloc(sizeof(DsqlInjection) * DSQL_INJECTIONS);
	count = dsql_injection_copy(injections);
	for (int i = 0; i < count; i++)
	{
		DsqlInjection *injection = &injections[i];

		if (!dsql_injection_used_up(injection) && is_for_commit(injection) &&
			(dsql_touched_tables_any() || !is_for_writers(injection)) &&
			is_aimed_here(injection, NULL) && take(injection))
			fire(injection);
	}
	pfree(injections);
}

bool
dsql_injection_armed_at(DsqlInjectionMoment moment)
{
	bool		result = false;

	if (!may_be_hit())
		return false;
	LWLockAcquire(shared->lock, LW_SHARED);
	for (int i = 0; i < DSQL_INJECTIONS && !result; i++)
	{
		DsqlInjection *injection = &shared->injections[i];

		result = is_mine(injection) && injection->moment == moment &&
			!dsql_injection_used_up(injection);
	}
	LWLockRelease(shared->lock);
	return result;
}

bool
dsql_injection_take_at(DsqlInjectionMoment moment, DsqlInjection *taken)
{
	DsqlInjection *injections;
	int			count;
	bool		result = false;

	if (!dsql_injection_any() || !may_be_hit())
		return false;
	injections = palloc(sizeof(DsqlInjection) * DSQL_INJECTIONS);
	count = dsql_injection_copy(injections);
	for (int i = 0; i < count && !result; i++)
	{
		DsqlInjection *injection = &injections[i];

		result = injection->moment == moment &&
			!dsql_injection_used_up(injection) &&
			is_aimed_here(injection, NULL) && take(injection);
		if (result)
			*taken = *injection;
	}
	pfree(injections);
	if (result)
		dsql_stats_count(DSQL_STATS_INJECTED, 1);
	return result;
}

void
dsql_injection_spare_transaction(void)
{
	spared = true;
}

void
dsql_injection_end(bool commit)
{
	if (unlikely(hang_up_after) && commit)
		hang_up();
	if (unlikely(any_statement_fits))
		for (int i = 0; i < DSQL_INJECTIONS; i++)
			known[i].statement_fits = false;
	spared = hang_up_after = any_statement_fits = false;
}
