-- Spellings that PostgreSQL's grammar does not know: CREATE INDEX ASYNC,
-- ALTER TABLE ASYNC and AWS IAM are understood at the beginning of a statement
-- that a client sends to an emulated database, and nowhere else.
CREATE TABLE syntax_t (a int, b int);

-- CREATE INDEX ASYNC, in any case, with anything between the words.  Each
-- job is waited for: its commit would end an open transaction further down.
CREATE INDEX ASYNC i ON syntax_t (a) \gset
\echo :SQLSTATE
CALL sys.wait_for_job(:'job_id');
create unique index async if not exists i on syntax_t (a);
\echo :SQLSTATE
CREATE INDEX ASYNC ON syntax_t (a) \gset
\echo :SQLSTATE
CALL sys.wait_for_job(:'job_id');
CREATE INDEX async ON syntax_t (a) \gset
\echo :SQLSTATE
CALL sys.wait_for_job(:'job_id');
CREATE/**/UNIQUE--
	INDEX/* a /* nested */ comment */aSyNc--
"i"ON syntax_t(a);
\echo :SQLSTATE
SELECT 'CREATE INDEX ASYNC' AS s\; CREATE INDEX ASYNC i ON syntax_t (a)\; SELECT 2;
\echo :SQLSTATE

-- The grammar's own errors, where the client sees them in its text.
CREATE INDEX ASYNC public.i ON syntax_t (a);
\echo :SQLSTATE
CREATE INDEX ASYNC;
\echo :SQLSTATE
CREATE INDEX ASYNC i ON syntax_t (a) ASYNC;
\echo :SQLSTATE
CREATE INDEX CONCURRENTLY ASYNC i ON syntax_t (a);
\echo :SQLSTATE
CREATE INDEX "async" i ON syntax_t (a);
\echo :SQLSTATE
CREATE ASYNC INDEX i ON syntax_t (a);
\echo :SQLSTATE

-- ALTER TABLE ASYNC ... VALIDATE CONSTRAINT
ALTER TABLE ASYNC syntax_t VALIDATE CONSTRAINT c;
\echo :SQLSTATE
alter table async if exists only public.syntax_t validate constraint c;
\echo :SQLSTATE
ALTER TABLE ASYNC IF EXISTS ONLY (public.syntax_t) VALIDATE CONSTRAINT c;
\echo :SQLSTATE
ALTER/**/TABLE/**/ASYNC/**/"syntax_t"*VALIDATE/**/CONSTRAINT c;
\echo :SQLSTATE
-- ... of tables that are called like an action, like async, like nothing else
ALTER TABLE ASYNC owner VALIDATE CONSTRAINT c;
\echo :SQLSTATE
ALTER TABLE ASYNC validate VALIDATE CONSTRAINT c;
\echo :SQLSTATE
ALTER TABLE ASYNC async VALIDATE CONSTRAINT c;
\echo :SQLSTATE
ALTER TABLE ASYNC if VALIDATE CONSTRAINT c;
\echo :SQLSTATE
ALTER TABLE ASYNC U&"d!0061t" UESCAPE '!'.t VALIDATE CONSTRAINT c;
\echo :SQLSTATE
ALTER TABLE ASYNC select VALIDATE CONSTRAINT c;
\echo :SQLSTATE
-- ... and what else follows it is no spelling of the service
ALTER TABLE ASYNC syntax_t ADD COLUMN c int;
\echo :SQLSTATE
ALTER TABLE ASYNC syntax_t RENAME TO u;
\echo :SQLSTATE

-- AWS IAM
AWS IAM GRANT r TO 'arn:aws:iam::123456789012:role/r';
\echo :SQLSTATE
aws/* ; */iam--;
revoke "a""; Role"from E'arn:\';x';
\echo :SQLSTATE
AWS IAM GRANT U&"d!0061t" UESCAPE '!' TO U&'arn:\0061;' UESCAPE '\';
\echo :SQLSTATE
AWS IAM GRANT authorization TO $a$;$a$\; AWS IAM REVOKE r FROM '' 'continued' ;
\echo :SQLSTATE
AWS IAM GRANT r TO ''
	'continued';
\echo :SQLSTATE
SELECT 1 AS one\; AWS IAM GRANT r TO ''\; SELECT 2;
\echo :SQLSTATE

AWS;
\echo :SQLSTATE
AWS GRANT r TO '';
\echo :SQLSTATE
AWS IAM;
\echo :SQLSTATE
SELECT 1\; AWS IAM  \; SELECT 2;
\echo :SQLSTATE
AWS IAM DENY r TO '';
\echo :SQLSTATE
AWS IAM CHAIN;
\echo :SQLSTATE
AWS IAM GRANT;
\echo :SQLSTATE
AWS IAM GRANT TO '';
\echo :SQLSTATE
AWS IAM GRANT true TO '';
\echo :SQLSTATE
AWS IAM GRANT select TO '';
\echo :SQLSTATE
AWS IAM GRANT alter TO ''\; CREATE INDEX ASYNC public.i ON syntax_t (a);
\echo :SQLSTATE
AWS IAM GRANT 'r' TO '';
\echo :SQLSTATE
AWS IAM GRANT 1.5 TO '';
\echo :SQLSTATE
AWS IAM GRANT r;
\echo :SQLSTATE
AWS IAM GRANT s.r TO '';
\echo :SQLSTATE
AWS IAM GRANT r, s TO '';
\echo :SQLSTATE
AWS IAM GRANT r FROM '';
\echo :SQLSTATE
AWS IAM REVOKE r TO '';
\echo :SQLSTATE
AWS IAM GRANT r = '';
\echo :SQLSTATE
AWS IAM GRANT r TO r;
\echo :SQLSTATE
AWS IAM GRANT r TO DEFAULT;
\echo :SQLSTATE
AWS IAM GRANT r TO -1;
\echo :SQLSTATE
AWS IAM GRANT r TO $1;
\echo :SQLSTATE
AWS IAM GRANT r TO B'1';
\echo :SQLSTATE
AWS IAM GRANT r TO '', '';
\echo :SQLSTATE
AWS IAM GRANT é TO '', '';
\echo :SQLSTATE
AWS IAM GRANT r TO '' WITH ADMIN OPTION;
\echo :SQLSTATE
SELECT 'é' AS e\; AWS IAM GRANT r TO '' || '';
\echo :SQLSTATE
AWS IAM GRANT U&"\00" TO '';
\echo :SQLSTATE

-- In an aborted block the block comes first, as for each statement that is
-- known; and the answer needs no look at the catalog there.
BEGIN;
CREATE SCHEMA syntax_s;
SELECT 1/0;
CREATE INDEX ASYNC i ON syntax_t (a);
\echo :SQLSTATE
ALTER TABLE ASYNC syntax_t VALIDATE CONSTRAINT c;
\echo :SQLSTATE
AWS IAM GRANT r TO '';
\echo :SQLSTATE
AWS IAM GRANT r TO '' '';
\echo :SQLSTATE
ROLLBACK;

-- The three words are ordinary names elsewhere.
SET dsql_emu.mode = off;
SET client_min_messages = error;
SET dsql_emu.mode = report;
CREATE TABLE async (async int, aws int, iam int);
INSERT INTO async (async, aws, iam) VALUES (1, 2, 3);
SELECT aws.async, iam, aws AS aws, 'aws iam grant r to ''x''' AS "AWS IAM"
FROM async aws;
ALTER TABLE async ADD COLUMN d int;
ALTER TABLE async ADD CONSTRAINT validate CHECK (aws > iam) NOT VALID;
ALTER TABLE async RENAME COLUMN d TO validate;
ALTER TABLE async RENAME validate TO d;
ALTER TABLE async VALIDATE CONSTRAINT validate;
\echo :SQLSTATE
ALTER TABLE "async" DROP CONSTRAINT validate;
ALTER TABLE async * OWNER TO CURRENT_USER;
ALTER TABLE public.async RENAME d TO e;
CREATE INDEX aws ON async (async);
CREATE INDEX "ASYNC" ON async (iam);
ALTER INDEX "ASYNC" RENAME TO iam;
SELECT $$CREATE INDEX ASYNC i$$ AS "INDEX async", $a$;AWS IAM GRANT$a$ AS alter, 1 AS create,
	-- ; CREATE INDEX ASYNC i
	/* ; AWS IAM GRANT /* ; CREATE INDEX ASYNC i */ */ async AS index FROM async;
SELECT relname FROM pg_class WHERE relname IN ('async', 'aws', 'iam') ORDER BY 1;
DROP TABLE async;

-- Only what the client itself sends is looked at.
DO $$ BEGIN EXECUTE 'CREATE INDEX ASYNC i ON syntax_t (a)'; END $$;
\echo :SQLSTATE
DO $$ BEGIN AWS IAM GRANT r TO ''; END $$;
\echo :SQLSTATE
CREATE FUNCTION syntax_f() RETURNS void LANGUAGE sql AS 'AWS IAM GRANT r TO ''''';
\echo :SQLSTATE
CREATE FUNCTION syntax_f() RETURNS void LANGUAGE sql
BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; AWS IAM GRANT r TO ''; END;
\echo :SQLSTATE
CREATE RULE r AS ON INSERT TO syntax_t DO (SELECT 1; AWS IAM GRANT r TO '');
\echo :SQLSTATE
EXPLAIN AWS IAM GRANT r TO '';
\echo :SQLSTATE
PREPARE p AS CREATE INDEX ASYNC i ON syntax_t (a);
\echo :SQLSTATE

-- Without the emulation there is nothing of it.
SET dsql_emu.mode = off;
RESET client_min_messages;
CREATE INDEX ASYNC i ON syntax_t (a);
\echo :SQLSTATE
AWS IAM GRANT r TO '';
\echo :SQLSTATE
CREATE INDEX ASYNC ON syntax_t (a);
SELECT relname FROM pg_class WHERE relname = 'async';
SELECT quote_ident('create'), quote_ident('alter'), quote_ident('aws'), quote_ident('async');
RESET dsql_emu.mode;
DROP TABLE syntax_t;
