# The memory for marks of rows is full.  Whoever cannot know any more whether
# there was a conflict fails with OC000, and nobody else:
#
#  1. marks that were kept have given way: the older transaction fails, whether
#     it would have met one of them or not; a newer one commits
#  2. all the room is taken by transactions that commit at this moment: nobody
#     fails for that
#  3. a transaction needs more than there is: others wait for the end of its
#     commit.  Only in the middle of a transaction, that is an error of ours.
#  4. afterwards each row can be locked and changed again
#  5. random transactions go as if one after the other (see RandomRun.pm)
#  6. with more room: many commits at the same moment lose none of it
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../perl";
use Agreement;
use PostgreSQL::Test::Utils;
use RandomRun;
use Test::More;
use Wire;

my $node = RandomRun::start(q{
dsql_emu.max_row_marks = 64
});
my $conflict = '40001 change conflicts with another transaction (OC000)';
my $rows = 500;

sub session { return Wire->to_node($node); }

my $setup = session();
$setup->rows('CREATE TABLE r (id int PRIMARY KEY, v int)',
	'CREATE TABLE p (id int PRIMARY KEY)',
	'CREATE TABLE c (id int PRIMARY KEY, p int REFERENCES p)',
	"INSERT INTO r SELECT i, 0 FROM generate_series(1, $rows) i",
	'INSERT INTO p SELECT i FROM generate_series(1, 10) i');

# Lock each row in a transaction of its own: their marks have to be kept as
# long as anybody has an older snapshot.
sub lock_all
{
	my ($wire, $what) = @_;
	my @answers = map { $wire->outcome("SELECT FROM r WHERE id = $_ FOR $what") } 1 .. $rows;
	return scalar grep { $_ ne 'SELECT 1' } @answers;
}

# 1
foreach my $case (
	[ 'SELECT FROM r WHERE id = 7 FOR UPDATE', 'SELECT FROM r WHERE id = 7 FOR UPDATE' ],
	[ 'SELECT FROM r WHERE id = 7 FOR UPDATE', 'UPDATE r SET v = v + 1 WHERE id = 7' ],
	[ 'SELECT FROM p WHERE id = 7 FOR KEY SHARE', 'DELETE FROM p WHERE id = 7' ],
	[ 'INSERT INTO c VALUES (1, 7)', 'DELETE FROM p WHERE id = 7' ],
	[ 'SELECT FROM r WHERE id = 8 FOR UPDATE', 'UPDATE r SET v = v + 1 WHERE id = 7' ])
{
	my ($first, $second) = @$case;
	my ($older, $newer, $others) = map { session() } 1 .. 3;
	$older->rows('BEGIN', $second);
	$newer->rows($first);
	is(lock_all($others, 'UPDATE'), 0, "$first, and so many that its mark gives way");
	$newer->rows('BEGIN', 'SELECT FROM r WHERE id = 9 FOR UPDATE', 'UPDATE r SET v = v + 1 WHERE id = 10');
	is($newer->outcome('COMMIT'), 'COMMIT', 'a newer transaction commits');
	is($older->outcome('COMMIT'), $conflict, "$second, which is older, fails");
	is($older->outcome($second =~ s/DELETE FROM p WHERE id = 7/DELETE FROM p WHERE id = 6/r) =~ /^\d/ ? 1 : 0,
		0, 'the retry does not');
	$setup->rows('INSERT INTO p VALUES (6) ON CONFLICT DO NOTHING', 'DELETE FROM c');
}
is(scalar $setup->rows('SELECT id FROM p WHERE id = 7'), 1, 'no parent was deleted');

# A row that all lock takes no more room than others; some of those that the older
# transactions change are in the same part of the memory.
{
	my ($older, $others) = (session(), session());
	my @failed;
	foreach my $id (101 .. 200)
	{
		$older->rows('BEGIN', "UPDATE r SET v = v + 1 WHERE id = $id");
		$others->rows('SELECT FROM r WHERE id = 8 FOR UPDATE') foreach 1 .. 9;
		push @failed, $id if $older->outcome('COMMIT') ne 'COMMIT';
	}
	is("@failed", '', 'many lock one row: no mark gives way');
	$older->rows('BEGIN', 'DELETE FROM p WHERE id = 4');
	$others->rows("INSERT INTO c VALUES (100$_, 4)") foreach 1 .. 3;
	is($older->outcome('COMMIT'), $conflict, 'and the newest of its marks counts');
}

# A reader does not care.
my $reader = session();
$reader->rows('BEGIN', 'SELECT FROM r');
is(lock_all($setup, 'UPDATE'), 0, 'marks give way');
$reader->rows('SELECT FROM r');
is($reader->outcome('COMMIT'), 'COMMIT', 'an older reader commits');

# 2
my ($holder, $other, $third) = map { session() } 1 .. 3;
my $committer = Wire->in_mode($node, 'enforce');
my $no_room = '53200 out of shared memory for row marks';
$holder->rows('SET dsql_emu.mode = off', 'CREATE TABLE emptied (a int)');

# Whether so many rows have room at once: what comes before a definition is made
# known in the middle of the transaction.
sub has_room
{
	my ($table, $count) = @_;
	$holder->rows('BEGIN', "SELECT FROM $table WHERE id <= $count FOR UPDATE");
	my $answer = $holder->outcome('TRUNCATE emptied');
	$holder->rows('ROLLBACK');
	die "$answer\n" if $answer !~ /^TRUNCATE TABLE$|^\Q$no_room\E$/;
	return $answer eq 'TRUNCATE TABLE';
}

sub room
{
	my ($table, $high) = @_;
	my $low = 0;
	while ($high - $low > 1)
	{
		my $middle = int(($low + $high) / 2);
		($low, $high) = has_room($table, $middle) ? ($middle, $high) : ($low, $middle);
	}
	return $low;
}
my $fit = room('r', 65);
cmp_ok($fit, '>=', 4, "$fit rows fit at once");

# Holds a commit when its marks are known.
sub commit_and_hold
{
	my ($change) = @_;
	$holder->rows('SELECT pg_advisory_lock(20250527)');
	$committer->rows("SET dsql_emu.debug_pause_point = 'commit-published'", 'BEGIN', $change);
	$committer->post(Wire::Query('COMMIT'));
	$holder->poll("SELECT wait_event = 'advisory' FROM pg_stat_activity WHERE pid = $committer->{pid}");
	return;
}

sub let_go
{
	$holder->poll("SELECT count(*) = $_[0] FROM pg_stat_activity WHERE wait_event = 'Extension' AND query LIKE 'UPDATE%'");
	$holder->rows('SELECT pg_advisory_unlock_all()');
	is(Wire::outcome_of($committer->receive), 'COMMIT', 'who was held commits');
	return;
}

commit_and_hold("UPDATE r SET v = v + 1 WHERE id <= $fit");
is_deeply([ grep { $_ ne 'UPDATE 1' } map { $other->outcome("UPDATE r SET v = -1 WHERE id = $_") } $fit + 1 .. $rows ],
	[], 'others commit beside it, room or not');
$other->post(Wire::Query('UPDATE r SET v = -1 WHERE id = 1'));
let_go(1);
is(Wire::outcome_of($other->receive), $conflict, 'who changes one of its rows does not');

# 3
commit_and_hold('UPDATE r SET v = v + 1 WHERE id <= 400');
$other->post(Wire::Query('UPDATE r SET v = -2 WHERE id = 450'));
$third->post(Wire::Query('UPDATE r SET v = -2 WHERE id = 350'));
let_go(2);
is(Wire::outcome_of($other->receive), 'UPDATE 1', 'beside one that has no room, others wait');
is(Wire::outcome_of($third->receive), $conflict, 'and lose where it was there first');
is_deeply([ map { $_->[0] } $other->rows('SELECT id FROM r WHERE v = -2') ], [450], 'so one row has their change');

is($other->outcome('UPDATE r SET v = 0'), "UPDATE $rows", 'more rows than there is room for');
is($other->outcome('SELECT FROM r FOR UPDATE'), "SELECT $rows", 'and to lock them');
$other->rows('BEGIN', 'UPDATE r SET v = 1');
is($other->outcome('COMMIT'), 'COMMIT', 'in a transaction');
is(scalar $other->rows('SELECT id FROM r WHERE v = 1'), $rows, 'all of it is there');
is($other->outcome('INSERT INTO r SELECT i, 0 FROM generate_series(1001, 1500) i'),
	'INSERT 0 500', 'new rows take no room');
foreach my $case (
	[ 'UPDATE r SET v = 2', 'UPDATE r SET v = 3 WHERE id = 8', $conflict ],
	[ 'UPDATE r SET v = 2', 'DELETE FROM p WHERE id = 5', 'COMMIT' ],
	[ 'SELECT FROM r FOR UPDATE', 'UPDATE r SET v = 3 WHERE id = 8', $conflict ],
	[ 'DELETE FROM r', 'UPDATE r SET v = 3 WHERE id = 8', $conflict ])
{
	my ($big, $small, $outcome) = @$case;
	my $before = [ $other->rows('SELECT * FROM r ORDER BY id') ];
	$third->rows('BEGIN', $small);
	like($other->outcome($big), qr/^(UPDATE|SELECT|DELETE) 1000$/, $big);
	is($third->outcome('COMMIT'), $outcome, "$small, from before");
	$other->rows('INSERT INTO p VALUES (5) ON CONFLICT DO NOTHING');

	# The other way round
	$other->rows('INSERT INTO r SELECT i, 0 FROM generate_series(1, 500) i',
		'INSERT INTO r SELECT i, 0 FROM generate_series(1001, 1500) i') if $big =~ /DELETE/;
	$other->rows('BEGIN', $big);
	$third->rows($small);
	is($other->outcome('COMMIT'), $outcome, "$big, which is older");
	$other->rows('INSERT INTO p VALUES (5) ON CONFLICT DO NOTHING');
}

$holder->rows('BEGIN', 'UPDATE r SET v = 4');
my ($error) = map { $_->{error} // () } $holder->query('TRUNCATE emptied');
is("$error->{C} $error->{M}", $no_room, 'before a definition there has to be room');
is($error->{H}, 'You might need to increase dsql_emu.max_row_marks.', 'its hint');
$holder->rows('ROLLBACK');

# 4
is(lock_all($setup, $_), 0, "each row can be locked again, FOR $_") foreach 'UPDATE', 'KEY SHARE';
$_ = undef foreach $committer, $other, $third, $reader;
$holder->rows('DROP TABLE emptied');
$holder = undef;

# 5
my %count = RandomRun::run($node, beside => [ RandomRun::holder($node) ]);
ok($count{$_}, "some: $_") foreach 'committed', 'OC000';
RandomRun::check($node);
is(lock_all($setup, 'UPDATE'), 0, 'each row can be locked again');

# 6
$setup = undef;
$node->append_conf('postgresql.conf', 'dsql_emu.max_row_marks = 16000');
$node->restart;
$setup = session();
$setup->rows('SET dsql_emu.mode = off', 'CREATE TABLE wide (id int PRIMARY KEY) USING btree_table',
	'INSERT INTO wide SELECT generate_series(1, 16000)');

$holder = session();
$holder->rows('SET dsql_emu.mode = off', 'CREATE TABLE emptied (a int)');
my $room = room('wide', 16001);
cmp_ok($room, '>', 10000, "$room rows fit at once");
my @wires = map { session() } 1 .. 4;
my $commits = 60;
foreach my $i (0 .. $#wires)
{
	my $first = 1 + 500 * $i;
	my $last = $first + 2499;
	$wires[$i]->post(
		Wire::Parse('', "SELECT count(*) FROM (SELECT FROM wide WHERE id BETWEEN $first AND $last FOR KEY SHARE) s"),
		map { (Wire::Bind('', ''), Wire::Execute(''), Wire::Sync()) } 1 .. $commits);
}
local $SIG{ALRM} = sub { die "hangs\n" };
alarm $PostgreSQL::Test::Utils::timeout_default;
my %counted;
foreach my $wire (@wires)
{
	foreach (1 .. $commits)
	{
		$counted{ $_->{row}[0] }++ foreach grep { $_->{row} } $wire->receive;
	}
}
is_deeply(\%counted, { 2500 => @wires * $commits }, 'many at once commit');
is(room('wide', 16001), $room, 'and as many fit as before');
alarm 0;

$node->stop;
done_testing();
