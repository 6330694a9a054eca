-- Definitions that the service refuses: in "enforce" they fail, in "report"
-- each refusal is a warning and PostgreSQL does the rest, in "off" they are
-- PostgreSQL's alone.
\set refused_ddl `cat "$PG_ABS_SRCDIR/sql/include/refused_ddl.sql"`
\set ECHO queries
:refused_ddl
SET dsql_emu.mode = report;
SELECT dsql.reset_findings();
:refused_ddl
SET dsql_emu.mode = off;
DROP PROCEDURE p;
SELECT rule, sqlstate, count(*) FROM dsql.findings GROUP BY 1, 2 ORDER BY 1;
SELECT dsql.reset_findings();
:refused_ddl
DROP PROCEDURE p;
