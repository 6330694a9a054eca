# A crash in the middle of a commit, at each step: one backend is killed, which
# makes the server begin anew, or the whole server is.
#
#  1. the transaction is there as a whole once its commit record is written,
#     and nothing of it before; nor is anything of one that was still open
#  2. indexes and tables agree, and no child is without its parent
#  3. new sessions can change and lock all of its rows: nothing is left that
#     keeps them from it
#  4. without a crash: while one commits, others do not pass it, and wait for it
#     only where one of the two must fail
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../perl";
use Agreement;
use DsqlEmu;
use PostgreSQL::Test::Utils;
use Test::More;
use Wire;

# Where the transaction is held, and whether it has committed by then.  "SyncRep"
# is between the commit record and the moment from which others see it.
my @points = (
	[ 'commit-begun', 0 ],
	[ 'commit-published', 0 ],
	[ 'commit-applying', 0 ],
	[ 'commit-applied', 0 ],
	[ 'commit-decided', 0 ],
	[ 'SyncRep', 1 ],
	[ 'commit-recorded', 1 ]);

my $node = DsqlEmu::emulated(q{
restart_after_crash = on
wal_level = replica
max_wal_senders = 1
synchronous_commit = local
synchronous_standby_names = 'nobody'
});
$node->safe_psql('postgres', 'SET dsql_emu.mode = off; CREATE EXTENSION amcheck');
foreach my $statement (
	'CREATE TABLE r (id int PRIMARY KEY, k int UNIQUE, v int, i int)',
	'CREATE INDEX ASYNC ON r (i)',
	'CREATE TABLE p (id int PRIMARY KEY, v int)',
	'CREATE TABLE c (id int PRIMARY KEY, p int REFERENCES p ON DELETE CASCADE)',
	'CREATE TABLE n (id int PRIMARY KEY, p int REFERENCES p ON DELETE SET NULL)',
	'CREATE TABLE l (a int, v int)')
{
	$node->safe_psql('postgres', $statement);
}

sub session
{
	my ($mode) = @_;
	my $wire = Wire->to_node($node);
	$wire->rows("SET dsql_emu.mode = $mode");
	return $wire;
}

my $conflict = '40001 change conflicts with another transaction (OC000)';
my $other;

sub fill
{
	$other = session('off');
	$other->rows(map { "DELETE FROM $_" } qw(r c n p l));
	$other->rows('INSERT INTO r SELECT i, i, 0, 0 FROM generate_series(1, 12) i',
		'INSERT INTO p SELECT i, 0 FROM generate_series(1, 4) i',
		'INSERT INTO c SELECT i, 1 + i / 6 FROM generate_series(1, 8) i',
		'INSERT INTO n SELECT i, 1 + i / 6 FROM generate_series(1, 8) i',
		'INSERT INTO l SELECT i, 0 FROM generate_series(1, 4) i');
	return;
}

# What it does: all kinds of changes.
my @changes = (
	'UPDATE r SET v = 1 WHERE id IN (1, 2, 3)',
	'UPDATE r SET i = 1 WHERE id IN (3, 4)',
	'UPDATE r SET k = 105 WHERE id = 5',
	'UPDATE r SET id = 106 WHERE id = 6',
	'DELETE FROM r WHERE id IN (7, 8)',
	'INSERT INTO r VALUES (7, 107, 1, 1), (108, 8, 1, 1)',
	'INSERT INTO r VALUES (9, 0, 0, 0) ON CONFLICT (id) DO UPDATE SET v = 9',
	'SELECT FROM r WHERE id = 10 FOR UPDATE',
	'DELETE FROM p WHERE id = 1',
	'UPDATE p SET v = 1 WHERE id = 2',
	'INSERT INTO c VALUES (100, 3)',
	'UPDATE l SET v = 1 WHERE a = 1',
	'DELETE FROM l WHERE a = 2');

sub all_rows
{
	my ($wire) = @_;
	return join ' ', map { $_->[0] // '' } $wire->rows(map { "SELECT string_agg($_\::text, ' ' ORDER BY $_) FROM $_" } qw(r p c n l));
}

# The rows before and after; and a transaction that is open when it crashes.
fill();
my $before = all_rows($other);
$other->rows('BEGIN', @changes);
my $after = all_rows($other);
$other->rows('ROLLBACK');
isnt($after, $before, 'the transaction changes something');

# A transaction that is held while it commits, and the session that holds it.
sub commit_and_hold
{
	my ($point) = @_;
	my $holder = session('off');
	my $committer = session('off');
	my ($pid) = map { $_->[0] } $committer->rows('SELECT pg_backend_pid()');

	$holder->rows('SELECT pg_advisory_lock(20250527)');
	$committer->rows($point eq 'SyncRep' ? 'SET synchronous_commit = on' : "SET dsql_emu.debug_pause_point = '$point'",
		'SET dsql_emu.mode = enforce', 'BEGIN', @changes);
	$committer->post(Wire::Query('COMMIT'));
	$holder->poll("SELECT wait_event IN ('advisory', 'SyncRep') FROM pg_stat_activity WHERE pid = $pid");
	return ($holder, $committer, $pid);
}

# Whether it is as if the transaction had, or had not, been
sub check_recovered
{
	my ($committed, $name) = @_;
	my $wire = session('off');

	is(all_rows($wire), $committed ? $after : $before,
		"$name: " . ($committed ? 'all of it is there' : 'nothing of it is there'));
	is_deeply([ Agreement::complaints($wire) ], [], "$name: indexes and tables agree");
	is_deeply([ $wire->rows(map { "SELECT id FROM $_ WHERE p IS NOT NULL AND p NOT IN (SELECT id FROM p)" } qw(c n)) ],
		[], "$name: no orphans");

	my $writer = session('enforce');
	$writer->rows('BEGIN', (map { "SELECT FROM $_ FOR UPDATE" } qw(r p c n)));
	$writer->rows('UPDATE r SET v = v + 1, i = i + 1', 'UPDATE p SET v = v + 1',
		'UPDATE l SET v = v + 1', 'DELETE FROM p', 'DELETE FROM r WHERE id < 9');
	is($writer->outcome('COMMIT'), 'COMMIT', "$name: others can change its rows");
	is($writer->outcome($changes[5] =~ s/108, 8/8, 108/r), 'INSERT 0 2', "$name: and insert its keys");
	return;
}

foreach (@points)
{
	my ($point, $committed) = @$_;

	# One backend
	fill();
	$other->rows('BEGIN', 'UPDATE r SET v = 2', 'INSERT INTO r VALUES (1000, 1000, 2, 2)');
	my ($holder, $committer, $pid) = commit_and_hold($point);
	kill 'KILL', $pid;

	# The server ends all sessions, and then takes new ones.
	eval { $holder->receive };
	$node->poll_query_until('postgres', 'SELECT true');
	check_recovered($committed, "$point, backend killed");

	# The whole server, all processes at once
	fill();
	$other->rows('BEGIN', 'UPDATE r SET v = 2', 'INSERT INTO r VALUES (1000, 1000, 2, 2)');
	($holder, $committer, $pid) = commit_and_hold($point);
	my @pids = map { $_->[0] } $holder->rows('SELECT pid FROM pg_stat_activity');
	DsqlEmu::kill_and_start($node, @pids);
	check_recovered($committed, "$point, server killed");
}

# An immediate shutdown is told to all.
fill();
my @held = commit_and_hold('commit-decided');
$node->stop('immediate');
$node->start;
check_recovered(0, 'immediate shutdown');

# 4
foreach (@points)
{
	my ($point, $committed) = @$_;
	my $begun = $point eq 'commit-begun';
	my $decided = $point =~ /decided|SyncRep|recorded/;

	# Rivals that take their snapshots before
	fill();
	my @rivals = map { session('enforce') } 1 .. 5;
	$_->rows('BEGIN', 'SELECT FROM r') foreach @rivals;
	my ($holder, $committer, $pid) = commit_and_hold($point);
	my @statements = (
		'UPDATE r SET v = 2 WHERE id = 2',
		'DELETE FROM c WHERE id = 1',
		'SELECT FROM r WHERE id = 10 FOR KEY SHARE',
		'INSERT INTO r VALUES (11111, 107, 2, 2)',
		'UPDATE r SET v = 2 WHERE id = 12');
	foreach my $i (0 .. $#rivals)
	{
		$rivals[$i]->rows($statements[$i]);
		$rivals[$i]->post(Wire::Query('COMMIT'));
	}

	# Those of which it is not clear yet whether they lose, wait for that.  A key
	# of a transaction that can be seen is lost at once.
	my @waiting = $begun ? () : $point =~ /decided|SyncRep/ ? (0 .. 3) : (0 .. 2);
	my %waits = map { $_ => 1 } @waiting;
	my @answers;
	$answers[$_] = Wire::outcome_of($rivals[$_]->receive) foreach grep { !$waits{$_} } 0 .. $#rivals;
	$holder->poll("SELECT count(*) = @{[ scalar @waiting ]} FROM pg_stat_activity WHERE wait_event_type = 'Extension' AND query = 'COMMIT'");
	if ($point eq 'SyncRep')
	{
		$holder->rows("SELECT pg_cancel_backend($pid)");
	}
	else
	{
		$holder->rows('SELECT pg_advisory_unlock_all()');
	}
	is(Wire::outcome_of($committer->receive), $decided ? 'COMMIT' : $conflict, "$point: whether it commits");
	$answers[$_] = Wire::outcome_of($rivals[$_]->receive) foreach @waiting;
	is_deeply(\@answers, [ ($decided ? $conflict : 'COMMIT') x 4, 'COMMIT' ], "$point: and which of the others do");
	is($rivals[4]->outcome('SELECT FROM r WHERE id = 12'), 'SELECT 1', "$point: others go on");
}

$node->stop;
done_testing();
