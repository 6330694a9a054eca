# A job whose worker or server dies, in each phase of it, is taken up again and
# ends exactly once; no index stays half built without a job that says so.
#
# The worker is held at a point of src/base/pause_point.h, or in a function of the index
# itself while the table is scanned.  Then it is killed, which makes the server
# start again, or the server is shut down immediately.  A row that was written
# meanwhile has to be in the index.
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../perl";
use DsqlEmu;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = DsqlEmu::start();
$node->safe_psql('postgres', $_) foreach (
	'CREATE EXTENSION dsql_emu',
	'CREATE TABLE t (id integer PRIMARY KEY, a integer, b integer)',
	'INSERT INTO t SELECT g, g, g % 10 FROM generate_series(1, 1000) g',
	'CREATE TABLE dropped (id integer PRIMARY KEY)',
	'SET dsql_emu.mode = off;
	CREATE FUNCTION held(integer) RETURNS integer IMMUTABLE LANGUAGE plpgsql AS
	$$ BEGIN PERFORM pg_advisory_xact_lock_shared('
	  . DsqlEmu::PAUSE_LOCK . '); RETURN $1; END $$');

my %statement = (
	index => 'CREATE INDEX ASYNC i ON t (a)',
	held => 'CREATE INDEX ASYNC i ON t (held(a))',
	unique => 'CREATE UNIQUE INDEX ASYNC i ON t (a)',
	duplicates => 'CREATE UNIQUE INDEX ASYNC i ON t (b)',
	constraint => 'ALTER TABLE ASYNC t VALIDATE CONSTRAINT c');

# What is submitted, where it stops, and what the job's status is then.
my @phases = (
	[ index => 'job_claim', 'submitted' ],
	[ index => 'index_build_begin' ],
	[ index => 'index_build_before_scan' ],
	[ held => '' ],
	[ unique => 'index_build_before_ready' ],
	[ index => 'index_build_before_validation' ],
	[ index => 'index_build_before_valid' ],
	[ unique => 'job_end' ],
	[ duplicates => 'index_build_before_failure' ],
	[ duplicates => 'job_end' ],
	[ constraint => 'job_end' ]);

my %crash = (
	'kill -9 of the worker' => sub {
		my ($pid, $session) = @_;
		kill KILL => $pid or die "could not kill $pid: $!";
		# The server then ends all sessions.
		1 while eval { DsqlEmu::value($session, 'SELECT 1') };
	},
	'immediate shutdown' => sub {
		$node->stop('immediate');
		$node->start;
	});

# A session in the server that comes back.
sub reconnect
{
	my $session;
	my $deadline = time + $PostgreSQL::Test::Utils::timeout_default;
	until ($session = eval { DsqlEmu::session($node, 'postgres') })
	{
		BAIL_OUT('the server does not come back') if time > $deadline;
	}
	return $session;
}

sub status
{
	my ($session, $id) = @_;
	return DsqlEmu::value($session,
		"SELECT status FROM sys.jobs WHERE job_id = '$id'");
}

# The number of ends that the log has seen.  It is written after the commit.
sub ends
{
	my ($id) = @_;
	$node->wait_for_log(qr/job $id has ended/);
	return scalar(() = slurp_file($node->logfile) =~ /job $id has ended/g);
}

# Indexes that are not complete, though no job says so.
my $half_built = "SELECT count(*) FROM pg_index i
	WHERE NOT indisvalid AND NOT EXISTS (
		SELECT FROM sys.jobs j WHERE j.object_id = i.indexrelid
		AND j.job_type = 'INDEX_BUILD' AND j.status <> 'completed')";

sub check_index
{
	my ($session, $kind, $name) = @_;
	my $key = $kind eq 'held' ? 'held(a)' : $kind eq 'duplicates' ? 'b' : 'a';

	is( DsqlEmu::value(
			$session,
			"SELECT indisvalid, indisready FROM pg_index WHERE indexrelid = 'i'::regclass"
		),
		$kind eq 'duplicates' ? 'f|t' : 't|t',
		"$name: the index");
	if ($kind eq 'duplicates')
	{
		my ($answer) = grep { $_->{error} }
		  $session->query('INSERT INTO t VALUES (0, 0, 1)');
		is($answer->{error}{C}, '23505', "$name: it enforces uniqueness");
	}
	elsif ($kind ne 'held')
	{
		my $plan = DsqlEmu::value($session,
			"SET enable_seqscan = off; EXPLAIN SELECT count($key) FROM t WHERE $key < 0"
		);
		like($plan, qr/ i /, "$name: the index is used");
		is( DsqlEmu::value(
				$session, "SELECT count(*) FROM t WHERE $key < 0"),
			1,
			"$name: it has the row that was written meanwhile");
		is( DsqlEmu::value(
				$session, "SELECT count($key) FROM t WHERE $key > -1"),
			1000,
			"$name: and the others");
	}
	DsqlEmu::value($session, 'DROP INDEX i');
	return;
}

foreach my $phase (@phases)
{
	my ($kind, $point, $status) = @$phase;
	foreach my $how (sort keys %crash)
	{
		my $name = "$how, $kind, " . ($point || 'in the scan');
		my $session = DsqlEmu::session($node, 'postgres');
		DsqlEmu::value($session,
			'ALTER TABLE t ADD CONSTRAINT c CHECK (a > -2) NOT VALID')
		  if $kind eq 'constraint';
		my $holder = DsqlEmu::pause($node, 'postgres', $point);

		# Only in report mode a job may call the function that waits.
		DsqlEmu::value($holder,
			'ALTER DATABASE postgres SET dsql_emu.mode = '
			  . ($kind eq 'held' ? 'report' : 'enforce'));
		my $id = DsqlEmu::value($session, $statement{$kind});
		my ($pid) = DsqlEmu::wait_for_pause($holder);

		is(status($session, $id), $status // 'processing', $name);
		DsqlEmu::value($session, 'INSERT INTO t VALUES (-1, -1, -1)')
		  unless $kind eq 'held';
		$crash{$how}->($pid, $session);
		undef $holder;
		$session = reconnect();
		DsqlEmu::wait_until($session,
			"SELECT count(*) = 1 FROM sys.jobs WHERE job_id = '$id'
			AND status IN ('completed', 'failed')");

		is( status($session, $id),
			$kind eq 'duplicates' ? 'failed' : 'completed',
			"$name: the job ends");
		is(ends($id), 1, "$name: once");
		is(DsqlEmu::value($session, $half_built), 0, "$name: nothing is left");
		if ($kind eq 'constraint')
		{
			is( DsqlEmu::value(
					$session,
					"SELECT convalidated FROM pg_constraint WHERE conname = 'c'"
				),
				't',
				"$name: the constraint");
			DsqlEmu::value($session, 'ALTER TABLE t DROP CONSTRAINT c');
		}
		else
		{
			check_index($session, $kind, $name);
		}
		DsqlEmu::value($session, 'DELETE FROM t WHERE id = -1');
	}
}

$node->stop;
done_testing();
