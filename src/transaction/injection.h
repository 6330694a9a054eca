/*
 * injection.h
 *		Conflicts and faults that a test has ordered.
 */
#ifndef DSQL_INJECTION_H
#define DSQL_INJECTION_H

#include "executor/execdesc.h"
#include "nodes/plannodes.h"
#include "port/atomics.h"

#include "base/identifier.h"

typedef enum DsqlFault
{
	DSQL_FAULT_OC000,
	DSQL_FAULT_OC001,
	DSQL_FAULT_UNAVAILABLE,
	DSQL_FAULT_DISCONNECT,
	DSQL_FAULT_DISCONNECT_AFTER,
	DSQL_FAULT_BOTH_LOSE,
	DSQL_FAULT_DELAY,
	DSQL_FAULT_ROWS,
	DSQL_FAULT_SIZE,
	DSQL_FAULT_AGE,
	DSQL_FAULT_CONNECTIONS,
	DSQL_FAULT_CONNECTION_RATE,
	DSQL_FAULT_ACCESS_DENIED,
	DSQL_FAULT_WAKING_UP,
	NUM_DSQL_FAULTS
} DsqlFault;

/* Why access is denied. */
typedef enum DsqlDenial
{
	DSQL_DENIAL_UNKNOWN,		/* without a HINT */
	DSQL_DENIAL_EXPIRED,
	DSQL_DENIAL_EARLY,
	DSQL_DENIAL_SIGNATURE,
	DSQL_DENIAL_ACTION,
	DSQL_DENIAL_POLICY,
	DSQL_DENIAL_UNMAPPED,
	NUM_DSQL_DENIALS
} DsqlDenial;

/*
 * When an injection is looked at.  Many faults happen at COMMIT, or at a
 * statement if one is named.
 */
typedef enum DsqlInjectionMoment
{
	DSQL_INJECTION_AT_STATEMENT,
	DSQL_INJECTION_AT_WRITE,	/* a statement that is to change rows */
	DSQL_INJECTION_AT_COMMIT,
	DSQL_INJECTION_AT_CONNECTION,
	DSQL_INJECTION_AT_CONFLICT
} DsqlInjectionMoment;

/* The longest patterns, in bytes. */
#define DSQL_INJECTION_NAME_LEN 255
#define DSQL_INJECTION_STATEMENT_LEN 1000

/*
 * What was ordered, and what became of it.  Where the aim leaves something
 * open, it is zero or empty.
 */
typedef struct DsqlInjection
{
	int			id;				/* 0 if the place is free */
	DsqlFault	fault;
	DsqlInjectionMoment moment;
	Oid			database;
	char		cluster[DSQL_IDENTIFIER_LEN + 1];	/* as
													 * dsql_current_cluster_home() */
	Oid			relation;
	char		role_name[NAMEDATALEN];
	char		application_name[DSQL_INJECTION_NAME_LEN + 1];
	char		statement[DSQL_INJECTION_STATEMENT_LEN + 1];
	int			session;
	int			skip;
	int			times;			/* 0 for no limit */
	bool		at_random;
	double		probability;
	int64		seed;
	int64		delay;			/* in microseconds */
	DsqlDenial	denial;
	int64		matched;
	int64		fired;
} DsqlInjection;

/* How many there can be at a time, those that are used up included. */
#define DSQL_INJECTIONS 64

extern void dsql_injection_shmem_request(void);
extern void dsql_injection_shmem_init(void);

/* The number of those that are not used up, of all clusters. */
extern PGDLLIMPORT pg_atomic_uint32 *dsql_injection_armed;

static inline bool
dsql_injection_any(void)
{
	return unlikely(pg_atomic_read_u32(dsql_injection_armed) != 0);
}

/*
 * For the hooks, where any is armed: a query or command of the client begins,
 * the transaction begins to commit.
 */
extern void dsql_injection_begin_query(QueryDesc *queryDesc);
extern void dsql_injection_begin_utility(PlannedStmt *pstmt,
										 const char *queryString);
extern void dsql_injection_pre_commit(void);

/*
 * For the other moments: if an injection is to be fired now, copy it; the caller
 * does the rest.  And whether one of the cluster waits for such a moment.
 */
extern bool dsql_injection_take_at(DsqlInjectionMoment moment,
								   DsqlInjection *taken);
extern bool dsql_injection_armed_at(DsqlInjectionMoment moment);

/* The transaction has ended. */
extern void dsql_injection_end(bool commit);

/*
 * For the SQL functions, which fill in the rest.  The result is the
 * injection's id.
 */
extern int	dsql_injection_arm(DsqlInjection *injection);
extern int	dsql_injection_clear(int id);
extern int	dsql_injection_copy(DsqlInjection *copies);
extern bool dsql_injection_used_up(const DsqlInjection *injection);

/* Whoever orders faults, or looks at them, is not hit in this transaction. */
extern void dsql_injection_spare_transaction(void);

extern bool dsql_injection_fits(const char *text, const char *pattern);

#endif							/* DSQL_INJECTION_H */
