-- Change streams: what a transaction leaves for them, and in which form.
SET dsql_emu.create_delay = 0;
SET dsql_emu.delete_delay = 0;
SELECT identifier AS cluster FROM dsql.create_cluster('regress_stream', false) \gset
SELECT identifier AS other FROM dsql.create_cluster('regress_other', false) \gset
SELECT dsql.use_cluster(:'cluster');
\set target '{"kinesis": {"streamArn": "arn:aws:kinesis:us-east-1:000000000000:stream/s", "roleArn": "arn:aws:iam::000000000000:role/r"}}'

CREATE TABLE item (id int, no int, name text, PRIMARY KEY (id, no));
CREATE TABLE plain (v int);
INSERT INTO item VALUES (0, 0, 'before the stream');

SELECT stream_identifier AS stream, status FROM dsql.create_stream(:'cluster', :'target') \gset
SELECT :'status' AS status, count(*) FROM dsql.stream_records(:'cluster', :'stream');
\set last 0

-- What is new since the last time: as text, without what differs each time, and
-- the row only
\set show 'SELECT regexp_replace(regexp_replace(replace(record, dsql.current_cluster(), ''CLUSTER''), ''\\d{13,}'', ''T'', ''g''), ''"txId":"[a-z2-7]{26}"'', ''"txId":"X"'') AS record FROM dsql.stream_records(:''cluster'', :''stream'', :last) ORDER BY position; SELECT coalesce(max(position), :last) AS last FROM dsql.stream_records(:''cluster'', :''stream'', :last) \\gset'
\set short 'SELECT record::jsonb ->> ''op'' AS op, record::jsonb #>> ''{source,table}'' AS "table", record::jsonb -> ''before'' AS before, record::jsonb -> ''after'' AS after FROM dsql.stream_records(:''cluster'', :''stream'', :last) ORDER BY position; SELECT coalesce(max(position), :last) AS last FROM dsql.stream_records(:''cluster'', :''stream'', :last) \\gset'

-- The whole record
INSERT INTO item VALUES (1001, 42, 'five');
UPDATE item SET name = 'six' WHERE id = 1001;
DELETE FROM item WHERE id = 1001;
:show

-- All records of a transaction share its time and identifier.
BEGIN;
INSERT INTO item VALUES (1, 1, 'a'), (1, 2, 'b'), (1, 3, 'c');
UPDATE item SET name = 'z' WHERE id = 0;
COMMIT;
SELECT count(*), count(DISTINCT record::jsonb #>> '{source,txId}') AS transactions,
	count(DISTINCT record::jsonb #>> '{source,ts_ns}') AS times,
	bool_and((record::jsonb #>> '{source,ts_ms}')::bigint = (record::jsonb #>> '{source,ts_ns}')::bigint / 1000000) AS to_the_ms,
	bool_and((record::jsonb ->> 'ts_ns')::bigint >= (record::jsonb #>> '{source,ts_ns}')::bigint) AS later,
	count(DISTINCT partition_key) AS keys
FROM dsql.stream_records(:'cluster', :'stream', :last);
:short

-- The net effect
BEGIN;
INSERT INTO item VALUES (2, 1, 'gone');
UPDATE item SET name = 'gone, too' WHERE id = 2;
DELETE FROM item WHERE id = 2;
COMMIT;
:short
BEGIN;
INSERT INTO item VALUES (2, 2, 'new');
UPDATE item SET name = 'newer' WHERE id = 2;
UPDATE item SET name = 'newer' WHERE id = 1 AND no = 1;
UPDATE item SET name = 'newest' WHERE id = 1 AND no = 1;
UPDATE item SET name = 'never seen' WHERE id = 1 AND no = 2;
DELETE FROM item WHERE id = 1 AND no = 2;
COMMIT;
:short

-- Deleted and made again is updated; another key is another row.
BEGIN;
DELETE FROM item WHERE id = 1 AND no = 1;
INSERT INTO item VALUES (1, 1, 'again');
COMMIT;
:short
UPDATE item SET no = 33 WHERE id = 1 AND no = 3;
:short
BEGIN;
UPDATE item SET no = 34 WHERE id = 1 AND no = 33;
UPDATE item SET no = 33 WHERE id = 1 AND no = 34;
COMMIT;
:short

-- What is rolled back, wholly or in part, or only locked, leaves nothing.
BEGIN;
INSERT INTO item VALUES (3, 1, 'no');
ROLLBACK;
BEGIN;
SELECT id FROM item WHERE id = 0 FOR UPDATE;
COMMIT;
:short
BEGIN;
SET dsql_emu.mode = off;
SAVEPOINT a;
INSERT INTO item VALUES (3, 2, 'no');
UPDATE item SET name = 'no' WHERE id = 0;
ROLLBACK TO a;
INSERT INTO item VALUES (3, 3, 'yes');
COMMIT;
RESET dsql_emu.mode;
:short

-- COPY, ON CONFLICT, writable CTEs, no primary key
COPY item FROM stdin;
4	1	copied
4	2	copied
\.
:short
INSERT INTO item VALUES (4, 1, 'again'), (4, 3, 'new') ON CONFLICT (id, no) DO UPDATE SET name = 'conflict';
:short
INSERT INTO item VALUES (4, 1, 'again') ON CONFLICT DO NOTHING;
:short
WITH gone AS (DELETE FROM item WHERE id = 4 RETURNING id) INSERT INTO plain SELECT id FROM gone;
:short
UPDATE plain SET v = v + 1;
DELETE FROM plain;
:short

-- What foreign keys bring with them
CREATE TABLE parent (id int PRIMARY KEY);
CREATE TABLE child (id int PRIMARY KEY, parent int REFERENCES parent ON DELETE CASCADE ON UPDATE CASCADE);
CREATE TABLE guest (id int PRIMARY KEY, parent int REFERENCES parent ON DELETE SET NULL ON UPDATE CASCADE);
INSERT INTO parent VALUES (1), (2);
INSERT INTO child VALUES (11, 1), (12, 1), (21, 2);
INSERT INTO guest VALUES (11, 1), (21, 2);
SELECT coalesce(max(position), :last) AS last FROM dsql.stream_records(:'cluster', :'stream', :last) \gset
DELETE FROM parent WHERE id = 1;
:short
UPDATE parent SET id = 3 WHERE id = 2;
:short
BEGIN;
INSERT INTO child VALUES (31, 3);
DELETE FROM parent WHERE id = 3;
COMMIT;
:short
DROP TABLE child, guest, parent;

-- Each type
CREATE TABLE typed (
	id uuid PRIMARY KEY, small smallint, big bigint, single real, double double precision,
	num numeric(10,2), yes boolean, txt text, vch varchar(10), chr char(5), bin bytea,
	day date, tim time, timz timetz, ts timestamp, tsz timestamptz, span interval, js json, jsb jsonb);
INSERT INTO typed VALUES ('A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', -7, 9223372036854775807, 1.5, 0.1,
	123.45, true, E'a "quote" \\ \n\u00e9', 'v', 'ab', 'Hello World!',
	'2024-03-15', '12:34:56.789', '01:00:00+02', '2024-01-15 10:30:00', '2024-01-15 10:30:00+00', '1 month 2 days 3 seconds', '{"b" : 1, "a":2}', '{"b" : 1, "a":2}');
INSERT INTO typed (id, single, double, num, day, ts, tsz, span) VALUES
	('00000000-0000-0000-0000-000000000001', 'NaN', '-Infinity', 'NaN', 'infinity', 'infinity', '-infinity', '178000000 years'),
	('00000000-0000-0000-0000-000000000002', 'Infinity', 1e20, -0.01, '-infinity', '-infinity', 'infinity', '-1 day');
SELECT t.key, t.value FROM dsql.stream_records(:'cluster', :'stream', :last) r,
	json_each(r.record::json -> 'after') WITH ORDINALITY t
WHERE t.value::text <> 'null' ORDER BY r.position, t.ordinality;
SELECT coalesce(max(position), :last) AS last FROM dsql.stream_records(:'cluster', :'stream', :last) \gset

-- The columns are those of the transaction that commits.
ALTER TABLE item ADD COLUMN extra int;
UPDATE item SET extra = 1 WHERE id = 0;
:short
ALTER TABLE item RENAME COLUMN extra TO more;
UPDATE item SET more = 2 WHERE id = 0;
:short

-- What is too large comes in fragments.
SET dsql_emu.mode = off;
SET dsql_emu.stream_chunk_size = 900;
RESET dsql_emu.mode;
INSERT INTO item VALUES (5, 1, repeat('"é\', 400));
SELECT record::jsonb ->> 'type' AS type, octet_length(record) <= 900 AS fits, record::jsonb -> 'index' AS index,
	record::jsonb #>> '{chunked,after,total_fragments}' AS fragments, record::jsonb -> 'after' AS after
FROM dsql.stream_records(:'cluster', :'stream', :last) ORDER BY position;
SELECT (string_agg(record::jsonb ->> 'data', '' ORDER BY (record::jsonb ->> 'index')::int)::jsonb ->> 'name') = repeat('"é\', 400) AS whole
FROM dsql.stream_records(:'cluster', :'stream', :last) WHERE record::jsonb ->> 'type' = 'fragment';
SELECT count(DISTINCT coalesce(record::jsonb ->> 'chunk_id', record::jsonb #>> '{chunked,after,chunk_id}')) AS ids,
	max(record::jsonb #>> '{chunked,after,crc32c}') AS crc
FROM dsql.stream_records(:'cluster', :'stream', :last);
SELECT coalesce(max(position), :last) AS last FROM dsql.stream_records(:'cluster', :'stream', :last) \gset
SET dsql_emu.mode = off;
RESET dsql_emu.stream_chunk_size;

-- Many records of a transaction, as they were then: one after the other in pages
RESET dsql_emu.mode;
CREATE TABLE many (id int PRIMARY KEY, v text, gone int);
BEGIN;
INSERT INTO many SELECT g, repeat('x', g), g FROM generate_series(1, 300) g;
INSERT INTO many VALUES (301, repeat('y', 20000), 301), (302, '', 302);
COMMIT;
SET dsql_emu.mode = off;
ALTER TABLE many DROP COLUMN gone, ALTER COLUMN v TYPE bytea USING '';
DROP TABLE many;
WITH RECURSIVE walk AS (
	SELECT :last::bigint AS last, '{}'::int[] AS ids, '{}'::int[] AS gone, 0 AS size
	UNION ALL
	SELECT page.last, walk.ids || page.ids, walk.gone || page.gone, walk.size + page.size
	FROM walk, LATERAL (
		SELECT max(position) AS last, array_agg((record::jsonb #>> '{after,id}')::int ORDER BY position) AS ids,
			array_agg((record::jsonb #>> '{after,gone}')::int ORDER BY position) AS gone,
			sum(length(record::jsonb #>> '{after,v}'))::int AS size
		FROM dsql.stream_records(:'cluster', :'stream', walk.last, 7)) page
	WHERE page.last IS NOT NULL)
SELECT cardinality(ids) AS records, size, ids = array(SELECT generate_series(1, 302)) AS in_order, ids = gone AS whole
FROM walk ORDER BY 1 DESC LIMIT 1;
SELECT max(position) - :last >= 302 AS positions, max(position) AS last FROM dsql.stream_records(:'cluster', :'stream', :last) \gset
SELECT count(*) BETWEEN 2 AND 30 AS few_rows FROM dsql.stream_outbox WHERE cluster = :'cluster' AND records > 1 AND position <= :last AND position > :last - 302;

-- Writes of sessions that are not emulated count; temporary tables do not.
CREATE TEMP TABLE regress_temp (v int) USING btree_table;
INSERT INTO regress_temp VALUES (1);
DROP TABLE regress_temp;
INSERT INTO item VALUES (6, 1, 'plain');
RESET dsql_emu.mode;
:short

-- Pages, and the same disorder each time
SELECT count(*) FROM dsql.stream_records(:'cluster', :'stream', 0, 3);
SELECT count(*) AS records FROM dsql.stream_records(:'cluster', :'stream') \gset
SET dsql_emu.mode = off;
SET dsql_emu.stream_disorder = 7;
SELECT count(DISTINCT position) = :records AS all_there, count(*) > :records AS repeated,
	array_agg(position ORDER BY ordinality) <> array_agg(position ORDER BY position) AS disordered,
	array_agg(position ORDER BY ordinality) =
		(SELECT array_agg(position ORDER BY ordinality)
		 FROM dsql.stream_records(:'cluster', :'stream') WITH ORDINALITY) AS same
FROM dsql.stream_records(:'cluster', :'stream') WITH ORDINALITY;
RESET dsql_emu.stream_disorder;
RESET dsql_emu.mode;

-- How streams are; nobody reads those of another cluster.
SELECT status, waiting = :records AS waiting, sent, lost, lag >= '0' AS lag, error FROM dsql.streams WHERE stream_identifier = :'stream';
\set VERBOSITY terse
SELECT * FROM dsql.stream_records('bbbbbbbbbbbbbbbbbbbbbbbbbb', 'aaaaaaaaaaaaaaaaaaaaaaaaaa');
\echo :LAST_ERROR_SQLSTATE
SELECT dsql.use_cluster(:'other');
SELECT stream_identifier AS other_stream FROM dsql.create_stream(:'other', :'target') \gset
CREATE TABLE item (id int PRIMARY KEY);
INSERT INTO item VALUES (1);
SELECT count(*) FROM dsql.stream_records(:'other', :'other_stream');
SET dsql_emu.mode = off;
SET ROLE admin;
SELECT count(*) FROM dsql.stream_records(:'other', :'other_stream');
SELECT count(*), bool_and(cluster_identifier = :'other') AS own FROM dsql.streams;
\set VERBOSITY sqlstate
SELECT count(*) FROM dsql.stream_records(:'cluster', :'stream');
\set VERBOSITY terse
\echo :LAST_ERROR_SQLSTATE
RESET ROLE;
CREATE ROLE regress_stream LOGIN;
SET ROLE regress_stream;
SELECT count(*) FROM dsql.stream_records(:'other', :'other_stream');
\echo :LAST_ERROR_SQLSTATE
RESET ROLE;
DROP ROLE regress_stream;
RESET dsql_emu.mode;
\set VERBOSITY default
SELECT dsql.use_cluster(:'cluster');
:short

-- A stream that is deleted gets nothing; nor does one that has failed.
SELECT dsql.set_stream_status(:'cluster', :'stream', 'FAILED', 'KINESIS_STREAM_NOT_FOUND');
INSERT INTO item VALUES (7, 1, 'failed');
SELECT dsql.set_stream_status(:'cluster', :'stream', 'IMPAIRED', 'KINESIS_THROUGHPUT_EXCEEDED');
INSERT INTO item VALUES (7, 2, 'impaired');
:short

DROP TABLE item, plain, typed;

-- The streams of a linked pair carry the writes of both.
SET dsql_emu.delete_delay = 0;
SET dsql_emu.update_delay = 0;
SET dsql_emu.pending_delete_delay = 0;
SELECT dsql.use_cluster(NULL);
SELECT identifier AS one, arn AS one_arn FROM dsql.create_cluster('regress_stream_one', false, multi_region_properties => '{"witnessRegion": "us-west-2"}') \gset
SELECT answer ->> 'identifier' AS two, answer ->> 'arn' AS two_arn FROM dsql.api('CreateCluster',
	format('{"deletionProtectionEnabled": false, "multiRegionProperties": {"witnessRegion": "us-west-2", "clusters": ["%s"]}}', :'one_arn')::jsonb, 'us-east-2') answer \gset
SELECT status FROM dsql.update_cluster(:'one', multi_region_properties => format('{"witnessRegion": "us-west-2", "clusters": ["%s"]}', :'two_arn')::jsonb);
SELECT stream_identifier AS one_stream FROM dsql.create_stream(:'one', :'target') \gset
SET dsql_emu.region = 'us-east-2';
\set VERBOSITY terse
SELECT dsql.create_stream(:'two', :'target');
\set VERBOSITY default
SELECT stream_identifier AS two_stream FROM dsql.create_stream(:'two', replace(:'target', 'us-east-1', 'us-east-2')::jsonb) \gset
RESET dsql_emu.region;
SELECT dsql.use_cluster(:'one');
CREATE TABLE item (id int PRIMARY KEY);
INSERT INTO item VALUES (1);
SELECT dsql.use_cluster(:'two');
INSERT INTO item VALUES (2);
SELECT record::jsonb -> 'after' AS after, record::jsonb #>> '{source,cluster}' = :'one' AS own FROM dsql.stream_records(:'one', :'one_stream');
SELECT record::jsonb -> 'after' AS after, record::jsonb #>> '{source,cluster}' = :'two' AS own FROM dsql.stream_records(:'two', :'two_stream');
DROP TABLE item;
SELECT dsql.use_cluster(NULL);
SELECT status FROM dsql.delete_cluster(:'one');
SELECT dsql.api('DeleteCluster', jsonb_build_object('identifier', :'two'), 'us-east-2') ->> 'status' AS status;
SELECT status FROM dsql.delete_stream(:'cluster', :'stream');
SELECT status FROM dsql.delete_cluster(:'cluster');
SELECT status FROM dsql.delete_cluster(:'other');
