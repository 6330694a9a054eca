# Jobs as a session sees them through the protocol:
#
#  1. the answer of CREATE INDEX ASYNC and ALTER TABLE ASYNC, and its description:
#     simple, extended, prepared and in a string of several statements
#  2. rolled back: no index, no job
#  3. IF NOT EXISTS
#  4. sys.wait_for_job: it waits, and can be cancelled; tables are analyzed
#     without being asked for
#  5. a definition that comes to wait for a job which was begun after it
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../perl";
use DsqlEmu;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Wire;

my $node = DsqlEmu::start('dsql_emu.max_connection_lifetime' => 0);
$node->safe_psql('postgres', $_) foreach (
	'CREATE EXTENSION dsql_emu',
	'CREATE TABLE t (id integer PRIMARY KEY, a integer)',
	'ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID');

my $session = DsqlEmu::session($node, 'postgres');
my $other = DsqlEmu::session($node, 'postgres');
DsqlEmu::value($session, 'SET dsql_emu.manual_jobs = on');
DsqlEmu::value($other, 'SET dsql_emu.mode = off');

# Answers in short: an identifier is "(id)".
sub summary
{
	return join ', ', map {
			$_->{error} ? join(' ', @{ $_->{error} }{qw(C M)})
		  : $_->{notice} ? join(' ', @{ $_->{notice} }{qw(S M)})
		  : $_->{columns} ? '[' . join(' ', @{ $_->{columns} }) . ']'
		  : $_->{row}
		  ? join(' ',
			map { defined ? s/^[a-z2-7]{26}$/(id)/r : 'null' }
			  @{ $_->{row} })
		  : defined $_->{tag} ? $_->{tag}
		  : $_->{type} eq 'n' ? 'no data'
		  : ()
	} @_;
}

sub simple
{
	return summary($session->query($_[0]));
}

sub state_of_jobs
{
	return DsqlEmu::value($other, 'SELECT count(*) FROM dsql.job');
}

sub index_exists
{
	my ($name) = @_;
	return DsqlEmu::value($other,
		"SELECT to_regclass('$name') IS NOT NULL");
}

# 1
my $index = '[job_id], (id), CREATE INDEX';
my $validation = '[job_id], (id), ALTER TABLE';
is(simple('CREATE INDEX ASYNC a ON t (a)'), $index, 'simple');
is(simple('ALTER TABLE ASYNC t VALIDATE CONSTRAINT c'),
	$validation, 'simple, ALTER TABLE');
is(simple('SELECT 1 AS one; CREATE INDEX ASYNC b ON t (a)'),
	"[one], 1, SELECT 1, $index", 'after another statement');
is(simple('BEGIN; CREATE UNIQUE INDEX ASYNC c ON t (a); COMMIT'),
	"BEGIN, $index, COMMIT", 'in a block, in one string');
is( summary(
		$session->send(
			Wire::Parse('', 'CREATE INDEX ASYNC d ON t (a)'),
			Wire::Bind('', ''),
			Wire::Describe('P', ''),
			Wire::Execute(''),
			Wire::Sync())),
	$index,
	'extended, portal described');
is( summary(
		$session->send(
			Wire::Parse('s', 'CREATE INDEX ASYNC ON t (a)'),
			Wire::Describe('S', 's'),
			Wire::Sync())),
	'[job_id]',
	'prepared statement described');
is( summary(
		$session->send(
			Wire::Bind('', 's'), Wire::Execute(''), Wire::Sync())),
	'(id), CREATE INDEX',
	'and executed')
  for 1 .. 2;
is( summary(
		$session->send(
			Wire::Parse('', 'ALTER TABLE ASYNC t VALIDATE CONSTRAINT c'),
			Wire::Describe('S', ''),
			Wire::Bind('', ''),
			Wire::Execute(''),
			Wire::Sync())),
	$validation,
	'extended, ALTER TABLE');
is(state_of_jobs(), 8, 'each has queued a job');

# 2
my $before = state_of_jobs();
is(simple('BEGIN; CREATE INDEX ASYNC r ON t (a); ROLLBACK'),
	"BEGIN, $index, ROLLBACK", 'rolled back');
is(simple('CREATE INDEX ASYNC r ON t (a); SELECT 1/0'),
	"$index, 22012 division by zero",
	'an error after it in the same string');
is( summary(
		$session->send(
			Wire::Parse('', 'CREATE INDEX ASYNC r ON t (a)'),
			Wire::Bind('', ''),
			Wire::Execute(''),
			Wire::Parse('', 'SELECT 1/0'),
			Wire::Bind('', ''),
			Wire::Execute(''),
			Wire::Sync())),
	'(id), CREATE INDEX, 22012 division by zero',
	'an error before Sync');
is(state_of_jobs() . index_exists('r'), "${before}f", 'no job, and no index');

# 3
is( simple('CREATE INDEX ASYNC IF NOT EXISTS a ON t (a)'),
	'NOTICE relation "a" already exists, skipping, [job_id], null, CREATE INDEX',
	'IF NOT EXISTS: a notice');
is(state_of_jobs(), $before, 'and no build');
is( simple('CREATE INDEX ASYNC a ON t (a)'),
	'42P07 relation "a" already exists',
	'without it an error');
{
	my $long = 'n' x 63;
	simple("CREATE INDEX ASYNC ${long}1 ON t (a)");
	is( simple("CREATE INDEX ASYNC IF NOT EXISTS ${long}2 ON t (id)"),
		qq{NOTICE identifier "${long}2" will be truncated to "$long", }
		  . qq{NOTICE relation "$long" already exists, skipping, [job_id], null, CREATE INDEX},
		'IF NOT EXISTS: a name that is the same once it is cut off');
	is(DsqlEmu::value($other, "SELECT indisvalid FROM pg_index WHERE indexrelid = '$long'::regclass"),
		'f', 'and an index that is not valid');
}

# 4
my ($id) = DsqlEmu::value($session, 'CREATE INDEX ASYNC w ON t (a)');
my $waits = "SELECT count(*) = 1 FROM pg_stat_activity
	WHERE query LIKE 'CALL sys.wait%' AND state = 'active'
	AND wait_event_type = 'Extension'";
my $waiter = DsqlEmu::session($node, 'postgres');
my $call = "CALL sys.wait_for_job('$id')";
DsqlEmu::value($waiter, 'SELECT 42 AS who');
my $pid = DsqlEmu::value($other,
	"SELECT pid FROM pg_stat_activity WHERE query = 'SELECT 42 AS who'");

$waiter->post(Wire::Query($call));
DsqlEmu::wait_until($other, $waits);
DsqlEmu::value($other, "SELECT pg_cancel_backend($pid)");
is( summary($waiter->receive),
	'57014 canceling statement due to user request',
	'a wait is cancelled');
is( DsqlEmu::value(
		$other, "SELECT status FROM sys.jobs WHERE job_id = '$id'"),
	'submitted',
	'which does not touch the job');
is( summary($waiter->query("SET statement_timeout = 1; $call")),
	'0A000 setting configuration parameter "statement_timeout" not supported',
	'a time limit cannot be set');
is( DsqlEmu::value(
		$other,
		"SELECT count(*) FROM pg_locks WHERE pid = $pid AND locktype = 'relation'"
	),
	0,
	'it holds no lock');

$waiter->post(Wire::Query($call));
DsqlEmu::wait_until($other, $waits);
DsqlEmu::value($session, 'CALL dsql.run_jobs()');
is(summary($waiter->receive), '[succeeded], t, CALL', 'a wait ends with the job');
is( summary(
		$waiter->send(
			Wire::Parse('', $call), Wire::Describe('S', ''),
			Wire::Bind('', ''), Wire::Execute(''),
			Wire::Sync())),
	'[succeeded], t, CALL',
	'extended');
is( summary(
		$waiter->send(
			Wire::Parse('', 'SELECT 1 AS one'), Wire::Bind('', ''),
			Wire::Execute(''), Wire::Parse('', $call),
			Wire::Bind('', ''), Wire::Execute(''),
			Wire::Sync())),
	'1, SELECT 1, t, CALL',
	'extended, after another statement before Sync');
is( summary(
		$waiter->send(
			Wire::Parse('', 'CALL sys.wait_for_job($1)'), Wire::Bind('', '', $id),
			Wire::Execute(''), Wire::Sync())),
	't, CALL',
	'extended, with a parameter');
is(summary($waiter->query("BEGIN; $call; ROLLBACK")),
	'BEGIN, 0A000 sys.wait_for_job cannot run inside a transaction block', 'not in a block');
$waiter->query('ROLLBACK');
is( DsqlEmu::value(
		$other,
		"SELECT count(*) FROM dsql.job WHERE status <> 'completed'"),
	0,
	'all jobs are done');

is( DsqlEmu::value(
		$session,
		'SET dsql_emu.auto_analyze = on; INSERT INTO t VALUES (1, 1), (2, 2)'),
	'',
	'rows are written');
DsqlEmu::wait_until($other,
	"SELECT count(*) = 1 FROM dsql.job WHERE kind = 'ANALYZE' AND status = 'submitted'"
);
DsqlEmu::value($session, 'RESET dsql_emu.manual_jobs');
DsqlEmu::value($session, 'CREATE TABLE analyzed (id integer PRIMARY KEY)');
DsqlEmu::value($session, 'INSERT INTO analyzed VALUES (1), (2), (3)');
DsqlEmu::wait_until($other,
	"SELECT reltuples = 3 FROM pg_class WHERE oid = 'analyzed'::regclass");
is( DsqlEmu::value(
		$other,
		"SELECT job_type, object_name, details FROM sys.jobs
		WHERE object_id = 'analyzed'::regclass"),
	'ANALYZE|public.analyzed|',
	'a table that received rows is analyzed by itself');
DsqlEmu::value($session, $_)
  foreach ('SET dsql_emu.auto_analyze = off', 'SET dsql_emu.manual_jobs = on');

# 5. The definition locks its first table, which somebody holds, when no job is
# there; then one is, on its second table.
DsqlEmu::value($session, 'CREATE TABLE first (id integer)');
$id = DsqlEmu::value($session, 'CREATE INDEX ASYNC late ON t (a)');
my $holder = DsqlEmu::pause($node, 'postgres', 'index_build_before_ready');
DsqlEmu::value($other, 'BEGIN; LOCK TABLE first');
$waiter->post(Wire::Query('DROP TABLE first, t'));
DsqlEmu::wait_until($holder,
	"SELECT count(*) = 1 FROM pg_locks WHERE pid = $pid AND NOT granted");
$session->post(Wire::Query('CALL dsql.run_jobs()'));
DsqlEmu::wait_for_pause($holder);
DsqlEmu::value($other, 'COMMIT');
is(summary($waiter->receive),
	'DROP TABLE', 'a definition overtakes a job that was begun after it');
DsqlEmu::release($holder);
$session->receive;
is( DsqlEmu::value(
		$session, "SELECT status, details FROM sys.jobs WHERE job_id = '$id'"),
	'completed|relation "public.late" does not exist',
	'the job finds no table');

$node->stop;
done_testing();
