/*
 * injection_sql.c
 *		Conflicts and faults on demand, in SQL.
 */
#include "postgres.h"

#include "common/pg_prng.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

#include "base/compat.h"
#include "base/current_cluster.h"
#include "transaction/injection.h"

static const char *const fault_names[NUM_DSQL_FAULTS] = {
	[DSQL_FAULT_OC000] = "OC000",
	[DSQL_FAULT_OC001] = "OC001",
	[DSQL_FAULT_UNAVAILABLE] = "unavailable",
	[DSQL_FAULT_DISCONNECT] = "disconnect",
	[DSQL_FAULT_DISCONNECT_AFTER] = "disconnect_after",
	[DSQL_FAULT_BOTH_LOSE] = "both_lose",
	[DSQL_FAULT_DELAY] = "delay",
	[DSQL_FAULT_ROWS] = "rows",
	[DSQL_FAULT_SIZE] = "size",
	[DSQL_FAULT_AGE] = "age",
	[DSQL_FAULT_CONNECTIONS] = "53300",
	[DSQL_FAULT_CONNECTION_RATE] = "53400",
	[DSQL_FAULT_ACCESS_DENIED] = "access_denied",
	[DSQL_FAULT_WAKING_UP] = "waking_up",
};

static const char *const denial_names[NUM_DSQL_DENIALS] = {
	[DSQL_DENIAL_UNKNOWN] = "unknown",
	[DSQL_DENIAL_EXPIRED] = "expired",
	[DSQL_DENIAL_EARLY] = "early",
	[DSQL_DENIAL_SIGNATURE] = "signature",
	[DSQL_DENIAL_ACTION] = "action",
	[DSQL_DENIAL_POLICY] = "policy",
	[DSQL_DENIAL_UNMAPPED] = "unmapped",
};

/* The parameters of dsql.inject(). */
enum
{
	ARG_FAULT, ARG_RELATION, ARG_ROLE_NAME, ARG_APPLICATION_NAME,
	ARG_STATEMENT, ARG_SESSION, ARG_SKIP, ARG_TIMES, ARG_PROBABILITY, ARG_SEED,
	ARG_DELAY, ARG_REASON
};

static void
refuse_value(const char *parameter, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid value for parameter \"%s\" of dsql.inject",
					parameter),
			 errhint("%s", hint)));
}

/*
 * Which of the names is this one?
 */
static int
find_name(const char *what, Datum name, const char *const *names, int n)
{
	char	   *given = TextDatumGetCString(name);
	StringInfoData all;

	initStringInfo(&all);
	for (int i = 0; i < n; i++)
	{
		if (strcmp(given, names[i]) == 0)
			return i;
		appendStringInfo(&all, "%s%s", i > 0 ? ", " : "", names[i]);
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown %s \"%s\"", what, given),
			 errhint("There are %s.", all.data)));
	pg_unreachable();
}

static DsqlInjectionMoment
moment_of(const DsqlInjection *injection)
{
	switch (injection->fault)
	{
		case DSQL_FAULT_OC000:
		case DSQL_FAULT_SIZE:
		case DSQL_FAULT_DISCONNECT_AFTER:
			return DSQL_INJECTION_AT_COMMIT;
		case DSQL_FAULT_ROWS:
			return DSQL_INJECTION_AT_WRITE;
		case DSQL_FAULT_CONNECTIONS:
		case DSQL_FAULT_CONNECTION_RATE:
		case DSQL_FAULT_ACCESS_DENIED:
		case DSQL_FAULT_WAKING_UP:
			return DSQL_INJECTION_AT_CONNECTION;
		case DSQL_FAULT_BOTH_LOSE:
			return DSQL_INJECTION_AT_CONFLICT;
		default:
			return injection->statement[0] == '\0' ?
				DSQL_INJECTION_AT_COMMIT : DSQL_INJECTION_AT_STATEMENT;
	}
}

static void
get_pattern(const char *parameter, Datum value, char *pattern, int size)
{
	char	   *given = TextDatumGetCString(value);

	if (given[0] == '\0' || strlen(given) >= size)
		refuse_value(parameter,
					 psprintf("A pattern has 1 to %d bytes.", size - 1));
	/* Raises an error if it is malformed. */
	(void) dsql_injection_fits(given, given);
	strlcpy(pattern, given, size);
}

static void
get_aim(FunctionCallInfo fcinfo, DsqlInjection *injection)
{
	if (!PG_ARGISNULL(ARG_RELATION))
	{
		injection->relation = PG_GETARG_OID(ARG_RELATION);
		if (!dsql_current_cluster_has_schema(get_rel_namespace(injection->relation)))
			refuse_value("relation", "Name a table of this cluster.");
	}
	if (!PG_ARGISNULL(ARG_ROLE_NAME))
		strlcpy(injection->role_name, NameStr(*PG_GETARG_NAME(ARG_ROLE_NAME)),
				NAMEDATALEN);
	if (!PG_ARGISNULL(ARG_APPLICATION_NAME))
		get_pattern("application_name", PG_GETARG_DATUM(ARG_APPLICATION_NAME),
					injection->application_name,
					sizeof(injection->application_name));
	if (!PG_ARGISNULL(ARG_STATEMENT))
		get_pattern("statement", PG_GETARG_DATUM(ARG_STATEMENT),
					injection->statement, sizeof(injection->statement));
	if (!PG_ARGISNULL(ARG_SESSION))
	{
		injection->session = PG_GETARG_INT32(ARG_SESSION);
		if (injection->session <= 0)
			refuse_value("session", "It is the process ID of a session, which its driver knows.");
	}
}

/*
 * Once, if nothing else is said; at random, for as long as it is armed.
 */
static void
get_turns(FunctionCallInfo fcinfo, DsqlInjection *injection)
{
	injection->at_random = !PG_ARGISNULL(ARG_PROBABILITY);
	injection->skip = PG_ARGISNULL(ARG_SKIP) ? 0 : PG_GETARG_INT32(ARG_SKIP);
	if (injection->skip < 0)
		refuse_value("skip", "It is the number of matches that pass first.");

	injection->times = !PG_ARGISNULL(ARG_TIMES) ? PG_GETARG_INT32(ARG_TIMES) :
		injection->at_random ? 0 : 1;
	if (injection->times < 0)
		refuse_value("times", "It is the number of matches that fail; 0 for no limit.");

	if (!injection->at_random)
	{
		if (!PG_ARGISNULL(ARG_SEED))
			refuse_value("seed", "It is for faults with a probability.");
		return;
	}
	injection->probability = PG_GETARG_FLOAT8(ARG_PROBABILITY);
	if (!(injection->probability > 0 && injection->probability <= 1))
		refuse_value("probability", "It is greater than 0, and 1 at most.");
	injection->seed = PG_ARGISNULL(ARG_SEED) ?
		(int64) pg_prng_uint32(&pg_global_prng_state) :
		PG_GETARG_INT64(ARG_SEED);
}

static void
get_delay(FunctionCallInfo fcinfo, DsqlInjection *injection)
{
	Interval   *delay;

	if ((injection->fault == DSQL_FAULT_DELAY) == PG_ARGISNULL(ARG_DELAY))
		refuse_value("delay", "The fault \"delay\" needs it, and no other one has it.");
	if (PG_ARGISNULL(ARG_DELAY))
		return;
	delay = PG_GETARG_INTERVAL_P(ARG_DELAY);
	injection->delay = delay->time;
	if (delay->month != 0 || delay->day != 0 || delay->time <= 0 ||
		delay->time > USECS_PER_DAY)
		refuse_value("delay", "It is longer than 0, and a day at most.");
}

static void
get_reason(FunctionCallInfo fcinfo, DsqlInjection *injection)
{
	if (PG_ARGISNULL(ARG_REASON))
		return;
	if (injection->fault != DSQL_FAULT_ACCESS_DENIED)
		refuse_value("reason", "It is for the fault \"access_denied\".");
	injection->denial = find_name("reason", PG_GETARG_DATUM(ARG_REASON),
								  denial_names, NUM_DSQL_DENIALS);
}

/*
 * A session that begins has neither statements nor tables yet, and a conflict is
 * not one of a statement.
 */
static void
check_aim(const DsqlInjection *injection)
{
	if (injection->moment == DSQL_INJECTION_AT_CONFLICT &&
		injection->statement[0] != '\0')
		refuse_value("statement", "The fault \"both_lose\" is about transactions.");
	if (injection->moment != DSQL_INJECTION_AT_CONNECTION)
		return;
	if (OidIsValid(injection->relation))
		refuse_value("relation", "A session that begins has no tables yet.");
	if (injection->statement[0] != '\0')
		refuse_value("statement", "A session that begins has no statements yet.");
	if (injection->session != 0)
		refuse_value("session", "A session that begins is not known yet.");
}

PG_FUNCTION_INFO_V1(dsql_inject);
Datum
dsql_inject(PG_FUNCTION_ARGS)
{
	DsqlInjection injection = {0};

	dsql_injection_spare_transaction();
	if (PG_ARGISNULL(ARG_FAULT))
		refuse_value("fault", "It is the name of a fault, such as OC000.");
	injection.fault = find_name("fault", PG_GETARG_DATUM(ARG_FAULT),
								fault_names, NUM_DSQL_FAULTS);
	get_aim(fcinfo, &injection);
	get_turns(fcinfo, &injection);
	get_delay(fcinfo, &injection);
	get_reason(fcinfo, &injection);
	injection.moment = moment_of(&injection);
	check_aim(&injection);
	PG_RETURN_INT32(dsql_injection_arm(&injection));
}

PG_FUNCTION_INFO_V1(dsql_clear_injections);
Datum
dsql_clear_injections(PG_FUNCTION_ARGS)
{
	int			id = PG_ARGISNULL(0) ? 0 : PG_GETARG_INT32(0);

	dsql_injection_spare_transaction();
	if (!PG_ARGISNULL(0) && id <= 0)
		PG_RETURN_INT32(0);
	PG_RETURN_INT32(dsql_injection_clear(id));
}

static Datum
text_or_null(const char *text, bool *isnull)
{
	*isnull = text[0] == '\0';

	return *isnull ? (Datum) 0 : CStringGetTextDatum(text);
}

static Datum
interval_or_null(int64 microseconds, bool *isnull)
{
	Interval   *interval = palloc0(sizeof(Interval));

	*isnull = microseconds == 0;
	interval->time = microseconds;
	return IntervalPGetDatum(interval);
}

/*
 * The rows of dsql.injections: those of this cluster.
 */
PG_FUNCTION_INFO_V1(dsql_injection_rows);
Datum
dsql_injection_rows(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	DsqlInjection *injections = palloc(sizeof(DsqlInjection) * DSQL_INJECTIONS);
	int			count;

	dsql_injection_spare_transaction();
	InitMaterializedSRF(fcinfo, 0);
	count = dsql_injection_copy(injections);
	for (int i = 0; i < count; i++)
	{
		DsqlInjection *injection = &injections[i];
		Datum		values[16];
		bool		nulls[16] = {0};

		values[0] = Int32GetDatum(injection->id);
		values[1] = CStringGetTextDatum(fault_names[injection->fault]);
		values[2] = ObjectIdGetDatum(injection->relation);
		nulls[2] = !OidIsValid(injection->relation);
		values[3] = CStringGetDatum(injection->role_name);	/* a name */
		nulls[3] = injection->role_name[0] == '\0';
		values[4] = text_or_null(injection->application_name, &nulls[4]);
		values[5] = text_or_null(injection->statement, &nulls[5]);
		values[6] = Int32GetDatum(injection->session);
		nulls[6] = injection->session == 0;
		values[7] = Int32GetDatum(injection->skip);
		values[8] = Int32GetDatum(injection->times);
		nulls[8] = injection->times == 0;
		values[9] = Float8GetDatum(injection->probability);
		values[10] = Int64GetDatum(injection->seed);
		nulls[9] = nulls[10] = !injection->at_random;
		values[11] = interval_or_null(injection->delay, &nulls[11]);
		values[12] = CStringGetTextDatum(denial_names[injection->denial]);
		nulls[12] = injection->fault != DSQL_FAULT_ACCESS_DENIED;
		values[13] = Int64GetDatum(injection->matched);
		values[14] = Int64GetDatum(injection->fired);
		values[15] = BoolGetDatum(!dsql_injection_used_up(injection));
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}
