/*
 * finding.c
 *		What report mode found: statements that the service would refuse.
 *
 * Findings live in a hash table in shared memory, because they have to outlive
 * the transaction that they were found in, which may well roll back.  They
 * survive a restart of the server in a file, as the statistics of
 * pg_stat_statements do; a crash loses those since the start.
 *
 * A finding is identified by database, rule and the statement's text.  When
 * the table is full, further findings are only counted.
 */
#include "postgres.h"

#include <unistd.h>

#include "common/hashfn.h"
#include "fmgr.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "storage/fd.h"
#include "storage/ipc.h"
#include "storage/lwlock.h"
#include "storage/shmem.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/timestamp.h"

#include "base/compat.h"
#include "base/finding.h"
#include "base/settings.h"

/* Texts are cut here, in bytes. */
#define STATEMENT_SIZE 1024
#define MESSAGE_SIZE 256

#define FINDING_FILE PGSTAT_STAT_PERMANENT_DIRECTORY "/dsql_emu.findings"
static const uint32 finding_file_magic = 0xD5910002;

typedef struct FindingKey
{
	uint64		statement_hash;
	Oid			database;
	char		rule[NAMEDATALEN];	/* its name: numbers differ by version */
} FindingKey;

typedef struct Finding
{
	FindingKey	key;			/* must be first */
	int64		count;
	int			sqlstate;
	TimestampTz last_time;
	Oid			role;			/* whose session met it last */
	char		application_name[NAMEDATALEN];
	char		message[MESSAGE_SIZE];
	char		statement[STATEMENT_SIZE + 1];
} Finding;

typedef struct FindingShared
{
	LWLock	   *lock;			/* guards the table and the fields below */
	int64		lost;			/* findings that the table had no room for */
} FindingShared;

static FindingShared *shared = NULL;
static HTAB *findings = NULL;

/*
 * The statement that the next finding is about.  It is a copy: the client's
 * text is gone when a prepared statement is executed.
 */
static uint64 current_hash = 0;
static char current_statement[STATEMENT_SIZE + 1] = "";

void
dsql_finding_shmem_request(void)
{
	RequestAddinShmemSpace(MAXALIGN(sizeof(FindingShared)));
	RequestAddinShmemSpace(hash_estimate_size(dsql_settings_max_findings,
											  sizeof(Finding)));
	RequestNamedLWLockTranche("dsql_emu finding", 1);
}

/*
 * Read what the last server wrote at its shutdown.  A file of another format
 * is from another version: its findings are discarded.
 */
static void
load_findings(void)
{
	FILE	   *file = AllocateFile(FINDING_FILE, PG_BINARY_R);
	uint32		magic;
	Finding		entry;

	if (file == NULL)
		return;
	if (fread(&magic, sizeof(magic), 1, file) == 1 &&
		magic == finding_file_magic)
		while (hash_get_num_entries(findings) < dsql_settings_max_findings &&
			   fread(&entry, sizeof(entry), 1, file) == 1)
			memcpy(hash_search(findings, &entry.key, HASH_ENTER, NULL),
				   &entry, sizeof(entry));
	FreeFile(file);
	unlink(FINDING_FILE);
}

static void
save_findings(int code, Datum arg)
{
	FILE	   *file;
	HASH_SEQ_STATUS scan;
	Finding    *entry;
	bool		written;

	if (code != 0)
		return;					/* shared memory may be broken */
	file = AllocateFile(FINDING_FILE, PG_BINARY_W);
	if (file == NULL)
	{
		ereport(LOG,
				(errcode_for_file_access(),
				 errmsg("could not write file \"%s\": %m", FINDING_FILE)));
		return;
	}
	written = fwrite(&finding_file_magic, sizeof(uint32), 1, file) == 1;
	hash_seq_init(&scan, findings);
	while ((entry = hash_seq_search(&scan)) != NULL)
		written = fwrite(entry, sizeof(*entry), 1, file) == 1 && written;
	if (FreeFile(file) != 0 || !written)
	{
		ereport(LOG,
				(errcode_for_file_access(),
				 errmsg("could not write file \"%s\": %m", FINDING_FILE)));
		unlink(FINDING_FILE);
	}
}

void
dsql_finding_shmem_init(void)
{
	HASHCTL		info = {
		.keysize = sizeof(FindingKey),
		.entrysize = sizeof(Finding),
	};
	bool		found;

	shared = ShmemInitStruct("dsql_emu finding", sizeof(FindingShared), &found);
	findings = ShmemInitHash("dsql_emu finding hash",
							 dsql_settings_max_findings,
							 dsql_settings_max_findings, &info,
							 HASH_ELEM | HASH_BLOBS);
	if (!found)
	{
		shared->lock = &GetNamedLWLockTranche("dsql_emu finding")->lock;
		shared->lost = 0;
		load_findings();
	}
	if (!IsUnderPostmaster)
		on_shmem_exit(save_findings, (Datum) 0);
}

void
dsql_finding_note_statement(const char *query_string, int location, int length)
{
	const char *statement;
	int			start;
	int			cut;

	start = dsql_statement_location(query_string, location);
	if (length > 0)
		length += location - start;
	statement = CleanQuerytext(query_string, &start, &length);
	current_hash = DatumGetUInt64(hash_any_extended((const unsigned char *) statement,
													length, 0));
	cut = pg_mbcliplen(statement, length, STATEMENT_SIZE);
	memcpy(current_statement, statement, cut);
	current_statement[cut] = '\0';
}

void
dsql_finding_add(const char *rule, int sqlstate, const char *message)
{
	FindingKey	key = {0};
	Finding    *entry;
	bool		found;
	bool		first_lost = false;
	Oid			role = GetUserId();
	TimestampTz now = GetCurrentTimestamp();

	key.statement_hash = current_hash;
	key.database = MyDatabaseId;
	strlcpy(key.rule, rule, sizeof(key.rule));

	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	if (hash_get_num_entries(findings) < dsql_settings_max_findings)
		entry = hash_search(findings, &key, HASH_ENTER_NULL, &found);
	else
		entry = hash_search(findings, &key, HASH_FIND, &found);
	if (entry == NULL)
		first_lost = shared->lost++ == 0;
	else
	{
		if (!found)
		{
			int			cut = pg_mbcliplen(message, strlen(message),
										   MESSAGE_SIZE - 1);

			entry->count = 0;
			entry->sqlstate = sqlstate;
			strcpy(entry->statement, current_statement);
			memcpy(entry->message, message, cut);
			entry->message[cut] = '\0';
		}
		entry->count++;
		entry->last_time = now;
		entry->role = role;
		strlcpy(entry->application_name, application_name, NAMEDATALEN);
	}
	LWLockRelease(shared->lock);

	if (first_lost)
		ereport(LOG,
				(errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
				 errmsg("no room for more findings of dsql_emu"),
				 errhint("Consider increasing the configuration parameter \"%s\", or call dsql.reset_findings().",
						 "dsql_emu.max_findings")));
}

/*
 * The rows of dsql.findings: those of this database.
 */
PG_FUNCTION_INFO_V1(dsql_finding_rows);
Datum
dsql_finding_rows(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	HASH_SEQ_STATUS scan;
	Finding    *entry;
	Finding    *copies;
	int			count = 0;

	InitMaterializedSRF(fcinfo, 0);

	/*
	 * Copy the findings first, because making rows can fail, and looks up
	 * roles.
	 */
	copies = palloc_extended(sizeof(Finding) * dsql_settings_max_findings,
							 MCXT_ALLOC_HUGE);
	LWLockAcquire(shared->lock, LW_SHARED);
	hash_seq_init(&scan, findings);
	while ((entry = hash_seq_search(&scan)) != NULL)
		if (entry->key.database == MyDatabaseId)
			copies[count++] = *entry;
	LWLockRelease(shared->lock);

	for (int i = 0; i < count; i++)
	{
		const char *role_name;
		Datum		values[8];
		bool		nulls[8] = {0};

		entry = &copies[i];
		values[0] = CStringGetTextDatum(entry->key.rule);
		values[1] = CStringGetTextDatum(unpack_sql_state(entry->sqlstate));
		values[2] = CStringGetTextDatum(entry->message);
		values[3] = CStringGetTextDatum(entry->statement);
		role_name = GetUserNameFromId(entry->role, true);
		if (role_name == NULL)
			nulls[4] = true;	/* dropped since */
		else
			values[4] = DirectFunctionCall1(namein, CStringGetDatum(role_name));
		values[5] = CStringGetTextDatum(entry->application_name);
		values[6] = TimestampTzGetDatum(entry->last_time);
		values[7] = Int64GetDatum(entry->count);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/*
 * dsql.reset_findings(): forget those of this database.
 */
PG_FUNCTION_INFO_V1(dsql_reset_findings);
Datum
dsql_reset_findings(PG_FUNCTION_ARGS)
{
	HASH_SEQ_STATUS scan;
	Finding    *entry;

	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	hash_seq_init(&scan, findings);
	while ((entry = hash_seq_search(&scan)) != NULL)
		if (entry->key.database == MyDatabaseId)
			hash_search(findings, &entry->key, HASH_REMOVE, NULL);
	shared->lost = 0;
	LWLockRelease(shared->lock);
	PG_RETURN_VOID();
}
