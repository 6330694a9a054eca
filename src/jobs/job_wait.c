/*
 * job_wait.c
 *		Sessions that wait for jobs.
 *
 * A job may have to wait for locks, and for every older snapshot.  A session
 * that waits for a job must hold neither.  So waiting is done by a procedure,
 * which can end its transaction, and is refused in a transaction block.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "funcapi.h"
#include "nodes/parsenodes.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"

#include "base/identifier.h"
#include "base/refuse.h"
#include "jobs/implied_jobs.h"
#include "jobs/job_catalog.h"
#include "jobs/worker_slots.h"

/*
 * End the transaction that the procedure was called in and start another,
 * without a snapshot.
 */
static void
release_everything(void)
{
	SPI_commit();
	InvalidateCatalogSnapshot();
}

static bool
is_atomic(FunctionCallInfo fcinfo)
{
	return fcinfo->context == NULL || !IsA(fcinfo->context, CallContext) ||
		((CallContext *) fcinfo->context)->atomic;
}

/*
 * Wait until the job has ended.  Returns its status.
 */
static DsqlJobStatus
wait_for_end(const char *id)
{
	for (;;)
	{
		uint64		seen = dsql_worker_slots_announcements();
		DsqlJobStatus status;

		if (!dsql_job_status(id, &status))
		{
			dsql_refuse(RULE_JOB_UNKNOWN, id);
			return DSQL_JOB_FAILED;
		}
		if (status == DSQL_JOB_COMPLETED || status == DSQL_JOB_FAILED)
			return status;
		release_everything();
		dsql_worker_slots_wait(seen);
	}
}

/*
 * CALL sys.wait_for_job(id)
 */
PG_FUNCTION_INFO_V1(dsql_wait_for_job);
Datum
dsql_wait_for_job(PG_FUNCTION_ARGS)
{
	char	   *id;
	uint8		uuid[16];
	TupleDesc	tupdesc;
	Datum		values[1];
	bool		nulls[1] = {false};
	DsqlJobStatus status = DSQL_JOB_FAILED;
	HeapTuple	tuple;

	if (is_atomic(fcinfo))
	{
		dsql_refuse(RULE_JOB_WAIT_IN_TRANSACTION);
		ereport(ERROR,
				(errcode(ERRCODE_ACTIVE_SQL_TRANSACTION),
				 errmsg("a transaction that is open cannot wait for a job")));
	}
	id = PG_ARGISNULL(0) ? pstrdup("") :
		text_to_cstring(PG_GETARG_TEXT_PP(0));
	if (get_call_result_type(fcinfo, NULL, &tupdesc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	BlessTupleDesc(tupdesc);

	if (!dsql_identifier_to_uuid(id, uuid))
		dsql_refuse(RULE_JOB_ID_INVALID);
	else
	{
		SPI_connect_ext(SPI_OPT_NONATOMIC);
		status = wait_for_end(id);
		SPI_finish();
	}

	values[0] = BoolGetDatum(status == DSQL_JOB_COMPLETED);
	tuple = heap_form_tuple(tupdesc, values, nulls);
	PG_RETURN_DATUM(HeapTupleGetDatum(tuple));
}

/*
 * CALL dsql.run_jobs()
 */
PG_FUNCTION_INFO_V1(dsql_run_jobs);
Datum
dsql_run_jobs(PG_FUNCTION_ARGS)
{
	TimestampTz due;

	if (is_atomic(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_ACTIVE_SQL_TRANSACTION),
				 errmsg("%s cannot run inside a transaction block",
						"dsql.run_jobs()")));

	SPI_connect_ext(SPI_OPT_NONATOMIC);
	dsql_implied_jobs_queue_analyze(true);
	due = dsql_job_release_all();
	release_everything();
	for (;;)
	{
		uint64		seen = dsql_worker_slots_announcements();

		if (!dsql_job_open(due))
			break;
		release_everything();
		dsql_worker_slots_wait(seen);
	}
	SPI_finish();
	PG_RETURN_VOID();
}
