# The memory for marks of rows is full.  Whoever cannot know any more whether
# there was a conflict fails with OC000, and nobody else:
#
#  1. marks that were kept have given way: the older transaction fails, whether
#     it would have met one of them or not; a newer one commits
#  2. a transaction needs more than there is: it commits alone, and others wait
#  3. one that is alone always succeeds
#  4. afterwards each row can be locked and changed again
#  5. random transactions go as if one after the other (see RandomRun.pm)
#  6. with more room: many commits at the same moment lose none of it
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../perl";
use Agreement;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RandomRun;
use Test::More;
use Wire;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf(
	'postgresql.conf', q{
shared_preload_libraries = 'dsql_emu'
dsql_emu.max_row_marks = 64
dsql_emu.max_connection_lifetime = 0
dsql_emu.auto_analyze = off
log_statement = none
log_lock_waits = on
deadlock_timeout = 10ms
wal_keep_size = '50GB'
});
$node->start;
RandomRun::prepare($node);
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
my ($holder, $committer, $other, $apart) = map { session() } 1 .. 4;
$holder->rows('SET dsql_emu.mode = off', 'SELECT pg_advisory_lock(20250527)');
$committer->rows("SET dsql_emu.debug_pause_point = 'commit-published'",
	'BEGIN', 'UPDATE r SET v = v + 1');
$committer->post(Wire::Query('COMMIT'));
$holder->poll("SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'advisory' AND query = 'COMMIT'");
$other->post(Wire::Query('UPDATE r SET v = -1 WHERE id = 1'));
$apart->post(Wire::Query('SELECT FROM p WHERE id = 1 FOR UPDATE'));
$holder->poll("SELECT count(*) = 2 FROM pg_stat_activity WHERE wait_event_type = 'Extension' AND state = 'active' AND query ~ 'id = 1'");
$holder->rows('SELECT pg_advisory_unlock_all()');
is((map { $_->{tag} // () } $committer->receive)[0], 'COMMIT', 'a transaction with more rows than there is room for commits');
is(Wire::outcome_of($other->receive), $conflict, 'who changed one of them, loses');
is(Wire::outcome_of($apart->receive), 'SELECT 1', 'who locked another row, has waited');
is(scalar $other->rows('SELECT id FROM r WHERE v = -1'), 0, 'who loses, has changed nothing');
is($other->outcome('UPDATE r SET v = -1 WHERE id = 1'), 'UPDATE 1', 'and its retry does');

# 3
is($other->outcome('UPDATE r SET v = 1'), "UPDATE $rows", 'alone, all rows can be changed at once');
is($other->outcome('SELECT FROM r FOR UPDATE'), "SELECT $rows", 'and locked');
{
	my $older = session();
	$older->rows('BEGIN', 'UPDATE r SET v = 5 WHERE id = 7');
	is($other->outcome('SELECT FROM r FOR UPDATE'), "SELECT $rows", 'beside an older transaction');
	is($older->outcome('COMMIT'), $conflict, 'which fails');
}
is($other->outcome('INSERT INTO r SELECT i, 0 FROM generate_series(1001, 1500) i'),
	'INSERT 0 500', 'new rows take no room');

# 4
is(lock_all($setup, $_), 0, "each row can be locked again, FOR $_") foreach 'UPDATE', 'KEY SHARE';
$_ = undef foreach $holder, $committer, $other, $apart, $reader;

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

sub room
{
	my ($low, $high) = (0, 16001);
	while ($high - $low > 1)
	{
		my $middle = int(($low + $high) / 2);
		my $answer = $setup->outcome("SELECT FROM wide WHERE id <= $middle FOR UPDATE");
		($low, $high) = $answer =~ /^SELECT/ ? ($middle, $high) : ($low, $middle);
	}
	return $low;
}
my $room = room();
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
is(room(), $room, 'and as many fit as before');
alarm 0;

$node->stop;
done_testing();
