# The samples of EXPLAIN VERBOSE that are known of real clusters and from AWS's
# documentation; those without VERBOSE are in sql/explain_samples.sql.  Rows and
# statistics are made to fit, see doc/explain.md.
#
# Times, compute, and identifiers, which are hashes of other catalogs, are
# masked.
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../perl";
use DsqlEmu;
use Test::More;
use Wire;

my $node = DsqlEmu::start(log_min_messages => 'warning');
$node->safe_psql('postgres', 'CREATE EXTENSION dsql_emu');
my $session = DsqlEmu::session($node, 'postgres');

sub explained
{
	my ($explain, $wire) = @_;
	my $text = join '', map { "$_->[0]\n" } ($wire // $session)->rows($explain);

	$text =~ s/time=\d+\.\d{3}\.\.\d+\.\d{3}/time=T..T/g;
	$text =~ s/^((?:Planning|Execution) Time:) [\d.]+ ms$/$1 T/mg;
	$text =~ s/^(  (?:Compute|Total):) \d+\.\d{5} DPU$/$1 D/mg;
	$text =~ s/^(Query Identifier:) [ybndrfg8ejkmcpqxot1uwisza345h769]{13}$/$1 ID/mg;
	return $text;
}

# What only a superuser may do
sub arrange
{
	my ($wire, @statements) = @_;
	$wire->rows('SET dsql_emu.mode = off', @statements, 'RESET dsql_emu.mode');
	return;
}

sub sizes { return "UPDATE pg_class SET reltuples = $_[1], relpages = $_[2] WHERE relname = '$_[0]'"; }

# A cluster in two Regions, with a database of its own, whose schema is public
my $arn = 'arn:aws:dsql:us-east-1:000000000000:cluster';
my $admin = DsqlEmu::session($node, 'postgres');
$admin->rows('SET dsql_emu.mode = off', 'SET dsql_emu.create_delay = 0', 'SET dsql_emu.update_delay = 0');
my $one = DsqlEmu::value($admin, q{SELECT identifier FROM dsql.create_cluster(deletion_protection_enabled => false, kind => 'database',
	multi_region_properties => '{"witnessRegion": "us-west-2"}')});
$admin->rows("SET dsql_emu.region = 'us-east-2'");
my $two = DsqlEmu::value($admin, qq{SELECT identifier FROM dsql.create_cluster(deletion_protection_enabled => false, kind => 'database',
	multi_region_properties => '{"witnessRegion": "us-west-2", "clusters": ["$arn/$one"]}')});
$admin->rows("SET dsql_emu.region = 'us-east-1'", qq{SELECT dsql.update_cluster('$one', multi_region_properties =>
	'{"witnessRegion": "us-west-2", "clusters": ["arn:aws:dsql:us-east-2:000000000000:cluster/$two"]}')});
DsqlEmu::wait_until($admin, "SELECT status = 'ACTIVE' FROM dsql.clusters WHERE identifier = '$one'");
my $linked = DsqlEmu::session($node, DsqlEmu::value($admin, "SELECT database FROM dsql.clusters WHERE identifier = '$one'"));
$linked->rows('CREATE TABLE messages (id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	cognito_id uuid, created_at timestamptz DEFAULT CURRENT_TIMESTAMP, body text, is_from_user boolean)');
my ($job) = $linked->rows('CREATE INDEX ASYNC idx_messages ON messages (cognito_id, created_at) INCLUDE (id, body, is_from_user)');
$linked->rows("CALL sys.wait_for_job('$job->[0]')");
my $user = '12345678-abcd-7a8b-9c0d-1e2f3a4b5c6d';

# S7.  358 bytes for a row and its entry need a longer text than the sample's,
# which is masked.
my $body = 'x' x 138;
is(explained("EXPLAIN ANALYZE VERBOSE INSERT INTO messages (cognito_id, body, is_from_user) VALUES ('$user', '$body', true)",
		$linked) =~ s/x+'/test'/r, <<'END', 'S7');
Insert on public.messages  (cost=0.00..0.01 rows=0 width=0) (actual time=T..T rows=0 loops=1)
  ->  Result  (cost=0.00..0.01 rows=1 width=73) (actual time=T..T rows=1 loops=1)
        Output: gen_random_uuid(), '12345678-abcd-7a8b-9c0d-1e2f3a4b5c6d'::uuid, CURRENT_TIMESTAMP, 'test'::text, true
Query Identifier: ID
Planning Time: T
Execution Time: T
Statement DPU Estimate:
  Compute: D
  Read: 0.00047 DPU (Transaction minimum: 0.00375)
  Write: 0.01748 DPU (Transaction minimum: 0.05000)
  Multi-Region Write: 0.01748 DPU (Transaction minimum: 0.05000)
  Total: D
END

# S6, of which costs, properties and DPUs are known
$linked->rows("INSERT INTO messages (cognito_id, body, is_from_user) VALUES ('$user', repeat('y', 170), false)");
arrange($linked, map { sizes($_, 1, 1) } qw(messages messages_pkey idx_messages));
is(explained("EXPLAIN ANALYZE VERBOSE SELECT id, body, is_from_user, created_at FROM messages WHERE cognito_id = '$user'
	ORDER BY created_at DESC LIMIT 100", $linked), <<'END', 'S6');
Limit  (cost=100.12..104.13 rows=1 width=57) (actual time=T..T rows=2 loops=1)
  Output: id, body, is_from_user, created_at
  ->  Index Only Scan Backward using idx_messages on public.messages  (cost=100.12..104.13 rows=1 width=57) (actual time=T..T rows=2 loops=1)
        Output: id, body, is_from_user, created_at
        Index Cond: (messages.cognito_id = '12345678-abcd-7a8b-9c0d-1e2f3a4b5c6d'::uuid)
        -> Storage Scan on idx_messages  (cost=100.12..104.13 rows=1 width=57 loops=1) (actual rows=2 loops=1)
            Projections: created_at, id, body, is_from_user
            Limit: 100
            -> B-Tree Scan on idx_messages  (cost=100.12..104.13 rows=1 width=57 loops=1) (actual rows=2 loops=1)
                Index Cond: (messages.cognito_id = '12345678-abcd-7a8b-9c0d-1e2f3a4b5c6d'::uuid)
Query Identifier: ID
Planning Time: T
Execution Time: T
Statement DPU Estimate:
  Compute: D
  Read: 0.00073 DPU (Transaction minimum: 0.00375)
  Write: 0.00000 DPU
  Total: D
END

# S8: a table and an insert
$session->rows('CREATE TABLE test_table (id int PRIMARY KEY, context text)',
	"INSERT INTO test_table SELECT g, repeat('x', 188 + (g <= 29)::int) FROM generate_series(1, 120) g");
is(explained('EXPLAIN ANALYZE VERBOSE SELECT * FROM test_table'), <<'END', 'S8');
Index Only Scan using test_table_pkey on public.test_table  (cost=125100.05..171100.05 rows=1000000 width=36) (actual time=T..T rows=120 loops=1)
  Output: id, context
  -> Storage Scan on test_table_pkey  (cost=125100.05..171100.05 rows=1000000 width=36 loops=1) (actual rows=120 loops=1)
      Projections: id, context
      -> B-Tree Scan on test_table_pkey  (cost=125100.05..171100.05 rows=1000000 width=36 loops=1) (actual rows=120 loops=1)
Query Identifier: ID
Planning Time: T
Execution Time: T
Statement DPU Estimate:
  Compute: D
  Read: 0.04312 DPU
  Write: 0.00000 DPU
  Total: D
END

# Its width is that of a varchar(50).  It has read more than keys.
$session->rows('DROP TABLE test_table', 'CREATE TABLE test_table (id int PRIMARY KEY, context varchar(50))');
is(explained("EXPLAIN ANALYZE VERBOSE INSERT INTO test_table VALUES (1, 'a'), (2, 'b'), (3, 'c')"), <<'END', 'S8, the insert');
Insert on public.test_table  (cost=0.00..0.04 rows=0 width=0) (actual time=T..T rows=0 loops=1)
  ->  Values Scan on "*VALUES*"  (cost=0.00..0.04 rows=3 width=122) (actual time=T..T rows=3 loops=1)
        Output: "*VALUES*".column1, "*VALUES*".column2
Query Identifier: ID
Planning Time: T
Execution Time: T
Statement DPU Estimate:
  Compute: D
  Read: 0.00070 DPU (Transaction minimum: 0.00375)
  Write: 0.01875 DPU (Transaction minimum: 0.05000)
  Total: D
END

# S13, which its author has abridged: what is left of it
$session->rows('CREATE TABLE price_capture (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), source text,
	requested_at timestamptz, as_of timestamptz, ok boolean, payload_gzip bytea, parser_version int)');
arrange(
	$session,
	q{INSERT INTO price_capture (source, requested_at, as_of, ok, payload_gzip, parser_version)
	SELECT CASE WHEN g <= 818 THEN 'nbu_fv' ELSE 'other' END, '2026-01-01'::timestamptz + g * interval '1 hour',
		'2026-01-01'::timestamptz + g % 6000 * interval '1 hour', true, '\x00', 1 FROM generate_series(1, 6628) g},
	'ANALYZE price_capture',
	sizes('price_capture', 6628, 497),
	q{UPDATE pg_statistic SET stawidth = 5018 WHERE starelid = 'price_capture'::regclass AND staattnum = 6});
is(explained(q{EXPLAIN VERBOSE SELECT DISTINCT ON (to_char(as_of, 'YYYY-MM-DD')) to_char(as_of, 'YYYY-MM-DD'),
	to_char(requested_at, 'HH24:MI'), payload_gzip, parser_version FROM price_capture
	WHERE ok AND as_of >= '2025-01-01' AND as_of <= '2027-01-01' AND source = 'nbu_fv'
	ORDER BY to_char(as_of, 'YYYY-MM-DD'), requested_at DESC}), <<'END', 'S13');
Unique  (cost=3077.01..3081.10 rows=813 width=5094)
  Output: (to_char(as_of, 'YYYY-MM-DD'::text)), (to_char(requested_at, 'HH24:MI'::text)), payload_gzip, parser_version, requested_at
  ->  Sort  (cost=3077.01..3079.05 rows=818 width=5094)
        Output: (to_char(as_of, 'YYYY-MM-DD'::text)), (to_char(requested_at, 'HH24:MI'::text)), payload_gzip, parser_version, requested_at
        Sort Key: (to_char(price_capture.as_of, 'YYYY-MM-DD'::text)), price_capture.requested_at DESC
        ->  Full Scan (btree-table) on public.price_capture  (cost=928.53..3037.43 rows=818 width=5094)
              Output: to_char(as_of, 'YYYY-MM-DD'::text), to_char(requested_at, 'HH24:MI'::text), payload_gzip, parser_version, requested_at
              -> Storage Scan on public.price_capture  (cost=928.53..3037.43 rows=818 width=5094 loops=1)
                  Projections: requested_at, as_of, payload_gzip, parser_version
                  Filters: (price_capture.ok AND (price_capture.as_of >= '2025-01-01 00:00:00+00'::timestamp with time zone) AND (price_capture.as_of <= '2027-01-01 00:00:00+00'::timestamp with time zone) AND (price_capture.source = 'nbu_fv'::text))
                  -> B-Tree Scan on public.price_capture  (cost=928.53..3037.43 rows=6628 width=5094 loops=1)
Query Identifier: ID
END

$node->stop;
done_testing();
