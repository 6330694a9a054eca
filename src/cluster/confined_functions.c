/*
 * confined_functions.c
 *		Functions of the server that would lead out of a cluster.
 *
 * Each of ours stands in front of the server's own code.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"

#include "base/schema_owner.h"
#include "base/server_patch.h"
#include "base/session.h"
#include "cluster/cluster_isolation.h"
#include "cluster/cluster_sessions.h"
#include "cluster/confined_functions.h"

/*
 * Functions that take a sequence by its OID, wherever that comes from.  Another
 * cluster's does not exist.
 */
static const Oid sequence_functions[] = {
	F_NEXTVAL,
	F_CURRVAL,
	F_SETVAL_REGCLASS_INT8,
	F_SETVAL_REGCLASS_INT8_BOOL,
	F_PG_SEQUENCE_LAST_VALUE,
};
static PGFunction sequence_code[lengthof(sequence_functions)];

/*
 * Functions that look for a name, and answer NULL if there is none such.
 */
static const Oid name_functions[] = {
	F_TO_REGCLASS,
	F_TO_REGCOLLATION,
	F_TO_REGOPER,
	F_TO_REGOPERATOR,
	F_TO_REGPROC,
	F_TO_REGPROCEDURE,
	F_TO_REGTYPE,
};
static PGFunction name_code[lengthof(name_functions)];

#define CONFINED_SEQUENCE_FUNCTION(i) \
static Datum \
confined_sequence_function_##i(PG_FUNCTION_ARGS) \
{ \
	if (!dsql_session_plain) \
		dsql_cluster_isolation_check_relation(PG_GETARG_OID(0)); \
	return sequence_code[i] (fcinfo); \
}
CONFINED_SEQUENCE_FUNCTION(0)
CONFINED_SEQUENCE_FUNCTION(1)
CONFINED_SEQUENCE_FUNCTION(2)
CONFINED_SEQUENCE_FUNCTION(3)
CONFINED_SEQUENCE_FUNCTION(4)

static Datum
look_for_name(PGFunction code, FunctionCallInfo fcinfo)
{
	bool	   *outer = dsql_schema_owner_kept_out;
	bool		kept_out = false;
	Datum		result;

	PG_TRY();
	{
		dsql_schema_owner_kept_out = &kept_out;
		result = code(fcinfo);
	}
	PG_FINALLY();
	{
		dsql_schema_owner_kept_out = outer;
	}
	PG_END_TRY();

	if (kept_out)
		PG_RETURN_NULL();
	return result;
}

#define CONFINED_NAME_FUNCTION(i) \
static Datum \
confined_name_function_##i(PG_FUNCTION_ARGS) \
{ \
	if (dsql_session_plain) \
		return name_code[i] (fcinfo); \
	return look_for_name(name_code[i], fcinfo); \
}
CONFINED_NAME_FUNCTION(0)
CONFINED_NAME_FUNCTION(1)
CONFINED_NAME_FUNCTION(2)
CONFINED_NAME_FUNCTION(3)
CONFINED_NAME_FUNCTION(4)
CONFINED_NAME_FUNCTION(5)
CONFINED_NAME_FUNCTION(6)

/*
 * Functions that send a signal to a session.
 */
static const Oid signal_functions[] = {
	F_PG_CANCEL_BACKEND,
	F_PG_TERMINATE_BACKEND,
};
static PGFunction signal_code[lengthof(signal_functions)];

/*
 * What PostgreSQL answers if there is no such process, if it is another
 * cluster's.
 */
static Datum
send_signal(PGFunction code, FunctionCallInfo fcinfo)
{
	int			pid = PG_GETARG_INT32(0);

	if (dsql_cluster_sessions_reaches(pid))
		return code(fcinfo);
	ereport(WARNING,
			(errmsg("PID %d is not a PostgreSQL backend process", pid)));
	PG_RETURN_BOOL(false);
}

#define CONFINED_SIGNAL_FUNCTION(i) \
static Datum \
confined_signal_function_##i(PG_FUNCTION_ARGS) \
{ \
	if (dsql_session_plain) \
		return signal_code[i] (fcinfo); \
	return send_signal(signal_code[i], fcinfo); \
}
CONFINED_SIGNAL_FUNCTION(0)
CONFINED_SIGNAL_FUNCTION(1)

static bool
replace_functions(const Oid *functions, const PGFunction *ours,
				  PGFunction *code, int count)
{
	for (int i = 0; i < count; i++)
		if (!dsql_server_patch_function(functions[i], ours[i], &code[i]))
			return false;
	return true;
}

void
dsql_confined_functions_install(void)
{
	static const PGFunction for_sequences[lengthof(sequence_functions)] = {
		confined_sequence_function_0,
		confined_sequence_function_1,
		confined_sequence_function_2,
		confined_sequence_function_3,
		confined_sequence_function_4,
	};
	static const PGFunction for_names[lengthof(name_functions)] = {
		confined_name_function_0,
		confined_name_function_1,
		confined_name_function_2,
		confined_name_function_3,
		confined_name_function_4,
		confined_name_function_5,
		confined_name_function_6,
	};

	static const PGFunction for_signals[lengthof(signal_functions)] = {
		confined_signal_function_0,
		confined_signal_function_1,
	};

	if (!replace_functions(sequence_functions, for_sequences, sequence_code,
						   lengthof(sequence_functions)) ||
		!replace_functions(name_functions, for_names, name_code,
						   lengthof(name_functions)) ||
		!replace_functions(signal_functions, for_signals, signal_code,
						   lengthof(signal_functions)))
		ereport(WARNING,
				(errcode(ERRCODE_SYSTEM_ERROR),
				 errmsg("could not change the list of functions: %m"),
				 errdetail("Sequences and sessions of other clusters can be reached by their numbers on this server.")));
}

/*
 * dsql.reaches_schema(name): false for one of another cluster, if the session
 * is kept out of that.
 */
PG_FUNCTION_INFO_V1(dsql_reaches_schema);
Datum
dsql_reaches_schema(PG_FUNCTION_ARGS)
{
	Oid			schema = get_namespace_oid(NameStr(*PG_GETARG_NAME(0)), true);

	PG_RETURN_BOOL(!OidIsValid(schema) ||
				   !dsql_cluster_isolation_keeps_out(schema));
}
