# What does not run to its end leaves nothing behind, neither in tables nor for
# others to conflict with, and the rest counts:
#
#  1. an error in the middle of a statement of many rows
#  2. cancellation and statement_timeout there
#  3. the same in a function that goes on: only its subtransaction is undone
#  4. cancellation and termination at each step of a commit, up to its record
#  5. a loser, which met the keys of several others, ends none of them
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
autovacuum = off
});
foreach my $statement (
	'SET dsql_emu.mode = off; CREATE EXTENSION amcheck',
	'CREATE TABLE r (id int PRIMARY KEY, k int UNIQUE, v int, i int)',
	'CREATE INDEX ASYNC ON r (i)',
	'CREATE TABLE p (id int PRIMARY KEY)',
	'CREATE TABLE c (id int PRIMARY KEY, p int REFERENCES p ON DELETE CASCADE)')
{
	$node->safe_psql('postgres', $statement);
}

DsqlEmu::create_try($node);

my $conflict = '40001 change conflicts with another transaction (OC000)';
my $canceled = '57014 canceling statement due to user request';
my $observer = session('off');

sub session { return Wire->in_mode($node, @_); }

sub all_rows
{
	my ($wire) = @_;
	return join ' ', map { $_->[0] // '' } $wire->rows(map { "SELECT string_agg($_\::text, ' ' ORDER BY $_) FROM $_" } qw(r p c));
}

sub fill
{
	$observer->rows((map { "DELETE FROM $_" } qw(c p r)),
		'INSERT INTO r SELECT i, i, 0, 0 FROM generate_series(1, 9) i',
		'INSERT INTO p SELECT i FROM generate_series(1, 9) i',
		'INSERT INTO c SELECT i, i FROM generate_series(1, 9) i');
	return all_rows($observer);
}

# A session with an older snapshot changes and locks everything, and commits.
sub everything_free
{
	my ($other, $name) = @_;
	$other->rows('UPDATE r SET v = v + 1, i = i + 1, k = k + 100', 'SELECT FROM p FOR UPDATE',
		'DELETE FROM c', 'INSERT INTO r VALUES (11, 11, 0, 0), (1011, 1011, 0, 0)');
	is($other->outcome('COMMIT'), 'COMMIT', "$name: others can change all of it");
	is_deeply([ Agreement::complaints($observer) ], [], "$name: indexes and tables agree");
	return;
}

# Statements that change several rows before something happens at the last one,
# which %s is the place of: it is evaluated for each row, after the others.
my @statements = (
	[ 'UPDATE', 'UPDATE r SET v = CASE WHEN id = 9 THEN %s ELSE 1 END' ],
	[ 'UPDATE of an index', 'UPDATE r SET i = CASE WHEN id = 9 THEN %s ELSE 1 END' ],
	[ 'UPDATE of a key', 'UPDATE r SET k = k + CASE WHEN id = 9 THEN %s ELSE 100 END' ],
	[ 'DELETE', 'DELETE FROM r WHERE CASE WHEN id = 9 THEN %s = 1 ELSE true END' ],
	[ 'cascade', 'DELETE FROM p WHERE CASE WHEN id = 9 THEN %s = 1 ELSE true END' ],
	[ 'INSERT', 'INSERT INTO r SELECT i, i, CASE WHEN i = 12 THEN %s ELSE 0 END FROM generate_series(10, 12) i' ],
	[ 'upsert', 'INSERT INTO r SELECT i, i + 1000, CASE WHEN i = 12 THEN %s ELSE 0 END, 0 FROM generate_series(8, 12) i ON CONFLICT (id) DO UPDATE SET v = 2' ],
	[ 'FOR UPDATE', 'SELECT CASE WHEN id = 9 THEN %s END FROM (SELECT id FROM r ORDER BY id FOR UPDATE) r' ]);
my $error = '1 / (id - id)';
my $sleep = "length(pg_sleep(1000)::text)";

sub statement
{
	my ($statement, $what) = @_;
	$what =~ s/\bid\b/i/g if $statement =~ /^INSERT/;
	return sprintf $statement->[1], $what;
}

foreach my $statement (@statements)
{
	my ($name) = @$statement;
	my $before = fill();
	my $failing = statement($statement, $statement->[1] =~ /^INSERT/ ? '1 / (i - i)' : $error);
	my $sleeping = statement($statement, $sleep);
	my ($other, $third, $fourth, $fifth) = map { session('enforce') } 1 .. 4;
	$_->rows('BEGIN', 'SELECT FROM r') foreach $other, $third, $fourth, $fifth;

	# 1
	my $session = session('enforce');
	is($session->outcome($failing), '22012 division by zero', "$name: an error");
	is(all_rows($observer), $before, "$name: nothing of it is there");
	$session->rows('BEGIN', 'UPDATE r SET v = 5 WHERE id = 5');
	is($session->outcome($failing), '22012 division by zero', "$name: an error in a transaction");
	is($session->outcome('COMMIT'), 'ROLLBACK', "$name: which has failed");
	is(all_rows($observer), $before, "$name: nothing of that is there");

	# 2
	$session->post(Wire::Query($sleeping));
	$observer->poll("SELECT wait_event = 'PgSleep' FROM pg_stat_activity WHERE pid = $session->{pid}");
	$observer->rows("SELECT pg_cancel_backend($session->{pid})");
	is(Wire::outcome_of($session->receive), $canceled, "$name: cancelled in the middle");
	is(all_rows($observer), $before, "$name: nothing of it is there");
	$session->rows('SET dsql_emu.mode = off', 'SET statement_timeout = 50', 'SET dsql_emu.mode = enforce', 'BEGIN');
	is($session->outcome($sleeping), '57014 canceling statement due to statement timeout', "$name: out of time");
	is($session->outcome('COMMIT'), 'ROLLBACK', "$name: the transaction has failed");
	is(all_rows($observer), $before, "$name: nothing of it is there");
	$session->rows('SET dsql_emu.mode = off', 'SET statement_timeout = 0', 'SET dsql_emu.mode = enforce');
	everything_free($other, $name);

	# 3
	fill();
	my $expected = all_rows($observer) =~ s/\(5,5,0,0\)/(5,5,5,0)/r;
	$_->rows('COMMIT', 'BEGIN', 'SELECT FROM r') foreach $third, $fourth;
	$session->rows('BEGIN', 'UPDATE r SET v = 5 WHERE id = 5');
	is_deeply([ $session->rows("SELECT try(\$\$$failing\$\$)") ], [ ['22012 division by zero'] ], "$name: an error that is caught");
	$session->post(Wire::Query("SELECT try(\$\$$sleeping\$\$)"));
	$observer->poll("SELECT wait_event = 'PgSleep' FROM pg_stat_activity WHERE pid = $session->{pid}");
	$observer->rows("SELECT pg_cancel_backend($session->{pid})");
	is(join(' ', map { $_->{row} ? @{ $_->{row} } : () } $session->receive), $canceled, "$name: a cancellation that is caught");
	is(all_rows($session), $expected, "$name: the rest is there");
	is($session->outcome('COMMIT'), 'COMMIT', "$name: and commits");
	is(all_rows($observer), $expected, "$name: as it was");
	$third->rows('UPDATE r SET v = 3 WHERE id IN (1, 5)');
	is($third->outcome('COMMIT'), $conflict, "$name: what was done conflicts");
	$fourth->rows('DELETE FROM r WHERE id <> 5', 'DELETE FROM p', 'INSERT INTO r VALUES (11, 11, 0, 0), (1011, 1011, 0, 0)');
	is($fourth->outcome('COMMIT'), 'COMMIT', "$name: what was undone does not");
}

# 4
my @changes = (
	'UPDATE r SET v = 1 WHERE id < 4', 'UPDATE r SET i = 1 WHERE id = 4',
	'UPDATE r SET k = 105 WHERE id = 5', 'DELETE FROM r WHERE id = 6',
	'INSERT INTO r VALUES (11, 11, 0, 0)', 'SELECT FROM r WHERE id = 7 FOR UPDATE',
	'DELETE FROM p WHERE id < 4', 'INSERT INTO c VALUES (100, 5)');
foreach my $point (qw(begun published applying applied decided recorded))
{
	foreach my $signal (qw(cancel terminate))
	{
		my $name = "$signal at commit-$point";
		my $before = fill();
		my ($committer, $other, $holder) = (session('enforce'), session('enforce'), session('off'));
		$other->rows('BEGIN', 'SELECT FROM r');
		$holder->rows('SELECT pg_advisory_lock(20250527)');
		$committer->rows("SET dsql_emu.debug_pause_point = 'commit-$point'", 'BEGIN', @changes);
		my $after = all_rows($committer);
		$committer->post(Wire::Query('COMMIT'));
		$observer->poll("SELECT wait_event = 'advisory' FROM pg_stat_activity WHERE pid = $committer->{pid}");
		$holder->rows("SELECT pg_${signal}_backend($committer->{pid})");

		# Once the record is written, it commits all the same.
		$holder->rows('SELECT pg_advisory_unlock_all()') if $point eq 'recorded';
		my $answer = eval { Wire::outcome_of($committer->receive) } // $@;
		if ($point eq 'recorded')
		{
			like($answer, $signal eq 'cancel' ? qr/^COMMIT$/ : qr/^COMMIT$|^57P01 /, "$name comes too late");
			$observer->poll("SELECT count(*) = 0 FROM pg_stat_activity WHERE wait_event = 'advisory'");
			is(all_rows($observer), $after, "$name: all is there");
			next;
		}
		like($answer, $signal eq 'cancel' ? qr/^\Q$canceled\E$/ : qr/^57P01 /, $name);
		is(all_rows($observer), $before, "$name: nothing is there");
		everything_free($other, $name);
	}
}

# 5
{
	fill();
	my ($committing, $loser, $third, $holder) = ((map { session('enforce') } 1 .. 3), session('off'));
	$holder->rows('SELECT pg_advisory_lock(20250527)');
	$committing->rows("SET dsql_emu.debug_pause_point = 'commit-decided'", 'BEGIN', 'INSERT INTO r VALUES (21, 21, 0, 0)');
	$third->rows('BEGIN', 'INSERT INTO r VALUES (20, 20, 0, 0)');
	$loser->rows('BEGIN', 'INSERT INTO r VALUES (20, 120, 1, 0), (21, 121, 1, 0)');
	$committing->post(Wire::Query('COMMIT'));
	$observer->poll("SELECT wait_event = 'advisory' FROM pg_stat_activity WHERE pid = $committing->{pid}");
	$loser->post(Wire::Query('COMMIT'));
	$observer->poll("SELECT wait_event_type = 'Extension' FROM pg_stat_activity WHERE pid = $loser->{pid}");
	is($third->outcome('COMMIT'), 'COMMIT', 'one that meets the keys of two, one of which is committing: the other has not lost');
	$holder->rows('SELECT pg_advisory_unlock_all()');
	is(Wire::outcome_of($loser->receive), $conflict, 'it loses itself');
	is(Wire::outcome_of($committing->receive), 'COMMIT', 'nor the one that was committing');
	is_deeply([ $observer->rows('SELECT id FROM r WHERE id > 9 ORDER BY id') ], [ [20], [21] ], 'both rows are there');
	is_deeply([ Agreement::complaints($observer) ], [], 'indexes and tables agree');
}

$node->stop;
done_testing();
