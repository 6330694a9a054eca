-- Domains: CREATE DOMAIN has everything but COLLATE, ALTER DOMAIN has no
-- action that had to look at rows.  Their types are in the test "types".

CREATE DOMAIN d AS text; \echo :SQLSTATE
CREATE DOMAIN public.positive integer DEFAULT 1 NOT NULL
	CONSTRAINT positive_check CHECK (VALUE > 0) CHECK (VALUE < 1000); \echo :SQLSTATE
CREATE DOMAIN maybe AS varchar(20) NULL; \echo :SQLSTATE
CREATE DOMAIN collated AS text COLLATE "C"; \echo :SQLSTATE
CREATE DOMAIN collated AS text CHECK (VALUE <> '') COLLATE "nothing"; \echo :SQLSTATE
-- Releases differ in whether they tell the place.
\set VERBOSITY sqlstate
CREATE DOMAIN nothing AS mood; \echo :SQLSTATE
\set VERBOSITY default
CREATE DOMAIN d AS text UNIQUE; \echo :SQLSTATE

ALTER DOMAIN positive SET DEFAULT 2; \echo :SQLSTATE
ALTER DOMAIN positive DROP DEFAULT; \echo :SQLSTATE
ALTER DOMAIN positive DROP NOT NULL; \echo :SQLSTATE
ALTER DOMAIN positive DROP CONSTRAINT positive_check; \echo :SQLSTATE
ALTER DOMAIN positive DROP CONSTRAINT IF EXISTS positive_check1 CASCADE; \echo :SQLSTATE
ALTER DOMAIN positive DROP CONSTRAINT IF EXISTS nothing RESTRICT; \echo :SQLSTATE
ALTER DOMAIN positive SET NOT NULL; \echo :SQLSTATE
ALTER DOMAIN positive ADD CONSTRAINT c CHECK (VALUE > 0); \echo :SQLSTATE
ALTER DOMAIN positive ADD CHECK (VALUE > 0) NOT VALID; \echo :SQLSTATE
ALTER DOMAIN positive VALIDATE CONSTRAINT c; \echo :SQLSTATE
ALTER DOMAIN nothing SET NOT NULL; \echo :SQLSTATE
ALTER DOMAIN nothing DROP NOT NULL; \echo :SQLSTATE
ALTER DOMAIN positive RENAME CONSTRAINT nothing TO something; \echo :SQLSTATE
ALTER DOMAIN positive OWNER TO CURRENT_USER; \echo :SQLSTATE
ALTER DOMAIN positive RENAME TO numbers; \echo :SQLSTATE
ALTER DOMAIN d SET SCHEMA public; \echo :SQLSTATE

CREATE TABLE t (n numbers, m maybe);
SELECT 0::numbers;
DROP TABLE t;
DROP DOMAIN d;
DROP DOMAIN numbers;
DROP DOMAIN maybe;
