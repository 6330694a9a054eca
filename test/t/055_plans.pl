# Plans that were made for something else than the transaction that runs them:
#
#  1. prepared statements with generic plans, used before and after the
#     transaction's own changes, and after those of others
#  2. plans with parallel workers, which know nothing of these changes; a table
#     that is made of their rows
#  3. portals that are read a few rows at a time, while the transaction goes on
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
dsql_emu.explain = postgresql
autovacuum = off
});
my $conflict = '40001 change conflicts with another transaction (OC000)';

sub session
{
	my ($mode) = @_;
	my $wire = Wire->to_node($node);
	$wire->rows("SET dsql_emu.mode = $mode");
	return $wire;
}

# What came back: rows as text, then the error, "more" or the tag.
sub text_of
{
	return join ' ', map {
		$_->{row} ? '(' . join(',', map { $_ // '' } @{ $_->{row} }) . ')'
		  : $_->{error} ? "$_->{error}{C} $_->{error}{M}"
		  : $_->{type} eq 's' ? 'more'
		  : $_->{tag} // ()
	} @_;
}

sub answer
{
	my ($wire, $sql) = @_;
	return text_of($wire->query($sql));
}

my $admin = session('off');
$admin->rows('ALTER DATABASE postgres SET plan_cache_mode = force_generic_plan');
my $setup = session('enforce');
$setup->rows('CREATE TABLE r (id int PRIMARY KEY, a int, v int)',
	'CREATE TABLE p (id int PRIMARY KEY)',
	'CREATE TABLE c (id int PRIMARY KEY, p int REFERENCES p ON DELETE CASCADE)');
my ($job) = $setup->rows('CREATE INDEX ASYNC ON r (a) INCLUDE (v)');
$setup->rows("CALL sys.wait_for_job('$job->[0]')");

sub fill
{
	$admin->rows('DELETE FROM r', 'DELETE FROM p',
		'INSERT INTO r SELECT i, i % 10, 0 FROM generate_series(1, 500) i',
		'INSERT INTO p SELECT i FROM generate_series(1, 5) i',
		'INSERT INTO c SELECT i, 1 + i % 5 FROM generate_series(1, 10) i',
		'VACUUM ANALYZE r', 'VACUUM ANALYZE p', 'VACUUM ANALYZE c');
	return;
}

# ------------------------------------------------------------------------
# 1
# ------------------------------------------------------------------------
fill();
my ($one, $two) = (session('enforce'), session('enforce'));
my %prepared = (
	by_key => 'SELECT id, v FROM r WHERE id = $1',
	index_only => 'SELECT id FROM r WHERE id >= $1 AND id <= $1 + 3',
	by_index => 'SELECT count(*), sum(v) FROM r WHERE a = $1',
	locked => 'SELECT id FROM r WHERE id = $1 FOR UPDATE',
	everything => 'SELECT count(*), sum(v) FROM r WHERE id > $1',
	updates => 'UPDATE r SET v = v + 1 WHERE id = $1 RETURNING v',
	moves => 'UPDATE r SET a = a + 1000 WHERE id = $1 RETURNING a',
	deletes => 'DELETE FROM r WHERE id = $1 RETURNING id',
	inserts => 'INSERT INTO r VALUES ($1, 0, 0) ON CONFLICT (id) DO UPDATE SET v = -1 RETURNING v',
	parent => 'DELETE FROM p WHERE id = $1',
	children => 'SELECT count(*) FROM c WHERE p = $1');

foreach my $wire ($one, $two)
{
	$wire->send((map { Wire::Parse($_, $prepared{$_}) } sort keys %prepared), Wire::Sync());
}

sub execute
{
	my ($wire, $name, @values) = @_;
	return text_of($wire->send(Wire::Bind('', $name, @values), Wire::Execute(''), Wire::Sync()));
}

# The plans are there before anything is changed.
is(execute($one, 'by_key', 7), '(7,0) SELECT 1', 'by_key');
is(execute($one, 'index_only', 7), '(7) (8) (9) (10) SELECT 4', 'index_only');
is(execute($one, 'by_index', 7), '(50,0) SELECT 1', 'by_index');
is(execute($one, 'everything', 0), '(500,0) SELECT 1', 'everything');
is(execute($one, 'locked', 7), '(7) SELECT 1', 'locked');
is(execute($one, 'children', 1), '(2) SELECT 1', 'children');
is(execute($one, $_->[0], 500), $_->[1], $_->[0])
  foreach [ 'updates', '(1) UPDATE 1' ], [ 'moves', '(1000) UPDATE 1' ],
  [ 'deletes', '(500) DELETE 1' ], [ 'inserts', '(0) INSERT 0 1' ];
like(answer($one, 'SELECT generic_plans > 0 AS g FROM pg_prepared_statements WHERE name = \'by_key\''),
	qr/^\(t\)/, 'the plan is generic');

$one->rows('BEGIN');
is(execute($one, 'updates', 7), '(1) UPDATE 1', 'an update');
is(execute($one, 'by_key', 7), '(7,1) SELECT 1', 'is seen');
is(execute($one, 'updates', 7), '(2) UPDATE 1', 'another one of the row');
is(execute($one, 'by_index', 7), '(50,2) SELECT 1', 'by an index with its column');
is(execute($one, 'deletes', 8), '(8) DELETE 1', 'a deletion');
is(execute($one, 'index_only', 7), '(7) (9) (10) SELECT 3', 'is seen where the visibility map knows nothing of it');
is(execute($one, 'locked', 8), 'SELECT 0', 'cannot be locked');
is(execute($one, 'moves', 17), '(1007) UPDATE 1', 'a change of an index');
is(execute($one, 'by_index', 7), '(49,2) SELECT 1', 'is seen at its old place');
is(execute($one, 'by_index', 1007), '(1,0) SELECT 1', 'and its new one');
is(execute($one, 'inserts', 8), '(0) INSERT 0 1', 'the key is free again');
is(execute($one, 'inserts', 9), '(-1) INSERT 0 1', 'another one is not');
is(execute($one, 'everything', 0), '(500,1) SELECT 1', 'all of it');
is(execute($one, 'parent', 1), 'DELETE 1', 'a cascade');
is(execute($one, 'children', 1), '(0) SELECT 1', 'is seen');

# The same plans in another transaction
is(execute($two, 'by_key', 7), '(7,0) SELECT 1', 'others see nothing');
$two->rows('BEGIN');
is(execute($two, 'updates', 7), '(1) UPDATE 1', 'and change the same');
is(answer($one, 'COMMIT'), 'COMMIT', 'the first commits');
is(execute($two, 'by_key', 7), '(7,1) SELECT 1', 'the other still sees its own');
is(answer($two, 'COMMIT'), $conflict, 'and fails');
is(execute($two, 'updates', 7), '(3) UPDATE 1', 'the same plan, again');
is(execute($two, 'deletes', 9), '(9) DELETE 1', 'on its own');
is(execute($one, 'index_only', 7), '(7) (8) (10) SELECT 3', 'and seen by the first');

# ------------------------------------------------------------------------
# 2
# ------------------------------------------------------------------------
$admin->rows(map { "ALTER DATABASE postgres SET $_" }
	  'min_parallel_table_scan_size = 0', 'min_parallel_index_scan_size = 0',
	'parallel_setup_cost = 0', 'parallel_tuple_cost = 0',
	'max_parallel_workers_per_gather = 2', 'parallel_leader_participation = off');
$admin->rows('ALTER TABLE r SET (parallel_workers = 2)');
my $query = 'SELECT count(*), sum(v), sum(id) FROM r';
my $by_index = 'SELECT count(*), sum(v) FROM r WHERE a BETWEEN 3 AND 4';

sub is_parallel
{
	my ($wire, $sql) = @_;
	return scalar grep { $_->[0] =~ /Gather/ } $wire->rows("EXPLAIN $sql");
}

# With changes none is started, so rows of a worker would be missing or old.
foreach my $seqscan ('on', 'off')
{
	my $sql = $seqscan eq 'on' ? $query : $by_index;
	my $name = $seqscan eq 'on' ? 'parallel scan' : 'parallel index scan';

	fill();
	$admin->rows("ALTER DATABASE postgres SET enable_seqscan = $seqscan",
		"ALTER DATABASE postgres SET enable_bitmapscan = $seqscan");
	my $wire = session('enforce');
	ok(is_parallel($wire, $sql), "$name: a plan with workers");
	$wire->send(Wire::Parse('parallel', $sql), Wire::Sync());
	my $before = $seqscan eq 'on' ? '(500,0,125250)' : '(100,0)';
	is(execute($wire, 'parallel'), "$before SELECT 1", "$name: before");

	$wire->rows('BEGIN');
	is(execute($wire, 'parallel'), "$before SELECT 1", "$name: in a transaction");
	$wire->rows('SELECT FROM r WHERE id = 13 FOR UPDATE');
	is(execute($wire, 'parallel'), "$before SELECT 1", "$name: with a lock");
	$wire->rows('UPDATE r SET v = 1 WHERE id IN (13, 14)', 'DELETE FROM r WHERE id = 23',
		'UPDATE r SET a = 100 WHERE id = 24', 'INSERT INTO r VALUES (501, 3, 10)');
	my $after = $seqscan eq 'on' ? '(500,12,125728)' : '(99,12)';
	is(execute($wire, 'parallel'), "$after SELECT 1", "$name: with changes, a plan from before");
	is(answer($wire, $sql), "$after SELECT 1", "$name: with changes, a plan of now");
	is(answer($wire, "SELECT count(*) FROM ($sql) s, r WHERE r.id < 10"), '(9) SELECT 1', "$name: as a part");
	is(answer($wire, 'COMMIT'), 'COMMIT', "$name: it commits");
	is(execute($wire, 'parallel'), "$after SELECT 1", "$name: after");
	ok(is_parallel($wire, $sql), "$name: a plan with workers again");
}

# The first thing that an administrator's session writes are rows of workers.
my $copier = session('off');
my $copy = 'CREATE TABLE copy USING btree_table AS SELECT a, count(*) FROM r GROUP BY a';
ok(is_parallel($copier, $copy), 'a table is made by a plan with workers');
like(answer($copier, $copy), qr/^SELECT \d+$/, 'and it is made');
$copier->rows('DROP TABLE copy');

$admin->rows('ALTER DATABASE postgres RESET enable_seqscan', 'ALTER DATABASE postgres RESET enable_bitmapscan',
	'ALTER DATABASE postgres RESET max_parallel_workers_per_gather');

# ------------------------------------------------------------------------
# 3
# ------------------------------------------------------------------------
sub open_portal
{
	my ($wire, $portal, $sql, $rows) = @_;
	return text_of($wire->send(Wire::Parse('', $sql), Wire::Bind($portal, ''), Wire::Execute($portal, $rows), Wire::Sync()));
}

sub fetch
{
	my ($wire, $portal, $rows) = @_;
	return text_of($wire->send(Wire::Execute($portal, $rows), Wire::Sync()));
}

foreach my $scan ('seqscan', 'indexscan', 'indexonlyscan', 'bitmapscan')
{
	fill();
	$admin->rows(map { "ALTER DATABASE postgres SET enable_$_ = " . ($_ eq $scan ? 'on' : 'off') }
		  qw(seqscan indexscan indexonlyscan bitmapscan));
	my $wire = session('enforce');
	my $columns = $scan eq 'indexonlyscan' ? 'id' : 'id, v';
	my $row = sub { my ($id, $v) = @_; return $scan eq 'indexonlyscan' ? "($id)" : "($id,$v)" };
	my $sql = "SELECT $columns FROM r WHERE id BETWEEN 1 AND 8";

	# From before any change
	$wire->rows('BEGIN');
	is(open_portal($wire, 'early', $sql, 2), join(' ', (map { $row->($_, 0) } 1, 2), 'more'), "$scan: the first rows");
	$wire->rows('UPDATE r SET v = 1 WHERE id = 3', 'DELETE FROM r WHERE id = 4',
		'UPDATE r SET id = 1005 WHERE id = 5', 'UPDATE r SET v = 1 WHERE id = 1',
		'DELETE FROM r WHERE id = 7', 'INSERT INTO r VALUES (7, 7, 7)');
	is(fetch($wire, 'early', 3), join(' ', (map { $row->($_, 0) } 3, 4, 5), 'more'), "$scan: what has changed since");
	is(open_portal($wire, 'late', "$sql ORDER BY id", 3),
		join(' ', $row->(1, 1), $row->(2, 0), $row->(3, 1), 'more'), "$scan: another portal sees the changes");
	$wire->rows('UPDATE r SET v = 2 WHERE id IN (1, 3, 6, 8)');
	is(fetch($wire, 'early', 0), join(' ', (map { $row->($_, 0) } 6, 7, 8), 'SELECT 3'), "$scan: the first one's rest");
	is(fetch($wire, 'late', 0), join(' ', $row->(6, 0), $row->(7, 7), $row->(8, 0), 'SELECT 3'), "$scan: the other one's rest");
	is(answer($wire, "$sql ORDER BY id"),
		join(' ', $row->(1, 2), $row->(2, 0), $row->(3, 2), $row->(6, 2), $row->(7, 7), $row->(8, 2), 'SELECT 6'), "$scan: all changes");
	is(answer($wire, 'COMMIT'), 'COMMIT', "$scan: it commits");
}
$admin->rows(map { "ALTER DATABASE postgres RESET enable_$_" } qw(seqscan indexscan indexonlyscan bitmapscan));

# A portal that locks row by row, and one that changes rows
fill();
($one, $two) = (session('enforce'), session('enforce'));
$_->rows('BEGIN', 'SELECT FROM r') foreach $one, $two;
is(open_portal($one, 'locks', 'SELECT id FROM r WHERE id < 10 ORDER BY id FOR UPDATE', 2), '(1) (2) more', 'locks two rows');
$one->rows('UPDATE r SET v = v + 1 WHERE id IN (2, 3)', 'DELETE FROM r WHERE id = 4');
is(fetch($one, 'locks', 1), '(5) more', 'rows that have been changed since are left out, as in PostgreSQL');
is(open_portal($one, 'changes', 'UPDATE r SET v = v + 1 WHERE id IN (21, 22, 23) RETURNING id', 1), '(21) more', 'changes rows');
is(fetch($one, 'changes', 1), '(22) more', 'and tells of them later');
$two->rows('UPDATE r SET v = 9 WHERE id = 9', 'UPDATE r SET v = 9 WHERE id = 23');
my $third = session('enforce');
$third->rows('BEGIN', 'UPDATE r SET v = 9 WHERE id = 8');
is(answer($one, 'COMMIT'), 'COMMIT', 'it commits');
is(answer($two, 'COMMIT'), $conflict, 'what the portal has not told of is changed');
is(answer($third, 'COMMIT'), 'COMMIT', 'what it has not come to is not locked');
is(answer($two, 'SELECT id, v FROM r WHERE id < 10 OR id BETWEEN 20 AND 24 ORDER BY id'),
	'(1,0) (2,1) (3,1) (5,0) (6,0) (7,0) (8,9) (9,0) (20,0) (21,1) (22,1) (23,1) (24,0) SELECT 13', 'as it should be');

$node->stop;
done_testing();
