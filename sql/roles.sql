-- Roles have a few options, privileges are given on a few kinds of objects, and
-- what belongs to the service is not the users' to give or to change.
CREATE TABLE t (id bigint PRIMARY KEY, v text);
CREATE SEQUENCE s CACHE 1;
CREATE FUNCTION f(integer) RETURNS integer LANGUAGE sql AS 'SELECT $1';
CREATE DOMAIN d AS integer;
CREATE SCHEMA n;

-- CREATE ROLE
CREATE ROLE regress_role;
CREATE ROLE regress_role1 WITH LOGIN;
CREATE ROLE regress_role2 WITH NOLOGIN INHERIT IN ROLE regress_role;
CREATE ROLE regress_role3 NOINHERIT IN GROUP regress_role ROLE regress_role1 ADMIN regress_role2;
CREATE ROLE regress_role4 USER regress_role1;
CREATE ROLE regress_role1; \echo :SQLSTATE
CREATE ROLE admin; \echo :SQLSTATE
CREATE ROLE regress_role5 PASSWORD 'x'; \echo :SQLSTATE
CREATE ROLE regress_role5 ENCRYPTED PASSWORD 'x'; \echo :SQLSTATE
CREATE ROLE regress_role5 PASSWORD NULL; \echo :SQLSTATE
CREATE ROLE regress_role5 LOGIN SUPERUSER; \echo :SQLSTATE
CREATE ROLE regress_role5 NOSUPERUSER; \echo :SQLSTATE
CREATE ROLE regress_role5 CREATEDB; \echo :SQLSTATE
CREATE ROLE regress_role5 CREATEROLE; \echo :SQLSTATE
CREATE ROLE regress_role5 REPLICATION; \echo :SQLSTATE
CREATE ROLE regress_role5 BYPASSRLS; \echo :SQLSTATE
CREATE ROLE regress_role5 CONNECTION LIMIT 1; \echo :SQLSTATE
CREATE ROLE regress_role5 VALID UNTIL '2030-01-01'; \echo :SQLSTATE
CREATE ROLE regress_role5 SYSID 1; \echo :SQLSTATE
CREATE USER regress_role5; \echo :SQLSTATE
CREATE GROUP regress_role5; \echo :SQLSTATE

-- ALTER ROLE
ALTER ROLE regress_role WITH;
ALTER ROLE regress_role INHERIT;
ALTER USER regress_role WITH NOINHERIT;
ALTER GROUP regress_role ADD USER regress_role1;
ALTER GROUP regress_role DROP USER regress_role1;
ALTER ROLE nothing INHERIT; \echo :SQLSTATE
ALTER ROLE regress_role LOGIN; \echo :SQLSTATE
ALTER ROLE regress_role WITH PASSWORD 'x'; \echo :SQLSTATE
ALTER USER regress_role CREATEDB; \echo :SQLSTATE
ALTER ROLE nothing SUPERUSER; \echo :SQLSTATE
ALTER ROLE regress_role CONNECTION LIMIT 1; \echo :SQLSTATE

-- The role admin
ALTER ROLE admin INHERIT; \echo :SQLSTATE
ALTER ROLE admin PASSWORD 'x'; \echo :SQLSTATE
ALTER USER admin RENAME TO regress_role5; \echo :SQLSTATE
ALTER ROLE regress_role RENAME TO admin; \echo :SQLSTATE
GRANT admin TO regress_role; \echo :SQLSTATE
REVOKE admin FROM regress_role; \echo :SQLSTATE
DROP ROLE admin; \echo :SQLSTATE
DROP ROLE IF EXISTS nothing, admin; \echo :SQLSTATE
SELECT CURRENT_USER AS owner \gset
\c - admin
ALTER ROLE CURRENT_USER INHERIT; \echo :SQLSTATE
ALTER ROLE SESSION_USER SET search_path = public;
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" GRANT SELECT ON TABLES TO admin; \echo :SQLSTATE
ALTER DEFAULT PRIVILEGES FOR ROLE nobody_of_that_name GRANT SELECT ON TABLES TO admin; \echo :SQLSTATE
ALTER ROLE SESSION_USER RESET search_path;
CREATE ROLE regress_role5 WITH LOGIN;
GRANT regress_role5 TO admin;
DROP ROLE regress_role5;
\c - :owner

-- Membership
GRANT regress_role TO regress_role1, regress_role4;
GRANT regress_role TO regress_role1 WITH ADMIN OPTION;
REVOKE ADMIN OPTION FOR regress_role FROM regress_role1;
REVOKE regress_role FROM regress_role4 CASCADE;
GRANT pg_read_all_data TO regress_role; \echo :SQLSTATE
GRANT regress_role, pg_monitor TO regress_role1; \echo :SQLSTATE
REVOKE pg_monitor FROM regress_role; \echo :SQLSTATE
ALTER GROUP pg_execute_server_program ADD USER regress_role; \echo :SQLSTATE
CREATE ROLE regress_role5 IN ROLE regress_role, pg_read_server_files; \echo :SQLSTATE
CREATE ROLE regress_role5 IN ROLE admin; \echo :SQLSTATE

-- Privileges
GRANT SELECT ON t TO regress_role;
GRANT SELECT (id, v), UPDATE (v) ON TABLE t TO regress_role WITH GRANT OPTION;
GRANT ALL PRIVILEGES ON TABLE t TO GROUP regress_role GRANTED BY CURRENT_USER;
GRANT ALL (v) ON t TO PUBLIC;
REVOKE GRANT OPTION FOR SELECT (id) ON t FROM regress_role CASCADE;
REVOKE ALL ON TABLE t FROM PUBLIC, regress_role RESTRICT;
GRANT USAGE, SELECT ON SEQUENCE s TO regress_role;
REVOKE ALL ON SEQUENCE s FROM regress_role;
GRANT EXECUTE ON FUNCTION f(integer) TO regress_role;
REVOKE EXECUTE ON ROUTINE f(integer) FROM regress_role;
GRANT USAGE, CREATE ON SCHEMA n TO regress_role;
REVOKE ALL ON SCHEMA n FROM regress_role;
GRANT SELECT ON ALL TABLES IN SCHEMA public, n TO regress_role;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA n TO regress_role;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA n TO regress_role;
GRANT EXECUTE ON ALL ROUTINES IN SCHEMA n TO regress_role;
REVOKE ALL ON ALL TABLES IN SCHEMA public, n FROM regress_role;
GRANT SELECT ON nothing TO regress_role; \echo :SQLSTATE
GRANT CONNECT ON DATABASE nothing TO regress_role; \echo :SQLSTATE
REVOKE ALL ON DATABASE nothing FROM regress_role; \echo :SQLSTATE
GRANT USAGE ON DOMAIN d TO regress_role; \echo :SQLSTATE
GRANT USAGE ON TYPE d TO regress_role; \echo :SQLSTATE
GRANT USAGE ON LANGUAGE sql TO regress_role; \echo :SQLSTATE
GRANT EXECUTE ON PROCEDURE p() TO regress_role; \echo :SQLSTATE
GRANT EXECUTE ON ALL PROCEDURES IN SCHEMA n TO regress_role; \echo :SQLSTATE
GRANT USAGE ON FOREIGN DATA WRAPPER w TO regress_role; \echo :SQLSTATE
GRANT USAGE ON FOREIGN SERVER w TO regress_role; \echo :SQLSTATE
GRANT SELECT ON LARGE OBJECT 1 TO regress_role; \echo :SQLSTATE
GRANT SET ON PARAMETER work_mem TO regress_role; \echo :SQLSTATE
GRANT CREATE ON TABLESPACE pg_default TO regress_role; \echo :SQLSTATE

-- The schemas of the service
GRANT USAGE ON SCHEMA public TO regress_role; \echo :SQLSTATE
GRANT ALL ON SCHEMA n, public TO regress_role; \echo :SQLSTATE
REVOKE CREATE ON SCHEMA public FROM PUBLIC; \echo :SQLSTATE
GRANT USAGE ON SCHEMA sys TO regress_role; \echo :SQLSTATE
GRANT USAGE ON SCHEMA pg_catalog TO regress_role; \echo :SQLSTATE
GRANT USAGE ON SCHEMA information_schema TO regress_role; \echo :SQLSTATE
GRANT SELECT ON ALL TABLES IN SCHEMA pg_catalog TO regress_role; \echo :SQLSTATE
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA sys TO regress_role; \echo :SQLSTATE

-- Default privileges
ALTER DEFAULT PRIVILEGES IN SCHEMA n GRANT SELECT ON TABLES TO regress_role;
ALTER DEFAULT PRIVILEGES IN SCHEMA n GRANT USAGE ON SEQUENCES TO regress_role;
ALTER DEFAULT PRIVILEGES IN SCHEMA n GRANT EXECUTE ON FUNCTIONS TO regress_role;
ALTER DEFAULT PRIVILEGES IN SCHEMA n GRANT USAGE ON TYPES TO regress_role;
ALTER DEFAULT PRIVILEGES FOR ROLE regress_role REVOKE EXECUTE ON ROUTINES FROM PUBLIC;
ALTER DEFAULT PRIVILEGES GRANT USAGE ON SCHEMAS TO regress_role; \echo :SQLSTATE
DROP SCHEMA n;
ALTER DEFAULT PRIVILEGES FOR ROLE regress_role GRANT EXECUTE ON ROUTINES TO PUBLIC;

-- Who can do what in public
\c - regress_role1
CREATE TABLE public.mine (a integer); \echo :SQLSTATE
SELECT * FROM t; \echo :SQLSTATE
SELECT f(1);
\c - :owner

-- Mode report, mode off
SET dsql_emu.mode = report;
GRANT USAGE ON SCHEMA public TO regress_role;
CREATE USER regress_role5 CONNECTION LIMIT 1;
SET dsql_emu.mode = off;
REVOKE USAGE ON SCHEMA public FROM regress_role;
ALTER ROLE regress_role5 CONNECTION LIMIT 2;
GRANT USAGE ON DOMAIN d TO regress_role5;
REVOKE USAGE ON DOMAIN d FROM regress_role5;
GRANT admin TO regress_role5;
REVOKE admin FROM regress_role5;
DROP USER regress_role5;
RESET dsql_emu.mode;

DROP FUNCTION f(integer);
DROP SEQUENCE s;
DROP DOMAIN d;
DROP TABLE t;
DROP GROUP regress_role4;
DROP USER IF EXISTS regress_role3, nothing;
DROP ROLE regress_role2, regress_role1, regress_role;
