-- AWS IAM GRANT and REVOKE: admin says which IAM users and roles may connect as
-- which roles.  It is data definition, and what is granted keeps the role from
-- being dropped.
SELECT current_user AS regress_owner \gset
CREATE ROLE regress_iam WITH LOGIN;
CREATE ROLE regress_iam_group;
\set arn '''arn:aws:iam::123456789012:role/app'''
\set user '''arn:aws:iam::123456789012:user/path/x+=,.@-_y'''

-- Only admin, and who is above.
AWS IAM GRANT regress_iam TO :arn;
\c - regress_iam
AWS IAM GRANT regress_iam TO :user; \echo :SQLSTATE
AWS IAM REVOKE regress_iam FROM :arn; \echo :SQLSTATE
SELECT arn, pg_role_name, grantor_pg_role_name = current_user AS mine
FROM sys.iam_pg_role_mappings;
SELECT * FROM dsql.iam_mapping; \echo :SQLSTATE
\c - admin
CREATE ROLE regress_iam_other LOGIN;
AWS IAM GRANT regress_iam TO :user;
AWS IAM GRANT regress_iam_other TO :user;
\d sys.iam_pg_role_mappings
SELECT arn, pg_role_name, grantor_pg_role_name = 'admin' AS by_admin,
	pg_role_oid = pg_role_name::regrole AS same,
	grantor_pg_role_oid = grantor_pg_role_name::regrole AS same
FROM sys.iam_pg_role_mappings;
SELECT count(DISTINCT iam_oid) FROM sys.iam_pg_role_mappings;

-- Once, and back.
AWS IAM GRANT regress_iam TO :user; \echo :SQLSTATE
AWS IAM REVOKE regress_iam_other FROM :arn; \echo :SQLSTATE
AWS IAM REVOKE regress_iam FROM :arn;
AWS IAM REVOKE regress_iam FROM :arn; \echo :SQLSTATE

-- What cannot be
AWS IAM GRANT regress_nothing TO :arn; \echo :SQLSTATE
AWS IAM REVOKE regress_nothing FROM :arn; \echo :SQLSTATE
AWS IAM GRANT regress_iam_group TO :arn; \echo :SQLSTATE
AWS IAM GRANT admin TO :arn; \echo :SQLSTATE
AWS IAM REVOKE admin FROM :arn; \echo :SQLSTATE
AWS IAM GRANT public TO :arn; \echo :SQLSTATE
AWS IAM GRANT pg_monitor TO :arn; \echo :SQLSTATE
AWS IAM GRANT regress_iam TO ''; \echo :SQLSTATE
AWS IAM GRANT regress_iam TO 'app'; \echo :SQLSTATE
AWS IAM GRANT regress_iam TO 'arn:aws:iam::12345678901:role/app'; \echo :SQLSTATE
AWS IAM GRANT regress_iam TO 'arn:aws:iam:us-east-1:123456789012:role/app'; \echo :SQLSTATE
AWS IAM GRANT regress_iam TO 'arn:aws:iam::123456789012:group/app'; \echo :SQLSTATE
AWS IAM GRANT regress_iam TO 'arn:aws:iam::123456789012:role/'; \echo :SQLSTATE
AWS IAM GRANT regress_iam TO 'arn:aws:iam::123456789012:root'; \echo :SQLSTATE
AWS IAM GRANT regress_iam TO 'arn:aws:sts::123456789012:assumed-role/app/s'; \echo :SQLSTATE
AWS IAM GRANT regress_iam TO 'arn:aws:iam::123456789012:role/*'; \echo :SQLSTATE

-- Dropping a role
DROP ROLE regress_iam_other; \echo :SQLSTATE
AWS IAM REVOKE regress_iam_other FROM :user;
DROP ROLE regress_iam_other;

-- Data definition: one in a transaction, and apart from changes of data
CREATE TABLE iam_t (a int PRIMARY KEY);
BEGIN;
AWS IAM GRANT regress_iam TO :arn;
CREATE TABLE iam_u (a int); \echo :SQLSTATE
ROLLBACK;
BEGIN;
INSERT INTO iam_t VALUES (1);
AWS IAM GRANT regress_iam TO :arn; \echo :SQLSTATE
AWS IAM GRANT regress_iam TO :arn; \echo :SQLSTATE
ROLLBACK;
BEGIN READ ONLY;
AWS IAM GRANT regress_iam TO :arn; \echo :SQLSTATE
ROLLBACK;
BEGIN;
AWS IAM GRANT regress_iam TO :arn;
ROLLBACK;
AWS IAM REVOKE regress_iam FROM :arn; \echo :SQLSTATE
BEGIN;
AWS IAM GRANT regress_iam TO :arn;
COMMIT;
AWS IAM REVOKE regress_iam FROM :arn;
DROP TABLE iam_t;

-- The spelling that the parser makes of it is nobody else's.
SET "AWS IAM GRANT" = regress_iam, 'arn:aws:iam::123456789012:role/app'; \echo :SQLSTATE
SET iam = regress_iam, 'arn:aws:iam::123456789012:role/app'; \echo :SQLSTATE
SELECT set_config('AWS IAM GRANT', 'x', false); \echo :SQLSTATE

-- A cluster's own
\c - :"regress_owner"
SET dsql_emu.create_delay = 0;
SET dsql_emu.delete_delay = 0;
SELECT identifier AS other FROM dsql.create_cluster('iam_other', false) \gset
SELECT dsql.use_cluster(:'other');
SELECT arn FROM sys.iam_pg_role_mappings;
AWS IAM GRANT regress_iam TO :user;
SELECT arn, pg_role_name FROM sys.iam_pg_role_mappings;
SELECT dsql.use_cluster(NULL);
AWS IAM REVOKE regress_iam FROM :user;
DROP ROLE regress_iam; \echo :SQLSTATE
SELECT status FROM dsql.delete_cluster(:'other');
-- the next one looks for what is to be cleaned up
SELECT identifier AS last FROM dsql.create_cluster('iam_last', false) \gset
SELECT status FROM dsql.delete_cluster(:'last');
SELECT count(*) FROM dsql.iam_mapping;

-- Modes
SET dsql_emu.mode = report;
AWS IAM GRANT regress_iam TO :arn;
AWS IAM GRANT regress_iam TO 'x'; \echo :SQLSTATE
SET "AWS IAM GRANT" = regress_iam, 'arn:aws:iam::123456789012:role/app'; \echo :SQLSTATE
SET dsql_emu.mode = off;
AWS IAM GRANT regress_iam TO :arn; \echo :SQLSTATE
SELECT arn, pg_role_name FROM sys.iam_pg_role_mappings;
DROP ROLE regress_iam; \echo :SQLSTATE
RESET dsql_emu.mode;
AWS IAM REVOKE regress_iam FROM :arn;
DROP ROLE regress_iam;
DROP ROLE regress_iam_group;
