-- In report mode what the service would refuse is done, with a warning, and
-- is noted as a finding that outlives its transaction; the same finding of
-- the same statement is counted.
SELECT dsql.reset_findings();
SET dsql_emu.mode = report;
SET application_name = 'regress_report';
CREATE TABLE regress_findings (a int);
INSERT INTO regress_findings VALUES (1);
BEGIN;
TRUNCATE regress_findings;
SELECT count(*) FROM regress_findings;
ROLLBACK;
SELECT count(*) FROM regress_findings;
TRUNCATE regress_findings;
SELECT count(*) FROM regress_findings;
/* other text, other finding */ TRUNCATE regress_findings;
SELECT rule, sqlstate, message, statement, role = current_user AS mine,
	   application_name, last_time <= clock_timestamp() AS timed, count
FROM dsql.findings WHERE statement LIKE '%TRUNCATE%'
ORDER BY count DESC, statement;

-- A statement is cut at 1 kB, between characters.
SELECT 'TRUNCATE regress_findings /* ' || repeat('é', 1000) || '*/' AS long \gset
:long;
SELECT octet_length(statement), right(statement, 2)
FROM dsql.findings WHERE statement LIKE '%é%';

-- In the middle of a string of several statements it is the one statement.
SELECT 1 AS a\; TRUNCATE regress_findings\; SELECT 2 AS b;
SELECT statement, count FROM dsql.findings
WHERE statement LIKE 'TRUNCATE regress_findings' ;

-- Others than admin and monitoring roles do not see them.
SET dsql_emu.mode = off;
CREATE ROLE regress_findings_reader;
SET ROLE regress_findings_reader;
SELECT * FROM dsql.findings;
SELECT dsql.reset_findings();
RESET ROLE;
SET ROLE admin;
SELECT count(*) > 0 AS some FROM dsql.findings;
SELECT dsql.reset_findings();
SELECT count(*) FROM dsql.findings;
RESET ROLE;
DROP ROLE regress_findings_reader;
DROP TABLE regress_findings;
