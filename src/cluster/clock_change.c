/*
 * clock_change.c
 *		dsql.advance_clock() and dsql.reset_clock(): what follows when the
 *		emulator's clock jumps.
 *
 * Connections whose time is over are ended, and workers check whether the end
 * of a cluster has come.
 */
#include "postgres.h"

#include "access/xact.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/fmgrprotos.h"
#include "utils/timestamp.h"

#include "base/clock.h"
#include "base/wakeup.h"
#include "cluster/connection_limits.h"
#include "transaction/transaction_rules.h"

PG_FUNCTION_INFO_V1(dsql_advance_clock);
Datum
dsql_advance_clock(PG_FUNCTION_ARGS)
{
	TimestampTz now = dsql_clock_now();
	TimestampTz then;

	/* Raises an error if that is out of a timestamp's range. */
	then = DatumGetTimestampTz(DirectFunctionCall2(timestamptz_pl_interval,
												   TimestampTzGetDatum(now),
												   PG_GETARG_DATUM(0)));
	if (then < now)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the emulator's clock cannot be moved back"),
				 errhint("dsql.reset_clock() makes it equal to the server's clock.")));

	/*
	 * A call that is alone in its transaction does not make that transaction
	 * old.
	 */
	if (!IsTransactionBlock())
		dsql_transaction_ignore_age();

	dsql_clock_advance(then - now);
	dsql_connection_clock_advanced(then - now);

	/* The end of a cluster may have come. */
	dsql_wakeup_announce(MyDatabaseId);
	dsql_wakeup_launcher();
	PG_RETURN_TIMESTAMPTZ(dsql_clock_now());
}

PG_FUNCTION_INFO_V1(dsql_reset_clock);
Datum
dsql_reset_clock(PG_FUNCTION_ARGS)
{
	dsql_clock_reset();
	dsql_connection_clock_reset();
	dsql_wakeup_launcher();
	PG_RETURN_TIMESTAMPTZ(dsql_clock_now());
}
