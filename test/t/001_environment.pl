# What a connection sees before its first statement, and which databases are
# emulated at all:
#
#  1. ParameterStatus, isolation level and time zone of the first transaction
#  2. start-up parameters: allowed, refused (FATAL), emulator's own
#  3. a database without the extension notices nothing
#  4. the mode set for a database or a role holds from the first moment on
#  5. CREATE and DROP EXTENSION are noticed by sessions that are there already
#  6. findings survive a restart, and are gone with reset_findings()
#  7. a database that compares text in another way than the service is warned of
#  8. the library cannot be loaded late
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../perl";
use DsqlEmu;
use IO::Socket::UNIX;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = DsqlEmu::emulated(q{
timezone = 'Asia/Tokyo'
});
$node->safe_psql('template1', 'CREATE DATABASE plain');

sub psql_with_options
{
	my ($database, $options, $sql) = @_;
	local $ENV{PGOPTIONS} = $options;
	my ($stdout, $stderr);
	my $status =
	  $node->psql($database, $sql, stdout => \$stdout, stderr => \$stderr);
	return ($status, $stdout, $stderr);
}

# A start-up packet as drivers send it: parameters beside user and database.
# Returns the messages up to the first ReadyForQuery or error.
sub raw_startup
{
	my (%parameters) = @_;
	my $socket =
	  IO::Socket::UNIX->new(Peer => $node->host . '/.s.PGSQL.' . $node->port)
	  or die $!;
	my $body = pack('N', 196608)
	  . join('', map { "$_\0$parameters{$_}\0" } sort keys %parameters) . "\0";
	my @messages;

	$socket->syswrite(pack('N', length($body) + 4) . $body);
	while (my $got = $socket->sysread(my $header, 5))
	{
		while ($got < 5)
		{
			$got += $socket->sysread($header, 5 - $got, $got) || die;
		}
		my ($type, $length) = unpack('a1 N', $header);
		my $payload = '';
		while (length($payload) < $length - 4)
		{
			$socket->sysread($payload, $length - 4 - length($payload),
				length $payload)
			  or last;
		}
		push @messages, [ $type, $payload ];
		last if $type eq 'Z' || $type eq 'E';
	}
	return @messages;
}

sub parameter_status
{
	my %status;
	foreach my $message (grep { $_->[0] eq 'S' } @_)
	{
		my ($name, $value) = split /\0/, $message->[1], -1;
		$status{$name} = $value;
	}
	return \%status;
}

# 1
my $user = $node->safe_psql('plain', 'SELECT current_user');
my @messages = raw_startup(user => $user, database => 'postgres');
my $status = parameter_status(@messages);
is($status->{server_version}, '16.15', 'ParameterStatus server_version');
is($status->{TimeZone}, 'UTC', 'ParameterStatus TimeZone');
is( $node->safe_psql(
		'postgres', '\echo :SERVER_VERSION_NAME :SERVER_VERSION_NUM'),
	'16.15 160015',
	'what psql makes of it');
is( $node->safe_psql(
		'postgres',
		"SELECT current_setting('transaction_isolation'), current_setting('server_version_num')"
	),
	'repeatable read|160015',
	'first transaction');

# 2
my ($code, $stdout, $stderr) = psql_with_options(
	'postgres',
	'-c search_path=pg_catalog -c enable_seqscan=off',
	"SELECT current_setting('search_path'), current_setting('enable_seqscan')"
);
is($stdout, 'pg_catalog|off', 'allowed start-up options hold');
foreach my $options ('-c statement_timeout=5', '--work-mem=1MB',
	'-cwork_mem=1MB')
{
	my ($name) = $options =~ /((?:statement|work).\w+)/;
	$name =~ tr/-/_/;
	($code, $stdout, $stderr) =
	  psql_with_options('postgres', $options, 'SELECT 1');
	is($code, 2, "no connection with $options");
	like(
		$stderr,
		qr/FATAL:  setting configuration parameter "$name" not supported$/m,
		"message for $options");
}
@messages =
  raw_startup(user => $user, database => 'postgres', lock_timeout => '10');
is($messages[-1][0], 'E', 'parameter in the start-up packet is refused');
like(
	$messages[-1][1],
	qr/^SFATAL\0.*\0?C0A000\0Msetting configuration parameter "lock_timeout" not supported\0/,
	'with the FATAL of the service');
@messages = raw_startup(
	user => $user,
	database => 'postgres',
	TimeZone => 'Europe/Paris',
	extra_float_digits => '3',
	DateStyle => 'ISO',
	client_encoding => 'UTF8',
	application_name => 'raw');
is($messages[-1][0], 'Z', 'what drivers send is accepted');
is(parameter_status(@messages)->{TimeZone},
	'Europe/Paris', 'and their time zone holds');

($code, $stdout, $stderr) = psql_with_options(
	'postgres',
	'-c dsql_emu.mode=off -c work_mem=1MB',
	'SHOW server_version');
isnt($stdout, '16.15', 'a superuser connects with the mode off');
is($stderr, '', 'and any parameter');
($code, $stdout, $stderr) = psql_with_options('postgres',
	'-c dsql_emu.mode=report -c statement_timeout=1h', 'SELECT 1');
is($stdout, '1', 'in report mode the parameter is let pass');
is( $node->safe_psql(
		'postgres', "SELECT rule, message, count FROM dsql.findings"),
	'setting|setting configuration parameter "statement_timeout" not supported|1',
	'and found');

# 3
isnt($node->safe_psql('plain', 'SHOW server_version'),
	'16.15', 'plain database has its own version');
is($node->safe_psql('plain', 'SHOW timezone'), 'Asia/Tokyo', 'own time zone');
is($node->safe_psql('plain', 'SHOW transaction_isolation'),
	'read committed', 'own isolation level');
($code, $stdout, $stderr) = psql_with_options('plain',
	'-c statement_timeout=5s', 'SHOW statement_timeout');
is($stdout, '5s', 'any start-up parameter');
$node->safe_psql('plain', 'CREATE TABLE t (a int[])');
$node->safe_psql('plain', 'TRUNCATE t');
$node->safe_psql('plain', 'VACUUM t');

# 4
$node->safe_psql('plain', 'CREATE ROLE regress_off SUPERUSER LOGIN');
$node->safe_psql('plain', 'ALTER ROLE regress_off SET dsql_emu.mode = off');
is( $node->safe_psql(
		'postgres', 'SHOW transaction_isolation',
		extra_params => [ '-U', 'regress_off' ]),
	'read committed',
	'a role with the mode off');
$node->safe_psql('plain', 'ALTER DATABASE postgres SET dsql_emu.mode = off');
@messages =
  raw_startup(user => $user, database => 'postgres', lock_timeout => '10');
is($messages[-1][0], 'Z', 'a database with the mode off: any parameter');
isnt(parameter_status(@messages)->{server_version},
	'16.15', 'and its own version');
$node->safe_psql('plain', 'ALTER DATABASE postgres RESET dsql_emu.mode');

# 5
my $session = $node->background_psql('plain', on_error_stop => 0);
is($session->query('SHOW server_version'),
	$node->safe_psql('plain', 'SHOW server_version'),
	'a session of the plain database');
$node->safe_psql('plain', 'CREATE EXTENSION dsql_emu');
is($node->safe_psql('plain', 'SHOW server_version'),
	'16.15', 'emulated from the next connection on');
($code, $stdout, $stderr) = $node->psql('plain', 'TRUNCATE t');
like($stderr, qr/unsupported statement: Truncate/, 'and refusing');
$session->query('TRUNCATE t');
like(
	$session->{stderr},
	qr/unsupported statement: Truncate/,
	'and the earlier session, too');
is($session->query('SHOW server_version'),
	'16.15', 'which shows the version now');
is($session->query('SHOW transaction_isolation'),
	'repeatable read', 'and the isolation level');
$session->query('SELECT count(*) FROM pg_stats');
$node->safe_psql('plain', 'DROP EXTENSION dsql_emu');
$session->{stderr} = '';
$session->query('TRUNCATE t');
is($session->{stderr}, '', 'after DROP EXTENSION all is plain again');
isnt($session->query('SHOW server_version'), '16.15', 'the version, too');
is($session->query('SHOW transaction_isolation'),
	'read committed', 'and the isolation level');

# What calls functions of the extension calls those of the new one.
$node->safe_psql('plain', 'CREATE EXTENSION dsql_emu');
$session->query('SELECT count(*) FROM pg_stats');
is($session->{stderr}, '', 'created anew, it shows its catalogs');
$session->quit;
$node->safe_psql('plain', 'DROP EXTENSION dsql_emu');

# 6
$node->restart;
is($node->safe_psql('postgres', 'SELECT count FROM dsql.findings'),
	'1', 'findings survive a restart');
$node->safe_psql('postgres', 'SELECT dsql.reset_findings()');
$node->restart;
is($node->safe_psql('postgres', 'SELECT count(*) FROM dsql.findings'),
	'0', 'and a reset does, too');

# 7
foreach my $case (
	[ "ENCODING 'LATIN1' LOCALE 'C'", 'LATIN1', 'C' ],
	[ "ENCODING 'SQL_ASCII' LOCALE 'C'", 'SQL_ASCII', 'C' ],
	[ "ENCODING 'UTF8' LOCALE 'C' LOCALE_PROVIDER icu ICU_LOCALE 'en'", 'UTF8', 'one of ICU' ],
	[ "ENCODING 'UTF8' LOCALE 'POSIX'" ],
	[ "ENCODING 'UTF8' LOCALE 'C'" ])
{
	my ($options, $encoding, $collation) = @$case;
	($code, $stdout, $stderr) = $node->psql('template1',
		"CREATE DATABASE other TEMPLATE template0 $options");
	if ($stderr =~ /ICU is not supported in this build/)
	{
		diag('NOT RUN: a database of ICU, which this server is built without');
		next;
	}
	is($stderr, '', "database of $options");
	($code, $stdout, $stderr) = $node->psql('other', 'CREATE EXTENSION dsql_emu');
	is($code, 0, "extension in a database of $options");
	is( $stderr =~ s/^psql:<stdin>:1: //mr,
		$encoding ? <<"END" =~ s/\n\z//r : '',
WARNING:  database "other" does not compare text as Aurora DSQL does
DETAIL:  Its encoding is $encoding and its collation $collation; those of the service are UTF8 and C.
HINT:  Make a database with CREATE DATABASE ... TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'.
END
		'what is said of it');
	$node->safe_psql('template1', 'DROP DATABASE other');
}
$node->stop;

# 8
$node->append_conf('postgresql.conf', "shared_preload_libraries = ''");
$node->start;
($code, $stdout, $stderr) = $node->psql('plain', 'CREATE EXTENSION dsql_emu');
like(
	$stderr,
	qr/ERROR:  dsql_emu must be loaded via shared_preload_libraries\nHINT:  Add "dsql_emu" to shared_preload_libraries in postgresql\.conf and restart the server\./,
	'CREATE EXTENSION without preloading');
($code, $stdout, $stderr) = $node->psql('plain', "LOAD 'dsql_emu'");
like(
	$stderr,
	qr/dsql_emu must be loaded via shared_preload_libraries/,
	'LOAD without preloading');
$node->stop;

done_testing();
