/* dsql_emu--1.0.sql */

-- complain if script is sourced in psql, rather than via CREATE EXTENSION
\echo Use "CREATE EXTENSION dsql_emu" to load this file. \quit

-- What is the emulator's own lives in "dsql"; what the service shows its
-- users lives in "sys", as there.  A schema that somebody else made stops the
-- installation.
CREATE SCHEMA dsql;
CREATE SCHEMA sys;
GRANT USAGE ON SCHEMA dsql, sys TO PUBLIC;

--
-- src/rule.c: the rules of the service
--

CREATE FUNCTION dsql.rule_rows(
	OUT id text, OUT kind text, OUT matches text, OUT sqlstate text,
	OUT message text, OUT evidence text, OUT source text, OUT since date)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'dsql_rule_rows'
LANGUAGE C STRICT STABLE PARALLEL SAFE;

CREATE VIEW dsql.rules AS SELECT * FROM dsql.rule_rows();
GRANT SELECT ON dsql.rules TO PUBLIC;
COMMENT ON VIEW dsql.rules IS
	'what the service refuses: which statement or clause, with which SQLSTATE '
	'and message, on which evidence (recorded on a real cluster, documented, '
	'or inferred), and since when';
