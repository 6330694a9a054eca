# Signatures: what real signers make is accepted, and nothing else.
#
#  1. tokens: for each of AWS's signers, with the signature that it made; what
#     a signer of our own makes of the same is the same
#  2. each of them changed, in each place
#  3. tokens that no secret could make valid
#  4. headers of signed requests, and these changed
#  5. access keys: made, shown without secrets, temporary, deleted
#  6. dump and restore
use strict;
use warnings FATAL => 'all';

use Digest::SHA qw(sha256_hex);
use FindBin;
use lib "$FindBin::RealBin/../perl";
use DsqlEmu;
use PostgreSQL::Test::Utils;
use Test::More;
use Signer;

my $node = DsqlEmu::emulated();

sub quoted
{
	my ($string) = @_;
	return 'NULL' if !defined $string;
	$string =~ s/'/''/g;
	return "'$string'";
}

sub sql
{
	my ($sql) = @_;
	return $node->safe_psql('postgres', $sql);
}

# One query for many values, each answered in a line.
sub sql_for_each
{
	my ($expression, @values) = @_;
	return split /\n/,
	  sql("SELECT coalesce($expression, 'valid') FROM (VALUES "
		  . join(', ', map { "($_, " . quoted($values[$_]) . ')' } 0 .. $#values)
		  . ') v (n, value) ORDER BY n');
}

my $id = 'abcdefghijklmnopqrstuvwxyz';
my $host = "$id.dsql.us-east-1.on.aws";
my $noon = '2026-01-15T12:00:00Z';
my $session_token = 'IQoJb3JpZ2luX2VjEXAMPLE//token+with/slash==';
my %key = (
	access_key => 'AKIAIOSFODNN7EXAMPLE',
	secret => 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
	time => '20260115T120000Z');
my %rust = (access_key => 'akid', secret => 'secret');

sub create_key
{
	my (%arg) = @_;
	return sql('SELECT dsql.create_access_key('
		  . join(', ', map { quoted($_) }
			  undef, @arg{qw(access_key secret session_token)})
		  . ')');
}

create_key(%key);
create_key(%rust);

# 1. What signers made.
my @vectors = (
	[ {}, 'e2c5288c7d28250d3c7fe31ace48ceb337d46490b8e070066ac8e2bcb1b0b948' ],
	[ { action => 'DbConnect' },
		'c042184591f6eb616cd077f9c5dc23664cc0505c6780c82d790569ea7040be95' ],
	[ { expires => 604800 },
		'2e7fa6ff32dad6435546f92f60468e7ca07370f3b6cc57cfd18c6223ffdc219d' ],
	[ { expires => 0 },
		'cc9d85c9b01a576f8e9d7cb3296f059e51c71674cd964b0c8cb5c232514fd7f1' ],
	[ { region => 'us-west-2' },
		'e8e097c7ff04f78921aff0581d13aebf7ed3d27ec11017053f673c83217de6d3' ],
	[ { host => "$host:5432" },
		'248c3c92365fa2f5bcad1ff4cbfcea455df4078ddda075aef0e92e5096b25eda' ],
	[ { host => "$host:443", signed_host => $host },
		'e2c5288c7d28250d3c7fe31ace48ceb337d46490b8e070066ac8e2bcb1b0b948' ],
	[ { host => "\U$id\E.dsql.us-east-1.on.aws", signed_host => $host },
		'e2c5288c7d28250d3c7fe31ace48ceb337d46490b8e070066ac8e2bcb1b0b948' ],
	[ { host => 'localhost' },
		'2a9f7026ca27184f9fc161d2e28312655de2c8e305d8d8aaae99a0ccfc57f0e0' ],
	[ { host => 'localhost:5432' },
		'49979dcc6fddbd9d2cf14b32fc838774089fb3669fb3e21a419497f2d208c6d3' ]);
my @tokens;
foreach my $vector (@vectors)
{
	my ($arg, $signature) = @$vector;
	my $token = Signer::token(host => $host, %key, %$arg);
	like($token, qr/&X-Amz-Signature=$signature$/,
		'as signed: ' . join(' ', %$arg));
	push @tokens, $token;
}

# In the order of the alphabet, without the slash, with the host as it is.
my $plain = $tokens[0];
my $alphabetical =
  $plain =~ s/(&X-Amz-SignedHeaders=host)(&X-Amz-Signature=.*)/$2$1/r;
push @tokens, $alphabetical, $plain =~ s/\/\?/?/r;
push @tokens,
  Signer::token(%key, host => "\U$id\E.dsql.us-east-1.on.aws"),
  Signer::token(%key, host => "$host:443");
is_deeply(
	[ sql_for_each("(dsql.check_token(value, '$noon')).problem", @tokens) ],
	[ ('valid') x @tokens ],
	'tokens of all signers');

my @rust_tokens = map {
	Signer::token(
		%rust,
		host => 'peccy.dsql.us-east-1.on.aws',
		action => $_,
		time => '20240827T000000Z',
		expires => 450)
} qw(DbConnect DbConnectAdmin);
like($rust_tokens[0],
	qr/f5f2ad764ca5df44045d4ab6ccecba0eef941b0007e5765885a0b6ed3702a3f8/,
	'as signed in Rust');
like($rust_tokens[1],
	qr/267cf8d04d84444f7a62d5bdb40c44bfc6cb13dd6c64fa7f772df6bbaa90fff1/,
	'as signed in Rust for admin');
is_deeply(
	[
		sql_for_each(
			"(dsql.check_token(value, '2024-08-27T00:00:00Z')).problem",
			@rust_tokens)
	],
	[ 'valid', 'valid' ],
	'tokens signed in Rust');

my $with_session =
  Signer::token(host => $host, %key, session_token => $session_token);
like($with_session,
	qr/492f08bcd70ebe635cbb9a4aa4a0e38d5f16e6be66544c871af4799977058e2d/,
	'as signed with a session token');
my $invalid = 'The security token included in the request is invalid.';
my $mismatch =
  'The request signature we calculated does not match the signature you provided.';
my $check = "(dsql.check_token(value, '$noon')).problem";
is((sql_for_each($check, $with_session))[0],
	$invalid, 'a session token that does not belong to the key');
sql("SELECT dsql.delete_access_key('$key{access_key}')");
create_key(%key, session_token => $session_token);
is_deeply(
	[
		sql_for_each(
			$check,
			$with_session,
			$with_session =~ s/X-Amz-Security-Token=I/X-Amz-Security-Token=J/r,
			$plain)
	],
	[ 'valid', $invalid, $invalid ],
	'a temporary key needs its session token');
sql("SELECT dsql.delete_access_key('$key{access_key}')");
create_key(%key);

is(sql("SELECT host, region, action, access_key_id, arn, signed AT TIME ZONE 'UTC', expires - signed FROM dsql.check_token("
		  . quoted($tokens[5]) . ", '$noon')"),
	"$host|us-east-1|DbConnectAdmin|$key{access_key}|arn:aws:iam::000000000000:user/admin|2026-01-15 12:00:00|00:15:00",
	'what a token says');

# 2. Each character between others: digits and letters change to another one.
my @changed;
for my $i (0 .. length($plain) - 1)
{
	my $token = $plain;
	my $char = substr $token, $i, 1;
	substr $token, $i, 1, $char eq 'b' ? 'c' : $char eq '1' ? '2' :
	  $char =~ /[a-z]/ ? 'b' : $char =~ /[A-Z]/ ? ($char eq 'B' ? 'C' : 'B') :
	  $char =~ /[0-9]/ ? '1' : '!';
	push @changed, $token;
}
my @verdicts = sql_for_each($check, @changed);
is(scalar @verdicts, length $plain, 'each character was changed');
is_deeply([ grep { $verdicts[$_] eq 'valid' } 0 .. $#verdicts ],
	[], 'no changed token is valid');

my @wrong = (
	Signer::token(%key, host => $host, secret => 'other'),
	"$plain&More=1", "$plain&X-Amz-Expires=900",
	$plain =~ s/Expires=900/Expires=901/r,
	$plain =~ s/us-east-1%2F/us-east-2%2F/r,
	$plain =~ s/DbConnectAdmin/DbConnect/r,
	$plain =~ s/X-Amz-Signature=./X-Amz-Signature=/r,
	"x$plain", $plain =~ s/aws\//aws:5432\//r);
is_deeply([ grep { $_ eq 'valid' } sql_for_each($check, @wrong) ],
	[], 'no token with a wrong signature is valid');
is((sql_for_each($check, $wrong[0]))[0], $mismatch, 'signed with another secret');
is(
	(
		sql_for_each(
			$check, Signer::token(%key, host => $host, access_key => 'AKIA'))
	)[0],
	$invalid,
	'an unknown key');

# What is signed may be more than we know, and one who is asked for it knows.
is(
	(
		sql_for_each(
			$check,
			Signer::token(%key, host => $host, replace => { 'A b' => 'é+%' }))
	)[0],
	'valid',
	'further parameters');

# Time: five minutes ahead, and to the second.
sub at
{
	my ($token, $time) = @_;
	return sql('SELECT problem FROM dsql.check_token(' . quoted($token)
		  . ", '$time')");
}
is(at($plain, '2026-01-15T12:15:00Z'), '', 'the last second');
is(at($plain, '2026-01-15T12:15:01Z'),
	'Signature expired: 20260115T121500Z is now earlier than 20260115T121501Z',
	'expired');
is(at($plain, '2026-01-15T11:55:00Z'), '', 'a clock that is ahead');
like(at($plain, '2026-01-15T11:54:59Z'),
	qr/^Signature not yet current: 20260115T120000Z is still later than 20260115T115959Z/,
	'a clock that is too much ahead');

# 3. Not a token at all.
sub replaced
{
	return Signer::token(%key, host => $host, replace => {@_});
}
my @malformed = (
	'', 'secret', '?', "/?$plain", $plain =~ s/\?/path?/r,
	$plain =~ s/^/https:\/\//r, $plain =~ s/%2F/%2/r, $plain =~ s/%2F/%00/r,
	$plain . join('', map { "&p$_=1" } 1 .. 100),
	replaced('X-Amz-Algorithm' => 'AWS4-HMAC-SHA1'),
	replaced('X-Amz-SignedHeaders' => 'host;x'),
	replaced('Action' => 'DbConnectSuper'),
	replaced('X-Amz-Date' => '20260231T120000Z'),
	replaced('X-Amz-Date' => '2026-01-15'),
	replaced('X-Amz-Credential' => "$key{access_key}/20260114/us-east-1/dsql/aws4_request"),
	replaced('X-Amz-Credential' => "$key{access_key}/20260115/us-east-1/rds/aws4_request"),
	replaced('X-Amz-Credential' => "$key{access_key}/20260115/us-east-1/dsql/aws4"),
	replaced('X-Amz-Credential' => "$key{access_key}/20260115//dsql/aws4_request"),
	replaced('X-Amz-Expires' => '-1'),
	replaced('X-Amz-Expires' => '9999999999999999999'),
	replaced('X-Amz-Expires' => '604801'),
	map { replaced($_ => undef) } qw(Action X-Amz-Algorithm X-Amz-Credential
	  X-Amz-Date X-Amz-Expires X-Amz-SignedHeaders));
@verdicts = sql_for_each($check, @malformed);
is(scalar @verdicts, scalar @malformed, 'a verdict on each malformed token');
is_deeply([ grep { /^(valid|$invalid|$mismatch)$/ } @verdicts ],
	[], 'malformed tokens are refused before any key is looked up');
is($verdicts[20], 'X-Amz-Expires must be less than a week (in seconds)',
	'more than a week');

# 4. Requests.
my %request = (%key, headers => { Host => 'localhost:8080' });
my $body = '{"clientToken": "00000000-0000-4000-8000-000000000000"}';
my $json = { Host => 'localhost:8080', 'Content-Type' => 'application/json' };
my $tags =
  "/tags/arn%3Aaws%3Adsql%3Aus-east-1%3A123456789012%3Acluster%2F$id";
my @requests = (
	[
		{ method => 'POST', target => '/cluster', headers => $json, body => $body },
		'143d261f42372b6804d96bae8e9e466a727081e1af29ac21e4a8380edea27872'
	],
	[
		{ target => $tags },
		'198f13d5964b4f0627b4105a571dfb0e29bd72e045f4c09c936dbf9c287f31b7'
	],
	[
		{ target => '/cluster?max-results=5&next-token=a%20b%2F%2B%3D' },
		'a1915ca835c9664b3cd23943da21ea5971ef71de5571677fc5a1837e2088bb6a'
	],
	[
		{ method => 'DELETE', target => "$tags?tagKeys=k1&tagKeys=k%202&tagKeys=k%2F3" },
		'71da0d84d1fb79666d5e807b42eeca8b1bf4d63ee6e7c3699b8697abb1ce0d16'
	]);

sub check_request
{
	my ($at, $request, @headers) = @_;
	return sql('SELECT dsql.check_request('
		  . join(', ', map { quoted($_) } $request->{method} // 'GET',
			  $request->{target})
		  . ', ARRAY[' . join(', ', map { quoted($_) } @headers) . ']::text[], '
		  . quoted($request->{body} // '') . ", '$at')");
}

foreach my $vector (@requests)
{
	my ($arg, $signature) = @$vector;
	my @headers = Signer::request(%request, %$arg);
	like("@headers", qr/Signature=$signature$/, "as signed: $arg->{target}");
	is(check_request($noon, $arg, @headers), '', 'the request is accepted');
	is(check_request($noon, $arg, map { s/: /:  /r . ' ' } @headers),
		'', 'with other spaces');
	is(check_request($noon, $arg, map { s/^([\w-]+)/\U$1/r } @headers),
		'', 'with names of headers in upper case');

	foreach my $change (
		{ %$arg, target => "$arg->{target}x" },
		{ %$arg, method => 'PUT' },
		{ %$arg, body => ($arg->{body} // '') . ' ' })
	{
		is(check_request($noon, $change, @headers),
			$mismatch, 'a changed request is refused');
	}
	is(check_request($noon, $arg, map { s/localhost/remotehost/r } @headers),
		$mismatch, 'with another host');
	is(check_request($noon, $arg, grep { !/^Host/ } @headers),
		$mismatch, 'without a host');
	is(check_request($noon, $arg, map { s/(Signature=.*)./$1x/r } @headers),
		$mismatch, 'with another signature');
}

my ($first) = map { $_->[0] } @requests;
my @headers = Signer::request(%request, %$first);
my @sts = Signer::request(%request, %$first, session_token => $session_token);
like("@sts",
	qr/Signature=ec4703a9d94c8873645ce8d017cbf4e1a86d203273c7f15a76dc071b17955855$/,
	'as signed with a session token');
is(check_request($noon, $first, @sts), $invalid, 'which the key does not have');
sql("SELECT dsql.delete_access_key('$key{access_key}')");
create_key(%key, session_token => $session_token);
is(check_request($noon, $first, @sts), '', 'and with a key that has it');
sql("SELECT dsql.delete_access_key('$key{access_key}')");
is(check_request($noon, $first, @headers), $invalid, 'an unknown key');
create_key(%key);
is(check_request('2026-01-15T12:15:00Z', $first, @headers),
	'', 'a quarter of an hour later');
is(check_request('2026-01-15T12:15:01Z', $first, @headers),
	'The signature has expired.', 'too late');
is(check_request('2026-01-15T11:44:59Z', $first, @headers),
	'The signature is not yet current.', 'too early');
is(check_request($noon, $first, 'Host: x'),
	'The request is not signed.', 'no signature');
foreach my $pattern (
	qr/Credential=[^,]*, /, qr/SignedHeaders=[^,]*, /,
	qr/, Signature=.*/, qr/;host/, qr/;x-amz-date/,
	qr/\/dsql/, qr/AWS4-HMAC-SHA256/, qr/20260115\//)
{
	is(check_request($noon, $first, map { s/$pattern//r } @headers),
		'The signature is incomplete.', "without $pattern");
}
foreach my $hash ('UNSIGNED-PAYLOAD', sha256_hex('any'))
{
	my @stated = Signer::request(
		%key,
		target => '/',
		payload => $hash,
		headers => { Host => 'h', 'x-amz-content-sha256' => $hash });
	is(check_request($noon, { target => '/', body => 'any' }, @stated),
		'', "stated payload: $hash");
	is( check_request($noon, { target => '/', body => 'other' }, @stated),
		$hash eq 'UNSIGNED-PAYLOAD' ? '' : $mismatch,
		"another one than stated: $hash");
}

# Tokens of our own making.
my $default_host =
  sql('SELECT endpoint FROM dsql.clusters ORDER BY created LIMIT 1');
foreach my $case (
	[ "'$key{access_key}'", {} ],
	[ "'$key{access_key}', 'DbConnect', '$host', 60", { host => $host, action => 'DbConnect', expires => 60 } ],
	[ "'$key{access_key}', host => 'x.dsql.eu-west-1.on.aws'", { host => 'x.dsql.eu-west-1.on.aws', region => 'eu-west-1' } ],
	[ "'$key{access_key}', host => 'localhost:5432'", { host => 'localhost:5432' } ])
{
	my ($arguments, $expected) = @$case;
	my $token = sql("SELECT dsql.create_token($arguments)");
	my ($time) = $token =~ /X-Amz-Date=(\w+)/;
	is( $token,
		Signer::token(host => $default_host, %key, time => $time, %$expected),
		"created: $arguments");
	is(sql('SELECT problem FROM dsql.check_token(' . quoted($token) . ')'),
		'', 'and it holds');
}

# 5. Keys.
is(sql("SELECT access_key_id, arn, actions, temporary FROM dsql.access_keys ORDER BY 1"),
	"$key{access_key}|arn:aws:iam::000000000000:user/admin|{dsql:*}|f\n"
	  . "akid|arn:aws:iam::000000000000:user/admin|{dsql:*}|f",
	'keys are shown');
like(sql('SELECT dsql.create_access_key()'),
	qr/^\(AKIA[A-Z2-7]{16},[A-Za-z0-9+\/]{40},\)$/, 'a key of random');
like(
	sql("SELECT dsql.create_access_key('arn:aws:sts::111122223333:assumed-role/r/s', session_token => 't', actions => '{DbConnect}')"),
	qr/^\(ASIA[A-Z2-7]{16},[A-Za-z0-9+\/]{40},t\)$/,
	'a temporary key');

sub refused
{
	my ($call, $error, $name) = @_;
	my ($rc, $stdout, $stderr) =
	  $node->psql('postgres', "SELECT $call");
	like($stderr, qr/ERROR:  $error/, $name);
	return;
}
refused("dsql.create_access_key('arn:aws:iam::1:user/x')",
	'"arn:aws:iam::1:user/x" is not the ARN of a user', 'a malformed ARN');
refused("dsql.create_access_key(access_key_id => 'a b')",
	'"a b" is not the identifier of an access key', 'a malformed identifier');
refused("dsql.create_access_key(access_key_id => 'akid')",
	'access key "akid" already exists', 'a key twice');
refused("dsql.create_access_key(secret_access_key => '')",
	'the secret access key is empty', 'no secret');
foreach my $action (qw(ListCluster dsql:Connect s3:GetObject * dsql:db* DbConnect {}))
{
	my $known = $action !~ /ListCluster|:Connect|s3/;
	my $actions = $action eq '{}' ? $action : "{$action}";
	my $call = "dsql.create_access_key(actions => '$actions')";
	refused($call, 'unknown action: "(s3|dsql):\w+"', "action $action") unless $known;
	like(sql("SELECT $call"), qr/^\(AKIA/, "action $action") if $known;
}
refused("dsql.create_token('none')",
	'access key "none" does not exist', 'a token of no key');
refused("dsql.create_token('akid', 'DbDrop')",
	'unknown action: "DbDrop"', 'a token for no action');
refused("dsql.delete_access_key('none')",
	'access key "none" does not exist', 'no such key');
my ($rc, $stdout, $stderr) = $node->psql('postgres',
	"SELECT count(*) > 0 FROM dsql.access_keys;\nTABLE dsql.access_key",
	extra_params => [ '-U', 'admin' ]);
is($stdout, 't', 'admin sees the keys');
like($stderr, qr/permission denied for table access_key/, 'not the secrets');
foreach my $call ("dsql.create_access_key()", "dsql.delete_access_key('akid')",
	"dsql.check_token('x')", "dsql.create_token('akid')", "dsql.check_request('', '', '{}')")
{
	(undef, undef, $stderr) = $node->psql('postgres', "SELECT $call",
		extra_params => [ '-U', 'admin' ]);
	like($stderr, qr/permission denied for function/, "not for admin: $call");
}

# 6. A dump has them, and the mappings of roles.
sql('CREATE ROLE app LOGIN');
sql("AWS IAM GRANT app TO 'arn:aws:iam::000000000000:user/admin'");
my $rows = 'SELECT * FROM dsql.access_key ORDER BY id';
my $mappings = 'SELECT role, arn, iam_oid FROM dsql.iam_mapping';
my $dump = "$node->{_basedir}/dump";
local $ENV{PGOPTIONS} = '-c dsql_emu.mode=off';
$node->command_ok([ 'pg_dump', '-Fc', '-f', $dump, 'postgres' ], 'dump');
$node->safe_psql('template1', 'CREATE DATABASE restored');
$node->command_ok([ 'pg_restore', '-d', 'restored', $dump ], 'restore');
foreach my $query ($rows, $mappings)
{
	is($node->safe_psql('restored', $query),
		sql($query), "the same after a restore: $query");
}

$node->stop;
done_testing();
