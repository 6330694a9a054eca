# Change streams of clusters that are a database of their own: made over HTTP, kept
# by the control plane, captured and sent in the cluster's database.
#
#  1. made, and rolled back; records in SQL, here and there
#  2. two clusters: each its own records, through Kinesis
#  3. a stream of each of two linked clusters
#  4. what goes wrong is seen in the control plane, and what it says is obeyed
#  5. kill -9 of the server with records that wait
#  6. more databases with records than processes
#  7. streams and clusters that are deleted
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../perl";
use Clients;
use DsqlEmu;
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

my $kinesis = Kinesalite->new;
my $api_port = PostgreSQL::Test::Cluster::get_free_port();
my $node = DsqlEmu::start(
	log_min_messages => 'log',
	max_worker_processes => 12,
	'dsql_emu.api_port' => $api_port,
	'dsql_emu.create_delay' => '0',
	'dsql_emu.update_delay' => '0',
	'dsql_emu.delete_delay' => '0',
	'dsql_emu.kinesis_endpoint' => "'" . $kinesis->endpoint . "'");
$node->safe_psql('postgres', 'CREATE EXTENSION dsql_emu');

# In the control plane's database; in a cluster's, as a superuser or as admin.
sub sql
{
	my ($query, $database) = @_;
	return $node->safe_psql($database // 'postgres', "SET dsql_emu.mode = off; $query");
}

sub inside
{
	my ($cluster, $query) = @_;
	return sql($query, substr $cluster, 0, 8);
}

sub as_admin
{
	my ($cluster, $query) = @_;
	local $ENV{PGOPTIONS} = "-c amzn-cluster-id=$cluster";
	return $node->safe_psql('postgres', $query, extra_params => [ '-U', 'admin' ]);
}

sub wait_for
{
	my ($condition, $database) = @_;
	local $ENV{PGOPTIONS} = '-c dsql_emu.mode=off';
	$node->poll_query_until($database // 'postgres', "SELECT ($condition)")
	  or BAIL_OUT("in vain: $condition");
	return;
}

sub create
{
	my ($region, $arguments) = @_;
	my $cluster = sql("SET dsql_emu.region = '$region'; SELECT identifier FROM dsql.create_cluster("
		  . "deletion_protection_enabled => false, kind => 'database'$arguments)");
	return $cluster;
}

sub wait_until_active
{
	my ($cluster) = @_;
	wait_for("SELECT status = 'ACTIVE' FROM dsql.clusters WHERE identifier = '$cluster'");
	return;
}

# The statement that makes a stream to a Kinesis stream of this name.
sub make_stream
{
	my ($cluster, $name, $region) = @_;
	$region //= 'us-east-1';
	return "SELECT stream_identifier FROM dsql.create_stream('$cluster', '{\"kinesis\": {"
	  . "\"streamArn\": \"arn:aws:kinesis:$region:000000000000:stream/$name\", "
	  . "\"roleArn\": \"arn:aws:iam::000000000000:role/changes\"}}')";
}

sub wait_until_sent
{
	my ($cluster, $count) = @_;
	my $sent = $count ? "sent = $count" : 'true';
	wait_for("SELECT bool_and(waiting = 0 AND error IS NULL AND $sent) FROM dsql.streams", substr $cluster, 0, 8);
	return;
}

# The rows of table item in what a Kinesis stream has: ids, and their names.
sub consumed
{
	my ($name) = @_;
	my $tables = decode_json($kinesis->client('consume', $kinesis->endpoint, $name, '{"item": ["id"]}'));
	return join ' ', map { "$_->{id}:$_->{name}" } sort { $a->{id} <=> $b->{id} } @{ $tables->{item} // [] };
}

# ------------------------------------------------------------------------
# 1
# ------------------------------------------------------------------------

$kinesis->start;
$kinesis->client('make', $kinesis->endpoint, $_, 2) foreach qw(rome oslo pair);
my $rome = create('us-east-1', '');
my $oslo = create('us-east-1', '');
wait_until_active($_) foreach $rome, $oslo;
as_admin($_, 'CREATE TABLE item (id int PRIMARY KEY, name text)') foreach $rome, $oslo;
as_admin($rome, "INSERT INTO item VALUES (0, 'before the stream')");

sql('BEGIN; ' . make_stream($rome, 'rome') . '; ROLLBACK');
is(sql("SELECT count(*) FROM dsql.api('ListStreams', '{\"clusterIdentifier\": \"$rome\"}') a, jsonb_array_elements(a -> 'streams')"),
	'0', 'a stream that is rolled back');
as_admin($rome, "INSERT INTO item VALUES (1, 'one')");
is(inside($rome, 'SELECT count(*) FROM dsql.stream_outbox'), '0', 'gets nothing');

my $session = DsqlEmu::session($node, substr $rome, 0, 8);
DsqlEmu::value($session, "INSERT INTO item VALUES (2, 'two')");
my $stream = $kinesis->client('create', "http://127.0.0.1:$api_port", $rome,
	'arn:aws:kinesis:us-east-1:000000000000:stream/rome');
DsqlEmu::value($session, "INSERT INTO item VALUES (3, 'three')");
as_admin($rome, "UPDATE item SET name = 'two and a half' WHERE id = 2");
as_admin($rome, 'DELETE FROM item WHERE id = 1');
wait_until_sent($rome, 3);
is( as_admin($rome, "SELECT record::jsonb ->> 'op', record::jsonb -> 'before' ->> 'id', record::jsonb -> 'after' ->> 'name', "
		  . "record::jsonb #>> '{source,schema}', record::jsonb #>> '{source,db}', record::jsonb #>> '{source,cluster}' "
		  . "FROM dsql.stream_records('$rome', '$stream')"),
	"c||three|public|postgres|$rome\nu||two and a half|public|postgres|$rome\nd|1||public|postgres|$rome",
	'records, also of a session that was there before the stream');
is(as_admin($rome, 'SELECT cluster_identifier, stream_identifier, status, waiting, sent, lost, error FROM dsql.streams'),
	"$rome|$stream|ACTIVE|0|3|0|", 'dsql.streams in the cluster');
is(sql('SELECT cluster_identifier, stream_identifier, status, waiting, sent, lost, error FROM dsql.streams'),
	"$rome|$stream|ACTIVE||||", 'and in the control plane\'s database');
my ($code, $stdout, $stderr) = $node->psql('postgres', "SET dsql_emu.mode = off; SELECT * FROM dsql.stream_records('$rome', '$stream')");
my $name = substr $rome, 0, 8;
like($stderr, qr/ERROR:  cluster "$rome" has a database of its own\nDETAIL:  The records of its streams are in that database\.\nHINT:  Connect to the cluster, or, as a superuser, to database "$name"\./,
	'which has no records');
is(as_admin($rome, 'SELECT count(*) FROM pg_shseclabel'), '0', 'labels are not shown');
sql("SELECT dsql.tag_resource(a ->> 'arn', '{\"color\": \"red\"}') FROM dsql.api('GetStream', '{\"clusterIdentifier\": \"$rome\", \"streamIdentifier\": \"$stream\"}') a");
is(sql("SELECT tags, status FROM dsql.get_stream('$rome', '$stream')"), '{"color": "red"}|ACTIVE', 'tags');

# ------------------------------------------------------------------------
# 2
# ------------------------------------------------------------------------

my $other = sql(make_stream($oslo, 'oslo'));
as_admin($oslo, "INSERT INTO item VALUES (1, 'oslo')");
as_admin($rome, "INSERT INTO item VALUES (4, 'rome')");
wait_until_sent($oslo, 1);
wait_until_sent($rome, 4);
is(consumed('oslo'), '1:oslo', 'another cluster\'s');
is(consumed('rome'), '2:two and a half 3:three 4:rome', 'each its own');
($code, $stdout, $stderr) = $node->psql(substr($oslo, 0, 8), "SELECT * FROM dsql.stream_records('$rome', '$stream')");
like($stderr, qr/ERROR:  cluster "$rome" has no stream "$stream"/, 'nobody reads another cluster\'s');
is(sql('SELECT count(*) FROM dsql.streams'), '2', 'the control plane knows both');

# ------------------------------------------------------------------------
# 3
# ------------------------------------------------------------------------

my $properties = '"witnessRegion": "us-west-2"';
my $one = create('us-east-1', ", multi_region_properties => '{$properties}'");
my $two = create('us-east-2', ", multi_region_properties => '{$properties, \"clusters\": [\"arn:aws:dsql:us-east-1:000000000000:cluster/$one\"]}'");
sql("SELECT dsql.update_cluster('$one', multi_region_properties => '{$properties, \"clusters\": [\"arn:aws:dsql:us-east-2:000000000000:cluster/$two\"]}')");
wait_until_active($_) foreach $one, $two;
my $one_stream = sql(make_stream($one, 'pair'));
my $two_stream = sql("SET dsql_emu.region = 'us-east-2'; " . make_stream($two, 'pair', 'us-east-2'));
as_admin($one, 'CREATE TABLE item (id int PRIMARY KEY, name text)');
as_admin($one, "INSERT INTO item VALUES (1, 'one')");
as_admin($two, "INSERT INTO item VALUES (2, 'two')");
foreach ([ $one, $one_stream ], [ $two, $two_stream ])
{
	my ($cluster, $its) = @$_;
	is( inside($one, "SELECT record::jsonb -> 'after' ->> 'name', record::jsonb #>> '{source,cluster}' FROM dsql.stream_records('$cluster', '$its')"),
		"one|$cluster\ntwo|$cluster", 'a stream of one of a pair');
}
is(sql("SELECT a -> 'streams' -> 0 ->> 'streamIdentifier', jsonb_array_length(a -> 'streams') FROM dsql.api('ListStreams', '{\"clusterIdentifier\": \"$two\"}', 'us-east-2') a"),
	"$two_stream|1", 'ListStreams of each');

# ------------------------------------------------------------------------
# 4
# ------------------------------------------------------------------------

sql("SELECT dsql.set_stream_status('$rome', '$stream', 'FAILED', 'KINESIS_STREAM_NOT_FOUND')");
as_admin($rome, "INSERT INTO item VALUES (5, 'while it had failed')");
sql("SELECT dsql.set_stream_status('$rome', '$stream', 'ACTIVE')");
as_admin($rome, "INSERT INTO item VALUES (6, 'again')");
wait_until_sent($rome, 5);
is(consumed('rome'), '2:two and a half 3:three 4:rome 6:again', 'the status of the control plane is obeyed');

my $lost = sql(make_stream($rome, 'nowhere'));
as_admin($rome, "INSERT INTO item VALUES (7, 'seven')");
wait_for("SELECT status = 'FAILED' FROM dsql.get_stream('$rome', '$lost')");
is(sql("SELECT status_reason ->> 'error' FROM dsql.get_stream('$rome', '$lost')"),
	'KINESIS_STREAM_NOT_FOUND', 'what went wrong');
is(sql("SELECT tags FROM dsql.get_stream('$rome', '$stream')"), '{"color": "red"}', 'nothing else is changed');
sql("SELECT dsql.delete_stream('$rome', '$lost')");

# ------------------------------------------------------------------------
# 5
# ------------------------------------------------------------------------

$kinesis->kill;
as_admin($rome, "INSERT INTO item VALUES (8, 'eight')");
as_admin($oslo, "INSERT INTO item VALUES (2, 'two')");
wait_for("SELECT bool_and(waiting > 0 AND error <> '') FROM dsql.streams", substr $_, 0, 8) foreach $rome, $oslo;
is(as_admin($rome, 'SELECT status FROM dsql.streams'), 'ACTIVE', 'nobody listens');
my @pids = split /\n/, sql('SELECT pid FROM pg_stat_activity');
my ($postmaster) = slurp_file($node->data_dir . '/postmaster.pid') =~ /^(\d+)/;
undef $session;
kill 'KILL', $postmaster, @pids;
$node->kill9;
my $deadline = time + $PostgreSQL::Test::Utils::timeout_default;
while (grep { kill 0, $_ } $postmaster, @pids)
{
	BAIL_OUT('a killed process lives on') if time > $deadline;
	select undef, undef, undef, 0.02;
}
unlink $node->data_dir . '/postmaster.pid', $node->host . '/.s.PGSQL.' . $node->port . '.lock';
$kinesis->start;
$node->start;
wait_until_sent($_) foreach $rome, $oslo;
is(consumed('rome'), '2:two and a half 3:three 4:rome 6:again 7:seven 8:eight', 'what waited is sent after a crash');
is(consumed('oslo'), '1:oslo 2:two', 'in each database');

# ------------------------------------------------------------------------
# 6
# ------------------------------------------------------------------------

$kinesis->kill;
$node->append_conf('postgresql.conf', 'max_worker_processes = 7');
$node->restart;
as_admin($_, 'INSERT INTO item VALUES (100)') foreach $rome, $oslo, $one;
wait_for("SELECT bool_and(waiting > 0 AND error LIKE '%connect%') FROM dsql.streams", substr $_, 0, 8)
  foreach $rome, $oslo, $one;
cmp_ok(sql("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'dsql_emu stream worker'"),
	'<=', 1, 'databases take turns');
$kinesis->start;
wait_until_sent($_) foreach $rome, $oslo, $one;
as_admin($_, 'DELETE FROM item WHERE id = 100') foreach $rome, $oslo, $one;
wait_until_sent($_) foreach $rome, $oslo, $one;
is(consumed('oslo'), '1:oslo 2:two', 'until all is sent');

# ------------------------------------------------------------------------
# 7
# ------------------------------------------------------------------------

sql("SELECT dsql.delete_stream('$rome', '$stream')");
as_admin($rome, "INSERT INTO item VALUES (9, 'nine')");
is(sql("SELECT count(*) FROM dsql.streams WHERE cluster_identifier = '$rome'"), '0', 'a stream that is deleted');
$stream = sql(make_stream($rome, 'rome'));
is(inside($rome, "SELECT count(*) FROM dsql.stream_records('$rome', '$stream')"), '0', 'gets nothing, and nor does the next one');
is(sql("SELECT count(*) FROM pg_shseclabel WHERE provider LIKE 'dsql_emu stream %' AND objoid = (SELECT oid FROM pg_database WHERE datname = left('$rome', 8))"),
	'1', 'which leaves nothing of it');
as_admin($rome, "INSERT INTO item VALUES (10, 'ten')");
sql("SELECT dsql.delete_cluster('$rome')");
wait_for("SELECT count(*) = 0 FROM pg_database WHERE datname = left('$rome', 8)");
is(sql("SELECT count(*) FROM pg_shseclabel WHERE provider LIKE 'dsql_emu stream %'"),
	'3', 'streams go with their cluster');
sql("SELECT dsql.delete_cluster('$one'); SET dsql_emu.region = 'us-east-2'; SELECT dsql.delete_cluster('$two')");
wait_for("SELECT count(*) = 1 FROM pg_shseclabel WHERE provider LIKE 'dsql_emu stream %'");
as_admin($oslo, "INSERT INTO item VALUES (3, 'three')");
wait_until_sent($oslo);
is(consumed('oslo'), '1:oslo 2:two 3:three', 'others stay');

$kinesis->kill;
$node->stop;
done_testing();
