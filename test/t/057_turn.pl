# Sessions that have lost take turns, with a snapshot from then:
#
#  1. what commits before a statement's turn, the statement sees, with all that
#     it calls, and does not lose to
#  2. a statement that is no transaction by itself has its snapshot from before,
#     and so has one of a session that has not lost
#  3. who waits in vain goes on
#  4. a turn is free again, however it ends
#  5. of a row that many change by statements of their own, no change is lost;
#     $TURN_SECONDS is for how long they do
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../perl";
use Agreement;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Wire;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf(
	'postgresql.conf', q{
shared_preload_libraries = 'dsql_emu'
dsql_emu.auto_analyze = off
});
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION dsql_emu');
foreach my $statement (
	'SET dsql_emu.mode = off; CREATE EXTENSION amcheck',
	'CREATE TABLE r (id int PRIMARY KEY, n int)',
	'CREATE TABLE done (n int PRIMARY KEY)',
	q{CREATE FUNCTION second() RETURNS int VOLATILE LANGUAGE sql AS 'SELECT n FROM r WHERE id = 2'})
{
	$node->safe_psql('postgres', $statement);
}

my $conflict = '40001 change conflicts with another transaction (OC000)';
my $observer = session('off');
my $other = session('enforce');
$observer->rows('INSERT INTO r VALUES (1, 0), (2, 0)');

sub session { return Wire->in_mode($node, @_); }

# One that lost at row 1, and stops where it has its turn.
sub loser
{
	my $wire = session('enforce');
	$wire->rows('BEGIN', 'UPDATE r SET n = n + 100 WHERE id = 1');
	$other->rows('UPDATE r SET n = n + 1 WHERE id = 1');
	is($wire->outcome('COMMIT'), $conflict, 'a session loses');
	$wire->rows("SET dsql_emu.debug_pause_point = 'turn-taken'");
	return $wire;
}

my $holder = session('off');
sub hold { $holder->rows('SELECT pg_advisory_lock(20250527)'); return; }
sub let_go { $holder->rows('SELECT pg_advisory_unlock_all()'); return; }

sub is_held
{
	my ($wire) = @_;
	$observer->poll("SELECT wait_event = 'advisory' FROM pg_stat_activity WHERE pid = $wire->{pid}");
	return;
}

# Send the messages, update both rows when it is their turn, and let them go on.
sub update_before
{
	my ($wire, @messages) = @_;
	hold();
	$wire->post(@messages);
	is_held($wire);
	$other->rows('UPDATE r SET n = n + 1');
	let_go();
	return $wire->receive;
}

sub text_of
{
	return join ' ', map {
		$_->{row} ? '(' . join(',', map { $_ // '' } @{ $_->{row} }) . ')'
		  : $_->{error} ? "$_->{error}{C} $_->{error}{M}" : $_->{tag} // ()
	} @_;
}

sub reset_rows { $observer->rows('UPDATE r SET n = 0'); return; }

# 1
my $update = 'UPDATE r SET n = n + 10 WHERE id = 1 RETURNING n, second(), (SELECT n FROM r WHERE id = 2)';
my $session = loser();
reset_rows();
is(text_of(update_before($session, Wire::Query($update))), '(11,1,1) UPDATE 1', 'the change before its turn is seen');
is(text_of(update_before($session, Wire::Parse('', $update), Wire::Bind('', ''), Wire::Execute(''), Wire::Sync())),
	'(22,2,2) UPDATE 1', 'the same with the extended protocol');
$session->send(Wire::Parse('p', $update), Wire::Sync());
is(text_of(update_before($session, Wire::Bind('', 'p'), Wire::Execute(''), Wire::Sync())),
	'(33,3,3) UPDATE 1', 'the same of a prepared statement');
is(text_of(update_before($session, Wire::Query('SELECT n FROM r WHERE id = 1 FOR UPDATE'))),
	'(34) SELECT 1', 'the same of a row that is locked');
is(text_of(update_before($session, Wire::Query('WITH u AS (UPDATE r SET n = n + 10 WHERE id = 1 RETURNING n) SELECT n, second() FROM u'))),
	'(45,5) SELECT 1', 'the same of a change in a query');
is(text_of(update_before($session, Wire::Query('DELETE FROM r WHERE id = 1 RETURNING n'))),
	'(46) DELETE 1', 'the same of a deletion');
$observer->rows('INSERT INTO r VALUES (1, 0)');

# What is in progress then, and commits before it is read: a subtransaction, and
# more of them than a snapshot has room for.
foreach my $count (1, 100)
{
	my $writer = session('off');
	$writer->rows('BEGIN', map { ("SAVEPOINT s$_", "INSERT INTO done VALUES ($_)") } 1 .. $count);
	hold();
	$session->post(Wire::Query("$update, CASE WHEN pg_sleep(0.5) IS NOT NULL THEN (SELECT count(*) FROM done) END"));
	is_held($session);
	reset_rows();
	let_go();
	$observer->poll("SELECT wait_event = 'PgSleep' FROM pg_stat_activity WHERE pid = $session->{pid}");
	$writer->rows('COMMIT');
	is(text_of($session->receive), '(10,0,0,0) UPDATE 1', "what $count subtransactions in progress do is not seen");
	$writer->rows('DELETE FROM done');
}

# 2
$session->rows('BEGIN', 'SELECT FROM r', 'UPDATE r SET n = n + 10 WHERE id = 1');
$other->rows('UPDATE r SET n = n + 1 WHERE id = 1');
is($session->outcome('COMMIT'), $conflict, 'in a block, it loses to what its snapshot does not see');
reset_rows();
hold();
is($session->outcome('SELECT second()'), 'SELECT 1', 'who reads has no turn to wait for');
is($session->outcome('BEGIN'), 'BEGIN', 'nor has a block');
is($session->outcome('UPDATE r SET n = n + 10 WHERE id = 1'), 'UPDATE 1', 'nor a statement in it');
is($session->outcome('COMMIT'), 'COMMIT', 'nor its end');
is($session->outcome("UPDATE r SET n = n + 10 WHERE id = 1; UPDATE r SET n = n + 10 WHERE id = 1"),
	'UPDATE 1', 'nor one of several in a message');
is(text_of($session->send((map { (Wire::Parse('', $_), Wire::Bind('', ''), Wire::Execute('')) }
		'SELECT second()', 'UPDATE r SET n = n + 10 WHERE id = 1'), Wire::Sync())),
	'(0) SELECT 1 UPDATE 1', 'nor one that is not the first in a pipeline');
is(text_of($session->send(Wire::Parse('', 'SELECT n FROM r'), Wire::Bind('open', ''),
		Wire::Parse('', $update), Wire::Bind('', ''), Wire::Execute(''), Wire::Sync())) =~ s/.* //r,
	'1', 'nor one beside a portal that has its snapshot');
my $fresh = session('enforce');
$fresh->rows("SET dsql_emu.debug_pause_point = 'turn-taken'");
is($fresh->outcome('UPDATE r SET n = n + 10 WHERE id = 1'), 'UPDATE 1', 'nor has who has not lost');
let_go();

# 3
$session = loser();
my $second = loser();
$second->rows("SET dsql_emu.debug_pause_point = ''");
reset_rows();
hold();
$session->post(Wire::Query($update));
is_held($session);
is(text_of($second->query($update)), '(10,0,0) UPDATE 1', 'who waits in vain goes on');
let_go();
is(text_of($session->receive), '(20,0,0) UPDATE 1', 'and who was waited for sees its change');

# 4
foreach my $end ('statement fails', 'is cancelled', 'is terminated')
{
	my $wire = loser();
	reset_rows();
	hold();
	$wire->post(Wire::Query($end =~ /fails/ ? 'UPDATE r SET n = 1 / (id - 1) WHERE id = 1' : $update));
	is_held($wire);
	$observer->rows("SELECT pg_cancel_backend($wire->{pid})") if $end =~ /cancelled/;
	$observer->rows("SELECT pg_terminate_backend($wire->{pid})") if $end =~ /terminated/;
	let_go() if $end =~ /fails/;
	like(eval { text_of($wire->receive) } // $@, qr/^22012 |^57014 |^57P01 /, "the one whose turn it is $end");
	let_go();
	$observer->poll("SELECT count(*) = 0 FROM pg_stat_activity WHERE pid = $wire->{pid}") if $end =~ /terminated/;
	is(text_of(update_before(loser(), Wire::Query($update))) =~ s/^\((\d+),.*/$1/sr, 12, 'the turn is free');
}

# 5: each change notes what it has found, so that none is repeated or left out.
$observer->rows('UPDATE r SET n = 0');
my $script = PostgreSQL::Test::Utils::tempdir() . '/count.sql';
append_to_file($script, 'WITH u AS (UPDATE r SET n = n + 1 WHERE id = 1 RETURNING n) INSERT INTO done SELECT n FROM u;');
my $seconds = $ENV{TURN_SECONDS} // 2;
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
