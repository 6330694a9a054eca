# What a client sets when it connects.
#
#  1. every setting that PostgreSQL has, in every spelling: refused, but for
#     those of the service's list
#  2. every switch of a server's command line
#  3. with a token, all that is refused in the first step, before the token is
#     judged, in any mode
#  4. who waits to be judged is let go in time
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../perl";
use DsqlEmu;
use IO::Socket::UNIX;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Signer;
use Test::More;
use TlsServer;

my $server = TlsServer->new(settings => 'dsql_emu.max_connection_rate = -1
autovacuum = off
log_connections = off
dsql_emu.accept_localhost = on');
my $node = $server->node;
my $user = getpwuid $<;

my @allowed = qw(amzn_cluster_id application_name client_encoding DateStyle
  disable_sync_create_index dsql.enable_batched_nestloop enable_bitmapscan
  enable_hashjoin enable_indexonlyscan enable_indexscan enable_material
  enable_mergejoin enable_nestloop enable_seqscan extra_float_digits
  IntervalStyle search_path TimeZone);
my %allowed = map { lc $_ => 1 } @allowed;

# Connect with these parameters. What became of it: the error's SQLSTATE and
# message, or the settings that the session has from its client.
sub connect_with
{
	my (%parameter) = @_;
	my $socket =
	  IO::Socket::UNIX->new(Peer => $node->host . '/.s.PGSQL.' . $node->port)
	  or die $!;
	my $content = join '', map { "$_\0" } user => $user,
	  database => 'postgres', %parameter;
	my $buffer = '';
	my $asked = 0;
	my @rows;

	print $socket pack('NN', 9 + length $content, 196608), "$content\0";
	for (;;)
	{
		until (length $buffer >= 5 && length $buffer > unpack 'xN', $buffer)
		{
			sysread($socket, $buffer, 65536, length $buffer) or return 'closed';
		}
		my $message = substr $buffer, 0, 1 + unpack('xN', $buffer), '';
		my $type = substr $message, 0, 1;
		if ($type eq 'E')
		{
			my %field = map { substr($_, 0, 1) => substr $_, 1 } split /\0/, substr $message, 5;
			return "$field{C} $field{M}";
		}
		push @rows, substr $message, 11 if $type eq 'D';
		next if $type ne 'Z';
		return "in: @rows" if $asked++;
		my $query = "SELECT name FROM pg_catalog.pg_settings WHERE source = 'client' ORDER BY name\0";
		print $socket 'Q', pack('N', 4 + length $query), $query;
	}
}

# Nothing is set that is not in the list.
sub holds
{
	my ($outcome) = @_;
	return $outcome !~ /^in: (.*)/ || !grep { !$allowed{ lc $_ } } split ' ', $1;
}

# 1
my %spelling = (
	'a parameter' => sub { $_[0] => $_[1] },
	'-c x=y' => sub { options => "-c $_[0]=$_[1]" },
	'-cx=y' => sub { options => "-c$_[0]=$_[1]" },
	'--x=y' => sub { options => "--$_[0]=$_[1]" },
	'--with-dashes=y' => sub { options => '--' . $_[0] =~ tr/_/-/r . "=$_[1]" },
	'-c X=y' => sub { options => '-c ' . uc($_[0]) . "=$_[1]" },
	'X in the packet' => sub { uc $_[0] => $_[1] },
	'-ec x=y' => sub { options => "-ec $_[0]=$_[1]" },
	'-ecx=y' => sub { options => "-ec$_[0]=$_[1]" },
	'-e-x=y' => sub { options => "-e-$_[0]=$_[1]" },
	'-fs -c x=y' => sub { options => "-fs -c $_[0]=$_[1]" },
	'behind another' => sub { options => "-c search_path=x -c $_[0]=$_[1]" },
	'behind a word' => sub { options => "word -c $_[0]=$_[1]" },
	'backslashes' => sub { options => '-c ' . join('', map { "\\$_" } split //, $_[0]) . "=$_[1]" },
	'tabs' => sub { options => "\t-c\t\t$_[0]=$_[1]\t" },
	'two words for one' => sub { options => "-c $_[0]= --$_[0]=$_[1]" },
	'a setting of its own' => sub { options => "-c search_path=x", $_[0] => $_[1] });
my $quoted = sub { $_[0] =~ s/([\\\s])/\\$1/gr };

my %value = map { split /\|/, $_, 2 } split /\n/, $server->sql(
	q{SELECT name, CASE WHEN setting ~ '\n' THEN '' ELSE setting END FROM pg_catalog.pg_settings WHERE name NOT LIKE 'dsql\_emu.%'});
$value{$_} = '' foreach qw(amzn_cluster_id);
my @names = sort { lc $a cmp lc $b } keys %value, qw(role session_authorization
  is_superuser seed sort_mem vacuum_mem plpgsql.extra_errors nothing.at_all nothing);
$value{$_} //= 'none' foreach @names;
cmp_ok(scalar @names, '>', 300, 'all settings of the server');

my (%wrong, %seen);
my @spellings = sort keys %spelling;
my $rounds = $ENV{DSQL_EMU_FUZZ_ROUNDS} // 4;
srand($ENV{DSQL_EMU_SEED} // 1);
foreach my $name (@names)
{
	# A few spellings of each, all of those that act before SQL does.
	my @try = $name =~ /post_auth_delay|preload|^work_mem$|^role$|^search_path$/
	  || $allowed{ lc $name } ? @spellings :
	  map { $spellings[ rand @spellings ] } 1 .. $rounds;
	foreach my $spelling (@try)
	{
		my $value = $spelling =~ /packet|parameter|own/ ? $value{$name} : $quoted->($value{$name});
		my $outcome = connect_with($spelling{$spelling}->($name, $value));
		my $refused = $outcome =~ /^0A000 setting configuration parameter "(.*)" not supported/
		  && (lc $1 eq lc $name || $1 eq 'word');
		# The server's own refusals come before the list is asked.
		my $own = $outcome =~ /^(?:2|4|5|F)\w{4} /;

		$seen{ $refused ? 'refused' : $own ? 'own' : 'in' }++;
		$wrong{"$name, $spelling"} = $outcome
		  if $allowed{ lc $name }
		  ? $refused || !holds($outcome)
		  : $outcome =~ /^in:/ || !($refused || $own);
	}
}
is_deeply(\%wrong, {}, 'settings are refused, or are in the list');
note join ', ', map { "$_: $seen{$_}" } sort keys %seen;
cmp_ok($seen{$_} // 0, '>', 20, "some are $_") foreach qw(refused in);

like(connect_with($spelling{$_}->('extra_float_digits', 1)), qr/^in: .*extra_float_digits/,
	"allowed: $_")
  foreach grep { $_ ne 'behind a word' && $_ ne 'two words for one' } @spellings;

# 2
my %switch = (
	e => 'in: DateStyle', fs => 'in: enable_seqscan', fi => 'in: enable_indexscan',
	fo => 'in: enable_indexonlyscan', fb => 'in: enable_bitmapscan',
	fn => 'in: enable_nestloop', fm => 'in: enable_mergejoin', fh => 'in: enable_hashjoin',
	'fs -fh' => 'in: enable_hashjoin enable_seqscan');
is(connect_with(options => "-$_"), $switch{$_}, "-$_") foreach sort keys %switch;
my %refused = (
	F => 'fsync', ft => 'enable_tidscan', W10 => 'post_auth_delay', 'W 10' => 'post_auth_delay',
	eW10 => 'post_auth_delay', S64 => 'work_mem', 'S 64' => 'work_mem', s => 'log_statement_stats',
	tpa => 'log_parser_stats', te => 'log_executor_stats', tpl => 'log_planner_stats',
	O => 'allow_system_table_mods', P => 'ignore_system_indexes', 'd 1' => 'log_min_messages',
	'B 16' => 'shared_buffers', 'D x' => '-D', E => '-E', b => '-b', C => 'x', n => '-n', j => '-j', T => '-T',
	'r x' => '-r', 'v 1' => '-v', i => 'listen_addresses', l => 'ssl', 'N 1' => 'max_connections',
	'k x' => 'unix_socket_directories', 'h x' => 'listen_addresses', 'p 1' => 'port',
	'sFc work_mem=1MB' => 'fsync', 'Fc work_mem=1MB' => 'fsync');
delete $refused{C};
foreach my $switch (sort keys %refused)
{
	like(connect_with(options => "-$switch"),
		qr/^0A000 setting configuration parameter "\Q$refused{$switch}\E" not supported$|^55P02 parameter "\Q$refused{$switch}\E" cannot be changed|^42501 |^22023 /,
		"-$switch");
}
foreach my $letter ('a' .. 'z', 'A' .. 'Z', '-', '?', ':', '0')
{
	foreach my $argument ('', 's', ' s', '1', ' 1')
	{
		my $outcome = connect_with(options => "-$letter$argument");
		# "--" ends the switches, and sets nothing.
		ok(holds($outcome) && ($outcome ne 'in: ' || "$letter$argument" eq '-'),
			"-$letter$argument: $outcome");
	}
}

# 3
my $unsupported = sub { qr/FATAL:  setting configuration parameter "$_[0]" not supported$/m };
my %token = (good => Signer::token(host => $server->host),
	forged => Signer::token(host => $server->host, secret => 'x'));
foreach my $mode (qw(enforce report off))
{
	$server->sql("ALTER SYSTEM SET dsql_emu.mode = $mode");
	$node->reload;
	foreach my $kind (sort keys %token)
	{
		foreach my $case (
			[ '-W 10', 'post_auth_delay' ],
			[ '-eW10', 'post_auth_delay' ],
			[ '-c post_auth_delay=10', 'post_auth_delay' ],
			[ '--post-auth-delay=10', 'post_auth_delay' ],
			[ '-c session_preload_libraries=nowhere', 'session_preload_libraries' ],
			[ '-clocal_\\\\preload_libraries=nowhere', 'local_preload_libraries' ],
			[ '-ec local_preload_libraries=nowhere', 'local_preload_libraries' ],
			[ '-c role=none', 'role' ])
		{
			my ($options, $name) = @$case;
			my ($code, $stdout, $stderr) = $server->connect(
				password => $token{$kind},
				options => { options => $options });
			like($stderr, $unsupported->($name), "$mode, token $kind: $options");
		}
	}
	my ($code, $stdout, $stderr) = $server->connect(
		password => $token{good},
		options => { options => '-ec search_path=x' },
		sql => 'SHOW search_path');
	is($stdout, 'x', "$mode: what is in the list is set") or diag $stderr;
}
$server->sql('ALTER SYSTEM RESET dsql_emu.mode');
$node->reload;
my ($code, $stdout, $stderr) = $server->connect(password => $token{forged});
like($stderr, qr/unable to accept connection, access denied/, 'a forged token with no options');

# 4
$server->sql('SET dsql_emu.mode = off; ALTER SYSTEM SET authentication_timeout = 1');
$node->reload;
my $holder = $node->background_psql('postgres', on_error_stop => 0);
$holder->query_safe("SET dsql_emu.mode = off; BEGIN; LOCK TABLE dsql.access_key");
($code, $stdout, $stderr) = $server->connect(password => $token{forged});
like($stderr, qr/FATAL:  terminating connection due to administrator command/,
	'who waits to be judged is let go');
$holder->query_safe('COMMIT');
$holder->quit;
$server->sql('SET dsql_emu.mode = off; ALTER SYSTEM RESET authentication_timeout');
$node->reload;
($code, $stdout, $stderr) = $server->connect(password => $token{good});
is($stdout, 'admin', 'and the next one is let in') or diag $stderr;

done_testing();
