# Finding out why a query is slow and what it costs, as AWS's guide does it:
#
#  1. EXPLAIN ANALYZE VERBOSE: layers of filters, identifier, times, DPUs
#  2. experiments with planner methods, and what the catalogs tell
#  3. what writing costs, also in a linked cluster
#  4. the identifier of a query, in EXPLAIN and in pg_stat_activity
#  5. which statements are planned as the service does it: those of EXPLAIN, and
#	  those whose DPUs are tracked
#
# Times and what is made of them are masked, nothing else.
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../perl";
use DsqlEmu;
use JSON::PP qw(decode_json);
use Test::More;
use Wire;

my $node = DsqlEmu::start(log_min_messages => 'warning');
$node->safe_psql('postgres', 'CREATE EXTENSION dsql_emu');
my $session = DsqlEmu::session($node, 'postgres');

sub explained
{
	my ($sql, $wire) = @_;
	my $text = join "\n", map { $_->[0] } ($wire // $session)->rows("EXPLAIN ANALYZE VERBOSE $sql");

	$text =~ s/time=\d+\.\d{3}\.\.\d+\.\d{3}/time=T..T/g;
	$text =~ s/^((?:Planning|Execution) Time:) [\d.]+ ms$/$1 T/mg;
	$text =~ s/^(  (?:Compute|Total):) \d+\.\d{5} DPU$/$1 D/mg;
	# It depends on the numbers of tables.
	$text =~ s/^(Query Identifier:) [ybndrfg8ejkmcpqxot1uwisza345h769]{13}$/$1 ID/mg;
	return "$text\n";
}

sub build_index
{
	my ($definition, $wire) = @_;
	my ($job) = ($wire // $session)->rows("CREATE INDEX ASYNC $definition");
	($wire // $session)->rows("CALL sys.wait_for_job('$job->[0]')");
	return;
}

# ------------------------------------------------------------------------
# 1
# ------------------------------------------------------------------------
$session->rows('CREATE TABLE account (id uuid PRIMARY KEY, customer_id uuid, balance numeric, status varchar(20), note text)');
build_index('idx1 ON account (customer_id) INCLUDE (status)');
$session->rows(q{INSERT INTO account SELECT ('00000000-0000-4000-8000-' || lpad(g::text, 12, '0'))::uuid,
	'4b18a761-5870-4d7c-95ce-0a48eca3fceb', g, CASE WHEN g % 2 = 0 THEN 'pending' ELSE 'done' END, 'note ' || g
	FROM generate_series(1, 200) g});
my $slow = q{SELECT note FROM account WHERE customer_id = '4b18a761-5870-4d7c-95ce-0a48eca3fceb' AND status = 'pending' AND note LIKE '%9%'};
my $first = explained($slow);
is($first, <<'END', 'a slow query');
Index Scan using idx1 on public.account  (cost=828.17..1132.27 rows=25 width=32) (actual time=T..T rows=10 loops=1)
  Output: note
  Index Cond: (account.customer_id = '4b18a761-5870-4d7c-95ce-0a48eca3fceb'::uuid)
  Filter: (account.note ~~ '%9%'::text)
  Rows Removed by Filter: 90
  -> Storage Scan on idx1  (cost=828.17..1132.27 rows=25 width=32 loops=1) (actual rows=100 loops=1)
      Filters: ((account.status)::text = 'pending'::text)
      Rows Filtered: 100
      -> B-Tree Scan on idx1  (cost=828.17..1132.27 rows=5000 width=32 loops=1) (actual rows=200 loops=1)
          Index Cond: (account.customer_id = '4b18a761-5870-4d7c-95ce-0a48eca3fceb'::uuid)
  -> Storage Lookup on public.account  (cost=828.17..1132.27 rows=25 width=32 loops=1) (actual rows=100 loops=1)
      Projections: note
      -> B-Tree Lookup on public.account  (cost=828.17..1132.27 rows=25 width=32 loops=1) (actual rows=100 loops=1)
Query Identifier: ID
Planning Time: T
Execution Time: T
Statement DPU Estimate:
  Compute: D
  Read: 0.01803 DPU
  Write: 0.00000 DPU
  Total: D
END
is(explained($slow), $first, 'reads as much each time');
my ($identifier) = map { /^Query Identifier: (.*)/ } map { $_->[0] } $session->rows("EXPLAIN VERBOSE $slow");
my ($other) = map { /^Query Identifier: (.*)/ } map { $_->[0] } $session->rows("EXPLAIN VERBOSE $slow" =~ s/%9%/%8%/r);
is($identifier, $other, 'the identifier is that of the query without its constants');
unlike(join("\n", map { $_->[0] } $session->rows("EXPLAIN ANALYZE $slow")), qr/DPU|Identifier/, 'without VERBOSE there are neither');

# ------------------------------------------------------------------------
# 2
# ------------------------------------------------------------------------
sub nodes
{
	my ($sql) = @_;
	return join '', map { "$_->[0]\n" } $session->rows("EXPLAIN (COSTS OFF) $sql");
}

is_deeply([ $session->rows("SELECT reltuples, relpages FROM pg_class WHERE relname = 'account'") ], [ [ -1, 0 ] ],
	'the catalog tells that the table was never analyzed');
$session->rows('ANALYZE account');
is_deeply([ $session->rows("SELECT reltuples FROM pg_class WHERE relname = 'account'") ], [ [200] ], 'and when it was');
is_deeply(
	[ $session->rows("SELECT n_distinct, most_common_vals FROM pg_stats WHERE tablename = 'account' AND attname = 'status'") ],
	[ [ 2, '{done,pending}' ] ], 'statistics');
is_deeply([ $session->rows("SELECT indexname FROM pg_indexes WHERE tablename = 'account' ORDER BY 1") ],
	[ ['account_pkey'], ['idx1'] ], 'indexes');
$session->rows('CREATE TABLE customer (id uuid PRIMARY KEY, name text)',
	q{INSERT INTO customer SELECT gen_random_uuid(), 'Ann' FROM generate_series(1, 50)}, 'ANALYZE customer');
my $join = 'SELECT c.name, a.balance FROM account a JOIN customer c ON c.id = a.customer_id';
is(nodes($join), <<'END', 'a hash join');
Hash Join
  Hash Cond: (a.customer_id = c.id)
  ->  Index Only Scan using account_pkey on account a
        -> Storage Scan on account_pkey
            Projections: customer_id, balance
            -> B-Tree Scan on account_pkey
  ->  Hash
        ->  Index Only Scan using customer_pkey on customer c
              -> Storage Scan on customer_pkey
                  Projections: id, name
                  -> B-Tree Scan on customer_pkey
END
$session->rows('SET enable_hashjoin = off');
like(nodes($join), qr/^(?:Merge Join|Nested Loop)/, 'without it');
$session->rows('SET enable_mergejoin = off');
like(nodes($join), qr/^Nested Loop/, 'without merge joins, too');
$session->rows('SET enable_nestloop = off');
like(join("\n", map { $_->[0] } $session->rows("EXPLAIN $join")), qr/\(cost=100000\d{5}\./, 'without any, a penalty');
$session->rows(map { "RESET enable_$_" } qw(hashjoin mergejoin nestloop));

# Changes and locks ask for the addresses of rows in a heap, which are no
# columns of the service.
sub verbose
{
	my ($sql) = @_;
	return join '', map { "$_->[0]\n" } grep { $_->[0] !~ /^Query Identifier: / } $session->rows("EXPLAIN (VERBOSE, COSTS OFF) $sql");
}

is(verbose("UPDATE customer SET name = a.note FROM account a WHERE a.id = customer.id AND a.note > 'n'"), <<'END', 'an update');
Update on public.customer
  ->  Merge Join
        Output: a.note
        Inner Unique: true
        Merge Cond: (customer.id = a.id)
        ->  Index Only Scan using customer_pkey on public.customer
              Output: customer.id
              -> Storage Scan on customer_pkey
                  Projections: id
                  -> B-Tree Scan on customer_pkey
        ->  Index Only Scan using account_pkey on public.account a
              Output: a.note, a.id
              -> Storage Scan on account_pkey
                  Projections: id, note
                  Filters: (a.note > 'n'::text)
                  -> B-Tree Scan on account_pkey
END
is(verbose("UPDATE customer SET name = 'x' FROM account a WHERE a.id = customer.id AND false"), <<'END', 'an update of nothing');
Update on public.customer
  ->  Result
        Output: 'x'::text
        One-Time Filter: false
END
is(verbose("DELETE FROM customer WHERE name = 'Bob'"), <<'END', 'a deletion');
Delete on public.customer
  ->  Full Scan (btree-table) on public.customer
        -> Storage Scan on public.customer
            Filters: (customer.name = 'Bob'::text)
            -> B-Tree Scan on public.customer
END
is(verbose('SELECT name FROM customer ORDER BY name LIMIT 1 FOR UPDATE'), <<'END', 'locked rows');
Limit
  Output: name
  ->  LockRows
        Output: name
        ->  Sort
              Output: name
              Sort Key: customer.name
              ->  Index Only Scan using customer_pkey on public.customer
                    Output: name
                    -> Storage Scan on customer_pkey
                        Projections: name
                        -> B-Tree Scan on customer_pkey
END
$session->rows('SET enable_seqscan = off');
foreach my $format (qw(text json xml yaml))
{
	my $scan = join "\n",
	  map { $_->[0] } $session->rows("EXPLAIN (ANALYZE, FORMAT $format) WITH c AS MATERIALIZED (SELECT oid FROM pg_operator ORDER BY oid LIMIT 3)
		SELECT rank() OVER (ORDER BY oid) FROM c");

	like($scan, qr/Index Only Scan.*WindowAgg|WindowAgg.*Index Only Scan/s, "a scan of a catalog in $format");
	unlike($scan, qr/Heap|Disabled|Searches|Storage|"Window"|<Window>|Window:|rows=\d+\.|Actual.Rows\W{1,3}\d+\.|,\s*}/, 'nothing that the service does not have');
	decode_json($scan) if $format eq 'json';
}
$session->rows('RESET enable_seqscan');

# ------------------------------------------------------------------------
# 3
# ------------------------------------------------------------------------
sub dpus
{
	my ($sql, $wire) = @_;
	return explained($sql, $wire) =~ s/.*^Statement DPU Estimate:\n//msr;
}

$session->rows('CREATE TABLE test_table (id int PRIMARY KEY, context text)');
is(dpus(q{INSERT INTO test_table VALUES (1, 'a'), (2, 'b'), (3, 'c')}), <<'END', 'three rows');
  Compute: D
  Read: 0.00070 DPU (Transaction minimum: 0.00375)
  Write: 0.01875 DPU (Transaction minimum: 0.05000)
  Total: D
END
is(dpus('SELECT * FROM test_table WHERE id = 1'), <<'END', 'a point query');
  Compute: D
  Read: 0.00023 DPU (Transaction minimum: 0.00375)
  Write: 0.00000 DPU
  Total: D
END
build_index('ON test_table (context)');
like(dpus(q{INSERT INTO test_table VALUES (4, 'd')}), qr/^  Write: 0\.01250 DPU/m, 'a row, and an entry of an index');
like(dpus(q{UPDATE test_table SET context = 'e' WHERE id = 4}), qr/^  Write: 0\.01875 DPU/m,
	'a row, and an entry that goes and one that comes');
like(dpus(q{UPDATE test_table SET context = context WHERE id = 4}), qr/^  Write: 0\.00625 DPU/m, 'a row, and no entry');
$session->rows('CREATE TABLE note (id int PRIMARY KEY, of int REFERENCES test_table)');
like(dpus('INSERT INTO note VALUES (1, 1)'), qr/^  Read: 0\.00047 DPU/m, 'a key, and the row that is referred to');
like(dpus('DELETE FROM test_table WHERE id = 3'), qr/^  Read: 0\.00070 DPU/m,
	'a row, one that may have its key by now, and those that may refer to it');
like(dpus('SELECT 1'), qr/^  Read: 0\.00000 DPU\n/m, 'nothing');

# Statements that fail are not counted, and leave nothing behind.
my $reporting = DsqlEmu::session($node, 'postgres');
$reporting->rows('SET dsql_emu.mode = report', 'SELECT dsql.reset_stats()', 'SET dsql_emu.track_dpu = on', 'BEGIN', 'SAVEPOINT s');
is((grep { $_->{error} } $reporting->query('SELECT 1 / (id - 1) FROM test_table'))[0]{error}{C}, '22012', 'a failure');
$reporting->rows('ROLLBACK TO s', (q{UPDATE test_table SET context = 'f' WHERE id = 4}) x 3, 'COMMIT',
	'SET dsql_emu.track_dpu = off');
is_deeply([ $session->rows('SELECT statements, round(write::numeric, 5) FROM dsql.dpu') ], [ [ 3, '0.03125' ] ],
	'three statements are counted');

my $arn = 'arn:aws:dsql:us-east-1:000000000000:cluster';
my $admin = DsqlEmu::session($node, 'postgres');
$admin->rows('SET dsql_emu.mode = off', 'SET dsql_emu.create_delay = 0', 'SET dsql_emu.update_delay = 0');
my ($one) = map { $_->[0] } $admin->rows(
	q{SELECT identifier FROM dsql.create_cluster('one', false, multi_region_properties => '{"witnessRegion": "us-west-2"}')});
my ($two) = map { $_->[0] } $admin->rows("SET dsql_emu.region = 'us-east-2'",
	qq{SELECT identifier FROM dsql.create_cluster('two', false, multi_region_properties =>
		'{"witnessRegion": "us-west-2", "clusters": ["$arn/$one"]}')});
$admin->rows("SET dsql_emu.region = 'us-east-1'",
	qq{SELECT dsql.update_cluster('$one', multi_region_properties =>
		'{"witnessRegion": "us-west-2", "clusters": ["arn:aws:dsql:us-east-2:000000000000:cluster/$two"]}')});
my $linked = DsqlEmu::session($node, 'postgres');
$linked->rows("SELECT dsql.use_cluster('$one')",
	'CREATE TABLE messages (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), body text, at timestamptz DEFAULT now())');
build_index('ON messages (at) INCLUDE (body)', $linked);
is(dpus(q{INSERT INTO messages (body) VALUES ('test')}, $linked), <<'END', 'an insert in a linked cluster');
  Compute: D
  Read: 0.00047 DPU (Transaction minimum: 0.00375)
  Write: 0.01250 DPU (Transaction minimum: 0.05000)
  Multi-Region Write: 0.01250 DPU (Transaction minimum: 0.05000)
  Total: D
END
unlike(dpus('SELECT * FROM messages', $linked), qr/Multi-Region/, 'a query there');

# ------------------------------------------------------------------------
# 4
# ------------------------------------------------------------------------
sub decoded
{
	my %digit = map { substr('ybndrfg8ejkmcpqxot1uwisza345h769', $_, 1) => $_ } 0 .. 31;
	my @digits = map { $digit{$_} } split //, shift;
	my $last = pop @digits;
	my $number = 0;

	$number = $number << 5 | $_ foreach @digits;
	return unpack 'q', pack 'Q', $number << 4 | $last >> 1;
}

sub identifier_of { return map { /^Query Identifier: (.*)/ } map { $_->[0] } $_[0]->rows("EXPLAIN VERBOSE $_[1]"); }

my $own = q{SELECT query_id FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'SELECT query_id %'};
is(DsqlEmu::value($session, 'SHOW compute_query_id'), 'on', 'identifiers are computed');
is(DsqlEmu::value($session, $own), decoded(identifier_of($session, $own)), 'a running query has the one that EXPLAIN shows');
my $off = DsqlEmu::session($node, 'postgres');
$off->rows('SET dsql_emu.mode = off');
is(DsqlEmu::value($off, 'SHOW compute_query_id'), 'auto', 'with the emulator off it is as it was');
is(DsqlEmu::value($off, $own), '', 'no identifier');
$node->append_conf('postgresql.conf', 'compute_query_id = off');
$node->reload;
my $configured;
do { $configured = DsqlEmu::session($node, 'postgres') } until DsqlEmu::value($configured, 'SHOW compute_query_id') eq 'off';
is(DsqlEmu::value($configured, $own), '', 'not where the configuration says so');
is_deeply([ identifier_of($configured, $own) ], [], 'EXPLAIN has none, either');

# ------------------------------------------------------------------------
# 5
# ------------------------------------------------------------------------
my $planned = DsqlEmu::session($node, 'postgres');
$planned->rows(
	'CREATE TABLE few (id int PRIMARY KEY, x int)', 'CREATE TABLE others (id int PRIMARY KEY, x int)',
	'INSERT INTO few SELECT g, g FROM generate_series(1, 5) g', 'INSERT INTO others SELECT * FROM few');
# auto_explain shows the plan with which a statement has run, also one that was
# kept.
$planned->rows('SET dsql_emu.mode = off', "LOAD 'auto_explain'", 'SET auto_explain.log_min_duration = 0',
	'SET auto_explain.log_level = notice', 'RESET dsql_emu.mode');
$planned->send(Wire::Parse('kept', 'SELECT * FROM few JOIN others USING (id)'), Wire::Sync());

sub plan_text
{
	my ($explain) = @_;
	return join "\n", map { $_->[0] } $planned->rows("$explain SELECT * FROM few JOIN others USING (id)");
}

sub run_kept
{
	my @answers = $planned->send(Wire::Bind('', 'kept'), Wire::Execute(''), Wire::Sync());

	is((grep { $_->{row} } @answers), 5, 'five rows');
	return join '', map { $_->{notice}{M} } grep { $_->{notice} } @answers;
}

my $million = qr/rows=1000000 /;
unlike(run_kept(), $million, 'a statement runs with the plan of a table with few rows');
like(plan_text('EXPLAIN'), $million, 'EXPLAIN shows that of a million');
like(plan_text('EXPLAIN ANALYZE'), qr/$million.*\(actual time=\S+ rows=5 /, 'and runs it');
$planned->rows('SELECT dsql.reset_stats()', 'SET dsql_emu.track_dpu = on');
like(run_kept(), $million, 'so does a statement that is tracked');
$planned->rows('SET dsql_emu.track_dpu = off');
my ($read) = map { $_->[0] } $planned->rows('SELECT round(read::numeric, 5) FROM dsql.dpu');
like(dpus('SELECT * FROM few JOIN others USING (id)', $planned), qr/^  Read: $read DPU/m, 'it costs what EXPLAIN says');
unlike(run_kept(), $million, 'only as long as it is tracked');

$node->stop;
done_testing();
