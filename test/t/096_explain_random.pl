# Random queries, planned as the service does and as PostgreSQL does:
#
#  1. both give the same rows, whatever planner methods are switched off
#  2. EXPLAIN works for each, with and without ANALYZE, in each format
#  3. and prints no node that the service does not have, and nothing of heaps
#
# EXPLAIN_QUERIES is the number of queries, EXPLAIN_SEED what they are made of.
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../perl";
use DsqlEmu;
use JSON::PP qw(decode_json);
use Test::More;

my $count = $ENV{EXPLAIN_QUERIES} || 300;
my $seed = $ENV{EXPLAIN_SEED} || 17;
srand $seed;
note "EXPLAIN_SEED=$seed";

my $node = DsqlEmu::start(log_min_messages => 'warning');
$node->safe_psql('postgres', 'CREATE EXTENSION dsql_emu');
my $session = DsqlEmu::session($node, 'postgres');

# ------------------------------------------------------------------------
# Tables: never analyzed, analyzed, small, empty, without a primary key
# ------------------------------------------------------------------------
my %columns = (
	p => [ [ id => 'int' ], [ x => 'int' ], [ y => 'text' ], [ z => 'numeric' ], [ d => 'date' ], [ b => 'bool' ] ],
	q => [ [ id => 'int' ], [ p_id => 'int' ], [ v => 'smallint' ], [ t => 'text' ], [ at => 'timestamptz' ] ],
	r => [ [ id => 'int' ], [ k => 'int' ], [ w => 'text' ] ],
	s => [ [ id => 'int' ], [ x => 'int' ], [ y => 'text' ] ],
	e => [ [ id => 'int' ], [ x => 'int' ], [ y => 'text' ] ]);
$session->rows(
	'CREATE TABLE p (id int PRIMARY KEY, x int, y text, z numeric, d date, b bool)',
	'CREATE TABLE q (id int, p_id int, v smallint, t text, at timestamptz, PRIMARY KEY (p_id, id))',
	'CREATE TABLE r (id int, k int, w text)',
	'CREATE TABLE s (id int PRIMARY KEY, x int, y text)',
	'CREATE TABLE e (id int PRIMARY KEY, x int, y text)');
foreach my $index ('p (x)', 'p (y, x) INCLUDE (z)', 'q (v, at)', 'q (t)', 'r (k)', 's (x, y)', 'e (x)')
{
	my ($job) = $session->rows("CREATE INDEX ASYNC ON $index");
	$session->rows("CALL sys.wait_for_job('$job->[0]')");
}
$session->rows(
	"INSERT INTO p SELECT g, nullif(g % 17, 3), nullif('y' || g % 11, 'y4'), g * 7 % 101 / 4.0,
		'2026-01-01'::date + g % 40, nullif(g % 3, 2) = 0 FROM generate_series(1, 300) g",
	"INSERT INTO q SELECT g, g * 13 % 320, g % 9, nullif('t' || g % 23, 't7'),
		'2026-01-01'::timestamptz + g % 50 * interval '1 day' FROM generate_series(1, 400) g",
	"INSERT INTO r SELECT g, g % 29, nullif('y' || g % 13, 'y2') FROM generate_series(1, 150) g",
	"INSERT INTO s SELECT g, g, 'y' || g FROM generate_series(1, 12) g",
	'ANALYZE q', 'ANALYZE s');

# ------------------------------------------------------------------------
# Queries
# ------------------------------------------------------------------------
sub pick { return $_[ int rand @_ ]; }
sub chance { return rand() < $_[0]; }

sub value_of
{
	my ($type) = @_;
	return int rand 30 if $type eq 'int';
	return int(rand 9) . '::smallint' if $type eq 'smallint';
	return "'" . pick('y', 't') . int(rand 14) . "'" if $type eq 'text';
	return (int rand 26) . '.25' if $type eq 'numeric';
	return "'2026-01-" . (1 + int rand 30) . "'";
}

sub column
{
	my ($alias, $table, $wanted) = @_;
	my @columns = grep { !$wanted || $_->[1] eq $wanted } @{ $columns{$table} };
	my $column = pick(@columns) // [ id => 'int' ];
	return ("$alias.$column->[0]", $column->[1]);
}

sub predicate
{
	my ($alias, $table) = @_;
	my ($column, $type) = column($alias, $table);

	return pick($column, "NOT $column", "$column IS NOT TRUE", "$column IS NULL") if $type eq 'bool';
	my @kinds = (
		"$column " . pick('=', '=', '<', '>', '<=', '>=', '<>') . ' ' . value_of($type),
		"$column IN (" . join(', ', map { value_of($type) } 1 .. 3) . ')',
		"$column IS " . pick('', 'NOT ') . 'NULL',
		"$column BETWEEN " . value_of($type) . ' AND ' . value_of($type));
	push @kinds, "$column LIKE '" . pick('y', '%', 't_') . "1%'" if $type eq 'text';
	push @kinds, "$column = '2026-01-0" . (1 + int rand 9) . "'::timestamp" if $type eq 'date';
	push @kinds, "$column = " . (int rand 30) . '::bigint', "$column % 3 = 1", "abs($column) > 5"
	  if $type eq 'int';
	push @kinds, "($alias.id, $column) > (" . (int rand 99) . ', ' . value_of($type) . ')' if $type eq 'int';
	return pick(@kinds);
}

sub condition
{
	my @relations = @_;
	my @parts = map { predicate(@{ pick(@relations) }) } 1 .. 1 + rand 3;
	return '(' . join(' OR ', @parts) . ')' if chance(0.2);
	return join ' AND ', @parts;
}

sub join_condition
{
	my ($left, $right) = @_;
	my $type = pick('int', 'int', 'int', 'text');
	my ($a) = column(@$left, $type);
	my ($b) = column(@$right, $type);

	($b) = ("$right->[0].id") if $type eq 'int' && chance(0.6);
	my $extra = chance(0.2) ? ' AND ' . predicate(@{ pick($left, $right) }) : '';
	return "$a = $b$extra";
}

my $names = 0;

# FROM and WHERE, and the relations in it
sub source
{
	my @relations = map { [ 'a' . ++$names, pick(keys %columns) ] } 1 .. pick(1, 1, 2, 2, 3);
	@relations = map { [ $_->[0], pick(sort keys %columns) ] } @relations;
	my $from = "$relations[0][1] $relations[0][0]";

	foreach my $i (1 .. $#relations)
	{
		my $on = join_condition($relations[ $i - 1 ], $relations[$i]);
		my $type = pick('JOIN', 'JOIN', 'JOIN', 'LEFT JOIN', 'LEFT JOIN', 'FULL JOIN');

		$on = "$relations[$i-1][0].id = $relations[$i][0].id" if $type eq 'FULL JOIN';
		$from .= " $type $relations[$i][1] $relations[$i][0] ON $on";
	}
	my @where;
	push @where, condition(@relations) if chance(0.8);
	if (chance(0.3))
	{
		my $inner = [ 'i' . ++$names, pick(sort keys %columns) ];
		my $outer = pick(@relations);
		my $on = join_condition($outer, $inner);

		push @where,
		  pick("EXISTS (SELECT FROM $inner->[1] $inner->[0] WHERE $on)",
			"NOT EXISTS (SELECT FROM $inner->[1] $inner->[0] WHERE $on)",
			"$outer->[0].id IN (SELECT $inner->[0].id FROM $inner->[1] $inner->[0] WHERE " . condition($inner) . ')',
			"$outer->[0].id > (SELECT min($inner->[0].id) FROM $inner->[1] $inner->[0] WHERE $on)");
	}
	return ("FROM $from" . (@where ? ' WHERE ' . join(' AND ', @where) : ''), @relations);
}

sub all_columns { return join ', ', map { my $r = $_; map { "$r->[0].$_->[0]" } @{ $columns{ $r->[1] } } } @_; }

sub select_rows
{
	my ($from, @relations) = source();
	my @list = map { (column(@{ pick(@relations) }))[0] } 1 .. 1 + rand 3;
	my $sql = 'SELECT ' . (chance(0.2) ? 'DISTINCT ' : '') . join(', ', @list) . " $from";

	return $sql if chance(0.4);
	# With all columns in ORDER BY, only rows that are the same can change places.
	$sql = 'SELECT ' . all_columns(@relations) . " $from";
	my @order = map { $_ . pick('', ' DESC') } split /, /, all_columns(@relations);
	@order = reverse @order if chance(0.3);
	return "$sql ORDER BY " . join(', ', @order) . (chance(0.7) ? ' LIMIT ' . int(rand 20) : '') . (chance(0.2) ? ' OFFSET 3' : '');
}

sub aggregate
{
	my ($from, @relations) = source();
	my ($key) = column(@{ pick(@relations) });
	my ($value) = column(@{ pick(@relations) }, 'int');

	return "SELECT count(*), sum($value), min($value), count(DISTINCT $value) $from" if chance(0.3);
	return "SELECT $key, count(*), max($value) $from GROUP BY $key" . (chance(0.4) ? ' HAVING count(*) > 1' : '')
	  . (chance(0.3) ? " ORDER BY $key" : '');
}

sub with
{
	my ($from, @relations) = source();
	my ($key) = column(@{ $relations[0] }, 'int');

	my $table = pick(sort keys %columns);
	return "WITH c AS " . pick('', 'MATERIALIZED ') . "(SELECT DISTINCT $key AS k $from) "
	  . "SELECT c.k, j.* FROM c " . pick('JOIN', 'LEFT JOIN') . " $table j ON j.id = c.k WHERE " . condition([ 'j', $table ]);
}

sub set_operation
{
	my @arms = map {
		my ($from, @relations) = source();
		my ($number) = column(@{ pick(@relations) }, 'int');
		my ($text) = column(@{ pick(@relations) }, 'text');
		$text = "'x'" if $text =~ /\.id$/;
		"(SELECT $number AS n, $text AS m $from)"
	} 1 .. 2;
	return join(pick(' UNION ', ' UNION ALL ', ' INTERSECT ', ' EXCEPT '), @arms) . (chance(0.4) ? ' ORDER BY 1, 2 LIMIT 15' : '');
}

sub change
{
	my $table = pick(sort keys %columns);
	my $where = condition([ $table, $table ]);
	my $text = { p => 'y', q => 't', r => 'w', s => 'y', e => 'y' }->{$table};

	return "UPDATE $table SET $text = $text || '!' WHERE $where RETURNING *" if chance(0.4);
	return "DELETE FROM $table WHERE $where RETURNING *" if chance(0.5);
	return "UPDATE $table SET $text = 'from' FROM s WHERE s.id = $table.id AND $where RETURNING $table.*" if $table ne 's';
	return "INSERT INTO s SELECT 1000 + id, x, y FROM p WHERE " . condition([ 'p', 'p' ]) . ' RETURNING *';
}

my @methods = qw(seqscan indexscan indexonlyscan hashjoin mergejoin nestloop material);
my @nodes = ('Limit', 'Sort', 'Incremental Sort', 'Unique', 'Aggregate', 'GroupAggregate', 'HashAggregate', 'Group',
	'Hash', 'Hash(?: \w+)* Join', 'Merge(?: \w+)* Join', 'Nested Loop(?: \w+ Join)?', 'Nested Loop \(Batched Join\)', 'Materialize',
	'Memoize', 'Result', 'Append', 'Merge Append', 'Subquery Scan on .*', 'CTE Scan on .*', 'SetOp .*', 'HashSetOp .*', 'Values Scan on .*',
	'Insert on .*', 'Update on .*', 'Delete on .*', 'LockRows', 'WindowAgg', 'ProjectSet', 'Function Scan on .*',
	'Full Scan \(btree-table\) on .*', 'Index (?:Only )?Scan (?:Backward )?using .*',
	'Storage Scan on .*', 'Storage Lookup on .*', 'B-Tree Scan on .*', 'B-Tree Lookup on .*');
my $node_line = join '|', @nodes;

sub answers
{
	my ($sql) = @_;
	my $text = join "\n", sort map { join '|', map { $_ // 'NULL' } @$_ } eval { $session->rows($sql) };
	return $@ ? "error $@" : $text;
}

# Nodes that the service does not print
sub strangers
{
	my ($sql) = @_;
	return grep { !/^(?:$node_line)$/ }
	  map { /^\s*->  ?(.*)$/ ? $1 : () } map { $_->[0] } $session->rows("EXPLAIN (COSTS OFF) $sql");
}

my ($different, $strange, $failed, $rows) = (0, 0, 0, 0);
foreach my $number (1 .. $count)
{
	my $sql = pick(\&select_rows, \&select_rows, \&select_rows, \&aggregate, \&with, \&set_operation, \&change)->();
	my @off = grep { chance(0.2) } @methods;
	my $batched = pick('on', 'on', 'off');
	my @answers;

	$session->rows("SET dsql.enable_batched_nestloop = $batched", map { "SET enable_$_ = off" } @off);
	foreach my $planner ('postgresql', 'service')
	{
		# The service's plans are those of statements that are tracked.
		$session->rows("SET dsql_emu.explain = $planner",
			'SET dsql_emu.track_dpu = ' . ($planner eq 'service' ? 'on' : pick('on', 'off')), 'BEGIN');
		push @answers, answers($sql);
		$session->rows('ROLLBACK');
	}
	$rows += () = $answers[0] =~ /^/mg;
	if ($answers[0] ne $answers[1])
	{
		$different++;
		fail("the same rows: $sql with @off off and batches $batched");
		diag("PostgreSQL:\n$answers[0]\nservice:\n$answers[1]");
	}
	elsif ($answers[0] =~ /^error/)
	{
		$failed++;
		fail("no error: $sql");
		diag($answers[0]);
	}
	else
	{
		my @strangers = strangers($sql);

		if (@strangers)
		{
			$strange++;
			fail("nodes of the service: $sql with @off off");
			diag(join "\n", @strangers);
		}
		my @last = eval {
			$session->rows('BEGIN');
			my @lines = $session->rows("EXPLAIN (ANALYZE, VERBOSE) $sql");
			$session->rows('ROLLBACK');
			my ($json) = $session->rows("EXPLAIN (FORMAT JSON, VERBOSE) $sql");
			decode_json($json->[0]);
			$session->rows('EXPLAIN (FORMAT ' . pick('XML', 'YAML') . ") $sql");
			map { $_->[0] } @lines;
		};
		if ($@ || ($last[-1] // '') !~ /^  Total: \d+\.\d{5} DPU$/ || grep { /\bctid\b|Heap|Bitmap|Disabled|\.\d+ loops/ } @last)
		{
			$failed++;
			fail("EXPLAIN: $sql with @off off");
			diag($@ || join "\n", @last);
			$session->rows('ROLLBACK');
		}
	}
	$session->rows(map { "RESET enable_$_" } @off);
	last if $different + $strange + $failed > 20;
}
is($different, 0, "$count queries have the same rows with either planner");
is($failed, 0, 'none fails');
is($strange, 0, 'no node is printed that the service does not have');
cmp_ok($rows, '>', $count, 'the queries return rows');

is(DsqlEmu::value($session, 'SELECT 1'), 1, 'the session lives');
$node->stop;
done_testing();
