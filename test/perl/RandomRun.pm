# RandomRun: sessions that do RandomLoad's transactions against each other, and
# what must hold afterwards.
#
#	my $node = RandomRun::start("autovacuum = on\n");
#	my %count = RandomRun::run($node, beside => \@codes);
#	RandomRun::check($node);
#
# The codes of "beside" are done again and again while the sessions are there,
# each in a process of its own.  The result says how many transactions ended in
# which way.  All of it makes tests of Test::More.
#
# $RANDOM_SEED makes other transactions.  $RANDOM_SECONDS lets each session go
# on for so long, instead of a fixed number of transactions; $RANDOM_SESSIONS is
# how many there are.

package RandomRun;

use strict;
use warnings FATAL => 'all';

use Agreement;
use DsqlEmu;
use POSIX ();
use PostgreSQL::Test::Utils;
use RandomLoad;
use Replay;
use Test::More;
use Wire;

my $seed = $ENV{RANDOM_SEED} // 1;
my $seconds = $ENV{RANDOM_SECONDS};
my $sessions = $ENV{RANDOM_SESSIONS} // 4;
my $transactions = 400;

my ($start, %answered);

# A server with these settings and the tables, which keeps its WAL and reports
# whoever waits for a lock.
sub start
{
	my ($settings) = @_;
	my $node = DsqlEmu::emulated("
dsql_emu.max_connection_lifetime = 0
dsql_emu.auto_analyze = off
log_statement = none
log_lock_waits = on
deadlock_timeout = 10ms
wal_keep_size = '50GB'
$settings");
	foreach my $statement (@RandomLoad::schema)
	{
		$node->safe_psql('postgres', $statement);
	}
	$node->safe_psql('postgres',
		"SET dsql_emu.mode = off; $RandomLoad::undone; CREATE EXTENSION amcheck");
	$node->poll_query_until('postgres',
		"SELECT bool_and(indisvalid) FROM pg_index WHERE indrelid = 'claim'::regclass");
	$start = $node->lsn('insert');
	return $node;
}

# Run this in a process of its own.  What it returns and dies with, comes back
# from finish().
sub background
{
	my ($code) = @_;
	pipe my $reader, my $writer or die "pipe: $!";
	my $pid = fork // die "fork: $!";
	if ($pid == 0)
	{
		close $reader;
		local $SIG{ALRM} = sub { die "hangs\n" };
		my @lines = eval { $code->() };
		print $writer $@ ne '' ? map { "error $_\n" } split /\n/, $@ : @lines;
		close $writer;
		POSIX::_exit(0);
	}
	close $writer;
	return { pid => $pid, reader => $reader };
}

sub finish
{
	my ($process) = @_;
	my $reader = $process->{reader};
	my @lines = <$reader>;
	waitpid $process->{pid}, 0;
	chomp @lines;
	return @lines;
}

# A session's transactions.  Every other one minds changes of the schema, and
# in the middle of a commit they stop at a point that others see.
sub session
{
	my ($node, $number, $end) = @_;
	my $wire = Wire->to_node($node);
	my $load = RandomLoad->new(wire => $wire, session => $number, seed => $seed);
	my @points = qw(published applied decided);

	$wire->query('SET dsql_emu.schema_conflicts = ' . ($number % 2 ? 'on' : 'off'));
	for (my $i = 0; defined $end ? time < $end : $i < $transactions; $i++)
	{
		alarm $PostgreSQL::Test::Utils::timeout_default;
		$wire->query("SET dsql_emu.debug_pause_point = 'commit-$points[rand @points]'")
		  if $i % 20 == 0;
		$load->transaction;
	}
	return (
		(map { "count $_ $load->{count}{$_}\n" } sort keys %{ $load->{count} }),
		(map { "committed $_\n" } @{ $load->{committed} }));
}

# Something that is done until all sessions have ended.
sub until_ended
{
	my ($ended, $code) = @_;
	return sub {
		my $done = 0;
		while (!sysread $ended, my $byte, 1)
		{
			alarm $PostgreSQL::Test::Utils::timeout_default;
			$code->();
			$done++;
		}
		return "done $done\n";
	};
}

# A code that holds those who commit for the time of a small query, and lets
# them go.
sub holder
{
	my ($node) = @_;
	my $wire;
	return sub {
		if (!$wire)
		{
			$wire = Wire->to_node($node);
			$wire->rows('SET dsql_emu.mode = off');
		}
		$wire->rows('SELECT pg_advisory_lock(20250527)',
			'SELECT count(*) FROM generate_series(1, 10000)',
			'SELECT pg_advisory_unlock(20250527)',
			'SELECT count(*) FROM generate_series(1, 10000)');
	};
}

# Reading the pipe's end does not wait, until there is an end.
sub make_ended
{
	pipe my $reader, my $writer or die "pipe: $!";
	$reader->blocking(0);
	return ($reader, $writer);
}

sub run
{
	my ($node, %arg) = @_;
	my $end = defined $seconds ? time + $seconds : undef;
	my ($ended, $not_ended) = make_ended();
	my @beside = map { background(until_ended($ended, $_)) } @{ $arg{beside} };
	my @running = map { my $number = $_; background(sub { session($node, $number, $end) }) } 1 .. $sessions;
	my %count;

	foreach my $i (0 .. $#running)
	{
		my @lines = finish($running[$i]);
		is_deeply([ grep { /^error/ } @lines ], [], 'session ' . ($i + 1) . ' meets nothing but 40001');
		foreach my $line (@lines)
		{
			$count{$1} += $2 if $line =~ /^count (.*) (\d+)$/;
			$answered{$1} = 1 if $line =~ /^committed (\d+)$/;
		}
	}
	syswrite $not_ended, '.' x @beside;
	foreach my $process (@beside)
	{
		my ($line) = finish($process);
		like($line, qr/^done [1-9]/, "beside them: $line");
	}
	note join ', ', map { "$_: $count{$_}" } sort keys %count;
	unlike(slurp_file($node->logfile),
		qr/waiting for \w+ on (?:transaction|tuple|speculative)|deadlock detected/,
		'nobody waits for a row or a transaction');
	return %count;
}

# The order of the commit records is that of the commits.
sub commit_order
{
	my ($node) = @_;
	my ($stdout) = run_command(
		[ $node->config_data('--bindir') . '/pg_waldump', '--rmgr=Transaction',
			'-p', $node->data_dir . '/pg_wal', "--start=$start", '--end=' . $node->lsn('flush') ]);
	my $position = 0;
	return map { $_ => $position++ } $stdout =~ /tx:\s+(\d+),.*desc: COMMIT /g;
}

sub table_rows
{
	my ($observer, $table) = @_;
	my $columns = join ", '|', ", map { "coalesce($_\::text, 'null')" } @{ $RandomLoad::columns{$table} };
	$columns =~ s/held::text/left(held::text, 1)/;
	return sort map { $_->[0] } $observer->rows("SELECT concat($columns) FROM $table");
}

sub check
{
	my ($node) = @_;
	my %position = commit_order($node);
	my $observer = Wire->to_node($node);
	my $replay = Replay->new;
	my @wrong;

	$observer->rows('SET dsql_emu.mode = off');
	my @log = $observer->rows('SELECT id, xmin, line FROM log');
	is_deeply([ sort map { $_->[0] } @log ], [ sort keys %answered ],
		'what was answered COMMIT, and nothing else, is there');
	is(scalar(grep { !defined $position{ $_->[1] } } @log), 0, 'each has a commit record');

	foreach my $entry (sort { $position{ $a->[1] } <=> $position{ $b->[1] } } @log)
	{
		push @wrong, map { "$entry->[0]: $_" } $replay->transaction($entry->[2]);
	}
	is_deeply([ @wrong[ 0 .. ($#wrong < 9 ? $#wrong : 9) ] ], [], 'one after the other, all is as it was answered');
	foreach my $table (sort keys %RandomLoad::columns)
	{
		is_deeply([ table_rows($observer, $table) ], [ $replay->rows($table) ], "$table: the same rows in the end");
	}
	is_deeply([ Agreement::complaints($observer) ], [], 'indexes and tables agree');
	return;
}

1;
