# dsql_emu-run, a cluster around a command:
#
#  1. the command finds the cluster, whatever the environment says of another one
#  2. it is over when the command is, with the command's status
#  3. it is over when the program is, even if that is killed
#  4. two at once do not meet
#  5. options
#  6. --directory: data is there again, also after a crash
#  7. a server that is killed beside the command
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
		PGCONNECT_TIMEOUT => 'none',
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

# 6
my $directory = "$ENV{TMPDIR}/it's here";
my @with = ('--directory', $directory);
my $data = "$directory/data";
is_deeply([ run_it(@with, @psql, 'CREATE TABLE kept (i int)') ],
	[ 0, 'CREATE TABLE', '' ], '--directory');
my $count = 'SELECT count(*) FROM kept';
is_deeply([ run_it(@with, @psql, $count) ], [ 0, 0, '' ], 'data is there again');
ok(!-e "$data/postmaster.pid", 'the server is not');
my $credentials = slurp_file("$directory/credentials");
is((stat "$directory/credentials")[2] & 0777, 0600, 'the access key is kept');
is((run_it(@with, '--stop'))[0], 1, '--stop without a server');

is_deeply([ run_it(@with, '--stay', '--port', "$free+", '--api-port', "$free+", 'true') ],
	[ 0, '', '' ], '--stay');
my @here = (@with, 'sh', '-c', "echo \$PGPORT; psql -XAtc '$count'");
like((run_it(@here))[1], qr/^\d+\n0$/, 'one that is running is used');
is((run_it(@here))[1], (run_it(@here))[1], 'and goes on');
is(slurp_file("$directory/credentials"), $credentials, 'the access key is the same');
is_deeply([ run_it(@with, '--stop') ], [ 0, '', '' ], '--stop');
is((run_it(@with, '--stop'))[0], 1, 'it is over');

my $told = 'dsql_emu-run: the server was not stopped: starting it and recovering its data ...';
run_it(@with, '--stay', 'true');
my $pid = (split /\n/, slurp_file("$data/postmaster.pid"))[0];
kill 'KILL', $pid;
is_deeply([ run_it(@with, @psql, $count) ], [ 0, 0, "$told\n" ], 'after a crash');
foreach my $content ("$$\n", '', "nonsense\n")
{
	append_to_file("$data/postmaster.pid", $content);
	is_deeply([ run_it(@with, @psql, $count) ],
		[ 0, 0, "$told\n" ], 'a file that was left: ' . $content =~ s/\n//r);
}
append_to_file("$data/postmaster.pid", '');
my $left = fork;
if ($left == 0)
{
	chdir $data;
	exec 'sleep', 1000;
}
select undef, undef, undef, 0.01 until (readlink("/proc/$left/cwd") // '') eq $data;
is_deeply(
	[ run_it(@with, 'true') ],
	[
		125, '',
		"$told\ndsql_emu-run: a server was killed, but some of its processes go on: end them first (kill $left)\n"
	],
	'a process that was left');
kill 'KILL', $left;
waitpid $left, 0;
is((run_it(@with, @psql, $count))[1], 0, 'and has ended');
mkdir "$ENV{TMPDIR}/ours", 0500;
is_deeply(
	[ run_it('--directory', "$ENV{TMPDIR}/ours", 'true') ],
	[ 125, '', "dsql_emu-run: $ENV{TMPDIR}/ours cannot be written by user " . getpwuid($>) . "\n" ],
	'a directory of others');
foreach my $wrong ([ '--stop' ], [ '--stay', 'true' ], [ @with, '--stop', 'true' ],
	[ '--port', 'x', 'true' ], [ '--api-port', '65536+', 'true' ])
{
	is((run_it(@$wrong))[0], 125, "usage: @$wrong");
}

{
	local $ENV{TMPDIR} = '/nonexistent';
	is_deeply([ run_it('true') ],
		[ 125, '', "dsql_emu-run: could not make a directory in /nonexistent: set TMPDIR\n" ],
		'no directory for temporary files');
}

# 7
rename $kept, "$ENV{TMPDIR}/kept" or die $!;
is_deeply(
	[
		run_it('sh', '-c',
			'kill -KILL $(head -n 1 "$TMPDIR"/dsql_emu-run.*/data/postmaster.pid); exit 4')
	],
	[ 4, '', '' ],
	'a server that is killed');
is(left_over(), '', 'its files are gone');

done_testing();
