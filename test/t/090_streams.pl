# Change streams, as consumers of Kinesis get them: through kinesalite, and read
# with the AWS SDK for JavaScript.  A consumer rebuilds three tables from the
# records, and they are equal to the tables of the cluster:
#
#  1. in order, and with disorder and repetitions
#  2. when the sink was away
#  3. across kill -9 of the process that sends, of the server, and of the sink
#  4. a Kinesis stream that is not there
#
# STREAM_TRANSACTIONS=10000 makes the load larger.
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../perl";
use Clients;
use DsqlEmu;
use IPC::Run qw(start finish);
use JSON::PP;
use Kinesalite;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

if (!$ENV{CLIENTS})
{
	Clients::not_run('streams.mjs, whose packages could not be installed');
	done_testing();
	exit;
}

my $transactions = $ENV{STREAM_TRANSACTIONS} // 300;
my $api_port = PostgreSQL::Test::Cluster::get_free_port();
my $kinesis = Kinesalite->new;
my $endpoint = $kinesis->endpoint;
my $folder = PostgreSQL::Test::Utils::tempdir();
my $json = JSON::PP->new->canonical;
my $node = DsqlEmu::start(
	log_min_messages => 'log',
	max_worker_processes => 12,
	'dsql_emu.api_port' => $api_port,
	'dsql_emu.create_delay' => '100ms',
	'dsql_emu.kinesis_endpoint' => "'$endpoint'");
$node->safe_psql('postgres', 'CREATE EXTENSION dsql_emu');

# ------------------------------------------------------------------------
# Programs
# ------------------------------------------------------------------------

sub client
{
	my (@arguments) = @_;
	return $kinesis->client(@arguments);
}

sub sql
{
	my ($query) = @_;
	return $node->safe_psql('postgres', "SET dsql_emu.mode = off; $query");
}

sub wait_for
{
	my ($condition) = @_;
	local $ENV{PGOPTIONS} = '-c dsql_emu.mode=off';
	$node->poll_query_until('postgres', "SELECT ($condition)")
	  or BAIL_OUT("in vain: $condition");
	return;
}

sub configure
{
	my (%settings) = @_;
	$node->safe_psql('postgres', "ALTER SYSTEM SET $_ = '$settings{$_}'")
	  foreach keys %settings;
	$node->reload;
	return;
}

# ------------------------------------------------------------------------
# Load
# ------------------------------------------------------------------------

my $seed = 0;

# Statements of a transaction on three tables
sub random_statement
{
	my $id = int rand 60;
	my $no = int rand 4;
	my $value = int rand 1_000_000;
	my $pick = rand;

	return "INSERT INTO account VALUES ($id, $value.25, 'n$value') ON CONFLICT (id) DO UPDATE SET balance = $value.75"
	  if $pick < 0.25;
	return "UPDATE account SET note = E'\"$value\" \\\\ \\u00e9' WHERE id = $id" if $pick < 0.4;
	return "DELETE FROM account WHERE id = $id" if $pick < 0.5;
	return "INSERT INTO entry VALUES ($id, $no, $value) ON CONFLICT DO NOTHING" if $pick < 0.65;
	return "UPDATE entry SET no = no + 10 WHERE account = $id AND no = $no" if $pick < 0.7;
	return "WITH gone AS (DELETE FROM entry WHERE account = $id RETURNING amount) "
	  . "INSERT INTO entry SELECT $id, 100 + $no, coalesce(sum(amount), 0) FROM gone ON CONFLICT DO NOTHING"
	  if $pick < 0.8;
	my $typed = sprintf "('00000000-0000-0000-0000-%012d', %d, %d, %d, %d.25, %d.5, %d.125, %s, "
	  . "'t%d', 'v%d', 'c', '\\x%06x', date '2000-01-01' + %d, time '00:00' + %d * interval '1 us', "
	  . "timestamp '2020-01-01' + %d * interval '1 s', timestamptz '2020-01-01 00:00+00' + %d * interval '1 s', "
	  . "interval '1 us' * %d, '{\"a\": %d}')",
	  $id, $no, $value, $value * 1000, $value, $value, $value, $value % 2 ? 'true' : 'false',
	  ($value) x 9;
	return "DELETE FROM typed WHERE id = '" . sprintf('00000000-0000-0000-0000-%012d', $id) . "'; "
	  . "INSERT INTO typed VALUES $typed";
}

sub script
{
	my ($count) = @_;
	my $script = '';
	foreach (1 .. $count)
	{
		my $statements = join '; ', map { random_statement() } 0 .. int rand 3;
		my $end = rand() < 0.1 ? 'ROLLBACK' : 'COMMIT';
		$script .= "BEGIN; $statements; $end;\n";
	}
	return $script;
}

# Three sessions at once; what conflicts is not repeated.
sub begin_load
{
	my ($count) = @_;
	srand ++$seed;
	return map {
		my $file = "$folder.$_.sql";
		open(my $fh, '>', $file) or die "$file: $!";
		print $fh script(int($count / 3));
		close $fh;
		start([ 'psql', '-XAtq', '-d', $node->connstr('postgres'), '-f', $file ], '<',
			'/dev/null', '>', '/dev/null', '2>&1')
	} 1 .. 3;
}

sub end_load
{
	my (@load) = @_;
	foreach my $session (@load)
	{
		$session->finish;
	}
	return;
}

# ------------------------------------------------------------------------
# What has to be there in the end
# ------------------------------------------------------------------------

my %keys = (account => ['id'], entry => [ 'account', 'no' ], typed => ['id']);

sub expected
{
	return $json->encode($json->decode(sql(q{
		SELECT json_build_object(
		'account', (SELECT coalesce(json_agg(json_build_object(
			'id', id, 'balance', balance::text, 'note', note)), '[]') FROM account),
		'entry', (SELECT coalesce(json_agg(e), '[]') FROM entry e),
		'typed', (SELECT coalesce(json_agg(json_build_object(
			'id', id, 'small', small, 'int', int, 'big', big, 'single', single, 'double', double,
			'num', num::text, 'yes', yes, 'txt', txt, 'vch', vch, 'chr', rtrim(chr),
			'bin', encode(bin, 'base64'), 'day', day - date '1970-01-01',
			'tim', (extract(epoch FROM tim) * 1000000)::bigint,
			'ts', (extract(epoch FROM ts) * 1000000)::bigint,
			'tsz', (extract(epoch FROM tsz) * 1000000)::bigint,
			'span', (extract(epoch FROM span) * 1000000)::bigint,
			'js', js::text)), '[]') FROM typed))})));
}

# The rows of each table in one order, whatever it is
sub sorted
{
	my ($tables) = @_;
	my $decoded = $json->decode($tables);
	my %sorted = map { $_ => [ sort map { $json->encode($_) } @{ $decoded->{$_} // [] } ] } keys %keys;
	return \%sorted;
}

sub check
{
	my ($name, $stream) = @_;
	wait_for("SELECT status = 'ACTIVE' AND waiting = 0 AND error IS NULL FROM dsql.streams WHERE stream_identifier = '$stream'");
	my $got = client('consume', $endpoint, 'changes', $json->encode(\%keys));
	is_deeply(sorted($got), sorted(expected()), $name);
	return;
}

# ------------------------------------------------------------------------
# 1
# ------------------------------------------------------------------------

$kinesis->start;
client('make', $endpoint, 'changes', 3);
my $cluster = sql('SELECT dsql.current_cluster()');
my $stream = client('create', "http://127.0.0.1:$api_port", $cluster,
	'arn:aws:kinesis:us-east-1:000000000000:stream/changes');
$node->safe_psql('postgres', $_) foreach (
	'CREATE TABLE account (id int PRIMARY KEY, balance numeric(12,2), note text)',
	'CREATE TABLE entry (account int, no int, amount bigint, PRIMARY KEY (account, no))',
	'CREATE TABLE typed (id uuid PRIMARY KEY, small smallint, int int, big bigint, single real,
		double double precision, num numeric(12,3), yes boolean, txt text, vch varchar(20), chr char(5),
		bin bytea, day date, tim time, ts timestamp, tsz timestamptz, span interval, js json)');

end_load(begin_load($transactions));
check('in order', $stream);
is( sql("SELECT sent >= 100 AND lost = 0 FROM dsql.streams"),
	't', 'what was sent');

configure('dsql_emu.stream_disorder' => 7);
end_load(begin_load($transactions));
check('with disorder and repetitions', $stream);
cmp_ok(client('count', $endpoint, 'changes'), '>', sql('SELECT sent FROM dsql.streams'), 'repetitions');
configure('dsql_emu.stream_disorder' => 0);

# ------------------------------------------------------------------------
# 2
# ------------------------------------------------------------------------

$kinesis->kill;
end_load(begin_load($transactions));
# The words are libcurl's, and of its version.
wait_for("SELECT waiting > 0 AND status = 'ACTIVE' AND error LIKE '$endpoint: Could% connect to server' FROM dsql.streams");
$kinesis->start;
check('the sink was away', $stream);

# ------------------------------------------------------------------------
# 3
# ------------------------------------------------------------------------

# Each time when some of the load was sent and some was not
sub during_load
{
	my ($crash) = @_;
	my $before = sql("SELECT sent FROM dsql.streams");
	my @load = begin_load($transactions);
	wait_for("SELECT sent > $before + 20 FROM dsql.streams");
	$crash->();
	end_load(@load);
	return;
}

sub wait_for_server
{
	my $deadline = time + $PostgreSQL::Test::Utils::timeout_default;
	until (eval { DsqlEmu::session($node, 'postgres') })
	{
		BAIL_OUT('the server does not come back') if time > $deadline;
	}
	return;
}

foreach my $round (1 .. 2)
{
	during_load(
		sub {
			my $pid = sql("SELECT pid FROM pg_stat_activity WHERE backend_type = 'dsql_emu stream worker'");
			kill 'KILL', $pid if $pid ne '';
			$node->wait_for_log(qr/background worker "dsql_emu stream worker" \(PID $pid\) was terminated by signal 9/)
			  if $pid ne '';
			wait_for_server();
		});
	end_load(begin_load($transactions));
	check("kill -9 of the process that sends, $round", $stream);

	during_load(
		sub {
			my @pids = split /\n/, sql('SELECT pid FROM pg_stat_activity');
			DsqlEmu::kill_and_start($node, @pids);
		});
	end_load(begin_load($transactions));
	check("kill -9 of the server, $round", $stream);

	during_load(
		sub {
			$kinesis->kill;
			$kinesis->start;
		});
	check("kill -9 of the sink, $round", $stream);
}

# ------------------------------------------------------------------------
# 4
# ------------------------------------------------------------------------

my $lost = client('create', "http://127.0.0.1:$api_port", $cluster,
	'arn:aws:kinesis:us-east-1:000000000000:stream/nowhere');
sql("INSERT INTO account VALUES (-1, 0, 'x')");
wait_for("SELECT status = 'FAILED' FROM dsql.streams WHERE stream_identifier = '$lost'");
is( sql("SELECT error FROM dsql.streams WHERE stream_identifier = '$lost'"),
	'KINESIS_STREAM_NOT_FOUND: ResourceNotFoundException: Stream nowhere under account 000000000000 not found.',
	'a Kinesis stream that is not there');
check('the other one goes on', $stream);

$kinesis->kill;
$node->stop;
done_testing();
