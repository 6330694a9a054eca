# dsql_emu-run, a cluster around a command:
#
#  1. the command finds the cluster, whatever the environment says of another one
#  2. it is over when the command is, with the command's status
#  3. it is over when the program is, even if that is killed
#  4. two at once do not meet
#  5. options
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../perl";
use HTTP;
use IPC::Run;
use PostgreSQL::Test::Utils;
use Test::More;

$ENV{TMPDIR} = PostgreSQL::Test::Utils::tempdir_short();
delete $ENV{PGHOST};
delete $ENV{PGPORT};

# Run it to its end: status, output, errors.
sub run_it
{
	my (@arguments) = @_;
	my ($stdout, $stderr);
	IPC::Run::run([ 'dsql_emu-run', @arguments ], '<', \"input\n", '>', \$stdout, '2>', \$stderr,
		IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default));
	my $status = $? & 127 ? 'signal ' . ($? & 127) : $? >> 8;
	chomp $stdout;
	return ($status, $stdout, $stderr);
}

sub left_over
{
	return join ' ', glob "$ENV{TMPDIR}/dsql_emu-run.*";
}

my $query = 'SELECT current_user, current_database()';
my @psql = ('psql', '-XAtc');

# 1
{
	local %ENV = (
		%ENV,
		PGHOST => 'nowhere.example',
		PGHOSTADDR => '127.0.0.9',
		PGPORT => 1,
		PGUSER => 'nobody',
		PGDATABASE => 'none',
		PGPASSWORD => 'x',
		PGSSLMODE => 'disable',
		PGSSLROOTCERT => '/none',
		PGSERVICE => 'none',
		PGOPTIONS => '-c nonsense=1',
		PGTZ => 'nowhere',
		AWS_PROFILE => 'production',
		AWS_ENDPOINT_URL_DSQL => 'http://nowhere.example',
		CLUSTER_ENDPOINT => 'nowhere.example');
	is_deeply([ run_it(@psql, $query) ], [ 0, 'admin|postgres', '' ], 'a command');
	my ($status, $stdout) = run_it('sh', '-c', 'env | sort');
	my %variable = map { split /=/, $_, 2 } grep { /^(PG|AWS_|CLUSTER)/ } split /\n/, $stdout;
	is( join(' ', sort grep { !/^PG_/ } keys %variable),
		'AWS_ACCESS_KEY_ID AWS_REGION AWS_SECRET_ACCESS_KEY CLUSTER_ENDPOINT PGDATABASE PGHOST '
		  . 'PGPASSWORD PGPORT PGSSLMODE PGSSLROOTCERT PGUSER',
		'what it finds');
	like($variable{PGPASSWORD}, qr/^localhost\/\?Action=DbConnectAdmin&.*X-Amz-Expires=604800/,
		'a token for a week');
}
is_deeply([ run_it(@psql, 'TRUNCATE t') ],
	[ 1, '', "ERROR:  unsupported statement: Truncate\n" ], 'the service answers');
is((run_it('cat'))[1], 'input', 'the input is the command\'s');

# 2
is_deeply([ run_it('sh', '-c', "exit $_") ], [ $_, '', '' ], "status $_") foreach 0, 1, 77;
is((run_it('sh', '-c', 'kill -KILL $$'))[0], 137, 'a command that is killed');
like((run_it('no-such-command'))[0], qr/^12[67]$/, 'no such command');
is((run_it('--', 'sh', '-c', 'exit 3', '--api'))[0], 3, 'options of the command');
is(left_over(), '', 'nothing is left');

# 3
foreach my $signal (qw(TERM INT HUP KILL))
{
	my $handled = $signal eq 'INT' ? '' : "trap 'echo told; exit 9' $signal;";
	$handled = '' if $signal eq 'KILL';
	my ($stdout, $stderr) = ('', '');
	my $run = IPC::Run::start(
		[ 'dsql_emu-run', 'sh', '-c',
			"$handled echo \$PGPORT \$\$; while :; do sleep 0.1; done" ],
		'>', \$stdout, '2>', \$stderr,
		IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default));
	$run->pump until $stdout =~ /(\d+) (\d+)\n/;
	my ($port, $command) = $stdout =~ /(\d+) (\d+)\n/;
	my ($directory) = left_over();
	ok(-e "$directory/data/postmaster.pid", "$signal: there is a server");

	# A terminal's interrupt goes to both.
	kill 'KILL', $command if $signal eq 'INT';
	$run->signal($signal) if $signal ne 'INT';
	kill 'KILL', $command if $signal eq 'KILL';
	$run->finish;
	like($stdout, qr/told/, "$signal is handed on") if $handled;
	is($run->full_result(0) >> 8, 9, "$signal: the command's status") if $handled;
	foreach (1 .. 10 * $PostgreSQL::Test::Utils::timeout_default)
	{
		last if left_over() eq '';
		select undef, undef, undef, 0.1;
	}
	is(left_over(), '', "$signal: the files are gone");
	ok(!IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port),
		"$signal: the server is gone");
}

# 4
my @runs;
foreach my $i (1 .. 3)
{
	my %run = (out => '', err => '');
	$run{handle} = IPC::Run::start(
		[ 'dsql_emu-run', '--api', 'sh', '-c',
			"psql -XAtqc 'CREATE TABLE t (i int)' && echo \$AWS_ENDPOINT_URL_DSQL && read line && psql -XAtc 'SELECT count(*) FROM t'" ],
		'<', \$run{in}, '>', \$run{out}, '2>', \$run{err},
		IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default));
	push @runs, \%run;
}
foreach my $run (@runs)
{
	$run->{handle}->pump until $run->{out} =~ /(\d+)\n/;
	($run->{port}) = $run->{out} =~ /:(\d+)\n/;
}
is(scalar(keys %{ { map { $_->{port} => 1 } @runs } }), 3, 'three at once');
is(HTTP::request($_->{port}, 'GET', '/cluster')->{status}, 200, 'each has its API') foreach @runs;
foreach my $run (@runs)
{
	$run->{in} = "go on\n";
	$run->{handle}->finish;
	like($run->{out}, qr/\n0\n\z/, 'and its database') or diag $run->{err};
}

# 5
is_deeply([ run_it('--auth', 'off', @psql, $query) ], [ 0, 'admin|postgres', '' ], '--auth off');
is((run_it('--auth', 'any', @psql, 'SELECT 1'))[1], 1, '--auth any');
foreach my $auth (qw(verify off))
{
	like(
		(run_it('--auth', $auth, '--cluster-per-run', 'sh', '-c',
			'echo $CLUSTER_ENDPOINT; psql -XAtc "SELECT dsql.current_cluster()"'))[1],
		qr/^([a-z2-7]{26})\.dsql\.us-east-1\.on\.aws\n\1$/,
		"--cluster-per-run, $auth");
}
my $taken = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1');
is_deeply([ run_it('--port', $taken->sockport, 'true') ],
	[ 125, '', 'dsql_emu-run: port ' . $taken->sockport . " is taken\n" ], 'a port that is taken');
my $free = $taken->sockport;
close $taken;
is((run_it('--port', $free, 'sh', '-c', 'echo $PGPORT'))[1], $free, '--port');
foreach my $wrong ([], ['--auth=on', 'true'], [ '--none', 'true' ], ['--auth'])
{
	is((run_it(@$wrong))[0], 125, "usage: @$wrong");
}
is(left_over(), '', 'nothing is left');
my ($status, $stdout, $stderr) = run_it('--keep', 'true');
my ($kept) = left_over();
is($stderr, "dsql_emu-run: data directory and log are in $kept\n", '--keep');
ok(-e "$kept/server.log" && !-e "$kept/data/postmaster.pid", 'they are, without a server');

done_testing();
