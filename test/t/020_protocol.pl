# The same statement gets the same answer whichever way it is sent.
#
#  1. the table below: in the simple and in the extended protocol, where what
#     is refused for what it says is refused when it is parsed
#  2. refusals in a block, and the tag of its COMMIT
#  3. several statements in one text, several messages before one Sync
#  4. prepared statements: used again, after DDL, in a block, with parameters
#  5. function calls of the protocol
#  6. report mode: a warning beside the answer, findings by statement
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../perl";

use DsqlEmu;
use PostgreSQL::Test::Utils;
use Test::More;
use Wire;

# A statement and its answer: the SQLSTATE and message of an error, or columns,
# rows and command tag.  They run one after the other, each twice.
my @answers = split /\n/, <<'TABLE';
SELECT 1 AS one, 'x' AS two | [one,two] (1,x) SELECT 1
SELECT version() | [version] (PostgreSQL 16) SELECT 1
SELECT current_setting('server_version') | [current_setting] (16.15) SELECT 1
SHOW server_version | [server_version] (16.15) SHOW
SHOW transaction_isolation | [transaction_isolation] (repeatable read) SHOW
SHOW lc_collate | 42704 unrecognized configuration parameter "lc_collate"
CREATE TABLE IF NOT EXISTS t (id bigint PRIMARY KEY, v text) | CREATE TABLE
INSERT INTO t VALUES (1, 'a') ON CONFLICT DO NOTHING RETURNING NULL AS n WHERE | 42601 syntax error at or near "WHERE"
INSERT INTO t VALUES (1, 'a') ON CONFLICT (id) DO UPDATE SET v = 'b' RETURNING id | [id] (1) INSERT 0 1
UPDATE t SET v = 'c' | UPDATE 1
SELECT * FROM t FOR UPDATE | [id,v] (1,c) SELECT 1
SELECT * FROM t FOR KEY SHARE | [id,v] (1,c) SELECT 1
SELECT * FROM t FOR SHARE | 0A000 locking clauses other than FOR UPDATE/FOR KEY SHARE are not supported
SELECT * FROM t FOR NO KEY UPDATE | 0A000 locking clauses other than FOR UPDATE/FOR KEY SHARE are not supported
SELECT * FROM t TABLESAMPLE SYSTEM (1) | 0A000 TABLESAMPLE clause not supported
SELECT v FROM t GROUP BY ALL | 42601 syntax error at end of input
MERGE INTO t USING t AS s ON false WHEN MATCHED THEN DELETE | 0A000 unsupported statement type: MERGE
SELECT to_tsvector('english', 'x') | 42704 text search configuration "english" does not exist
SELECT line('{1,2,3}') | 0A000 datatype line not supported
SELECT circle('<(0,0),1>'::text) | 0A000 datatype circle not supported
SELECT pg_try_advisory_lock(1) | 0A000 function pg_try_advisory_lock not supported
SELECT set_config('work_mem', '1MB', false) | 0A000 setting configuration parameter "work_mem" not supported
SELECT set_config('application_name', 'x', false) | [set_config] (x) SELECT 1
SELECT set_config(n, 'y', false) FROM (VALUES ('application_name')) AS v (n) | [set_config] (y) SELECT 1
TRUNCATE t | 0A000 unsupported statement: Truncate
TRUNCATE nothing | 0A000 unsupported statement: Truncate
VACUUM t | 0A000 unsupported VACUUM statement
ANALYZE t | ANALYZE
EXPLAIN SELECT 1 | [QUERY PLAN] (Result  (cost=0.00..0.01 rows=1 width=4)) EXPLAIN
EXPLAIN DECLARE c CURSOR FOR SELECT 1 | 0A000 unsupported statement: DeclareCursor
DECLARE c CURSOR FOR SELECT 1 | 0A000 unsupported statement: DeclareCursor
CREATE TABLE u AS SELECT 1 | 0A000 unsupported statement: CreateTableAs
SELECT 1 INTO u | 0A000 unsupported statement: CreateTableAs
CREATE TABLE u AS SELECT * FROM nothing | 0A000 unsupported statement: CreateTableAs
CREATE TEMP TABLE IF NOT EXISTS u (a, b) AS WITH c AS (SELECT 1) SELECT 1, nothing FROM c | 0A000 unsupported statement: CreateTableAs
CREATE TABLE u (a integer DEFAULT nothing()) | 42883 function nothing() does not exist
SELECT * INTO u FROM nothing | 0A000 unsupported statement: CreateTableAs
(SELECT nothing INTO u) | 0A000 unsupported statement: CreateTableAs
WITH c AS (SELECT 1) SELECT * INTO u FROM c, none.nothing | 0A000 unsupported statement: CreateTableAs
CREATE MATERIALIZED VIEW m AS SELECT * FROM nothing | 0A000 unsupported statement: CreateTableAs
/* "é" */ EXPLAIN (COSTS OFF) CREATE TABLE u AS SELECT nothing() | 0A000 unsupported statement: CreateTableAs
EXPLAIN VERBOSE SELECT nothing() INTO u | 0A000 unsupported statement: CreateTableAs
DECLARE c CURSOR FOR SELECT * FROM nothing | 0A000 unsupported statement: DeclareCursor
EXPLAIN DECLARE c CURSOR FOR SELECT nothing FROM t | 0A000 unsupported statement: DeclareCursor
MERGE INTO nothing USING t AS s ON false WHEN MATCHED THEN DELETE | 0A000 unsupported statement type: MERGE
WITH c AS (SELECT 1) MERGE INTO t USING c ON nothing WHEN MATCHED THEN DELETE | 0A000 unsupported statement type: MERGE
SELECT * FROM nothing TABLESAMPLE SYSTEM (1) | 0A000 TABLESAMPLE clause not supported
SELECT * FROM t TABLESAMPLE nothing (1) | 0A000 TABLESAMPLE clause not supported
INSERT INTO t SELECT nothing FROM t TABLESAMPLE pg_catalog.bernoulli (1) | 0A000 TABLESAMPLE clause not supported
CREATE VIEW w AS SELECT * FROM nothing TABLESAMPLE SYSTEM (1) | 0A000 TABLESAMPLE clause not supported
SELECT a.tablesample FROM nothing AS a | 42P01 relation "nothing" does not exist
SELECT 'é', t.merge AS into FROM t | 42703 column t.merge does not exist
SELECT * FROM t AS p LEFT JOIN LATERAL (SELECT p.v AS x, c.id FROM t AS c WHERE c.id = p.id) s ON true | 42804 attribute 1 of type t has wrong type
INSERT INTO nothing VALUES (1) | 42P01 relation "nothing" does not exist
WITH c AS (INSERT INTO nothing VALUES (1) RETURNING 1) SELECT 1 | 42P01 relation "nothing" does not exist
CREATE TABLE u AS SELECT FROM FROM | 42601 syntax error at or near "FROM"
DECLARE c CURSOR FOR SELECT pg_catalog.sum(DISTINCT) | 42601 syntax error at or near ")"
CREATE EXTENSION IF NOT EXISTS pgcrypto | 0A000 unsupported statement: CreateExtension
CREATE DATABASE d | 0A000 unsupported statement: Createdb
CREATE TRIGGER g AFTER INSERT ON t EXECUTE FUNCTION f() | 0A000 CREATE TRIGGER not supported
CREATE TYPE e AS ENUM ('a') | 0A000 CREATE TYPE not supported
ALTER TYPE e RENAME TO f | 0A000 unsupported object in RENAME statement
ALTER TYPE e ADD VALUE 'b' | 0A000 ALTER TYPE not supported
DROP TYPE IF EXISTS e | 0A000 unsupported object in DROP statement
DROP DOMAIN d CASCADE | 0A000 DROP DOMAIN with CASCADE unsupported
DROP TABLE IF EXISTS nothing | DROP TABLE
COMMENT ON TABLE t IS 'x' | COMMENT
ALTER SYSTEM SET work_mem = '1MB' | 0A000 unsupported statement: AlterSystem
LISTEN c | 0A000 unsupported statement: Listen
PREPARE p AS SELECT 1 | 0A000 unsupported statement: Prepare
DEALLOCATE ALL | DEALLOCATE ALL
DISCARD ALL | 0A000 unsupported statement: Discard
GRANT USAGE ON SCHEMA public TO admin | 0A000 feature not supported on system entity
GRANT CONNECT ON DATABASE postgres TO admin | 0A000 unsupported object type in GRANT
GRANT SELECT ON t TO admin | GRANT
SET statement_timeout = 0 | 0A000 setting configuration parameter "statement_timeout" not supported
SET application_name = 'x' | SET
SET TIME ZONE INTERVAL '+00:00' HOUR TO MINUTE | SET
SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ | SET
SET TRANSACTION READ ONLY | 0A000 setting configuration parameter "TRANSACTION" not supported
SET TRANSACTION ISOLATION LEVEL SERIALIZABLE | 0A000 Unsupported isolation level: SERIALIZABLE
SET CONSTRAINTS ALL DEFERRED | SET CONSTRAINTS
RESET ALL | RESET
BEGIN ISOLATION LEVEL SERIALIZABLE | 0A000 Unsupported isolation level: SERIALIZABLE
BEGIN ISOLATION LEVEL REPEATABLE READ | BEGIN
COMMIT | COMMIT
SAVEPOINT s | 0A000 unsupported transaction statement: SAVEPOINT
RELEASE s | 0A000 unsupported transaction statement: RELEASE
ROLLBACK TO SAVEPOINT s | 0A000 unsupported transaction statement: ROLLBACK TO
ROLLBACK | ROLLBACK
SELECT sys.wait_for_job('x') | 42809 sys.wait_for_job(unknown) is a procedure
CALL sys.wait_for_job('no-such-job') | 22P02 Unable to convert text to UUID
DELETE FROM t | DELETE 1
TABLE t | [id,v] (1,c) SELECT 1
INSERT INTO t SELECT 2, 'a' | INSERT 0 1
DROP TABLE t | DROP TABLE
TABLE

# What leads back to where a statement began, for its second run
my %undo = (
	'DELETE FROM t' => "INSERT INTO t VALUES (1, 'c')",
	"INSERT INTO t SELECT 2, 'a'" => 'DELETE FROM t WHERE id = 2',
	'DROP TABLE t' => 'CREATE TABLE t (id bigint PRIMARY KEY, v text)',
	'BEGIN ISOLATION LEVEL REPEATABLE READ' => 'ROLLBACK');

# What is looked at only when a statement runs
my $late = qr/^CREATE VIEW| \| (22P02|42883) /;

my $node = DsqlEmu::emulated();

sub connect_to
{
	return Wire->new(
		host => $node->host,
		port => $node->port,
		database => 'postgres',
		@_);
}

# The answers to one statement, as in the table.
sub summary
{
	my @parts;

	foreach my $answer (@_)
	{
		return "$answer->{error}{C} $answer->{error}{M}" if $answer->{error};
		push @parts, '[' . join(',', @{ $answer->{columns} }) . ']'
		  if $answer->{columns};
		push @parts, '(' . join(',', map { $_ // 'null' } @{ $answer->{row} }) . ')'
		  if $answer->{row};
		push @parts, $answer->{tag} if defined $answer->{tag};
	}
	return join ' ', @parts;
}

sub simple
{
	my ($wire, $sql) = @_;
	return summary($wire->query($sql));
}

# In steps: what Parse and Describe answer, then what Bind and Execute do.
sub extended
{
	my ($wire, $sql) = @_;
	my @parsed =
	  $wire->send(Wire::Parse('', $sql), Wire::Describe('S', ''), Wire::Sync());
	return (summary(@parsed), 1) if grep { $_->{error} } @parsed;
	my @executed =
	  $wire->send(Wire::Bind('', ''), Wire::Execute(''), Wire::Sync());
	return (summary(@executed), 0) if grep { $_->{error} } @executed;
	return (summary(@parsed, @executed), 0);
}

# 1
my $wire = connect_to();
foreach my $line (@answers)
{
	my ($sql, $expected) = $line =~ /^(.*?) \| (.*)$/ or die $line;

	is(simple($wire, $sql), $expected, $sql);
	$wire->query($undo{$sql}) if $undo{$sql};

	my ($answer, $early) = extended($wire, $sql);
	is($answer, $expected, '... in the extended protocol');
	is($early, $line =~ $late ? 0 : 1, '... in time')
	  if $expected =~ /^[0-9A-Z]{5} /;
	$wire->query($undo{$sql}) if $undo{$sql};
}

# 2
$wire->query('CREATE TABLE t (id bigint PRIMARY KEY, v text)');
foreach my $how (\&simple, sub { (extended(@_))[0] })
{
	is($how->($wire, 'BEGIN'), 'BEGIN', 'a block begins');
	is($how->($wire, "INSERT INTO t VALUES (1, '')"),
		'INSERT 0 1', '... with a row');
	is( $how->($wire, 'SAVEPOINT s'),
		'0A000 unsupported transaction statement: SAVEPOINT',
		'... a refusal');
	foreach my $sql ('SELECT 1', 'SAVEPOINT s', 'SHOW all', 'TRUNCATE t')
	{
		is( $how->($wire, $sql),
			'25P02 current transaction is aborted, '
			  . 'commands ignored until end of transaction block',
			"... then $sql");
	}
	is($how->($wire, 'COMMIT'), 'ROLLBACK', '... and COMMIT rolls back');
	is($how->($wire, 'SELECT count(*) FROM t'),
		'[count] (0) SELECT 1', '... the row');
	is($how->($wire, 'LOCK t'),
		'0A000 unsupported statement: Lock', 'outside of a block');
	is($how->($wire, 'SELECT 1 AS a'),
		'[a] (1) SELECT 1', '... a refusal aborts nothing');
	is( $how->($wire, 'SELECT * INTO u FROM nothing'),
		'0A000 unsupported statement: CreateTableAs',
		'... and another with a name that does not exist');
}

# 3
is(simple($wire, 'SELECT 1 AS a; SELECT 2 AS b'),
	'[a] (1) SELECT 1 [b] (2) SELECT 1', 'two statements');
is(simple($wire, "BEGIN; INSERT INTO t VALUES (2, ''); COMMIT"),
	'BEGIN INSERT 0 1 COMMIT', 'a block in one text');
is( simple($wire, "INSERT INTO t VALUES (3, ''); TRUNCATE t; SELECT 1"),
	'0A000 unsupported statement: Truncate',
	'a refusal among several');
is(simple($wire, 'SELECT id FROM t'),
	'[id] (2) SELECT 1', '... leaves nothing of them');
is( simple(
		$wire, "SELECT 'é;' AS a; CREATE TABLE u AS SELECT nothing FROM t; SELECT 1"),
	'0A000 unsupported statement: CreateTableAs',
	'a refusal among several that has a name');
is( simple($wire, 'SELECT nothing FROM t; SELECT nothing INTO u FROM t'),
	'42703 column "nothing" does not exist',
	'a name before the refusal');
my @batch = $wire->send(
	map({ (Wire::Parse('', $_), Wire::Bind('', ''), Wire::Execute('')) }
		"INSERT INTO t VALUES (4, '')",
		'LISTEN c',
		"INSERT INTO t VALUES (5, '')"),
	Wire::Sync());
is(summary(grep { $_->{error} } @batch),
	'0A000 unsupported statement: Listen', 'a refusal in a pipeline');
is(scalar(grep { defined $_->{tag} } @batch),
	1, '... ends it up to the Sync');
is(simple($wire, 'SELECT id FROM t'), '[id] (2) SELECT 1', '... and undoes it');

# 4
sub execute
{
	my ($name, @values) = @_;
	my $bind = "\0$name\0"
	  . pack('nn', 0, scalar @values)
	  . join('', map { pack('N/a*', $_) } @values)
	  . pack('n', 0);
	return summary($wire->send(Wire::message('B', $bind), Wire::Execute(''),
			Wire::Sync()));
}

$wire->send(Wire::Parse('version', 'SELECT version(), id FROM t'), Wire::Sync());
is(execute('version'), '(PostgreSQL 16,2) SELECT 1', 'prepared');
is(execute('version'), '(PostgreSQL 16,2) SELECT 1', '... again');
$wire->query('ALTER TABLE t ADD COLUMN w text');
is(execute('version'), '(PostgreSQL 16,2) SELECT 1', '... after DDL');

$wire->send(Wire::Parse('setting', 'SELECT set_config($1, $2, $3)'), Wire::Sync());
is(execute('setting', 'application_name', 'x', 'f'),
	'(x) SELECT 1', 'set_config() with parameters');
is( execute('setting', 'work_mem', '1MB', 'f'),
	'0A000 setting configuration parameter "work_mem" not supported',
	'... that it refuses');
is(execute('setting', 'role', 'admin', 't'),
	'(admin) SELECT 1', '... for a transaction');
is( execute('setting', 'role', 'admin', 'f'),
	'0A000 setting configuration parameter "role" not supported',
	'... not for longer');

$wire->send(Wire::Parse('analyze', 'ANALYZE t'), Wire::Sync());
is(execute('analyze'), 'ANALYZE', 'prepared ANALYZE');
$wire->query('BEGIN');
is( execute('analyze'),
	'25001 ANALYZE cannot run inside a transaction block',
	'... in a block');
$wire->query('ROLLBACK');

$wire->send(Wire::Parse('late', 'SELECT count(*) FROM later'), Wire::Sync());
is(execute('late'), '26000 prepared statement "late" does not exist',
	'what was not parsed is not there');

# 5
my %function = (
	lo_creat => [ 957, pack('N', 0) ],
	pg_try_advisory_lock => [ 2882, pack('NN', 0, 1) ]);
foreach my $name (sort keys %function)
{
	my ($oid, $argument) = @{ $function{$name} };
	is( summary(
			$wire->send(
				Wire::message(
					'F',
					pack('NnnnN/a*n', $oid, 1, 1, 1, $argument, 1)))),
		"0A000 function $name not supported",
		"function call of $name()");
}

# 6
$wire->query('SELECT dsql.reset_findings()');
$wire->query('SET dsql_emu.mode = report');
$wire->send(Wire::Parse('unlisten', 'UNLISTEN c'), Wire::Sync());
$wire->send(Wire::Parse('', 'SELECT repeat($$x$$, 5000)'), Wire::Sync())
  for 1 .. 3;
$wire->send(Wire::Parse('setting2', 'SELECT set_config($1, $2, $3)'), Wire::Sync());
$wire->send(Wire::Parse('', 'SELECT repeat($$y$$, 5000)'), Wire::Sync())
  for 1 .. 3;
my @answer = $wire->send(
	Wire::Parse('', 'LISTEN c'), Wire::Bind('', ''), Wire::Execute(''),
	Wire::Sync());
is_deeply(
	[ map { @{ $_->{notice} }{ 'S', 'C', 'M' } } grep { $_->{notice} } @answer ],
	[ 'WARNING', '0A000', 'unsupported statement: Listen' ],
	'a warning in report mode');
is(summary(@answer), 'LISTEN', '... and PostgreSQL\'s answer');
is( simple($wire, 'SELECT * INTO u FROM nothing'),
	'42P01 relation "nothing" does not exist',
	'a name that PostgreSQL looks up itself');
is(execute('unlisten'), 'UNLISTEN', 'a statement that was warned about');
is(execute('setting2', 'work_mem', '1MB', 'f'),
	'(1MB) SELECT 1', 'a name that becomes known late');
is( simple(
		$wire,
		'SELECT rule, statement, count FROM dsql.findings ORDER BY rule'),
	'[rule,statement,count] (setting,SELECT set_config($1, $2, $3),1) '
	  . '(statement_listen,LISTEN c,1) (statement_unlisten,UNLISTEN c,1) '
	  . 'SELECT 3',
	'findings name the statement');

done_testing();
