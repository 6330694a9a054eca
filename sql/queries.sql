-- Queries: the clauses, functions and types that the service does not have are
-- refused wherever they stand in a query; everything else that PostgreSQL 16
-- can say is accepted.
CREATE TABLE t (id bigint PRIMARY KEY, k integer, v text);
CREATE TABLE u (id bigint PRIMARY KEY, t_id bigint REFERENCES t);
CREATE VIEW w AS SELECT * FROM t;
INSERT INTO t VALUES (1, 1, 'one'), (2, 1, 'two'), (3, 2, 'three');
INSERT INTO u VALUES (1, 1), (2, 2);

-- Locking clauses
SELECT id FROM t WHERE id = 1 FOR UPDATE;
SELECT id FROM t WHERE id = 1 FOR KEY SHARE;
SELECT id FROM t WHERE id = 1 FOR UPDATE NOWAIT;
SELECT id FROM t WHERE id = 1 FOR UPDATE SKIP LOCKED;
SELECT a.id FROM t AS a JOIN u AS b ON b.t_id = a.id ORDER BY 1
	FOR UPDATE OF a FOR KEY SHARE OF b;
SELECT id FROM w WHERE id = 1 FOR UPDATE;
SELECT id FROM t WHERE id = 1 FOR READ ONLY;
SELECT id FROM t FOR SHARE; \echo :SQLSTATE
SELECT id FROM t FOR NO KEY UPDATE; \echo :SQLSTATE
SELECT id FROM w FOR SHARE; \echo :SQLSTATE
SELECT a.id FROM t AS a, u AS b FOR UPDATE OF a FOR SHARE OF b; \echo :SQLSTATE
SELECT id FROM (SELECT id FROM t FOR SHARE) AS s; \echo :SQLSTATE
-- What is locked decides, not the word.
SELECT 1 AS nothing_locked FOR SHARE; \echo :SQLSTATE
SELECT count(*) FROM (SELECT s.id FROM (SELECT id FROM t FOR UPDATE) AS s FOR SHARE) AS s; \echo :SQLSTATE
SELECT s.id FROM (SELECT id FROM t FOR UPDATE) AS s, u FOR SHARE; \echo :SQLSTATE
-- System columns of tables, wherever they stand
SELECT ctid FROM t; \echo :SQLSTATE
SELECT (SELECT t.xmin FROM u LIMIT 1) FROM t; \echo :SQLSTATE
UPDATE t SET v = 'x' WHERE cmax::text = '1'; \echo :SQLSTATE
DELETE FROM t WHERE false RETURNING xmax; \echo :SQLSTATE
INSERT INTO u SELECT id, cmin::text::bigint FROM t; \echo :SQLSTATE
SELECT tableoid::regclass FROM t LIMIT 0; \echo :SQLSTATE
SELECT count(xmin) > 0 AS of_a_catalog FROM pg_class; \echo :SQLSTATE
SELECT 1 WHERE EXISTS (SELECT FROM t FOR NO KEY UPDATE); \echo :SQLSTATE
WITH c AS (SELECT id FROM t FOR SHARE) SELECT * FROM c; \echo :SQLSTATE
INSERT INTO u SELECT id + 10, id FROM t FOR SHARE; \echo :SQLSTATE
UPDATE t SET v = (SELECT v FROM t LIMIT 1 FOR SHARE); \echo :SQLSTATE
DELETE FROM t WHERE id IN (SELECT id FROM t FOR NO KEY UPDATE); \echo :SQLSTATE
CREATE VIEW x AS SELECT id FROM t FOR SHARE; \echo :SQLSTATE
CREATE FUNCTION x() RETURNS bigint LANGUAGE sql AS 'SELECT id FROM t FOR SHARE'; \echo :SQLSTATE

-- TABLESAMPLE
SELECT * FROM t TABLESAMPLE BERNOULLI (100); \echo :SQLSTATE
SELECT * FROM u JOIN t TABLESAMPLE SYSTEM (100) REPEATABLE (1) ON true; \echo :SQLSTATE
WITH c AS (SELECT FROM t TABLESAMPLE BERNOULLI (1)) SELECT FROM c; \echo :SQLSTATE

-- MERGE
MERGE INTO t USING u ON t.id = u.t_id WHEN MATCHED THEN DELETE; \echo :SQLSTATE
MERGE INTO t USING (VALUES (9)) AS s(id) ON t.id = s.id
	WHEN NOT MATCHED THEN INSERT VALUES (s.id, 1, ''); \echo :SQLSTATE
CREATE FUNCTION x() RETURNS void LANGUAGE sql AS
	'MERGE INTO t USING u ON t.id = u.t_id WHEN MATCHED THEN DELETE'; \echo :SQLSTATE

-- WHERE CURRENT OF is accepted, but there are no cursors.
UPDATE t SET k = 1 WHERE CURRENT OF c; \echo :SQLSTATE
DELETE FROM t WHERE CURRENT OF c; \echo :SQLSTATE

-- Text search knows "simple".
SELECT to_tsvector('simple', 'The Fat Rats') @@ to_tsquery('simple', 'rats');
SELECT to_tsvector('The Fat Rats');
SELECT to_tsvector('english', 'x'); \echo :SQLSTATE
SELECT to_tsquery('english', 'x'); \echo :SQLSTATE
SELECT websearch_to_tsquery('pg_catalog.english', 'x'); \echo :SQLSTATE
SELECT plainto_tsquery('german'::regconfig, 'x'); \echo :SQLSTATE
SELECT to_tsvector('english', v) @@ to_tsquery('simple', 'x') FROM t; \echo :SQLSTATE
SELECT ts_headline('english', 'x', 'x'::tsquery); \echo :SQLSTATE
SELECT to_tsvector('nothing', 'x'); \echo :SQLSTATE

-- Refused functions
SELECT pg_try_advisory_lock(1); \echo :SQLSTATE
SELECT pg_advisory_lock(1); \echo :SQLSTATE
SELECT pg_advisory_xact_lock(1, 2); \echo :SQLSTATE
SELECT pg_try_advisory_xact_lock_shared(1); \echo :SQLSTATE
SELECT pg_advisory_unlock_all(); \echo :SQLSTATE
SELECT * FROM pg_try_advisory_lock(1) AS f; \echo :SQLSTATE
SELECT id FROM t WHERE pg_try_advisory_lock(id); \echo :SQLSTATE
SELECT CASE WHEN id > 5 THEN pg_advisory_unlock(id) END FROM t; \echo :SQLSTATE
INSERT INTO t VALUES (9, pg_backend_pid(), ''); \echo :SQLSTATE
UPDATE t SET k = pg_backend_pid(); \echo :SQLSTATE
DELETE FROM t RETURNING pg_notify('c', v); \echo :SQLSTATE
SELECT pg_listening_channels(); \echo :SQLSTATE
SELECT pg_notification_queue_usage(); \echo :SQLSTATE
SELECT lo_create(0); \echo :SQLSTATE
SELECT lo_from_bytea(0, ''); \echo :SQLSTATE
SELECT pg_export_snapshot(); \echo :SQLSTATE
EXPLAIN SELECT pg_advisory_lock(1); \echo :SQLSTATE
CREATE VIEW x AS SELECT pg_backend_pid() AS pid; \echo :SQLSTATE
CREATE FUNCTION x() RETURNS boolean LANGUAGE sql AS 'SELECT pg_try_advisory_lock(1)'; \echo :SQLSTATE
SELECT pg_typeof(1), pg_sleep(0) IS NOT NULL AS slept;

-- Where the walk over the query does not come, the call itself is refused.
SET dsql_emu.mode = off;
CREATE TABLE d (a integer DEFAULT pg_backend_pid());
CREATE FUNCTION locker() RETURNS boolean LANGUAGE sql
	BEGIN ATOMIC SELECT pg_try_advisory_lock(1); END;
CREATE VIEW x AS SELECT pg_backend_pid() AS pid, version();
RESET dsql_emu.mode;
INSERT INTO d DEFAULT VALUES; \echo :SQLSTATE
SELECT locker(); \echo :SQLSTATE
SELECT pid FROM x; \echo :SQLSTATE
DROP VIEW x;
DROP TABLE d;

-- Types that expressions cannot have
SELECT line('{1,2,3}'); \echo :SQLSTATE
SELECT circle('<(0,0),1>'::text); \echo :SQLSTATE
SELECT '{1,2,3}'::line IS NULL; \echo :SQLSTATE
SELECT point(1, 2); \echo :SQLSTATE
SELECT CAST('(1,2)' AS point); \echo :SQLSTATE
SELECT area('(1,1),(0,0)'::box); \echo :SQLSTATE
SELECT NULL::polygon; \echo :SQLSTATE
SELECT '[(0,0),(1,1)]'::lseg, '[(0,0)]'::path; \echo :SQLSTATE

-- Types that expressions can have, although columns cannot
SELECT '10.0.0.1'::inet, ARRAY[1, 2], '{a,b}'::text[], string_to_array('a b', ' ');
SELECT '1'::money IS NOT NULL AS money, B'101' AS bits, int4range(1, 3) AS range,
	'a:1'::tsvector AS vector, '0/1'::pg_lsn AS lsn;

-- version() is the service's.
SELECT version();
SELECT * FROM version();
SELECT * FROM version() WITH ORDINALITY AS f (v, n);
SELECT version() || '!' AS v, (SELECT version()), length(version())
	FROM t WHERE version() LIKE 'PostgreSQL%' GROUP BY version();
WITH c AS (SELECT version()) SELECT * FROM c;
INSERT INTO t SELECT 4, 1, version() RETURNING v;
CREATE VIEW x AS SELECT version();
SELECT * FROM x;
DROP VIEW x;
CREATE FUNCTION x() RETURNS SETOF text LANGUAGE sql AS 'SELECT version()';
SELECT x();
DROP FUNCTION x();
DELETE FROM t WHERE id = 4;

-- Later releases than 16: as 16 answers, whichever the host is.  What 15 does
-- not have either, it has the same answers for.
\set VERBOSITY sqlstate
SELECT to_bin(5); \echo :LAST_ERROR_MESSAGE
SELECT to_oct(5::bigint); \echo :LAST_ERROR_MESSAGE
SELECT uuid_extract_version(gen_random_uuid()); \echo :LAST_ERROR_MESSAGE
SELECT random(1, 6); \echo :LAST_ERROR_MESSAGE
SELECT xmltext('a'::text); \echo :LAST_ERROR_MESSAGE
SELECT unicode_version(); \echo :LAST_ERROR_MESSAGE
SELECT unicode_assigned('a'::text); \echo :LAST_ERROR_MESSAGE
SELECT now() AT LOCAL; \echo :LAST_ERROR_MESSAGE
SELECT timezone(now()) IS NULL; \echo :LAST_ERROR_MESSAGE
SELECT random() < 2 AS yes, now() AT TIME ZONE 'UTC' IS NULL AS no;
SELECT json_exists(jsonb '{"a":1}', '$.a'); \echo :LAST_ERROR_MESSAGE
SELECT json_value(jsonb '{"a":1}', '$.a'); \echo :LAST_ERROR_MESSAGE
SELECT json_query(jsonb '{"a":1}', '$.a'); \echo :LAST_ERROR_MESSAGE
SELECT json_serialize('1'); \echo :LAST_ERROR_MESSAGE
SELECT json_scalar('1'); \echo :LAST_ERROR_MESSAGE
SELECT * FROM JSON_TABLE(jsonb '[1]', '$[*]' COLUMNS (a integer PATH '$')); \echo :LAST_ERROR_MESSAGE
SELECT max(ROW(1, 2)); \echo :LAST_ERROR_MESSAGE
SELECT min('a'::bytea); \echo :LAST_ERROR_MESSAGE
SELECT max('a'::bytea) OVER (); \echo :LAST_ERROR_MESSAGE
SELECT json_strip_nulls(json '[]', true); \echo :LAST_ERROR_MESSAGE
SELECT 1::bytea; \echo :LAST_ERROR_MESSAGE
SELECT to_number('IV', 'RN'); \echo :LAST_ERROR_MESSAGE
SELECT extract(week FROM interval '1 day'); \echo :LAST_ERROR_MESSAGE
SELECT 'infinity'::interval; \echo :LAST_ERROR_MESSAGE
SELECT '$.a.integer()'::jsonpath; \echo :LAST_ERROR_MESSAGE
SELECT jsonb_path_query('{}', '$ ? (@.time_tz(2) > 1)'); \echo :LAST_ERROR_MESSAGE
ALTER TABLE t ADD CONSTRAINT nn NOT NULL k; \echo :LAST_ERROR_MESSAGE
ALTER TABLE t ADD CHECK (k > 0) NOT VALID NOT ENFORCED; \echo :LAST_ERROR_MESSAGE
ALTER TABLE t ALTER CONSTRAINT t_pkey NOT ENFORCED; \echo :LAST_ERROR_MESSAGE
CREATE TABLE x (id int, NOT NULL id); \echo :LAST_ERROR_MESSAGE
CREATE TABLE x (id int, CHECK (id > 0) ENFORCED); \echo :LAST_ERROR_MESSAGE
CREATE TABLE x (id int, FOREIGN KEY (id) REFERENCES t NOT VALID ENFORCED); \echo :LAST_ERROR_MESSAGE
CREATE TABLE x (id int, k int4range, UNIQUE (id, k WITHOUT OVERLAPS)); \echo :LAST_ERROR_MESSAGE
CREATE TABLE x (id int, k int GENERATED ALWAYS AS ((id)) VIRTUAL); \echo :LAST_ERROR_MESSAGE
CREATE TABLE x (k int GENERATED ALWAYS AS ((id + (1))), id int); \echo :LAST_ERROR_MESSAGE
CREATE DOMAIN x AS int CHECK (VALUE > 0) ENFORCED; \echo :LAST_ERROR_MESSAGE
ALTER TABLE t DROP CONSTRAINT t_id_not_null; \echo :LAST_ERROR_MESSAGE
ALTER TABLE t SET ACCESS METHOD DEFAULT; \echo :LAST_ERROR_MESSAGE
DELETE FROM t RETURNING WITH (OLD AS o) o.id; \echo :LAST_ERROR_MESSAGE
DELETE FROM t RETURNING old.id; \echo :LAST_ERROR_MESSAGE
DELETE FROM t RETURNING new; \echo :LAST_ERROR_MESSAGE
SELECT JSON('{}' WITH UNIQUE); \echo :LAST_ERROR_MESSAGE
SELECT json_value(jsonb '{}', '$' RETURNING int); \echo :LAST_ERROR_MESSAGE
SELECT to_timestamp('2020 +01', 'YYYY OF'); \echo :LAST_ERROR_MESSAGE
SELECT to_date('2020 UTC', 'YYYY TZ'); \echo :LAST_ERROR_MESSAGE
SELECT 'a' COLLATE pg_c_utf8; \echo :LAST_ERROR_MESSAGE
COPY t TO STDOUT (FORMAT csv, FORCE_NULL *); \echo :LAST_ERROR_MESSAGE
GRANT MAINTAIN ON t TO admin; \echo :LAST_ERROR_MESSAGE
SELECT has_table_privilege('t', 'SELECT, maintain '); \echo :LAST_ERROR_MESSAGE
ALTER DEFAULT PRIVILEGES GRANT SELECT ON LARGE OBJECTS TO PUBLIC; \echo :LAST_ERROR_MESSAGE
SHOW transaction_timeout; \echo :LAST_ERROR_MESSAGE
SELECT current_setting('io_method'); \echo :LAST_ERROR_MESSAGE
SELECT relallfrozen FROM pg_class; \echo :LAST_ERROR_MESSAGE
SELECT 1 FROM pg_constraint WHERE conperiod; \echo :LAST_ERROR_MESSAGE
SELECT type FROM pg_wait_events; \echo :LAST_ERROR_MESSAGE
ANALYZE ONLY t; \echo :LAST_ERROR_MESSAGE
VACUUM ONLY t; \echo :LAST_ERROR_MESSAGE
SELECT '$.size() ? (@."a.integer()" > 1.5)'::jsonpath, to_char(4, 'RN');
SELECT json_strip_nulls('{"a":null}'), interval '1 week' AS week;
-- what is a name in 16 is a name
CREATE FUNCTION json_value(source int, target int DEFAULT 1) RETURNS int LANGUAGE sql RETURN source;
SELECT json_value(1) AS enforced, 2 virtual, path.period FROM (SELECT 3) path (period);
DROP FUNCTION json_value;
CREATE TABLE x (id int CONSTRAINT nn NOT NULL, k int CONSTRAINT nn NOT NULL);
SELECT DISTINCT attstattarget FROM pg_attribute WHERE attrelid = 'x'::regclass AND attnum > 0;
DROP TABLE x;
SELECT to_timestamp('2020-01-01 +01:30', '"OF" YYYY-MM-DD TZH:TZM') IS NULL AS no,
	has_table_privilege('t', 'SELECT, UPDATE') AS yes, 'a' COLLATE "C" AS a;
SELECT count(*) FROM pg_settings WHERE name IN ('work_mem', 'transaction_timeout', 'io_method', 'vacuum_truncate');
SELECT count(*) FROM pg_roles WHERE rolname IN ('pg_monitor', 'pg_maintain');
SELECT count(*) FROM pg_collation WHERE collname IN ('C', 'pg_c_utf8', 'pg_unicode_fast');
SELECT count(*) > 0 AS yes FROM (SELECT * FROM pg_class) c;
\set VERBOSITY default

-- All that a real cluster accepted of SELECT
SELECT DISTINCT ON (k) k, id FROM ONLY t ORDER BY k, id;
SELECT DISTINCT k FROM t * ORDER BY k USING < NULLS FIRST;
SELECT ALL k, count(*) AS n FROM t GROUP BY ALL k HAVING count(*) > 0 ORDER BY k;
SELECT k, count(*) AS n FROM t GROUP BY DISTINCT ROLLUP (k), k ORDER BY 1, 2;
SELECT k, id, count(*) AS n, GROUPING(k, id) AS g FROM t
	GROUP BY GROUPING SETS ((k), (), CUBE (k, id)) ORDER BY 1, 2, 4;
SELECT FROM t WHERE false;
TABLE u ORDER BY id;
VALUES (1, 'a'), (2, 'b') ORDER BY 1 DESC;
(SELECT 1 AS a UNION ALL SELECT 2) INTERSECT (SELECT 2 EXCEPT ALL SELECT 3);
SELECT 1 UNION DISTINCT SELECT 1;
SELECT id FROM t ORDER BY id OFFSET 1 ROW FETCH FIRST 1 ROW ONLY;
SELECT k FROM t ORDER BY k FETCH NEXT ROW WITH TIES;
SELECT id FROM t ORDER BY id LIMIT ALL OFFSET 2;
SELECT a.id, b.id FROM t AS a CROSS JOIN u AS b WHERE a.id = b.t_id ORDER BY 1;
SELECT * FROM (t NATURAL LEFT OUTER JOIN u) AS j ORDER BY id;
SELECT * FROM t JOIN u USING (id) AS j ORDER BY j.id;
SELECT a.id, b.id FROM t a FULL JOIN u b ON a.id = b.t_id ORDER BY 1;
SELECT t.id, s.n FROM t, LATERAL (SELECT count(*) AS n FROM u WHERE t_id = t.id) AS s ORDER BY 1;
SELECT t.id, g FROM t CROSS JOIN LATERAL generate_series(1, t.k) AS g ORDER BY 1, 2;
SELECT t.id, s.n FROM t LEFT JOIN LATERAL (SELECT count(*) AS n FROM u WHERE t_id = t.id) AS s ON true ORDER BY 1;
SELECT t.id, s.x FROM t CROSS JOIN LATERAL (SELECT t.k + 1 AS x FROM u WHERE t_id = t.id) AS s ORDER BY 1, 2;
SELECT t.id, s.x FROM t LEFT JOIN LATERAL (SELECT t.id + 1 AS x) AS s ON true ORDER BY 1;

-- A defect of the service, with a setting
SELECT t.id, s.x FROM t LEFT JOIN LATERAL (SELECT t.k::bigint AS x, u.t_id FROM u) AS s ON true; \echo :SQLSTATE
SELECT 1 FROM t LEFT JOIN LATERAL (SELECT (SELECT t.k + 1) AS x FROM u WHERE t_id = t.id) AS s ON s.x = t.k; \echo :SQLSTATE
SET dsql_emu.lateral_defect = off;
SELECT t.id, s.x FROM t LEFT JOIN LATERAL (SELECT t.id AS x, u.t_id FROM u WHERE t_id = t.id) AS s ON true ORDER BY 1, 2;
RESET dsql_emu.lateral_defect;
SELECT * FROM ROWS FROM (generate_series(1, 2), unnest(ARRAY['a', 'b', 'c']))
	WITH ORDINALITY AS f (a, b, n);
SELECT * FROM json_to_record('{"a":1}') AS f (a integer, b text COLLATE "C");
SELECT * FROM xmltable('/r' PASSING ('<r><a>1</a></r>'::xml)
	COLUMNS a integer PATH 'a' DEFAULT 0 NOT NULL, n FOR ORDINALITY);
SELECT id, rank() OVER (PARTITION BY k ORDER BY id), lag(id) OVER x,
	sum(id) OVER (x ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW EXCLUDE TIES)
	FROM t WINDOW x AS (ORDER BY id) ORDER BY id;
SELECT count(*) FILTER (WHERE k = 1), count(DISTINCT k), string_agg(v, ',' ORDER BY v),
	percentile_disc(0.5) WITHIN GROUP (ORDER BY id) FROM t;
SELECT ROW(1, 'a'), ROW(), (1, 2) = (1, 2), (SELECT t FROM t WHERE id = 1), t.* FROM t WHERE id = 1;
SELECT (ARRAY[[1, 2], [3, 4]])[1:2][2:], ARRAY(SELECT id FROM t ORDER BY 1), ('{"a":[1]}'::jsonb)['a'][0];
SELECT 1 IN (1, 2), 1 NOT IN (SELECT 2), 1 = ANY (ARRAY[1]), 'a' LIKE ALL ('{a}'::text[]),
	1 < SOME (SELECT 2), EXISTS (SELECT), 1 OPERATOR(pg_catalog.=) 1;
SELECT 'a' COLLATE "C" < 'b', 'a' SIMILAR TO 'a' ESCAPE '!', 'A' ILIKE 'a', 'a' NOT LIKE 'b',
	1 BETWEEN SYMMETRIC 2 AND 0, 1 IS DISTINCT FROM NULL, NULL ISNULL, 'a' IS NFC NORMALIZED,
	(now(), now()) OVERLAPS (now(), interval '1 day');
SELECT CAST('1' AS integer), '1'::numeric(3, 1), int '1', interval '1' HOUR TO SECOND, X'1F', B'1',
	date '2026-01-01', TREAT(1 AS bigint), 1::float(3), '{1}'::integer ARRAY[1];
SELECT EXTRACT(YEAR FROM date '2026-01-01'), OVERLAY('abc' PLACING 'x' FROM 1 FOR 1),
	POSITION('b' IN 'abc'), SUBSTRING('abc' FROM 2 FOR 1), TRIM(BOTH 'x' FROM 'xax'),
	NORMALIZE('a', NFC), COALESCE(NULL, 1), NULLIF(1, 1), GREATEST(1, 2), LEAST(1, 2),
	COLLATION FOR ('a'::text), CURRENT_SCHEMA, CURRENT_CATALOG = current_database() AS db;
SELECT CURRENT_DATE IS NULL, CURRENT_TIME(0) IS NULL, LOCALTIMESTAMP IS NULL, CURRENT_USER = SESSION_USER;
SELECT CASE k WHEN 1 THEN 'a' ELSE 'b' END, CASE WHEN k > 1 THEN k END FROM t ORDER BY id;
SELECT XMLELEMENT(NAME a, XMLATTRIBUTES(1 AS b), 'c'), XMLFOREST(1 AS a), XMLCONCAT('<a/>', '<b/>'),
	'<a/>'::xml IS DOCUMENT, XMLPARSE(CONTENT 'a'), XMLPI(NAME a), XMLSERIALIZE(CONTENT 'a' AS text);
SELECT upper(v => 'x') FROM t WHERE false; \echo :SQLSTATE
SELECT make_interval(days => 1, hours := 2), concat_ws('-', VARIADIC ARRAY['a', 'b']);
WITH RECURSIVE c (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM c WHERE n < 3)
	SEARCH DEPTH FIRST BY n SET o CYCLE n SET is_cycle USING path SELECT n FROM c;
WITH a AS MATERIALIZED (SELECT 1 AS x), b AS NOT MATERIALIZED (SELECT 2 AS x) SELECT * FROM a, b;

-- ... and of INSERT, UPDATE, DELETE
INSERT INTO t AS a (id, k, v) VALUES (10, 1, DEFAULT), (11, 1, 'x') ON CONFLICT DO NOTHING RETURNING *;
INSERT INTO t VALUES (10, 2) ON CONFLICT (id) WHERE true DO UPDATE SET k = EXCLUDED.k, (v) = ROW('y')
	WHERE t.id > 0 RETURNING id, k, v;
INSERT INTO t VALUES (10, 3) ON CONFLICT ON CONSTRAINT t_pkey DO UPDATE SET (k, v) = (SELECT 3, 'z');
INSERT INTO t OVERRIDING SYSTEM VALUE SELECT 12, 1, 'o';
WITH n AS (INSERT INTO t VALUES (13, 1, 'w') RETURNING id) INSERT INTO u SELECT id, id FROM n;
INSERT INTO t DEFAULT VALUES; \echo :SQLSTATE
UPDATE ONLY t AS a SET k = b.id, v = DEFAULT FROM u AS b WHERE b.t_id = a.id RETURNING a.id, a.k;
WITH c AS (SELECT 1 AS id) UPDATE t SET (k, v) = (7, 'c') FROM c WHERE c.id = t.id RETURNING *;
DELETE FROM u USING t WHERE t.id = u.t_id AND t.id > 10 RETURNING u.id;
WITH c AS (DELETE FROM t WHERE id > 9 RETURNING id) SELECT id FROM c ORDER BY id;

-- Mode report: a warning, and the answer that PostgreSQL has
SET dsql_emu.mode = report;
SELECT id FROM t WHERE id = 1 FOR SHARE FOR NO KEY UPDATE;
SELECT pg_try_advisory_xact_lock(1), line('{1,2,3}');
EXPLAIN (COSTS OFF) SELECT pg_try_advisory_xact_lock(1);
SELECT to_tsvector('english', 'The Fat Rats');
MERGE INTO t USING u ON t.id = u.t_id WHEN MATCHED THEN DO NOTHING;
SELECT version();

-- Mode off
SET dsql_emu.mode = off;
SELECT id FROM t WHERE id = 1 FOR SHARE;
SELECT count(*) FROM t TABLESAMPLE BERNOULLI (100);
SELECT pg_try_advisory_xact_lock(1), line('{1,2,3}'), locker() AND pg_advisory_unlock(1) AS locked;
SELECT to_tsvector('english', 'The Fat Rats');
SELECT version() ~ '^PostgreSQL 1[5-9][.0-9]+ ' AS its_own;
RESET dsql_emu.mode;
SELECT version();
DROP FUNCTION locker();
DROP TABLE t, u CASCADE;
