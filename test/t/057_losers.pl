# Sessions that want one row:
#
#  1. who loses is told when the winner's change can be seen: the first retry
#     commits, however slow the winner's commit is
#  2. at each step of it the loser waits, and can be cancelled; if the other one
#     does not commit after all, there is no loser
#  3. nobody waits for a transaction that has not come to COMMIT
#  4. two that lose to each other do not wait for each other
#  5. of a row that many change by statements of their own, no change is lost;
#     $LOSERS_SECONDS is for how long they do
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../perl";
use Agreement;
use DsqlEmu;
use PostgreSQL::Test::Utils;
use Test::More;
use Wire;

my $node = DsqlEmu::emulated(q{
dsql_emu.auto_analyze = off
fsync = on
max_wal_senders = 1
wal_level = replica
synchronous_commit = local
synchronous_standby_names = 'nobody'
});
foreach my $statement (
	'SET dsql_emu.mode = off; CREATE EXTENSION amcheck',
	'CREATE TABLE r (id int PRIMARY KEY, n int)',
	'CREATE TABLE done (n int PRIMARY KEY)',
	'CREATE TABLE keyless (a int, v int)')
{
	$node->safe_psql('postgres', $statement);
}

my $conflict = '40001 change conflicts with another transaction (OC000)';
my $canceled = '57014 canceling statement due to user request';
my $observer = session('off');
$observer->rows('INSERT INTO r VALUES (1, 0), (2, 0)');
local $SIG{ALRM} = sub { die "hangs\n" };

sub session { return Wire->in_mode($node, @_); }

# A transaction that changes row 1
sub begin_change
{
	my ($wire) = @_;
	$wire->rows('BEGIN', 'SELECT FROM r', 'UPDATE r SET n = n + 1 WHERE id = 1');
	return $wire;
}

sub commit
{
	my ($wire) = @_;
	$wire->post(Wire::Query('COMMIT'));
	return;
}

sub is_waiting
{
	my ($wire, $event) = @_;
	$observer->poll("SELECT wait_event = '$event' FROM pg_stat_activity WHERE pid = $wire->{pid}");
	return;
}

# 1
{
	my ($winner, $loser) = map { session('off') } 1 .. 2;
	$winner->rows("SET commit_delay = 100000", 'SET commit_siblings = 0');
	$_->rows('SET dsql_emu.mode = enforce') foreach $winner, $loser;
	my %failures;
	alarm $PostgreSQL::Test::Utils::timeout_default;
	for (my $i = 1; $i <= 6 || !$failures{1}; $i++)
	{
		begin_change($winner);
		begin_change($loser) if $i % 2;
		commit($winner);
		begin_change($loser) if !($i % 2);
		my $n = 0;
		while ($loser->outcome('COMMIT') ne 'COMMIT')
		{
			begin_change($loser);
			$n++;
		}
		$failures{$n}++;
		$winner->receive;
	}
	alarm 0;

	# Either may be the first to commit.
	delete @failures{ 0, 1 };
	is_deeply(\%failures, {}, 'who meets a slow commit fails once');
}

# 2
my $holder = session('off');
sub hold { $holder->rows('SELECT pg_advisory_lock(20250527)'); return; }
sub let_go { $holder->rows('SELECT pg_advisory_unlock_all()'); return; }

# A session whose commit is held there
sub held_at
{
	my ($point, @changes) = @_;
	my $wire = session('off');
	hold();
	$wire->rows($point eq 'SyncRep' ? 'SET synchronous_commit = on' : "SET dsql_emu.debug_pause_point = '$point'",
		'SET dsql_emu.mode = enforce');
	@changes ? $wire->rows('BEGIN', @changes) : begin_change($wire);
	commit($wire);
	is_waiting($wire, $point eq 'SyncRep' ? 'SyncRep' : 'advisory');
	return $wire;
}

foreach my $point (qw(commit-published commit-applying commit-applied commit-decided SyncRep commit-recorded))
{
	my @losers = map { begin_change(session('enforce')) } 1 .. 3;
	my $winner = held_at($point);
	my $late = begin_change(session('enforce'));
	my $beside = session('enforce');
	is($beside->outcome('UPDATE r SET n = n + 1 WHERE id = 2'), 'UPDATE 1', "$point: another row");

	commit($_) foreach @losers, $late;
	is_waiting($_, 'Extension') foreach @losers, $point eq 'commit-recorded' ? () : $late;
	$observer->rows("SELECT pg_cancel_backend($losers[0]{pid})");
	is(Wire::outcome_of($losers[0]->receive), $canceled, "$point: a loser that waits is cancelled");
	$observer->rows("SELECT pg_terminate_backend($losers[1]{pid})");
	like(eval { Wire::outcome_of($losers[1]->receive) } // $@, qr/^57P01 /, "$point: and one is terminated");

	$point eq 'SyncRep' ? $observer->rows("SELECT pg_cancel_backend($winner->{pid})") : let_go();
	is(Wire::outcome_of($winner->receive), 'COMMIT', "$point: the winner");
	let_go();
	is(Wire::outcome_of($losers[2]->receive), $conflict, "$point: the loser");

	# Its snapshot is from before or after the moment from which others see it.
	is(Wire::outcome_of($late->receive), $point eq 'commit-recorded' ? 'COMMIT' : $conflict, "$point: a later one");
	begin_change($losers[2]);
	is($losers[2]->outcome('COMMIT'), 'COMMIT', "$point: its retry");
}

# The same key
foreach my $point (qw(commit-decided SyncRep commit-recorded))
{
	my ($before, $after) = map { session('enforce') } 1 .. 2;
	$before->rows('BEGIN', 'INSERT INTO done VALUES (1)');
	$after->rows('BEGIN', 'SELECT FROM done');
	my $winner = held_at($point, 'INSERT INTO done VALUES (1)');
	$after->rows('INSERT INTO done VALUES (1)');
	foreach my $loser ($before, $after)
	{
		commit($loser);
		is_waiting($loser, 'Extension') if $point ne 'commit-recorded';
	}
	$point eq 'SyncRep' ? $observer->rows("SELECT pg_cancel_backend($winner->{pid})") : let_go();
	is(Wire::outcome_of($winner->receive), 'COMMIT', "$point: the winner of a key");
	let_go();
	foreach my $loser ($before, $after)
	{
		is(Wire::outcome_of($loser->receive), $conflict, "$point: the loser of a key");
		is($loser->outcome('INSERT INTO done VALUES (1)'),
			'23505 duplicate key value violates unique constraint "done_pkey"', "$point: its retry");
	}
	$observer->rows('DELETE FROM done');
}

foreach my $point (qw(commit-published commit-applying commit-applied))
{
	my $waiting = begin_change(session('enforce'));
	my $failing = held_at($point);
	commit($waiting);
	is_waiting($waiting, 'Extension');
	$observer->rows("SELECT pg_cancel_backend($failing->{pid})");
	is(Wire::outcome_of($failing->receive), $canceled, "$point: one that fails");
	is(Wire::outcome_of($waiting->receive), 'COMMIT', "$point: nobody has lost to it");
	let_go();
}

# 3: what comes before a definition in the same transaction is known to others
# at once, and stays so until it ends.
{
	my ($open, $loser) = (begin_change(session('off')), begin_change(session('enforce')));
	$open->rows('TRUNCATE done');
	is($loser->outcome('COMMIT'), $conflict, 'one loses to a transaction that is open');
	is($open->outcome('COMMIT'), 'COMMIT', 'which commits');
}

# 4: each has locked a row that a third one has updated since, and which the
# other one deletes.  Rows without a key are known by their versions.
{
	$observer->rows('INSERT INTO keyless VALUES (1, 0), (2, 0)');
	my @wires = map { session('off') } 1 .. 2;
	hold();
	foreach my $i (0, 1)
	{
		$wires[$i]->rows("SET dsql_emu.debug_pause_point = 'commit-published'",
			'BEGIN ISOLATION LEVEL READ COMMITTED', "SELECT FROM keyless WHERE a = 1 + $i FOR KEY SHARE");
	}
	$observer->rows('UPDATE keyless SET v = 1');
	foreach my $i (0, 1)
	{
		$wires[$i]->rows("DELETE FROM keyless WHERE a = 2 - $i");
		commit($wires[$i]);
		is_waiting($wires[$i], 'advisory');
	}
	let_go();
	alarm $PostgreSQL::Test::Utils::timeout_default;
	is(Wire::outcome_of($_->receive), $conflict, 'both of two lose to each other') foreach @wires;
	alarm 0;
	is_deeply([ $observer->rows('SELECT * FROM keyless ORDER BY 1') ], [ [ 1, 1 ], [ 2, 1 ] ], 'nothing is deleted');
}

# 5: each change notes what it has found, so that none is repeated or left out.
$observer->rows('UPDATE r SET n = 0');
my $script = PostgreSQL::Test::Utils::tempdir() . '/count.sql';
append_to_file($script, 'WITH u AS (UPDATE r SET n = n + 1 WHERE id = 1 RETURNING n) INSERT INTO done SELECT n FROM u;');
my $seconds = $ENV{LOSERS_SECONDS} // 2;
foreach my $protocol (qw(simple prepared))
{
	my ($before) = map { $_->[0] } $observer->rows('SELECT n FROM r WHERE id = 1');
	my ($out, $err) = run_command([ 'pgbench', '-n', '-c', 8, '-j', 2, '-T', $seconds, '--max-tries=0', '-M', $protocol,
		'-f', $script, $node->connstr('postgres') ]);
	my ($commits) = $out =~ /actually processed: (\d+)/ or die "$out$err";
	is_deeply([ $observer->rows('SELECT (SELECT n FROM r WHERE id = 1), count(*), max(n) FROM done') ],
		[ [ ($before + $commits) x 3 ] ], "$protocol: each of many changes of one row is there, once");
	like($out, qr/number of failed transactions: 0 /, "$protocol: all have committed in the end");
}
is_deeply([ Agreement::complaints($observer) ], [], 'indexes and tables agree');

$node->stop;
done_testing();
