# Random transactions of several sessions against each other, while tables are
# vacuumed and indexes built and dropped:
#
#  1. nothing fails, but with 40001; nobody waits for a row or a transaction
#  2. done one after the other in the order of their commits, the committed
#     transactions give the same answers, and the same rows in the end
#  3. exactly those are in the tables that were answered COMMIT
#  4. indexes and tables agree, both ways
#
# $RANDOM_SEED makes other transactions.  $RANDOM_SECONDS lets each session go
# on for so long, instead of a fixed number of transactions; $RANDOM_SESSIONS is
# how many there are.
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../perl";
use Agreement;
use POSIX ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RandomLoad;
use Replay;
use Test::More;
use Wire;

my $seed = $ENV{RANDOM_SEED} // 1;
my $seconds = $ENV{RANDOM_SECONDS};
my $sessions = $ENV{RANDOM_SESSIONS} // 4;
my $transactions = 250;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf(
	'postgresql.conf', q{
shared_preload_libraries = 'dsql_emu'
dsql_emu.max_connection_lifetime = 0
dsql_emu.auto_analyze = off
autovacuum = on
autovacuum_naptime = 1
autovacuum_vacuum_threshold = 0
autovacuum_vacuum_scale_factor = 0
autovacuum_vacuum_insert_threshold = 0
autovacuum_vacuum_insert_scale_factor = 0
log_statement = none
log_lock_waits = on
deadlock_timeout = 10ms
wal_keep_size = '50GB'
});
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION dsql_emu');
foreach my $statement (@RandomLoad::schema)
{
	$node->safe_psql('postgres', $statement);
}
$node->safe_psql('postgres',
	"SET dsql_emu.mode = off; $RandomLoad::undone; CREATE EXTENSION amcheck");
$node->poll_query_until('postgres',
	"SELECT bool_and(indisvalid) FROM pg_index WHERE indrelid = 'claim'::regclass");
my $start = $node->lsn('insert');
my $end = defined $seconds ? time + $seconds : undef;

sub connect_wire
{
	return Wire->new(
		host => $node->host, port => $node->port, database => 'postgres');
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
	my ($number) = @_;
	my $wire = connect_wire();
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

sub must
{
	my ($wire, @statements) = @_;
	my @rows;
	foreach my $sql (@statements)
	{
		foreach my $answer ($wire->query($sql))
		{
			die "$sql: $answer->{error}{C} $answer->{error}{M}\n"
			  if $answer->{error};
			push @rows, $answer->{row} if $answer->{row};
		}
	}
	return @rows;
}

# DDL may meet a job's change of the catalog.
sub must_retry
{
	my ($wire, $sql) = @_;
	my @rows;
	while (!eval { @rows = must($wire, $sql); 1 })
	{
		die $@ if $@ !~ / 40001 /;
	}
	return @rows;
}

my @vacuums = map { ("VACUUM $_", "VACUUM (DISABLE_PAGE_SKIPPING, FREEZE, INDEX_CLEANUP ON) $_") }
  sort keys %RandomLoad::columns;
my ($vacuum_wire, $hold_wire, $index_wire);
my $vacuumed = 0;
sub vacuum
{
	if (!$vacuum_wire)
	{
		$vacuum_wire = connect_wire();
		must($vacuum_wire, 'SET dsql_emu.mode = off');
	}
	must($vacuum_wire, $vacuums[ $vacuumed++ % @vacuums ]);
	return;
}

# Hold those who commit for the time of a small query, and let them go.
sub hold
{
	if (!$hold_wire)
	{
		$hold_wire = connect_wire();
		must($hold_wire, 'SET dsql_emu.mode = off');
	}
	must($hold_wire, 'SELECT pg_advisory_lock(20250527)',
		'SELECT count(*) FROM generate_series(1, 10000)',
		'SELECT pg_advisory_unlock(20250527)',
		'SELECT count(*) FROM generate_series(1, 10000)');
	return;
}

my @indexes = (
	'INDEX ASYNC extra_%d ON account (region)',
	'INDEX ASYNC extra_%d ON account (balance) INCLUDE (region)',
	'INDEX ASYNC extra_%d ON child (parent, v)',
	'UNIQUE INDEX ASYNC extra_%d ON bag (u)',
	'INDEX ASYNC extra_%d ON item (gen)');
my $built = 0;
sub build_index
{
	$index_wire //= connect_wire();
	my $index = $indexes[ $built % @indexes ];
	my $name = "extra_$built";
	my ($job) = must_retry($index_wire, sprintf "CREATE $index", $built++);
	must_retry($index_wire, "CALL sys.wait_for_job('$job->[0]')");
	my ($state) = must($index_wire, "SELECT indisvalid FROM pg_index WHERE indexrelid = '$name'::regclass");
	die "$name is not valid\n" if $state->[0] ne 't';
	must_retry($index_wire, 'DROP INDEX extra_' . ($built - 4)) if $built >= 4;
	return;
}

# Reading the pipe's end does not wait, until there is an end.
sub make_ended
{
	pipe my $reader, my $writer or die "pipe: $!";
	$reader->blocking(0);
	return ($reader, $writer);
}

my ($ended, $not_ended) = make_ended();
my @others = map { background(until_ended($ended, $_)) } \&vacuum, \&hold, \&build_index;
my @sessions = map { my $number = $_; background(sub { session($number) }) } 1 .. $sessions;
my (%count, %answered);
foreach my $i (0 .. $#sessions)
{
	my @lines = finish($sessions[$i]);
	my @errors = grep { /^error/ } @lines;
	is_deeply(\@errors, [], 'session ' . ($i + 1) . ' meets nothing but 40001');
	foreach my $line (@lines)
	{
		$count{$1} += $2 if $line =~ /^count (.*) (\d+)$/;
		$answered{$1} = 1 if $line =~ /^committed (\d+)$/;
	}
}
syswrite $not_ended, '...';
foreach my $what ('vacuums', 'holds', 'indexes')
{
	my ($line) = finish(shift @others);
	like($line, qr/^done [1-9]/, "$what: $line");
}
note join ', ', map { "$_: $count{$_}" } sort keys %count;
ok($count{$_}, "some: $_") foreach 'committed', 'OC000', 'OC001', 'read', 'rolled back';

unlike(slurp_file($node->logfile),
	qr/waiting for \w+ on (?:transaction|tuple|speculative)|deadlock detected/,
	'nobody waits for a row or a transaction');

# The order of the commit records is that of the commits.
my $wal = $node->data_dir . '/pg_wal';
my ($stdout, $stderr) = run_command(
	[ $node->config_data('--bindir') . '/pg_waldump', '--rmgr=Transaction', '-p', $wal,
		"--start=$start", '--end=' . $node->lsn('flush') ]);
my $position = 0;
my %position = map { $_ => $position++ } $stdout =~ /tx:\s+(\d+),.*desc: COMMIT /g;
my $observer = connect_wire();
must($observer, 'SET dsql_emu.mode = off');
my @log = must($observer, 'SELECT id, xmin, line FROM log');
is_deeply([ sort map { $_->[0] } @log ], [ sort keys %answered ],
	'what was answered COMMIT, and nothing else, is there');
is(scalar(grep { !defined $position{ $_->[1] } } @log), 0, 'each has a commit record');

my $replay = Replay->new;
my @wrong;
foreach my $entry (sort { $position{ $a->[1] } <=> $position{ $b->[1] } } @log)
{
	push @wrong, map { "$entry->[0]: $_" } $replay->transaction($entry->[2]);
}
is_deeply([ @wrong[ 0 .. ($#wrong < 9 ? $#wrong : 9) ] ], [], 'one after the other, all is as it was answered');

sub table_rows
{
	my ($table) = @_;
	my $columns = join ", '|', ", map { "coalesce($_\::text, 'null')" } @{ $RandomLoad::columns{$table} };
	$columns =~ s/held::text/left(held::text, 1)/;
	return sort map { $_->[0] } must($observer, "SELECT concat($columns) FROM $table");
}
foreach my $table (sort keys %RandomLoad::columns)
{
	is_deeply([ table_rows($table) ], [ $replay->rows($table) ], "$table: the same rows in the end");
}

my @complaints = Agreement::complaints($observer);
is_deeply(\@complaints, [], 'indexes and tables agree');

$node->stop;
done_testing();
