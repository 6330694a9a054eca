-- Which data types a column, a domain and a key can have: the service's list,
-- through domains; arrays are types of their own; numeric without precision
-- and scale is numeric(18,6).

CREATE TABLE t (
	smallint smallint, int2 int2, integer integer, int int, int4 int4, bigint bigint, int8 int8,
	real real, float4 float4, double double precision, float8 float8, float float, float24 float(24),
	numeric numeric, numeric_18_6 numeric(18,6), numeric_9 numeric(9), decimal decimal, decimal_10_2 decimal(10,2), dec dec,
	pg_numeric pg_catalog.numeric,
	char char, char_10 char(10), character_10 character(10), nchar_5 nchar(5), bpchar bpchar, bpchar_5 bpchar(5),
	varchar varchar, varchar_20 varchar(20), character_varying_20 character varying(20), text text,
	date date, time time, time_3 time(3), timetz timetz, timestamp timestamp, timestamp_3 timestamp(3), timestamptz timestamptz,
	interval interval, interval_year interval year, interval_3 interval second(3),
	boolean boolean, bool bool, bytea bytea, uuid uuid, json json, jsonb jsonb); \echo :SQLSTATE
SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute
WHERE attrelid = 't'::regclass AND attnum > 0 ORDER BY attnum;
DROP TABLE t;

-- numeric is rounded, and has twelve digits in front
CREATE TABLE t (n numeric);
ALTER TABLE t ADD COLUMN nn numeric, ADD COLUMN nnn numeric(30), ADD COLUMN nnnn dec;
INSERT INTO t VALUES (1.23456789, 1.23456789, 1.23456789, -0.0000005) RETURNING *;
INSERT INTO t VALUES (1000000000000); \echo :SQLSTATE
SELECT 1.23456789::numeric, pg_typeof(1.5::numeric);
DROP TABLE t;
CREATE SCHEMA regress_types CREATE TABLE t (n numeric);
SELECT format_type(atttypid, atttypmod) FROM pg_attribute
WHERE attrelid = 'regress_types.t'::regclass AND attname = 'n';
DROP TABLE regress_types.t;
DROP SCHEMA regress_types;

-- refused on a cluster
CREATE TABLE t (v money); \echo :SQLSTATE
CREATE TABLE t (v xml); \echo :SQLSTATE
CREATE TABLE t (v inet); \echo :SQLSTATE
CREATE TABLE t (v cidr); \echo :SQLSTATE
CREATE TABLE t (v macaddr); \echo :SQLSTATE
CREATE TABLE t (v point); \echo :SQLSTATE
CREATE TABLE t (v line); \echo :SQLSTATE
CREATE TABLE t (v lseg); \echo :SQLSTATE
CREATE TABLE t (v box); \echo :SQLSTATE
CREATE TABLE t (v path); \echo :SQLSTATE
CREATE TABLE t (v polygon); \echo :SQLSTATE
CREATE TABLE t (v circle); \echo :SQLSTATE
CREATE TABLE t (v tsvector); \echo :SQLSTATE
CREATE TABLE t (v tsquery); \echo :SQLSTATE
CREATE TABLE t (v int4range); \echo :SQLSTATE
CREATE TABLE t (v tsrange); \echo :SQLSTATE
CREATE TABLE t (v bit(8)); \echo :SQLSTATE
CREATE TABLE t (v bit); \echo :SQLSTATE
CREATE TABLE t (v varbit(8)); \echo :SQLSTATE
CREATE TABLE t (v pg_lsn); \echo :SQLSTATE
CREATE TABLE t (v int[]); \echo :SQLSTATE
CREATE TABLE t (v text[]); \echo :SQLSTATE
CREATE TABLE t (v varchar(5)[3][3]); \echo :SQLSTATE
CREATE TABLE t (v numeric ARRAY); \echo :SQLSTATE

-- refused because no list has them
CREATE TABLE t (v macaddr8); \echo :SQLSTATE
CREATE TABLE t (v int8multirange); \echo :SQLSTATE
CREATE TABLE t (v oid); \echo :SQLSTATE
CREATE TABLE t (v name); \echo :SQLSTATE
CREATE TABLE t (v "char"); \echo :SQLSTATE
CREATE TABLE t (v regclass); \echo :SQLSTATE
CREATE TABLE t (v xid8); \echo :SQLSTATE
CREATE TABLE t (v jsonpath); \echo :SQLSTATE
CREATE TABLE t (v record); \echo :SQLSTATE
CREATE TABLE t (v anyelement); \echo :SQLSTATE
CREATE TABLE t (v pg_catalog.pg_class); \echo :SQLSTATE

-- in the order of the columns; refusals come before the name of the table
CREATE TABLE nowhere.t (a int, b money, c inet); \echo :SQLSTATE
CREATE TABLE t (a int[], b text COLLATE "C"); \echo :SQLSTATE

-- these do not exist
CREATE TABLE t (v serial); \echo :SQLSTATE
CREATE TABLE t (v bigserial PRIMARY KEY); \echo :SQLSTATE
CREATE TABLE t (v smallserial); \echo :SQLSTATE
CREATE TABLE t (v serial2); \echo :SQLSTATE
CREATE TABLE t (v serial4); \echo :SQLSTATE
CREATE TABLE t (v serial8 NOT NULL); \echo :SQLSTATE
CREATE TABLE t (v serial[]); \echo :SQLSTATE
CREATE TABLE t (v mood); \echo :SQLSTATE
CREATE TABLE t (v nowhere.mood); \echo :SQLSTATE
CREATE TABLE t (v numeric(2000)); \echo :SQLSTATE

-- domains
CREATE DOMAIN d AS text; \echo :SQLSTATE
CREATE DOMAIN dd d; \echo :SQLSTATE
CREATE DOMAIN numbers AS numeric CHECK (VALUE > 0); \echo :SQLSTATE
CREATE DOMAIN documents jsonb; \echo :SQLSTATE
CREATE TABLE t (a d, b dd, c numbers, e documents); \echo :SQLSTATE
SELECT format_type(typbasetype, typtypmod) FROM pg_type WHERE typname = 'numbers';
DROP TABLE t;
CREATE DOMAIN refused AS money; \echo :SQLSTATE
CREATE DOMAIN refused AS int[]; \echo :SQLSTATE
CREATE DOMAIN refused AS d[]; \echo :SQLSTATE
CREATE DOMAIN refused AS serial; \echo :SQLSTATE
CREATE TABLE t (v d[]); \echo :SQLSTATE
SET dsql_emu.mode = off;
CREATE DOMAIN prices AS money;
CREATE DOMAIN more_prices AS prices;
CREATE DOMAIN lists AS int[];
CREATE TYPE mood AS ENUM ('sad');
CREATE TYPE pair AS (a int);
SET dsql_emu.mode = enforce;
CREATE TABLE t (v prices); \echo :SQLSTATE
CREATE TABLE t (v more_prices); \echo :SQLSTATE
CREATE TABLE t (v lists); \echo :SQLSTATE
CREATE TABLE t (v mood); \echo :SQLSTATE
CREATE TABLE t (v pair); \echo :SQLSTATE
CREATE TABLE t (v int, PRIMARY KEY (v), w more_prices[]); \echo :SQLSTATE

-- keys
CREATE TABLE t (id smallint, a int, b bigint, c real, e double precision, f numeric, g char(3),
	h varchar, PRIMARY KEY (id, a, b, c, e, f, g, h)); \echo :SQLSTATE
DROP TABLE t;
CREATE TABLE t (id bpchar, a text, b date, c time, e timestamp, f timestamptz, g boolean,
	h uuid, PRIMARY KEY (id, a, b, c, e, f, g, h)); \echo :SQLSTATE
DROP TABLE t;
CREATE TABLE t (v d PRIMARY KEY, w numbers UNIQUE, b bytea, UNIQUE (v) INCLUDE (b)); \echo :SQLSTATE
DROP TABLE t;
CREATE TABLE t (v bytea PRIMARY KEY); \echo :SQLSTATE
CREATE TABLE t (v json UNIQUE); \echo :SQLSTATE
CREATE TABLE t (a int, v jsonb, PRIMARY KEY (a, v)); \echo :SQLSTATE
CREATE TABLE t (v interval, CONSTRAINT u UNIQUE (v)); \echo :SQLSTATE
CREATE TABLE t (v timetz NOT NULL CONSTRAINT u UNIQUE); \echo :SQLSTATE
CREATE TABLE t (v documents UNIQUE); \echo :SQLSTATE
CREATE TABLE t (PRIMARY KEY (w), v int, w documents); \echo :SQLSTATE
CREATE TABLE t (v bytea PRIMARY KEY, w money); \echo :SQLSTATE

DROP DOMAIN dd;
DROP DOMAIN d;
DROP DOMAIN numbers;
DROP DOMAIN documents;
SET dsql_emu.mode = off;
DROP DOMAIN lists;
DROP DOMAIN more_prices;
DROP DOMAIN prices;
DROP TYPE mood;
DROP TYPE pair;
