# Logical decoding tells what a table's rows went through, as it does for heap:
#
#  1. the same transactions on a table of heap and on one of btree_table, with
#     test_decoding
#  2. a subscription, on the same server, to what random transactions do
#  3. who inserts a key beside a row that is moved to it still loses, and the
#     other way round
#  4. after a crash
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../perl";
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Wire;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init(allows_streaming => 'logical');
$node->append_conf('postgresql.conf', q{
shared_preload_libraries = 'dsql_emu'
dsql_emu.auto_analyze = off
restart_after_crash = on
});
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION dsql_emu');
$node->safe_psql('template1', 'CREATE DATABASE copy');

my $session = Wire->to_node($node);

sub run_in
{
	my ($wire, @statements) = @_;
	return map { $wire->outcome($_) } @statements;
}

# 1
my $columns = '(id int PRIMARY KEY, k int UNIQUE, a int, n int, t text)';
foreach my $table ('h', 't')
{
	$node->safe_psql('postgres', ($table eq 'h' ? "SET dsql_emu.mode = off;\n" : '')
		. "CREATE TABLE $table $columns" . ($table eq 'h' ? ' USING heap' : ''));
	$node->safe_psql('postgres', "SET dsql_emu.mode = off; CREATE INDEX ${table}_a ON $table (a);
		CREATE INDEX ${table}_e ON $table ((a + n)) WHERE n > 0;
		INSERT INTO $table SELECT g, g, g, g, g FROM generate_series(1, 9) g;
		INSERT INTO $table SELECT 10, 10, 10, 10, string_agg(md5(g::text), '') FROM generate_series(1, 500) g");
}
$node->safe_psql('postgres', "SET dsql_emu.mode = off; SELECT pg_create_logical_replication_slot('slot', 'test_decoding')");

sub decoded
{
	my $text = $node->safe_psql('postgres',
		"SET dsql_emu.mode = off; SELECT data FROM pg_logical_slot_get_changes('slot', NULL, NULL)");
	$text =~ s/^(BEGIN|COMMIT) \d+$/$1/mg;
	$text =~ s/'[0-9a-f]{100,}'/'(long)'/g;
	# Of a version that is made twice, a value out of line is told as well.
	$text =~ s/unchanged-toast-datum/'(long)'/g;
	$text =~ s/table public\.[ht]:/table:/g;
	return $text;
}

my @transactions = (
	'of an indexed column' => ['UPDATE x SET a = 100 WHERE id = 1'],
	'of another one' => ['UPDATE x SET n = 100 WHERE id = 1'],
	'of both' => ['UPDATE x SET a = 101, n = 101 WHERE id = 1'],
	'into a partial index' => ['UPDATE x SET n = -5 WHERE id = 2', 'UPDATE x SET n = 5 WHERE id = 2'],
	'of a unique column' => ['UPDATE x SET k = 200 WHERE id = 2'],
	'of the key' => ['UPDATE x SET id = 30 WHERE id = 3'],
	'of a long row' => ['UPDATE x SET a = 5 WHERE id = 10'],
	'of a long value' => ["UPDATE x SET t = t || t, a = 6 WHERE id = 10"],
	'of several rows' => ['UPDATE x SET a = a + 1 WHERE id < 5'],
	'and a subtransaction' => ['BEGIN', 'SAVEPOINT s', 'UPDATE x SET a = 7 WHERE id = 10', 'RELEASE s', 'COMMIT'],
	'undone' => ['BEGIN', 'UPDATE x SET a = 60 WHERE id = 6', 'SAVEPOINT s', 'UPDATE x SET a = 61 WHERE id = 6',
		'ROLLBACK TO s', 'COMMIT'],
	'all undone' => ['BEGIN', 'UPDATE x SET a = 62 WHERE id = 6', 'ROLLBACK'],
	'to a key that has become free' => ['BEGIN', 'UPDATE x SET id = 70 WHERE id = 7', 'UPDATE x SET id = 7 WHERE id = 6', 'COMMIT'],
	'with RETURNING' => ['UPDATE x SET a = 63 WHERE id = 7 RETURNING *']);
while (my ($name, $statements) = splice @transactions, 0, 2)
{
	my %found;
	foreach my $table ('h', 't')
	{
		my @sent = map { s/\bx\b/$table/gr } @$statements;
		unshift @sent, 'SET dsql_emu.mode = off' if $table eq 'h';
		# Savepoints are none of the service's.
		unshift @sent, 'SET dsql_emu.mode = report' if $table eq 't';
		my @failed = grep { /^\w{5} / } run_in($session, @sent);
		is("@failed", '', "an UPDATE $name");
		$found{$table} = decoded();
		# Which row an UPDATE finds first is the plan's choice.
		$found{$table} = join "\n", sort split /\n/, $found{$table} if @$statements == 1;
	}
	is($found{t}, $found{h}, "an UPDATE $name, decoded");
}

# What a transaction does to a row again is told as one UPDATE with the result.
foreach my $case (
	[ ['UPDATE t SET a = 1000 WHERE id = 5', 'UPDATE t SET a = 1001 WHERE id = 5'], 'UPDATE', 'a[integer]:1001' ],
	[ ['UPDATE t SET n = 1000 WHERE id = 5', 'UPDATE t SET a = 1002 WHERE id = 5', 'UPDATE t SET n = 1001 WHERE id = 5'],
		'UPDATE', 'a[integer]:1002 n[integer]:1001' ],
	[ ['UPDATE t SET id = 50 WHERE id = 5', 'UPDATE t SET id = 51 WHERE id = 50', 'UPDATE t SET id = 5 WHERE id = 51'],
		'UPDATE', 'id[integer]:5 ' ],
	[ ['UPDATE t SET a = 1003 WHERE id = 5', 'SAVEPOINT s', 'UPDATE t SET a = 1004 WHERE id = 5', 'DELETE FROM t WHERE id = 5',
			'ROLLBACK TO s'], 'UPDATE', 'a[integer]:1003' ],
	[ ['UPDATE t SET a = 1005 WHERE id = 5', 'SELECT * FROM t WHERE id = 5 FOR UPDATE', 'DELETE FROM t WHERE id = 5'],
		'DELETE', 'id[integer]:5' ])
{
	my ($statements, $kind, $content) = @$case;
	my @failed = grep { /^\w{5} / } run_in($session, 'BEGIN', @$statements);
	is("@failed", '', 'a transaction');
	is($session->outcome('COMMIT'), 'COMMIT', join('; ', @$statements));
	my @rows = grep { /^table/ } split /\n/, decoded();
	is(scalar(@rows), 1, 'one change');
	like($rows[0] // '', qr/^table: $kind:.*\Q$content\E/, "it is $content");
}

# 2
$node->safe_psql('postgres', "SET dsql_emu.mode = off; DROP TABLE h;
	SELECT pg_drop_replication_slot('slot');
	CREATE PUBLICATION p FOR TABLE t;
	SELECT pg_create_logical_replication_slot('sub', 'pgoutput')");
my $connection = $node->connstr . ' dbname=postgres options=-cdsql_emu.mode=off';
$node->safe_psql('copy', "CREATE TABLE t $columns");
$node->safe_psql('copy', "CREATE SUBSCRIPTION sub CONNECTION '$connection' PUBLICATION p
	WITH (create_slot = false, slot_name = 'sub')");
$node->wait_for_subscription_sync(undef, undef, 'copy')
  if $node->can('wait_for_subscription_sync');

sub rows_in
{
	return $node->safe_psql($_[0], 'SELECT id, k, a, n, md5(t) FROM t ORDER BY id');
}

sub caught_up
{
	my $lsn = $node->safe_psql('postgres', 'SELECT pg_current_wal_lsn()');
	$node->poll_query_until('postgres', "SELECT confirmed_flush_lsn >= '$lsn' FROM pg_replication_slots WHERE slot_name = 'sub'")
	  or die 'the subscription does not follow';
	return rows_in('copy') eq rows_in('postgres');
}

my $seed = $ENV{RANDOM_SEED} // time;
srand $seed;
note "RANDOM_SEED=$seed";
my $next = 1000;
for my $round (1 .. 60)
{
	$session->query('BEGIN');
	for (1 .. 1 + int rand 5)
	{
		my $id = $session->query('SELECT id FROM t');
		my @ids = map { $_->{row} ? $_->{row}[0] : () } $session->query('SELECT id FROM t ORDER BY id');
		my $some = $ids[ rand @ids ];
		my @choices = (
			"UPDATE t SET a = " . int(rand 50) . " WHERE id = $some",
			"UPDATE t SET n = " . int(rand 50) . " WHERE id = $some",
			"UPDATE t SET id = " . ++$next . " WHERE id = $some",
			"UPDATE t SET k = " . ++$next . ", t = t || 'x' WHERE id = $some",
			"INSERT INTO t VALUES (" . ++$next . ", $next, 1, 1, 'new')",
			@ids > 5 ? "DELETE FROM t WHERE id = $some" : (),
			"SAVEPOINT s", "UPDATE t SET a = a + 1");
		my $choice = $choices[ rand @choices ];
		if ($choice eq 'SAVEPOINT s')
		{
			run_in($session, 'SAVEPOINT s', "UPDATE t SET a = 77, t = repeat(t, 3) WHERE id = $some",
				rand() < 0.5 ? 'ROLLBACK TO s' : 'RELEASE s');
		}
		else
		{
			$session->query($choice);
		}
	}
	$session->query(rand() < 0.8 ? 'COMMIT' : 'ROLLBACK');
}
ok(caught_up(), 'a subscription has the same rows') or diag(rows_in('copy'), "\n---\n", rows_in('postgres'));
unlike(slurp_file($node->logfile), qr/duplicate key value|logical replication.*exited with exit code/i, 'without a conflict');

# 3
$node->safe_psql('postgres', $_) for 'DELETE FROM t', 'INSERT INTO t VALUES (1, 1, 1, 1), (2, 2, 2, 2)';
my $other = Wire->to_node($node);
my $conflict = '40001 change conflicts with another transaction (OC000)';
foreach my $second ('INSERT INTO t VALUES (3, 50, 3, 3)', 'UPDATE t SET k = 50 WHERE id = 2')
{
	foreach my $mover_first (1, 0)
	{
		foreach my $mover_commits_first (1, 0)
		{
			$node->safe_psql('postgres', 'UPDATE t SET k = id; ', extra_params => []);
			$node->safe_psql('postgres', 'DELETE FROM t WHERE id = 3');
			run_in($session, 'BEGIN', 'SELECT * FROM t');
			run_in($other, 'BEGIN', 'SELECT * FROM t');
			my @steps = ([ $session, 'UPDATE t SET k = 50 WHERE id = 1' ], [ $other, $second ]);
			@steps = reverse @steps unless $mover_first;
			$_->[0]->query($_->[1]) for @steps;
			# Further changes of what has moved
			$session->query('UPDATE t SET a = a + 1 WHERE id = 1');
			my @ends = $mover_commits_first ? ($session, $other) : ($other, $session);
			is($ends[0]->outcome('COMMIT'), 'COMMIT', "the first to commit: $second, $mover_first, $mover_commits_first");
			is($ends[1]->outcome('COMMIT'), $conflict, 'the other one');
			is($node->safe_psql('postgres', 'SELECT count(*) FROM t WHERE k = 50'), '1', 'one row has the key');
		}
	}
}
ok(caught_up(), 'and the subscription follows');

# 4
run_in($session, 'UPDATE t SET a = 500 WHERE id = 1', 'BEGIN', 'UPDATE t SET a = 501 WHERE id = 2',
	'UPDATE t SET a = 502 WHERE id = 2');
my $before = rows_in('postgres');
$node->stop('immediate');
$node->start;
is(rows_in('postgres'), $before, 'a crash loses nothing');
ok(caught_up(), 'nor does the subscription');
is($node->safe_psql('postgres', 'SET enable_seqscan = off; SELECT id FROM t WHERE a = 500'), '1', 'the index');
is($node->safe_psql('postgres', "UPDATE t SET a = 503 WHERE id = 2 RETURNING a", extra_params => ['-q']), '503', 'and it goes on');
ok(caught_up(), 'with the subscription');
$node->safe_psql('copy', 'ALTER SUBSCRIPTION sub DISABLE; ALTER SUBSCRIPTION sub SET (slot_name = NONE); DROP SUBSCRIPTION sub');

$node->stop;
done_testing();
