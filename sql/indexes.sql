-- CREATE INDEX: the service's clauses and keys, and the order in which the
-- others are refused.  What ASYNC does is in other tests; a synchronous build
-- has the same checks.

CREATE DOMAIN documents AS jsonb;
CREATE TABLE t (d documents, id int PRIMARY KEY, a int, v text, b bytea, j json, jb jsonb, i interval, z timetz, n numeric);
CREATE INDEX i ON t (a); \echo :SQLSTATE
CREATE UNIQUE INDEX IF NOT EXISTS i ON t (a) WHERE a > 0; \echo :SQLSTATE
CREATE INDEX ON nothing (a); \echo :SQLSTATE

-- clauses, in order
CREATE INDEX CONCURRENTLY i ON t USING hash (a DESC) WITH (fillfactor = 70); \echo :SQLSTATE
CREATE INDEX i ON t USING hash (a DESC) WITH (fillfactor = 70); \echo :SQLSTATE
CREATE INDEX i ON t (a DESC) WITH (fillfactor = 70) TABLESPACE pg_default; \echo :SQLSTATE
CREATE INDEX i ON t (a DESC) TABLESPACE pg_default; \echo :SQLSTATE
CREATE INDEX i ON t (b DESC); \echo :SQLSTATE
CREATE INDEX ASYNC i ON t (v text_pattern_ops DESC); \echo :SQLSTATE
CREATE INDEX ASYNC i ON t (b text_pattern_ops); \echo :SQLSTATE
CREATE INDEX ASYNC public.i ON t (a); \echo :SQLSTATE
CREATE INDEX ASYNC IF NOT EXISTS ON t (a); \echo :SQLSTATE
CREATE INDEX CONCURRENTLY ASYNC i ON t (a); \echo :SQLSTATE
CREATE INDEX ASYNC CONCURRENTLY i ON t (a); \echo :SQLSTATE
CREATE INDEX ASYNC i ON nothing USING gin (a); \echo :SQLSTATE

-- USING, however it is written
CREATE INDEX ASYNC i ON t USING btree (a); \echo :SQLSTATE
CREATE INDEX ASYNC i ON t using "btree" (a); \echo :SQLSTATE
CREATE INDEX ASYNC i ON public . "t"/* ( */USING/**/ btree (a); \echo :SQLSTATE
CREATE INDEX ASYNC i ON ONLY t USING btree (a); \echo :SQLSTATE
CREATE INDEX ASYNC i ON ONLY (t) USING btree (a); \echo :SQLSTATE
CREATE INDEX ASYNC i ON t * USING btree (a); \echo :SQLSTATE
SELECT 1\; CREATE INDEX ASYNC i ON t USING btree (a); \echo :SQLSTATE
CREATE INDEX ASYNC i ON t USING hash (a); \echo :SQLSTATE
CREATE INDEX ASYNC i ON t USING "BTREE" (a); \echo :SQLSTATE
CREATE INDEX ASYNC i ON t USING gin (jb); \echo :SQLSTATE

-- keys
CREATE INDEX ASYNC i ON t (a ASC); \echo :SQLSTATE
CREATE INDEX ASYNC i ON t (a, id DESC NULLS LAST); \echo :SQLSTATE
CREATE INDEX ASYNC i ON t ((a + 1) DESC); \echo :SQLSTATE
CREATE INDEX ASYNC i ON t (a int4_ops); \echo :SQLSTATE
CREATE INDEX ASYNC i ON t (v COLLATE "C" text_pattern_ops (siglen = 5)); \echo :SQLSTATE
CREATE INDEX ASYNC i ON t (b); \echo :SQLSTATE
CREATE INDEX ASYNC i ON t (a, j); \echo :SQLSTATE
CREATE INDEX ASYNC i ON t (jb); \echo :SQLSTATE
CREATE INDEX ASYNC i ON t (d); \echo :SQLSTATE
CREATE INDEX ASYNC i ON t ((d -> 'a')); \echo :SQLSTATE
CREATE INDEX ASYNC i ON t (ctid); \echo :SQLSTATE
CREATE INDEX ASYNC i ON t (i); \echo :SQLSTATE
CREATE UNIQUE INDEX ASYNC i ON t (z); \echo :SQLSTATE
CREATE INDEX ASYNC i ON t ((v::bytea)); \echo :SQLSTATE
CREATE INDEX ASYNC i ON t ((jb -> 'a')); \echo :SQLSTATE
CREATE INDEX ASYNC i ON t (string_to_array(v, ',')); \echo :SQLSTATE
CREATE INDEX ASYNC i ON t ((v::money)); \echo :SQLSTATE

-- PostgreSQL's own
SET disable_sync_create_index = off;
CREATE INDEX i ON t ((v::money)); \echo :SQLSTATE
CREATE INDEX i ON nothing (a); \echo :SQLSTATE
CREATE INDEX i ON t (nothing); \echo :SQLSTATE
CREATE INDEX i ON t (lower(nothing)); \echo :SQLSTATE
CREATE INDEX i ON t ((random())); \echo :SQLSTATE
CREATE INDEX i ON t (a) WHERE random() > 0.5; \echo :SQLSTATE
CREATE INDEX i ON t (a) INCLUDE ((id + 1)); \echo :SQLSTATE
CREATE INDEX i ON t (v COLLATE "nothing"); \echo :SQLSTATE

-- accepted
CREATE INDEX i1 ON t (a); \echo :SQLSTATE
CREATE INDEX IF NOT EXISTS i1 ON t (a); \echo :SQLSTATE
CREATE INDEX ON t (a NULLS FIRST, v NULLS LAST); \echo :SQLSTATE
CREATE UNIQUE INDEX i2 ON t (a) NULLS NOT DISTINCT; \echo :SQLSTATE
CREATE UNIQUE INDEX i3 ON public.t (a) INCLUDE (b, j) NULLS DISTINCT WHERE v <> '' AND a IS NOT NULL; \echo :SQLSTATE
CREATE INDEX i4 ON t (lower(v), (a + id), (jb ->> 'a') NULLS FIRST); \echo :SQLSTATE
CREATE INDEX i5 ON ONLY t (v COLLATE "C"); \echo :SQLSTATE
CREATE INDEX i6 ON t USING btree_index (n); \echo :SQLSTATE
CREATE INDEX i7 ON t/* USING btree */(n); \echo :SQLSTATE
SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 't' ORDER BY 1;
CREATE TABLE "using" (async int);
CREATE INDEX i8 ON "using" (async); \echo :SQLSTATE

-- a synchronous build is for empty tables
INSERT INTO t (id) VALUES (1);
CREATE INDEX i ON t (a); \echo :SQLSTATE
CREATE INDEX i ON t (a DESC); \echo :SQLSTATE
DELETE FROM t;
CREATE INDEX i ON t (a); \echo :SQLSTATE
RESET disable_sync_create_index;
CREATE INDEX i9 ON t (a); \echo :SQLSTATE

-- what is no table
CREATE VIEW v AS SELECT 1 AS a;
SET disable_sync_create_index = off;
CREATE INDEX ON v (a); \echo :SQLSTATE
RESET disable_sync_create_index;
DROP VIEW v;

DROP INDEX i, i1;
DROP TABLE "using";
DROP TABLE t;
DROP DOMAIN documents;
