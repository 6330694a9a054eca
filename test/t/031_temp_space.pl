# Temporary space of a query: what passes just so, and what fails with one kB
# less; the service's own limit; other sorts of query; parallel workers; report
# mode and mode off.
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../perl";
use DsqlEmu;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = DsqlEmu::emulated(q{
log_line_prefix = '%e '
work_mem = '1MB'
});
$node->safe_psql('template1', 'CREATE DATABASE plain');

sub run
{
	my ($sql, $database) = @_;
	my ($stdout, $stderr);
	$node->psql($database // 'postgres', $sql, stdout => \$stdout, stderr => \$stderr);
	return $stderr eq '' ? $stdout : $stderr =~ s/^psql:\S+ //r;
}

# PostgreSQL 18 does not count what it sorts by, if that is all that it sorts.
sub sort_of
{
	my ($kilobytes) = @_;
	return "SELECT count(*) FROM (SELECT repeat(md5(g::text), 32) AS v, g
		FROM generate_series(1, $kilobytes) g ORDER BY v) s";
}

sub refusal
{
	my ($limit) = @_;
	return "ERROR:  query requires more than allowed temp space of $limit KB to execute";
}

# What PostgreSQL says that the sort takes
my ($disk) = run('EXPLAIN ANALYZE ' . sort_of(8000)) =~ /Disk: (\d+)kB/;
cmp_ok($disk, '>', 7000, "the sort takes $disk kB");
my ($low, $high) = ($disk - 100, $disk + 100);
my ($passing, $failing) = map { run("SET dsql_emu.max_query_temp_space = $_; " . sort_of(8000)) } $high, $low;
is($passing, 8000, "and passes with $high");
is($failing, refusal($low), "and fails with $low");
while ($high - $low > 1)
{
	my $limit = int(($low + $high) / 2);
	my $answer = run("SET dsql_emu.max_query_temp_space = $limit; " . sort_of(8000));
	($low, $high) = $answer eq '8000' ? ($low, $limit) : ($limit, $high);
}
cmp_ok(abs($disk - $high), '<=', 64, "$high kB are needed, $low not enough");
is(run("SET dsql_emu.max_query_temp_space = $low; " . sort_of(8000)),
	refusal($low), 'one kB less fails');
ok($node->wait_for_log(qr/^54000 ERROR:  query requires/m), 'SQLSTATE');

# The service's limit
is(run(sort_of(120_000)), 120000, 'less than 128 MB');
is(run(sort_of(140_000)), refusal(131072), 'more than 128 MB');
foreach my $off (0, -1)
{
	is(run("SET dsql_emu.max_query_temp_space = $off; " . sort_of(140_000)),
		140000, "no limit ($off)");
}

# It is per query, and what holds it may be a hash, a materialization or COPY.
my $set = "SET dsql_emu.max_query_temp_space = '4MB'";
is(run("$set; " . sort_of(3000) . ';' . sort_of(3000)), "3000\n3000", 'each query for itself');
is( run("$set; BEGIN; " . sort_of(3000) . ';' . sort_of(3000) . '; COMMIT'),
	"3000\n3000", 'within a transaction, too');
is( run("$set; SELECT count(*) FROM (SELECT DISTINCT repeat(md5(g::text), 32), g FROM generate_series(1, 6000) g) s"),
	refusal(4096), 'DISTINCT');
is( run("$set; SELECT count(*) FROM generate_series(1, 300000) a JOIN generate_series(1, 300000) b ON a = b"),
	refusal(4096), 'join');
is( run("$set; COPY (SELECT repeat(md5(g::text), 32) AS v, g FROM generate_series(1, 6000) g ORDER BY v) TO STDOUT"),
	refusal(4096), 'COPY');
is( run("$set; CREATE FUNCTION f() RETURNS bigint LANGUAGE sql AS '" . (sort_of(6000) =~ s/'/''/gr) . "'; SELECT f()"),
	refusal(4096) . qq{\nCONTEXT:  SQL function "f" statement 1}, 'in a function');

# It is the service's error from where it happens, so that a function can catch
# it, and whatever is logged.
DsqlEmu::create_try($node);
is(run("$set; SELECT try(\$\$" . sort_of(6000) . '$$)'), '54000 ' . (refusal(4096) =~ s/^ERROR:  //r), 'caught by a function');
is(run("$set; SELECT try(\$\$" . sort_of(3000) . '$$)'), 'done', 'less than that');
is(run("$set; SELECT try('SET work_mem = 0')") =~ s/ .*//r, '0A000', 'another error');
is(run("SET dsql_emu.mode = off; SET log_min_messages = fatal; SET dsql_emu.mode = enforce; $set; " . sort_of(6000)),
	refusal(4096), 'not logged');

# A table large enough for parallel workers
$node->safe_psql('postgres', q{
SET dsql_emu.mode = off;
CREATE TABLE t AS SELECT repeat(md5(g::text), 32) AS v, g FROM generate_series(1, 20000) g;
ANALYZE t;
ALTER SYSTEM SET min_parallel_table_scan_size = 0;
ALTER SYSTEM SET parallel_setup_cost = 0;
ALTER SYSTEM SET parallel_tuple_cost = 0;
ALTER SYSTEM SET parallel_leader_participation = off;
SELECT pg_reload_conf()});
like(
	run(qq{SET dsql_emu.max_query_temp_space = '1MB';
		SELECT count(*) FROM (SELECT * FROM t ORDER BY v OFFSET 1) s}),
	qr/^\Q@{[refusal(1024)]}\E/,
	'in a parallel worker');

# Modes, and a database that is not emulated
like(run("SET dsql_emu.mode = report; $set; " . sort_of(6000)),
	qr/^WARNING:  query requires more than allowed temp space of 4096 KB/, 'report mode');
like(run("SET dsql_emu.mode = report; $set; EXPLAIN ANALYZE " . sort_of(6000)),
	qr/^WARNING:  query requires more than allowed temp space of 4096 KB/, 'report mode, in a command');
is(run("SET dsql_emu.mode = off; $set; " . sort_of(6000)), 6000, 'mode off');
is(run("$set; SELECT 1; SET dsql_emu.mode = off; " . sort_of(6000)), "1\n6000", 'mode off, later');
is(run(sort_of(140_000), 'plain'), 140000, 'a database that is not emulated');

# An administrator's own limit stays, if it is lower.
$node->append_conf('postgresql.conf', "temp_file_limit = '2MB'");
$node->reload;
$node->poll_query_until('plain', "SELECT current_setting('temp_file_limit') = '2MB'");
like(run(sort_of(4000)), qr/^ERROR:  temporary file size exceeds "?temp_file_limit"? \(2048kB\)/, 'temp_file_limit');

$node->stop;
done_testing();
