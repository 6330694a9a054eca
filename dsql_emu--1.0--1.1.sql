/* dsql_emu--1.0--1.1.sql */

-- complain if script is sourced in psql, rather than via ALTER EXTENSION
\echo Use "ALTER EXTENSION dsql_emu UPDATE TO '1.1'" to load this file. \quit

-- From 1.0 to 1.1.  A new installation runs dsql_emu--1.0.sql and then this.
-- Changes are sorted by topic; a section whose topic has none stays empty.

--
-- Privileges: admin holds no attribute that counts outside emulated sessions.
-- What it may do with roles is done for it there, with roles that carry a
-- security label.  Roles that are known to be the emulator's get one now: those
-- that are mapped to IAM users, and those that admin has given to others.
--

DO $$
DECLARE
	role record;
BEGIN
	FOR role IN
		SELECT rolname, rolsuper, rolcreaterole OR rolcreatedb AS too_much
		FROM pg_catalog.pg_roles WHERE rolname = 'admin'
	LOOP
		IF NOT role.rolsuper AND role.too_much THEN
			ALTER ROLE admin NOCREATEROLE NOCREATEDB;
		END IF;
	END LOOP;
	FOR role IN
		SELECT r.rolname FROM pg_catalog.pg_auth_members m
			JOIN pg_catalog.pg_roles r ON r.oid = m.roleid
			JOIN pg_catalog.pg_roles a ON a.oid = m.member
		WHERE a.rolname = 'admin' AND NOT a.rolsuper AND r.oid < 16384
	LOOP
		EXECUTE pg_catalog.format('REVOKE %I FROM admin', role.rolname);
	END LOOP;
	FOR role IN
		SELECT r.rolname FROM pg_catalog.pg_roles r
		WHERE r.oid >= 16384 AND r.rolname <> 'admin' AND NOT r.rolsuper AND
			(r.oid IN (SELECT m.role FROM dsql.iam_mapping m) OR
			 r.oid IN (SELECT m.roleid FROM pg_catalog.pg_auth_members m
					   WHERE m.grantor = 'admin'::pg_catalog.regrole))
	LOOP
		EXECUTE pg_catalog.format(
			'SECURITY LABEL FOR dsql_emu ON ROLE %I IS %L', role.rolname, 'managed');
	END LOOP;
END
$$;

--
-- Catalog: the tables that the library reads and writes
--

--
-- Clusters
--

--
-- Facts: what the service shows its users
--

--
-- EXPLAIN
--

--
-- Streams
--

--
-- Injection of failures
--
