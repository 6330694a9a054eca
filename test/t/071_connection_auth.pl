# Connections as to the service: TLS, server names, verified tokens, roles.
#
#  1. who is let in, and into which cluster
#  2. what is wrong with a token, a name or a role, and the words for it
#  3. roles: AWS IAM GRANT decides, for users, roles and sessions of roles
#  4. policies of the cluster and of the key
#  5. time
#  6. clusters that let nobody in
#  7. dsql_emu.auth = any and off, dsql_emu.accept_localhost
#  8. nothing that comes before authentication gets to SQL; what is no
#     conversation at all does no harm
#  9. wrong passwords leave nothing behind
# 10. secrets are in no log
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../perl";
use IO::Socket::INET;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Signer;
use Test::More;
use TlsServer;

my $server =
  TlsServer->new(settings => 'dsql_emu.create_delay = 0
dsql_emu.max_connection_rate = -1
dsql_emu.accept_localhost = on
wal_level = replica
max_wal_senders = 4');
my $node = $server->node;
my $host = $server->host;
my $cluster = $server->{cluster};

sub token
{
	return Signer::token(host => $host, @_);
}

sub sql
{
	return $server->sql(@_);
}

my $id = qr/[a-z2-7]{26}/;
my $denied = 'unable to accept connection, access denied';

# The connection is let in.
sub admitted
{
	my ($name, $expected, %arg) = @_;
	my ($code, $stdout, $stderr) = $server->connect(%arg);
	is($stdout, $expected, $name) or diag $stderr;
	return;
}

# The SQLSTATEs of refusals; where there are two, it depends on the reason.
my %sqlstate = (
	'SSL is mandatory' => '08P01',
	'unable to accept connection, access denied' => '08006|28000|08P01',
	'unable to accept connection, sni was not received' => '08006',
	'unable to accept connection, waking up cluster, please retry later' => '08006');

# The connection is refused; the client sees severity, message, DETAIL and HINT,
# and what sees more than libpq also the SQLSTATE.
sub refused
{
	my ($name, $message, $hint, %arg) = @_;
	my $offset = -s $node->logfile;
	my ($code, $stdout, $stderr) = $server->connect(%arg);
	my $log = PostgreSQL::Test::Utils::slurp_file($node->logfile, $offset);
	like($log, qr/FATAL:  (?:$sqlstate{$message}): \Q$message\E$/m,
		"$name: SQLSTATE");
	is($stdout, '', "$name: nothing is answered");
	like($stderr, qr/FATAL:  \Q$message\E$/m, "$name: message");
	like($stderr, qr/^DETAIL:  Session Id: $id$/m, "$name: session")
	  if $message =~ /unable to accept/;
	if (defined $hint)
	{
		like($stderr, qr/^HINT:  \Q$hint\E/m, "$name: hint");
	}
	else
	{
		unlike($stderr, qr/HINT/, "$name: no hint");
	}
	return $stderr;
}

# The SQLSTATE of a refusal, which libpq shows nobody: from the server's log.
sub sqlstate_of
{
	my ($action) = @_;
	my $offset = -s $node->logfile;
	$action->();
	my $log = PostgreSQL::Test::Utils::slurp_file($node->logfile, $offset);
	return $log =~ /FATAL:  (\w{5}): / ? $1 : 'none';
}

# 1
admitted('by the host name', 'admin', password => token());
admitted(
	'in TLS', 't',
	password => token(),
	sql => 'SELECT ssl FROM pg_stat_ssl WHERE pid = (SELECT pid FROM pg_stat_activity WHERE query LIKE \'SELECT ssl%\')');
admitted(
	'as is shown', "$cluster|public|16.15|on",
	password => token(),
	sql => "SELECT dsql.current_cluster(), current_schema(), current_setting('server_version'), current_setting('is_superuser')"
	  =~ s/'is_superuser'/'ssl'/r);
admitted('by localhost', 'admin', host => 'localhost',
	password => token());
admitted('by localhost, which is signed', 'admin', host => 'localhost',
	password => token(host => 'localhost:5432'));
admitted('by the address, which sends no name', 'admin', host => undef,
	password => token(host => '127.0.0.1'));
admitted(
	'in upper case', 'admin',
	host => uc($cluster) . '.dsql.us-east-1.on.aws',
	password => token(host => uc($cluster) . '.dsql.us-east-1.on.aws'));
admitted('with a port in the token', 'admin',
	password => token(host => "$host:5432"));
admitted('without a slash', 'admin', password => token() =~ s/\/\?/?/r);
admitted(
	'with options', "search|path",
	password => token(),
	options => {
		options => '-c search_path=path',
		application_name => 'search'
	},
	sql => "SELECT current_setting('application_name'), current_setting('search_path')");

my $shop = sql("SELECT identifier FROM dsql.create_cluster('shop', false)");
my $shop_host = "$shop.dsql.us-east-1.on.aws";
my $where = 'SELECT dsql.current_cluster(), current_schema()';
admitted(
	'into another cluster', "$shop|shop",
	host => $shop_host,
	password => token(host => $shop_host),
	sql => $where);
admitted(
	'by the cluster\'s number', "$shop|shop",
	host => undef,
	options => { options => "-c amzn-cluster-id=$shop" },
	password => token(host => $shop_host),
	sql => $where);
admitted(
	'what the name says goes first', "$cluster|public",
	options => { options => "-c amzn-cluster-id=$shop" },
	password => token(),
	sql => $where);
refused(
	'an option does not lead elsewhere', $denied,
	"The token is for the host localhost, not for cluster $shop.",
	host => 'localhost',
	options => { options => "-c dsql_emu.cluster=$shop" },
	password => token(host => 'localhost'));
(undef, undef, my $bound) = $server->connect(
	host => 'localhost',
	password => token(host => 'localhost'),
	sql => "SELECT dsql.use_cluster('$shop')");
like($bound, qr/the session was bound to cluster "$cluster"/,
	'nor does the session go there');
my $vpc_host = sql("SELECT cluster_vpc_endpoint FROM dsql.get_vpc_endpoint_service_name('$shop')");
admitted(
	'by a VPC endpoint', "$shop|shop",
	host => $vpc_host,
	options => { sslmode => 'verify-ca' },
	password => token(host => $vpc_host),
	sql => $where);
my $far = sql("SELECT dsql.api('CreateCluster', '{}', 'eu-west-1') ->> 'identifier'");
admitted(
	'into another Region', $far,
	host => "$far.dsql.eu-west-1.on.aws",
	options => { sslmode => 'verify-ca' },
	password => token(host => "$far.dsql.eu-west-1.on.aws", region => 'eu-west-1'),
	sql => 'SELECT dsql.current_cluster()');

# 2
my $invalid = 'The security token included in the request is invalid.';
my $mismatch =
  'The request signature we calculated does not match the signature you provided.';
refused('no token', $denied, 'The token does not begin', password => 'secret');
refused('another secret', $denied, $mismatch, password => token(secret => 'x'));
refused('an unknown key', $denied, $invalid,
	password => token(access_key => 'AKIAUNKNOWN'));
refused('a session token', $denied, $invalid,
	password => token(session_token => 'x'));
refused('more than a week', $denied,
	'X-Amz-Expires must be less than a week (in seconds)',
	password => token(expires => 604801));
refused(
	'DbConnect for admin', $denied,
	'Wrong user to action mapping. user: admin, action: DbConnect',
	password => token(action => 'DbConnect'));
refused('another Region', $denied,
	"Credential should be scoped to a valid Region, not 'us-west-2'.",
	password => token(region => 'us-west-2'));
refused(
	'the token of another cluster', $denied,
	"The token is for the host $shop_host, not for cluster $cluster.",
	password => token(host => $shop_host));
refused(
	'a token for localhost elsewhere', $denied,
	"The token is for the host localhost, not for cluster $shop.",
	host => $shop_host,
	password => token(host => 'localhost'));
my $nowhere = 'a' x 26 . '.dsql.us-east-1.on.aws';
refused(
	'no such cluster', $denied,
	'Cluster not found: ' . 'a' x 26,
	host => $nowhere,
	password => token(host => $nowhere));
refused(
	'no host of a cluster', $denied,
	'No cluster has the host name www.dsql.us-east-1.on.aws.',
	host => 'www.dsql.us-east-1.on.aws',
	password => token());
refused('no TLS', 'SSL is mandatory', undef,
	options => { sslmode => 'disable' },
	password => token());
refused('no such role', $denied, undef,
	user => 'nobody_here',
	password => token(action => 'DbConnect'));
my ($code, $stdout, $stderr) = $server->connect();
like($stderr, qr/fe_sendauth: no password supplied/, 'a password is asked for');
$node->safe_psql('template1', 'CREATE DATABASE plain');
refused(
	'a database that is not emulated', $denied,
	'The database is not emulated.',
	options => { dbname => 'plain' },
	password => token());
refused('for replication', $denied, 'The token does not begin',
	options => { replication => 'database' },
	password => 'secret');

is( sqlstate_of(sub { $server->connect(password => token(action => 'DbConnect')) }),
	'08006', 'SQLSTATE of a wrong action');
is( sqlstate_of(sub { $server->connect(password => token(secret => 'x')) }),
	'08006', 'SQLSTATE of a wrong signature');
is( sqlstate_of(sub { $server->connect(options => { sslmode => 'disable' }) }),
	'08P01', 'SQLSTATE of no TLS');
is( sqlstate_of(
		sub {
			$server->connect(
				user => 'nobody_here',
				password => token(action => 'DbConnect'));
		}),
	'08P01',
	'SQLSTATE of an unknown role');

# 3
sql('CREATE ROLE app LOGIN');
sql('CREATE ROLE team');
refused(
	'DbConnectAdmin for another role', $denied,
	'Wrong user to action mapping. user: app, action: DbConnectAdmin',
	user => 'app',
	password => token());
refused('a role that is not mapped', $denied, undef,
	user => 'app',
	password => token(action => 'DbConnect'));
is( sqlstate_of(
		sub {
			$server->connect(
				user => 'app',
				password => token(action => 'DbConnect'));
		}),
	'28000',
	'SQLSTATE of a role that is not mapped');
refused('a role without LOGIN', $denied, undef,
	user => 'team',
	password => token(action => 'DbConnect'));
admitted(
	'admin maps a role', "GRANT",
	password => token(),
	sql => "AWS IAM GRANT app TO '$TlsServer::user_arn'");
admitted('which then may connect', 'app', user => 'app',
	password => token(action => 'DbConnect'));

# What the log says where the example of a guide was granted, of another account
sub error_of_other_account
{
	my $offset = -s $node->logfile;
	sql("AWS IAM REVOKE app FROM '$TlsServer::user_arn'");
	sql("AWS IAM GRANT app TO 'arn:aws:iam::123456789012:role/example'");
	refused('of another account', $denied, undef, user => 'app',
		password => token(action => 'DbConnect'));
	sql("AWS IAM REVOKE app FROM 'arn:aws:iam::123456789012:role/example'");
	sql("AWS IAM GRANT app TO '$TlsServer::user_arn'");
	my $log = PostgreSQL::Test::Utils::slurp_file($node->logfile, $offset);
	return join ' ', $log =~ /LOG:  00000: (role .*)/, $log =~ /HINT:  (AWS IAM .*)/;
}

# The answer to a mapping that is being made is not waited for.
my $open = $node->background_psql('postgres');
$open->query_safe('BEGIN');
$open->query_safe("AWS IAM GRANT app TO 'arn:aws:iam::000000000000:role/open'");
admitted('while others are mapped', 'app', user => 'app',
	password => token(action => 'DbConnect'));
admitted(
	'and mapped beside', "GRANT\nREVOKE",
	password => token(),
	sql => "AWS IAM GRANT app TO 'arn:aws:iam::000000000000:role/beside';
AWS IAM REVOKE app FROM 'arn:aws:iam::000000000000:role/beside'");
$open->query_safe('ROLLBACK');
$open->quit;
is( error_of_other_account(),
	qq{role "app" is not granted to "$TlsServer::user_arn", who has signed the token}
	  . qq{ AWS IAM GRANT app TO '$TlsServer::user_arn'; the account of access keys is "dsql_emu.account", unless they were made for another one.},
	'the log says who is not mapped');
refused(
	'but not to another cluster', $denied, undef,
	host => $shop_host,
	user => 'app',
	password => token(host => $shop_host, action => 'DbConnect'));
($code, $stdout, $stderr) = $server->connect(
	user => 'app',
	password => token(action => 'DbConnect'),
	sql => 'CREATE TABLE public.t (a int)');
like($stderr, qr/ERROR:  42501: permission denied for schema public/,
	'nor create in public');
sql("SELECT dsql.create_access_key('arn:aws:sts::000000000000:assumed-role/builder/session1', 'ASIASESSION', 's', 'st/+=')"
);
my %session = (
	access_key => 'ASIASESSION',
	secret => 's',
	session_token => 'st/+=',
	action => 'DbConnect');
refused('the session of a role', $denied, undef, user => 'app',
	password => token(%session));
admitted(
	'whose role is mapped', "GRANT",
	password => token(),
	sql => "AWS IAM GRANT app TO 'arn:aws:iam::000000000000:role/builder'");
admitted('which then may connect', 'app', user => 'app',
	password => token(%session));
admitted('and is known', 'arn:aws:sts::000000000000:assumed-role/builder/session1', user => 'app',
	password => token(%session), sql => 'SELECT sys.iam_session_user()');
refused('a temporary key without its session token', $denied, $invalid,
	user => 'app',
	password => token(%session, session_token => undef));
sql("SELECT dsql.create_access_key('arn:aws:sts::000000000000:assumed-role/builder/session2', 'ASIALONG', 's', '"
	  . ('t' x 20_000) . "')");
admitted('a long token', 'app', user => 'app',
	password => token(
		%session,
		access_key => 'ASIALONG',
		session_token => 't' x 20_000));
admitted(
	'admin takes it back', "REVOKE",
	password => token(),
	sql => "AWS IAM REVOKE app FROM 'arn:aws:iam::000000000000:role/builder'");
refused('and it is over', $denied, undef, user => 'app',
	password => token(%session));

# 4
sub policy
{
	my ($effect, $principal, $rest) = @_;
	return qq({"Effect": "$effect", "Principal": $principal, "Action": "dsql:DbConnect*"$rest});
}

sub put_policy
{
	my (@statements) = @_;
	sql("SELECT dsql.put_cluster_policy('$cluster', '{\"Statement\": ["
		  . join(', ', @statements) . "]}')");
	return;
}
my $arn = "arn:aws:dsql:us-east-1:000000000000:cluster/$cluster";
my $may_not =
  "User: $TlsServer::user_arn is not authorized to perform: dsql:DbConnectAdmin on resource: $arn";
my $by_policy = "$may_not with an explicit deny in a resource-based policy";
my $me = qq({"AWS": "$TlsServer::user_arn"});
my $other = '{"AWS": "arn:aws:iam::000000000000:user/other"}';
my $everybody = '"*"';
foreach my $case (
	[ 1, 'everybody', policy('Deny', $everybody, '') ],
	[ 1, 'the user', policy('Deny', $me, '') ],
	[ 1, 'the account', policy('Deny', '{"AWS": ["000000000000"]}', '') ],
	[ 1, 'the root', policy('Deny', '{"AWS": "arn:aws:iam::000000000000:root"}', '') ],
	[ 0, 'another user', policy('Deny', $other, '') ],
	[ 1, 'Deny before Allow', policy('Allow', $me, ''), policy('Deny', $me, '') ],
	[ 1, 'Allow before Deny', policy('Deny', $me, ''), policy('Allow', $me, '') ],
	[ 0, 'all but the user', policy('Deny', $everybody, '') =~ s/"Principal": "\*"/"NotPrincipal": $me/r ],
	[ 1, 'all but another', policy('Deny', $everybody, '') =~ s/"Principal": "\*"/"NotPrincipal": $other/r ],
	[ 0, 'another action', policy('Deny', $me, '') =~ s/DbConnect\*/DbConnect/r ],
	[ 1, 'all actions but', policy('Deny', $me, '') =~ s/"Action": "dsql:DbConnect\*"/"NotAction": "dsql:DbConnect"/r ],
	[ 1, 'the cluster', policy('Deny', $me, qq(, "Resource": "$arn")) ],
	[ 0, 'another cluster', policy('Deny', $me, qq(, "Resource": "arn:aws:dsql:*:cluster/$shop")) ],
	[ 0, 'all but the cluster', policy('Deny', $me, qq(, "NotResource": "$arn")) ],
	[ 1, 'from here', policy('Deny', $me, ', "Condition": {"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}') ],
	[ 0, 'from elsewhere', policy('Deny', $me, ', "Condition": {"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "::1/128"]}}') ],
	[ 0, 'not from here', policy('Deny', $me, ', "Condition": {"NotIpAddress": {"aws:sourceip": ["10.0.0.0/8", "127.0.0.1"]}}') ],
	[ 1, 'the internet', policy('Deny', $everybody, ', "Condition": {"Null": {"aws:SourceVpc": "true"}}') ],
	[ 1, 'not a VPC', policy('Deny', $everybody, ', "Condition": {"StringNotEquals": {"aws:SourceVpc": "vpc-1"}}') ],
	[ 0, 'a VPC', policy('Deny', $everybody, ', "Condition": {"StringEquals": {"aws:SourceVpc": "vpc-1"}}') ],
	[ 0, 'a VPC, if any', policy('Deny', $everybody, ', "Condition": {"ForAnyValue:StringNotEquals": {"aws:SourceVpc": "vpc-1"}}') ],
	[ 1, 'if it exists', policy('Deny', $everybody, ', "Condition": {"StringEqualsIfExists": {"aws:SourceVpc": "vpc-1"}}') ],
	[ 1, 'a name', policy('Deny', $everybody, ', "Condition": {"StringLike": {"aws:username": ["x", "a?m*"]}}') ],
	[ 1, 'in any case', policy('Deny', $everybody, ', "Condition": {"StringEqualsIgnoreCase": {"aws:username": "ADMIN"}}') ],
	[ 0, 'all must hold', policy('Deny', $everybody, ', "Condition": {"StringEquals": {"aws:username": "admin"}, "Bool": {"aws:SecureTransport": "false"}}') ],
	[ 1, 'and all do', policy('Deny', $everybody, ', "Condition": {"StringEquals": {"aws:username": "admin"}, "Bool": {"aws:SecureTransport": true}}') ],
	[ 1, 'an ARN', policy('Deny', $everybody, ', "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/*"}}') ],
	[ 0, 'within its parts', policy('Deny', $everybody, ', "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:*:user/*"}}') ],
	[ 0, 'not that one', policy('Deny', $everybody, ', "Condition": {"ArnNotEquals": {"aws:PrincipalArn": ' . qq("$TlsServer::user_arn"}}) ) ],
	[ 1, 'after a date', policy('Deny', $everybody, ', "Condition": {"DateGreaterThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"}}') ],
	[ 0, 'before a date', policy('Deny', $everybody, ', "Condition": {"DateLessThan": {"aws:CurrentTime": "2026-01-01"}}') ],
	[ 0, 'a number that is not there', policy('Deny', $everybody, ', "Condition": {"NumericLessThan": {"aws:MultiFactorAuthAge": 3600}}') ])
{
	my ($denies, $name, @statements) = @$case;
	put_policy(@statements);
	if ($denies)
	{
		refused("Deny: $name", $denied, $by_policy, password => token());
	}
	else
	{
		admitted("no Deny: $name", 'admin', password => token());
	}
}
my $root = 'arn:aws:iam::000000000000:root';
sql("SELECT dsql.create_access_key('$root', 'AKIAROOT', 'r')");
put_policy(policy('Deny', $everybody, ''));
admitted('the root of the account', 'admin',
	password => token(access_key => 'AKIAROOT', secret => 'r'));
sql("SELECT dsql.create_access_key('arn:aws:iam::999999999999:user/x', 'AKIAOTHER', 'r')");
refused('another account', $denied,
	'User: arn:aws:iam::999999999999:user/x is not authorized to access this resource',
	password => token(access_key => 'AKIAOTHER', secret => 'r'));
sql("SELECT dsql.delete_cluster_policy('$cluster')");
sql("SELECT dsql.create_access_key('arn:aws:iam::000000000000:user/other', 'AKIALESS', 'r', actions => '{DbConnect}')");
refused(
	'a key that may not',
	$denied,
	"User: arn:aws:iam::000000000000:user/other is not authorized to perform: dsql:DbConnectAdmin on resource: $arn because no identity-based policy allows the dsql:DbConnectAdmin action",
	password => token(access_key => 'AKIALESS', secret => 'r'));
put_policy(policy('Allow', $other, ''));
admitted('but the cluster allows it', 'admin',
	password => token(access_key => 'AKIALESS', secret => 'r'));
sql("SELECT dsql.delete_cluster_policy('$cluster')");

# 5
my $now = time;
my $earlier = token(now => $now, expires => 900);
admitted('before its end', 'admin', password => $earlier);
sql("SELECT dsql.advance_clock('16 minutes')");
refused('after its end', $denied, 'Signature expired: ', password => $earlier);
admitted('a new one', 'admin', password => token(now => $now + 960));
admitted('which lasts for a week', 'admin',
	password => token(now => $now, expires => 604800));
refused('from the future', $denied, 'Signature not yet current: ',
	password => token(now => $now + 2000));
sql('SELECT dsql.reset_clock()');

# 6
sql("SELECT dsql.set_cluster_status('$shop', 'INACTIVE')");
refused(
	'an inactive cluster', 'unable to accept connection, waking up cluster, please retry later',
	undef,
	host => $shop_host,
	password => token(host => $shop_host));
refused(
	'whom a wrong token does not wake', $denied, $mismatch,
	host => $shop_host,
	password => token(host => $shop_host, secret => 'x'));
sql("SELECT dsql.advance_clock('1 second')");
admitted('and wakes up', 'admin', host => $shop_host,
	password => token(host => $shop_host));
sql("SELECT dsql.set_cluster_status('$shop', 'CREATING')");
refused('one that is not ready', $denied, 'The cluster is CREATING.',
	host => $shop_host,
	password => token(host => $shop_host));
sql("SELECT dsql.set_cluster_status('$shop', 'ACTIVE')");
sql("SELECT dsql.delete_cluster('$shop')");
refused('one that is deleted', $denied, 'The cluster is DELETING.',
	host => $shop_host,
	password => token(host => $shop_host));
sql('SELECT dsql.reset_clock()');

# 7
sub configure
{
	my ($name, $value) = @_;
	$node->append_conf('postgresql.conf', "dsql_emu.$name = $value");
	$node->reload;
	$node->poll_query_until('postgres',
		"SELECT setting = '$value' FROM pg_settings WHERE name = 'dsql_emu.$name'");
	return;
}
configure('accept_localhost', 'off');
refused('no server name', 'unable to accept connection, sni was not received',
	undef, host => undef, password => token());
refused('localhost', $denied, 'No cluster has the host name localhost.',
	host => 'localhost', password => token());
refused('a token for localhost', $denied,
	"The token is for the host localhost, not for cluster $cluster.",
	password => token(host => 'localhost'));
admitted(
	'the cluster\'s number is enough', 'admin',
	host => undef,
	options => { options => "-c amzn-cluster-id=$cluster" },
	password => token());
configure('accept_localhost', 'on');

configure('auth', 'any');
admitted('any signature', 'admin', password => token(secret => 'x'));
admitted('any key', 'admin', password => token(access_key => 'x'));
admitted('no mapping', 'app', user => 'app',
	password => token(access_key => 'x', action => 'DbConnect'));
refused('but a token', $denied, 'The token does not begin',
	password => 'secret');
refused('that holds', $denied, 'Signature expired: ',
	password => token(now => $now - 1000));
refused('of the right action', $denied,
	'Wrong user to action mapping. user: app, action: DbConnectAdmin',
	user => 'app',
	password => token());
refused('for the cluster', $denied, 'The token is for the host',
	password => token(host => $nowhere));
refused('in TLS', 'SSL is mandatory', undef,
	options => { sslmode => 'disable' });
configure('auth', 'off');
admitted('no token at all', 'admin', password => undef);
admitted('the name says which cluster', $far,
	host => "$far.dsql.eu-west-1.on.aws",
	options => { sslmode => 'verify-ca' },
	sql => 'SELECT dsql.current_cluster()');
admitted('no TLS', 'admin', options => { sslmode => 'disable' });
configure('auth', 'verify');

# 8
sub message
{
	my ($type, $content) = @_;
	return $type . pack('N', 4 + length $content) . $content;
}

sub startup
{
	my (%parameter) = @_;
	my $content = join '', map { "$_\0" } map { $_ => $parameter{$_} } sort keys %parameter;
	return pack('NN', 9 + length $content, 196608) . "$content\0";
}

# Send bytes in TLS, all at once; what comes back until the server is done, or,
# with an option, until all is sent.
sub send_in_tls
{
	my ($bytes, @option) = @_;
	my ($out, $err) = ('', '');

	# A file: the server may hang up before all is read.
	my $file = PostgreSQL::Test::Utils::tempdir() . '/bytes';
	PostgreSQL::Test::Utils::append_to_file($file, $bytes);
	IPC::Run::run(
		[
			'openssl', 's_client', '-quiet', '-starttls', 'postgres',
			'-connect', '127.0.0.1:' . $node->port, '-servername', $host,
			'-CAfile', $server->ca, @option
		],
		'<', $file, '>', \$out, '2>', \$err,
		IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default));
	return $out;
}
sql('CREATE TABLE witness (a int)');
sql('GRANT ALL ON witness TO admin');
my $insert = message('Q', "INSERT INTO witness VALUES (1)\0");
my %who = (user => 'admin', database => 'postgres');
foreach my $case (
	[ 'no password', startup(%who), $insert, $insert ],
	[ 'a wrong one', startup(%who), message('p', "wrong\0"), $insert ],
	[ 'a wrong signature', startup(%who), message('p', token(secret => 'x') . "\0"), $insert ],
	[ 'a wrong signature, pipelined', startup(%who), message('p', token(secret => 'x') . "\0"),
		message('P', "\0INSERT INTO witness VALUES (1)\0" . pack('n', 0)),
		message('B', "\0\0" . pack('nnn', 0, 0, 0)),
		message('E', "\0" . pack('N', 0)), message('S', '') ],
	[ 'a superuser', startup(%who, user => $ENV{USER} // getpwuid $<), message('p', token() . "\0"), $insert ],
	[ 'two passwords', startup(%who), message('p', "wrong\0"), message('p', token() . "\0"), $insert ],
	[ 'a parameter that is refused', startup(%who, options => '-c work_mem=1MB'), message('p', token() . "\0"), $insert ],
	[ 'an empty password', startup(%who), message('p', "\0"), $insert ],
	[ 'a password with more behind', startup(%who), message('p', token() . "\0x\0"), $insert ],
	[ 'too long a password', startup(%who), message('p', 'x' x 70_000 . "\0"), $insert ])
{
	my ($name, @messages) = @$case;
	my $answer = send_in_tls(join '', @messages);
	unlike($answer, qr/INSERT/, "$name: no statement is executed");
	unlike($answer, qr/Z\x00\x00\x00\x05/, "$name: the server is not ready for any");
}
is(sql('SELECT count(*) FROM witness'), '0', 'and nothing was inserted');
like(send_in_tls(startup(%who) . message('p', token() . "\0") . $insert . message('X', '')),
	qr/INSERT 0 1/, 'with a token it is');

# Whatever comes instead of a start-up packet.
my $seed = $ENV{DSQL_EMU_SEED} // 1;
srand $seed;
my $good = startup(%who, options => '-c search_path=x') . message('p', token() . "\0") . $insert;
my $still = sql('SELECT count(*) FROM witness');
for my $round (1 .. $ENV{DSQL_EMU_FUZZ_ROUNDS} // 200)
{
	my $bytes = $good;
	for (1 .. 1 + int rand 8)
	{
		my $at = int rand length $bytes;
		my $what = rand;
		if ($what < 0.5)
		{
			substr $bytes, $at, 1, chr int rand 256;
		}
		elsif ($what < 0.7)
		{
			substr $bytes, $at, 1 + int rand 20, '';
		}
		elsif ($what < 0.9)
		{
			substr $bytes, $at, 0, join '', map { chr int rand 256 } 1 .. int rand 20;
		}
		else
		{
			$bytes = substr $bytes, 0, $at + 1;
		}
	}
	my $socket = IO::Socket::INET->new(
		PeerAddr => '127.0.0.1',
		PeerPort => $node->port) or die "round $round: $!";
	local $SIG{PIPE} = 'IGNORE';
	$socket->print($bytes);
	shutdown $socket, 1;
	1 while $socket->sysread(my $answer, 65536);
}
is(sql('SELECT count(*) FROM witness'), $still,
	"the server lives through mutated start-up packets (seed $seed)");
for my $round (1 .. 20)
{
	my $bytes = $good;
	substr $bytes, int rand length $bytes, 1, chr int rand 256 for 1 .. 1 + int rand 4;
	send_in_tls($bytes, '-no_ign_eof');
}
cmp_ok(sql('SELECT count(*) FROM witness'), '<=', $still + 20,
	'in TLS as well');

# 9
sub footprint
{
	return sql("SELECT (SELECT sum(size) FROM pg_shmem_allocations WHERE name LIKE 'dsql%'), "
		  . "(SELECT sum(pg_relation_size(oid)) FROM pg_class WHERE relnamespace = 'dsql'::regnamespace), "
		  . "(SELECT count(*) FROM dsql.findings), (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')");
}
sql('SELECT 1');
my $before = footprint();
my $wrong = PostgreSQL::Test::Utils::tempdir() . '/wrong';
PostgreSQL::Test::Utils::append_to_file($wrong,
	startup(%who) . message('p', token(secret => 'x') . "\0"));
for my $batch (1 .. 20)
{
	my @clients = map {
		my %client = (out => '', err => '');
		$client{run} = IPC::Run::start(
			[
				'openssl', 's_client', '-quiet', '-starttls', 'postgres',
				'-connect', '127.0.0.1:' . $node->port, '-servername', $host
			],
			'<', $wrong, '>', \$client{out}, '2>', \$client{err});
		\%client
	} 1 .. 10;
	foreach my $client (@clients)
	{
		IPC::Run::finish($client->{run});
		die "not refused: $client->{out}" if $client->{out} !~ /access denied/;
	}
}
$node->poll_query_until('postgres',
	"SELECT count(*) = 1 FROM pg_stat_activity WHERE backend_type = 'client backend'");
is(footprint(), $before, '200 wrong passwords leave nothing behind');
admitted('and the next right one is let in', 'admin', password => token());
configure('max_connection_rate', 1);
configure('max_connection_burst', 12);
send_in_tls($wrong) for 1 .. 20;
admitted('nor do they use up the rate of connections', 'admin',
	password => token());
configure('max_connection_rate', -1);

# 10
my $log = PostgreSQL::Test::Utils::slurp_file($node->logfile);
$log =~ s/^.*create_access_key.*$//mg;
unlike($log, qr/\Q$TlsServer::secret\E/, 'no secret in the log');
unlike($log, qr/X-Amz-Signature=/, 'no token in the log');
unlike($log, qr/PANIC|was terminated by signal|TRAP/, 'nothing crashed');
is( sql("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%X-Amz-Signature=%' AND pid <> pg_backend_pid()"
	  =~ s/ AND pid.*//r), '1', 'nor in pg_stat_activity');

$node->stop;
done_testing();
