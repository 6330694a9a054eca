# Who must not use the control plane over HTTP, beside who may:
#
#  1. web pages: by their origin
#  2. web pages that have made their host name lead here
#  3. web pages that send what needs no leave: forms and empty bodies
#  4. access keys: each operation needs the action of its name, and some others
#  5. the policies of clusters
#  6. policies that PostgreSQL's parser of JSON cannot read
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../perl";
use DsqlEmu;
use HTTP;
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Signer;
use Test::More;

my $port = PostgreSQL::Test::Cluster::get_free_port();
my $node = DsqlEmu::emulated(qq{
dsql_emu.api_port = $port
dsql_emu.api_cluster_kind = schema
dsql_emu.api_listen_addresses = '127.0.0.1'
dsql_emu.create_delay = 0
});

sub is_refused
{
	my ($answer, $status, $name, $message, $test) = @_;
	is($answer->{status}, $status, $test) or diag explain $answer;
	is($answer->{headers}{'x-amzn-errortype'}, $name, "$test: name");
	like($answer->{json}{message}, $message, "$test: message");
	return;
}

sub clusters
{
	return $node->safe_psql('postgres', 'SELECT count(*) FROM dsql.clusters');
}

# Change settings, and wait until the server works with them.
sub configure
{
	my (%settings) = @_;
	$node->append_conf('postgresql.conf', "dsql_emu.$_ = '$settings{$_}'")
	  foreach sort keys %settings;
	$node->restart;
	foreach (1 .. 10 * $PostgreSQL::Test::Utils::timeout_default)
	{
		return if HTTP->new($port);
		select undef, undef, undef, 0.1;
	}
	die "the server does not listen\n";
}

sub request_with
{
	my ($headers, @request) = @_;
	@request = ('GET', '/cluster') if !@request;
	return HTTP::request($port, @request, headers => $headers);
}

# 1
my $foreign = qr/the setting dsql_emu\.api_allowed_origins/;
foreach my $origin ('http://evil.example', 'null', 'http://localhost:8100', '')
{
	foreach my $request ([ 'GET', '/cluster' ], [ 'POST', '/cluster' ],
		[ 'DELETE', '/cluster/x' ], [ 'OPTIONS', '/cluster' ], [ 'GET', '/none' ])
	{
		is_refused(request_with({ Origin => $origin }, @$request),
			403, 'AccessDeniedException', $foreign, "@$request from '$origin'");
	}
}
is(clusters(), 1, 'no page has made a cluster');
is(request_with({})->{status}, 200, 'no origin');

# 2
my $elsewhere = qr/the setting dsql_emu\.api_allowed_hosts/;
foreach my $host ('evil.example', "evil.example:$port", 'localhost.evil.example',
	'evillocalhost', 'amazonaws.com.evil.example', 'evilamazonaws.com', 'evil-api.aws',
	'127.0.0.1.evil.example', '10.0.0.1', '0.0.0.0', '[::1]', '[fe80::1]', '', ':', '[', ' ')
{
	is_refused(request_with({ Host => $host }),
		403, 'AccessDeniedException', $elsewhere, "host '$host'");
}
foreach my $host ('localhost', "localhost:$port", 'LOCALHOST', 'localhost.', '127.0.0.1',
	"127.0.0.1:$port", 'localhost:80', 'dsql.us-east-1.amazonaws.com',
	'dsql.us-east-1.amazonaws.com:443', 'dsql.eu-west-1.api.aws')
{
	is(request_with({ Host => $host })->{status}, 200, "host '$host'");
}

# 3
foreach my $type (undef, 'text/plain', 'application/x-www-form-urlencoded',
	'multipart/form-data; boundary=x')
{
	foreach my $body (undef, '', '{}')
	{
		my $answer = HTTP::request($port, 'POST', '/cluster', body => $body,
			headers => { 'Content-Type' => $type });
		is_refused($answer, 415, 'UnsupportedMediaTypeException',
			qr/must be application\/json/, ($type // 'no type') . ', body ' . ($body // 'none'));
	}
}
is_refused(
	HTTP::request($port, 'DELETE', '/cluster/x', body => '{}',
		headers => { 'Content-Type' => 'text/plain' }),
	415, 'UnsupportedMediaTypeException', qr/must be application\/json/,
	'DELETE with a body');
is(clusters(), 1, 'no form has made a cluster');
foreach my $body (undef, '', '{}')
{
	is(HTTP::request($port, 'POST', '/cluster', body => $body)->{status},
		200, 'JSON, body ' . ($body // 'none'));
}

# 1 and 2, with settings.
configure(
	api_listen_addresses => '*',
	api_allowed_hosts => 'dsql, *.internal.example',
	api_allowed_origins => 'http://localhost:5173, https://*.example.com');
foreach my $origin ('http://localhost:5173', 'HTTP://LocalHost:5173', 'https://a.example.com')
{
	is(request_with({ Origin => $origin })->{status}, 200, "allowed origin $origin");
}
foreach my $origin ('http://localhost:5174', 'http://a.example.com', 'https://example.com.evil')
{
	is_refused(request_with({ Origin => $origin }),
		403, 'AccessDeniedException', $foreign, "other origin $origin");
}
foreach my $host ('dsql', 'DSQL:8100', 'a.internal.example', 'a.b.internal.example',
	'10.0.0.1', '[fe80::1]:80', 'localhost')
{
	is(request_with({ Host => $host })->{status}, 200, "allowed host $host");
}
foreach my $host ('dsql2', 'internal.example', 'evil.example')
{
	is_refused(request_with({ Host => $host }),
		403, 'AccessDeniedException', $elsewhere, "other host $host");
}
{
	my ($rc, $stdout, $stderr) = $node->psql('postgres',
		"SET dsql_emu.mode = off; ALTER SYSTEM SET dsql_emu.api_allowed_hosts = '\"a'");
	like($stderr, qr/invalid value for parameter "dsql_emu\.api_allowed_hosts"/,
		'a list that is none');
}

# 4
configure(api_auth => 'verify');
my $account = '444455556666';

# What a key with these actions gets for an operation.
sub with_actions
{
	my ($actions, $method, $target, $body, %arg) = @_;
	my $user = $arg{user} // "arn:aws:iam::${account}:user/alice";
	my ($id, $secret) = split /\|/, $node->safe_psql('postgres',
		"SELECT access_key_id, secret_access_key FROM dsql.create_access_key('$user'"
		  . (defined $actions ? ", actions => '$actions'" : '') . ')');
	my %header = map { split /: /, $_, 2 } Signer::request(
		method => $method, target => $target, body => $body // '',
		access_key => $id, secret => $secret,
		headers => { Host => 'localhost' });
	return HTTP::request($port, $method, $target, body => $body,
		headers => \%header);
}

sub may
{
	my ($actions, @call) = @_;
	my $answer = with_actions($actions, @call);
	is($answer->{status}, 200, ($actions // 'default') . ": @call")
	  or diag explain $answer;
	return $answer->{json};
}

sub may_not
{
	my ($action, $resource, $actions, @call) = @_;
	is_refused(
		with_actions($actions, @call),
		403,
		'AccessDeniedException',
		qr/^User: arn:aws:iam::${account}:user\/alice is not authorized to perform: dsql:$action on resource: \Q$resource\E because no identity-based policy allows the dsql:$action action$/,
		"$actions: @call");
	return;
}

my $before = clusters();
my $any = "arn:aws:dsql:us-east-1:${account}:cluster/*";
may_not('ListClusters', '*', '{}', 'GET', '/cluster');
may_not('CreateCluster', $any, '{}', 'POST', '/cluster', '{}');
may_not('CreateCluster', $any, '{DbConnect,DbConnectAdmin}', 'POST', '/cluster', '{}');
may_not('CreateCluster', $any, '{dsql:Get*,dsql:List*}', 'POST', '/cluster', '[]');
may_not('TagResource', $any, '{CreateCluster}', 'POST', '/cluster', '{"tags": {"a": "b"}}');
my $policy = '{"Statement": {"Effect": "Allow", "Principal": {"AWS": '
  . "\"arn:aws:iam::${account}:user/alice\"}, \"Action\": \"dsql:GetCluster\"}}";
may_not('PutClusterPolicy', $any, '{CreateCluster}', 'POST', '/cluster',
	encode_json({ policy => $policy }));
may_not('PutMultiRegionProperties', $any, '{CreateCluster}', 'POST', '/cluster',
	'{"multiRegionProperties": {"witnessRegion": "us-west-2"}}');
may_not('PutWitnessRegion', $any, '{CreateCluster,PutMulti*,AddPeerCluster}', 'POST',
	'/cluster', '{"multiRegionProperties": {"witnessRegion": "us-west-2"}}');
is(clusters(), $before, 'nothing was made');

my $kept = may(undef, 'POST', '/cluster', '{"tags": {"a": "b"}}');
may('{*}', 'GET', '/cluster');
may('{DSQL:listclusters}', 'GET', '/cluster');
may('{dsql:List*}', 'GET', '/cluster');
my $made = may('{CreateCluster}', 'POST', '/cluster', '{"deletionProtectionEnabled": false}');
my ($id, $arn) = @$made{qw(identifier arn)};
my $tags = '/tags/' . Signer::encode($arn);
may_not('GetCluster', $arn, '{ListClusters}', 'GET', "/cluster/$id");
may('{GetCluster}', 'GET', "/cluster/$id");
may_not('GetCluster', $arn, '{UpdateCluster}', 'POST', "/cluster/$id", '{}');
may('{UpdateCluster,GetCluster}', 'POST', "/cluster/$id", '{}');
may_not('TagResource', $arn, '{dsql:*TagsForResource}', 'POST', $tags, '{"tags": {"a": "b"}}');
may('{TagResource}', 'POST', $tags, '{"tags": {"a": "b"}}');
may_not('DeleteClusterPolicy', $arn, '{PutClusterPolicy}', 'POST', "/cluster/$id/policy",
	encode_json({ policy => $policy }));
my $stream = '{"targetDefinition": {"kinesis": {'
  . "\"streamArn\": \"arn:aws:kinesis:us-east-1:${account}:stream/changes\","
  . "\"roleArn\": \"arn:aws:iam::${account}:role/changes\"}},"
  . '"ordering": "UNORDERED", "format": "JSON"}';
may_not('CreateStream', $arn, '{dsql:*Cluster}', 'POST', "/stream/$id", $stream);
my $stream_id = may('{CreateStream}', 'POST', "/stream/$id", $stream)->{streamIdentifier};
may_not('DeleteStream', "$arn/stream/$stream_id", '{GetStream}', 'DELETE',
	"/stream/$id/$stream_id");
may('{GetStream}', 'GET', "/stream/$id/$stream_id");
is(with_actions('{}', 'GET', '/cluster', undef, user => "arn:aws:iam::${account}:root")
	  ->{status}, 200, 'the root of an account is not asked');
may_not('DeleteCluster', $arn, '{CreateCluster}', 'DELETE', "/cluster/$id");
may_not('GetCluster', "arn:aws:dsql:us-east-1:${account}:cluster/nonsense", '{}', 'GET',
	'/cluster/nonsense');

# 5
may('{dsql:*ClusterPolicy}', 'POST', "/cluster/$id/policy", encode_json({ policy => $policy }));
may('{}', 'GET', "/cluster/$id");
may_not('UpdateCluster', $arn, '{}', 'POST', "/cluster/$id", '{}');
my $deny = '{"Statement": {"Effect": "Deny", "Principal": {"AWS": '
  . "\"arn:aws:iam::${account}:user/alice\"}, \"Action\": \"dsql:DeleteCluster\","
  . '"Condition": {"IpAddress": {"aws:SourceIp": "%s"}}}}';
may(undef, 'POST', "/cluster/$id/policy",
	encode_json({ policy => sprintf $deny, '127.0.0.0/8' }));
is_refused(
	with_actions(undef, 'DELETE', "/cluster/$id"),
	403,
	'AccessDeniedException',
	qr/dsql:DeleteCluster on resource: \Q$arn\E with an explicit deny in a resource-based policy$/,
	'a denial of the cluster');
may(undef, 'GET', "/stream/$id/$stream_id");
may(undef, 'POST', "/cluster/$id/policy",
	encode_json({ policy => sprintf $deny, '10.0.0.0/8' }));
may('{DeleteCluster}', 'DELETE', "/cluster/$id");

# 6
my $target = "/cluster/$kept->{identifier}/policy";
foreach my $nested ('[' x 15000, '{"a":' x 4000, '[' x 8000 . ']' x 8000,
	'{"Statement": ' . '[' x 101 . ']' x 101 . '}')
{
	foreach my $call ([ $target, { policy => $nested } ], [ '/cluster', { policy => $nested } ])
	{
		my $answer = with_actions(undef, 'POST', $call->[0], encode_json($call->[1]));
		is_refused($answer, 400, 'ValidationException', qr/^Value of policy is not a JSON document\.$/,
			substr $nested, 0, 20);
		is($answer->{json}{fieldList}[0]{name}, 'policy', 'fieldList');
	}
}
is(with_actions(undef, 'POST', $target,
		encode_json({ policy => '{"Statement": {"Sid": "' . '[' x 15000 . '"}}' }))
	  ->{json}{message}, 'Value of policy has a statement whose effect is not Allow or Deny.',
	'brackets in a string are no nesting');
unlike(slurp_file($node->logfile), qr/stack depth/, 'no depth of the stack in the log');

$node->stop;
done_testing();
