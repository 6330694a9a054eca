/*
 * rulelist.h
 *		The rules, one row each.
 *
 * DSQL_RULE(name, kind, matches, sqlstate, message, evidence, source, since)
 *
 * There is deliberately no include guard here: whoever includes this file
 * defines DSQL_RULE first.  The sources are named as in doc/sources.md.  Where
 * a text is not known, it follows the pattern of its group, and the evidence
 * is INFERRED.
 */

/* Statements that the service does not have. */
DSQL_RULE(STATEMENT_TRUNCATE, "statement", "TRUNCATE",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "unsupported statement: Truncate",
		  RECORDED, "cluster", "2026-09-18")
DSQL_RULE(STATEMENT_OTHER, "statement", "any statement that no other rule names",
		  ERRCODE_FEATURE_NOT_SUPPORTED, "unsupported statement: %s",
		  INFERRED, "pattern", "2026-09-18")

/* Settings of a session. */
DSQL_RULE(SETTING, "setting", "SET, RESET, set_config() or start-up parameter, not in the list",
		  ERRCODE_FEATURE_NOT_SUPPORTED,
		  "setting configuration parameter \"%s\" not supported",
		  RECORDED, "cluster", "2026-09-18")
