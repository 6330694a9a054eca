# The control plane over HTTP, request by request:
#
#  1. each operation has its route, and an answer in the service's encoding
#  2. exceptions: status, name and members
#  3. labels and parameters are decoded one by one
#  4. what is no request, or not one of the service's, gets an error in JSON
#  5. connections: kept, closed, shared by requests sent at once
#  6. region and account come from the signature's scope
#  7. dsql_emu.api_auth = verify: only what a known key signed
#  8. mutated requests do no harm
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
dsql_emu.update_delay = 0
dsql_emu.delete_delay = 0
});

sub request
{
	my ($method, $target, %arg) = @_;
	$arg{body} = encode_json($arg{json}) if defined $arg{json};
	return HTTP::request($port, $method, $target, %arg);
}

# An error, in JSON like all of them.
sub is_error
{
	my ($answer, $status, $name, $test) = @_;
	is($answer->{status}, $status, $test) or diag explain $answer;
	is($answer->{headers}{'x-amzn-errortype'}, $name, "$test: name");
	is($answer->{headers}{'content-type'},
		'application/json', "$test: content type");
	like($answer->{headers}{'x-amzn-requestid'},
		qr/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
		"$test: identifier");
	ok(length($answer->{json}{message} // ''), "$test: message")
	  or diag $answer->{body};
	return;
}

sub is_empty
{
	my ($answer, $test) = @_;
	is($answer->{status}, 200, $test);
	is($answer->{body}, '', "$test: body");
	return;
}

# 1
my $answer = request('POST', '/cluster',
	json => { deletionProtectionEnabled => JSON::PP::false, clientToken => 'a' });
is($answer->{status}, 200, 'CreateCluster');
is($answer->{headers}{'content-type'}, 'application/json', 'content type');
like($answer->{headers}{'x-amzn-requestid'},
	qr/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
	'identifier of the request');
is($answer->{headers}{'x-amzn-errortype'}, undef, 'no error');
my $cluster = $answer->{json};
like($cluster->{identifier}, qr/^[a-z2-7]{26}$/, 'identifier');
like($answer->{body}, qr/"creationTime": \d{10}(\.\d+)?[,}]/,
	'times are numbers of seconds');
cmp_ok(abs($cluster->{creationTime} - time), '<', 600, 'creation time');
is($cluster->{endpoint}, "$cluster->{identifier}.dsql.us-east-1.on.aws",
	'endpoint is a host name');
my $id = $cluster->{identifier};

is(request('POST', '/cluster', json =>
		  { deletionProtectionEnabled => JSON::PP::false, clientToken => 'a' })
	  ->{json}{identifier}, $id, 'the same client token');

$answer = request('GET', "/cluster/$id");
is($answer->{json}{status}, 'ACTIVE', 'GetCluster');
is_deeply($answer->{json}{encryptionDetails},
	{ encryptionType => 'AWS_OWNED_KMS_KEY', encryptionStatus => 'ENABLED' },
	'encryption');

# The default cluster is not listed.
my $other = request('POST', '/cluster', json => {})->{json}{identifier};
$answer = request('GET', '/cluster?max-results=1');
is_deeply(
	[ map { join ' ', sort keys %$_ } @{ $answer->{json}{clusters} } ],
	['arn identifier'], 'ListClusters');
ok(defined $answer->{json}{nextToken}, 'there is another page');
$answer = request('GET',
	'/cluster?max-results=100&next-token=' . Signer::encode($answer->{json}{nextToken}));
is($answer->{json}{clusters}[0]{identifier}, $other, 'the other page');
ok(!exists $answer->{json}{nextToken}, 'it is the last one');

$answer = request('POST', "/cluster/$id",
	json => { deletionProtectionEnabled => JSON::PP::true });
is_deeply([ sort keys %{ $answer->{json} } ],
	[qw(arn creationTime identifier status)], 'UpdateCluster');
is(request('GET', "/cluster/$id")->{json}{deletionProtectionEnabled},
	JSON::PP::true, 'it is updated');

like(request('GET', "/clusters/$id/vpc-endpoint-service-name")
	  ->{json}{serviceName},
	qr/^com\.amazonaws\.us-east-1\.dsql-/, 'GetVpcEndpointServiceName');

my $policy = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", '
  . '"Principal": {"AWS": "arn:aws:iam::000000000000:root"}, '
  . '"Action": "dsql:DbConnect", "Resource": "*"}]}';
$answer = request('POST', "/cluster/$id/policy", json => { policy => $policy });
is_deeply($answer->{json}, { policyVersion => '1' }, 'PutClusterPolicy');
is_deeply(
	request('GET', "/cluster/$id/policy")->{json},
	{ policy => $policy, policyVersion => '1' },
	'GetClusterPolicy');
is_deeply(
	request('DELETE',
		"/cluster/$id/policy?expected-policy-version=1&client-token=p")->{json},
	{ policyVersion => '1' },
	'DeleteClusterPolicy');

my $kinesis = {
	streamArn => 'arn:aws:kinesis:us-east-1:000000000000:stream/changes',
	roleArn => 'arn:aws:iam::000000000000:role/changes'
};
$answer = request('POST', "/stream/$id", json => {
		targetDefinition => { kinesis => $kinesis },
		ordering => 'UNORDERED', format => 'JSON'
	});
is($answer->{json}{status}, 'CREATING', 'CreateStream') or diag explain $answer;
my $stream = $answer->{json}{streamIdentifier};
$answer = request('GET', "/stream/$id/$stream");
is_deeply($answer->{json}{targetDefinition},
	{ kinesis => $kinesis }, 'GetStream');
is(request('GET', "/stream/$id?max-results=5")->{json}{streams}[0]
	  {streamIdentifier}, $stream, 'ListStreams');
is(request('DELETE', "/stream/$id/$stream?client-token=x")->{json}{status},
	'DELETING', 'DeleteStream');

my $arn = Signer::encode($cluster->{arn});
is_empty(request('POST', "/tags/$arn",
		json => { tags => { 'k1' => 'v', 'k 2' => "", 'k/3' => 'v' } }),
	'TagResource');
is_deeply(request('GET', "/tags/$arn")->{json},
	{ tags => { 'k1' => 'v', 'k 2' => '', 'k/3' => 'v' } },
	'ListTagsForResource');
is_empty(request('DELETE', "/tags/$arn?tagKeys=k1&tagKeys=k%202"),
	'UntagResource');
is_deeply(request('GET', "/tags/$cluster->{arn}")->{json},
	{ tags => { 'k/3' => 'v' } }, 'an ARN that a proxy has decoded');

is_error(request('DELETE', "/cluster/$id"),
	400, 'ValidationException', 'DeleteCluster of a protected one');
request('POST', "/cluster/$id",
	json => { deletionProtectionEnabled => JSON::PP::false });
is(request('DELETE', "/cluster/$id?client-token=d")->{json}{status},
	'DELETING', 'DeleteCluster');
is(request('DELETE', "/cluster/$id?client-token=d")->{status},
	200, 'DeleteCluster again with the same token');
ok($node->poll_query_until('postgres',
		"SELECT NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = '$id')"),
	'the schema of the cluster is dropped');

# 2
$answer = request('GET', "/cluster/$id");
is_error($answer, 404, 'ResourceNotFoundException', 'no such cluster');
is($answer->{json}{resourceId}, $id, 'resourceId');
is($answer->{json}{resourceType}, 'cluster', 'resourceType');

$answer = request('GET', '/cluster/');
is_error($answer, 400, 'ValidationException', 'empty identifier');
is($answer->{json}{reason}, 'fieldValidationFailed', 'reason');
is($answer->{json}{fieldList}[0]{name}, 'identifier', 'fieldList');

request('POST', '/cluster') foreach 1 .. 30;
$answer = request('POST', '/cluster');
is_error($answer, 402, 'ServiceQuotaExceededException', 'quota');
is($answer->{json}{message}, 'You have reached the cluster limit.', 'message');
is($answer->{json}{serviceCode}, 'dsql', 'serviceCode');

$answer = request('GET', '/cluster');
my $kept = $answer->{json}{clusters}[-1]{identifier};
{
	local $ENV{PGOPTIONS} = "-c amzn-cluster-id=$kept";
	is($node->safe_psql('postgres', 'SELECT dsql.current_cluster()'),
		$kept, 'a session connects to a cluster that was made over HTTP');
}
is_error(
	request('DELETE', "/cluster/$kept/policy?expected-policy-version=7"),
	409, 'ConflictException', 'version of the policy');

# 3
foreach my $case (
	[ '/cluster/%', 'half an escape' ],
	[ '/cluster/%4', 'half an escape, again' ],
	[ '/cluster/%zz', 'no digits' ],
	[ '/cluster/%00', 'NUL' ],
	[ '/cluster/%ff', 'not UTF-8' ],
	[ '/cluster?next-token=%c3', 'not UTF-8 in a query' ],
	[ '/cluster?%=1', 'name of a parameter' ])
{
	is_error(request('GET', $case->[0]),
		400, 'MalformedHttpRequestException', $case->[1]);
}
is(request('GET', '/cluster/' . join '', map { sprintf '%%%02x', ord } split //, $kept)
	  ->{json}{identifier}, $kept, 'all escaped');
is(request('GET', "/cluster/$kept?x=y&z")->{json}{identifier},
	$kept, 'unknown parameters');
is(request('GET', "/cluster/$kept?")->{json}{identifier}, $kept, 'no query');
is_error(request('GET', '/cluster?max-results=1&max-results=2'),
	400, 'ValidationException', 'a parameter twice');
is_error(request('GET', '/cluster?max-results=0'),
	400, 'ValidationException', 'number out of range');
is_error(request('GET', '/cluster?max-results=one'),
	400, 'ValidationException', 'no number');
is_error(request('GET', '/cluster?next-token=a+b'),
	400, 'ValidationException', 'no token of ours');
is(request('POST', "/cluster/$kept",
		json => { identifier => $id, deletionProtectionEnabled => JSON::PP::false })
	  ->{json}{identifier}, $kept, 'a label is not a member of the body');

# 4
foreach my $target ('/', '', '/clusters', '/cluster/x/y', '/Cluster', '//cluster',
	'/cluster/x/policy/', "/clusters/$kept/policy", '/stream', '/tags',
	'*', 'localhost:80', 'http://localhost/cluster')
{
	is_error(request('GET', $target), $target eq '' ? 400 : 404,
		$target eq '' ? 'MalformedHttpRequestException' : 'UnknownOperationException',
		"GET $target");
}
foreach my $method (qw(PUT PATCH OPTIONS CONNECT TRACE BREW))
{
	is_error(request($method, '/cluster'),
		405, 'UnknownOperationException', $method);
}
is(request('HEAD', '/cluster')->{status}, 405, 'HEAD');

foreach my $body ('{', 'nonsense', '[]', '1', '"x"', '{} {}', "{\"a\": \"\xff\"}",
	"\0", '{"policy": "a\u0000b"}', '{"tags": {"a": "1", "a": "2"}}',
	'{"clientToken": "a", "clientToken": "a"}', '[' x 100000,
	'{"a":' x 100000, '{"a": NaN}', '{"a": 01}')
{
	$answer = request('POST', '/cluster', body => $body);
	is_error($answer, 400, 'ValidationException', 'body ' . substr $body, 0, 20);
	is($answer->{json}{reason}, 'cannotParse', 'reason');
}
foreach my $type (undef, 'text/plain', 'application/x-www-form-urlencoded',
	'application/jsonp', 'application/x-amz-json-1.1')
{
	is_error(
		request('POST', '/cluster', body => '{}', headers => { 'Content-Type' => $type }),
		415, 'UnsupportedMediaTypeException', $type // 'no content type');
}
is(request('POST', "/cluster/$kept", body => '{}',
		headers => { 'Content-Type' => 'Application/JSON; charset=utf-8' })
	  ->{status}, 200, 'content type with a parameter');

my $mebibyte = 1024 * 1024;
my $long = '{"a": "' . 'a' x ($mebibyte - 9) . '"}';
is(length $long, $mebibyte, 'a body of 1 MiB');
is(request('POST', "/cluster/$kept", body => $long)->{status}, 200, 'is read');
is_error(request('POST', "/cluster/$kept", body => "$long "),
	413, 'RequestEntityTooLargeException', 'a larger one');
is_error(request('GET', '/cluster', body => "$long$long$long"),
	413, 'RequestEntityTooLargeException', 'also where there should be none');

is(request('GET', '/cluster', headers => { map { ("X-$_" => 'x' x 100) } 1 .. 500 })
	  ->{status}, 200, '500 headers');
is_error(
	request('GET', '/cluster', headers => { map { ("X-$_" => 'x' x 100) } 1 .. 5000 }),
	431, 'MalformedHttpRequestException', '5000 headers');
is_error(request('GET', '/cluster', headers => { X => 'x' x 1000000 }),
	431, 'MalformedHttpRequestException', 'a long header');
is_error(request('GET', '/' . 'x' x 1000000),
	414, 'MalformedHttpRequestException', 'a long target');

# Bytes, and the status that they are answered with.
foreach my $case (
	[ "nonsense\r\n\r\n", 400 ],
	[ "\x16\x03\x01\x02\x00\x01\r\n", 400 ],
	[ "GET /cluster\r\n\r\n", 400 ],
	[ " GET /cluster HTTP/1.1\r\n\r\n", 400 ],
	[ "GET /a b HTTP/1.1\r\nHost: localhost\r\n\r\n", 400 ],
	[ "GET /cluster HTTP/1.1\r\n\r\n", 400 ],
	[ "GET /cluster HTTP/3.0\r\nHost: localhost\r\n\r\n", 505 ],
	[ "GET /cluster FTP/1.1\r\nHost: localhost\r\n\r\n", 400 ],
	[ "GET /cluster HTTP/1.1\r\nHost: localhost\r\nno colon\r\n\r\n", 400 ],
	[ "POST /cluster HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n", 400 ],
	[ "POST /cluster HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", 400 ],
	[ "POST /cluster HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", 400 ])
{
	my $connection = HTTP->new($port);
	$connection->send($case->[0]);
	$answer = $connection->receive;
	is_error($answer, $case->[1], 'MalformedHttpRequestException', $case->[0] =~ s/[^ -~]/./gr);
	ok($connection->at_end, 'the server hangs up');
}

# A length that no number holds is too much for some releases of libmicrohttpd,
# and malformed for others.
my $endless = HTTP->new($port);
$endless->send("POST /cluster HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999\r\n\r\n");
$answer = $endless->receive;
if ($answer->{status} == 413)
{
	is_error($answer, 413, 'RequestEntityTooLargeException', 'an endless body');
}
else
{
	is_error($answer, 400, 'MalformedHttpRequestException', 'an endless body');
}
ok($endless->at_end, 'the server hangs up');

# 5
my $connection = HTTP->new($port);
foreach (1 .. 3)
{
	$connection->send(HTTP::bytes('GET', "/cluster/$kept"));
	is($connection->receive->{json}{identifier}, $kept, 'connection is kept');
}
$connection->send(HTTP::bytes('GET', '/none') . HTTP::bytes('GET', "/cluster/$kept")
	  . HTTP::bytes('POST', "/cluster/$kept", body => '{}')
	  . HTTP::bytes('GET', '/cluster', headers => { Connection => 'close' }));
is(join(' ', map { $connection->receive->{status} } 1 .. 4),
	'404 200 200 200', 'requests sent at once');
ok($connection->at_end, 'connection is closed');

$connection = HTTP->new($port);
$connection->send($_) foreach split //, HTTP::bytes('GET', "/cluster/$kept");
is($connection->receive->{json}{identifier}, $kept, 'byte by byte');
$connection->send("POST /cluster/$kept HTTP/1.1\r\nHost: localhost\r\n"
	  . "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
	  . "1\r\n{\r\n1\r\n}\r\n0\r\n\r\n");
is($connection->receive->{status}, 200, 'a body in chunks');
$connection->send(HTTP::bytes('POST', "/cluster/$kept", body => '{}',
		headers => { Expect => '100-continue' }));
is($connection->receive->{status}, 200, 'Expect: 100-continue');
$connection->send("GET /cluster HTTP/1.0\r\n\r\n");
is($connection->receive->{status}, 200, 'HTTP/1.0');
ok($connection->at_end, 'connection of HTTP/1.0 is closed');

# 6
sub signed
{
	my ($method, $target, %arg) = @_;
	my %signer = %{ $arg{signer} // {} };
	my @lines = Signer::request(
		method => $method,
		target => $target,
		body => $arg{body} // '',
		headers => { Host => 'localhost' },
		%signer);
	my %header = map { split /: /, $_, 2 } @lines;
	return HTTP::request($port, $method, $target, body => $arg{body},
		headers => { %header, %{ $arg{headers} // {} } });
}

$answer = signed('POST', '/cluster',
	signer => { region => 'eu-west-1', access_key => '111122223333' });
like($answer->{json}{arn}, qr/^arn:aws:dsql:eu-west-1:111122223333:cluster/,
	'Region and account of the scope');
my $elsewhere = $answer->{json}{identifier};
is(signed('GET', "/cluster/$elsewhere",
		signer => { region => 'eu-west-1', access_key => '111122223333' })
	  ->{status}, 200, 'found there');
is(request('GET', "/cluster/$elsewhere")->{status}, 404, 'and only there');
like(signed('GET', '/cluster', signer => { region => 'ap-south-1' })->{body},
	qr/^\{"clusters": \[\]\}$/, 'another key is of the account of the settings');
foreach my $value (
	'AWS4-HMAC-SHA256',
	'AWS4-HMAC-SHA256 Credential=a, SignedHeaders=host, Signature=b',
	'AWS4-HMAC-SHA256 Credential=a/20260101/us_east/dsql/aws4_request, SignedHeaders=host, Signature=b',
	'AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=b')
{
	is_error(request('GET', '/cluster', headers => { Authorization => $value }),
		403, 'IncompleteSignature', $value);
}

# 7
$node->safe_psql('postgres',
	"SELECT * FROM dsql.create_access_key('arn:aws:iam::444455556666:user/alice',
		'AKIDALICE', 'alice''s secret')");
$node->append_conf('postgresql.conf', 'dsql_emu.api_auth = verify');
$node->reload;
$node->poll_query_until('postgres',
	"SELECT current_setting('dsql_emu.api_auth') = 'verify'");
my %alice = (access_key => 'AKIDALICE', secret => "alice's secret");
my $tries = 0;
do
{
	$answer = request('GET', '/cluster');
} until $answer->{status} == 403 || ++$tries > 1000;
is_error($answer, 403, 'MissingAuthenticationTokenException', 'not signed');

my $target = '/tags/' . Signer::encode("arn:aws:dsql:us-east-1:444455556666:cluster/$kept")
  . '?b=2&a=%2F&a=1';
is_error(signed('GET', $target, signer => \%alice),
	404, 'ResourceNotFoundException', 'signed');
$answer = signed('POST', '/cluster', signer => \%alice, body => '{"clientToken": "a"}');
like($answer->{json}{arn}, qr/:444455556666:/, 'the account is that of the key');
is_error(signed('GET', '/cluster', signer => { %alice, secret => 'wrong' }),
	403, 'InvalidSignatureException', 'wrong secret');
is_error(signed('GET', '/cluster', signer => { %alice, access_key => 'AKIDBOB' }),
	403, 'UnrecognizedClientException', 'unknown key');
is_error(signed('GET', '/cluster', signer => { %alice, session_token => 'x' }),
	403, 'UnrecognizedClientException', 'wrong session token');
is_error(signed('GET', '/cluster', signer => { %alice, now => time - 3600 }),
	403, 'InvalidSignatureException', 'signed an hour ago');
is_error(signed('GET', '/cluster', signer => { %alice, target => '/cluster?max-results=1' }),
	403, 'InvalidSignatureException', 'signed for another target');
is_error(signed('POST', '/cluster', body => '{"clientToken": "b"}',
		signer => { %alice, body => '{"clientToken": "c"}' }),
	403, 'InvalidSignatureException', 'signed for another body');
is_error(signed('GET', '/cluster', signer => \%alice, headers => { Host => '127.0.0.1' }),
	403, 'InvalidSignatureException', 'signed for another host');
my $log = slurp_file($node->logfile);
unlike($log, qr/alice's secret/, 'no secret in the log')
  if $log !~ /create_access_key/;

# 8
$node->append_conf('postgresql.conf', 'dsql_emu.api_auth = off');
$node->reload;
$tries = 0;
do
{
	$answer = request('GET', "/cluster/$kept");
} until $answer->{status} == 200 || ++$tries > 1000;
my ($server) = $log =~ /^.*\[(\d+)\].* listens for HTTP/m;

srand($ENV{SEED} // 1);
my $rounds = $ENV{FUZZ_ROUNDS} // 400;
my @seeds = (
	HTTP::bytes('GET', "/cluster/$kept?max-results=5&x=%41"),
	HTTP::bytes('POST', "/cluster/$kept", body => '{"clientToken": "a", "x": [1, "\u00e4", {}]}'),
	HTTP::bytes('DELETE', "/tags/$arn?tagKeys=a&tagKeys=b%20c"),
	"POST /tags/$arn HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
	  . "Transfer-Encoding: chunked\r\nAuthorization: AWS4-HMAC-SHA256 "
	  . "Credential=a/20260101/us-east-1/dsql/aws4_request, SignedHeaders=host, Signature=b\r\n\r\n"
	  . "c\r\n{\"tags\": {}}\r\n0\r\n\r\n");
my @pieces = ("\r\n", "\r", "\n", ' ', ':', '%', '%2', "\0", "\xff", '?', '&', '=', '/', '{', '}',
	'"', '\\', ',', 'Content-Length: 5', 'Transfer-Encoding: chunked', 'HTTP/1.1',
	'HTTP/1.0', 'x' x 5000, "\r\n\r\n", '[' x 500, '-1', '99999999999999999999');
my %statuses;
my @bad;
foreach my $round (1 .. $rounds)
{
	my $bytes = $seeds[ rand @seeds ];
	foreach (0 .. rand 4)
	{
		my $at = int rand length $bytes;
		my $kind = int rand 4;
		substr($bytes, $at, $kind == 0 ? int rand 20 : 0) = '' if $kind == 0;
		substr($bytes, $at, 0) = $pieces[ rand @pieces ] if $kind == 1;
		substr($bytes, $at, 1) = chr rand 256 if $kind == 2;
		$bytes = substr($bytes, 0, $at) . substr $bytes, rand $at if $kind == 3;
	}
	my $connection = HTTP->new($port) or last;
	$connection->send($bytes);
	$connection->end_of_requests;
	while (my $answer = eval { $connection->receive })
	{
		$statuses{ $answer->{status} }++;
		push @bad, $bytes
		  if $answer->{status} >= 500 && $answer->{status} != 501
		  && $answer->{status} != 505
		  || $answer->{status} != 200 && !length($answer->{json}{message} // '');
	}
	push @bad, "$@: $bytes" if $@;
}
is(scalar @bad, 0, "$rounds mutated requests") or diag explain \@bad;
cmp_ok(scalar keys %statuses, '>', 3, 'different answers')
  or diag explain \%statuses;
note join ', ', map { "$_: $statuses{$_}" } sort keys %statuses;
is(request('GET', "/cluster/$kept")->{status}, 200, 'the server goes on');
is($node->safe_psql('postgres', "SELECT pid FROM pg_stat_activity
	WHERE backend_type = 'dsql_emu API server'"),
	$server // '', 'it is the same process')
  if defined $server;

$node->stop;
done_testing();
