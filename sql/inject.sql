-- Conflicts and faults on demand
CREATE TABLE regress_inject (id int PRIMARY KEY, n int);
CREATE TABLE regress_other (id int PRIMARY KEY, n int);
INSERT INTO regress_inject VALUES (1, 0), (2, 0);
INSERT INTO regress_other VALUES (1, 0);
SELECT dsql.reset_stats();
SELECT * FROM dsql.injections;
SET application_name = 'regress inject';

-- OC000: at COMMIT of the next transaction that changes or locks rows.  A
-- transaction that arms, looks or clears is left alone.
SELECT dsql.inject('OC000') AS first \gset
SELECT n FROM regress_inject WHERE id = 1;
BEGIN;
UPDATE regress_inject SET n = n + 1 WHERE id = 1;
SELECT fault, matched, fired, armed FROM dsql.injections;
COMMIT;
BEGIN;
UPDATE regress_inject SET n = n + 1 WHERE id = 1;
SELECT n FROM regress_inject WHERE id = 1;
COMMIT;
\echo :LAST_ERROR_SQLSTATE
UPDATE regress_inject SET n = n + 1 WHERE id = 1;
SELECT id = :first AS same, fault, relation, skip, times, matched, fired, armed FROM dsql.injections;
SELECT n FROM regress_inject WHERE id = 1;
SELECT oc000, oc001, injected, retried_commits, longest_run, refusals FROM dsql.stats;
SELECT kind, injection = :first AS same, role_name = current_user AS mine, application_name,
	statement, relation, key, winner, winner_pid, winner_application_name
FROM dsql.conflicts WHERE injection IS NOT NULL;
SELECT dsql.clear_injections(:first);
SELECT dsql.clear_injections(:first);
SELECT dsql.clear_injections(0), dsql.clear_injections(-1), dsql.clear_injections();

-- A statement alone, and rows that are only locked
SELECT dsql.inject('OC000', times => 2) > :first AS later;
UPDATE regress_inject SET n = 10 WHERE id = 1;
SELECT n FROM regress_inject WHERE id = 1 FOR UPDATE;
SELECT n FROM regress_inject WHERE id = 1 FOR UPDATE;
SELECT n FROM regress_inject WHERE id = 1;

-- OC001 and XX000: at COMMIT, whatever the transaction did
SELECT dsql.inject('OC001') > 0 AS armed;
SET application_name = 'regress inject';
SHOW application_name;
SELECT 1 AS one;
\echo :LAST_ERROR_SQLSTATE
SELECT 1 AS one;
SELECT dsql.inject('unavailable') > 0 AS armed;
BEGIN;
INSERT INTO regress_other VALUES (2, 0);
COMMIT;
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM regress_other;

-- At a statement, if one is named; the block is aborted.
SELECT dsql.inject('OC001', statement => 'UPDATE regress_inject%') > 0 AS armed;
BEGIN;
UPDATE regress_other SET n = 1;
UPDATE regress_inject SET n = 1;
SELECT 1;
COMMIT;
SELECT dsql.inject('unavailable', statement => 'CREATE%') > 0 AS armed;
CREATE TABLE regress_third (id int PRIMARY KEY);
CREATE TABLE regress_third (id int PRIMARY KEY);
SELECT dsql.inject('unavailable', statement => 'COMMIT%') > 0 AS armed;
BEGIN;
INSERT INTO regress_third VALUES (1);
COMMIT;
SELECT count(*) FROM regress_third;
SELECT dsql.inject('OC001', statement => 'BEGIN%') > 0 AS armed;
BEGIN;
SELECT count(*) FROM regress_third;
-- OC000 comes at COMMIT all the same: of a transaction with such a statement.
SELECT dsql.inject('OC000', statement => '%regress\_inject SET n = 2%') > 0 AS armed;
UPDATE regress_inject SET n = 3 WHERE id = 1;
BEGIN;
UPDATE regress_inject SET n = 2 WHERE id = 1;
SELECT n FROM regress_inject WHERE id = 1;
COMMIT;
SELECT n FROM regress_inject WHERE id = 1;
-- In a string of several statements, in a comment
SELECT dsql.inject('OC001', statement => 'SELECT n FROM regress_other', times => 3) > 0 AS armed;
SELECT 1 AS a\; SELECT n FROM regress_other\; SELECT 2 AS b;
/* a comment */ SELECT n FROM regress_other;
SELECT matched, fired FROM dsql.injections WHERE armed;
SELECT dsql.clear_injections() > 0 AS cleared;

-- Whoever looks is never hit.
SELECT dsql.inject('unavailable', statement => '%') > 0 AS armed;
SELECT count(*) > 0 AS some FROM dsql.rules;
SELECT mydsql.id FROM regress_inject AS mydsql;
SELECT dsql.clear_injections() > 0 AS cleared;

-- Aim
SELECT dsql.inject('OC000', relation => 'regress_other') > 0 AS armed;
UPDATE regress_inject SET n = 4;
BEGIN;
UPDATE regress_inject SET n = 5;
DELETE FROM regress_other WHERE id = 1;
COMMIT;
SELECT dsql.inject('OC001', relation => 'regress_other', statement => '%') > 0 AS armed;
UPDATE regress_inject SET n = 6;
SELECT count(*) FROM regress_other;
DELETE FROM regress_other;
SELECT dsql.inject('OC000', relation => 'regress_other') > 0 AS armed;
INSERT INTO regress_inject VALUES (3, 0);
INSERT INTO regress_other VALUES (3, 0);
SELECT dsql.inject('OC000', relation => 'regress_inject') > 0 AS armed;
COPY regress_inject FROM stdin;
4	0
\.
SELECT dsql.inject('OC000', application_name => 'someone%') AS someone,
	dsql.inject('OC000', role_name => 'regress_nobody') AS nobody,
	dsql.inject('OC000', session => 1) AS session \gset
UPDATE regress_inject SET n = 7 WHERE id = 1;
SELECT fault, relation, role_name, application_name, session, matched
FROM dsql.injections WHERE armed;
SELECT dsql.clear_injections() > 0 AS cleared;
SELECT dsql.inject('OC000', application_name => 'regress%', role_name => current_user) > 0 AS armed;
UPDATE regress_inject SET n = 8 WHERE id = 1;

-- The third to the fifth
SELECT dsql.inject('OC000', skip => 2, times => 3) > 0 AS armed;
UPDATE regress_inject SET n = 11 WHERE id = 1;
UPDATE regress_inject SET n = 12 WHERE id = 1;
UPDATE regress_inject SET n = 13 WHERE id = 1;
UPDATE regress_inject SET n = 14 WHERE id = 1;
UPDATE regress_inject SET n = 15 WHERE id = 1;
UPDATE regress_inject SET n = 16 WHERE id = 1;
SELECT n FROM regress_inject WHERE id = 1;
SELECT skip, times, matched, fired, armed FROM dsql.injections ORDER BY id DESC LIMIT 1;

-- By chance, the same each time with the same seed
SELECT dsql.clear_injections() > 0 AS cleared;
SELECT dsql.inject('OC000', probability => 0.5, seed => 42) > 0 AS armed;
SELECT format('UPDATE regress_inject SET n = %s WHERE id = 1', i) FROM generate_series(1, 12) AS i \gexec
SELECT times, probability, seed, matched, fired, armed FROM dsql.injections;
SELECT dsql.clear_injections();
SELECT dsql.inject('OC000', probability => 0.5, seed => 42) > 0 AS armed;
SELECT format('UPDATE regress_inject SET n = %s WHERE id = 1', i) FROM generate_series(1, 12) AS i \gexec
SELECT dsql.clear_injections();

-- Limits, with the values that are set
SELECT dsql.inject('rows') > 0 AS armed;
SELECT count(*) FROM regress_inject;
UPDATE regress_inject SET n = 20;
\echo :LAST_ERROR_SQLSTATE
SELECT dsql.inject('rows', relation => 'regress_other') > 0 AS armed;
UPDATE regress_inject SET n = 20;
INSERT INTO regress_other VALUES (5, 0);
SELECT dsql.inject('size') > 0 AS armed;
SELECT count(*) FROM regress_inject;
BEGIN;
UPDATE regress_inject SET n = 21;
COMMIT;
\echo :LAST_ERROR_SQLSTATE
SELECT dsql.inject('age') > 0 AS armed;
BEGIN;
SELECT count(*) FROM regress_inject;
COMMIT;
\echo :LAST_ERROR_SQLSTATE
SELECT dsql.inject('age', statement => 'SELECT count%') > 0 AS armed;
SELECT count(*) FROM regress_inject;

-- After a delay all goes on.
SELECT dsql.inject('delay', delay => '1 ms') > 0 AS armed;
UPDATE regress_inject SET n = 22 WHERE id = 1;
SELECT fault, delay, fired FROM dsql.injections WHERE fault = 'delay' ORDER BY id;

-- What was refused, by rule; and what was written by kind of row
SELECT dsql.reset_stats();
TRUNCATE regress_inject;
CREATE UNLOGGED TABLE regress_refused (id int);
BEGIN;
INSERT INTO regress_inject VALUES (30, 0), (31, 0);
UPDATE regress_inject SET n = 1 WHERE id = 31;
UPDATE regress_inject SET n = 1 WHERE id IN (1, 2);
DELETE FROM regress_inject WHERE id = 3;
SELECT count(*) FROM (SELECT FROM regress_inject FOR UPDATE) AS q;
COMMIT;
BEGIN;
INSERT INTO regress_inject VALUES (32, 0);
ROLLBACK;
SELECT rows_written, rows_inserted, rows_updated, rows_deleted, rows_locked, bytes_written,
	injected, retried_commits, refusals FROM dsql.stats;
-- A statement is cut, between characters.
SELECT repeat('é', 200) AS long \gset
SELECT dsql.inject('OC000') > 0 AS armed;
\set long '/* ' :long ' */'
UPDATE regress_inject SET n = 1 WHERE id = 1 :long;
SELECT octet_length(statement), right(statement, 1) FROM dsql.conflicts ORDER BY time DESC LIMIT 1;

-- What cannot be ordered
SELECT dsql.inject('OC002');
\echo :LAST_ERROR_SQLSTATE
SELECT dsql.inject(NULL);
SELECT dsql.inject('OC000', relation => 'pg_class');
SELECT dsql.inject('OC000', relation => 'regress_missing');
SELECT dsql.inject('OC000', application_name => '');
SELECT dsql.inject('OC000', statement => 'a\');
SELECT dsql.inject('OC000', session => 0);
SELECT dsql.inject('OC000', skip => -1);
SELECT dsql.inject('OC000', times => -1);
SELECT dsql.inject('OC000', probability => 0);
SELECT dsql.inject('OC000', probability => 1.1);
SELECT dsql.inject('OC000', probability => 'NaN');
SELECT dsql.inject('OC000', seed => 1);
SELECT dsql.inject('OC000', delay => '1 s');
SELECT dsql.inject('delay');
SELECT dsql.inject('delay', delay => '-1 s');
SELECT dsql.inject('delay', delay => '1 month');
SELECT dsql.inject('waking_up', statement => '%');
SELECT dsql.inject('both_lose', statement => '%');
SELECT dsql.inject('waking_up', relation => 'regress_inject');
SELECT dsql.inject('waking_up', session => 1);
SELECT dsql.inject('waking_up', reason => 'expired');
SELECT dsql.inject('access_denied', reason => 'none');

-- As many as fit; those that are used up make room.
SELECT dsql.clear_injections() > 0 AS cleared;
SELECT count(dsql.inject('OC000', session => 1)) FROM generate_series(1, 64);
SELECT dsql.inject('OC000');
SELECT dsql.clear_injections((SELECT min(id) FROM dsql.injections));
SELECT dsql.inject('OC000') > 0 AS armed;
UPDATE regress_inject SET n = 23 WHERE id = 1;
SELECT dsql.inject('OC000', session => 1) > 0 AS armed;
SELECT count(*) FROM dsql.injections;
SELECT dsql.clear_injections();

-- Another cluster has its own.
SET dsql_emu.create_delay = 0;
SELECT identifier AS cluster FROM dsql.create_cluster('regress_inject', false) \gset
SELECT dsql.inject('OC000') > 0 AS armed;
SELECT dsql.use_cluster(:'cluster');
SELECT count(*) FROM dsql.injections;
SELECT count(*) FROM dsql.conflicts;
SELECT dsql.clear_injections();
CREATE TABLE t (id int PRIMARY KEY);
INSERT INTO t VALUES (1);
SELECT dsql.use_cluster(NULL);
UPDATE regress_inject SET n = 24 WHERE id = 1;
SET dsql_emu.delete_delay = 0;
SELECT status FROM dsql.delete_cluster(:'cluster');

-- Not without emulation
SELECT dsql.inject('OC000') > 0 AS armed;
SET dsql_emu.mode = off;
UPDATE regress_inject SET n = 25 WHERE id = 1;
RESET dsql_emu.mode;
SELECT dsql.clear_injections();

-- Whose it is
SET dsql_emu.mode = off;
CREATE ROLE regress_inject_user;
SET ROLE regress_inject_user;
SELECT dsql.inject('OC000');
\echo :LAST_ERROR_SQLSTATE
SELECT dsql.clear_injections();
SELECT * FROM dsql.injections;
SELECT * FROM dsql.conflicts;
SELECT oc000 IS NOT NULL AS some FROM dsql.stats;
SET ROLE admin;
SELECT count(*) > 0 AS some FROM dsql.conflicts;
SELECT dsql.inject('OC000') > 0 AS armed;
SELECT count(*) FROM dsql.injections;
SELECT dsql.clear_injections();
RESET ROLE;
DROP ROLE regress_inject_user;
RESET dsql_emu.mode;
DROP TABLE regress_inject;
DROP TABLE regress_other;
DROP TABLE regress_third;
