# What change streams send, to a Kinesis that does what the test wants:
#
#  1. a request: signature, header, names, partition keys
#  2. batches
#  3. some records fail, once: only they are sent again
#  4. the sink's errors, and what the stream shows: IMPAIRED, and ACTIVE again
#  5. a record that is too large: others go on
#  6. roles that cannot be assumed
#  7. a sink that does not answer: commits, DROP DATABASE, and the server's stop
#  8. too many records that are not sent: the oldest ones are lost
#  9. how long records are kept
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../perl";
use Clients;
use DsqlEmu;
use HTTP;
use IPC::Run qw(start);
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

if (!$ENV{CLIENTS})
{
	Clients::not_run('kinesis_fake.mjs, whose packages could not be installed');
	done_testing();
	exit;
}

my $port = PostgreSQL::Test::Cluster::get_free_port();
my $node = DsqlEmu::start(
	log_min_messages => 'log',
	max_worker_processes => 12,
	'dsql_emu.create_delay' => '0',
	'dsql_emu.delete_delay' => '0',
	'dsql_emu.kinesis_endpoint' => "'http://127.0.0.1:$port'",
	'dsql_emu.kinesis_access_key' => "'AKIDSTREAMS'",
	'dsql_emu.kinesis_secret_key' => q{'wJalr/XUtn+FEMI'});
$node->safe_psql('postgres', 'CREATE EXTENSION dsql_emu');

my $output = '';
my $fake = start(
	[ 'node', '--no-warnings', "$ENV{CLIENTS}/kinesis_fake.mjs", $port, 'wJalr/XUtn+FEMI' ],
	'>', \$output, IPC::Run::timeout(10 * $PostgreSQL::Test::Utils::timeout_default));
$fake->pump until $output =~ /ready/;

END
{
	my $status = $?;
	$fake->kill_kill if $fake;
	$? = $status;
}

sub sql
{
	my ($query, $database) = @_;
	return $node->safe_psql($database // 'postgres', "SET dsql_emu.mode = off; $query");
}

sub wait_for
{
	my ($condition) = @_;
	local $ENV{PGOPTIONS} = '-c dsql_emu.mode=off';
	$node->poll_query_until('postgres', "SELECT ($condition)") or BAIL_OUT("in vain: $condition");
	return;
}

sub behave
{
	my (%how) = @_;
	HTTP::request($port, 'POST', '/behave', body => encode_json(\%how));
	return;
}

my @log;

# What has come since the last time; and the ids of what the fake has taken.
sub requests
{
	my @new = @{ HTTP::request($port, 'GET', '/log')->{json} };
	push @log, @new;
	return @new;
}

# Once this many requests have come that answer to a condition.
sub wait_for_request
{
	my ($condition) = @_;
	my $deadline = time + $PostgreSQL::Test::Utils::timeout_default;
	for (;;)
	{
		my @found = grep { $condition->($_) } requests();
		return $found[0] if @found;
		BAIL_OUT('no such request') if time > $deadline;
		select undef, undef, undef, 0.02;
	}
}

sub wait_for_hung
{
	my ($index, $name) = @_;
	my $deadline = time + $PostgreSQL::Test::Utils::timeout_default;
	for (;;)
	{
		my $counts = HTTP::request($port, 'GET', '/hung')->{json};
		return $counts if $counts->[$index] > 0;
		BAIL_OUT("in vain: $name") if time > $deadline;
		select undef, undef, undef, 0.02;
	}
}

my $sent = "SELECT waiting = 0 AND status = 'ACTIVE' AND error IS NULL FROM dsql.streams";

sub status
{
	return sql('SELECT status, split_part(error, \':\', 1) FROM dsql.streams');
}

# ------------------------------------------------------------------------
# 1
# ------------------------------------------------------------------------

my $cluster = sql('SELECT dsql.current_cluster()');

sub create_stream
{
	my ($name, $role) = @_;
	$role //= 'arn:aws:iam::000000000000:role/changes';
	return "SELECT stream_identifier FROM dsql.create_stream(dsql.current_cluster(), '{\"kinesis\": {
		\"streamArn\": \"arn:aws:kinesis:us-east-1:000000000000:stream/$name\", \"roleArn\": \"$role\"}}')";
}

my $stream = sql(create_stream('changes'));
$node->safe_psql('postgres', 'CREATE TABLE item (id int PRIMARY KEY, name text)');
$node->safe_psql('postgres', "INSERT INTO item VALUES (1, 'one'), (2, 'zw\x{c3}\x{b6}lf')");
wait_for($sent);
my ($request) = requests();
is_deeply(
	{ %$request, ids => [ sort @{ $request->{ids} } ], bytes => 0 },
	{
		signature => '',
		credential => 'AKIDSTREAMS/DATE/us-east-1/kinesis/aws4_request',
		type => 'application/x-amz-json-1.1',
		target => 'Kinesis_20131202.PutRecords',
		name => 'changes',
		arn => 'arn:aws:kinesis:us-east-1:000000000000:stream/changes',
		ids => [ 1, 2 ],
		keys => 2,
		strange => 0,
		bytes => 0,
		status => 200,
	},
	'a request');

$node->append_conf('postgresql.conf', "dsql_emu.kinesis_session_token = 'a/session+token=='
dsql_emu.kinesis_region = 'eu-west-1'");
$node->reload;
sql('INSERT INTO item VALUES (3)');
wait_for($sent);
($request) = requests();
is($request->{signature}, '', 'a session token is signed, too');
is($request->{credential}, 'AKIDSTREAMS/DATE/eu-west-1/kinesis/aws4_request', 'a Region of the settings');

my ($status, undef, $error) = $node->psql('postgres', "ALTER SYSTEM SET dsql_emu.kinesis_endpoint = 'localhost:4567'");
like($error, qr/ERROR:  invalid value for parameter "dsql_emu.kinesis_endpoint": "localhost:4567"\nDETAIL:  It is neither empty nor a URL that begins with "http:\/\/" or "https:\/\/"\.$/m, 'no URL');

# ------------------------------------------------------------------------
# 2
# ------------------------------------------------------------------------

sql('INSERT INTO item SELECT g FROM generate_series(1001, 2200) g');
wait_for($sent);
my @batches = requests();
is(scalar(map { @{ $_->{ids} } } @batches), 1200, 'all records');
is(scalar(grep { @{ $_->{ids} } > 500 } @batches), 0, 'at most 500 in a request');
sql("INSERT INTO item SELECT g, repeat('x', 600000) FROM generate_series(2301, 2320) g");
wait_for($sent);
@batches = requests();
is(scalar(map { @{ $_->{ids} } } @batches), 20, 'all large records');
is(scalar(grep { $_->{bytes} > 4.5 * 1024 * 1024 } @batches), 0, 'at most 4.5 MiB in a request');
is(sql('SELECT sent, lost FROM dsql.streams'), '1223|0', 'counted');

# ------------------------------------------------------------------------
# 3
# ------------------------------------------------------------------------

my $slow = { ErrorCode => 'ProvisionedThroughputExceededException', ErrorMessage => 'Rate exceeded for shard' };
behave(fail => $slow, ids => [ 12, 14 ]);
sql('INSERT INTO item SELECT g FROM generate_series(11, 15) g');
my $again = wait_for_request(sub { "@{ [ sort @{ $_[0]{ids} } ] }" eq '12 14' });
is($again->{keys}, 2, 'only those that failed are sent again');
behave();
wait_for($sent);
requests();

# ------------------------------------------------------------------------
# 4
# ------------------------------------------------------------------------

my $id = 20;

sub fails_with
{
	my ($expected, $text, %how) = @_;
	behave(%how);
	$id++;
	sql("INSERT INTO item VALUES ($id)");
	wait_for("SELECT status = 'IMPAIRED' FROM dsql.streams");
	is(sql('SELECT error FROM dsql.streams'), "$expected: $text", $expected);
	is(sql("SELECT status_reason ->> 'error' FROM dsql.get_stream('$cluster', '$stream')"), $expected,
		"$expected: GetStream");
	behave();
	wait_for($sent);
	is(sql("SELECT status_reason ->> 'error' FROM dsql.get_stream('$cluster', '$stream')"), '',
		"$expected: it is over");
	ok((grep { $_->{status} == 200 && grep { $_ == $id } @{ $_->{ids} } } requests()),
		"$expected: the record was sent in the end");
	return;
}

fails_with('KINESIS_THROUGHPUT_EXCEEDED',
	'ProvisionedThroughputExceededException: Rate exceeded for shard', fail => $slow);
fails_with('KINESIS_THROUGHPUT_EXCEEDED', 'KMSThrottlingException: slowly', status => 400,
	answer => { __type => 'KMSThrottlingException', message => 'slowly' });
fails_with('KINESIS_ACCESS_DENIED', 'AccessDeniedException: no', status => 400,
	answer => { __type => 'com.amazonaws.kinesis#AccessDeniedException', Message => 'no' });
fails_with('KINESIS_KMS_ACCESS_DENIED', 'KMSDisabledException: off', status => 400,
	answer => { __type => 'KMSDisabledException', message => 'off' });
fails_with('KINESIS_OVERSIZE_RECORD', 'HTTP status 413', status => 413, answer => '');
fails_with('INTERNAL_ERROR', 'InternalFailure: oops', status => 500,
	answer => { __type => 'InternalFailure', message => 'oops' });
fails_with('INTERNAL_ERROR', 'HTTP status 502', status => 502, answer => '<html>Bad gateway</html>');
fails_with('INTERNAL_ERROR', 'the answer to PutRecords was not understood', status => 200, answer => {});
fails_with('INTERNAL_ERROR', 'InternalFailure: one', fail => { ErrorCode => 'InternalFailure', ErrorMessage => 'one' });

# ------------------------------------------------------------------------
# 5
# ------------------------------------------------------------------------

behave(limit => 100_000);
sql("INSERT INTO item VALUES (41, ''), (42, repeat('x', 100000)), (43, '')");
wait_for("SELECT status = 'IMPAIRED' FROM dsql.streams");
like(status(), qr/^IMPAIRED\|KINESIS_OVERSIZE_RECORD$/, 'a record that is too large');
sql('INSERT INTO item VALUES (44)');
wait_for_request(sub { grep { $_ == 44 } @{ $_[0]{ids} } });
is("@{ [ sort map { @{ $_->{ids} } } grep { $_->{status} == 200 && $_->{ids}[0] > 40 && $_->{ids}[0] < 50 } @log ] }",
	'41 43 44', 'others go on');
behave();
wait_for($sent);
ok((grep { $_->{status} == 200 && "@{ $_->{ids} }" eq '42' } requests()), 'it is sent when it can be');

# ------------------------------------------------------------------------
# 6
# ------------------------------------------------------------------------

$node->append_conf('postgresql.conf', "dsql_emu.stream_roles = 'arn:aws:iam::*:role/good-*, arn:aws:iam::000000000000:role/better'");
$node->reload;
sql('INSERT INTO item VALUES (51)');
wait_for("SELECT status = 'IMPAIRED' FROM dsql.streams");
is(sql('SELECT error FROM dsql.streams'),
	'ROLE_ACCESS_DENIED: dsql_emu.stream_roles does not name arn:aws:iam::000000000000:role/changes',
	'the role of a stream cannot be assumed any more');
($status, undef, $error) = $node->psql('postgres', 'SET dsql_emu.mode = off; ' . create_stream('more'));
like($error, qr/ERROR:  Aurora DSQL can't access the specified IAM role\.$/m, 'a role that cannot be assumed');
like(sql(create_stream('more', 'arn:aws:iam::000000000000:role/good-one')), qr/^[a-z2-7]{26}$/, 'one that can be');
sql("SELECT dsql.delete_stream(cluster_identifier, stream_identifier) FROM dsql.streams WHERE stream_identifier <> '$stream'");
$node->append_conf('postgresql.conf', "dsql_emu.stream_roles = '*'");
$node->reload;
wait_for($sent);
requests();

# ------------------------------------------------------------------------
# 7
# ------------------------------------------------------------------------

sql('CREATE DATABASE hung');
sql('CREATE EXTENSION dsql_emu', 'hung');
sql(create_stream('changes'), 'hung');
$node->safe_psql('hung', 'CREATE TABLE item (id int PRIMARY KEY)');
behave(hang => JSON::PP::true);
$node->safe_psql('hung', 'INSERT INTO item VALUES (61)');
wait_for_hung(0, 'a request that hangs');
$node->safe_psql('hung', 'INSERT INTO item VALUES (62)');
is(sql('SELECT count(*) FROM item', 'hung'), 2, 'commits go on');
sql('DROP DATABASE hung');
is_deeply(wait_for_hung(1, 'a request that is given up'), [ 1, 1 ], 'DROP DATABASE does not wait for an answer');

sql('INSERT INTO item VALUES (63)');
wait_for_request(sub { grep { $_ == 63 } @{ $_[0]{ids} } });
$node->stop;
is(HTTP::request($port, 'GET', '/hung')->{json}[1], 2, 'nor does the stop of the server');
behave();
$node->start;
wait_for($sent);
ok((grep { grep { $_ == 63 } @{ $_->{ids} } } requests()), 'it is sent after the start');

# ------------------------------------------------------------------------
# 8
# ------------------------------------------------------------------------

behave(status => 500, answer => '');
$node->append_conf('postgresql.conf', "dsql_emu.stream_max_size = '1MB'");
$node->reload;
foreach my $batch (1 .. 8)
{
	sql("INSERT INTO item SELECT g, (SELECT string_agg(md5((g + h)::text), '') FROM generate_series(1, 40) h)
		FROM generate_series(${batch}00000, ${batch}00499) g");
}
wait_for('SELECT lost > 0 FROM dsql.streams');
wait_for("SELECT status = 'IMPAIRED' FROM dsql.streams");
is(sql('SELECT count(*) FROM item WHERE id >= 100000'), 4000, 'transactions go on');
wait_for('SELECT sum(pg_column_size(o)) < 1.25 * 1048576 FROM dsql.stream_outbox o');
is(sql('SELECT waiting + lost FROM dsql.streams'), 4000, 'each record waits or is lost');
$node->wait_for_log(qr/change stream "$stream" has lost \d+ records that were not sent in time/);
requests();
@log = ();
behave();
wait_for($sent);
requests();
my %got = map { $_ => 1 } map { @{ $_->{ids} } } grep { $_->{status} == 200 } @log;
is(scalar(keys %got) + sql('SELECT lost FROM dsql.streams'), 4000, 'the others are sent');
ok($got{800499}, 'the last one among them');

# ------------------------------------------------------------------------
# 9
# ------------------------------------------------------------------------

my $records = "SELECT count(*) FROM dsql.stream_records('$cluster', '$stream', 0, 10000)";
cmp_ok(sql($records), '>', 0, 'what was sent can be read');
behave(status => 500, answer => '');
sql('INSERT INTO item VALUES (71)');
wait_for("SELECT status = 'IMPAIRED' FROM dsql.streams");
sql("SELECT dsql.advance_clock('61 minutes')");
wait_for("($records) = 1");
is(sql('SELECT waiting FROM dsql.streams'), 1, 'what is not sent is kept for longer');
behave();
wait_for($sent);
wait_for("($records) = 0");

sql("SELECT dsql.delete_stream('$cluster', '$stream')");
sql('INSERT INTO item VALUES (72)');
is(sql('SELECT count(*) FROM dsql.stream_outbox'), 0, 'no stream, no records');

$node->stop;
done_testing();
