/*
 * conflict_log.c
 *		The last conflicts: who lost, about what, to whom.
 *
 * The service tells its clients that there was a conflict, and nothing else.  So
 * what is known beyond that never gets to a client that loses.  It is kept in a
 * ring in shared memory, because the transaction that it is about rolls back.
 */
#include "postgres.h"

#include <ctype.h>

#include "access/xact.h"
#include "fmgr.h"
#include "funcapi.h"
#include "libpq/libpq-be.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "storage/lwlock.h"
#include "storage/shmem.h"
#include "tcop/tcopprot.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

#include "base/compat.h"
#include "base/current_cluster.h"
#include "base/settings.h"
#include "base/stats.h"
#include "transaction/conflict_log.h"

typedef struct Conflict
{
	TimestampTz time;
	Oid			database;
	char		cluster[DSQL_IDENTIFIER_LEN + 1];	/* as
													 * dsql_current_cluster_home() */
	bool		of_schema;		/* OC001, else OC000 */
	int			pid;
	char		role[NAMEDATALEN];
	char		application_name[NAMEDATALEN];
	char		statement[DSQL_CONFLICT_TEXT_LEN + 1];
	DsqlConflictCause cause;
} Conflict;

typedef struct ConflictLogShared
{
	LWLock	   *lock;			/* guards what follows */
	uint64		count;			/* of all that there ever were */
	Conflict	conflicts[FLEXIBLE_ARRAY_MEMBER];	/* a ring */
} ConflictLogShared;

static ConflictLogShared *shared = NULL;

/* The last statement of the current transaction, cut. */
static char current_statement[DSQL_CONFLICT_TEXT_LEN + 1] = "";

static Size
shared_size(void)
{
	return add_size(offsetof(ConflictLogShared, conflicts),
					mul_size(dsql_settings_max_conflicts, sizeof(Conflict)));
}

void
dsql_conflict_log_shmem_request(void)
{
	RequestAddinShmemSpace(shared_size());
	RequestNamedLWLockTranche("dsql_emu conflict log", 1);
}

void
dsql_conflict_log_shmem_init(void)
{
	bool		found;

	shared = ShmemInitStruct("dsql_emu conflict log", shared_size(), &found);
	if (found)
		return;
	shared->count = 0;
	shared->lock = &GetNamedLWLockTranche("dsql_emu conflict log")->lock;
}

/*
 * Copy the first "length" bytes of a text, or as many characters as there is
 * room for.
 */
static void
cut(char *to, const char *from, int length, int size)
{
	if (length >= size)
		length = pg_mbcliplen(from, length, size - 1);
	memcpy(to, from, length);
	to[length] = '\0';
}

void
dsql_conflict_log_cut(char *to, const char *from, int size)
{
	cut(to, from, strlen(from), size);
}

void
dsql_conflict_log_note_statement(const char *query_string, int location,
								 int length)
{
	static const char *noted = NULL;
	static TimestampTz noted_at = 0;

	if (location > 0)
		query_string += location;

	/* It is told once when it is analysed, and again when it is executed. */
	if (query_string == noted && current_statement[0] != '\0' &&
		GetCurrentStatementStartTimestamp() == noted_at)
		return;
	noted = query_string;
	noted_at = GetCurrentStatementStartTimestamp();
	if (length <= 0)
		length = INT_MAX;
	while (length > 0 && isspace((unsigned char) *query_string))
	{
		query_string++;
		length--;
	}
	/* One byte more than there is room for tells that it has to be cut. */
	length = strnlen(query_string, Min(length, sizeof(current_statement)));
	cut(current_statement, query_string, length, sizeof(current_statement));
}

void
dsql_conflict_log_end(void)
{
	current_statement[0] = '\0';
}

static void
write_to_log(const Conflict *conflict)
{
	const DsqlConflictCause *cause = &conflict->cause;
	char	   *relation = OidIsValid(cause->relation) ?
	get_rel_name(cause->relation) : NULL;
	StringInfoData detail;

	initStringInfo(&detail);
	appendStringInfo(&detail, "Last statement: %s", conflict->statement);
	if (relation != NULL)
		appendStringInfo(&detail, "\nRow: %s %s", relation, cause->key);
	if (TransactionIdIsValid(cause->winner))
		appendStringInfo(&detail, "\nWinner: transaction %u", cause->winner);
	if (cause->winner_pid != 0)
		appendStringInfo(&detail, ", process %d, application \"%s\"",
						 cause->winner_pid, cause->winner_application_name);
	if (cause->injection != 0)
		appendStringInfo(&detail, "\nInjection: %d", cause->injection);

	/* Not LOG, which a client can ask for. */
	ereport(LOG_SERVER_ONLY,
			(errmsg("transaction conflict (%s)",
					conflict->of_schema ? "OC001" : "OC000"),
			 errdetail_internal("%s", detail.data),
			 errhidestmt(true), errhidecontext(true)));
	pfree(detail.data);
}

static void
add(bool of_schema, const DsqlConflictCause *cause)
{
	Conflict	conflict = {
		.time = GetCurrentTimestamp(),
		.database = MyDatabaseId,
		.of_schema = of_schema,
		.pid = MyProcPid,
		.cause = *cause
	};

	/* The transaction may fail before it has a statement. */
	if (current_statement[0] == '\0' && debug_query_string != NULL)
		dsql_conflict_log_note_statement(debug_query_string, 0, 0);
	strlcpy(conflict.cluster, dsql_current_cluster_home(),
			sizeof(conflict.cluster));
	strlcpy(conflict.role, MyProcPort ? MyProcPort->user_name : "",
			sizeof(conflict.role));
	strlcpy(conflict.application_name, application_name,
			sizeof(conflict.application_name));
	strlcpy(conflict.statement, current_statement, sizeof(conflict.statement));

	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	shared->conflicts[shared->count++ % dsql_settings_max_conflicts] = conflict;
	LWLockRelease(shared->lock);

	if (dsql_settings_log_conflicts)
		write_to_log(&conflict);
}

void
dsql_conflict_log_add_row(const DsqlConflictCause *cause)
{
	dsql_stats_count_conflict(DSQL_STATS_ROW_CONFLICTS);
	add(false, cause);
}

void
dsql_conflict_log_add_schema(const DsqlConflictCause *cause)
{
	dsql_stats_count_conflict(DSQL_STATS_SCHEMA_CONFLICTS);
	add(true, cause);
}

static Datum
text_or_null(const char *string, bool *isnull)
{
	*isnull = string[0] == '\0';
	return *isnull ? (Datum) 0 : CStringGetTextDatum(string);
}

static void
put_row(ReturnSetInfo *rsinfo, const Conflict *conflict)
{
	const DsqlConflictCause *cause = &conflict->cause;
	Datum		values[12];
	bool		nulls[12] = {0};

	values[0] = TimestampTzGetDatum(conflict->time);
	values[1] = CStringGetTextDatum(conflict->of_schema ? "OC001" : "OC000");
	values[2] = Int32GetDatum(cause->injection);
	nulls[2] = cause->injection == 0;
	values[3] = Int32GetDatum(conflict->pid);
	values[4] = DirectFunctionCall1(namein, CStringGetDatum(conflict->role));
	values[5] = CStringGetTextDatum(conflict->application_name);
	values[6] = CStringGetTextDatum(conflict->statement);
	values[7] = ObjectIdGetDatum(cause->relation);
	nulls[7] = !OidIsValid(cause->relation);
	values[8] = text_or_null(cause->key, &nulls[8]);
	values[9] = TransactionIdGetDatum(cause->winner);
	nulls[9] = !TransactionIdIsValid(cause->winner);
	values[10] = Int32GetDatum(cause->winner_pid);
	values[11] = CStringGetTextDatum(cause->winner_application_name);
	nulls[10] = nulls[11] = cause->winner_pid == 0;
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

/*
 * The rows of dsql.conflicts: those of this cluster, the oldest first.
 */
PG_FUNCTION_INFO_V1(dsql_conflict_rows);
Datum
dsql_conflict_rows(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	uint64		size = dsql_settings_max_conflicts;
	Conflict   *copies = palloc_extended(sizeof(Conflict) * size,
										 MCXT_ALLOC_HUGE);
	int			count = 0;

	InitMaterializedSRF(fcinfo, 0);
	LWLockAcquire(shared->lock, LW_SHARED);
	for (uint64 i = shared->count - Min(shared->count, size);
		 i < shared->count; i++)
	{
		Conflict   *conflict = &shared->conflicts[i % size];

		if (conflict->database == MyDatabaseId &&
			strcmp(conflict->cluster, dsql_current_cluster_home()) == 0)
			copies[count++] = *conflict;
	}
	LWLockRelease(shared->lock);

	for (int i = 0; i < count; i++)
		put_row(rsinfo, &copies[i]);
	return (Datum) 0;
}
